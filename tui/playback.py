"""Playing: how fast, and the loop that trains in slices between which keys are answered and panes redrawn."""

import asyncio
from collections.abc import Callable
from time import perf_counter

from backprop_tui.core.session import Session

from .view import View

SPEEDS: tuple[float, ...] = (0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 125, 250, 500, 1000)
"""Units a second; beyond the last comes full speed."""
FULL = len(SPEEDS)
FIRST_SPEED = SPEEDS.index(2)
SLICE = 0.006
"""Seconds of training at a time: a key waits no longer than this."""
TURNS = 12
"""Turns of the event loop between two slices: a key passes about eleven of them on its way to the screen."""
RATE_SECONDS = 0.5


async def breathe() -> None:
    """Let the event loop do what has come up."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


def speed_text(view: View) -> str:
    """`2 ops/s` or `full speed`."""
    if view.speed >= FULL:
        return "full speed"
    plural = "phases" if view.unit == "phase" else f"{view.unit}s"
    return f"{SPEEDS[view.speed]:g} {plural}/s"


class Playback:
    """Plays a session at the view's speed until `stop`. `show` is called after every slice, to redraw what is due."""

    def __init__(self, session: Session, view: View, show: Callable[[], None]) -> None:
        self.session, self.view, self.show = session, view, show
        self.running = False

    async def play(self) -> None:
        """Play until stopped, or until the numbers are no longer finite."""
        self.running = True
        while self.running and self.session.not_finite_step is None:
            if self.view.speed >= FULL:
                await self.play_fully()
            else:
                await self.play_paced()
        self.running = self.view.playing = False

    def stop(self) -> None:
        self.running = False

    async def play_fully(self) -> None:
        """At full speed, as long as that is the speed."""
        self.view.playing = True
        timing, begin, steps = self.session.timing, perf_counter(), self.session.step
        while self.running and self.view.speed >= FULL and self.session.not_finite_step is None:
            self.session.play(SLICE)
            now = perf_counter()
            if now - begin > RATE_SECONDS or timing.steps_per_second is None:
                timing.steps_per_second = (self.session.step - steps) / max(now - begin, 1e-9)
                begin, steps = now, self.session.step
            self.show()
            await breathe()
        self.view.playing = False

    async def play_paced(self) -> None:
        """At so many units a second; what one frame cannot do in its slice is left out, so that keys are answered."""
        speed, unit = self.view.speed, self.view.unit
        due = perf_counter()
        while self.running and (speed, unit) == (self.view.speed, self.view.unit):
            deadline = perf_counter() + SLICE
            while due <= perf_counter() < deadline and self.session.not_finite_step is None:
                target = self.session.timeline.after(self.session.count, unit)
                while self.running and not self.session.approach(target, SLICE):
                    await breathe()
                due += 1 / SPEEDS[speed]
            if self.session.not_finite_step is not None:
                return
            due = max(due, perf_counter() - SLICE)
            self.show()
            await asyncio.sleep(max(0.0, min(due - perf_counter(), 1 / 60)))
