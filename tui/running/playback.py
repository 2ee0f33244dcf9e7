"""Playing: how fast, and the loop that trains in slices between which keys are answered and panes redrawn."""

import asyncio
from collections.abc import Callable
from time import perf_counter

from backprop_tui.core.inquiry.full_speed import USUAL, FullSpeed
from backprop_tui.core.inquiry.watch import Watch
from backprop_tui.core.session.session import Session
from backprop_tui.core.session.timeline import Unit
from backprop_tui.core.session.timing import Timing
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.panes.breath import breathe
from backprop_tui.tui.panes.view import View

from .pace import Pace

SPEEDS: tuple[float, ...] = (0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 125, 250, 500, 1000)
"""Units a second; beyond the last comes full speed."""
FULL = len(SPEEDS)
FIRST_SPEED = SPEEDS.index(2)
SLICE = 0.006
"""Seconds of training at a time: a key waits no longer than this."""
RATE_SECONDS = 0.5
FOLLOWED = 15
"""Units a second up to which every pane shows every stop."""
PATIENCE = 1 / 60
"""Seconds after which a paced loop looks up again: a changed speed is heeded at once."""


def speed_text(view: View, pace: Pace | None = None) -> str:
    """`2 ops/s` or `full speed`; with the pace that is kept, `13 of 500 steps/s` where it falls short of that."""
    if view.speed >= FULL:
        return "full speed"
    speed = SPEEDS[view.speed]
    asked = f"{speed:g} {view.unit}{'' if speed == 1 else 's'}/s"
    if pace is None or pace.reached is None or (pace.speed, pace.unit) != (speed, view.unit):
        return asked
    return f"{format_number(pace.reached, 6, 2)} of {asked}"


def watch_of(session: Session, view: View) -> Watch:
    """A watch for the breakpoints that are set now."""
    return Watch(session, view.breakpoints, view.spotlight)


class Playback:
    """Plays a session at the view's speed until `stop`, or until a breakpoint of its watch holds.

    At full speed until what was `asked` for, too; `reason` says what of that it was, empty for anything else.
    `show_due` redraws what has waited long enough, after every slice at full speed; `show_all` redraws everything, so
    that all panes agree at a speed that can be followed. `pace` is that of such a speed, None at full speed.
    """

    def __init__(
        self, session: Session, view: View, show_due: Callable[[], None], show_all: Callable[[], None]
    ) -> None:
        self.session, self.view = session, view
        self.show_due, self.show_all = show_due, show_all
        self.running = False
        self.watch = watch_of(session, view)
        self.asked = USUAL
        self.reason = ""
        self.pace: Pace | None = None

    async def play(self) -> None:
        """Play until stopped, until a breakpoint holds, or as long as there are finite numbers."""
        self.running, self.reason = True, ""
        self.follow(self.session)
        self.session.timing = Timing()
        while self.running and not self.over:
            if self.view.speed >= FULL:
                await self.play_fully()
            else:
                await self.play_paced()
            self.pace = None
        self.running = self.view.playing = False

    @property
    def over(self) -> bool:
        """Whether there is nothing to play on to."""
        return self.session.diverged or self.session.at_end

    def stop(self) -> None:
        self.running, self.pace = False, None

    def follow(self, session: Session) -> None:
        """Play this session from now on, from where it stands."""
        self.session = session
        self.watch = watch_of(session, self.view)

    async def play_fully(self) -> None:
        """This session at full speed, as long as that is the speed."""
        self.view.playing = True
        session = self.session
        begin, steps = perf_counter(), session.step
        leg = FullSpeed(self.watch, self.asked)
        while self.running and self.session is session and self.view.speed >= FULL and not self.over:
            if leg.play(SLICE):
                self.reason = leg.reason
                self.stop()
                # At once, so that nothing else finds it neither running nor where it has ended.
                break
            now = perf_counter()
            if now - begin > RATE_SECONDS or session.timing.steps_per_second is None:
                session.timing.steps_per_second = (session.step - steps) / max(now - begin, 1e-9)
                begin, steps = now, session.step
            self.show_due()
            await breathe()
        self.view.playing = False

    async def play_paced(self) -> None:
        """At so many units a second; what one frame cannot do in its slice is left out, so that keys are answered."""
        speed, unit = self.view.speed, self.view.unit
        show = self.show_all if SPEEDS[speed] <= FOLLOWED else self.show_due
        pace = self.pace = Pace(SPEEDS[speed], unit, perf_counter())
        while self.running and (speed, unit) == (self.view.speed, self.view.unit) and not self.over:
            deadline, moved = perf_counter() + SLICE, False
            while pace.due <= perf_counter() < deadline and not self.over:
                await self.advance(unit)
                if not self.running:
                    return
                pace.passes()
                moved = True
            pace.look(perf_counter(), SLICE)
            if moved or show == self.show_due:
                show()
            await asyncio.sleep(max(0.0, min(pace.due - perf_counter(), PATIENCE)))

    async def advance(self, unit: Unit) -> None:
        """To the next stop of `unit`; a whole step, where the unit is no less, is timed phase by phase."""
        session = self.session
        target = session.timeline.after(session.count, unit)
        if unit in ("step", "epoch") and session.at_boundary and not self.watch.checks:
            session.time_step()
        while self.running and self.session is session and not self.watch.approach(target, SLICE):
            await breathe()
        if self.watch.hits:
            self.stop()
