"""Statistics of layers against what NumPy says of their arrays, and by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.diagnosis.statistics import (
    histogram,
    inactive_units,
    layer_statistics,
    length,
    mean_and_spread,
    quantity_histogram,
    saturated_units,
    statistics_table,
)
from backprop_tui.core.session.session import Session

Make = Callable[..., Session]
NetworkTable = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("extra", [{}, {"batch_norm": True}, {"dropout": 0.4}, {"residual": True}])
@pytest.mark.parametrize("hidden", ["tanh", "sigmoid", "relu"])
def test_a_row_of_the_table_is_what_the_arrays_hold(
    session_of: Make, network_table: NetworkTable, hidden: str, extra: dict[str, Any]
) -> None:
    session = session_of(network_table(hidden, "sigmoid", "mean_squared_error", **extra))
    session.seek(session.timeline.finish_of(3) - 1)
    plan = session.plan
    for layer, row in zip(session.trainer.layers, statistics_table(plan, session.trainer.layers), strict=True):
        W, dW, dZ, Z, update = (plan[symbol, layer.number].array for symbol in ("W", "dW", "dZ", "Z", "ΔW"))
        assert (row.layer, row.units, row.inputs) == (layer.number, layer.units, layer.inputs)
        assert row.weights == pytest.approx(np.linalg.norm(W))
        assert row.gradient == pytest.approx(np.linalg.norm(dW))
        assert row.mean_gradient == pytest.approx(np.abs(dW).mean())
        assert row.update == pytest.approx(np.linalg.norm(update))
        assert row.ratio == pytest.approx(np.linalg.norm(update) / np.linalg.norm(W))
        assert row.error == pytest.approx(np.linalg.norm(dZ))
        assert row.preactivations == pytest.approx((Z.mean(), Z.std()))
        given = (plan.find("F", layer.number) or plan["A", layer.number]).array
        assert row.activations == pytest.approx((given.mean(), given.std()))
        if layer.activation == "relu":
            assert row.inactive == tuple(np.flatnonzero((given == 0).all(axis=1)) + 1)
            assert row.saturated is None
            assert row.passed is None
        else:
            above = (plan.find("dF", layer.number) or plan["dA", layer.number]).array
            below = (plan.find("dN", layer.number) or plan["dZ", layer.number]).array
            assert row.inactive is None
            assert row.passed == pytest.approx(np.linalg.norm(below) / np.linalg.norm(above))


def test_what_is_not_computed_yet_has_no_statistics(session_of: Make) -> None:
    session = session_of("xor")
    layer = session.trainer.layers[0]
    blank = layer_statistics(session.plan, layer, 0)
    assert blank.weights > 0
    assert (blank.gradient, blank.update, blank.ratio, blank.error) == (None, None, None, None)
    assert (blank.preactivations, blank.activations, blank.saturated, blank.saturated_share) == (None, None, None, None)
    forward = layer_statistics(session.plan, layer, session.plan["A", 1].place + 1)
    assert forward.activations is not None
    assert forward.gradient is None


def test_a_finished_step_tells_of_the_weights_that_it_began_with(session_of: Make) -> None:
    session = session_of("xor")
    before = layer_statistics(session.plan, session.trainer.layers[0], 0).weights
    session.forward("step")
    after = layer_statistics(session.plan, session.trainer.layers[0], len(session.plan.events))
    assert after.weights == pytest.approx(before, rel=1e-12)
    assert after.ratio == session.measure()[0].ratio == pytest.approx(after.update / before if after.update else None)


def test_inactive_units_give_nothing_for_any_example() -> None:
    given = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 0.1], [0.2, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert inactive_units(given) == (1, 4)
    assert inactive_units(given[1:3]) == ()


def test_saturated_units_are_flat_for_more_than_half_of_the_batch() -> None:
    given = np.array([[0.98, -0.98, 0.0, 0.0], [0.98, -0.98, 0.971, 0.0], [0.97, 0.97, 0.97, -0.97]])
    assert saturated_units(given, -0.97, 0.97) == (2,)
    assert saturated_units(given[:1], -0.97, 0.97) == ()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_lengths_of_any_magnitude(dtype: type, scale: float) -> None:
    array = (np.array([[3.0, 4.0], [0.0, 12.0]]) * scale).astype(dtype)
    assert length(array) == pytest.approx(13 * scale, rel=1e-6)
    assert length(np.zeros((2, 2), dtype)) == 0


def test_a_spread_around_a_large_mean_keeps_its_digits() -> None:
    centre, spread = mean_and_spread(np.array([[1e9, 1e9 + 2], [1e9, 1e9 + 2]]))
    assert centre == 1e9 + 1
    assert spread == 1
    assert mean_and_spread(np.full((2, 3), 0.1))[1] == pytest.approx(0, abs=1e-16)


def test_a_histogram_counts_every_finite_number_once() -> None:
    found = histogram(np.array([[0.0, 1.0, 4.0], [np.nan, np.inf, 4.0]]), 4)
    assert found.counts.tolist() == [1, 1, 0, 2]
    assert found.edges.tolist() == [0, 1, 2, 3, 4]
    assert found.left_out == 2


def test_a_histogram_of_numbers_far_apart_or_none() -> None:
    extreme = histogram(np.array([-1.7e308, 1.7e308]), 2)
    assert extreme.counts.tolist() == [1, 1]
    assert extreme.edges.tolist() == [-1.7e308, 0, 1.7e308]
    none = histogram(np.array([np.nan]), 3)
    assert none.counts.tolist() == [0, 0, 0]
    assert none.left_out == 1
    assert histogram(np.zeros(5), 3).counts.sum() == 5


def test_histograms_of_quantities(session_of: Make) -> None:
    session = session_of("xor")
    session.seek(session.timeline.finish_of(2) - 1)
    events = session.position.events
    for symbol in ("W", "dW", "Z", "A"):
        found = quantity_histogram(session.plan, symbol, 1, events)
        assert found is not None
        assert found.counts.sum() == session.plan[symbol, 1].array.size
    assert quantity_histogram(session.plan, "N", 1, events) is None
    assert quantity_histogram(session.plan, "dW", 1, 1) is None
