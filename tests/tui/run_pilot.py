"""The app without a terminal: waiting for something to come about, and reading what the screen of a run shows."""

import asyncio
from collections.abc import Callable

from textual.pilot import Pilot

from backprop_tui.tui.drawing.strips import text_of
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.training_screen import TrainingScreen

AppPilot = Pilot[None]


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something to come about."""
    for _ in range(3000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come about within 30 seconds")


def screen_of(pilot: AppPilot) -> TrainingScreen:
    """The training screen, which is in view."""
    assert isinstance(pilot.app.screen, TrainingScreen)
    return pilot.app.screen


def text(pilot: AppPilot, name: str) -> str:
    """What a pane or a line of the screen in view shows."""
    return "\n".join(text_of(strip).rstrip() for strip in pilot.app.screen.query_one(f"#{name}", Drawn).lines)
