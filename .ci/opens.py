#!/usr/bin/env python3
"""Opens the app in a pseudo-terminal, waits until it has painted, presses q, and expects it to leave with status 0.

`opens.py PROGRAM …` runs the command PROGRAM with the preset first-steps. It needs nothing but Python's own library.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

ROWS, COLUMNS = 36, 120
PAINTED = "before the first op of step 1"
PATIENCE = 120.0
"""Seconds until something that should have come is missed; nothing is measured by it."""
ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def opened(command: list[str]) -> tuple[int, int]:
    """Start `command` in a pseudo-terminal of its own; its process, and the terminal's other end."""
    process, terminal = pty.fork()
    if process == 0:
        # The app asks for the size as soon as it starts, so its own end of the terminal is given one first.
        fcntl.ioctl(sys.stdout.fileno(), termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.execvpe(command[0], command, os.environ | {"TERM": "xterm-256color"})
    return process, terminal


def read(terminal: int, deadline: float) -> bytes:
    """What the program has written since; nothing once it has left, or when the deadline has passed."""
    if not select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))[0]:
        return b""
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux has an error for the end of a pseudo-terminal, other systems have an empty read.
        return b""


def main(command: list[str]) -> str | None:
    """Open the app, wait, press q, wait; what went wrong, or None."""
    deadline = time.monotonic() + PATIENCE
    process, terminal = opened([*command, "first-steps"])
    output, painted = b"", False
    while chunk := read(terminal, deadline):
        output += chunk
        if not painted and PAINTED in ESCAPE_SEQUENCE.sub("", output.decode(errors="replace")):
            painted = True
            os.write(terminal, b"q")
    if time.monotonic() >= deadline:
        os.kill(process, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if painted and status == 0:
        return None
    wanted = f"{PAINTED!r} on the screen, then status 0 after q, all within {PATIENCE:g} seconds"
    found = f"it {'' if painted else 'not '}there, status {status}, and this output"
    return f"expected {wanted}; found {found}:\n{output.decode(errors='replace')}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
