"""One value of a TOML text replaced, or put in: all else, comments, order and blanks, stays as a person wrote it."""

import re
import tomllib
from typing import Any

from backprop_tui.core.preset.toml_lines import key_lines

HEADER = re.compile(r"[ \t]*\[")
VALUE = r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|[^\s#\"'\[\]{},]+"
PAIR = re.compile(rf"(?P<key>[ \t]*[^=#\n]+=[ \t]*)(?P<value>{VALUE})(?P<rest>[ \t]*(?:#.*)?)")
Value = str | bool | int | float


def with_value(text: str, path: str, value: Value) -> str | None:
    """The TOML `text` with `value` at a dotted path of one or two names; None where it cannot be put there alone."""
    wanted = tomllib.loads(text)
    put(wanted, path.split("."), value)
    edited = replaced(text, path, value)
    try:
        return edited if tomllib.loads(edited) == wanted else None
    except tomllib.TOMLDecodeError:
        return None


def put(table: dict[str, Any], names: list[str], value: Value) -> None:
    *above, name = names
    for each in above:
        inner = table.setdefault(each, {})
        if not isinstance(inner, dict):
            return
        table = inner
    table[name] = value


def replaced(text: str, path: str, value: Value) -> str:
    """The text with the line of that key changed, or with one put in where its table begins or would."""
    rows = text.split("\n")
    group, _, name = path.rpartition(".")
    lines = key_lines(text, [path])
    if path in lines:
        found = PAIR.fullmatch(rows[lines[path] - 1].removesuffix("\r"))
        if found:
            end = "\r" if rows[lines[path] - 1].endswith("\r") else ""
            rows[lines[path] - 1] = f"{found['key']}{written(value)}{found['rest']}{end}"
        return "\n".join(rows)
    end = "\r" if "\r\n" in text else ""
    pair = f"{name} = {written(value)}{end}"
    if group and group in lines:
        rows.insert(lines[group], pair)
    elif group:
        if text and not text.endswith("\n"):
            rows.append("")
        rows[-1:] = [*([end] if text.strip() else []), f"[{group}]{end}", pair, ""]
    else:
        place = first_header(rows)
        if place < len(rows) and (place == 0 or rows[place - 1].strip()):
            rows.insert(place, end)
        elif place == len(rows):
            # Before the empty row that ends the text.
            place = place - 1 if not rows[-1] else place
            rows = rows if not rows[-1] else [*rows, ""]
        elif place > 0:
            place -= 1
        rows.insert(place, pair)
    return "\n".join(rows)


def first_header(rows: list[str]) -> int:
    """The row of the first table, or of the comment right above it; as many as there are rows where there is none."""
    place = next((number for number, row in enumerate(rows) if HEADER.match(row)), len(rows))
    while 0 < place < len(rows) and rows[place - 1].lstrip().startswith("#"):
        place -= 1
    return place


def written(value: Value) -> str:
    """A value as TOML has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = "".join(map(escaped_character, value))
        return f'"{escaped}"'
    return repr(value)


def escaped_character(character: str) -> str:
    """A character within quotes."""
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"
