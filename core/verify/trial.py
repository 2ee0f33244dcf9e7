"""A reading of a hand-in, tried: its step in float64 and float32, beside what was handed in."""

from collections.abc import Iterable

import numpy as np

from .accuracy import Accuracy, Rounding, alike, measured
from .names import Key
from .reading import Reading
from .step import UPDATED, Array, Values, Varied

UPDATED_SYMBOLS = tuple(UPDATED.values())
MEANS = {"dA": (0, 1), "dN": (0, 1), "dZ": (0, 1), "dW": (0, 1, -1), "db": (0, 1, -1)}
"""By which powers of m somebody's gradient may be off through a mean that stands elsewhere, twice or not at all."""


class Trial:
    """A reading's step, run in float64 and float32, with what was handed in beside it."""

    def __init__(self, reading: Reading, rounding: Rounding | None = None) -> None:
        self.reading, self.rounding = reading, rounding
        self.step, self.single = reading.step(), reading.step(np.float32)
        self.order = [key for key in self.step.order() if key in reading.theirs]
        self.theirs = {key: reading.theirs[key] for key in self.order}
        self.unit = reading.unit
        self.start = reading.start.parameters
        self.right = self.step.run()
        self.accuracy = self.measure(self.right, self.single.run())
        # What is right though it does not follow from what stands before it was made of something else.
        passed = self.passes()
        self.beside = {key for key in self.own() if passed[key]}

    def measure(self, exact: Values, single: Values) -> Accuracy:
        return measured(self.unit, exact, single, self.start, self.rounding)

    def passes(self) -> dict[Key, bool]:
        return {key: self.accuracy.agrees(key, self.theirs[key], self.right[key]) for key in self.order}

    def local(self, variations: Iterable[Varied] = ()) -> tuple[Values, list[Key]]:
        """What each quantity should be, from those before it as they were handed in; and which are not."""
        variations = tuple(variations)
        exact = self.step.run(variations, self.theirs)
        single = self.single.run(variations, self.theirs)
        return exact, [key for key in self.differing(exact, single) if key not in self.beside]

    def own(self) -> list[Key]:
        """Those that are not what they should be from those before them."""
        return self.differing(self.step.run((), self.theirs), self.single.run((), self.theirs))

    def differing(self, exact: Values, single: Values) -> list[Key]:
        accuracy = self.measure(exact, single)
        return [key for key in self.order if not accuracy.agrees(key, self.theirs[key], exact[key])]

    def gives(self, key: Key, variations: Iterable[Varied]) -> bool:
        """Whether a quantity may come out as it was handed in: nearer than float32's accuracy lets tell."""
        exact = self.step.run(variations, self.theirs, until=key)
        pair = alike(self.theirs[key], exact[key])
        if pair is None:
            return False
        theirs, right = pair
        finite = np.isfinite(theirs)
        if not np.array_equal(finite, np.isfinite(right)):
            return False
        off, largest = np.abs(theirs - right)[finite].max(initial=0.0), np.abs(theirs[finite]).max(initial=0.0)
        least = 1e-6 * np.abs(self.right[key]).max(initial=0.0)
        return bool(off <= max(1e-3, 100 * self.unit) * largest + least + 10 * self.accuracy.rounded)


def misfits(reading: Reading) -> int:
    """How many quantities are not nearly what follows from those before them: a glance at a reading."""
    step = reading.step()
    exact = step.run((), reading.theirs)
    m = reading.sizes.examples
    weight = 100 if "loss_kind" in reading.inferred else 1
    return sum(
        (weight if key[0] == "loss" else 1)
        * (not nearly(array, exact[key], reading.unit, [float(m) ** power for power in MEANS.get(key[0], (0,))]))
        for key, array in reading.theirs.items()
        if key in exact and (reading.rate_told or key[0] not in UPDATED_SYMBOLS)
    )


def nearly(theirs: Array, right: Array, unit: float, factors: Iterable[float]) -> bool:
    """Whether an array is right to a third of its digits, by one of these factors."""
    pair = alike(theirs, right)
    if pair is None:
        return False
    theirs, right = pair
    with np.errstate(all="ignore"):
        off = min(np.abs(theirs * factor - right).max(initial=0.0) for factor in factors)
    return bool(off <= unit ** (1 / 3) * np.abs(right).max(initial=0.0))
