"""Faults put into the program, function by function, while it is used: what then ends it, or is told to nobody.

`python -m tests.faults` goes through all functions that a walk over the app comes to, of the screen and of what it
shows; the tests do a share of the same.
"""

import argparse
import asyncio
import builtins
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from inspect import CO_COROUTINE, unwrap
from pathlib import Path
from pkgutil import walk_packages
from types import CodeType, FrameType, FunctionType
from typing import Any
from unittest import mock

import pytest
from textual import events
from textual.geometry import Size
from textual.pilot import Pilot

import backprop_tui
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.command_line import fault_report
from backprop_tui.tui.pages.gallery import GalleryScreen
from backprop_tui.tui.running.run_screen import RunScreen
from backprop_tui.tui.training_screen import TrainingScreen

from .prompt_app import answer_at_once, read_styles_once

SIZE = (120, 36)
WALKS = {
    "time": "right left 2 right 3 right 4 right 5 right home end 1 plus minus right",
    "play": "plus space space minus space space",
    "full speed": "4 plus plus plus plus plus plus plus plus plus plus plus plus space space home 1",
    "panes": "tab tab tab tab tab shift+tab z z down up enter escape",
    "weights": "right w w w w w w w shift+right shift+down E escape",
    "chain rule": "right v v v v v v v v down enter escape escape comma full_stop",
    "loss": "4 right right 1 tab tab l l comma full_stop left_square_bracket M M O L L L L",
    "data": "tab tab tab tab m m m m m m m T D full_stop comma",
    "making": "a right down enter delete escape",
    "settings": "e down down right left enter escape down plus minus pagedown u U escape",
    "lesson": "i down down enter pagedown escape",
    "go to": "colon 3 enter colon W 2 [ 1 , 1 ] enter home",
    "until": "S escape",
    "again": "4 right r R 1",
    "problem": "P u",
    "check": "right g down enter escape",
    "breakpoints": "b a Z 1 enter enter down delete escape",
    "compare": "c down enter a escape escape",
    "diagnosis": "d down enter escape escape",
    "statistics": "t down w enter escape",
    "predict": "p 1 enter enter escape",
    "source": "s down tab escape",
    "share": "C down c escape",
    "export": "x x . m d enter",
    "keep": "W escape",
    "record": "f escape",
    "help": "question_mark down tab slash a escape escape",
    "palette": "ctrl+p p l o t down enter escape",
    "gallery": "o x o r down up escape escape",
    "sizes": "80x24 right tab 40x12 right 20x5 right 200x50 right 120x36",
    "mouse": "right click:10,10 wheel:10,10 click:80,10 wheel:80,10 click:20,28 click:100,28 wheel:100,28 click:60,35",
}
"""Ways through the app, from a run at its start, each back to it: keys, sizes, clicks and notches of the wheel."""
PUT_IN = "put in on purpose"
OWN = str(Path(backprop_tui.__path__[-1]).resolve())
FOLDERS = ("core", "tui")
SPARED = (
    "tui/containment.py",
    "tui/panes/contained.py",
    "tui/panes/own_screen.py",
    "tui/command_line/fault_report.py",
    "tui/command_line/new_file.py",
)
"""What deals with faults."""
LONGEST = 90
"""Seconds after which a way through the app hangs."""


class PutInError(Exception):
    """One that is put in."""

    raised = 0

    @classmethod
    def put_in(cls) -> None:
        cls.raised += 1
        raise cls(PUT_IN)


FAULT = "_fault_put_in"
"""A name that the code of a broken function finds wherever it stands, among the built-in ones."""


def failing(*_: object, **__: object) -> None:
    _fault_put_in()  # type: ignore[name-defined] # noqa: F821


async def failing_later(*_: object, **__: object) -> None:
    _fault_put_in()  # type: ignore[name-defined] # noqa: F821


@dataclass
class Found:
    """What came of the faults: the function and what happened, where that was not as it should be."""

    wrong: list[str] = field(default_factory=list)
    done: int = 0


