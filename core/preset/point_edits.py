"""Changes of a preset that put a point into its training part, move one, or take one out: pure functions of the data.

Each gives the dotted paths and values that make it. An example is its number in the training part, from 0.
"""

from typing import Any

import numpy as np

from backprop_tui.core.value_class import dataclass

from .data_table import TWO_CLASS_SETS, DataPreset
from .datasets import Dataset
from .own_points import ADDED, SIDES

Changes = dict[str, Any]
Target = tuple[Any, ...]
"""What stands behind the inputs of a point that is added."""
NOTCHES = 10
"""Targets of a regression that are to choose from."""
DIGITS = 3
"""Decimals that a coordinate has beyond the first digit of what it lies in."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A target that a new point may have: what it is called, and what a preset has for it."""

    name: str
    target: Target


def choices(dataset: Dataset, data: DataPreset) -> tuple[Choice, ...]:
    """The classes in their order; of numbers ten values from the lowest to the highest; none of several answers."""
    outputs = len(dataset.targets)
    if data.kind in TWO_CLASS_SETS:
        return tuple(Choice(name, (int(name),)) for name in SIDES)
    if dataset.class_names:
        return tuple(Choice(name, (as_written(name),)) for name in dataset.class_names)
    if dataset.target_kind == "one_hot":
        rows = np.eye(outputs, dtype=int).tolist()
        return tuple(Choice(str(number), tuple(row)) for number, row in enumerate(rows))
    if outputs > 1:
        return ()
    if dataset.target_kind in ("binary", "signed"):
        sides = (0, 1) if dataset.target_kind == "binary" else (-1, 1)
        return tuple(Choice(str(side), (side,)) for side in sides)
    own = dataset.in_own_units(dataset.targets)
    low, high = float(own.min()), float(own.max())
    if low == high:
        low, high = low - 1, high + 1
    values = [rounded(low + (high - low) * place / (NOTCHES - 1), high - low) for place in range(NOTCHES)]
    return tuple(Choice(f"{value:g}", (value,)) for value in values)


def as_written(name: str) -> str | int | float:
    """The name of a class as a preset has it: a number where it is one."""
    for number in (int, float):
        try:
            value = number(name)
        except ValueError:
            continue
        if str(value) == name and np.isfinite(value):
            return value
    return name


def rounded(value: float, span: float) -> float:
    """A number with as many decimals as say where in a span it lies."""
    if not (np.isfinite(span) and span > 0):
        return value
    return round(value, DIGITS - int(np.floor(np.log10(span)))) + 0.0


def placed_at(dataset: Dataset, x1: float, x2: float) -> tuple[float, float]:
    """A place of the plane as it is written: rounded as what is drawn of the plane asks for."""
    assert dataset.domain is not None
    (left, right), (bottom, top) = dataset.domain
    return rounded(x1, right - left), rounded(x2, top - bottom)


def with_point(data: DataPreset, x1: float, x2: float, target: Target) -> Changes:
    """One more point, behind all others."""
    return {"data.added": [*as_lists(data), [x1, x2, *target]]}


def without_example(dataset: Dataset, data: DataPreset, example: int) -> Changes:
    """An example of the set taken out, or one that was added not added."""
    number = number_of(dataset, example)
    if number != ADDED:
        return {"data.removed": [*data.removed, number]}
    place = place_among_added(dataset, example)
    return {"data.added": [point for other, point in enumerate(as_lists(data)) if other != place]}


def with_example_at(dataset: Dataset, data: DataPreset, example: int, x1: float, x2: float) -> Changes:
    """An example elsewhere: one that was added in its place, one of the set taken out and put in anew."""
    target = target_of(dataset, data, example)
    if number_of(dataset, example) != ADDED:
        return {**without_example(dataset, data, example), **with_point(data, x1, x2, target)}
    points = as_lists(data)
    points[place_among_added(dataset, example)] = [x1, x2, *target]
    return {"data.added": points}


def target_of(dataset: Dataset, data: DataPreset, example: int) -> Target:
    """What a preset has for the target of an example."""
    if number_of(dataset, example) == ADDED:
        return data.added[place_among_added(dataset, example)][2:]
    targets = dataset.targets[:, example]
    if dataset.class_names:
        several = len(targets) > 1
        place = int(targets.argmax()) if several else int(targets[0] > (0 if dataset.target_kind == "signed" else 0.5))
        return choices(dataset, data)[place].target
    return tuple(dataset.in_own_units(targets[:, np.newaxis])[:, 0].tolist())


def number_of(dataset: Dataset, example: int) -> int:
    """The number of an example in the set as it was drawn or read, from 1; ADDED of one that was added."""
    assert dataset.numbers is not None
    return int(dataset.numbers[example])


def place_among_added(dataset: Dataset, example: int) -> int:
    """The place, from 0, of an example that was added among all of those."""
    assert dataset.numbers is not None
    return example - int(np.count_nonzero(dataset.numbers != ADDED))


def as_lists(data: DataPreset) -> list[list[Any]]:
    """The points that were added, as TOML has them."""
    return [list(point) for point in data.added]
