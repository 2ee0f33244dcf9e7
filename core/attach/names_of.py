"""Arrays by name, from what a loop has them in: mappings within mappings, lists; and gradients by their parameters."""

from collections.abc import Mapping
from typing import Any

from .numbers import Array, to_array

MARKS = ("{}", "d{}", "grad_{}", "{}_grad", "d_{}", "g_{}", "dL_d{}", "{}.grad")
"""What gradients are called, with the name of their parameter."""


def flat(found: Any, above: str = "") -> dict[str, Any]:
    """The arrays in mappings and lists of any depth, with names joined by dots."""
    if isinstance(found, Mapping):
        items = [(str(name), value) for name, value in found.items()]
    elif isinstance(found, list | tuple) and (above == "" or any(hasattr(item, "shape") for item in found)):
        items = [(str(place), value) for place, value in enumerate(found, 1)]
    else:
        return {above: found} if above and found is not None else {}
    inner: dict[str, Any] = {}
    for name, value in items:
        # A list of matrices, W = [W1, W2], is numbered as layers are.
        joint = "" if isinstance(found, list | tuple) or not above else "."
        inner |= flat(value, f"{above}{joint}{name}")
    return inner


def by_names(given: Any, names: list[str]) -> dict[str, Any]:
    """What a person handed over for parameters of these names: by name, or in their order."""
    if given is None:
        return {}
    found = flat(given)
    if isinstance(given, list | tuple) and len(found) == len(names):
        return dict(zip(names, found.values(), strict=True))
    return found


def gradients_by_names(given: Any, names: list[str]) -> dict[str, Array]:
    """The gradient of each parameter that one was handed over for: `W1`, `dW1` and the like are that of W1."""
    found = by_names(given, names)
    result: dict[str, Array] = {}
    for name in names:
        for mark in MARKS:
            value = found.get(mark.format(name))
            if value is not None:
                result[name] = to_array(value)
                break
    return result
