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

from textual import events
from textual.events import Key, MouseDown, MouseMove, MouseScrollDown, MouseScrollUp, MouseUp
from textual.geometry import Size
from textual.keys import _character_to_key

from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.command_line import fault_report
from backprop_tui.tui.pages.gallery import GalleryScreen
from backprop_tui.tui.training_screen import TrainingScreen

PRESETS = (None, "xor", "by-hand", "first-steps", "spiral", "vanishing", "batch-norm", "tour")
LETTERS = "egdcbstpxoivlwrRzhynauUP123450.,+-=:? W[]"
FAVOURITES = ("enter", "escape", "ctrl+p", "question_mark", "colon", "x", "o", "e", "pagedown", "tab")
PASTED = ("3", "lowest", "W1[1,2]", "~nosuch/a.md", "a\nb\nc", "é🔎→" * 40, "\x00\x1b[31m", "", "x" * 5000, "1e999")
CODES = {
    "enter": "\r", "escape": "\x1b", "space": " ", "tab": "\t", "shift+tab": "\x1b[Z", "up": "\x1b[A", "down": "\x1b[B",
    "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F", "pageup": "\x1b[5~", "pagedown": "\x1b[6~",
    "backspace": "\x7f", "delete": "\x1b[3~", "ctrl+p": "\x10", "ctrl+home": "\x1b[1;5H", "ctrl+end": "\x1b[1;5F",
    "shift+up": "\x1b[1;2A", "shift+down": "\x1b[1;2B", "shift+right": "\x1b[1;2C", "shift+left": "\x1b[1;2D",
    "ctrl+a": "\x01", "ctrl+k": "\x0b", "ctrl+u": "\x15", "f1": "\x1bOP", "question_mark": "?", "colon": ":",
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
        elif how < 0.65:
            found += [("key", chance.choice(FAVOURITES))] * chance.choice((1, 1, 2, 5))
        elif how < 0.9:
            place = tuple(chance.randrange(-1, edge + 2) if chance.random() < 0.95 else 10**6 for edge in size)
            kind = chance.choice(("click", "click", "double", "press", "release", "move", "wheel down", "wheel up"))
            found.append((kind, place))
        elif how < 0.95:
            found.append(("paste", chance.choice(PASTED)))
        elif how < 0.98:
            found.append(("size", (chance.randint(1, 220), chance.randint(1, 60))))
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


async def storm(number: int) -> str:
    """A storm over the app, without a terminal; what went wrong, empty where nothing did."""
    chance = random.Random(f"storm {number}")
    preset = chance.choice(PRESETS)
    app = BackpropApp(AppRequest(preset, ascii=chance.random() < 0.2))
    # Leaving is no fault, but would end the storm.
    with mock.patch.object(BackpropApp, "exit", stay), mock.patch.object(fault_report, "written", {}):
        async with app.run_test(size=(120, 36), notifications=True, tooltips=True) as pilot:
            await pilot.pause()
            for _ in range(BURSTS):
                for act in acts(chance, app.size):
                    for event in posted(act):
                        app.post_message(event)
                await asyncio.sleep(chance.choice((0, 0, 0.001, 0.01, 0.05, 0.2)))
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
    preset = chance.choice([preset for preset in PRESETS if preset])
    environment = os.environ | {"TERM": "xterm-256color", "XDG_STATE_HOME": str(folder / "state")}
    child = pexpect.spawn(sys.executable, ["-m", "backprop_tui", preset], dimensions=(36, 120), env=environment)
    output = bytearray()

    def read(seconds: float) -> None:
        with suppress(pexpect.TIMEOUT, pexpect.EOF):
            while True:
                output.extend(child.read_nonblocking(1 << 16, seconds))

    deadline = time.monotonic() + 60
    while b"step 1" not in output and time.monotonic() < deadline:
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
    print(f"{options.storms} storms, {failed} of them with something that failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
