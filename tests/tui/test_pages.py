"""Pages and their keys, typed faster than they open and close: held, twice, mixed, and with clicks that miss."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual import events
from textual.events import Key, MouseDown, MouseMove, MouseScrollDown, MouseUp
from textual.geometry import Size
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.widgets import OptionList

from backprop_tui.tui import app as app_module
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.lesson.help_screen import HelpScreen
from backprop_tui.tui.pages.palette import Palette
from backprop_tui.tui.panes.own_screen import OwnScreen
from backprop_tui.tui.training_screen import TrainingScreen

from ..share import share
from .tool_pilot import until

AppPilot = Pilot[None]
OPENING = ("e", "g", "d", "c", "b", "s", "t", "p", "x", "C", "o", "i", "v", "colon", "question_mark", "ctrl+p")
PATTERNS = ("kk", "ke", "kke", "keke", "kkkkkkkkk", "ek", "krk", "knknn")
"""What is typed in one read: the page's key, escape, right, enter."""
FRAME = 0.02
CLOSED_BY_OWN_KEY = ("e", "g", "d", "b", "s", "t", "p", "C", "question_mark", "ctrl+p", "i")


@asynccontextmanager
async def running(preset: str | None = "xor") -> AsyncIterator[tuple[AppPilot, BackpropApp]]:
    app = BackpropApp(AppRequest(preset))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        yield pilot, app


def training(app: BackpropApp) -> TrainingScreen:
    screen = app.screen
    assert isinstance(screen, TrainingScreen)
    return screen


def at_once(app: BackpropApp, *keys: str) -> None:
    """Keys as they come out of one read of the terminal: none of them waits for what the one before does."""
    for key in keys:
        character = {"space": " ", "colon": ":", "question_mark": "?"}.get(key, key if len(key) == 1 else None)
        app.post_message(Key(key if len(key) > 1 else _character_to_key(key), character))


def idle(app: BackpropApp) -> bool:
    """Whether nothing waits to be answered: no message, no callback, no key for a page that is being opened."""
    if not all(screen.there.is_set() for screen in app.screen_stack if isinstance(screen, OwnScreen)):
        return False
    widgets = (widget for screen in app.screen_stack for widget in screen.walk_children(with_self=True))
    return not any(pump.message_queue_size or pump._next_callbacks for pump in (app, *widgets))


async def quiet(app: BackpropApp) -> None:
    """Until everything that was sent has been answered, and nothing follows within three frames."""
    frames = 0
    for _ in range(1500):
        await asyncio.sleep(FRAME)
        frames = frames + 1 if idle(app) else 0
        if frames == 3:
            return
    raise AssertionError("it did not come to rest within 30 seconds")


async def answers(pilot: AppPilot, app: BackpropApp) -> None:
    """Leave what is open with escape; then the run answers keys."""
    for _ in range(6):
        if isinstance(app.screen, TrainingScreen):
            break
        before = app.screen
        await pilot.press("escape")
        await quiet(app)
        assert app.screen is not before or len(app.screen_stack) > 1
    screen = training(app)
    assert len(app.screen_stack) == 2
    await pilot.press("home", "1", "right")
    await until(lambda: screen.session.count == 2)


# Keys that come faster than pages


@pytest.mark.parametrize("number", range(len(PATTERNS)))
async def test_the_key_of_a_page_twice_or_held_or_with_escape_in_one_read(number: int) -> None:
    """By default one or two keys for each pattern, other ones for the next, so that each key comes too."""
    for_each = share(8, 1)
    async with running() as (pilot, app):
        for key in OPENING[number % for_each :: for_each]:
            typed = {"k": key, "e": "escape", "r": "right", "n": "enter"}
            at_once(app, *(typed[letter] for letter in PATTERNS[number]))
            await quiet(app)
            await answers(pilot, app)


@pytest.mark.parametrize("preset", ["by-hand", "digits"])
async def test_help_held(preset: str) -> None:
    async with running(preset) as (pilot, app):
        for keys in (["question_mark"] * 2, ["question_mark", "escape"] * 3, ["question_mark"] * 15):
            for key in keys:
                at_once(app, key)
                await asyncio.sleep(0.01)
            await quiet(app)
            await answers(pilot, app)


@pytest.mark.parametrize("seed", range(share(3, 60)))
async def test_keys_of_pages_mixed(seed: int) -> None:
    chance = random.Random(f"pages {seed}")
    async with running() as (_pilot, app):
        for _ in range(6):
            at_once(app, *chance.choices([*OPENING, "escape", "enter", "3", "tab", "down", "pagedown"], k=10))
            await asyncio.sleep(chance.choice((0, 0.01, 0.1)))
        await quiet(app)
        for _ in range(8):
            at_once(app, "escape")
            await quiet(app)
        assert app.return_code is None


