"""Reading TOML that somebody else may have written: one line for whatever is wrong, and no depth without end."""

import re
import tomllib
from typing import Any

from .schema import Place, PresetError

DEEPEST = 64
"""Tables and lists inside one another, and names in a dotted path; a preset has five."""
WORD = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
LONG_PATH = re.compile(rf"(?<![\w-])(?:{WORD}[ \t]*+\.[ \t]*+){{{DEEPEST}}}")
"""A dotted key of so many names that reading it would take time without end, or what looks like one."""


def parse(text: str, source: str) -> dict[str, Any]:
    """The table of a preset's TOML; raises PresetError that names the line where it is not TOML."""
    place = Place(source)
    try:
        return loads(text)
    except RecursionError:
        raise too_deep(place) from None
    except ValueError as problem:
        end = f"at line {len(text.splitlines())}, the end of the document"
        raise place.error(f"not valid TOML: {said_of(problem)}".replace("at end of document", end)) from None


def loads(text: str) -> dict[str, Any]:
    """The table of a TOML text; raises ValueError where it is none, RecursionError where it is deeper than DEEPEST."""
    if LONG_PATH.search(text):
        raise RecursionError
    table = tomllib.loads(text)
    if is_deep(table):
        raise RecursionError
    return table


def said_of(problem: ValueError | RecursionError) -> str:
    """What `loads` has found, in words: those of tomllib, which has none for two of them."""
    if isinstance(problem, RecursionError):
        return f"more than {DEEPEST} tables and lists inside one another"
    return str(problem) if isinstance(problem, tomllib.TOMLDecodeError) else "a number of too many digits"


def too_deep(place: Place) -> PresetError:
    return place.error(f"expected at most {DEEPEST} tables and lists inside one another, found more")


def is_deep(table: dict[str, Any]) -> bool:
    """Whether more than DEEPEST tables and lists are inside one another: level by level, since it may be far more."""
    level: list[Any] = [table]
    for _ in range(DEEPEST):
        inner = (item for outer in level for item in (outer.values() if isinstance(outer, dict) else outer))
        level = [item for item in inner if isinstance(item, dict | list)]
    return bool(level)
