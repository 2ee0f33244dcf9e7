"""How a table of a preset file is declared and read.

A table is a dataclass. Each of its keys is a field made by `key(reader, default, meaning, example)`: the reader checks
one TOML value and returns what the field holds; a key without default is required; what the key means, and a value that
it may have, stand in the reference of the format. `read` then does the same for every table: unknown keys, missing
keys, values.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, field, fields
from difflib import get_close_matches
from typing import Any, TypeVar

from backprop_tui.core.value_class import dataclass

LARGEST_INTEGER = 2**63 - 1
MOST_NAMES = 40
"""Names that a message lists."""
LONGEST_WORD = 100
"""Characters of a word that are compared with names: the time that takes grows with both."""


class PresetError(ValueError):
    """A preset, setting or data file that cannot be used; the message is one line for its author.

    `place` is where what is wrong stands, None where that is no key of a file.
    """

    def __init__(self, message: str, place: "Place | None" = None) -> None:
        super().__init__(" ".join(message.split()))
        self.place = place


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which file a value stands: `Place("a.toml") / "layers" / 0` is `a.toml: layers.0`."""

    source: str
    path: str = ""

    def __truediv__(self, step: str | int) -> "Place":
        return Place(self.source, f"{self.path}.{step}" if self.path else str(step))

    def error(self, message: str) -> PresetError:
        """The error that says `message` about this place."""
        return PresetError(": ".join(part for part in (self.source, self.path, message) if part), self)

    def expected(self, wanted: str, found: object) -> PresetError:
        """The error for a value that is not what was wanted."""
        return self.error(f"expected {wanted}, found {described(found)}")


Reader = Callable[[Any, Place], Any]
R = TypeVar("R", bound=Reader)
Test = Callable[[Any], bool]
WANTED: dict[Reader, str] = {}
"""What each reader reads, in a few words."""
CHOICES: dict[Reader, Sequence[str]] = {}
"""The words that a reader takes, where it takes no others."""
TABLES: dict[Reader, type[Any]] = {}
"""The tables that readers read: one, or a list of them."""


def reads(wanted: str) -> Callable[[R], R]:
    """Says of a reader what it reads."""

    def told(reader: R) -> R:
        WANTED[reader] = wanted
        return reader

    return told


