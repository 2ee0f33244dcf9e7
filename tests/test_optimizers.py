"""Ten steps of each optimizer against its recurrence, written out here from the published form."""

from math import sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from backprop_tui.core.session import Session

Vector = NDArray[np.float64]
STEPS = 10


def run(session: Session) -> tuple[list[Vector], list[Vector]]:
    """The parameters before each step and after the last, and the gradients of each step."""
    parameters, gradients = [session.trainer.state.parameters.copy()], []
    for step in range(1, STEPS + 1):
        session.seek(session.timeline.finish_of(step))
        gradients.append(session.trainer.gradient.copy())
        parameters.append(session.trainer.state.parameters.copy())
    return parameters, gradients


def bias_entries(session: Session) -> NDArray[np.bool_]:
    """(size,): where in the flat vector a bias stands, told from the layout `[W | b]` row by row."""
    entries: list[bool] = []
    for layer in session.trainer.layers:
        entries += ([False] * layer.inputs + [True]) * layer.units
    return np.array(entries)


def same(found: Vector, expected: Vector) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("batch", [0, 3])
def test_sgd_steps_against_the_gradient(session_of: Any, network_table: Any, batch: int) -> None:
    parameters, gradients = run(session_of(network_table("tanh", "softmax", "cross_entropy", batch=batch)))
    for before, gradient, after in zip(parameters, gradients, parameters[1:], strict=False):
        assert np.abs(gradient).max() > 1e-3
        same(after, before - 0.05 * gradient)


@pytest.mark.parametrize("batch", [0, 3])
@pytest.mark.parametrize("settings", [{}, {"beta1": 0.5, "beta2": 0.7, "epsilon": 0.01}, {"beta1": 0.0, "beta2": 0.0}])
def test_adam_as_published(session_of: Any, network_table: Any, batch: int, settings: dict[str, float]) -> None:
    table = network_table("tanh", "sigmoid", "binary_cross_entropy", batch=batch, optimizer="adam")
    table["optimizer"].update(settings)
    session = session_of(table)
    parameters, gradients = run(session)
    beta1, beta2, epsilon = ({"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8} | settings).values()
    m = v = np.zeros_like(parameters[0])
    for step, gradient in enumerate(gradients, 1):
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient**2
        m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
        same(parameters[step], parameters[step - 1] - 0.05 * m_hat / (np.sqrt(v_hat) + epsilon))
        session.seek(session.timeline.finish_of(step) - 1)
        for layer in session.trainer.layers:
            for name, moment in (("m", m), ("v", v)):
                same(session.plan[f"{name}(W)", layer.number].array, layer.weights(moment))
                biases = layer.biases(moment)
                assert biases is not None
                same(session.plan[f"{name}(b)", layer.number].array, biases)


def test_adam_moves_by_its_learning_rate_at_first(session_of: Any, network_table: Any) -> None:
    """By hand: m̂ = g and √v̂ = |g| in step 1, whatever β₁ and β₂ are, so each parameter moves by η against its sign."""
    session = session_of(network_table("tanh", "identity", "mean_squared_error", optimizer="adam"))
    parameters, gradients = run(session)
    np.testing.assert_allclose(parameters[1] - parameters[0], -0.05 * np.sign(gradients[0]), rtol=1e-4)


@pytest.mark.parametrize("kind", ["sgd", "adam"])
def test_untrained_biases_stay_and_weights_move_as_they_would(session_of: Any, network_table: Any, kind: str) -> None:
    changes = {"optimizer.kind": kind}
    trained = session_of(network_table("tanh", "identity", "half_squared_error"), changes=changes)
    frozen = session_of(
        network_table("tanh", "identity", "half_squared_error", optimizer="frozen biases"), None, changes
    )
    start = frozen.trainer.state.parameters.copy()
    for session in (trained, frozen):
        session.seek(session.timeline.finish_of(1) - 1)
    biases = bias_entries(frozen)
    gradient = frozen.trainer.gradient
    assert (gradient == trained.trainer.gradient).all()
    assert np.abs(gradient[biases]).min() > 1e-6
    assert frozen.gradient_norm() == pytest.approx(sqrt(sum(gradient[~biases] ** 2)), rel=1e-12)
    assert trained.gradient_norm() == pytest.approx(sqrt(sum(gradient**2)), rel=1e-12)
    for session in (trained, frozen):
        session.forward("step")
    after = frozen.trainer.state.parameters
    assert (after[~biases] == trained.trainer.state.parameters[~biases]).all()
    frozen.seek(frozen.timeline.finish_of(STEPS))
    assert (after[biases] == start[biases]).all()
    assert (after[~biases] != start[~biases]).all()
