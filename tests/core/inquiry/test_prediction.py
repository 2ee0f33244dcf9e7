"""Predict, then reveal: what a guess is worth, and why a number has its sign."""

from collections.abc import Callable
from dataclasses import replace
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui import presets
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.chain_rule.statements import statements
from backprop_tui.core.inquiry.prediction import GuessError, Question, Score, Verdict, ask, judge, reasons
from backprop_tui.core.ops.expression import Apply, Constant, Expression, Negative, Product, Quotient, Sum, whole
from backprop_tui.core.session.session import Session

from ... import random_walks
from ...share import share

Sessions = Callable[..., Session]
SPOTLIGHT = Spotlight(1, 0, 0)


def form(value: float) -> str:
    return f"{value:.6g}"


def asked(value: float) -> Question:
    return Question("W⁽¹⁾₁,₁", "a · b", "1 · 2", value, "", "", ("because",))


# Guesses


@pytest.mark.parametrize(
    ("value", "right", "wrong"),
    [
        (
            0.651355,
            ("0.651355", "0.65136", "0.651", "0.65", "0.7", ".65", "6.5e-1", "0,65", "65e-2"),
            ("0.66", "0.6513", "1"),
        ),
        (-0.027049, ("-0.027", "-0.03", "−0.02705", "-2.7e-2", " -0.027 "), ("-0.02", "-0.0271", "0.027")),
        (512.0, ("512", "510", "500", "5e2", "512.0"), ("511", "600", "520", "500.0", "512.4")),
        (0.125, ("0.13", "0.12", "0.125", "0.1"), ("0.14", "0.2", "0.124")),
        (1e-9, ("1e-9", "0.000000001"), ("1e-8", "0", "0.000")),
        (0.5, ("0.5", "0.50", "0.500", ".5"), ("0.6", "0.51", "1")),
        (0.96, ("1", "1.0", "0.96"), ("0.9", "1.00", "2")),
        (1.4, ("1", "1.4"), ("2", "0.9")),
        (0.0, ("0", "0.0", "-0"), ("0.1", "-1e-9")),
        (1e300, ("1e300",), ("1e299",)),
    ],
)
def test_a_guess_is_right_to_the_digits_typed(value: float, right: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    for typed in right:
        assert judge(asked(value), typed).right, typed
    for typed in wrong:
        assert not judge(asked(value), typed).right, typed


@given(st.floats(-1e12, 1e12).filter(lambda x: abs(x) > 1e-300), st.integers(1, 15))
def test_the_value_rounded_to_any_number_of_digits_is_right_and_two_units_nearer_to_0_is_not(x: float, k: int) -> None:
    rounded = f"{x:.{k - 1}e}"
    assert judge(asked(x), rounded).right
    unit = 10.0 ** (int(rounded.split("e")[1]) - k + 1)
    beside = f"{float(rounded) - (2 * unit if x > 0 else -2 * unit):.{k - 1}e}"
    assert k > 14 or not judge(asked(x), beside).right


@pytest.mark.parametrize(("value", "sign"), [(0.3, "+"), (-0.3, "-"), (0.0, "0")])
def test_a_sign_alone_is_an_answer(value: float, sign: str) -> None:
    words = {"+": ("+", "positive", "Pos", "plus"), "-": ("-", "−", "negative", "neg", "minus"), "0": ("0", "zero")}
    for key, spellings in words.items():
        for typed in spellings:
            verdict = judge(asked(value), typed)
            assert verdict.right == (key == sign)
            assert verdict.explanation == (() if verdict.right else ("because",))


def test_a_wrong_sign_is_explained_and_a_wrong_magnitude_measured() -> None:
    question = asked(-0.25)
    assert judge(question, "0.25") == Verdict(False, "wrong: it is negative", ("because",))
    assert judge(question, "-0.75").text == "wrong: the sign is right, the magnitude too large by a factor of 3"
    assert judge(question, "-0.05").text == "wrong: the sign is right, the magnitude too small by a factor of 5"
    assert judge(question, "-250000").text.endswith("the magnitude too large by a factor of about 10^6")
    assert judge(question, "-0.26").text == "close, but not right to the digits typed: 4.0% more than it is"
    assert judge(question, "-0.25").text == "right, to the 2 digits typed"


@pytest.mark.parametrize("typed", ["", " ", "a", "1.2.3", "+-1", "e5", ".", "0x10", "1e99999", "nein", "1 2"])
def test_what_is_no_guess_is_refused_and_says_what_is_expected(typed: str) -> None:
    with pytest.raises(GuessError, match="expected a number"):
        judge(asked(0.5), typed)


def test_what_is_not_finite_is_answered_by_its_name() -> None:
    assert judge(asked(inf), "inf").right
    assert judge(asked(-inf), "-inf").right
    assert judge(asked(nan), "NaN").right
    for value in (inf, -inf, nan):
        assert not judge(asked(value), "1").right
        assert not judge(asked(value), "0").right
    assert not judge(asked(1.0), "nan").right


def test_the_score_counts_and_remembers_the_longest_streak() -> None:
    score = Score()
    for right in (True, True, False, True):
        score = score.after(Verdict(right, ""))
    assert score == Score(right=3, asked=4, streak=1, longest=2)


# Reasons


def number(symbol: str, value: float) -> Constant:
    return Constant(symbol, value)


@pytest.mark.parametrize(
    ("expression", "last"),
    [
        (
            Product((number("a", -2), number("b", 3))),
            "a is negative and b is positive: one negative factor, so the product is negative",
        ),
        (
            Product((number("a", -2), number("b", -3), number("c", 1))),
            "a is negative, b is negative and c is positive: two negative factors, so the product is positive",
        ),
        (Product((number("a", 2), number("b", 3))), "a and b are positive, and so is their product"),
        (Product((number("a", -2), number("b", 0))), "b is 0, so the product is 0"),
        (
            Sum((number("a", -2), number("b", 0.5))),
            "the positive terms come to 0.5, the negative ones to -2: the sum is negative",
        ),
        (Sum((number("a", 2), number("b", 0))), "no term is negative, so the sum is positive"),
        (Sum((number("a", -2), number("b", -1))), "no term is positive, so the sum is negative"),
        (Negative(number("a", 2)), "a is positive, and the minus turns it round: negative"),
        (
            Quotient(number("a", -2), number("b", 4)),
            "a is negative and b is positive: different signs, so the quotient is negative",
        ),
        (Apply("σ", lambda z: 0.2, (number("z", -1.5),)), "σ(z) is σ of -1.5, and σ is never negative: positive"),
        (Apply("tanh", lambda z: -0.9, (number("z", -1.5),)), "tanh(z) is tanh of -1.5: negative"),
    ],
)
def test_a_sign_is_explained_from_the_signs_of_what_it_is_made_of(expression: Expression, last: str) -> None:
    assert reasons(expression, form)[-1] == last


def test_an_explanation_goes_into_brackets() -> None:
    mean = Product((Constant("1/m", 0.5, "1/2"), Sum((number("a", -3), number("b", 1)))))
    assert reasons(mean, form) == [
        "in (a + b): the positive terms come to 1, the negative ones to -3: the sum is negative",
        "1/m is positive and (a + b) is negative: one negative factor, so the product is negative",
    ]


def test_too_small_a_product_is_not_explained_by_a_factor_that_is_none() -> None:
    assert "too small" in reasons(Product((number("a", 1e-200), number("b", -1e-200))), form)[-1]


@pytest.mark.parametrize("name", [*presets.names()[:: share(3, 1)], *random_walks.OWN])
def test_every_number_of_a_step_is_asked_without_moving_and_explained_with_its_own_sign(name: str) -> None:
    preset, dataset = random_walks.loaded(name)
    session, straight = Session(preset, dataset), Session(preset, dataset)
    session.seek(session.timeline.finish_of(1))
    straight.seek(session.count)
    for _ in session.plan.ops:
        before = random_walks.digest(session), session.count
        question = ask(session, SPOTLIGHT, form)
        assert (random_walks.digest(session), session.count) == before
        straight.forward("op")
        assert straight.op is not None
        shown = statements(straight.op, SPOTLIGHT, len(straight.trainer.layers))[0]
        assert (question.name, question.symbols, question.value) == (shown.name, shown.symbols(), shown.value)
        assert question.numbers == shown.numbers(form)
        assert judge(question, form(question.value)).right
        wrong = judge(question, "-" if question.value > 0 else "+")
        assert not wrong.right
        assert wrong.explanation
        expected = {1: "positive", -1: "negative", 0: "0"}[(question.value > 0) - (question.value < 0)]
        last = wrong.explanation[-1]
        assert expected in last.split()[-1] or (expected == "positive" and last.endswith("and so is their product"))
        session.forward("op")


def test_behind_the_last_op_the_next_step_is_asked_for_from_the_finish_of_this_one(session_of: Any) -> None:
    session = session_of("first-steps")
    session.seek(session.timeline.finish_of(1) - 1)
    question = ask(session, SPOTLIGHT, form)
    assert session.count == session.timeline.finish_of(1)
    assert question.place.startswith("forward · layer 1")
    session.forward("op")
    assert session.plan["Z", 1].value((0, 0)) == question.value


def test_the_spotlight_on_a_bias_is_asked_for_its_own_gradient(session_of: Any) -> None:
    session = session_of("first-steps")
    bias = replace(SPOTLIGHT, input=None)
    names = []
    for _ in session.plan.ops:
        names.append(ask(session, bias, form).name)
        session.forward("op")
    assert "db⁽¹⁾₁" in names
    assert "Δb⁽¹⁾₁" in names
    assert "dW⁽¹⁾₁,₁" not in names


def test_a_whole_number_is_its_own_name() -> None:
    assert reasons(whole(2), form) == []
