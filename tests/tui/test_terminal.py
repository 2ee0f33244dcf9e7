"""The app in a pseudo-terminal, read through a terminal emulator: keys, sizes, resizing, and how it leaves."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pyte
import pytest

from backprop_tui.tui.config.config import read_config
from backprop_tui.tui.running import until

from ..share import share

pexpect = pytest.importorskip("pexpect")
if not hasattr(pexpect, "spawn"):
    pytest.skip("there are no pseudo-terminals here", allow_module_level=True)

from .. import closings  # noqa: E402 - it needs pexpect

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
PROGRAM = (sys.executable, "-m", "backprop_tui")
MODES = ("1049", "1000", "1003", "1015", "1006", "1004", "2004")
OF_THE_APP = MODES[:-1]
"""Without that of pasting, which a shell sets too."""
ENDING = [
    getattr(signal, f"SIG{name}") for name in share(("ALRM",), ("INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "ALRM"))
]
PROMPT = "the shell waits for the next command> "
"""Long enough not to be taken for the beginning of an escape code."""
SHELL = shutil.which("bash")


class Terminal:
    """A program in a pseudo-terminal of `size` (columns, rows), and what its screen shows."""

    def __init__(
        self,
        *arguments: str,
        size: tuple[int, int] = ROOMY,
        program: tuple[str, ...] = PROGRAM,
        ignored: tuple[signal.Signals, ...] = (),
        **environment: str,
    ) -> None:
        # Parallel pytest sets COLUMNS and LINES, which would hide the size of the terminal from the app; with the
        # others Python writes and ends in another way than a user's.
        left_out = ("NO_COLOR", "COLUMNS", "LINES", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE")
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("TEXTUAL") and k not in left_out}
        columns, rows = size
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.output = b""
        self.fed = 0

        def begin() -> None:
            # Whatever the tests are run under, nohup perhaps.
            for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

        self.child = pexpect.spawn(
            program[0],
            [*program[1:], *arguments],
            dimensions=(rows, columns),
            env=inherited | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | environment,
            preexec_fn=begin,
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

    def close_window(self) -> None:
        self.child.ptyproc.fileobj.close()
        self.child.closed = self.child.ptyproc.closed = True

    def assert_modes_reset(self, modes: tuple[str, ...] = MODES) -> None:
        """Main screen, cursor, no mouse, no pasting mode, no codes for keys; and no traceback."""
        for mode in modes:
            on, off = (self.output.rfind(f"\x1b[?{mode}{end}".encode()) for end in "hl")
            assert on <= off, f"mode {mode} stays on"
        assert b"\x1b[?1049h" in self.output
        # A signal may come before the one is hidden and the other is asked for.
        for changed, changed_back in ((b"\x1b[?25l", b"\x1b[?25h"), (b"\x1b[>25u", b"\x1b[<u")):
            assert changed not in self.output or self.output.rfind(changed) < self.output.rfind(changed_back)
        assert b"Traceback" not in self.output
        assert b"met faults of its own" not in self.output

    def assert_restored(self) -> None:
        """The terminal is as it was: its modes, and its attributes."""
        self.assert_modes_reset()
        assert termios.tcgetattr(self.child.child_fd) == self.attributes


@contextmanager
def terminal(*arguments: str, **options: Any) -> Iterator[Terminal]:
    """A terminal whose program is ended at the end, whatever happens."""
    opened = Terminal(*arguments, **options)
    try:
        yield opened
    finally:
        opened.child.close(force=True)


def step_of(text: str) -> int:
    """The step that the status line tells."""
    found = re.search(r" step ([\d,]+)  ", text.splitlines()[0])
    return int(found[1].replace(",", "")) if found else 0


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


@pytest.mark.parametrize("size", share([ROOMY], [SMALL, LARGE]))
def test_gallery_play_pause_forward_back_maximise_and_quit(size: tuple[int, int]) -> None:
    with terminal(size=size) as app:
        text = app.wait("type to filter")
        for name in ("tour", "first-steps", "by-hand", "vanishing"):
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
        app.wait("- full speed")
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


def test_what_was_typed_before_the_app_was_there_is_heeded_and_ascii_writes_no_character_beyond_it() -> None:
    with terminal("--ascii", size=SMALL) as app:
        app.press("xor", "\r")
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


@pytest.mark.parametrize(
    "environment", [{"NO_COLOR": "1"}, {"TERM": "vt100", "COLORTERM": ""}, *share([], [{"TERM": "linux"}])]
)
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
        *[(partial(lambda number, app: app.child.kill(number), number), 128 + number) for number in ENDING],
    ],
    ids=["q", "ctrl+c", *[number.name for number in ENDING]],
)
def test_leaving_a_run_at_full_speed_restores_the_terminal(leave: Callable[[Terminal], None], status: int) -> None:
    with terminal("spiral", size=SMALL) as app:
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


@pytest.mark.parametrize("ignored", [(), (signal.SIGHUP,)], ids=["with SIGHUP", "without"])
def test_when_its_window_is_closed_it_ends(ignored: tuple[signal.Signals, ...]) -> None:
    with terminal("xor", size=SMALL, ignored=ignored) as app:
        app.wait("before the first op of step 1")
        app.press(*FULL_SPEED, "space")
        app.wait(lambda text: step_of(text) > 10)
        app.close_window()
        assert closings.status_of(app.child) == 129


def play_on() -> None:
    """Full speed is to end by nothing of its own, in the programs that this test starts."""
    config = read_config()
    until.remember(config, "never")
    config.write()


@pytest.mark.parametrize("seed", range(share(1, 4)))
def test_it_ends_at_any_moment(seed: int) -> None:
    play_on()
    wrong = [one for one in closings.closings(share(2, 3), seed) if not one.fine]
    assert not wrong


@pytest.mark.parametrize("way", ["unread", "held"])
@pytest.mark.parametrize("number", share([signal.SIGTERM], [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]))
def test_a_terminal_that_takes_no_output_is_restored_too(number: signal.Signals, way: str) -> None:
    with terminal("xor") as app:
        app.wait("before the first op of step 1")
        app.press(*FULL_SPEED, "space")
        app.wait(lambda text: step_of(text) > 10)
        closings.stick(app.child, way)
        app.child.kill(number)
        assert closings.status_of(app.child) == 128 + number
        app.end()
        app.assert_restored()


@pytest.mark.parametrize("stop", share(["ctrl+z"], ["SIGSTOP", "ctrl+z"]))
def test_after_a_stop_all_is_drawn_again_and_restored_at_the_end(stop: str) -> None:
    # No shell is here: the system lets a program that ctrl+z would stop for good go on.
    with terminal("xor") as app:
        app.wait("before the first op of step 1")
        before = app.settle()
        app.screen.reset()
        if stop == "ctrl+z":
            app.press("\x1a")
        else:
            app.child.kill(signal.SIGSTOP)
            app.child.kill(signal.SIGCONT)
        app.wait("before the first op of step 1")
        assert app.settle() == before
        app.press("right")
        app.wait("forward · layer 1 of 2 · Z")
        app.press("q")
        assert app.end() == 0
        app.assert_restored()


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Terminal]:
    """A shell with job control, in whose terminal the app is; its process number is in the file `number`."""
    if SHELL is None:
        pytest.skip("there is no bash here")
    with terminal(program=(SHELL, "--noprofile", "--norc", "-i"), PS1=PROMPT) as opened:
        answer(opened, f"cd {tmp_path}; stty -a > before", PROMPT)
        answer(opened, f"sh -c 'echo $$ > number; exec {' '.join(PROGRAM)} xor'", "before the first op of step 1")
        yield opened


def answer(shell: Terminal, line: str, wanted: str) -> None:
    """Type a line, and wait for what it should lead to on a screen that is empty before."""
    shell.wait(PROMPT)
    shell.screen.reset()
    shell.press(line, "enter")
    shell.wait(wanted)


@pytest.mark.parametrize("how", ["ctrl+z", "SIGSTOP", *share([], ["SIGTSTP"])])
def test_the_shell_has_its_terminal_while_the_app_is_stopped_and_after_its_end(
    shell: Terminal, tmp_path: Path, how: str
) -> None:
    shell.settle()
    shell.screen.reset()
    if how == "ctrl+z":
        shell.press("\x1a")
    else:
        os.kill(int((tmp_path / "number").read_text()), getattr(signal, how))
    shell.wait("Stopped")
    if how != "SIGSTOP":
        shell.assert_modes_reset(OF_THE_APP)
    answer(shell, "stty -a > stopped", PROMPT)
    # The shell alone has a signal of this.
    shell.resize(*SMALL)
    answer(shell, "fg", "before the first op of step 1")
    shell.wait(lambda text: frames_are_closed(text) and " Chain rule " in text and " Data " not in text)
    shell.press("right")
    shell.wait("step 1 finished")
    shell.resize(*ROOMY)
    shell.press("q")
    answer(shell, "echo $? > status; stty -a > after", PROMPT)
    shell.assert_modes_reset(OF_THE_APP)
    assert (tmp_path / "status").read_text() == "0\n"
    before, stopped, after = ((tmp_path / name).read_text() for name in ("before", "stopped", "after"))
    assert before == stopped == after


def test_a_stopped_app_can_be_ended_and_does_not_run_in_the_background(shell: Terminal) -> None:
    shell.settle()
    shell.screen.reset()
    shell.press("\x1a")
    shell.wait("Stopped")
    # In two pieces, so that the line which asks for a word does not show it.
    answer(shell, "bg; until jobs | grep 'Stop''ped'; do sleep 0.1; done", "Stopped")
    answer(shell, "kill %1; until jobs | grep 'Exit 1''43'; do sleep 0.1; done", "Exit 143")
    shell.assert_modes_reset(OF_THE_APP)


def test_on_a_small_terminal_every_pane_is_one_key_away_and_input_that_means_nothing_is_left_out() -> None:
    """A character cut off, one that never comes, two; a key that is no character, and one whose text is none."""
    with terminal("xor", size=(40, 12)) as app:
        for title in ("Chain rule", "Loss", "Gradients", "Data", "Weights", "Chain rule"):
            app.wait(lambda text, title=title: f"╭─ {title} " in text and frames_are_closed(text))
            app.press("tab")
        app.resize(*ROOMY)
        for typed in (b"\xe9a", b"\xf8a", b"\xff\xfe", b"\x1b[99999999u", b"\x1b[1;2;99999999u"):
            app.wait("before the first op of step 1")
            app.child.send(typed + KEYS["right"].encode())
            app.wait("step 1 finished")
            app.press("left")
        app.press("q")
        assert app.end() == 0
        app.assert_restored()


@pytest.mark.parametrize("arguments", [[], *share([], [["xor"], ["--ascii"]])])
def test_without_a_terminal_it_says_so(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backprop_tui", *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"terminal" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert b"\x1b" not in done.stderr


STATED = [("3", "2"), ("-5", "x"), ("99999", "99999"), ("0", "0"), ("132", "43")]


def test_the_size_is_that_of_the_terminal_whatever_the_environment_states() -> None:
    with terminal("xor", size=SMALL) as plain:
        plain.wait("before the first op of step 1")
        small = plain.settle()
        plain.resize(*ROOMY)
        plain.wait(" Data ")
        roomy = plain.settle()
    for columns, lines in share(STATED[:1], STATED):
        with terminal("xor", size=SMALL, COLUMNS=columns, LINES=lines) as app:
            app.wait(lambda text: text == small)
            app.resize(*ROOMY)
            app.wait(lambda text: text == roomy)
            app.press("q")
            assert app.end() == 0
            app.assert_restored()


# Faults of its own


def with_fault(fault: str) -> tuple[str, ...]:
    """The program with a fault put into it."""
    lines = (
        "import sys",
        "from backprop_tui.tui.cli import main",
        "from backprop_tui.tui.app import BackpropApp",
        "from backprop_tui.tui.panes.weights import WeightsPane",
        "from backprop_tui.tui.training_screen import TrainingScreen",
        "def fail(*_): raise LookupError('put in by the test')",
        fault,
        "sys.exit(main(sys.argv[1:]))",
    )
    return sys.executable, "-c", "\n".join(lines)


def last_words(app: Terminal) -> str:
    """What is written when the terminal has been restored; a picture before it may have been cut off in a character."""
    return re.split(r"\x1b\[[?<][0-9]*[a-z]", app.output.decode(errors="replace"))[-1]


@pytest.mark.parametrize(
    "fault",
    [
        "TrainingScreen.action_log_axis = lambda self: self.set_interval(0.001, fail)",
        "BackpropApp._on_exit_app = fail; TrainingScreen.action_log_axis = lambda self: self.app.exit()",
    ],
)
def test_a_fault_that_it_cannot_go_on_after_ends_it_in_good_order(fault: str, tmp_path: Path) -> None:
    with terminal("xor", program=with_fault(fault), XDG_STATE_HOME=str(tmp_path)) as app:
        deadline = time.monotonic() + PATIENCE
        while app.child.isalive() and time.monotonic() < deadline:
            with suppress(OSError):
                app.press("l")
            with suppress(pexpect.EOF):
                app.read(0.2)
        assert app.end() == 1
        app.assert_restored()
        (path,) = tmp_path.rglob("*.txt")
        assert "put in by the test" in path.read_text()
        (said,) = [line.lstrip("l") for line in last_words(app).splitlines() if line.strip("l")]
        assert said.startswith("backprop-tui: ended by a fault of its own: ")
        assert "put in by the test" in said
        assert path.name in said


def test_a_fault_that_it_goes_on_after_is_told_when_it_is_left(tmp_path: Path) -> None:
    fault = "WeightsPane.draw = fail"
    with terminal("xor", program=with_fault(fault), XDG_STATE_HOME=str(tmp_path)) as app:
        app.wait("not drawn: LookupError")
        app.wait("before the first op of step 1")
        app.press("q")
        assert app.end() == 0
        (path,) = tmp_path.rglob("*.txt")
        assert last_words(app).strip() == f"backprop-tui: it met faults of its own, and went on; reports: {path}"


# Resizing


def cells(screen: pyte.Screen) -> list[list[tuple[str, str, str]]]:
    """Every cell with its colours."""
    return [
        [(cell.data, cell.fg, cell.bg) for cell in (screen.buffer[y][x] for x in range(screen.columns))]
        for y in range(screen.lines)
    ]


def test_random_resizes_while_training_leave_what_a_fresh_app_shows() -> None:
    play_on()
    chance = random.Random("resize")
    sizes = [(chance.randint(20, 250), chance.randint(5, 80)) for _ in range(share(10, 25))]
    final = (130, 40)
    with terminal("xor", size=ROOMY) as app, terminal("xor", size=final) as fresh:
        for opened in (app, fresh):
            opened.wait("before the first op of step 1")
            opened.press(*FULL_SPEED)
            opened.wait("- full speed")
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


def test_a_step_that_was_handed_in_opens_beside_its_op(tmp_path: Path):
    path = tmp_path / "mine.json"
    step = {"X": [[1.0], [2.0]], "Y": [[0.5]], "W1": [[0.5, -0.25]], "b1": [0.125], "dZ1": [[-0.75]]}
    settings = {"activations": ["identity"], "loss_kind": "mean_squared_error"}
    path.write_text(json.dumps(step | settings | {"dW1": [[0.75, -1.5]]}), encoding="utf-8")
    with terminal("verify", str(path), "--app") as opened:
        text = opened.wait("✗ wrong")
        # dZ = 2 (0.125 − 0.5) = −0.75, so dW = (−0.75, −1.5).
        assert "= −0.75 · 1 = −0.75" in text
        assert "yours  dW1[0, 0] = 0.75   ✗ wrong" in text
        opened.press("left")
        opened.wait("yours  dZ1[0, 0] = −0.75   ✓")
        opened.press("q")
        assert opened.end() == 0
        opened.assert_restored()
