"""Losses as a textbook writes them: what they come to, where that breaks, and the two squared errors."""

from math import exp, inf, log
from typing import Any

import pytest

from backprop_tui.core.chain_rule.class_error import class_errors, largest_errors
from backprop_tui.core.chain_rule.textbook_loss import agrees, other_squared_error, textbook_loss
from backprop_tui.core.session.session import Session


def behind_loss(session: Session) -> Session:
    session.seek(next(op.place for op in session.plan.ops if op.phase == "loss") + 1)
    return session


def textbook(session: Session, example: int = 0) -> Any:
    return textbook_loss(session.plan, len(session.trainer.layers), session.preset.loss.kind, example)


def test_one_right_answer_is_minus_the_logarithm_of_its_probability(session_of: Any) -> None:
    session = behind_loss(session_of("by-hand"))
    shown = textbook(session)
    assert shown.symbols() == "−ln(A⁽³⁾₂,₁)"
    assert shown.value == pytest.approx(-log(1 / (2 + exp(-4))), rel=1e-12)
    assert agrees(shown)


@pytest.mark.parametrize(
    ("hidden", "output", "loss"),
    [("tanh", "softmax", "cross_entropy"), ("relu", "sigmoid", "binary_cross_entropy")],
)
def test_every_example_has_the_loss_that_was_computed(
    session_of: Any, network_table: Any, hidden: str, output: str, loss: str
) -> None:
    session = behind_loss(session_of(network_table(hidden, output, loss)))
    each = session.plan["ℓ", None].array
    for example in range(session.plan.examples):
        shown = textbook(session, example)
        assert shown.value == pytest.approx(float(each[example]), rel=1e-9)
        assert agrees(shown)


def test_a_probability_of_0_has_no_logarithm_and_the_logits_have(session_of: Any) -> None:
    far_out = {"title": "Far out", "data": {"kind": "inline", "inputs": [[1.0]], "targets": [[1.0, 0.0]]}}
    layer = {"units": 2, "activation": "softmax", "weights": [[0.0], [1000.0]]}
    session = behind_loss(session_of({**far_out, "layers": [layer]}))
    shown = textbook(session)
    assert shown.value == inf
    assert session.plan["ℓ", None].value((0,)) == 1000
    assert not agrees(shown)


def test_squared_errors_have_another_name_and_another_number(session_of: Any) -> None:
    session = behind_loss(session_of("first-steps"))
    assert textbook(session) is None
    own, other, value = other_squared_error(session.plan, "half_squared_error") or ("", "", 0.0)
    assert own.startswith("half squared error")
    assert other.startswith("mean squared error")
    assert value == pytest.approx(0.05411625729247608, rel=1e-12)
    # Mazur's two outputs, halved and summed as he does it, or their mean.
    mazur = behind_loss(session_of("mazur"))
    _, _, mean = other_squared_error(mazur.plan, "half_squared_error") or ("", "", 0.0)
    assert mean == pytest.approx(mazur.plan.loss(), rel=1e-12)
    _, _, half = other_squared_error(mazur.plan, "mean_squared_error") or ("", "", 0.0)
    assert half == pytest.approx(0.298371109, rel=1e-8)
    assert other_squared_error(behind_loss(session_of("by-hand")).plan, "cross_entropy") is None


def test_errors_of_all_classes_come_to_nothing(session_of: Any) -> None:
    session = behind_loss(session_of("three-or-eight"))
    errors = class_errors(session.plan, 2, 0)
    assert len(errors) == 10
    assert errors[8].error == pytest.approx(-0.975545072679759, rel=1e-6)
    assert sum(one.error for one in errors) == pytest.approx(0, abs=1e-6)
    assert [one.output for one in largest_errors(errors, 3)] == [2, 3, 8]
    assert largest_errors(errors, 10) == errors
