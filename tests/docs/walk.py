"""A table that is walked through: what is opened, which keys are pressed, and what stands on the screen then."""

import asyncio
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pytest
from textual.keys import _character_to_key
from textual.pilot import Pilot

from backprop_tui.tui import cli, start
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.command_line.command_words import COMMANDS
from backprop_tui.tui.pages.lockstep import LockstepScreen
from backprop_tui.tui.panes.own_screen import OwnScreen
from backprop_tui.tui.running.run_screen import RunScreen

from ..tui.command_line.said import said

ARROWS = {"→": "right", "←": "left", "↑": "up", "↓": "down"}
COLUMNS = ["open", "keys", "then the screen says"]
"""What the last columns of a table that is walked through are called; the first two name the row and say what of it."""
SIZE = (120, 36)
"""Columns and lines of the terminal that the pages speak of."""
FILLING = "fill"
"""The worker that fills in a lesson's numbers, while one goes on."""
TURN = 0.005
"""Seconds between two looks at the screen."""
QUIET = 3
"""Looks in a row at which nothing was on its way, after which a screen is at rest."""
GRACE = 400
"""Looks at a screen at rest after which it will not say any more."""
PATIENCE = 12000
"""Looks after which nothing is waited for."""


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
        if cells[2:] != COLUMNS and not set(line) <= set("|- "):
            yield row_of(cells)


def row_of(cells: list[str]) -> Row:
    if len(cells) != 2 + len(COLUMNS):
        raise ValueError(f"expected {2 + len(COLUMNS)} cells, found {len(cells)}: {cells}")
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


@dataclass(frozen=True)
class Walk:
    """Keys pressed one after the other from a fresh start; `stops` are the rows that look at the screen on the way.

    The keys of each stop are the first keys of the walk, so that it sees what it would see alone.
    """

    open: str
    keys: tuple[str, ...]
    stops: tuple[Row, ...]


def walks(rows: Iterable[Row]) -> Iterator[Walk]:
    """As few walks as come by every row."""
    ordered = sorted(((row.open, tuple(presses(row.keys)), row) for row in rows), key=lambda one: one[:2])
    stops: list[Row] = []
    for (opened, keys, row), following in zip(ordered, [*ordered[1:], None], strict=True):
        stops.append(row)
        if following is None or following[0] != opened or following[1][: len(keys)] != keys:
            yield Walk(opened, keys, tuple(stops))
            stops = []


def name(walk: Walk) -> str:
    return " ".join([walk.open, walk.stops[-1].keys, *dict.fromkeys(row.id for row in walk.stops)])


def on_screen(all_walks: Iterable[Walk], wanted: bool) -> list[Walk]:
    """Those that open the app, or those that run a command."""
    return [walk for walk in all_walks if (walk.open.split()[0] not in COMMANDS) is wanted]


async def follow(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Go through a walk in the app; raises AssertionError where the screen does not say what a row has.

    A row whose words stood there before a key was pressed is wrong as well.
    """
    app = opened(walk.stops[0].words, monkeypatch)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await rest(app)
        before = visible(app)
        pressed, wrong = 0, []
        for row in walk.stops:
            keys = tuple(presses(row.keys))
            await press(pilot, keys[pressed:])
            pressed = len(keys)
            if absent := await shown(pilot, row.expected):
                wrong.append(f"{row.id}, {row.keys}: {absent} not in\n" + "\n".join(visible(app)))
            elif keys and not missing(row.expected, before):
                wrong.append(f"{row.id}, {row.keys}: it stands there before a key is pressed")
        assert not wrong, "\n\n".join(wrong)


def printed(walk: Walk, capsys: pytest.CaptureFixture[str]) -> None:
    """Run the command of a walk; raises AssertionError where it does not print what a row has."""
    lines = [" ".join(line.split()) for line in said(capsys, *walk.stops[0].words).splitlines()]
    for row in walk.stops:
        assert not row.keys
        assert not missing(row.expected, lines)


def opened(words: list[str], monkeypatch: pytest.MonkeyPatch) -> BackpropApp:
    """The app that the command line would run; raises AssertionError where it opens none."""
    apps: list[BackpropApp] = []

    def run_app(*arguments: object, **more: object) -> int:
        apps.append(BackpropApp(*arguments, **more))  # type: ignore[arg-type]
        return 0

    monkeypatch.setattr(start, "run_app", run_app)
    monkeypatch.setattr(cli, "prepare_terminal", lambda: None)
    assert cli.main(words) == 0
    return apps[0]


async def press(pilot: Pilot[None], keys: Iterable[str]) -> None:
    """Press keys as a person does, each when what the one before began has come about."""
    for key in keys:
        await pilot.press(key)
        await rest(pilot.app)


async def rest(app: object, looks: int = QUIET) -> None:
    """Until nothing has been on its way for so many looks, or something plays."""
    assert isinstance(app, BackpropApp)
    quiet = 0
    for _ in range(PATIENCE):
        quiet = 0 if moving(app) else quiet + 1
        if quiet == looks:
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
    return any(worker.name != FILLING for worker in app.workers) or any(
        pump.message_queue_size for pump in (app, *widgets)
    )


def visible(app: object) -> list[str]:
    """The lines of the terminal, runs of spaces as one."""
    assert isinstance(app, BackpropApp)
    return [" ".join(strip.text.split()) for strip in app.screen._compositor.render_strips()]


def missing(expected: Iterable[str], lines: list[str]) -> list[str]:
    return [text for text in expected if not any(text in line for line in lines)]


async def shown(pilot: Pilot[None], expected: Iterable[str]) -> list[str]:
    """What of `expected` does not come to stand on the screen, which is waited for while something is on its way."""
    quiet = 0
    for _ in range(PATIENCE):
        absent = missing(expected, visible(pilot.app))
        quiet = 0 if moving(pilot.app) else quiet + 1
        if not absent or quiet == GRACE:
            return absent
        await asyncio.sleep(TURN)
    return absent
