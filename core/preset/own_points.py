"""Points that a preset puts into its training part, and examples that it takes out of its set.

Examples are numbered from 1 as they were drawn or read, before the set is split, as those of `rows` are: so what was
taken out stays out when the share of the training part is changed.
"""

import numpy as np
from numpy.typing import NDArray

from .data_table import TWO_CLASS_SETS, DataPreset
from .laying import Rows
from .parts import Part
from .raw_data import RawData, Reading
from .schema import Place, described

Array = NDArray[np.float64]
SIDES = ("0", "1")
"""What the classes of a set that is drawn are called in a preset, whatever the output reaches."""
ADDED = 0
"""The number of an example that was added."""


def with_added(reading: Reading, raw: RawData, training: Part) -> Part:
    """The training part with the points of `data.added` behind its own examples.

    Raises PresetError where the set has not two inputs, a target is none of the set's, or no example is left.
    """
    added, place = reading.data.added, reading.place / "added"
    if added:
        if training.rows.features != 2:
            raise place.error(f"is for sets of two inputs, this one has {training.rows.features}")
        rows = training.rows.in_memory()
        own = rows.block(slice(0, rows.count), slice(0, 2)).T
        inputs = np.concatenate([own, added_points(reading.data).T])
        targets = np.concatenate([training.targets, targets_of(reading, raw)], axis=1)
        numbers = np.concatenate([training.numbers, np.full(len(added), ADDED)])
        training = Part(Rows(inputs), targets, numbers)
    if not training.rows.count:
        raise (reading.place / "removed").error(
            "expected a training part with an example left, found that all are taken out; leave one, or add a point"
        )
    return training


def targets_of(reading: Reading, raw: RawData) -> Array:
    """The targets of the points that were added, (outputs, k)."""
    from .classes import Classes, encoded, placed  # Not needed to open.

    data, place, outputs = reading.data, reading.place / "added", reading.outputs
    names = SIDES if data.kind in TWO_CLASS_SETS else raw.class_names
    wanted = 1 if names else outputs
    for index, point in enumerate(data.added):
        if len(point) != 2 + wanted:
            what = "its class" if names else f"{outputs} target(s)"
            raise (place / index).error(f"expected two inputs and {what}, found {len(point)} values")
    targets = [point[2:] for point in data.added]
    if not names:
        return np.array([[_number(value, place / index) for value in row] for index, row in enumerate(targets)]).T
    found = [placed([row[0]], names, place / index).numbers for index, row in enumerate(targets)]
    return encoded(Classes(names, np.concatenate(found)), outputs, reading.signed, place)


def _number(value: object, place: Place) -> float:
    """A target that is a number; raises PresetError for a word."""
    if isinstance(value, str):
        raise place.error(f"expected numbers, since the targets of this set are no classes, found {described(value)}")
    assert isinstance(value, int | float)
    return float(value)


def notes_of(data: DataPreset) -> tuple[str, ...]:
    """What was added and taken out, in a sentence; nothing where neither was."""
    added, removed = len(data.added), len(data.removed)
    told = [f"{added:,} point(s) added to the training part"] if added else []
    told += [f"{removed:,} example(s) of the set taken out"] if removed else []
    return (", ".join(told),) if told else ()


def added_points(data: DataPreset) -> Array:
    """The points that were added, (2, k)."""
    return np.array([point[:2] for point in data.added], dtype=np.float64).reshape(-1, 2).T


def points_as_read(raw: RawData, training: Part, test: Part) -> Array:
    """The points of a set of two inputs, (2, n), with those that were taken out, where they are at hand.

    So that the part of the plane that is drawn stays the same while points come and go.
    """
    if not isinstance(raw.inputs, np.ndarray):
        rows = [part.rows.in_memory() for part in (training, test)]
        return np.concatenate([part.block(slice(0, part.count), slice(0, 2)) for part in rows], axis=1)
    return np.array(raw.inputs, dtype=np.float64).T / raw.divisor
