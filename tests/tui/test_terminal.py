"""The app in a pseudo-terminal, read through a terminal emulator: keys, sizes, resizing, and how it leaves."""

import os
import random
import re
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pyte
import pytest

from backprop_tui import presets

pexpect = pytest.importorskip("pexpect")
if not hasattr(pexpect, "spawn"):
    pytest.skip("there are no pseudo-terminals here", allow_module_level=True)

# Python warns of every fork beside threads; what is forked here only goes on to be another program.
pytestmark = pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")

SMALL, ROOMY, LARGE = (80, 24), (120, 36), (200, 50)
PATIENCE = 60.0
"""Seconds until something that should have come is missed; nothing is measured by it."""
SETTLED = 0.3
"""Seconds of silence after which a paused screen has been drawn."""
KEYS = {
    "right": "\x1b[C", "left": "\x1b[D", "up": "\x1b[A", "down": "\x1b[B", "home": "\x1b[H", "end": "\x1b[F",
    "enter": "\r", "escape": "\x1b", "tab": "\t", "space": " ", "ctrl+c": "\x03",
}  # fmt: skip
UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=?][0-9;]*u|\x1b\[\?[0-9;]*\$p|\x1b\[[>=][0-9;]*[a-z]|\x1bP[^\x1b]*\x1b\\")
"""Questions about and settings of the keyboard, which pyte would print."""
FULL_SPEED = ["+"] * 14


class Terminal:
    """The program in a pseudo-terminal of `size` (columns, rows), and what its screen shows."""

    def __init__(self, *arguments: str, size: tuple[int, int] = ROOMY, **environment: str) -> None:
        # Parallel pytest sets COLUMNS and LINES, which would hide the size of the terminal from the app.
        left_out = ("NO_COLOR", "COLUMNS", "LINES")
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("TEXTUAL") and k not in left_out}
        columns, rows = size
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.output = b""
        self.fed = 0
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "backprop_tui", *arguments],
            dimensions=(rows, columns),
            env=inherited | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | environment,
        )
        self.attributes = termios.tcgetattr(self.child.child_fd)

    def read(self, seconds: float = 0.05) -> bool:
        """Take in what has been written; whether there was anything within so many seconds."""
        try:
            self.output += self.child.read_nonblocking(1 << 20, seconds)
        except pexpect.TIMEOUT:
            return False
        # A code that is not yet whole waits for its rest.
        end = self.output.rfind(b"\x1b")
        whole = end if len(self.output) - end < 32 and end >= self.fed else len(self.output)
        self.stream.feed(UNKNOWN_TO_PYTE.sub(b"", self.output[self.fed : whole]))
        self.fed = whole
        return True

    def settle(self) -> str:
        """The text of the screen once nothing more is written."""
        deadline = time.monotonic() + PATIENCE
        while self.read(SETTLED) and time.monotonic() < deadline:
            pass
        self.stream.feed(UNKNOWN_TO_PYTE.sub(b"", self.output[self.fed :]))
        self.fed = len(self.output)
        return self.text

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def wait(self, wanted: str | Callable[[str], bool]) -> str:
        """Read until the screen shows a text, or what a function says is right; the screen."""
        deadline = time.monotonic() + PATIENCE
        holds = wanted if callable(wanted) else lambda text: wanted in text
        while not holds(self.text):
            assert time.monotonic() < deadline, f"waited for {wanted}, and there is\n{self.text}"
            try:
                self.read()
            except pexpect.EOF:
                raise AssertionError(f"waited for {wanted}, and the program ended with\n{self.text}") from None
        return self.text

    def press(self, *keys: str) -> None:
        for key in keys:
            self.child.send(KEYS.get(key, key))

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        self.child.setwinsize(rows, columns)

    def end(self) -> int:
        """Wait for the program to end; its exit status."""
        with suppress(pexpect.EOF):
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline:
                self.read(1.0)
        assert not self.child.isalive()
        assert self.child.signalstatus is None, "a signal has killed it"
        return int(self.child.exitstatus)

    def assert_restored(self) -> None:
        """The terminal is as it was: main screen, cursor, no mouse, no pasting mode, attributes; and no traceback."""
        for mode in (b"1049", b"1000", b"1003", b"1015", b"1006", b"1004", b"2004"):
            on, off = (self.output.rfind(b"\x1b[?" + mode + end) for end in (b"h", b"l"))
            assert on <= off, f"mode {mode.decode()} stays on"
        assert b"\x1b[?1049h" in self.output
        assert self.output.rfind(b"\x1b[?25l") < self.output.rfind(b"\x1b[?25h")
        assert termios.tcgetattr(self.child.child_fd) == self.attributes
        assert b"Traceback" not in self.output


