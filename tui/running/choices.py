"""What a person has chosen once and finds again: words by name, in a small file in his configuration folder.

A file that cannot be read, or holds anything else, is as if it were not there: nothing chosen is so dear that it should
keep a program from opening. One that cannot be written leaves the choice to this run alone.
"""

import json
import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

PROGRAM = "backprop-tui"
FILE = "choices.json"
LARGEST = 2**14
"""Bytes that are read."""


def folder() -> Path:
    """Where choices are kept; it need not be there. Raises RuntimeError for somebody who has no home folder."""
    from platformdirs import user_config_path  # Not needed before the screen is there.

    path = user_config_path(PROGRAM, appauthor=False)
    if not path.is_absolute():
        raise RuntimeError(f"{path} is no place to keep anything in")
    return path


def chosen(name: str) -> str | None:
    """What was chosen last; None where nothing was."""
    return all_choices().get(name)


def all_choices() -> dict[str, str]:
    """Every choice by its name."""
    try:
        path = folder() / FILE
        # A pipe would wait for somebody who writes.
        if not path.is_file():
            return {}
        with open(path, "rb") as stream:
            content = stream.read(LARGEST + 1)
        found = json.loads(content) if len(content) <= LARGEST else {}
    except (OSError, ValueError, RuntimeError):
        # RecursionError, of what is too deep, is a RuntimeError.
        return {}
    pairs = found.items() if isinstance(found, dict) else ()
    return {name: value for name, value in pairs if isinstance(value, str)}


def choose(name: str, value: str | None) -> None:
    """Remember a choice, or forget it: None."""
    choices = all_choices() | {name: value}
    text = json.dumps({name: value for name, value in choices.items() if value is not None}, indent=2)
    with suppress(OSError, RuntimeError):
        part = folder() / f".{FILE}-{token_hex(4)}.part"
        part.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_text(f"{text}\n", encoding="utf-8")
            os.replace(part, folder() / FILE)
        finally:
            part.unlink(missing_ok=True)
