"""Where the settings are kept, and how a file there is read and written: whole, and never what is none.

A file that cannot be written leaves what was chosen to this run alone: nothing chosen is so dear that it should keep
a program from going on.
"""

import os
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE, S_IWGRP, S_IWOTH, S_IWUSR
from typing import IO

from backprop_tui.tui.command_line.new_file import replace

PROGRAM = "backprop-tui"
ANYBODY_WRITES = S_IWUSR | S_IWGRP | S_IWOTH
LARGEST = 2**18
"""Bytes that are read."""


def folder() -> Path:
    """The folder, which need not be there. Raises RuntimeError for somebody who has no home folder."""
    from platformdirs import user_config_path  # Not needed before the screen is there.

    path = user_config_path(PROGRAM, appauthor=False)
    if not path.is_absolute():
        raise RuntimeError(f"{path} is no place to keep anything in")
    return path


def read_text(path: Path) -> str | None:
    """The text of a file, None where there is none. Raises OSError or ValueError for one that cannot be read."""
    try:
        if not path.is_file():
            # A pipe would wait for somebody who writes.
            if path.exists():
                raise OSError(f"{path} is no file")
            return None
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    if len(content) > LARGEST:
        raise ValueError(f"it has more than {LARGEST:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ValueError(f"expected text in UTF-8, found other bytes at offset {problem.start}") from None


def write_text(path: Path, text: str) -> bool:
    """Write a file, in place of what was there, and whether that could be done; what may not be written stays."""
    with suppress(OSError, ValueError):
        mode = path.stat().st_mode if path.exists() else None
        if mode is not None and not (mode & ANYBODY_WRITES and os.access(path, os.W_OK)):
            return False

        def fill(stream: IO[bytes]) -> None:
            stream.write(text.encode())
            if mode is not None:
                os.chmod(stream.name, S_IMODE(mode))

        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, fill)
        return True
    return False
