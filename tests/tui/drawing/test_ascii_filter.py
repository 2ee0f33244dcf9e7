"""Under --ascii no cell of the screen has anything else, whoever drew it, and every cell stays where it was."""

import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.pilot import Pilot
from textual.widgets import Input

from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.drawing.ascii_filter import FRAMES, AsciiFilter, plain_cells
from backprop_tui.tui.running.arrangement import LESSON
from backprop_tui.tui.training_screen import TrainingScreen

from ...share import share
from ..run_pilot import until

AppPilot = Pilot[None]
FRAMES_SEEN = share(3, 10)
"""What is looked at after a key: pages fill themselves, and close, over some frames."""
PAGES = ("g", "d", "c", "b", "s", "t", "p", "x", "o", "i", "question_mark")


@given(st.text())
def test_any_text_becomes_as_many_cells_of_ascii(text: str) -> None:
    plain = plain_cells(text)
    assert plain.isascii()
    assert cell_len(plain) == cell_len(text)


def test_every_character_of_the_first_planes_does() -> None:
    for code in range(0x80, 0x20000):
        character = chr(code)
        if unicodedata.category(character) not in ("Cs", "Cn"):
            plain = plain_cells(character)
            assert plain.isascii(), hex(code)
            assert cell_len(plain) == cell_len(character), hex(code)


def test_no_character_has_two_readings() -> None:
    read = "".join(FRAMES.values())
    assert len(set(read)) == len(read)


def test_styles_and_control_codes_stay() -> None:
    style, control = Style(color="red"), Segment("\x1b[?25l", None, [(1,)])  # type: ignore[list-item]
    found = AsciiFilter().apply([Segment("▁é🔎", style), control, Segment("a", style)], Color(0, 0, 0))
    assert found == [Segment("_e> ", style), control, Segment("a", style)]


@asynccontextmanager
async def ascii_app(preset: str | None) -> AsyncIterator[tuple[AppPilot, BackpropApp]]:
    app = BackpropApp(AppRequest(preset, ascii=True))
    async with app.run_test(size=(100, 30), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        yield pilot, app


def drawn(app: BackpropApp) -> str:
    """Every cell of the terminal."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def shows_ascii(pilot: AppPilot, app: BackpropApp) -> str:
    for _ in range(FRAMES_SEEN):
        await pilot.pause()
        text = drawn(app)
        assert text.isascii(), {character for character in text if not character.isascii()}
    return text


async def test_the_palette() -> None:
    found = {
        "": "Breakpoints",
        "qqqq": "No matches found",
        "statistics": "Statistics",
        "→é🔎": "No matches found",
        "theme": "Change the current theme",
    }
    async with ascii_app("xor") as (pilot, app):
        await pilot.press("ctrl+p")
        for typed, wanted in found.items():
            app.screen.query_one(Input).value = typed
            # Textual takes its time before it says that nothing was found.
            await until(lambda wanted=wanted: wanted in drawn(app))  # type: ignore[misc]
            assert wanted in await shows_ascii(pilot, app), typed


async def test_themes_notices_and_the_panel_of_keys() -> None:
    async with ascii_app("spiral") as (pilot, app):
        app.search_themes()
        await until(lambda: "nord" in drawn(app))
        assert "nord" in await shows_ascii(pilot, app)
        await pilot.press("escape")
        for severity in ("information", "warning", "error"):
            app.notify("written: …/é → ✓", title="„done“ ⚠", severity=severity)  # type: ignore[arg-type]
        assert "written: " in await shows_ascii(pilot, app)
        app.action_show_help_panel()
        assert "quit" in await shows_ascii(pilot, app)


@pytest.mark.parametrize("size", share([(60, 14)], [(100, 30), (60, 14), (30, 8)]))
async def test_every_page(size: tuple[int, int]) -> None:
    async with ascii_app("vanishing") as (pilot, app):
        screen = app.screen
        assert isinstance(screen, TrainingScreen)
        await pilot.resize_terminal(*size)
        for key in PAGES:
            await pilot.press("right", key)
            assert app.screen is not screen or LESSON in screen.panes, key
            await shows_ascii(pilot, app)
            await pilot.press("down", "pagedown", "tab")
            await shows_ascii(pilot, app)
            await pilot.press("escape")
            await until(lambda: app.screen is screen)
            assert LESSON not in screen.panes, key
