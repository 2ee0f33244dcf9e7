"""A new file whose name was typed: all of it or nothing, and one line where it cannot be."""

import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import IO

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.command_line.new_file import fill_new
from backprop_tui.tui.command_line.visitor import is_visitor

from .download import DOWNLOADS, download_path

NAME = 48
"""Characters of a file's name that are said, so that the reason behind it is seen too."""


def typed_path(name: str, endings: Collection[str]) -> tuple[Path, str]:
    """The path that was typed, and its ending, which is one of `endings`.

    Raises PresetError where it is not, and where something of that name is there. A visitor's file has no path.
    """
    if is_visitor():
        return download_path(name, endings)
    try:
        path = Path(name).expanduser()
    except RuntimeError:
        raise PresetError(f"{said(name)} cannot be written: {said(Path(name).parts[0])} has no home folder") from None
    ending = path.suffix.lower()
    if ending not in endings:
        raise PresetError(f"expected a file name that ends in {', '.join(endings)}, found {said(name)!r}")
    if os.path.lexists(path):
        raise PresetError(f"{said(path)} is there already; choose another name")
    return path, ending


def written(path: Path, fill: Callable[[IO[bytes]], object]) -> Path:
    """Let `fill` write the file, and give its whole path; raises PresetError where it cannot be written.

    A visitor's is handed to his browser.
    """
    if is_visitor():
        return DOWNLOADS.take(path, fill)
    try:
        fill_new(path, fill)
    except FileExistsError:
        raise PresetError(f"{said(path)} is there already; choose another name") from None
    except OSError as problem:
        raise PresetError(f"{said(path)} cannot be written: {problem.strerror or problem}") from None
    except PresetError:
        raise
    except ValueError:
        raise PresetError(f"{said(path)!r} cannot be written: no file name can have such a character") from None
    return whole_path(path)


def told(what: object, done: str = "written") -> str:
    """What is said of a file that is there now: `written: /home/me/xor-step-12.md`."""
    return f"{'handed to the browser' if is_visitor() else done}: {what}"


def whole_path(path: Path) -> Path:
    """A path from the root on. Raises PresetError where it begins in a folder that has been taken away meanwhile."""
    try:
        return Path(os.path.abspath(path))
    except OSError:
        raise PresetError(f"{said(path)}: the folder that this was started in is gone; give a whole path") from None


def said(name: str | Path) -> str:
    """A name as it is said: the two ends of one that is long."""
    text = str(name)
    half = NAME // 2
    return text if len(text) <= NAME else f"{text[:half]}…{text[1 - half :]}"
