"""Storms of keys, mouse, pasted text and resizes, faster than anything can be drawn: nothing fails, the run stays.

`python tests/storms.py --storms 200` has as many as one likes, every other one of them in a real pseudo-terminal; the
tests have a few of the same.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

import numpy as np
from textual import events
from textual.events import Key, MouseDown, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp
from textual.geometry import Size
from textual.keys import _character_to_key

from backprop_tui.core.preset.hidden import KEYS as KEYS_HIDDEN
from backprop_tui.core.preset.hidden import PANES
from backprop_tui.core.preset.schema import Place
from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.recorded_session import opened
from backprop_tui.core.recording.recorder import Recorder
from backprop_tui.core.recording.writer import Writer
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.command_line import fault_report
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.config.config import Config
from backprop_tui.tui.config.key_actions import ACTIONS
from backprop_tui.tui.config.keys_table import read_keys
from backprop_tui.tui.drawing.keymap import USUAL
from backprop_tui.tui.pages.gallery import GalleryScreen
from backprop_tui.tui.recording.screen import RecordedScreen
from backprop_tui.tui.screen_keys import KEYS
from backprop_tui.tui.training_screen import TrainingScreen

PRESETS = (None, "xor", "by-hand", "first-steps", "spiral", "vanishing", "batch-norm", "tour")
OF_A_RUN, OF_ARRAYS = "recording of a run", "recording of arrays"
"""What is opened besides: a recording of a run of ours, and one of somebody's own loop."""
OPENED = (*PRESETS, *PRESETS[1:], OF_A_RUN, OF_ARRAYS)
LETTERS = "".join(key for key, *_ in KEYS if len(key) == 1) + "hjkn0.,+-=:? []"
PLOT = (",", ".", "[", "]", "M", "O", "l", "L", "z")
"""What moves and zooms the losses, lays runs over them and smooths them: keys that come one after another."""
FAVOURITES = ("enter", "escape", "ctrl+p", "question_mark", "colon", "x", "o", "e", "C", "pageup", "pagedown", "tab")
PASTED = (
    *("3", "lowest", "W1[1,2]", "~nosuch/a.md", "a\nb\nc", "é🔎→" * 40, "\x00\x1b[31m", "", "x" * 5000, "1e999"),
    *("W1[1,2] = 1e308", "optimizer.learning_rate = 1e300", "no/such/folder/a.svg", "/", "Plot", "svg"),
)
HIDDEN = (*KEYS_HIDDEN, *PANES, "loss.map", "settings.learning_rate")
CODES = {
    "enter": "\r", "escape": "\x1b", "space": " ", "tab": "\t", "shift+tab": "\x1b[Z", "up": "\x1b[A", "down": "\x1b[B",
    "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F", "pageup": "\x1b[5~", "pagedown": "\x1b[6~",
    "backspace": "\x7f", "delete": "\x1b[3~", "ctrl+p": "\x10", "ctrl+home": "\x1b[1;5H", "ctrl+end": "\x1b[1;5F",
    "shift+up": "\x1b[1;2A", "shift+down": "\x1b[1;2B", "shift+right": "\x1b[1;2C", "shift+left": "\x1b[1;2D",
    "ctrl+a": "\x01", "ctrl+k": "\x0b", "ctrl+u": "\x15", "f1": "\x1bOP", "question_mark": "?", "colon": ":",
    "ctrl+d": "\x04", "f5": "\x1b[15~", "shift+f5": "\x1b[15;2~",
}  # fmt: skip
NAMED = tuple(CODES)
BROKEN = (
    "\x1b[<0;;M",
    "\x1b[<99;1;1M",
    "\x1b[M   ",
    "\x1b[1;",
    "\x1b]",
    "\x1b[I",
    "\x1b[O",
    "\x1b[?2048;4$y",
    "\x1b[200~",
)
"""Reports that are no reports, a terminal that comes and goes, and a paste that never ends, until the next one does."""
BURSTS = 25
"""Bursts in a storm; in each all comes in one read."""
Act = tuple[str, tuple[int, ...] | str]


def acts(chance: random.Random, size: tuple[int, int]) -> list[Act]:
    """What comes in one read: keys, clicks and notches of the wheel, mostly on the screen, pasted text, a new size."""
    found: list[Act] = []
    for _ in range(chance.choice((1, 2, 3, 8, 30))):
        how = chance.random()
        if how < 0.25:
            found.append(("key", chance.choice(LETTERS)))
        elif how < 0.45:
            found.append(("key", chance.choice(NAMED)))
        elif how < 0.5:
            found += [("key", key) for key in chance.choices(PLOT, k=chance.choice((1, 3, 12)))]
        elif how < 0.68:
            found += [("key", chance.choice(FAVOURITES))] * chance.choice((1, 1, 2, 5))
        elif how < 0.9:
            place = tuple(chance.randrange(-1, edge + 2) if chance.random() < 0.95 else 10**6 for edge in size)
            kind = chance.choice(("click", "click", "double", "press", "release", "move", "wheel down", "wheel up"))
            found.append((kind, place))
        elif how < 0.95:
            found.append(("paste", chance.choice(PASTED)))
        elif how < 0.98:
            found.append(("size", (chance.randint(1, 300), chance.randint(1, 100))))
        else:
            found.append(("broken", chance.choice(BROKEN)))
    return found


