"""When a number stops being finite: the first such op is named, training stops there, and going back works."""

from typing import Any

import numpy as np
import pytest

from backprop_tui.core.session.session import Session
from backprop_tui.core.training.divergence import not_finite


def diverging(session_of: Any, **changes: Any) -> Session:
    made = {name.replace("__", "."): value for name, value in changes.items()}
    session: Session = session_of("linear-neuron", changes={"optimizer.learning_rate": 1e6} | made)
    return session


def play(session: Session) -> None:
    """At full speed until it stops, however slow the machine is."""
    while not session.diverged:
        session.play(0.05)


def test_the_first_op_is_named_and_training_stops_there(session_of: Any) -> None:
    session = diverging(session_of)
    play(session)
    assert session.diverged
    assert session.fault is not None
    # The error is multiplied by 1 − 2·10⁶·(2.1² + 1) each step, and its square leaves the numbers first.
    factor, error, step = 1 - 2e6 * (2.1**2 + 1), -1.9, 1
    while np.isfinite(error * error):
        error, step = error * factor, step + 1
    assert session.fault.step == session.position.step == step
    assert session.op is session.fault.op
    assert (session.op.phase, session.op.name) == ("loss", "ℒ")
    assert session.fault.text() == f"ℒ is not finite: loss · step {step}"
    assert np.isfinite(session.trainer.state.parameters).all()


def test_it_stops_at_the_same_op_however_it_got_there(session_of: Any) -> None:
    played, walked = diverging(session_of), diverging(session_of)
    play(played)
    while walked.op is None or not_finite(walked.op) is None:
        walked.forward("op")
    assert walked.count == played.count


def test_going_back_and_on_works(session_of: Any) -> None:
    session = diverging(session_of)
    play(session)
    stop = session.count
    session.back("op")
    assert not session.diverged
    session.seek(session.timeline.finish_of(3))
    assert np.isfinite(session.plan.loss())
    play(session)
    assert session.count == stop


def test_a_number_lost_before_the_loss_is_named(session_of: Any) -> None:
    """An update that overflows is not seen in its own step's loss, which was computed before it."""
    session = session_of("xor", changes={"optimizer.learning_rate": 1e308})
    play(session)
    fault = session.fault
    assert fault is not None
    quantity = not_finite(fault.op)
    assert quantity is fault.quantity
    assert not np.isfinite(quantity.array).all()
    session.back("op")
    assert session.op is None or not_finite(session.op) is None


@pytest.mark.parametrize("value", [1e308, -1e308, 1e-308, 0.0])
def test_extreme_inputs_warn_of_nothing(session_of: Any, value: float) -> None:
    """Warnings are errors here: a right number or a named op, and nothing else."""
    for activation in ("tanh", "relu", "gelu", "softplus"):
        for batch_norm in (False, True):
            changes = {
                "data": {"kind": "inline", "inputs": [[value, value]], "targets": [[1.0]]},
                "view.example": 1,
                "layers.0.activation": activation,
                "layers.0.batch_norm": batch_norm,
            }
            session = session_of("xor", changes=changes)
            session.play(0.002)
            assert session.fault is None or session.diverged
            session.evaluate()
