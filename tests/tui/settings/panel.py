"""The app with its settings open beside the panes, and what they show."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.widgets import Input

from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.settings.control import Control
from backprop_tui.tui.settings.pane import SettingsPane
from backprop_tui.tui.training_screen import TrainingScreen

from ..run_pilot import AppPilot, screen_of

ROOMY = (120, 36)


@asynccontextmanager
async def opened(
    session: Session, size: tuple[int, int] = ROOMY, *, ascii: bool = False
) -> AsyncIterator[tuple[AppPilot, TrainingScreen, SettingsPane]]:
    """The app on a session, with the settings open and focused."""
    app = BackpropApp(AppRequest(ascii=ascii), session)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("e")
        await pilot.pause()
        screen = screen_of(pilot)
        yield pilot, screen, screen.query_one(SettingsPane)


def choose(pane: SettingsPane, name: str) -> Control:
    """Put the cursor on a control."""
    place = [control.name for control in pane.controls()].index(name)
    pane.select(place)
    return pane.listed[place]


def shown(pane: SettingsPane) -> list[str]:
    """The lines that are in view."""
    pane.update()
    return [strip.text.rstrip() for strip in pane.lines]


def whole(pane: SettingsPane) -> str:
    """Every line of the controls and the runs, also those out of sight, in one line."""
    pane.update()
    return " ".join(" ".join(strip.text for strip in [*pane.page.head, *pane.page.rows]).split())


def foot(pane: SettingsPane) -> str:
    """What stands under the controls, in one line."""
    lines = shown(pane)
    return " ".join(" ".join(lines[-4 if len(lines) >= 16 else -2 :]).split())


async def type_in(pilot: AppPilot, text: str) -> None:
    """Type a value in place of the one that is there."""
    await pilot.pause()
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await pilot.pause()
