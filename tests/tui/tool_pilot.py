"""Running a tool screen over the training screen without a terminal, and reading what it shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from textual.widgets import Input

from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.pages.tool_screen import Page, ToolScreen
from backprop_tui.tui.training_screen import TrainingScreen

from .run_pilot import AppPilot, until

__all__ = ["AppPilot", "opened", "text_of", "type_in", "until", "window"]

Shown = TypeVar("Shown", bound=ToolScreen)


@asynccontextmanager
async def opened(
    kind: type[Shown], session: Session, size: tuple[int, int] = (80, 24), *, ascii: bool = False
) -> AsyncIterator[tuple[AppPilot, Shown]]:
    """The app on a session with a tool screen open."""
    app = BackpropApp(AppRequest(ascii=ascii), session)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, TrainingScreen)
        screen = kind(app.screen)
        app.push_screen(screen)
        await pilot.pause()
        yield pilot, screen


async def type_in(pilot: AppPilot, text: str) -> None:
    """Answer a question, in place of what it proposes."""
    await pilot.pause()
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await pilot.pause()


def text_of(screen: ToolScreen) -> str:
    """Every line of the page, also those beyond its lower edge."""
    return "\n".join(strip.text.rstrip() for strip in screen.lines(screen.query_one(Page).content_size.width))


def window(screen: ToolScreen) -> list[str]:
    """The lines that are in view."""
    page = screen.query_one(Page)
    page.update()
    return [strip.text.rstrip() for strip in page.lines]
