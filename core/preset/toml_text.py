"""A preset's table as TOML, for a preset that was changed on its way: what it says is the same, comments are gone."""

import json
import re
from typing import Any

from .control_characters import escaped

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def toml_text(table: dict[str, Any]) -> str:
    """TOML that reads back as `table`, whose values are those that TOML has, but for dates and times.

    Tables and lists of tables at the top get headers; what is deeper stands inline.
    """
    plain = {name: value for name, value in table.items() if not isinstance(value, dict) and not is_tables(value)}
    blocks = [pairs(plain)]
    for name, value in table.items():
        if isinstance(value, dict):
            blocks.append(f"[{key(name)}]\n{pairs(value)}")
        elif is_tables(value):
            blocks += [f"[[{key(name)}]]\n{pairs(item)}" for item in value]
    return "\n".join(block for block in blocks if block)


def is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def pairs(table: dict[str, Any]) -> str:
    """One `key = value` a line; a string of several lines keeps them."""
    lines = []
    for name, value in table.items():
        long = isinstance(value, str) and "\n" in value
        lines.append(f"{key(name)} = {paragraphs(value) if long else inline(value)}\n")
    return "".join(lines)


def key(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else quoted(name)


def inline(value: Any) -> str:
    """A value on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case list():
            return "[" + ", ".join(inline(item) for item in value) + "]"
        case dict():
            return "{ " + ", ".join(f"{key(name)} = {inline(item)}" for name, item in value.items()) + " }"
        case _:
            return repr(value)


def quoted(text: str) -> str:
    """A basic string; JSON's escapes are TOML's, but for the control characters that JSON leaves as they are."""
    return escaped(json.dumps(text, ensure_ascii=False))


def paragraphs(text: str) -> str:
    """A basic string over several lines; the line break after the opening quotes is not part of it."""
    return '"""\n' + "\n".join(quoted(line)[1:-1] for line in text.split("\n")) + '"""'
