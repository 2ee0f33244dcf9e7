"""Snapshots: the nearest one is found, the budget is kept, and the regular ones outlive the others."""

import numpy as np
import pytest

from backprop_tui.core.session.snapshots import BUDGET, ENOUGH, FIRST_SPACING, MOST, Snapshots, share_budget
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


def test_a_long_run_of_a_small_network_keeps_five_hundred() -> None:
    """Four thousand of a network of 337 parameters under Adam were 55 MB; it is gone back through in no time."""
    snapshots = Snapshots()
    for step in range(0, 10**6, FIRST_SPACING):
        if step % snapshots.spacing == 0:
            snapshots.keep(state(step))
    assert len(snapshots.states) <= MOST <= 512
    assert np.diff(snapshots.steps).max() <= 2 * 10**6 / MOST


@pytest.mark.parametrize(
    ("size", "states"),
    [(8_000, MOST), (80_000, BUDGET * 3 // 8 // 80_000), (800_000, ENOUGH), (8_000_000, BUDGET // 8_000_000)],
)
def test_large_states_have_the_whole_budget_and_others_a_share_of_it(size: int, states: int) -> None:
    """By hand: 64 MB hold 8 states of 8 MB, and 83 of 0.8 MB, of which 32 are enough; 24 MB hold 314 of 80 kB."""
    assert Snapshots().most(TrainingState(np.zeros((1, size // 8)), np.zeros(0))) == states
    assert (states, size) in {(512, 8_000), (314, 80_000), (32, 800_000), (8, 8_000_000)}


def test_runs_beside_each_other_share_one_budget() -> None:
    """Those that had more give it back at once, and nobody gets more than before."""
    large = TrainingState(np.zeros((1, BUDGET // 80)), np.zeros(0))
    first, second = Snapshots(), Snapshots(budget=3 * large.bytes)
    for snapshots in (first, second):
        for large.step in range(0, 900, FIRST_SPACING):
            snapshots.keep(large)
    assert len(first.states) == 9
    share_budget([first, second])
    assert sum(kept.bytes for kept in first.states) <= BUDGET / 2
    assert first.steps[0] == 0
    assert first.budget == BUDGET // 2
    assert second.budget == 3 * large.bytes
