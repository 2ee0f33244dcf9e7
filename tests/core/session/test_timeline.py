"""Positions in a run, and what each unit stops at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.ops.event import Op
from backprop_tui.core.session.timeline import UNITS, Position, Timeline, Unit

KINDS = [
    ("start", None),
    ("forward", 1),
    ("forward", 1),
    ("forward", 2),
    ("loss", None),
    ("backward", 2),
    ("backward", 1),
    ("update", 1),
    ("update", 2),
    ("finish", None),
]
LENGTH, STEPS = len(KINDS), 3
TIMELINE = Timeline(tuple(Op(phase, "", layer, "", "") for phase, layer in KINDS), STEPS)  # type: ignore[arg-type]
counts = st.integers(0, 20 * LENGTH * STEPS)
units = st.sampled_from(UNITS)


@pytest.mark.parametrize(
    ("unit", "stops"),
    [
        ("op", [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13]),
        ("layer", [3, 4, 5, 6, 7, 8, 9, 10, 13]),
        ("phase", [4, 5, 7, 9, 10, 14, 15, 17, 19, 20]),
        ("step", [10, 20, 30]),
        ("epoch", [30, 60]),
    ],
)
def test_stops(unit: Unit, stops: list[int]) -> None:
    count = 0
    for stop in stops:
        count = TIMELINE.after(count, unit)
        assert count == stop
    for stop in [*reversed(stops[:-1]), 0, 0]:
        count = TIMELINE.before(count, unit)
        assert count == stop


@pytest.mark.parametrize(
    ("count", "position"),
    [
        (0, Position(1, 1, 0, LENGTH)),
        (1, Position(1, 1, 1, LENGTH)),
        (10, Position(1, 1, 10, LENGTH)),
        (11, Position(2, 1, 1, LENGTH)),
        (30, Position(3, 1, 10, LENGTH)),
        (31, Position(4, 2, 1, LENGTH)),
    ],
)
def test_position(count: int, position: Position) -> None:
    assert TIMELINE.at(count) == position
    assert position.finished == (position.events == LENGTH)


@given(counts, units)
def test_back_after_forward_is_the_last_stop(count: int, unit: Unit) -> None:
    following = TIMELINE.after(count, unit)
    assert following > count
    back = TIMELINE.before(following, unit)
    assert back <= count
    assert TIMELINE.after(back, unit) == following


@given(counts, units)
def test_forward_after_back_returns_to_a_stop(count: int, unit: Unit) -> None:
    stop = TIMELINE.after(count, unit)
    assert TIMELINE.after(TIMELINE.before(stop, unit), unit) == stop
    assert TIMELINE.before(TIMELINE.after(stop, unit), unit) == stop


@given(counts, units)
def test_no_stop_is_passed_over(count: int, unit: Unit) -> None:
    """Nothing between a place and its next stop says that its own next stop is another one."""
    following = TIMELINE.after(count, unit)
    assert {TIMELINE.after(place, unit) for place in range(count, following)} == {following}
    assert {TIMELINE.before(place, unit) for place in range(TIMELINE.before(following, unit) + 1, following + 1)} == {
        TIMELINE.before(following, unit)
    }


@given(counts, units)
def test_the_finish_of_a_step_is_a_stop_of_every_unit_but_the_epoch(count: int, unit: Unit) -> None:
    finish = TIMELINE.finish_of(TIMELINE.at(count).step)
    if unit != "epoch":
        assert TIMELINE.after(count, unit) <= finish or count == finish
        assert TIMELINE.before(finish + 1, unit) == finish


@given(counts)
def test_coarse_stops_and_positions_agree(count: int) -> None:
    position = TIMELINE.at(count)
    assert TIMELINE.finish_of(position.step - 1) + position.events == count
    assert TIMELINE.after(count, "step") == TIMELINE.finish_of(position.step + position.finished)
    epoch_steps = (position.epoch + (TIMELINE.at(count).finished and position.step % STEPS == 0)) * STEPS
    assert TIMELINE.after(count, "epoch") == TIMELINE.finish_of(epoch_steps)