async def test_the_own_key_of_a_page_closes_it_again() -> None:
    async with running() as (pilot, app):
        screen = training(app)
        panes = screen.panes
        for key in CLOSED_BY_OWN_KEY:
            for _ in range(2):
                await pilot.press(key)
                assert app.screen is not screen or screen.panes != panes, key
                await pilot.press(key)
                await until(lambda: app.screen is screen and screen.panes == panes)
            await answers(pilot, app)


async def test_what_is_typed_while_a_run_is_being_opened_is_answered() -> None:
    app = BackpropApp(AppRequest("xor"))
    async with app.run_test(size=(120, 36)) as pilot:
        at_once(app, "w", "v", "l", "tab", "z", "z", "e", "e", "1", "right")
        await until(lambda: isinstance(app.screen, TrainingScreen) and app.screen.session.count == 2)
        await answers(pilot, app)


async def test_what_is_typed_after_o_filters_the_gallery() -> None:
    async with running("xor") as (pilot, app):
        first = training(app)
        at_once(app, "o", *"first-s", "enter")
        await until(lambda: isinstance(app.screen, TrainingScreen) and app.screen is not first)
        assert training(app).session.preset.id == "first-steps"
        await answers(pilot, app)


# Left once


@pytest.mark.parametrize("keys", [["colon", "3", "enter", "enter"], ["colon", "3", "enter", "enter", "escape"]])
async def test_an_answer_entered_twice_is_taken_once(keys: list[str]) -> None:
    async with running() as (pilot, app):
        screen = training(app)
        at_once(app, *keys)
        await until(lambda: screen.session.step == 3)
        await quiet(app)
        assert app.screen is screen
        await answers(pilot, app)


async def test_a_file_entered_twice_is_written_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with running() as (pilot, app):
        screen = training(app)
        at_once(app, "x", "enter", "enter", "enter")
        await until(lambda: bool(screen.notice))
        assert screen.notice.startswith("written: ")
        await quiet(app)
        assert len(list(tmp_path.iterdir())) == 1
        assert screen.notice.startswith("written: ")
        await answers(pilot, app)


async def test_a_command_entered_twice_is_run_once() -> None:
    async with running() as (pilot, app):
        await pilot.press("ctrl+p", *"statistics")
        await until(lambda: app.screen.query_one(OptionList).option_count == 1)
        at_once(app, "enter", "enter", "enter")
        await until(lambda: not isinstance(app.screen, (Palette, TrainingScreen)))
        await quiet(app)
        assert len(app.screen_stack) == 3
        await answers(pilot, app)


def clicks(app: BackpropApp, at: tuple[int, int], times: int) -> None:
    """Clicks that come out of one read."""
    x, y = at
    for _ in range(times):
        for kind in (MouseDown, MouseUp):
            app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))


async def test_a_double_click_in_a_list_chooses_once() -> None:
    async with running() as (pilot, app):
        for times in share((2, 8), (2, 3, 8)):
            before = training(app)
            await pilot.press("o")
            options = app.screen.query_one(OptionList)
            await until(lambda options=options: options.region.height > 0)  # type: ignore[misc]
            clicks(app, (options.region.x + 20, options.region.y + 1), times)
            await until(lambda before=before: isinstance(app.screen, TrainingScreen) and app.screen is not before)  # type: ignore[misc]
            await quiet(app)
            await answers(pilot, app)


async def test_a_double_click_in_the_palette_runs_one_command() -> None:
    async with running() as (pilot, app):
        for times in (2, 3, 8):
            await pilot.press("ctrl+p", *"statistics")
            options = app.screen.query_one(OptionList)
            await until(lambda options=options: options.option_count == 1 and options.region.height > 1)  # type: ignore[misc]
            clicks(app, (options.region.x + 4, options.region.y + 1), times)
            await until(lambda: not isinstance(app.screen, (Palette, TrainingScreen)))
            await quiet(app)
            assert len(app.screen_stack) == 3
            await answers(pilot, app)


async def test_a_screen_that_is_not_in_view_cannot_be_dismissed() -> None:
    async with running() as (pilot, app):
        await pilot.press("b")
        page = app.screen
        await pilot.press("question_mark")
        for _ in range(3):
            page.dismiss(None)
        assert isinstance(app.screen, HelpScreen)
        app.screen.dismiss(None)
        app.screen.dismiss(None)
        page.dismiss(None)
        assert isinstance(app.screen, TrainingScreen)
        await answers(pilot, app)


# The palette


@pytest.mark.parametrize("keys", [("pagedown", "pageup", "ctrl+end", "ctrl+home", "down", "up"), ("enter",)])
async def test_the_palette_takes_every_key_at_every_moment(keys: tuple[str, ...]) -> None:
    async with running() as (pilot, app):
        for key in keys:
            at_once(app, "ctrl+p", key, key)
            await quiet(app)
            assert isinstance(app.screen, Palette) or key == "enter"
            if isinstance(app.screen, Palette):
                for typed in ("q", "qq", "zzzz"):
                    at_once(app, key, *typed, key, "backspace", key)
                    await asyncio.sleep(0.02)
                    pilot.app.post_message(events.Resize(*[app.size] * 2))
                    at_once(app, key, key)
            await quiet(app)
            if app.return_code is None:
                await answers(pilot, app)


