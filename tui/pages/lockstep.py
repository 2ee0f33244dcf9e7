"""A page whose runs move together: through time, playing, and to where they should be, in slices between keys."""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from backprop_tui.core.compare.comparison import Comparison
from backprop_tui.core.session.timeline import UNITS, Unit
from backprop_tui.tui.panes.breath import breathe
from backprop_tui.tui.running.pace import Pace
from backprop_tui.tui.running.playback import FULL, SPEEDS
from backprop_tui.tui.running.run_screen import PATIENCE, RunScreen

from .tool_screen import ToolScreen

SLICE = 0.01
"""Seconds of training at a time."""
FRAME = 0.2
"""Seconds between two drawings while it trains."""


class LockstepScreen(ToolScreen):
    """A page about a comparison: `playing`, or `travelling` to the comparison's target, or standing.

    `pace` is that of the speed at which it plays, or has played, None of full speed.
    `told` is the count of the run in view that the screen below has been told of.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "play", "play or pause all runs"),
        Binding("home", "go(0)", "to the start", show=False),
        Binding("end", "end", "to the furthest step of any run", show=False),
        Binding("plus,equals_sign", "faster(1)", "play faster", show=False),
        Binding("minus", "faster(-1)", "play slower", show=False),
        *(Binding(str(i), f"unit('{unit}')", f"unit: {unit}", show=False) for i, unit in enumerate(UNITS, 1)),
    ]

    def __init__(self, training: RunScreen, comparison: Comparison, notice: str) -> None:
        super().__init__(training)
        training.pause()
        self.comparison, self.notice = comparison, notice
        self.playing = False
        self.travelling = False
        self.pace: Pace | None = None
        self.drawn_at = 0.0
        self.told = self.session.count

    def on_mount(self) -> None:
        self.bring()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Runs that are not to be played are not played together either."""
        if action in ("play", "faster") and "play" in self.training.hide:
            return False
        return super().check_action(action, parameters)

    def bring(self) -> None:
        """All runs to the target; at once if that is quick, else in the background."""
        if self.comparison.approach(PATIENCE):
            self.arrived()
        else:
            self.travel()

    def travel(self) -> None:
        """Go there in slices; it is on its way from now on, so that a key before the first one finds it so."""
        self.travelling = True
        self.travel_on()

    @work(exclusive=True, group="lockstep")
    async def travel_on(self) -> None:
        while not self.comparison.approach(SLICE):
            self.update_now_and_then()
            await breathe()
        self.arrived()

    def play(self) -> None:
        """Train all runs at the view's speed until stopped; they play from now on, so that a second key finds it so."""
        self.playing, self.pace = True, None
        self.update()
        self.play_on()

    @work(exclusive=True, group="lockstep")
    async def play_on(self) -> None:
        while self.playing and not self.comparison.over:
            pace = self.paced()
            if pace is None:
                self.comparison.advance(SLICE)
            elif perf_counter() >= pace.due:
                self.comparison.move(self.view.unit, 1)
                pace.passes()
            while not self.comparison.approach(SLICE):
                self.update_now_and_then()
                await breathe()
            self.update_now_and_then()
            await breathe()
            if pace is not None:
                pace.look(perf_counter())
                await asyncio.sleep(max(0.0, min(pace.due - perf_counter(), PATIENCE)))
        self.arrived()

    def paced(self) -> Pace | None:
        """The pace of the view's speed and unit, kept as long as these stay; None at full speed."""
        view = self.view
        if view.speed >= FULL:
            self.pace = None
        elif self.pace is None or (self.pace.speed, self.pace.unit) != (SPEEDS[view.speed], view.unit):
            self.pace = Pace(SPEEDS[view.speed], view.unit, perf_counter())
        return self.pace

    def update_now_and_then(self) -> None:
        now = perf_counter()
        if now - self.drawn_at >= FRAME:
            self.drawn_at = now
            self.update()

    def arrived(self) -> None:
        """Show where all are, here and in the screen below."""
        self.playing = self.travelling = False
        if self.session.count != self.told:
            self.told = self.session.count
            self.training.go(self.told)
        self.update()

    def stop(self) -> bool:
        """End playing or a journey, and stay where the runs are; whether there was anything to end."""
        moving = self.playing or self.travelling
        self.workers.cancel_group(self, "lockstep")
        if self.playing:
            # Full speed may have left some of them a few steps behind the others.
            self.playing = False
            self.bring()
        elif self.travelling:
            self.arrived()
        return moving

    def action_play(self) -> None:
        self.notice = ""
        if not self.stop():
            self.play()

    def move(self, change: Callable[[], None]) -> None:
        """Make another position the target, and go there."""
        self.notice = ""
        self.workers.cancel_group(self, "lockstep")
        self.playing = self.travelling = False
        change()
        self.bring()

    def action_through_time(self, places: int) -> None:
        self.move(lambda: self.comparison.move(self.view.unit, places))

    def action_go(self, count: int) -> None:
        self.move(lambda: self.comparison.go(count))

    def action_end(self) -> None:
        self.action_go(self.session.timeline.finish_of(self.comparison.furthest))

    def action_unit(self, unit: Unit) -> None:
        self.view.unit = unit
        self.update()

    def action_faster(self, places: int) -> None:
        self.view.speed = max(0, min(FULL, self.view.speed + places))
        self.update()

    def action_close(self) -> None:
        if not self.stop():
            self.dismiss(None)
