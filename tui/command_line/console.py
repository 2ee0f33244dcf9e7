"""The standard streams of a command: results out, messages aside, and nothing left in them at the end.

Results go to standard output, everything else to standard error. Nothing here needs a terminal.
"""

import os
import sys
from io import TextIOWrapper

from backprop_tui.core.preset.control_characters import shown

STANDARD_OUTPUT = "standard output"
"""What an error is told of that comes from writing results."""
BEGINNING, END = 500, 250
"""Characters of a long message that are written."""


class Signs:
    """Of which signs messages are: `ascii`, of plain ASCII alone, as `--ascii` asks for."""

    ascii = False


def emit(text: str) -> None:
    """Write a result to standard output, in UTF-8, its control characters shown.

    A reader that has gone away has had what it wanted.
    Raises OSError where it cannot be written for another reason, such as a full disk.
    """
    still_read(shown(text if text.endswith("\n") else text + "\n"))


def still_read(text: str) -> bool:
    """Write `text` as it is to standard output, in UTF-8; whether there is still somebody who reads it.

    Raises OSError as `emit` does.
    """
    stream = sys.stdout
    if stream is None:
        return False
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        _abandon(stream.fileno())
        return False
    except OSError as problem:
        _abandon(stream.fileno())
        raise OSError(problem.errno, problem.strerror, STANDARD_OUTPUT) from None
    return True


def _abandon(descriptor: int) -> None:
    """Let what is left in the stream's buffer go nowhere, so that the interpreter's end does not stumble over it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


def complain(message: str) -> None:
    """Write one line to standard error, its control characters shown and its middle left out where it is very long."""
    if sys.stderr is None:
        return
    line = shown(" ".join(message.split()))
    if len(line) > BEGINNING + END:
        line = f"{line[:BEGINNING]} … {line[-END:]}"
    if Signs.ascii:
        line = in_ascii(line)
    try:
        print(f"backprop-tui: {line}", file=sys.stderr, flush=True)
    except OSError:
        _abandon(sys.stderr.fileno())


def in_ascii(text: str) -> str:
    """Lines of text in plain ASCII."""
    from backprop_tui.tui.drawing.symbols import ascii_symbols  # Most people have all signs.

    return "\n".join(ascii_symbols(line) for line in text.split("\n"))


def flush_streams() -> None:
    """Write what is left in the buffers, or let it go: at its end the interpreter would count it as an error."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            try:
                stream.flush()
            except OSError:
                _abandon(stream.fileno())
