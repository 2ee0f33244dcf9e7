"""The app at the end of a line: what its terminal has not come to is not followed by more."""

import os
import subprocess
import sys
import time
from select import select

import pytest

from backprop_tui.tui.output.answers import ANSWER, QUESTION

pty = pytest.importorskip("pty")

PATIENCE = 60.0
PICTURE = b"\x1b[?2026h"
ASKED, SUPPORTED = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
SILENCE = 1.5
"""Seconds in which fifteen pictures and more would come, were they sent."""


class Line:
    """A terminal that answers questions as long as `answers`, and what it was sent."""

    def __init__(self, *arguments: str) -> None:
        self.ours, theirs = pty.openpty()
        left_out = ("NO_COLOR", "COLUMNS", "LINES", "SSH_CONNECTION")
        environment = {name: value for name, value in os.environ.items() if name not in left_out}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "backprop_tui", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment | {"TERM": "xterm-256color", "COLORTERM": "truecolor"},
            start_new_session=True,
        )
        os.close(theirs)
        self.answers = True
        self.output = b""
        self.answered = 0

    def read(self, seconds: float) -> bytes:
        """What comes within so many seconds."""
        before, end = len(self.output), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select([self.ours], [], [], left)[0]:
                try:
                    self.output += os.read(self.ours, 1 << 16)
                except OSError:  # The program has ended.
                    break
                if ASKED in self.output[before:]:
                    os.write(self.ours, SUPPORTED)
                self.answer()
        return self.output[before:]

    def answer(self) -> None:
        questions = self.output.count(QUESTION.encode())
        if self.answers:
            os.write(self.ours, ANSWER.encode() * (questions - self.answered))
            self.answered = questions

    def wait(self, enough: int) -> None:
        """Read until so many pictures have come beyond those there are."""
        wanted, deadline = self.output.count(PICTURE) + enough, time.monotonic() + PATIENCE
        while self.output.count(PICTURE) < wanted:
            assert time.monotonic() < deadline, self.output[-500:]
            self.read(0.05)


def test_nothing_piles_up_before_a_terminal_that_falls_behind() -> None:
    line = Line("xor", "--fps", "30", "--no-config")
    try:
        line.wait(1)
        line.read(1.0)
        # Not at full speed, which ends where the preset says.
        os.write(line.ours, b"+" * 7 + b" ")
        line.wait(6)
        line.answers = False
        # Two pictures may be on their way, and one more that answers a key.
        assert line.read(SILENCE).count(PICTURE) <= 3
        assert line.read(SILENCE) == b""
        line.answers = True
        line.answer()
        line.wait(6)
        os.write(line.ours, b"q")
        while line.process.poll() is None:
            line.read(0.05)
        assert line.process.wait() == 0
    finally:
        line.process.kill()
        line.process.wait()
        os.close(line.ours)
