"""Which pane is drawn next at full speed: one at a time, the one most overdue, and none before its time."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

import pytest

from backprop_tui.tui.running import pane_screen
from backprop_tui.tui.running.pane_screen import LONGEST_REST, SHARE, PaneScreen


@dataclass
class Clock:
    """The time, and what the thread has used of it."""

    now: float = 100.0
    used: float = 0.0


@dataclass
class Stub:
    """A pane that takes so many seconds."""

    id: str
    interval: float
    taken: float
    clock: Clock
    display: bool = True
    rests: float = 0.0
    drawn: list[float] = field(default_factory=list)

    def update(self) -> None:
        self.drawn.append(self.clock.now)
        self.clock.used += self.taken


class Stubs:
    """What of a screen `show_due` asks for."""

    def __init__(self, panes: list[Stub]) -> None:
        self.panes, self.frame, self.next_due = panes, 1 / 15, 0.0
        self.shown_at: dict[str, float] = {}
        self.looked = 0

    def rest(self, _: Stub) -> float:
        return 0.0

    def show_pane(self, pane: Stub, now: float) -> None:
        pane.update()
        self.shown_at[pane.id] = now

    def query(self, _: type) -> list[Stub]:
        self.looked += 1
        return self.panes


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(pane_screen, "perf_counter", lambda: found.now)
    monkeypatch.setattr(pane_screen, "thread_time", lambda: found.used)
    return found


def played(screen: Stubs, clock: Clock, seconds: float) -> None:
    """So long at full speed, in slices of 6 ms."""
    for _ in range(round(seconds / 0.006)):
        clock.now += 0.006
        PaneScreen.show_due(cast("Any", screen))


def test_each_is_drawn_when_it_is_due_and_one_at_a_time(clock: Clock) -> None:
    panes = [Stub("a", 0.1, 0.0, clock), Stub("b", 0.3, 0.0, clock), Stub("c", 0.3, 0.0, clock)]
    screen = Stubs(panes)
    played(screen, clock, 3.0)
    times = sorted(time for pane in panes for time in pane.drawn)
    assert len(set(times)) == len(times)
    assert 26 <= len(panes[0].drawn) <= 31
    assert 9 <= len(panes[1].drawn) == len(panes[2].drawn) <= 11
    # Between them it is not looked which panes there are.
    assert screen.looked < 120


def test_what_takes_long_takes_its_share_and_no_pane_rests_for_ever(clock: Clock) -> None:
    slow, endless = Stub("slow", 0.1, 0.002, clock), Stub("endless", 0.1, 5.0, clock)
    played(Stubs([slow, endless]), clock, 8.0)
    for pane, rest in ((slow, 0.002 / SHARE), (endless, LONGEST_REST)):
        gaps = [later - earlier for earlier, later in pairwise(pane.drawn)]
        assert all(rest <= gap + 1e-9 <= rest + 0.02 for gap in gaps)


def test_what_is_not_shown_is_not_drawn_and_a_change_is_drawn_at_once(clock: Clock) -> None:
    shown, hidden = Stub("shown", 10.0, 0.0, clock), Stub("hidden", 0.1, 0.0, clock, display=False)
    screen = Stubs([shown, hidden])
    played(screen, clock, 1.0)
    assert len(shown.drawn) == 1
    assert hidden.drawn == []
    screen.shown_at["shown"], screen.next_due = 0.0, 0.0  # As `show_all` leaves it.
    played(screen, clock, 0.006)
    assert len(shown.drawn) == 2