@contextmanager
def somewhere() -> Iterator[Path]:
    """A folder of its own to be in: exports land in it, and so do reports."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        try:
            yield Path(name)
        finally:
            os.chdir(before)


def recorded(what: str) -> Path:
    """A small recording in the present folder."""
    path = Path(f"{what}.backprop")
    if what == OF_A_RUN:
        session = Session(*load("xor"))
        with Recorder(session, path):
            session.advance(session.timeline.finish_of(220))
        return path
    draw = np.random.default_rng(0)
    with Writer.create(path, "arrays", {"title": "mine"}) as writer:
        writer.add_losses(draw.normal(size=3000).tolist())
        for step in (1, 10, 100):
            numbers = {f"{part}/W{layer}": draw.normal(size=(4, 3)) for part in "θg" for layer in (1, 2)}
            writer.keep(step, 0.5, {"learning_rate": 0.1}, numbers)
    return path


def out_of_sight(chance: random.Random) -> tuple[str, ...]:
    """What a teacher hides: mostly nothing."""
    return tuple(chance.sample(HIDDEN, chance.choice((0, 0, 0, 1, 2, 5))))


# Without a terminal


def posted(act: Act) -> list[events.Event]:
    """An act as the events that Textual's driver makes of it."""
    kind, what = act
    if isinstance(what, str):
        if kind == "paste":
            return [events.Paste(what)]
        if kind == "broken":
            return [events.AppBlur() if what == "\x1b[O" else events.AppFocus()]
        plain = len(what) == 1
        code = what if plain else CODES[what]
        return [Key(_character_to_key(what) if plain else what, code if code.isprintable() else None)]
    x, y = what
    if kind == "size":
        return [events.Resize(Size(x, y), Size(x, y))]
    of = {"press": [MouseDown], "release": [MouseUp], "move": [MouseMove], "double": [MouseDown, MouseUp] * 2}
    of |= {"wheel down": [MouseScrollDown], "wheel up": [MouseScrollUp]}
    return [one(None, x, y, 0, 0, 1, False, False, False, x, y) for one in of.get(kind, [MouseDown, MouseUp])]


def stay(app: BackpropApp, *_: object, **__: object) -> None:
    """In place of leaving: who has left the gallery is in it again."""
    if len(app.screen_stack) == 1:
        app.open_gallery()


def moved_keys(chance: random.Random) -> Config:
    """Settings in which some keys are others; none of it most of the time."""
    if chance.random() < 0.7:
        return Config()
    keys = [chance.choice(LETTERS) for _ in range(12)]
    table = {chance.choice(list(ACTIONS)): chance.sample(keys, chance.choice((0, 1, 1, 2))) for _ in range(8)}
    return Config(keymap=read_keys(table, Place(""))[0])


async def storm(number: int) -> str:
    """A storm over the app, without a terminal; what went wrong, empty where nothing did."""
    chance = random.Random(f"storm {number}")
    what, hide = chance.choice(OPENED), out_of_sight(chance)
    recording = opened(open_recording(recorded(what))) if what in (OF_A_RUN, OF_ARRAYS) else None
    preset = None if recording is not None else what
    config = moved_keys(chance)
    app = BackpropApp(AppRequest(preset, ascii=chance.random() < 0.2, hide=hide, config=config), recording=recording)
    # Leaving is no fault, but would end the storm.
    with mock.patch.object(BackpropApp, "exit", stay), mock.patch.object(fault_report, "written", {}):
        async with app.run_test(size=(120, 36), notifications=True, tooltips=True) as pilot:
            await pilot.pause()
            for _ in range(BURSTS):
                for act in acts(chance, app.size):
                    for event in posted(act):
                        app.post_message(event)
                await asyncio.sleep(chance.choice((0, 0, 0.001, 0.01, 0.05, 0.2)))
            # To see whether it still answers it is asked by its own keys.
            config.keymap = USUAL
            trouble = await still_answers(app)
        reports = [path.read_text(encoding="utf-8") for path in fault_report.written.values() if path is not None]
    return "\n".join([*([trouble] if trouble else []), *reports])


async def press(app: BackpropApp, *keys: str) -> None:
    """Press keys, each when the one before has been answered."""
    for key in keys:
        for event in posted(("key", key)):
            app.post_message(event)
        answered = asyncio.Event()
        app.call_later(answered.set)
        await answered.wait()
        await asyncio.sleep(0.05)


