"""The streams of plain mode: lines in, lines out, and a prompt where a person types."""

import sys
from collections.abc import Iterable
from contextlib import suppress
from io import TextIOWrapper

from backprop_tui.core.preset.control_characters import shown
from backprop_tui.tui.command_line.console import still_read
from backprop_tui.tui.command_line.terminal import on_terminal

LONGEST = 10_000
"""Characters of a line that are read."""
PROMPT = "> "


class Voice:
    """Speaks on standard output; in ASCII alone where that is asked for. `heard` says whether somebody still reads."""

    def __init__(self, *, ascii: bool = False) -> None:
        self.ascii, self.heard = ascii, True
        self.prompted = on_terminal("input") and on_terminal("output")
        if isinstance(sys.stdin, TextIOWrapper):
            with suppress(ValueError, OSError):
                sys.stdin.reconfigure(encoding="utf-8", errors="replace")

    def say(self, lines: Iterable[str]) -> None:
        """Write an answer, line by line as it is worked out, and an empty line behind it."""
        for line in lines:
            self.write(line)
            if not self.heard:
                return
        self.write("")

    def write(self, text: str) -> None:
        lines = text.split("\n")
        # Within an answer there is no empty line: it says that an answer is over.
        for line in filter(None, lines) if len(lines) > 1 else lines:
            self.heard = self.heard and still_read(f"{self.readable(line)}\n")

    def readable(self, line: str) -> str:
        """A line without control characters, and in ASCII where that is asked for."""
        if not self.ascii:
            return shown(line)
        from backprop_tui.tui.drawing.symbols import ascii_symbols

        return ascii_symbols(line)

    def ask(self) -> str | None:
        """The next line; None at the end of the input. Of one that is too long what can be read of it, with its end."""
        if sys.stdin is None:
            return None
        if self.prompted:
            self.heard = self.heard and still_read(PROMPT)
        line = sys.stdin.readline(LONGEST + 1)
        if not line:
            if self.prompted:
                # What comes next begins on a line of its own.
                self.write("")
            return None
        if len(line) > LONGEST and not line.endswith("\n"):
            while (rest := sys.stdin.readline(LONGEST)) and not rest.endswith("\n"):
                continue
        return line