def described(value: object) -> str:
    """A TOML value in a few words, for an error message."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"' if len(value) <= 40 else f'"{value[:37]}…"'
        case list() | tuple():
            return f"a list of {len(value)}" if value else "an empty list"
        case dict():
            return "a table"
        case int() if abs(value) > LARGEST_INTEGER:
            return "an integer of more than 64 bits"
        case _:
            return str(value)


def nearest(word: object, names: Iterable[str]) -> str | None:
    """The one of `names` that `word` was probably meant to be, if there is one."""
    if not isinstance(word, str):
        return None
    spellings = {name.lower(): name for name in names}
    found = get_close_matches(word[:LONGEST_WORD].lower(), list(spellings), n=1, cutoff=0.55)
    return spellings[found[0]] if found else None


def suggestion(word: object, names: Sequence[str]) -> str:
    """`; did you mean …?`, or the choice where nothing is near, the beginning of it where it is long."""
    if not names:
        return "; there are none"
    near = nearest(word, names)
    if near:
        return f'; did you mean "{near}"?'
    more = f", … ({len(names):,} in all)" if len(names) > MOST_NAMES else ""
    return f"; the choice is {', '.join(names[:MOST_NAMES])}{more}"


def key(reader: Reader, default: Any = MISSING, meaning: str = "", example: Any = None, *, unset: str = "") -> Any:
    """A dataclass field that is a key of the file, read by `reader`; required where it has no default.

    `example` is a value as the file has it, None where that is the default; `unset` says what holds without the key,
    where the default does not say it.
    """
    told = {"reader": reader, "meaning": meaning, "example": example, "unset": unset}
    if default is MISSING:
        return field(metadata=told)
    return field(default=default, metadata=told)


T = TypeVar("T")


def read(table_class: type[T], value: Any, place: Place) -> T:
    """The TOML table `value` as a `table_class`; raises PresetError for anything that does not belong there."""
    if not isinstance(value, dict):
        raise place.expected("a table", value)
    keys = {item.name: item for item in fields(table_class) if "reader" in item.metadata}  # type: ignore[arg-type]
    for name in value:
        if name not in keys:
            raise (place / name).error(f"unknown key{elsewhere(name, keys) or suggestion(name, list(keys))}")
    for name, item in keys.items():
        if item.default is MISSING and name not in value:
            raise (place / name).error("this key is required")
    return table_class(**{name: keys[name].metadata["reader"](found, place / name) for name, found in value.items()})


def elsewhere(word: str, keys: dict[str, Any]) -> str:
    """`; did you mean "optimizer.learning_rate"?`, where a table below one of the keys has that key; else nothing."""
    found = []
    for name, item in keys.items():
        reader = item.metadata["reader"]
        if reader in TABLES and any(inner.name == word for inner in fields(TABLES[reader])):
            found.append(f'"{name}.0.{word}"' if WANTED[reader].startswith("list") else f'"{name}.{word}"')
    return f"; did you mean {' or '.join(found)}?" if found else ""


@reads("string")
def text(value: Any, place: Place) -> str:
    """Reads a string."""
    if not isinstance(value, str):
        raise place.expected("a string", value)
    return value


@reads("string")
def filled_text(value: Any, place: Place) -> str:
    """Reads a string that says something."""
    if not text(value, place).strip():
        raise place.expected("a string that is not empty", value)
    return str(value)


@reads("true or false")
def flag(value: Any, place: Place) -> bool:
    """Reads true or false."""
    if not isinstance(value, bool):
        raise place.expected("true or false", value)
    return value


def number(bounds: str = "", test: Test = lambda value: True) -> Reader:
    """A reader of finite numbers, integers among them, for which `test` holds; `bounds` says that test in words."""
    wanted = f"a finite number {bounds}".rstrip()

    @reads(f"number {bounds}".rstrip())
    def reader(value: Any, place: Place) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise place.expected(wanted, value)
        if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
            raise place.expected(wanted, value)
        if not math.isfinite(value) or not test(value):
            raise place.expected(wanted, value)
        return float(value)

    return reader


def integer(bounds: str, test: Test) -> Reader:
    """A reader of 64-bit integers for which `test` holds; `bounds` says that test in words."""
    wanted = f"an integer {bounds}"

    @reads(f"integer {bounds}")
    def reader(value: Any, place: Place) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST_INTEGER or not test(value):
            raise place.expected(wanted, value)
        return value

    return reader


def at_least(minimum: int) -> Reader:
    """A reader of integers from `minimum` on."""
    return integer(f"of {minimum} or more", lambda value: value >= minimum)


def one_of(names: Sequence[str]) -> Reader:
    """A reader of one of `names`."""

    @reads(f"one of {', '.join(f'`{name}`' for name in names)}")
    def reader(value: Any, place: Place) -> str:
        if not isinstance(value, str) or value not in names:
            raise place.error(f"expected one of the known names, found {described(value)}{suggestion(value, names)}")
        return value

    CHOICES[reader] = names
    return reader


def list_of(item: Reader, *, empty: bool = False) -> Reader:
    """A reader of lists, each entry read by `item`; gives a tuple. Only where `empty` is true may they be empty."""
    wanted = "a list" if empty else "a list with at least one entry"

    @reads(f"list, each {WANTED[item]}")
    def reader(value: Any, place: Place) -> tuple[Any, ...]:
        if not isinstance(value, list) or not (value or empty):
            raise place.expected(wanted, value)
        return tuple(item(entry, place / index) for index, entry in enumerate(value))

    if item in TABLES:
        TABLES[reader] = TABLES[item]
    return reader


vector = list_of(number())
vectors = list_of(vector)


@reads("rows of numbers")
def matrix(value: Any, place: Place) -> tuple[tuple[float, ...], ...]:
    """Reads rows of numbers, all of the same length."""
    rows: tuple[tuple[float, ...], ...] = vectors(value, place)
    for index, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise (place / index).error(f"expected {len(rows[0])} numbers, as in the first row, found {len(row)}")
    return rows


def table(table_class: type[Any], own: Reader | None = None) -> Reader:
    """A reader of one table; `own` reads it where more than its keys matters."""

    @reads("table")
    def reader(value: Any, place: Place) -> Any:
        return read(table_class, value, place) if own is None else own(value, place)

    TABLES[reader] = table_class
    return reader
