"""Losses of a long run worked out again: bit for bit those that it had, also over edits, and bounded."""

import numpy as np
import pytest

from backprop_tui import presets
from backprop_tui.core.preset.preset import apply_changes, load_preset, parse
from backprop_tui.core.session.history import BUCKETS
from backprop_tui.core.session.replayed import ReplayedLosses, entry_width
from backprop_tui.core.session.session import Session


def every_loss(session: Session, first: int, last: int) -> list[float]:
    """The losses of these steps, gone to one by one, each before its step is over: there an edit may be made."""
    found = []
    for step in range(first, last + 1):
        session.seek(session.timeline.finish_of(step) - 1)
        found.append(session.plan.loss())
    return found


@pytest.fixture(scope="module")
def long_run() -> Session:
    """A run of which the history knows four steps as one, changed on its way."""
    table = apply_changes(parse(presets.text("moons"), "moons"), {"layers.0.units": 2})
    session = Session(*load_preset(table, "moons", presets.folder(), "moons"))
    session.seek(session.timeline.finish_of(5000))
    session = session.changed({"optimizer.learning_rate": 0.003})
    session.seek(session.timeline.finish_of(9001))
    assert session.history.losses.width == 4
    return session


def replayed(session: Session, first: int, last: int) -> ReplayedLosses:
    found = ReplayedLosses(session, first, last)
    while not found.finished:
        found.advance(0.01)
    return found


@pytest.mark.parametrize(("first", "last"), [(1, 30), (4990, 5012), (5001, 5001), (8990, 9001)])
def test_they_are_those_that_the_run_had(long_run: Session, first: int, last: int) -> None:
    here = long_run.count
    found = replayed(long_run, first, last)
    assert long_run.count == here
    steps, lows, highs = found.losses.series()
    assert (steps + first - 1).tolist() == list(range(first, last + 1))
    assert lows.tolist() == highs.tolist() == every_loss(long_run.twin(), first, last)
    # And they lie within what the history knows of them.
    ends, low, high = long_run.history.losses.series()
    places = np.searchsorted(ends, np.arange(first, last + 1))
    assert (low[places] <= lows).all()
    assert (lows <= high[places]).all()


def test_what_it_covers_and_how_far_it_is(long_run: Session) -> None:
    found = ReplayedLosses(long_run, 4901, 5100)
    assert found.of(long_run)
    assert not found.of(long_run.twin())
    assert found.share < 1
    assert found.covers(4950, 5000, 1)
    assert not found.covers(4900, 5000, 1)
    assert not found.covers(5000, 5101, 1)
    found = replayed(long_run, 4901, 5100)
    assert found.share == 1
    assert found.losses.count == 200


def test_of_very_many_steps_it_keeps_as_many_as_one_as_the_history_does() -> None:
    assert [entry_width(steps) for steps in (1, BUCKETS, BUCKETS + 1, 3 * BUCKETS)] == [1, 1, 2, 4]


def test_another_run_or_another_edit_is_not_the_same(long_run: Session) -> None:
    found = ReplayedLosses(long_run, 10, 20)
    before = long_run.edits
    long_run.edits = ()
    assert not found.of(long_run)
    long_run.edits = before
    assert found.of(long_run)