async def still_answers(app: BackpropApp) -> str:
    """Whether a run can be got back to, or opened, and moves; what is there instead."""
    app.post_message(events.Resize(Size(120, 36), Size(120, 36)))
    for _ in range(30):
        # What was typed before may still be on its way through a text field, and open something.
        await press(app, "escape")
        if isinstance(app.screen, GalleryScreen):
            # There is nothing to go back to, or its filter is cleared first.
            await press(app, "x", "o", "r", "enter")
        if isinstance(app.screen, TrainingScreen):
            await press(app, "home", "1", "right")
            await asyncio.sleep(0.2)
            if isinstance(app.screen, TrainingScreen) and app.screen.session.count == 2:
                return ""
        if isinstance(app.screen, RecordedScreen):
            await press(app, "home", "right")
            await asyncio.sleep(0.2)
            if isinstance(app.screen, RecordedScreen) and app.screen.kept.place == 2:
                return ""
    run = app.run_screen
    place = None if run is None else (run.session.preset.id, run.session.count, run.travelling, run.notice)
    return f"it does not answer any more: {app.screen_stack}, focus on {app.screen.focused}, run {place}"


# In a terminal


def typed(act: Act) -> str:
    """An act as a terminal sends it."""
    kind, what = act
    if isinstance(what, str):
        if kind == "paste":
            return f"\x1b[200~{what}\x1b[201~"
        return what if kind == "broken" else CODES.get(what, what)
    x, y = (place + 1 for place in what)
    codes = {"press": ["0M"], "release": ["0m"], "move": ["35M"], "double": ["0M", "0m"] * 2}
    codes |= {"wheel down": ["65M"], "wheel up": ["64M"]}
    return "".join(f"\x1b[<{code[:-1]};{x};{y}{code[-1]}" for code in codes.get(kind, ["0M", "0m"]))


def storm_in_terminal(number: int, folder: Path) -> str:
    """A storm over the program in a pseudo-terminal, ended by ctrl+c; what went wrong, empty where nothing did."""
    import pexpect

    chance = random.Random(f"storm {number}")
    what = chance.choice([what for what in OPENED if what])
    argument = str(recorded(what)) if what in (OF_A_RUN, OF_ARRAYS) else what
    options = [word for name in out_of_sight(chance) for word in ("--hide", name)]
    environment = os.environ | {"TERM": "xterm-256color"}
    environment |= {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("STATE", "CONFIG", "DATA", "CACHE")}
    words = ["-m", "backprop_tui", argument, *options]
    child = pexpect.spawn(sys.executable, words, dimensions=(36, 120), env=environment)
    output = bytearray()

    def read(seconds: float) -> None:
        with suppress(pexpect.TIMEOUT, pexpect.EOF):
            while True:
                output.extend(child.read_nonblocking(1 << 16, seconds))

    deadline = time.monotonic() + 60
    while not any(word in output for word in (b"step 1", b"epoch")) and time.monotonic() < deadline:
        read(0.1)
    size = (120, 36)
    for _ in range(BURSTS):
        text = ""
        for act in acts(chance, size):
            if act[0] == "size" and not isinstance(act[1], str):
                size = (act[1][0], act[1][1])
                child.setwinsize(size[1], size[0])
            elif act != ("key", "q"):
                text += typed(act)
        with suppress(OSError):
            child.send(text)
        read(chance.choice((0.001, 0.01, 0.05, 0.2)))
    child.send("\x1b[201~\x03")
    deadline = time.monotonic() + 60
    while child.isalive() and time.monotonic() < deadline:
        read(0.2)
    alive = child.isalive()
    child.close(force=True)
    # Escape in the gallery, quit in the palette: there are more ways to leave than ctrl+c.
    wrong = [] if not alive and child.exitstatus in (0, 130) else [f"status {child.exitstatus}, still there: {alive}"]
    wrong += [path.read_text(encoding="utf-8") for path in folder.glob("state/**/*.txt")]
    if b"Traceback" in output or b"faults of its own" in output:
        wrong.append(output[-3000:].decode(errors="replace"))
    if output.rfind(b"\x1b[?1049h") > output.rfind(b"\x1b[?1049l"):
        wrong.append("the alternate screen stays")
    return "\n".join(wrong)


def main() -> int:
    parser = argparse.ArgumentParser(description="Storms of keys, mouse, pasted text and resizes.")
    parser.add_argument("--storms", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="the number of the first storm")
    options = parser.parse_args()
    failed = 0
    for number in range(options.first, options.first + options.storms):
        with somewhere() as folder, mock.patch.object(fault_report, "folders", lambda folder=folder: [folder]):
            wrong = storm_in_terminal(number, folder) if number % 2 else asyncio.run(storm(number))
        if wrong:
            failed += 1
            print(f"storm {number}:\n{wrong}\n", flush=True)
        if (done := number - options.first + 1) % 50 == 0 and done < options.storms:
            print(f"{done} storms, {failed} of them with something that failed", flush=True)
    print(f"{options.storms} storms, {failed} of them with something that failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
