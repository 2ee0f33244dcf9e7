"""Dataclasses as plain values that JSON has, and back: what comes back is of the types that they declare."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from math import inf, nan
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from .json_number import number

NOT_FINITE = {"nan": nan, "inf": inf, "-inf": -inf}
Left: TypeAlias = tuple[str, ...]
"""Names of fields that are left out, and given again by who reads them."""


class ShapeError(ValueError):
    """A plain value that is not of the type wanted."""


def encoded(value: Any, left: Left = ()) -> Any:
    """The plain value of dataclasses, collections, texts and numbers; mappings are lists of pairs."""
    match value:
        case str() | bool() | int() | None:
            return value
        case float():
            return number(value)
        case Mapping():
            return [[encoded(name, left), encoded(item, left)] for name, item in value.items()]
        case Sequence():
            return [encoded(item, left) for item in value]
    if is_dataclass(value):
        return {item.name: encoded(getattr(value, item.name), left) for item in fields(value) if item.name not in left}
    return encoded(value.item(), left)


def decoded(wanted: Any, value: Any, given: Mapping[str, Any] | None = None) -> Any:
    """The value of type `wanted` that `encoded` made this of; `given` are the fields that were left out, by name.

    Raises ShapeError for what is of another type.
    """
    given = given or {}
    origin, parts = get_origin(wanted), get_args(wanted)
    if wanted is Any:
        return value
    if wanted is float:
        value = NOT_FINITE.get(value, value) if isinstance(value, str) else value
        return float(value) if type(value) in (int, float) else refuse(value)
    if wanted in (int, str, bool, NoneType):
        return value if type(value) is wanted else refuse(value)
    if origin is Literal:
        return value if value in parts and isinstance(value, str) else refuse(value)
    if origin in (Union, UnionType):
        return of_one(parts, value, given)
    if origin is tuple:
        return of_tuple(parts, value, given)
    if is_dataclass(wanted):
        return of_fields(wanted, value, given)
    if origin is dict and parts[0] is str and parts[1] is Any:
        pairs = of_tuple((tuple[str, Any], ...), value, given)
        return dict(pairs)
    if origin is not None and issubclass(origin, Mapping):
        return dict(of_tuple((tuple[parts[0], parts[1]], ...), value, given))  # type: ignore[valid-type]
    raise TypeError(f"no shape is known for {wanted}")


def of_one(parts: tuple[Any, ...], value: Any, given: Mapping[str, Any]) -> Any:
    """A value of the first of several types that it is of."""
    for part in parts:
        try:
            return decoded(part, value, given)
        except ShapeError:
            continue
    return refuse(value)


def of_tuple(parts: tuple[Any, ...], value: Any, given: Mapping[str, Any]) -> tuple[Any, ...]:
    """A tuple of entries of these types; of one type and `...`, of any number."""
    if not isinstance(value, list):
        raise ShapeError(f"expected a list, found {type(value).__name__}")
    if len(parts) == 2 and parts[1] is Ellipsis:
        parts = (parts[0],) * len(value)
    if len(parts) != len(value):
        raise ShapeError(f"expected {len(parts)} entries, found {len(value)}")
    return tuple(decoded(part, item, given) for part, item in zip(parts, value, strict=True))


def of_fields(wanted: Any, value: Any, given: Mapping[str, Any]) -> Any:
    """A dataclass of these fields."""
    hints = hints_of(wanted)
    known = {name: given[name] for name in hints if name in given}
    if not isinstance(value, dict) or set(value) != set(hints) - set(known):
        return refuse(value)
    return wanted(**known, **{name: decoded(hints[name], item, given) for name, item in value.items()})


@cache
def hints_of(wanted: Any) -> dict[str, Any]:
    hints = get_type_hints(wanted)
    return {item.name: hints[item.name] for item in fields(wanted)}


def refuse(value: object) -> Any:
    raise ShapeError(f"found {type(value).__name__}")
