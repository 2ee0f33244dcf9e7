"""How many units a second are reached is measured from unit to unit, and told where it is fewer than asked for."""

from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.running.pace import MEASURED, SHORT, Pace
from backprop_tui.tui.running.playback import FULL, SPEEDS, speed_text


def played(speed: float, taken: float, units: int, patience: float = 0.006) -> Pace:
    """A pace after so many units, each of which takes so many seconds, and begins no sooner than it is due."""
    pace, now = Pace(speed, "step", 100.0), 100.0
    for _ in range(units):
        now = max(now, pace.due) + taken
        pace.passes()
        pace.look(now, patience)
    return pace


def test_what_is_reached_is_one_in_the_time_that_it_takes() -> None:
    assert played(500, 0.0, 2000).reached is None
    assert played(500, 0.0015, 2000).reached is None
    assert played(500, 0.08, 40).reached == pytest.approx(1 / 0.08)
    # The first of them tells, where it is long.
    assert played(2, 2.0, 1, 0.0).reached == pytest.approx(0.5)
    assert played(0.25, 3.9, 3).reached is None


@given(st.sampled_from(SPEEDS), st.floats(1e-4, 5), st.integers(1, 40))
def test_no_more_is_reached_than_the_units_take_time_for(speed: float, taken: float, units: int) -> None:
    pace = played(speed, taken, units)
    if pace.reached is None:
        assert speed <= 1 / taken / SHORT + 1e-6 or units * taken < MEASURED
    else:
        # Where the wish begins there is some patience left.
        assert pace.reached == pytest.approx(1 / taken, rel=1e-6)
        assert pace.reached < SHORT * speed


def test_one_delay_between_rare_units_is_no_other_speed() -> None:
    """A look that comes late, between two units that come in time, is not measured as a time without any."""
    pace = Pace(1.0, "step", 0.0)
    for second in range(4):
        pace.passes()
        pace.look(second + 0.001)
        pace.look(second + 0.6)
        pace.look(second + 1.02)
        assert pace.reached is None


def test_the_words_are_those_of_the_speed_that_is_measured() -> None:
    view = View(Spotlight(1, 0, 0), unit="step", speed=SPEEDS.index(500))
    pace = played(500, 0.075, 40)
    assert speed_text(view, pace) == "13 of 500 steps/s"
    assert speed_text(view) == speed_text(view, played(500, 0, 10)) == "500 steps/s"
    view.unit = "op"
    assert speed_text(view, pace) == "500 ops/s"
    view.unit, view.speed = "step", SPEEDS.index(1)
    assert speed_text(view, pace) == "1 step/s"
    assert speed_text(view, cast(Pace, SimpleNamespace(speed=1, unit="step", reached=0.25))) == "0.25 of 1 step/s"
    view.speed = FULL
    assert speed_text(view, pace) == "full speed"
