"""How settings stand over their seeds, by numbers that were worked out by hand."""

from math import inf, nan, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.sweep.job import Outcome
from backprop_tui.core.sweep.standing import spread_of, standings
from backprop_tui.core.sweep.sweep import Sweep


def sweep(settings: int, seeds: int, measure: str | None = "loss", impossible: dict[int, str] | None = None) -> Sweep:
    gone = impossible or {}
    places = tuple((place, seed) for seed in range(seeds) for place in range(settings) if place not in gone)
    return Sweep(
        id="made",
        axes=(),
        settings=tuple((f"a={place}",) for place in range(settings)),
        seeds=seeds,
        steps=None,
        jobs=(),
        places=places,
        impossible=gone,
        measure=measure,
        why="",
        bytes=1,
    )


def run(loss: float, accuracy: float | None = None, stopped_by: str = "steps") -> Outcome:
    return Outcome(steps=10, loss=loss, accuracy=accuracy, stopped_by=stopped_by)


def names(found) -> list[str]:
    return [standing.settings[0] for standing in found]


def test_a_spread_by_hand():
    spread = spread_of([1.0, 2.0, 6.0])
    assert (spread.count, spread.mean, spread.lowest, spread.highest) == (3, pytest.approx(3), 1, 6)
    assert spread.deviation == pytest.approx(sqrt((4 + 1 + 9) / 2))
    assert spread_of([5.0]).deviation is None
    assert spread_of([]) is None


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6))
def test_a_mean_lies_between_the_lowest_and_the_highest(values):
    spread = spread_of(values)
    assert spread.lowest <= spread.mean <= spread.highest


def test_the_best_mean_stands_first_and_what_diverged_behind_all_that_did_not():
    # Means 3, 2 and, of those that did not diverge, 0; the last have no finite run.
    outcomes = {0: run(2), 1: run(3), 2: run(0), 3: run(nan, stopped_by="not_finite")}
    outcomes |= {
        4: run(4),
        5: run(1),
        6: run(inf, stopped_by="not_finite"),
        7: Outcome(problem="its process died"),
    }
    found = standings(sweep(4, 2), outcomes)
    assert names(found) == ["a=1", "a=0", "a=2", "a=3"]
    assert [standing.diverged for standing in found] == [0, 0, 1, 1]
    assert [standing.failed for standing in found] == [[], [], [], ["its process died"]]
    assert [spread and spread.mean for spread in (standing.spread("loss") for standing in found)] == [2, 3, 0, None]
    assert [standing.best("loss") for standing in found] == [1, 0, 0, 0]


def test_of_accuracies_the_most_is_best():
    outcomes = {0: run(1, 0.5), 1: run(9, 0.75)}
    found = standings(sweep(2, 1, "accuracy"), outcomes)
    assert names(found) == ["a=1", "a=0"]


def test_what_cannot_be_stands_last_and_what_is_not_done_not_at_all():
    found = standings(sweep(4, 2, impossible={0: "cannot"}), {0: run(5), 1: run(4)})
    assert names(found) == ["a=2", "a=1", "a=0"]
    assert [(standing.problem, len(standing.runs)) for standing in found] == [("", 1), ("", 1), ("cannot", 0)]


def test_without_a_measure_they_stand_as_they_were_given():
    outcomes = {0: run(3), 1: run(nan, stopped_by="not_finite"), 2: run(1)}
    assert names(standings(sweep(3, 1, None), outcomes)) == ["a=0", "a=1", "a=2"]


@given(st.permutations(range(6)))
def test_in_which_order_runs_end_makes_no_difference(order):
    runs = {place: run(loss) for place, loss in enumerate([3, 1, 2, 3, 3, 0])}
    assert repr(standings(sweep(3, 2), {place: runs[place] for place in order})) == repr(standings(sweep(3, 2), runs))
