"""The numbers of the chain-rule pane: each is rightly rounded, and the result follows from the others as printed.

Lines are read as a person reads them: `name = symbols = numbers = value`. What is printed with fewer than five digits
is exact, everything else off by half a unit of its last place at most; the result must lie where these intervals
allow it to, widened by half a unit of its own.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import exp, inf, isclose, log, log1p, nan, nextafter, sqrt, tanh
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.chain_rule.paths import path_view
from backprop_tui.core.chain_rule.printed import is_rounding, spelled
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.expression import (
    Apply,
    Constant,
    Expression,
    Negative,
    Product,
    Quotient,
    Reference,
    Sum,
    replaced,
    whole,
)
from backprop_tui.core.session.session import Session
from backprop_tui.tui.chain_rule.op_lines import op_page, said_of
from backprop_tui.tui.chain_rule.said_numbers import ROUNDING, in_digits
from backprop_tui.tui.chain_rule.statement_lines import equation_lines, statement_lines
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.panes.view import View

from ...share import share

Interval = tuple[float, float]
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[-−]?\d+)?")
TOKEN = re.compile(
    rf"\s*(?P<number>{NUMBER.pattern}|½|nan|inf)|\s*(?P<name>[^\W\d][\w′²]*|√)(?=\()|\s*(?P<sign>[-+−·/(),])"
)
EXACT_BELOW = 5
"""Numbers with fewer digits than these are exact: a rounded one has all of its digits."""


def softplus(z: float) -> float:
    return max(z, 0.0) + log1p(exp(-abs(z)))


RISING: dict[str, Callable[..., float]] = {
    "σ": lambda z: 1 / (1 + exp(-z)),
    "tanh": tanh,
    "relu": lambda z: max(z, 0.0),
    "relu′": lambda z: float(z > 0),
    "√": lambda z: sqrt(max(z, 0.0)),
    "exp": exp,
    "ln": log,
    "softplus": softplus,
    "max": max,
    "min": min,
    "clip": lambda x, low, high: min(max(x, low), high),
    "sign": lambda x: float(np.sign(x)),
}


def around(text: str) -> Interval:
    """What a printed number may stand for."""
    if text == "½":
        return 0.5, 0.5
    plain = text.replace("−", "-")
    exact = Decimal(plain)
    half = half_unit(plain)
    digits = len(exact.as_tuple().digits)
    return (float(exact), float(exact)) if digits < EXACT_BELOW else (float(exact - half), float(exact + half))


def half_unit(text: str) -> Decimal:
    """Half a unit of the last place of a printed number."""
    exponent = Decimal(text.replace("−", "-")).as_tuple().exponent
    assert isinstance(exponent, int)
    return Decimal(5).scaleb(exponent - 1)


@dataclass
class Reader:
    """Reads a line of numbers and works it out with intervals."""

    tokens: list[tuple[str, str]]
    place: int = 0

    @classmethod
    def of(cls, text: str) -> "Reader":
        tokens, at = [], 0
        while at < len(text.rstrip()):
            found = TOKEN.match(text, at)
            if found is None:
                raise ValueError(f"{text[at:]!r} is no number")
            assert found.lastgroup is not None
            tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        return cls(tokens)

    def whole(self) -> Interval:
        value = self.sum()
        if self.place != len(self.tokens):
            raise ValueError("there is more")
        return value

    def next_is(self, *signs: str) -> str:
        """The next token, taken, if it is one of these."""
        if self.place < len(self.tokens) and self.tokens[self.place][1] in signs:
            self.place += 1
            return self.tokens[self.place - 1][1]
        return ""

    def sum(self) -> Interval:
        value = self.product()
        while sign := self.next_is("+", "−", "-"):
            other = self.product()
            value = (value[0] + other[0], value[1] + other[1]) if sign == "+" else minus(value, other)
        return value

    def product(self) -> Interval:
        value = self.signed()
        while sign := self.next_is("·", "/"):
            other = self.signed()
            if sign == "/":
                if other[0] <= 0 <= other[1]:
                    return -inf, inf
                other = 1 / other[1], 1 / other[0]
            corners = [a * b for a in value for b in other]
            value = min(corners), max(corners)
        return value

    def signed(self) -> Interval:
        if self.next_is("−", "-"):
            low, high = self.signed()
            return -high, -low
        return self.one()

    def one(self) -> Interval:
        if self.place >= len(self.tokens):
            raise ValueError("it ends too early")
        kind, text = self.tokens[self.place]
        self.place += 1
        if kind == "number":
            return around(text)
        if kind == "name":
            assert self.next_is("(")
            arguments = [self.sum()]
            while self.next_is(","):
                arguments.append(self.sum())
            assert self.next_is(")")
            function = RISING[text]
            return function(*(low for low, _ in arguments)), function(*(high for _, high in arguments))
        if text == "(":
            value = self.sum()
            assert self.next_is(")")
            return value
        raise ValueError(f"{text} stands where a number should")


def minus(left: Interval, right: Interval) -> Interval:
    return left[0] - right[1], left[1] - right[0]


def follows(numbers: str, result: str) -> bool:
    """Whether a printed result may come from the printed numbers."""
    low, high = Reader.of(numbers).whole()
    value = float(result.replace("−", "-"))
    half = float(half_unit(result))
    slack = 4e-16 * max(abs(low), abs(high))
    return bool(low - half - slack <= value <= high + half + slack)


def rightly_rounded(text: str, value: float) -> bool:
    """Whether a printed number is the nearest to `value` of those with as many places."""
    return abs(Decimal(text.replace("−", "-")) - Decimal(value)) <= half_unit(text)


# The reader itself


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2 · (−3) + 1", -5, -5),
        ("−2 · 3 / 4", -1.5, -1.5),
        ("1/10 · (1 − 0.5)", 0.05, 0.05),
        ("√(2.25) + max(1, 3, 2)", 4.5, 4.5),
        ("0.123457", 0.1234565, 0.1234575),
        ("−1.23457e-05 · 2", -2.46915e-05, -2.46913e-05),
        ("½ · (0.123457 − 0.123457)", -5e-7, 5e-7),
    ],
)
def test_the_reader_reads_as_a_person_does(text: str, low: float, high: float) -> None:
    found = Reader.of(text).whole()
    assert found == pytest.approx((low, high), rel=1e-9, abs=1e-15)


def test_the_reader_finds_what_does_not_follow() -> None:
    assert follows("0.123457 · 2", "0.246914")
    assert not follows("0.123457 · 2", "0.246917")
    assert not follows("2 · 3", "7")
    with pytest.raises(ValueError, match="is no number"):
        Reader.of("dZ + 1")


# One whole step, op by op


CASES: list[tuple[str, dict[str, object], int]] = [
    ("first-steps", {}, 1),
    ("by-hand", {}, 1),
    ("vanishing", {}, 1),
    ("vanishing", {"layers.0.batch_norm": True, "layers.0.residual": True, "layers.0.repeat": share(2, 9)}, 1),
    ("vanishing", {"layers.0.repeat": share(1, 3), "layers.0.dropout": 0.2, "optimizer.kind": "momentum"}, 2),
    ("first-steps", {"optimizer.kind": "adam", "optimizer.clip_norm": 0.01, "optimizer.weight_decay": 0.1}, 2),
    (
        "by-hand",
        {"optimizer.kind": "adamw", "optimizer.l1": 0.01, "optimizer.l2": 0.1, "optimizer.clip_value": 0.05},
        2,
    ),
    ("xor", {"optimizer.kind": "rmsprop"}, 2),
    ("digits", {"training.dtype": "float32"}, 1),
]


def spotlights(session: Session) -> Iterator[Spotlight]:
    """A weight and a bias at either end of the network, at different examples."""
    last = session.trainer.layers[-1]
    yield Spotlight(1, 0, 0)
    yield Spotlight(1, session.trainer.layers[0].units - 1, None, 2)
    yield Spotlight(last.number, 0, last.inputs - 1, 1)


def ops_of_a_step(session: Session, step: int) -> Iterator[Op]:
    """The ops of a step, the session right behind each."""
    begin = session.timeline.finish_of(step - 1)
    for op_place in range(1, len(session.plan.ops) + 1):
        session.seek(begin + op_place + 1)
        assert session.op is not None
        assert session.op.place == op_place
        yield session.op


def leaves(expression: Expression) -> list[Expression]:
    """The numbers of an expression in reading order."""
    found: list[Expression] = []

    def note(leaf: Reference | Constant) -> Expression:
        found.append(leaf)
        return leaf

    replaced(expression, note)
    return found


def check_statements(op: Op, view: View, last: int) -> int:
    """Every statement about an op at several widths: each number, and the result; returns how many there were."""
    _, shown = said_of(op, view, last)
    for one in shown:
        texts = set()
        for width in (40, 76, 400):
            strips = statement_lines(one, Look(), width)
            assert all(strip.cell_length <= width for strip in strips)
            text = re.sub(r"\s+", " ", " ".join(strip.text for strip in strips))
            texts.add(text)
            assert text.endswith(ROUNDING) == is_rounding(one.expression, one.value)
            parts = text.removesuffix(ROUNDING).split(" = ")
            assert rightly_rounded(parts[-1], one.value), text
            numbers = spelled(one.expression, one.value, in_digits, 6)
            for leaf, said in zip(leaves(one.expression), leaves(numbers), strict=True):
                assert isinstance(said, Constant)
                if not (isinstance(leaf, Constant) and leaf.exact is not None):
                    assert said.exact is not None
                    assert rightly_rounded(said.exact, leaf.value()), text
            if len(parts) == 4:
                assert parts[2] == numbers.numbers(str)
            said_numbers = parts[2] if len(parts) == 4 else parts[-1]
            assert follows(said_numbers, parts[-1]), text
        # Every width says the same.
        assert len(texts) == 1
    return len(shown)


def entries_of(session: Session) -> dict[str, float]:
    """Every entry that is there, by its name."""
    return {
        quantity.entry(index): quantity.value(index)
        for quantity in session.plan.quantities.values()
        if quantity.array.size < 2000 and session.computed(quantity)
        for index in np.ndindex(quantity.array.shape)
    }


def check_page(session: Session, view: View, entries: dict[str, float]) -> int:
    """Every line of the page that says what an entry is, and every number of a matrix; returns how many there were."""
    assert session.op is not None
    op = session.op
    # 1 is what a bias multiplies, where a rule is drawn in whole matrices.
    told = {1.0} | {
        value for q in (*op.reads, *op.writes) if q.array.size < 200 for value in map(float, q.array.ravel())
    }
    count = 0
    for strip in op_page(session, view, 400).rows:
        text = strip.text
        matrices = re.findall(r"[\[⎡⎢⎣]((?!\d+ more)[^\]⎤⎥⎦|;]*)[\]⎤⎥⎦]", text)
        if matrices and text.strip()[-1] in "]⎤⎥⎦":
            for word in " ".join(matrices).replace("…", "").split():
                count += 1
                assert any(rightly_rounded(word, value) for value in told), text
            continue
        said = re.match(r"^[▸ ] (\S.*?) = (−?[\d.]+(?:e[-−]?\d+)?) ", text)
        if said and said[1] in entries:
            count += 1
            assert rightly_rounded(said[2], entries[said[1]]), text
        parts = text.split(" = ")
        result = re.match(r"^−?[\d.]+(?:e[-−]?\d+)?(?=;|$)", parts[-1])
        if len(parts) == 4 and result:
            assert follows(parts[2], result[0]), text
    return count


@pytest.mark.parametrize(("preset", "changes", "step"), share([*CASES[3:7], CASES[-1]], CASES))
def test_every_number_of_a_step_is_rightly_rounded_and_follows(
    session_of: Any, preset: str, changes: dict[str, object], step: int
) -> None:
    session = session_of(preset, changes=changes)
    last = len(session.trainer.layers)
    statements = entries = 0
    for op in ops_of_a_step(session, step):
        known = entries_of(session)
        for spotlight in spotlights(session):
            view = View(spotlight)
            statements += check_statements(op, view, last)
            entries += check_page(session, view, known)
    assert statements >= 3 * len(session.plan.ops)
    assert entries > 3 * len(session.plan.ops)


# Digits


def printed(expression: Expression, value: float | None = None) -> str:
    return spelled(expression, expression.value() if value is None else value, in_digits, 6).numbers(str)


A, NEAR = Constant("A", 0.9999918765432), Constant("B", 1.0000001234)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (Product((Constant("a", 0.1234567), Constant("b", 3.0))), "0.123457 · 3"),
        (Sum((A, Negative(whole(1)))), "0.999991877 − 1"),
        # Both numbers get what the difference needs, and the factor outside none.
        (Product((Constant("c", 0.1234567), Sum((A, Negative(NEAR))))), "0.123457 · (0.999991877 − 1.000000123)"),
        # The same number is printed the same way twice.
        (Product((A, Sum((whole(1), Negative(A))))), "0.999991877 · (1 − 0.999991877)"),
        (Quotient(whole(1), Sum((whole(1), Negative(A)))), "1 / (1 − 0.999991877)"),
        (Apply("ln", log, (NEAR,)), "ln(1.0000001234)"),
        (Apply("√", sqrt, (Sum((Constant("v", 0.0), Constant("ε", 1e-5))),)), "√(0 + 1e-05)"),
    ],
)
def test_numbers_have_the_digits_that_their_result_needs(expression: Expression, text: str) -> None:
    assert printed(expression) == text
    low, high = Reader.of(text).whole()
    assert isclose((low + high) / 2, expression.value(), rel_tol=2e-3)


def test_rounding_noise_has_no_digits_worth_showing() -> None:
    close = Sum((Constant("a", 0.1234567891), Negative(Constant("b", nextafter(0.1234567891, 1)))))
    assert printed(close, 3.1e-18) == "0.123457 − 0.123457"
    assert printed(Sum((A, Negative(A))), 0.0) == "0.999992 − 0.999992"


def test_what_is_left_of_terms_that_cancel_is_told_to_be_rounding() -> None:
    # 0.1 + 0.2 − 0.3 is 5.6e-17; nothing but the rounding of 0.1, 0.2 and 0.3 is in that.
    sizes = (0.1, 0.2, -0.3)
    noise = Sum(tuple(Constant(f"x{i}", number) for i, number in enumerate(sizes)))
    assert equation_lines("s", noise, noise.value(), Look(), 120)[0].text.endswith("5.55112e-17 (0 up to rounding)")
    assert is_rounding(Product((whole(1000), noise)), 1000 * noise.value())
    assert is_rounding(Quotient(noise, Constant("m", 1e-6)), 1e6 * noise.value())
    # What is exactly 0 needs no word, and a small number that nothing cancelled for is what it is.
    assert not is_rounding(noise, 0.0)
    small = Sum((Constant("a", 3e-17), Constant("b", 2e-17)))
    assert not is_rounding(small, small.value())
    assert not is_rounding(Product((Constant("a", 1e-9), Constant("b", -1e-9))), -1e-18)
    # Ten thousand roundings off 0 is more than rounding does.
    assert not is_rounding(noise, 1e4 * 2.2e-16 * 0.6)


def test_the_bias_below_a_batch_norm_gets_what_rounding_leaves(session_of: Any) -> None:
    session = session_of("circle", changes={"layers.0.batch_norm": True})
    session.advance(session.timeline.finish_of(3) - 1)
    for unit in range(4):
        view = path_view(session.plan, session.plan["db", 1], (unit,))
        assert abs(view.signed_sum) < 1e-15 * view.magnitude_sum
        assert view.cancels == (view.signed_sum != 0 or view.gradient != 0)
    assert not path_view(session.plan, session.plan["dW", 1], (1, 0)).cancels


def test_what_is_no_number_is_printed_all_the_same() -> None:
    assert printed(Quotient(whole(1), Constant("z", 0.0)), inf) == "1 / 0"
    assert printed(Sum((Constant("n", nan), whole(1))), nan) == "nan + 1"
    assert printed(Apply("√", sqrt, (Constant("v", 0.0),)), 0.0) == "√(0)"


numbers_of_a_sum = st.lists(st.floats(-1e4, 1e4).filter(lambda x: abs(x) > 1e-6), min_size=2, max_size=5)


@given(numbers_of_a_sum)
def test_a_reader_gets_the_result_to_three_digits_unless_it_is_noise(numbers: list[float]) -> None:
    total = Sum(tuple(Constant(f"x{i}", number) for i, number in enumerate(numbers)))
    value = total.value()
    text = printed(total)
    if abs(value) > 1e-12 * max(map(abs, numbers)):
        again = sum(float(word.replace("−", "-")) for word in re.sub(r"− ", "−", text.replace("+ ", "")).split())
        assert isclose(again, value, rel_tol=5e-3)
    assert follows(text, in_digits(value, 6))


@given(numbers_of_a_sum)
def test_a_product_needs_no_more_digits(numbers: list[float]) -> None:
    product = Product(tuple(Constant(f"x{i}", number) for i, number in enumerate(numbers)))
    assert printed(product) == product.numbers(lambda value: in_digits(value, 6))


def test_every_view_in_ascii_has_the_same_digits(session_of: Any) -> None:
    session = session_of("first-steps")
    for op in ops_of_a_step(session, 1):
        _, shown = said_of(op, View(Spotlight(1, 0, 0)), 2)
        for one in shown:
            plain, told = (statement_lines(one, look, 400)[0].text for look in (Look(glyphs=ASCII), Look()))
            assert re.findall(r"\d\.\d+", plain) == re.findall(r"\d\.\d+", told)
