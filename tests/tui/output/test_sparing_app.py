"""The app in a terminal that is sent changed cells alone shows what Textual would draw as a whole."""

import gc
import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path

import pyte
import pytest
from rich.segment import Segment
from textual._compositor import LayoutUpdate
from textual._styles_cache import StylesCache
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.output import sparing_app
from backprop_tui.tui.output.cells import Cells, Clusters
from backprop_tui.tui.output.style_codes import StyleCodes
from backprop_tui.tui.running import pane_screen
from backprop_tui.tui.training_screen import TrainingScreen

from ...share import share

SIZES = ((120, 36), (80, 24), (61, 20), (200, 50), (34, 12))
KEYS = (
    *("right", "left", "up", "down", "enter", "escape", "tab", "space", "home", "pagedown", "pageup"),
    *"wmvLlgbzx12345+-?ih,.MO:e",
)


@pytest.fixture
def unpainted() -> None:
    """Each frame is painted."""


class Emulated:
    """A terminal in the driver's place, and how much it was sent."""

    def __init__(self, columns: int, rows: int) -> None:
        self.resize(columns, rows)
        self.sent: list[str] = []

    def resize(self, columns: int, rows: int) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.screen.reset_mode(7, private=True)
        self.stream = pyte.Stream(self.screen)

    def write(self, text: str) -> None:
        self.sent.append(text)
        self.stream.feed(text)

    def rows(self) -> list[list[tuple[object, ...]]]:
        screen = self.screen
        return [[tuple(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]


@contextmanager
def emulated(monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> Iterator[Emulated]:
    """A terminal that Textual's driver of tests writes to."""
    terminal = Emulated(*size)
    monkeypatch.setattr(HeadlessDriver, "is_headless", False)
    monkeypatch.setattr(HeadlessDriver, "write", lambda _, data: terminal.write(data))
    yield terminal
    monkeypatch.undo()


def bring_up_to_date(app: BackpropApp) -> None:
    """Have painted what Textual would paint by its clock, and send it."""
    # In a context of its own: it is noted there which screens are in view.
    copy_context().run(app.screen._on_timer_update)
    app.send()


def as_textual_draws(app: BackpropApp, size: tuple[int, int]) -> list[list[tuple[object, ...]]]:
    """The screen in view, drawn as a whole by Textual, with nothing that was kept of rows drawn before."""
    terminal = Emulated(*size)
    widgets = [widget for screen in app.screen_stack for widget in screen.walk_children(Widget, with_self=True)]
    kept = [widget._styles_cache for widget in widgets]
    for widget in widgets:
        widget._styles_cache = StylesCache()
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    for widget, cache in zip(widgets, kept, strict=True):
        widget._styles_cache = cache
    assert update is not None
    terminal.write(update.render_segments(app.console))  # type: ignore[union-attr]
    return terminal.rows()


@pytest.mark.parametrize("seed", range(share(1, 40)))
async def test_whatever_is_pressed_at_whatever_size(seed: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # What is exported lands here, not in the checkout.
    monkeypatch.chdir(tmp_path)
    chance = random.Random(seed)
    size = chance.choice(SIZES)
    with emulated(monkeypatch, size) as terminal:
        app = BackpropApp(AppRequest(chance.choice(("xor", "spiral", "circle")), fps=120, ascii=chance.random() < 0.2))
        async with app.run_test(size=size) as pilot:
            for _ in range(8):
                await pilot.press(*chance.choices(KEYS, k=chance.choice((1, 2, 5))))
                if chance.random() < 0.2:
                    size = chance.choice(SIZES)
                    terminal.resize(*size)
                    await pilot.resize_terminal(*size)
                if isinstance(app.screen, TrainingScreen):
                    app.screen.pause()
                await pilot.pause()
                bring_up_to_date(app)
                assert app.sparing
                assert terminal.rows() == as_textual_draws(app, size)


async def test_a_picture_that_textual_hands_over_otherwise_is_sent_by_textual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparing_app, "take_rows", lambda update, _: update.no_such_thing)
    with emulated(monkeypatch, (80, 24)) as terminal:
        app = BackpropApp(AppRequest("xor"))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("right")
            await pilot.pause()
            assert not app.sparing
            assert terminal.rows() == as_textual_draws(app, (80, 24))


async def test_over_a_line_a_pane_that_is_not_read_is_sent_when_it_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(pane_screen, "perf_counter", lambda: now[0])
    with emulated(monkeypatch, (120, 36)) as terminal:
        app = BackpropApp(AppRequest("circle", fps=10))
        async with app.run_test(size=(120, 36)) as pilot:
            screen = app.screen
            assert isinstance(screen, TrainingScreen)
            await pilot.press("4", "right")
            await pilot.pause()
            bring_up_to_date(app)
            drawn = list(screen.pane("data").lines)
            now[0] += 0.1
            await pilot.press("right")
            await pilot.pause()
            bring_up_to_date(app)
            assert "data" in screen.behind
            assert "chain-rule" not in screen.behind
            assert screen.pane("data").lines == drawn
            now[0] += screen.frugality.STILL
            screen.show_rested()
            await pilot.pause()
            bring_up_to_date(app)
            assert not screen.behind
            assert screen.pane("data").lines != drawn
            assert terminal.rows() == as_textual_draws(app, (120, 36))


async def test_near_by_every_pane_shows_every_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    with emulated(monkeypatch, (120, 36)):
        app = BackpropApp(AppRequest("circle", fps=15))
        async with app.run_test(size=(120, 36)) as pilot:
            screen = app.screen
            assert isinstance(screen, TrainingScreen)
            for _ in range(3):
                await pilot.press("4", "right")
                assert not screen.behind
                assert f"after step {screen.session.step}" in "".join(line.text for line in screen.pane("data").lines)


async def test_pictures_are_no_more_than_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(sparing_app, "perf_counter", lambda: now[0])
    with emulated(monkeypatch, (80, 24)) as terminal:
        app = BackpropApp(AppRequest("xor", fps=1))
        async with app.run_test(size=(80, 24)) as pilot:
            screen = app.screen
            assert isinstance(screen, TrainingScreen)
            await pilot.pause()
            now[0] += 10
            app.send()
            before = len(terminal.sent)
            for _ in range(5):
                now[0] += 0.1
                screen.session.forward("step")
                screen.show_all()
                await pilot.pause()
            assert len(terminal.sent) == before
            now[0] += 0.6
            app.send_when_due()
            assert len(terminal.sent) == before + 1
            assert terminal.rows() == as_textual_draws(app, (80, 24))


async def test_a_terminal_that_was_resized_is_sent_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    with emulated(monkeypatch, (80, 24)) as terminal:
        app = BackpropApp(AppRequest("xor", fps=120))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            terminal.resize(80, 24)
            app.forget_shown()
            app.send()
            assert terminal.rows() == as_textual_draws(app, (80, 24))


def test_a_row_that_was_taken_goes_without_the_collector() -> None:
    wanted = Cells(2, 1, StyleCodes(None), Clusters())

    def take_a_row() -> None:
        row = Strip([Segment("ab")], 2)
        update = LayoutUpdate([row.divide([2])], Region(0, 0, 2, 1))
        sparing_app.take_rows(update, wanted)

    gc.collect()
    take_a_row()
    assert gc.collect() == 0
    assert wanted.row(0) == "ab"
