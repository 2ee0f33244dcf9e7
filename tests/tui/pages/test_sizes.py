"""Every page and every pane can be drawn in any room, however narrow or low, whatever is open in it."""

import asyncio

import pytest
from textual.pilot import Pilot

from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.lesson.help_screen import HelpScreen
from backprop_tui.tui.panes.pane import Pane
from backprop_tui.tui.training_screen import TrainingScreen

from ...share import share

WIDTHS = share((1, 5, 14, 60, 130), (*range(1, 15), 20, 30, 41, 60, 96, 130))
HEIGHTS = share((1, 3, 24), (1, 2, 3, 8, 24))
KEYS = {
    "g": ["", "enter", "down enter"],
    "d": ["", "tab", "down down"],
    "c": ["", "v", "v v", "space"],
    "b": ["", "enter", "a", "enter b b"],
    "s": [""],
    "C": ["", "c", "up c"],
    "t": ["", "v", "v down"],
    "p": ["", "plus enter"],
    "question_mark": share(["", "tab tab tab"], ["", "tab", "tab tab", "tab tab tab", "q"]),
}


def draw_in_any_room(app: BackpropApp) -> None:
    """Draw what is open at every width and height."""
    page = app.screen
    for width in WIDTHS:
        if isinstance(page, HelpScreen):
            page.head(width)
            page.lines(width)
        for pane in page.query(Pane):
            for height in HEIGHTS if isinstance(page, TrainingScreen) else HEIGHTS[:1] + HEIGHTS[-1:]:
                pane.draw(width, height)


async def finished(app: BackpropApp, pilot: Pilot[None]) -> None:
    """Until nothing is at work in the background."""
    for _ in range(200):
        await asyncio.sleep(0.01)
        if not len(app.workers):
            break
    await pilot.pause()


@pytest.mark.parametrize("ascii", share([False], [False, True]))
@pytest.mark.parametrize("key", KEYS)
async def test_a_page_can_be_drawn_in_any_room(key: str, ascii: bool) -> None:
    app = BackpropApp(AppRequest("batch-norm", ascii=ascii))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("4", "right", "right", "3", "right")
        for within in KEYS[key]:
            await pilot.press(key)
            await finished(app, pilot)
            await pilot.press(*within.split())
            await finished(app, pilot)
            draw_in_any_room(app)
            while not isinstance(app.screen, TrainingScreen):
                await pilot.press("escape")


@pytest.mark.parametrize("ascii", share([True], [False, True]))
@pytest.mark.parametrize("preset", share(["residual"], ["xor", "residual"]))
async def test_every_pane_can_be_drawn_in_any_room(preset: str, ascii: bool) -> None:
    app = BackpropApp(AppRequest(preset, ascii=ascii))
    async with app.run_test(size=(120, 36)) as pilot:
        panel = ("z e", "down down enter", "escape z")
        for keys in ("", "1 right", "4 right", "w v", "w v", "w v l", "v", "3 right i", "tab z", *panel):
            await pilot.press(*keys.split())
            draw_in_any_room(app)
