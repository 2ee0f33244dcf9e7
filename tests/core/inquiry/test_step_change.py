"""Which way an update moves a parameter: what is said before the update is what the update then does."""

from typing import Any

import numpy as np
import pytest

from backprop_tui.core.inquiry.step_change import step_changes
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.session import Session

OPTIMIZERS: dict[str, Any] = {
    "sgd": "sgd",
    "momentum": "momentum",
    "adam": "adam",
    "with a penalty": {"kind": "sgd", "l2": 0.5},
    "clipped": {"kind": "sgd", "clip_norm": 0.1},
    "without biases": {"kind": "sgd", "train_biases": False},
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_what_is_said_at_any_position_is_what_the_step_does(
    session_of: Any, network_table: Any, name: str, batch_norm: bool
) -> None:
    table = network_table(
        "tanh", "identity", "mean_squared_error", optimizer=OPTIMIZERS[name], batch_norm=batch_norm, batch=4
    )
    session = session_of(table)
    for step in (1, 2, 5):
        session.seek(session.timeline.finish_of(step) - 1)
        before = session.trainer.state.parameters.copy()
        delta = session.trainer.delta.copy()
        session.seek(session.timeline.finish_of(step))
        assert np.array_equal(session.trainer.state.parameters, before + delta)
        for count in range(session.timeline.finish_of(step - 1) + 1, session.timeline.finish_of(step) + 1):
            session.seek(count)
            assert session.position.step == step
            for layer in session.trainer.layers:
                for symbol, change in step_changes(session, layer).items():
                    gradient, update = (session.plan[prefix + symbol, layer.number] for prefix in ("d", "Δ"))
                    settled = session.computed(gradient if name == "sgd" else update)
                    assert (change is not None) == settled
                    if change is not None:
                        assert np.array_equal(change, layer.parameters(delta)[symbol])


def test_the_weight_of_a_linear_neuron_goes_up_since_its_gradient_is_negative(session_of: Any) -> None:
    """ℒ = (2.1 w + b − 4)² at w = 1: the slope is −7.98, at a rate of 0.01 the weight grows by 0.0798."""
    session = session_of("linear-neuron")
    (layer,) = session.trainer.layers
    assert step_changes(session, layer) == {"W": None, "b": None}
    session.seek(session.timeline.finish_of(1) - 2)
    assert session.computed(session.plan["dW", 1])
    assert not session.computed(session.plan["ΔW", 1])
    change = step_changes(session, layer)["W"]
    assert change is not None
    assert change[0, 0] == pytest.approx(0.0798)


def test_where_an_edit_begins_another_trainer_nothing_is_settled(session_of: Any) -> None:
    base = session_of("linear-neuron")
    edited = Session(base.preset, base.dataset, None, (Edit(2, "optimizer.learning_rate", 0.05),))
    edited.seek(edited.timeline.finish_of(2))
    assert set(step_changes(edited, edited.trainer.layers[0])) == {"W", "b"}
    assert not any(change is not None for change in step_changes(edited, edited.trainer.layers[0]).values())
    edited.seek(edited.timeline.finish_of(3) - 2)
    first = step_changes(edited, edited.trainer.layers[0])["W"]
    edited.seek(edited.timeline.finish_of(3) - 1)
    assert first is not None
    assert first.tolist() == edited.plan["ΔW", 1].array.tolist()