# The mouse beside the screen


OUTSIDE = [(120, 5), (5, 36), (500, 500), (-1, 3), (3, -1), (10**9, 10**9)]


async def test_a_mouse_report_beside_the_screen_leaves_the_focus() -> None:
    async with running() as (pilot, app):
        for key in (None, "b", "x", "colon", "question_mark", "p", "o", "ctrl+p"):
            if key is not None:
                before = app.screen
                await pilot.press(key)
                await until(lambda before=before: app.screen is not before and app.screen.focused is not None)  # type: ignore[misc]
            focused = app.screen.focused
            assert focused is not None
            for x, y in OUTSIDE:
                for kind in (MouseMove, MouseDown, MouseUp, MouseScrollDown, MouseUp):
                    app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))
            await quiet(app)
            assert app.screen.focused is focused, key
            assert focused.has_focus, key
            await answers(pilot, app)


@pytest.mark.parametrize("keys", [[], ["b"], ["question_mark"], ["b", "enter"], ["o"], ["e", "ctrl+p"]])
async def test_sizes_that_follow_each_other_fast_come_to_rest(keys: list[str]) -> None:
    async with running() as (pilot, app):
        await pilot.press(*keys)
        screens = app.screen_stack[1:]
        sizes = [Size(100, 30), Size(90, 25)] * 3
        for size in sizes:
            for screen in screens:
                screen.post_message(events.Resize(size, size))
                screen.call_later(lambda: None)
        app.post_message(events.Resize(sizes[-1], sizes[-1]))
        for screen in screens:
            # In order behind the sizes, and again behind those that follow from them.
            for _ in range(3):
                reached = asyncio.Event()
                screen.call_later(reached.set)
                await until(reached.is_set)
        seen: list[Size] = []

        def watch(screen: OwnScreen[object]) -> None:
            answer = screen.on_event

            async def on_event(event: events.Event) -> None:
                if isinstance(event, events.Resize):
                    seen.append(event.size)
                await answer(event)

            screen.on_event = on_event  # type: ignore[method-assign]

        for screen in screens:
            assert isinstance(screen, OwnScreen)
            watch(screen)
        await quiet(app)
        assert not seen
        assert {screen.size for screen in screens} == {sizes[-1]}


async def test_a_button_that_is_let_go_beside_the_screen_ends_what_was_being_selected() -> None:
    async with running() as (pilot, app):
        await pilot.press("question_mark")
        for kind, x, y in ((MouseDown, 20, 10), (MouseMove, 40, 12), (MouseUp, 300, 12), (MouseMove, 60, 14)):
            app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))
        await quiet(app)
        assert not app.screen.selections
        await answers(pilot, app)


async def test_a_key_never_waits_for_a_focus_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (pilot, app):
        monkeypatch.setattr(app_module, "LONGEST_OPENING", 10**6)
        for key in ("b", "x", "question_mark", "o"):
            await pilot.press(key)
            await until(lambda: app.screen.focused is not None and app.screen.focused.has_focus)
            page = app.screen
            assert not isinstance(page, TrainingScreen)
            page.set_focus(None)
            await quiet(app)
            at_once(app, "escape")
            await until(lambda page=page: app.screen is not page)  # type: ignore[misc]
            await answers(pilot, app)


async def test_a_terminal_that_has_lost_the_focus_answers_the_next_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (pilot, app):
        await pilot.press("b")
        monkeypatch.setattr(app_module, "LONGEST_OPENING", 10**6)
        app.post_message(events.AppBlur())
        await quiet(app)
        at_once(app, "b")
        await until(lambda: isinstance(app.screen, TrainingScreen))


async def test_the_gallery_alone_answers_keys_that_come_at_once() -> None:
    async with running(None) as (pilot, app):
        at_once(app, "question_mark", "question_mark", "question_mark", "escape", *"xor", "enter", "enter", "enter")
        await until(lambda: isinstance(app.screen, TrainingScreen))
        await quiet(app)
        await answers(pilot, app)


async def test_a_click_on_what_has_just_gone_is_none() -> None:
    async with running() as (pilot, app):
        for turns in range(share(12, 40)):
            app.action_show_help_panel()
            await until(
                lambda: bool(app.screen.query("HelpPanel")) and app.screen.query_one("HelpPanel").size.width > 4
            )
            region = app.screen.query_one("HelpPanel").region
            app.action_hide_help_panel()
            for _ in range(turns):
                await asyncio.sleep(0)
            for y in range(region.y, region.bottom, 3):
                # Never twice at one place: that would be a double click, which makes the pane below it the only one.
                clicks(app, (region.x + 1 + turns % (region.width - 2), y), 1)
            await until(lambda: not app.screen.query("HelpPanel"))
        # Some clicks meet what stands below, where they move the run as well.
        await quiet(app)
        await answers(pilot, app)
