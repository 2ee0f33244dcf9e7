"""A table that is walked through: what is opened, which keys are pressed, and what stands on the screen then."""

import asyncio
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest
from textual.keys import _character_to_key
from textual.pilot import Pilot

from backprop_tui.tui import app as app_module
from backprop_tui.tui import cli
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.pages.lockstep import LockstepScreen
from backprop_tui.tui.panes.own_screen import OwnScreen
from backprop_tui.tui.running.run_screen import RunScreen

ARROWS = {"→": "right", "←": "left", "↑": "up", "↓": "down"}
HEADINGS = ["row", "the article says", "open", "keys", "then the screen says"]
QUIET = 3
"""Turns in a row in which nothing was on its way, after which a screen is at rest."""
TURN = 0.01
PATIENCE = 6000
"""Turns that something has to come about, or to come to rest."""


@dataclass(frozen=True)
class Row:
    """One row of a table: its cells without their backticks; `expected` are the code spans of the last."""

    id: str
    says: str
    open: str
    keys: str
    expected: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        return shlex.split(self.open)


def rows(page: str) -> Iterator[Row]:
    """Every row of the tables of a page; raises ValueError for one that cannot be read."""
    for line in page.splitlines():
        if not line.startswith("|"):
            continue
        cells = [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]
        if cells != HEADINGS and not set(line) <= set("|- "):
            yield row_of(cells)


def row_of(cells: list[str]) -> Row:
    if len(cells) != len(HEADINGS):
        raise ValueError(f"expected {len(HEADINGS)} cells, found {len(cells)}: {cells}")
    name, says, opened, keys, expected = cells
    spans = tuple(" ".join(span.split()) for span in re.findall(r"`([^`]+)`", expected))
    if not spans:
        raise ValueError(f"row {name} looks for nothing")
    return Row(name, says, span(opened), span(keys) if keys else "", spans)


def span(cell: str) -> str:
    """What a cell has that is one code span."""
    if not (match := re.fullmatch(r"`([^`]+)`", cell)):
        raise ValueError(f"expected one code span, found {cell!r}")
    return match[1]


def presses(keys: str) -> Iterator[str]:
    """The keys of a cell, as Textual calls them: `→×12` is twelve of them, `"step 3"` is typed."""
    for token in re.findall(r'"[^"]*"|\S+', keys):
        if token.startswith('"'):
            yield from (_character_to_key(character) for character in token[1:-1])
            continue
        key, _, times = token.partition("×")
        yield from [key_of(key)] * int(times or 1)


def key_of(written: str) -> str:
    """A key as it is written, `shift+→` or `:`, as Textual calls it."""
    *held, key = re.split(r"(?<=.)\+(?=.)", written)
    name = ARROWS.get(key) or (_character_to_key(key) if len(key) == 1 else key)
    return "+".join([*held, name])


def opened(words: list[str], monkeypatch: pytest.MonkeyPatch) -> BackpropApp:
    """The app that the command line would run; raises AssertionError where it opens none."""
    apps: list[BackpropApp] = []

    def run_app(*arguments: object, **more: object) -> int:
        apps.append(BackpropApp(*arguments, **more))  # type: ignore[arg-type]
        return 0

    monkeypatch.setattr(app_module, "run_app", run_app)
    monkeypatch.setattr(cli, "prepare_terminal", lambda: None)
    assert cli.main(words) == 0
    return apps[0]


async def press(pilot: Pilot[None], keys: Iterable[str]) -> None:
    """Press keys as a person does, each when what the one before began has come about."""
    for key in keys:
        await pilot.press(key)
        await rest(pilot.app)


async def rest(app: object) -> None:
    """Until nothing is on its way any more, or it plays on."""
    assert isinstance(app, BackpropApp)
    quiet = 0
    for _ in range(PATIENCE):
        quiet = 0 if moving(app) else quiet + 1
        if quiet == QUIET:
            return
        await asyncio.sleep(TURN)
    raise AssertionError("the screen did not come to rest")


def moving(app: BackpropApp) -> bool:
    """Whether a screen is opening, a journey on its way, or a message or a slice of work to be seen to."""
    for screen in app.screen_stack:
        if isinstance(screen, OwnScreen) and not screen.there.is_set():
            return True
        if isinstance(screen, RunScreen):
            if screen.playback.running:
                return False
            if screen.travelling is not None:
                return True
        if isinstance(screen, LockstepScreen):
            return screen.travelling and not screen.playing
    widgets = [widget for screen in app.screen_stack for widget in screen.walk_children(with_self=True)]
    return bool(app.workers._workers) or any(pump.message_queue_size for pump in (app, *widgets))


def visible(app: object) -> list[str]:
    """The lines of the terminal, runs of spaces as one."""
    assert isinstance(app, BackpropApp)
    return [" ".join(strip.text.split()) for strip in app.screen._compositor.render_strips()]


def missing(expected: Iterable[str], lines: list[str]) -> list[str]:
    return [text for text in expected if not any(text in line for line in lines)]


async def shown(pilot: Pilot[None], expected: Iterable[str]) -> None:
    """Until all of it stands on the screen; raises AssertionError, with the screen, where it does not."""
    lines: list[str] = []
    for _ in range(PATIENCE):
        lines = visible(pilot.app)
        if not missing(expected, lines):
            return
        await asyncio.sleep(TURN)
    raise AssertionError("\n".join([f"not on the screen: {missing(expected, lines)}", *lines]))
