"""What was opened last, the latest first: presets by their ids, files by their whole paths."""

import json
import os
from pathlib import Path

from backprop_tui import presets
from backprop_tui.tui.command_line.own_words import OwnWords, is_own, is_url, own_words

from .folder import read_text, write_text

FILE = "recent.json"
RECENT = 8
"""How many are shown unless told."""
MOST = 50
"""How many are kept, whatever is shown of them."""
LONGEST = 4096
"""Characters of one that is kept."""


def lasting(argument: str) -> str:
    """What names a preset from any folder: an id as it is, a file by its whole path."""
    if argument in presets.names() or is_url(argument):
        return argument
    if is_own(argument):
        words = own_words(argument)
        test = None if words.test is None else os.path.abspath(words.test)
        return OwnWords(os.path.abspath(words.path), words.targets, test).argument
    return os.path.abspath(argument)


def is_there(argument: str) -> bool:
    """Whether it can still be opened: a preset that there is, files that are there."""
    if argument in presets.names() or is_url(argument):
        return True
    try:
        return all(os.path.isfile(path) for path in (own_words(argument).files if is_own(argument) else (argument,)))
    except ValueError:
        return False


def recent(folder: Path) -> list[str]:
    """All that were opened last and can be opened; none where the file cannot be read."""
    return [argument for argument in read(folder / FILE) if is_there(argument)]


def read(path: Path) -> list[str]:
    try:
        found = json.loads(read_text(path) or "[]")
    except (OSError, ValueError, RecursionError):
        return []
    if not isinstance(found, list):
        return []
    usable = (one for one in found if isinstance(one, str) and 0 < len(one) <= LONGEST and one.isprintable())
    return list(dict.fromkeys(usable))[:MOST]


def note(folder: Path, argument: str) -> None:
    """Put what has been opened before all others."""
    path, opened = folder / FILE, lasting(argument)
    if len(opened) > LONGEST or not opened.isprintable():
        return
    kept = [opened, *(one for one in read(path) if one != opened)][:MOST]
    write_text(path, f"{json.dumps(kept, indent=1, ensure_ascii=False)}\n")
