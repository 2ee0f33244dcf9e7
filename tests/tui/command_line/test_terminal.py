"""What the app asks of a terminal before it draws on it: that it is one, that it can, and how large it is."""

import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

from ...share import share

PROGRAM = [sys.executable, "-m", "backprop_tui", "xor"]


def in_terminal(environment: dict[str, str | None], *streams: str) -> tuple[int, bytes, bytes]:
    """The program with these streams on a terminal: exit status, what it wrote there, and what elsewhere."""
    inherited = {name: value for name, value in os.environ.items() if name not in environment}
    ours, theirs = pty.openpty()
    on = {name: theirs if name in streams else subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
    stated = {name: value for name, value in environment.items() if value is not None}
    with subprocess.Popen(PROGRAM, env=inherited | stated, **on) as process:  # type: ignore[call-overload]
        os.close(theirs)
        out, err = process.communicate(timeout=60)
    drawn = b""
    with suppress(OSError):
        while chunk := os.read(ours, 4096):
            drawn += chunk
    os.close(ours)
    return process.returncode, drawn, (out or b"") + (err or b"")


ALL = ("stdin", "stdout", "stderr")


@pytest.mark.parametrize(
    ("kind", "streams"),
    [
        *((kind, ALL) for kind in share((None, "dumb"), (None, "", " ", "dumb", "DUMB", " dumb ", "unknown", "vt52"))),
        *((kind, ("stdin", "stdout")) for kind in share(("Unknown",), (None, "dumb", "Unknown"))),
    ],
)
def test_a_terminal_that_cannot_place_its_cursor_is_told_so(kind: str | None, streams: tuple[str, ...]) -> None:
    status, drawn, elsewhere = in_terminal({"TERM": kind}, *streams)
    said = drawn + elsewhere
    assert status == 2
    assert said.startswith(b"backprop-tui: the app needs a terminal that can place its cursor, and TERM is ")
    assert b"say --plain for the same as lines of text" in said
    assert said.count(b"\n") == 1
    assert b"\x1b" not in said


@pytest.mark.parametrize("streams", [("stdin", "stderr"), ("stdout", "stderr"), ("stderr",), ()])
def test_input_and_output_are_to_be_a_terminal(streams: tuple[str, ...]) -> None:
    status, drawn, elsewhere = in_terminal({"TERM": "xterm-256color"}, *streams)
    said = drawn + elsewhere
    assert status == 2
    assert said.startswith(b"backprop-tui: the app needs a terminal, which ")
    assert said.count(b"\n") == 1
    assert b"\x1b" not in said


SCRIPT = """
import os, sys
from backprop_tui.tui.command_line import terminal
if len(sys.argv) > 1:
    os.get_terminal_size = lambda _: os.terminal_size((0, 0))
terminal.trust_terminal()
print(os.environ.get("COLUMNS"), os.environ.get("LINES"), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("columns", "lines", "left"),
    [
        ("99999", "5", "None 5"),
        ("0", "-3", "None None"),
        ("1e3", "", "None None"),
        ("120", "40", "120 40"),
        ("9" * 5000, "²", "None None"),
    ],
)
def test_a_size_that_only_the_environment_states_is_believed_if_it_can_be(columns: str, lines: str, left: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "no size"],
        env=os.environ | {"COLUMNS": columns, "LINES": lines},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.strip() == left