@contextmanager
def terminal(*arguments: str, size: tuple[int, int] = ROOMY, **environment: str) -> Iterator[Terminal]:
    """A terminal whose program is ended at the end, whatever happens."""
    opened = Terminal(*arguments, size=size, **environment)
    try:
        yield opened
    finally:
        opened.child.close(force=True)


def step_of(text: str) -> int:
    """The step that the status line tells."""
    found = re.search(r" step (\d+)  ", text.splitlines()[0])
    return int(found[1]) if found else 0


def frames_are_closed(text: str) -> bool:
    """Whether every frame is whole: in each row the corners pair, and each edge meets an edge or a corner."""
    rows = text.splitlines()
    for y, row in enumerate(rows):
        if row.count("╭─") != row.count("─╮") or row.count("╰─") != row.count("─╯"):
            return False
        for x, character in enumerate(row):
            if character in "╭╮" and (y + 1 >= len(rows) or rows[y + 1][x] not in "│╰╯"):
                return False
            if character in "╰╯" and (y == 0 or rows[y - 1][x] not in "│╭╮"):
                return False
    return sum(row.count("╭─ ") for row in rows) > 0


# Using it


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_gallery_play_pause_forward_back_maximise_and_quit(size: tuple[int, int]) -> None:
    with terminal(size=size) as app:
        text = app.wait("type to filter")
        for name in presets.names()[:4]:
            app.wait(name)
        app.press(*"first-st")
        app.wait(lambda text: "first-steps" in text and "vanishing" not in text)
        app.press("enter")
        app.wait("before the first op of step 1")
        text = app.settle()
        assert frames_are_closed(text)
        for title in ("Weights", "Chain rule", "Loss", "Gradients", *(["Data"] if size != SMALL else [])):
            assert f" {title} " in text

        app.press("right")
        app.wait("forward · layer 1 of 2 · Z")
        app.press("right")
        app.wait("forward · layer 1 of 2 · A")
        app.press("left")
        app.wait("forward · layer 1 of 2 · Z")

        app.press("4", *FULL_SPEED)
        app.wait("speed full speed")
        app.press("space")
        app.wait(lambda text: step_of(text) > 20 and "steps/s" in text)
        app.press("space")
        app.wait("‖ paused")
        paused = app.settle()
        assert frames_are_closed(paused)
        app.press("left")
        app.wait(lambda text: step_of(text) == step_of(paused) - 1)
        app.press("right")
        app.wait(lambda text: step_of(text) == step_of(paused))
        assert app.settle() == paused

        app.press("z")
        app.wait(lambda text: " Chain rule " in text and " Weights " not in text and frames_are_closed(text))
        app.press("tab")
        app.wait(" Loss ")
        app.press("z")
        app.wait(lambda text: " Weights " in text and frames_are_closed(text))
        app.press("q")
        assert app.end() == 0
        app.assert_restored()


def test_every_pane_is_one_key_away_on_a_small_terminal() -> None:
    with terminal("xor", size=(40, 12)) as app:
        for title in ("Chain rule", "Loss", "Gradients", "Data", "Weights", "Chain rule"):
            app.wait(lambda text, title=title: f"╭─ {title} " in text and frames_are_closed(text))
            app.press("tab")
        app.press("q")
        assert app.end() == 0


def test_ascii_writes_no_character_beyond_ascii() -> None:
    with terminal("xor", "--ascii", size=SMALL) as app:
        app.wait("before the first op of step 1")
        app.press("right", "z", "?")
        app.wait("Help")
        app.press("escape")
        app.wait(" Chain rule ")
        app.press("z", "\x10")
        app.wait("Search for commands")
        app.press("theme")
        app.wait("Change the current theme")
        app.press("enter")
        app.wait("Search for themes")
        app.press("escape")
        app.wait(lambda text: "Search for" not in text)
        app.press("o")
        app.wait("type to filter")
        app.settle()
        assert app.output.isascii()


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "vt100", "COLORTERM": ""}, {"TERM": "linux"}])
def test_other_terminals_show_it_too(environment: dict[str, str]) -> None:
    with terminal("by-hand", **environment) as app:
        app.wait("before the first op of step 1")
        app.press("right")
        app.wait("forward · layer 1 of 3 · Z")
        assert frames_are_closed(app.settle())
        if "NO_COLOR" in environment:
            # Colours are left out, or made grey: all three parts the same.
            colors = re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", app.output)
            assert all(red == green == blue for red, green, blue in colors)
        app.press("q")
        assert app.end() == 0


# Leaving


