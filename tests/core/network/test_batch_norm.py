"""Batch norm by hand: its forward and backward pass, its running statistics, evaluation, and a batch of one."""

from math import sqrt
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.network.batch_norm import EPSILON

TABLE: dict[str, Any] = {
    "title": "Norm",
    "data": {"kind": "inline", "inputs": [[1.0], [2.0], [6.0]], "targets": [[0.0], [1.0], [0.5]]},
    "layers": [
        {
            "units": 1,
            "activation": "identity",
            "weights": [[2.0]],
            "biases": [1.0],
            "batch_norm": True,
            "gamma": [1.5],
            "beta": [-0.5],
        }
    ],
    "loss": {"kind": "half_squared_error"},
    "optimizer": {"kind": "sgd", "learning_rate": 0.1},
}
Z = np.array([3.0, 5.0, 13.0])
MEAN, VARIANCE = 7.0, (16 + 4 + 36) / 3
Z_HAT = (Z - MEAN) / sqrt(VARIANCE + EPSILON)
N = 1.5 * Z_HAT - 0.5


def test_forward_and_backward_by_hand(session_of: Any) -> None:
    session = session_of(TABLE)
    session.seek(session.timeline.finish_of(1) - 1)
    plan = session.plan
    for symbol, expected in (("μ", MEAN), ("σ²", VARIANCE), ("Ẑ", Z_HAT), ("N", N), ("A", N)):
        assert plan[symbol, 1].array.ravel() == pytest.approx(expected, rel=1e-14)
    dN = N - np.array([0.0, 1.0, 0.5])
    assert plan["dN", 1].array[0] == pytest.approx(dN, rel=1e-14)
    assert plan["dγ", 1].array == pytest.approx([np.mean(dN * Z_HAT)], rel=1e-14)
    assert plan["dβ", 1].array == pytest.approx([np.mean(dN)], rel=1e-14)
    dZ = 1.5 / sqrt(VARIANCE + EPSILON) * (dN - dN.mean() - Z_HAT * np.mean(dN * Z_HAT))
    assert plan["dZ", 1].array[0] == pytest.approx(dZ, rel=1e-12)
    # Moving every preactivation by the same moves nothing: the bias before a batch norm has no gradient.
    assert plan["db", 1].array == pytest.approx([0], abs=1e-15)


def test_scale_and_shift_are_trained(session_of: Any) -> None:
    session = session_of(TABLE)
    session.seek(session.timeline.finish_of(1) - 1)
    gradients = session.plan["dγ", 1].array[0], session.plan["dβ", 1].array[0]
    session.advance(session.count + 1)
    assert session.plan["γ", 1].array == pytest.approx([1.5 - 0.1 * gradients[0]], rel=1e-14)
    assert session.plan["β", 1].array == pytest.approx([-0.5 - 0.1 * gradients[1]], rel=1e-14)


def test_running_statistics_move_at_the_steps_finish(session_of: Any) -> None:
    session = session_of(TABLE)
    statistics = session.trainer.state.statistics
    assert statistics.tolist() == [0, 1]
    session.seek(session.timeline.finish_of(1) - 1)
    assert statistics.tolist() == [0, 1]
    session.advance(session.count + 1)
    # The unbiased variance: divided by m − 1.
    assert statistics == pytest.approx([0.1 * MEAN, 0.9 + 0.1 * VARIANCE * 3 / 2], rel=1e-14)


def test_evaluation_uses_the_running_statistics(session_of: Any) -> None:
    session = session_of(TABLE)
    answer = session.evaluator.predict(np.array([[1.0, 2.0]]))
    assert answer[0] == pytest.approx(1.5 * np.array([3.0, 5.0]) / sqrt(1 + EPSILON) - 0.5, rel=1e-14)


def test_one_example_has_no_variance_and_the_op_says_so(session_of: Any) -> None:
    session = session_of(TABLE, changes={"training.batch_size": 1, "training.shuffle": False})
    session.seek(session.timeline.finish_of(1))
    assert session.plan["Ẑ", 1].array == 0
    assert session.plan["dW", 1].array == 0
    assert session.trainer.state.statistics == pytest.approx([0.1 * 3.0, 1.0], rel=1e-14)
    assert "larger batch" in next(op.why for op in session.plan.ops if op.name == "N")


def test_going_back_restores_the_running_statistics(session_of: Any) -> None:
    session = session_of(TABLE, changes={"training.batch_size": 2})
    session.seek(session.timeline.finish_of(5))
    before = session.trainer.state.statistics.copy()
    session.seek(session.timeline.finish_of(9))
    session.seek(session.timeline.finish_of(5))
    assert np.array_equal(session.trainer.state.statistics, before)


def test_behind_the_logits_of_a_classifier(session_of: Any) -> None:
    """Output and loss in one op start at N, from which batch norm goes on."""
    changes = {"layers.0.activation": "sigmoid", "loss.kind": "binary_cross_entropy"}
    session = session_of(TABLE, changes=changes)
    session.seek(session.timeline.finish_of(1) - 1)
    plan = session.plan
    assert plan.find("dA", 1) is None
    expected = 1 / (1 + np.exp(-N)) - np.array([0.0, 1.0, 0.5])
    assert plan["dN", 1].array[0] == pytest.approx(expected, rel=1e-14)
    logs = np.log1p(np.exp(N)) - np.array([0.0, 1.0, 0.5]) * N
    assert plan.loss() == pytest.approx(logs.mean(), rel=1e-14)
