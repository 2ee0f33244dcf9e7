"""One kept step of a recording, read once: its small numbers by module, and its arrays when they are asked for."""

from collections.abc import Mapping
from math import hypot
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

from .reader import Recording, Shape
from .recorded_modules import Module

Floats = NDArray[np.float64]
MOST_ARRAYS = 64
"""Arrays of a step that are held; of more the earliest asked for goes."""


@dataclass(frozen=True, slots=True)
class ModuleFigures:
    """What a kept step tells of a module; None for what it does not.

    `weights`, `gradient`, `change` are Frobenius norms over all of the module's own parameters: before the step, as the
    optimizer got it, and of the change it made. `at_output`: the norm of the gradient that arrives at its output.
    `zeros`, `saturated`: shares of the output. `shape`: the output's.
    """

    number: int
    weights: float | None = None
    gradient: float | None = None
    change: float | None = None
    at_output: float | None = None
    mean: float | None = None
    std: float | None = None
    zeros: float | None = None
    saturated: float | None = None
    shape: tuple[int, ...] = ()

    @property
    def ratio(self) -> float | None:
        """‖Δ‖ / ‖θ‖; None where one is not known, or with parameters of norm 0."""
        return None if self.change is None or not self.weights else self.change / self.weights


class KeptStep:
    """The step as it stood in the file when it was first asked for; what is thinned out meanwhile is None."""

    def __init__(self, recording: Recording, step: int) -> None:
        self.recording, self.step = recording, step
        self.facts = recording.facts(step)
        self.seconds = recording.seconds(step)
        self.shapes: dict[str, Shape] = recording.names(step)
        self.arrays: dict[str, Floats | None] = {}

    def array(self, name: str) -> Floats | None:
        """An array as float64; None where the step has none of that name, or none of numbers."""
        if name not in self.shapes:
            return None
        if name not in self.arrays:
            if len(self.arrays) >= MOST_ARRAYS:
                del self.arrays[next(iter(self.arrays))]
            found = self.recording.array(self.step, name)
            real = found is not None and found.dtype.kind in "fiub"
            self.arrays[name] = found.astype(np.float64) if found is not None and real else None
        return self.arrays[name]

    @property
    def notes(self) -> list[str]:
        """What is to be known of this step, in words."""
        found = self.facts.get("notes")
        return [note for note in found if isinstance(note, str)] if isinstance(found, list) else []

    def number(self, name: str) -> float | None:
        """One of its small numbers."""
        return number_in(self.facts.get(name))

    def figures(self, module: Module) -> ModuleFigures:
        return figures_of(self.facts, module)


def figures_of(facts: Mapping[str, Any], module: Module) -> ModuleFigures:
    """What the facts of a step tell of a module."""
    norms = table_in(facts, "norms")
    rows = [norms.get(name) for name in module.parameters.values()]
    own = table_in(table_in(facts, "modules"), str(module.number))
    weights, gradient, change = (combined([entry(row, place) for row in rows]) for place in range(3))
    named = {name: number_in(own.get(name)) for name in ("mean", "std", "zeros", "saturated")}
    shape = own.get("shape")
    return ModuleFigures(
        module.number,
        weights,
        gradient,
        change,
        number_in(own.get("gradient_norm")),
        **named,
        shape=tuple(shape) if isinstance(shape, list) and all(type(size) is int for size in shape) else (),
    )


def table_in(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = facts.get(name)
    return found if isinstance(found, dict) else {}


def entry(row: object, place: int) -> float | None:
    return number_in(row[place]) if isinstance(row, list) and place < len(row) else None


def number_in(value: object) -> float | None:
    """A number; None for what is none, or is too large for one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def combined(norms: list[float | None]) -> float | None:
    """The norm of several arrays together; None where none is known."""
    known = [norm for norm in norms if norm is not None]
    return hypot(*known) if known else None
