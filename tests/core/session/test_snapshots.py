"""Snapshots: the nearest one is found, the budget is kept, and the regular ones outlive the others."""

import numpy as np
import pytest

from backprop_tui.core.session.snapshots import FIRST_SPACING, Snapshots
from backprop_tui.core.training.state import TrainingState


def state(step: int) -> TrainingState:
    return TrainingState(np.array([[float(step), -1.0]]), np.zeros(0), step)


def test_the_nearest_is_the_latest_up_to_a_step() -> None:
    snapshots = Snapshots()
    for step in (0, 200, 100, 100):
        snapshots.keep(state(step))
    assert snapshots.steps == [0, 100, 200]
    assert [snapshots.nearest(step).step for step in (0, 99, 100, 150, 200, 10**6)] == [0, 0, 100, 100, 200, 200]
    assert snapshots.nearest(150) == state(100)


def test_a_snapshot_is_a_copy() -> None:
    snapshots, running = Snapshots(), state(0)
    snapshots.keep(running)
    running.vectors[:] = np.nan
    assert snapshots.nearest(0) == state(0)


def test_nothing_before_the_first() -> None:
    snapshots = Snapshots()
    with pytest.raises(LookupError, match="step 5"):
        snapshots.nearest(5)


def test_the_budget_is_kept_and_the_start_stays() -> None:
    snapshots = Snapshots(budget=10 * state(0).bytes)
    for step in range(0, 10_000, 100):
        if step % snapshots.spacing == 0:
            snapshots.keep(state(step))
        assert len(snapshots.steps) <= 10
        assert snapshots.steps == sorted(snapshots.steps)
        assert snapshots.steps[0] == 0
        assert [kept.step for kept in snapshots.states] == snapshots.steps
    gaps = np.diff(snapshots.steps)
    assert gaps.max() <= 2 * snapshots.spacing <= 10_000


def test_going_back_often_does_not_wear_out_the_regular_ones() -> None:
    snapshots = Snapshots(budget=40 * state(0).bytes)
    for step in range(0, 1001, FIRST_SPACING):
        snapshots.keep(state(step))
    for step in range(999, 100, -1):
        snapshots.keep(state(step))
    assert snapshots.spacing == FIRST_SPACING
    assert set(range(0, 1001, FIRST_SPACING)) <= set(snapshots.steps)
    assert len(snapshots.steps) <= 40


def test_a_budget_too_small_for_anything_keeps_a_few() -> None:
    snapshots = Snapshots(budget=0)
    for step in range(0, 3000, 100):
        snapshots.keep(state(step))
    assert snapshots.steps[0] == 0
    assert 1 <= len(snapshots.steps) <= 3
