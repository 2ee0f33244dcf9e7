"""Plain values as JSON text, and back: strict JSON, in which a number that it cannot hold is a string."""

import json
from collections.abc import Mapping, Sequence
from math import inf, nan
from typing import Any

from backprop_tui.core.preset.json_number import number

NOT_FINITE = {"nan": nan, "inf": inf, "-inf": -inf}


def to_json(value: Any) -> str:
    """The text of a value made of mappings, sequences, texts, numbers and None; NumPy's scalars are numbers too.

    Raises TypeError for anything else.
    """
    return json.dumps(plain(value), allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def plain(value: Any) -> Any:
    """The value with numbers that are not finite as strings, and nothing but what JSON has."""
    match value:
        case str():
            # What cannot be encoded is escaped, as Python does in file names.
            return value.encode("utf-8", "backslashreplace").decode("utf-8")
        case bool() | int() | None:
            return value
        case float():
            return number(value)
        case Mapping():
            return {plain(str(name)): plain(item) for name, item in value.items()}
        case Sequence() | set() | frozenset():
            return [plain(item) for item in value]
    if callable(item := getattr(value, "item", None)) and getattr(value, "ndim", None) == 0:
        return plain(item())
    raise TypeError(f"expected numbers, texts, lists or tables, found {type(value).__name__}")


def from_json(text: str) -> Any:
    """The value of a JSON text; raises ValueError for what is none, also for one nested too deep to be read."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def numbers_back(value: Any) -> Any:
    """The value with the strings that stand for numbers which are not finite as these."""
    match value:
        case str():
            return NOT_FINITE.get(value, value)
        case dict():
            return {name: numbers_back(item) for name, item in value.items()}
        case list():
            return [numbers_back(item) for item in value]
    return value