@pytest.mark.parametrize(
    ("leave", "status"),
    [
        (lambda app: app.press("q"), 0),
        (lambda app: app.press("ctrl+c"), 130),
        (lambda app: app.child.kill(signal.SIGINT), 130),
        (lambda app: app.child.kill(signal.SIGTERM), 143),
        (lambda app: app.child.kill(signal.SIGHUP), 129),
    ],
    ids=["q", "ctrl+c", "SIGINT", "SIGTERM", "SIGHUP"],
)
def test_leaving_a_run_at_full_speed_restores_the_terminal(leave: Callable[[Terminal], None], status: int) -> None:
    with terminal("spiral") as app:
        app.wait("before the first op of step 1")
        assert termios.tcgetattr(app.child.child_fd) != app.attributes
        app.press(*FULL_SPEED, "space")
        app.wait(lambda text: step_of(text) > 10)
        leave(app)
        assert app.end() == status
        app.assert_restored()


def test_leaving_the_gallery_restores_the_terminal() -> None:
    for leave, status in ((lambda app: app.press("escape"), 0), (lambda app: app.child.kill(signal.SIGTERM), 143)):
        with terminal() as app:
            app.wait("type to filter")
            leave(app)
            assert app.end() == status
            app.assert_restored()


def test_a_signal_while_the_screen_is_being_opened_restores_the_terminal() -> None:
    with terminal("first-steps") as app:
        deadline = time.monotonic() + PATIENCE
        while b"\x1b[?1049h" not in app.output and time.monotonic() < deadline:
            app.read(0.001)
        app.child.kill(signal.SIGTERM)
        assert app.end() == 143
        app.assert_restored()


def test_when_its_window_is_closed_it_ends() -> None:
    with terminal("xor") as app:
        app.wait("before the first op of step 1")
        app.press(*FULL_SPEED, "space")
        app.wait(lambda text: step_of(text) > 10)
        app.child.ptyproc.fileobj.close()
        app.child.closed = app.child.ptyproc.closed = True
        assert app.child.wait() == 129


@pytest.mark.parametrize("arguments", [[], ["xor"], ["--ascii"]])
def test_without_a_terminal_it_says_so(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backprop_tui", *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"terminal" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert b"\x1b" not in done.stderr


@pytest.mark.parametrize("stated", [("99999", "99999"), ("3", "2"), ("0", "0"), ("-5", "x"), ("132", "43")])
def test_the_size_is_that_of_the_terminal_whatever_the_environment_states(stated: tuple[str, str]) -> None:
    columns, lines = stated
    with terminal("xor", size=SMALL, COLUMNS=columns, LINES=lines) as app, terminal("xor", size=SMALL) as plain:
        for opened in (app, plain):
            opened.wait("before the first op of step 1")
            opened.settle()
        assert app.screen.display == plain.screen.display
        for opened in (app, plain):
            opened.resize(*ROOMY)
            opened.wait(" Data ")
            opened.settle()
        assert app.screen.display == plain.screen.display
        app.press("q")
        assert app.end() == 0
        app.assert_restored()


# Resizing


def cells(screen: pyte.Screen) -> list[list[tuple[str, str, str]]]:
    """Every cell with its colours."""
    return [
        [(cell.data, cell.fg, cell.bg) for cell in (screen.buffer[y][x] for x in range(screen.columns))]
        for y in range(screen.lines)
    ]


def test_random_resizes_while_training_leave_what_a_fresh_app_shows() -> None:
    chance = random.Random("resize")
    sizes = [(chance.randint(20, 250), chance.randint(5, 80)) for _ in range(25)]
    final = (130, 40)
    with terminal("xor", size=ROOMY) as app, terminal("xor", size=final) as fresh:
        for opened in (app, fresh):
            opened.wait("before the first op of step 1")
            opened.press(*FULL_SPEED)
            opened.wait("speed full speed")
        app.press("space")
        app.wait(lambda text: step_of(text) > 3)
        for size in sizes:
            app.resize(*size)
            for _ in range(chance.randint(0, 4)):
                app.read(0.02)
        app.resize(*final)
        app.wait(lambda text: "steps/s" in text and " Data " in text and frames_are_closed(text))
        step = step_of(app.text)
        app.wait(lambda text: step_of(text) > step)
        # From the start again, nothing but the run so far could make a difference.
        app.press("r")
        app.wait("before the first op of step 1")
        app.settle()
        fresh.settle()
        assert app.screen.display == fresh.screen.display
        assert cells(app.screen) == cells(fresh.screen)
        assert b"Traceback" not in app.output
        app.press("q")
        assert app.end() == 0
        app.assert_restored()
