"""The page of what can be taken out of a run: its list, files, the clipboard, and what is said of each."""

from pathlib import Path

import pytest
from textual.widgets import Input

from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.command_line.own_words import url_argument
from backprop_tui.tui.pages.share import ShareScreen, for_clipboard
from backprop_tui.tui.running import clipboard
from backprop_tui.tui.running.shares import SHARES
from backprop_tui.tui.training_screen import TrainingScreen

from ..tool_pilot import AppPilot, opened, text_of, type_in, window

IDS = [share.id for share in SHARES]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def session_of(name: str, steps: int = 0) -> Session:
    session = Session(*load(name))
    session.advance(session.timeline.finish_of(steps))
    return session


def words_of(page: ShareScreen) -> str:
    """All that it says, without the lines' ends."""
    return " ".join(text_of(page).split())


async def choose(pilot: AppPilot, page: ShareScreen, id: str) -> None:
    page.chosen = IDS.index(id)
    page.update()
    await pilot.pause()


async def test_it_lists_everything_and_says_why_something_cannot_be() -> None:
    async with opened(ShareScreen, session_of("xor"), (120, 36)) as (pilot, page):
        text = text_of(page)
        assert all(share.title in text for share in SHARES)
        assert "not of this run" in text
        assert "TensorFlow Playground cannot have it" not in text
        await choose(pilot, page, "url")
        assert "TensorFlow Playground cannot have it: data of the kind inline" in words_of(page)
        assert ("enter", "to a file") not in page.hints()
        await pilot.press("enter", "c")
        assert pilot.app.screen is page
        assert page.message.startswith("TensorFlow Playground cannot have it")
        assert pilot.app.clipboard == ""


async def test_enter_writes_a_file_and_never_over_one() -> None:
    session = session_of("xor", 3)
    async with opened(ShareScreen, session) as (pilot, page):
        for id, name in (("preset", "xor-as-it-is.toml"), ("weights", "xor-3-steps.npz"), ("solution", "mine.tex")):
            await choose(pilot, page, id)
            await pilot.press("enter")
            assert pilot.app.screen.query_one(Input).value.startswith("xor-")
            await type_in(pilot, name)
            assert pilot.app.screen is page
            assert page.message == f"written: {Path.cwd() / name}"
            assert Path(name).stat().st_size > 100
        await pilot.press("enter")
        await type_in(pilot, "mine.tex")
        assert page.message == "mine.tex is there already; choose another name"
        assert page.message in " ".join(window(page))
        await pilot.press("enter", "escape")
        assert pilot.app.screen is page
        await pilot.press("C")
        assert isinstance(pilot.app.screen, TrainingScreen)


async def test_c_sends_to_the_clipboard_what_a_file_would_hold() -> None:
    session = session_of(url_argument("dataset=gauss&networkShape=2&seed=3"), 5).branch("W1[2,1]", 0.5)
    async with opened(ShareScreen, session) as (pilot, page):
        for share in SHARES:
            await choose(pilot, page, share.id)
            before = pilot.app.clipboard
            await pilot.press("c")
            if share.text is None:
                assert "to a file alone" in page.message
                assert pilot.app.clipboard == before
            else:
                text, untold = share.text(page.training)
                assert pilot.app.clipboard == for_clipboard(text)
                assert page.message.startswith(f"{share.title}: sent to the terminal's clipboard")
                assert page.message.endswith(share.lacks(untold))
        assert for_clipboard("one\n") == "one"
        assert for_clipboard("one\ntwo\n") == "one\ntwo\n"


async def test_what_is_too_large_for_a_clipboard_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(ShareScreen, session_of("xor", 2)) as (pilot, page):
        await choose(pilot, page, "solution")
        monkeypatch.setattr(clipboard, "USUAL", 100)
        await pilot.press("c")
        assert "bytes, and some terminals take no more than 100" in page.message
        monkeypatch.setattr(clipboard, "MOST", 200)
        await choose(pilot, page, "program")
        before = pilot.app.clipboard
        await pilot.press("c")
        assert "too many for a terminal's clipboard, which takes 200 at the most; enter writes a file" in page.message
        assert pilot.app.clipboard == before


async def test_moving_through_time_shows_what_there_is_there() -> None:
    session = session_of("xor", 3).branch("optimizer.learning_rate", 0.9)
    async with opened(ShareScreen, session) as (pilot, page):
        page.view.unit = "step"
        await choose(pilot, page, "preset")
        assert "optimizer.learning_rate = 0.9 came after step 3, and holds from the start here" in words_of(page)
        assert words_of(page).count("1 thing is not in it") == 3
        await pilot.press("left")
        assert "After step 2" in words_of(page)
        assert "not in it" not in words_of(page)
        page.view.unit = "op"
        await pilot.press("right")
        assert "In step 3 of" in words_of(page)


@pytest.mark.parametrize("ascii", [False, True])
async def test_it_can_be_drawn_in_any_room(ascii: bool) -> None:
    session = session_of("xor", 3).branch("optimizer.learning_rate", 0.9)
    async with opened(ShareScreen, session, (60, 12), ascii=ascii) as (pilot, page):
        for id in IDS:
            await choose(pilot, page, id)
            for width in (1, 24, 60, 89, 90, 200):
                assert all(strip.cell_length <= max(width, 1) for strip in page.lines(width))
                for height in (1, 3, 12):
                    page.sheet.draw(width, height)
            shown = " ".join(window(page))
            assert SHARES[IDS.index(id)].title in shown
            assert not ascii or shown.isascii()
