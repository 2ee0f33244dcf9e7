"""Dropout and residual connections: what they compute, by hand, and what they share with other runs."""

from typing import Any

import numpy as np
import pytest

from backprop_tui.core.preset.preset import PresetError

TABLE: dict[str, Any] = {
    "title": "Parts",
    "data": {"kind": "xor", "samples": 60, "train_ratio": 0.8},
    "layers": [
        {"units": 2, "activation": "tanh", "residual": True, "dropout": 0.25},
        {"units": 2, "activation": "relu", "residual": True, "biases": [0.3, 0.4]},
        {"units": 2, "activation": "softmax"},
    ],
    "training": {"batch_size": 10},
}


def test_a_residual_layer_adds_and_hands_its_gradient_past_itself(session_of: Any) -> None:
    session = session_of(TABLE)
    session.seek(session.timeline.finish_of(1) - 1)
    plan = session.plan
    X, W2 = plan["X", None].array, plan["W", 2].array
    F1, M1, A1 = (plan[symbol, 1].array for symbol in ("F", "M", "A"))
    assert np.array_equal(plan["D", 1].array, M1 * F1)
    assert np.array_equal(A1, X + M1 * F1)
    assert np.array_equal(plan["A", 2].array, A1 + plan["F", 2].array)
    assert plan["dA", 1].array == pytest.approx(W2.T @ plan["dZ", 2].array + plan["dA", 2].array, rel=1e-13)
    # The sum hands the gradient of its result to both of its terms.
    assert plan["dZ", 2].array == pytest.approx(plan["dA", 2].array * (plan["Z", 2].array > 0), rel=1e-14)
    assert np.array_equal(plan["dF", 1].array, plan["dA", 1].array * M1)


def test_a_mask_is_zero_or_one_over_the_share_kept(session_of: Any) -> None:
    session = session_of(TABLE, changes={"layers.0.units": 200, "layers.0.residual": False, "layers.1.residual": False})
    session.seek(session.timeline.finish_of(1) - 1)
    mask = session.plan["M", 1].array
    assert set(np.unique(mask)) == {0, 1 / 0.75}
    assert np.mean(mask > 0) == pytest.approx(0.75, abs=0.04)


def test_every_step_draws_its_own_mask_and_always_the_same(session_of: Any) -> None:
    session = session_of(TABLE)
    masks = []
    for step in (1, 2, 3, 2):
        session.seek(session.timeline.finish_of(step) - 1)
        masks.append(session.plan["M", 1].array.copy())
        assert np.array_equal(session.trainer.masks(step, 10)[1], masks[-1])
    assert np.array_equal(masks[1], masks[3])
    assert not np.array_equal(masks[0], masks[1])
    assert not np.array_equal(masks[1], masks[2])


def test_evaluation_drops_nothing(session_of: Any) -> None:
    session = session_of(TABLE)
    inputs = np.array([[0.5], [-1.0]])
    first, second = session.trainer.layers[:2]
    parameters = session.trainer.state.parameters
    A1 = inputs + np.tanh(first.weights(parameters) @ inputs + first.biases(parameters)[:, None])
    A2 = A1 + np.maximum(0, second.weights(parameters) @ A1 + second.biases(parameters)[:, None])
    assert session.evaluator.run(inputs)["A", 2].array == pytest.approx(A2, rel=1e-13)


def test_dropout_does_not_disturb_start_weights_and_order(session_of: Any) -> None:
    with_it, without = session_of(TABLE), session_of(TABLE, changes={"layers.0.dropout": 0.0})
    assert np.array_equal(with_it.trainer.state.parameters, without.trainer.state.parameters)
    assert np.array_equal(with_it.trainer.order(3), without.trainer.order(3))


def test_a_rehearsal_is_the_step_again(session_of: Any) -> None:
    """The same batch, the same masks, the same gradient, bit for bit; and the run knows nothing of it."""
    changes = {"layers.0.batch_norm": True, "training.dtype": "float32"}
    for made in ({}, changes):
        session = session_of(TABLE, changes=made)
        session.seek(session.timeline.finish_of(3) - 1)
        before = session.trainer.state.copy()
        rehearsal = session.rehearse(session.trainer.dtype)
        assert np.array_equal(rehearsal.backward(), session.trainer.gradient)
        assert rehearsal.loss() == session.plan.loss()
        rehearsal.parameters[:] = 7
        rehearsal.backward()
        assert session.trainer.state == before


@pytest.mark.parametrize("name", ["residual", "dropout"])
def test_what_a_loss_from_logits_cannot_have_behind_them(session_of: Any, name: str) -> None:
    value = True if name == "residual" else 0.5
    with pytest.raises(PresetError, match=f"cross_entropy is computed from the logits.*{name}"):
        session_of(TABLE, changes={f"layers.2.{name}": value})
    session_of(TABLE, changes={f"layers.2.{name}": value, "loss.kind": "mean_squared_error"})
