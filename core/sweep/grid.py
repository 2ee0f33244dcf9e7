"""What is varied: `KEY=V1,V2,…`, and every combination of it, as the settings that make it."""

from collections.abc import Sequence
from itertools import product
from math import prod

from backprop_tui.core.preset.schema import Place, PresetError, described
from backprop_tui.core.preset.settings import is_text, setting_value
from backprop_tui.core.value_class import dataclass

MOST_RUNS = 10_000
EXAMPLE = "optimizer.learning_rate=0.03,0.1,0.3"
CLOSING = {"[": "]", "{": "}"}

Settings = tuple[str, ...]
"""KEY=VALUE texts, as `--set` takes them."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing that is varied: the keys that take each of the values at once, both as typed."""

    keys: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def options(self) -> list[Settings]:
        """The settings of each value."""
        return [tuple(f"{key}={value}" for key in self.keys) for value in self.values]


def read_axis(text: str) -> Axis:
    """The axis that `KEY=V1,V2,…` says, or `KEY,KEY=V1,…` of keys that change together.

    A value is what `--set` takes; commas within brackets, braces and quotes are part of it. Raises PresetError for a
    text that is none, a value that is missing or stands there twice.
    """
    place = Place(f"--vary {text}")
    if not is_text(text):
        raise place.error("expected text in UTF-8, found other bytes")
    names, equals, listed = text.partition("=")
    if not equals or not names.strip() or not listed.strip():
        raise place.error(f"expected KEY=VALUE,VALUE,…, for example {EXAMPLE}")
    keys = tuple(name.strip() for name in names.split(","))
    if not all(keys):
        raise place.error(f"expected a key before and behind each comma, for example {EXAMPLE}")
    values = tuple(split(listed))
    if not all(values):
        raise place.error(f"expected a value before and behind each comma, for example {EXAMPLE}")
    read = [setting_value(value, place) for value in values]
    for index, value in enumerate(read):
        if any(same(value, other) for other in read[:index]):
            raise place.error(f"{values[index]} stands there twice; each value is tried once")
    return Axis(keys, values)


def same(one: object, other: object) -> bool:
    """Whether two values are one, of one kind: 1 is not true, but it is 1.0."""
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def split(text: str) -> list[str]:
    """The parts between the commas that stand in no bracket, brace or quotes."""
    parts, begin, open_ones, quote, place = [], 0, list[str](), "", 0
    while place < len(text):
        character = text[place]
        if quote:
            if character == "\\" and quote == '"':
                place += 1
            elif character == quote:
                quote = ""
        elif character in "\"'":
            quote = character
        elif character in CLOSING:
            open_ones.append(CLOSING[character])
        elif open_ones and character == open_ones[-1]:
            open_ones.pop()
        elif character == "," and not open_ones:
            parts.append(text[begin:place].strip())
            begin = place + 1
        place += 1
    return [*parts, text[begin:].strip()]


def combinations(axes: Sequence[Axis], seeds: int) -> list[Settings]:
    """The settings of every combination, the last axis changing fastest; with no axis the one that changes nothing.

    Raises PresetError for a key that two axes change, and where so many `seeds` of each are more than MOST_RUNS runs.
    """
    keys = [key for axis in axes for key in axis.keys]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            raise PresetError(f"--vary: {described(key)} is varied twice; give all its values to one --vary")
    count = prod(len(axis.values) for axis in axes)
    if count * seeds > MOST_RUNS:
        of = f"{count:,} settings × {seeds:,} seeds" if seeds > 1 else f"{count:,} settings"
        raise PresetError(
            f"sweep: expected at most {MOST_RUNS:,} runs, found {count * seeds:,} ({of}); vary less at once, or use "
            "fewer seeds"
        )
    return [sum(chosen, ()) for chosen in product(*(axis.options for axis in axes))]
