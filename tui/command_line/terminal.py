"""The terminal that the app is to be drawn on: whether it can be, and how large it is."""

import os
import sys
from contextlib import suppress

INSTEAD = "say --plain for the same as lines of text, or use the commands train, explain, show and list"
DUMB = ("", "dumb", "unknown")
"""What TERM says where nobody knows what the terminal can do."""
SIZE = ("COLUMNS", "LINES")
LARGEST = 1000
"""Columns or rows that can be believed."""


def lacking() -> str:
    """What is missing for the app to be drawn, and what to do about it; empty where nothing is."""
    other = [f"standard {name}" for name in ("input", "output") if not on_terminal(name)]
    if other:
        return (
            f"the app needs a terminal, which {' and '.join(other)} {'is' if len(other) == 1 else 'are'} not; {INSTEAD}"
        )
    kind = os.environ.get("TERM", "").strip()
    if os.name == "posix" and not can_place_cursor(kind):
        stated = f"TERM is {kind!r}" if kind else "TERM is not set"
        return f"the app needs a terminal that can place its cursor, and {stated}; set TERM to its kind, or {INSTEAD}"
    return ""


def on_terminal(name: str) -> bool:
    """Whether standard input or output is a terminal."""
    stream = {"input": sys.stdin, "output": sys.stdout}[name]
    return stream is not None and stream.isatty()


def can_place_cursor(kind: str) -> bool:
    """Whether a kind of terminal understands the codes that place the cursor; one that nobody has heard of may."""
    if kind.lower() in DUMB:
        return False
    try:
        import curses
    except ImportError:
        return True
    try:
        curses.setupterm(kind, sys.__stdout__.fileno() if sys.__stdout__ is not None else -1)
        return (curses.tigetstr("cup") or b"").startswith(b"\x1b[")
    except (OSError, ValueError, curses.error):
        return True


def trust_terminal() -> None:
    """Forget the size that the environment states, where the terminal itself tells it, or it cannot be true.

    Shells set it and do not always keep it; a window that has been resized would be drawn in its old size for ever.
    """
    known = False
    with suppress(OSError, ValueError, AttributeError):
        known = all(os.get_terminal_size(sys.__stdout__.fileno()))  # type: ignore[union-attr]
    for name in SIZE:
        stated = os.environ.get(name, "")
        if known or not (stated.isdecimal() and 0 < int(stated[:9]) <= LARGEST):
            os.environ.pop(name, None)