def functions() -> dict[CodeType, FunctionType]:
    """All functions of the program, by their code."""
    for folder in FOLDERS:
        package = import_module(f"backprop_tui.{folder}")
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
    found: dict[CodeType, FunctionType] = {}

    def take(value: object) -> None:
        for one in parts_of(value):
            one = unwrap(one)
            if isinstance(one, FunctionType) and place_of(one.__code__):
                found[one.__code__] = one

    for name, module in list(sys.modules.items()):
        if name.startswith("backprop_tui."):
            for value in list(vars(module).values()):
                take(value)
                if isinstance(value, type) and value.__module__ == name:
                    for member in list(vars(value).values()):
                        take(member)
    return found


def parts_of(value: object) -> Iterator[Any]:
    """A function, or those that a property or a method of a class is made of."""
    if isinstance(value, property):
        yield from filter(None, (value.fget, value.fset))
    elif isinstance(value, cached_property):
        yield value.func
    elif isinstance(value, (staticmethod, classmethod)):
        yield value.__func__
    elif callable(value) and not isinstance(value, type):
        yield value


def place_of(code: CodeType) -> str:
    """`tui/panes/loss.py`: where code stands in the program; "" where it is not its own, or deals with faults."""
    path = os.path.realpath(code.co_filename)
    place = path.removeprefix(OWN).lstrip(os.sep).replace(os.sep, "/") if path.startswith(OWN) else ""
    return "" if not place.startswith(FOLDERS) or place in SPARED else place


def named(function: FunctionType) -> str:
    return f"{place_of(function.__code__) or function.__module__}: {function.__qualname__}"


@contextmanager
def broken(function: FunctionType) -> Iterator[None]:
    """Have a function fail wherever it is called from."""
    own = function.__code__
    put = failing_later if own.co_flags & CO_COROUTINE else failing
    with mock.patch.object(builtins, FAULT, PutInError.put_in, create=True):
        function.__code__ = put.__code__.replace(co_freevars=own.co_freevars, co_name=own.co_name)
        try:
            yield
        finally:
            function.__code__ = own


@contextmanager
def watched() -> Iterator[set[CodeType]]:
    """The code that runs meanwhile."""
    seen: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(None)


async def go(pilot: Pilot[None], walk: str) -> None:
    """Go a way, act by act; each is answered before the next."""
    app = pilot.app
    for act in walk.split():
        if app._exit or not app._running:
            return
        how, _, place = act.partition(":")
        if how in ("click", "wheel") and place:
            x, y = map(int, place.split(","))
            kinds = [events.MouseScrollDown] if how == "wheel" else [events.MouseDown, events.MouseUp]
            for kind in kinds:
                app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y))
            await pilot.pause()
        elif act[0].isdigit() and "x" in act:
            width, height = map(int, act.split("x"))
            app.post_message(events.Resize(Size(width, height), Size(width, height)))
            await pilot.pause()
        else:
            await pilot.press(act)


async def gone_back(pilot: Pilot[None]) -> str:
    """Whether the run can be got back to, and moves; else what is there instead."""
    app = pilot.app
    app.post_message(events.Resize(Size(*SIZE), Size(*SIZE)))
    for _ in range(12):
        if isinstance(app.screen, TrainingScreen):
            await pilot.press("home", "1", "right")
            for _ in range(200):
                if app.screen.session.count == 2:
                    return ""
                await asyncio.sleep(0.01)
        await pilot.press("escape")
        if isinstance(app.screen, GalleryScreen):
            await pilot.press(*"xor", "enter")
    return f"does not answer any more: {app.screen_stack}, focus on {app.screen.focused}"


async def put_into(cases: list[tuple[str, FunctionType]], preset: str, tell: Callable[[str], None]) -> Found:
    """Put a fault into each of some functions, one after another, while the app goes the way given with it."""
    found = Found()
    left = list(cases)
    while left:
        app = BackpropApp(AppRequest(preset))
        try:
            async with app.run_test(size=SIZE) as pilot:
                await pilot.pause()
                while left:
                    walk, function = left.pop(0)
                    found.done += 1
                    fault_report.written.clear()
                    trouble = await one(pilot, walk, function)
                    if trouble:
                        found.wrong.append(f"{named(function)} [{walk}]: {trouble}")
                        tell(found.wrong[-1])
                        break
        except PutInError:
            continue
    return found


