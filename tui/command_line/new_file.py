"""A new file: the whole of it or nothing, and never in place of one that is there, unless that is to be replaced."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import IO

from backprop_tui.core.preset.new_name import give_name

from .leaving import FINISHED_FIRST


def write_new(path: Path, text: str) -> None:
    """Write a text as a file that is not there yet, in UTF-8; raises what `fill_new` does."""
    fill_new(path, lambda stream: stream.write(text.encode()))


def fill_new(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Let `fill` write a file that is not there yet, readable for whom new files are.

    It gets its name when all of it is written; what was written of one that could not be is taken away. Raises
    FileExistsError where something of that name is there, OSError or ValueError where it cannot be written.
    """
    written(path, fill, give_name)


def replace(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Let `fill` write a file in place of one, which stays as it is until all is written; raises what `fill_new` does.

    Where `path` is a link, what it leads to is replaced.
    """
    written(Path(os.path.realpath(path)), fill, lambda part, whole: part.replace(whole))


def written(path: Path, fill: Callable[[IO[bytes]], object], name: Callable[[Path, Path], object]) -> None:
    """Write a file beside `path`, and have it given that name when it is whole."""
    part = path.with_name(f".backprop-tui-{token_hex(4)}.part")
    with FINISHED_FIRST:
        try:
            with part.open("xb") as file:
                fill(file)
                file.flush()
            name(part, path)
        finally:
            with suppress(OSError, ValueError):
                part.unlink(missing_ok=True)
