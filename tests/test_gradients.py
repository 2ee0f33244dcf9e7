"""The gradient of every kind of network against central differences of its loss."""

from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from backprop_tui.core.session import Session

HIDDEN = ("identity", "sigmoid", "tanh", "relu")
PAIRS = (
    *product((*HIDDEN, "softmax"), ("mean_squared_error", "half_squared_error")),
    ("softmax", "cross_entropy"),
    ("sigmoid", "binary_cross_entropy"),
)
STEP = 1e-5
TOLERANCE = 1e-8
"""The error of a central difference: of the order of its step squared."""


def numerical_gradient(session: Session) -> NDArray[np.float64]:
    """∂ℒ/∂θ of the batch in hand, (size,), each from two forward passes."""
    parameters = session.trainer.state.parameters
    inputs, targets = session.plan["X", None].array, session.plan["Y", None].array
    gradient = np.zeros_like(parameters)
    for i, value in enumerate(parameters.copy()):
        parameters[i] = value + STEP
        above = session.look_again(inputs, targets).loss()
        parameters[i] = value - STEP
        below = session.look_again(inputs, targets).loss()
        parameters[i] = value
        gradient[i] = (above - below) / (2 * STEP)
    return gradient


def error(session: Session) -> float:
    """The largest difference between the two gradients in the step after the next, before its parameters change."""
    session.seek(session.timeline.finish_of(2) - 1)
    return float(np.abs(session.trainer.gradient - numerical_gradient(session)).max())


@pytest.mark.parametrize(("hidden", "output", "loss"), [(hidden, *pair) for hidden, pair in product(HIDDEN, PAIRS)])
def test_the_gradient_is_that_of_the_loss(
    session_of: Any, network_table: Any, hidden: str, output: str, loss: str
) -> None:
    for batch, bias in product((1, 3, 7), (True, False)):
        session = session_of(network_table(hidden, output, loss, batch=batch, bias=bias))
        assert error(session) < TOLERANCE
        # With relu a single example may silence the whole network, seven do not.
        assert batch == 1 or np.abs(session.trainer.gradient).max() > 100 * TOLERANCE


@pytest.mark.parametrize("name", ["dA", "dZ", "dW db"])
def test_a_broken_backward_op_is_found(session_of: Any, network_table: Any, name: str) -> None:
    """The check must see a wrong op; here each backward op in turn leaves its result 1 % too large."""
    broken = 0
    for place in range(len(session_of(network_table("tanh", "identity", "half_squared_error")).plan.ops)):
        session = session_of(network_table("tanh", "identity", "half_squared_error"))
        op = session.plan.ops[place]
        if op.phase == "backward" and op.name == name:
            array = op.result.array
            op.calls += (partial(np.multiply, array, 1.01, array),)
            assert error(session) > 100 * TOLERANCE, (op.name, op.layer)
            broken += 1
    assert broken >= 2


def test_a_broken_forward_op_is_found(session_of: Any, network_table: Any) -> None:
    session = session_of(network_table("sigmoid", "softmax", "cross_entropy"))
    op = next(op for op in session.plan.ops if op.name == "A")
    op.calls += (partial(np.multiply, op.result.array, 1.01, op.result.array),)
    assert error(session) > 100 * TOLERANCE


def test_relu_has_slope_0_at_0_and_does_not_let_a_gradient_through(session_of: Any, network_table: Any) -> None:
    table = network_table("relu", "identity", "half_squared_error")
    table["layers"][0] |= {"weights": [[0.0, 0.0]] * 3, "biases": [0.0] * 3}
    session = session_of(table)
    session.seek(session.timeline.finish_of(1) - 1)
    assert (session.plan["Z", 1].array == 0).all()
    assert (session.plan["relu′(Z)", 1].array == 0).all()
    assert (session.plan["dZ", 1].array == 0).all()


@pytest.mark.parametrize("size", [40.0, 800.0, 1e4])
def test_losses_stay_finite_where_a_probability_underflows(session_of: Any, size: float) -> None:
    """−ln of a probability of e^−size is size, however small the probability is."""
    for activation, weights, targets in (
        ("softmax", [[1.0], [0.0]], [[0.0, 1.0]]),
        ("sigmoid", [[1.0]], [[0.0]]),
    ):
        session = session_of(
            {
                "title": "Sure and wrong",
                "data": {"kind": "inline", "inputs": [[size]], "targets": targets},
                "layers": [{"units": len(weights), "activation": activation, "weights": weights}],
            }
        )
        session.seek(session.timeline.finish_of(1) - 1)
        assert session.plan.loss() == pytest.approx(size, rel=1e-12)
        assert session.plan["dZ", 1].array[0, 0] == pytest.approx(1.0, rel=1e-12)