async def one(pilot: Pilot[None], walk: str, function: FunctionType) -> str:
    """Put a fault into a function while the app goes a way; what is not as it should be, else nothing."""
    app = pilot.app
    assert isinstance(app, BackpropApp)
    try:
        PutInError.raised = 0
        with broken(function):
            await asyncio.wait_for(go(pilot, WALKS[walk]), LONGEST)
        if app.ended_by or app._exit:
            return f"ended: {app.ended_by}"
        app.failures = 0
        trouble = await asyncio.wait_for(gone_back(pilot), LONGEST)
    except TimeoutError:
        return f"hangs: {app.screen_stack}"
    except PutInError as error:
        return f"ended: {app.ended_by or error}"
    if trouble:
        return trouble
    if PutInError.raised and not fault_report.written:
        return "told to nobody"
    other = [path for path in fault_report.written.values() if path and PUT_IN not in path.read_text(encoding="utf-8")]
    return other[0].read_text(encoding="utf-8") if other else ""


async def met(preset: str) -> dict[str, set[CodeType]]:
    """Which code each way through the app comes to."""
    found = {}
    app = BackpropApp(AppRequest(preset))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        for name, walk in WALKS.items():
            with watched() as seen:
                await go(pilot, walk)
            found[name] = seen
            assert not app.ended_by, (name, app.ended_by)
            trouble = await gone_back(pilot)
            assert not trouble, (name, trouble)
    assert not fault_report.written, [path.read_text() for path in fault_report.written.values() if path]
    return found


def cases(ways: dict[str, set[CodeType]]) -> list[tuple[str, FunctionType]]:
    """Each function that is come to, with the way that comes to the fewest others."""
    known = functions()
    shortest = sorted(ways, key=lambda name: len(ways[name]))
    return [
        (next(name for name in shortest if code in ways[name]), function)
        for code, function in sorted(known.items(), key=lambda pair: named(pair[1]))
        if any(code in seen for seen in ways.values())
    ]


@contextmanager
def ready() -> Iterator[None]:
    """A folder for what is written, and an app that answers keys at once."""
    before = Path.cwd()
    with (
        tempfile.TemporaryDirectory() as name,
        pytest.MonkeyPatch.context() as patch,
        mock.patch.object(fault_report, "folders", return_value=[Path(name)]),
        mock.patch.object(fault_report, "written", {}),
        mock.patch.dict(os.environ, {"XDG_CONFIG_HOME": name, "HOME": name}),
    ):
        answer_at_once(patch)
        read_styles_once(patch)
        # Leaving is no fault, but would end it.
        patch.setattr(RunScreen, "action_quit", lambda *_: None, raising=False)
        os.chdir(name)
        try:
            yield
        finally:
            os.chdir(before)


def main() -> int:
    parser = argparse.ArgumentParser(description="Faults put into the program, function by function.")
    parser.add_argument("--preset", default="xor")
    parser.add_argument("--share", type=float, default=1.0, help="of all functions, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="functions whose names have this in them")
    parser.add_argument("--way", default="", choices=WALKS, help="go this way through the app, for all of them")
    options = parser.parse_args()
    with ready():
        if options.way:
            ways = {options.way: {code for code, one in functions().items() if options.only in named(one)}}
        else:
            ways = asyncio.run(met(options.preset))
        chosen = [case for case in cases(ways) if options.only in named(case[1])]
        chance = random.Random(options.seed)
        chosen = [case for case in chosen if chance.random() < options.share]
        print(f"{len(chosen)} functions", flush=True)
        found = asyncio.run(put_into(chosen, options.preset, lambda line: print(line, flush=True)))
    print(f"{found.done} faults, {len(found.wrong)} not contained")
    return 1 if found.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
