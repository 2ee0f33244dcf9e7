"""The data as a hidden layer sees them: principal components by hand, and the way on from a layer's answers."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.core.inquiry.hidden_layer import answers_from, answers_to, follows_alone, principal
from backprop_tui.core.session.session import Session


def test_components_of_points_on_an_ellipse() -> None:
    # Along (3, 4, 0)/5 the deviations are ±10, along (0, 0, 1) they are ±5, along the third direction 0.
    answers = np.array([[6.0, -6.0, 0.0, 0.0], [8.0, -8.0, 0.0, 0.0], [0.0, 0.0, 5.0, -5.0]]) + 7
    found = principal(answers)
    assert found is not None
    assert found.shares == pytest.approx((0.8, 0.2))
    assert found.axes == pytest.approx(np.array([[0.6, 0.8, 0.0], [0.0, 0.0, 1.0]]))
    assert found.of(answers) == pytest.approx(np.array([[10, -10, 0, 0], [0, 0, 5, -5]]), abs=1e-12)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.integers(3, 12), st.integers(3, 12))
def test_components_are_those_of_the_singular_values(seed: int, units: int, count: int) -> None:
    answers = np.random.default_rng(seed).normal(size=(units, count)) * np.arange(1, units + 1)[:, None]
    found = principal(answers)
    assert found is not None
    centred = answers - answers.mean(axis=1, keepdims=True)
    values = np.linalg.svd(centred, compute_uv=False)
    assert found.shares == pytest.approx(tuple(values[:2] ** 2 / (values**2).sum()), abs=1e-9)
    assert np.square(found.of(answers)).sum(axis=1) == pytest.approx(values[:2] ** 2)
    assert np.linalg.norm(found.axes, axis=1) == pytest.approx((1, 1))
    assert all(axis[np.abs(axis).argmax()] > 0 for axis in found.axes)


@pytest.mark.parametrize("answers", [np.full((4, 5), 0.1), np.full((3, 3), np.nan), np.empty((3, 0)), np.ones((3, 1))])
def test_answers_that_do_not_differ_have_none(answers: np.ndarray) -> None:
    assert principal(answers) is None


def test_two_examples_differ_along_one_axis_alone() -> None:
    found = principal(np.array([[1.0, 3.0], [0.0, 0.0], [5.0, 5.0]]))
    assert found is not None
    assert found.shares == pytest.approx((1, 0))
    assert found.of(np.array([[1.0, 3.0], [0.0, 0.0], [5.0, 5.0]])) == pytest.approx(np.array([[-1, 1], [0, 0]]))


@pytest.mark.parametrize("changes", [{}, {"layers.0.batch_norm": True}, {"layers.0.dropout": 0.5}])
def test_the_way_on_from_a_layer_is_the_network_s(
    session_of: Callable[..., Session], changes: dict[str, object]
) -> None:
    session = session_of("moons", changes=changes)
    session.forward("epoch")
    data = session.dataset
    for layer in range(1, len(session.trainer.layers)):
        seen = answers_to(session, "training", layer)
        weights = session.trainer.layers[layer - 1]
        assert seen.shape == (weights.units, data.size)
        assert answers_from(session, layer, seen) == pytest.approx(session.evaluator.answer(data.inputs), abs=1e-6)
    assert follows_alone(session, len(session.trainer.layers) - 1)
    assert not follows_alone(session, len(session.trainer.layers))


def test_what_a_layer_answers_is_its_formula(session_of: Callable[..., Session]) -> None:
    session = session_of("spiral")
    session.forward("step")
    layer = session.trainer.layers[0]
    W = layer.weights(session.trainer.state.parameters)
    b = layer.biases(session.trainer.state.parameters)
    assert b is not None
    expected = np.tanh(W @ session.dataset.test_inputs + b[:, None])
    assert answers_to(session, "test", 1) == pytest.approx(expected, abs=1e-6)
