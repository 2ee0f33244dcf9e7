"""How near a computed number has to come to the right one: as near as rounding lets it.

What rounding does to a quantity is measured: the same step is computed in float32 as well, and how far that is off says
how much the network enlarges the roundings of any type of number.
"""

from collections.abc import Iterable, Mapping

import numpy as np

from backprop_tui.core.value_class import dataclass

from .names import Key
from .step import Array, Values

SINGLE = float(np.finfo(np.float32).eps)
HALF = float(np.finfo(np.float16).eps)
DOUBLE = float(np.finfo(np.float64).eps)
FLOOR = {DOUBLE: 1e-10, SINGLE: 2e-5, HALF: 4e-3}
"""Of the largest entry of an array: what formulas that are right, but less careful than ours, may lose."""
MOST_DECIMALS, LEAST_DIGITS, MOST_DIGITS = 7, 5, 9
"""Numbers with more are taken for whole; what has fewer significant digits was chosen so."""
SAMPLED = 100
"""Numbers of each array that are looked at first."""
SAFETY = 30
"""Times what was measured in float32: other orders of summation are other roundings."""
MEMORY = ("W_new", "b_new", "gamma_new", "beta_new")


def precision(arrays: Iterable[Array]) -> float:
    """The unit of rounding of the coarsest type of number among arrays."""
    found = [float(np.finfo(array.dtype).eps) for array in arrays if array.dtype.kind == "f"]
    return max([DOUBLE, *found])


@dataclass(frozen=True, slots=True)
class Accuracy:
    """`unit` of rounding, and how far the numbers may be off by it, for each quantity."""

    unit: float
    rounding: "Rounding"
    noise: Mapping[Key, float]
    start: Values

    def tolerance(self, key: Key, right: Array) -> float:
        """How far entries may be from `right`."""
        finite = np.abs(right[np.isfinite(right)])
        largest = float(finite.max(initial=0.0))
        floor = FLOOR.get(self.unit, 20 * self.unit)
        if key[0] in MEMORY:
            before = self.start.get((key[0].removesuffix("_new"), key[1]))
            if before is not None and before.shape == right.shape:
                with np.errstate(all="ignore"):
                    change = np.abs(right - before)
                held = float(np.abs(before).max(initial=0.0))
                largest = float(change[np.isfinite(change)].max(initial=0.0))
                rounding = 4 * self.unit * held
                return floor * largest + rounding + SAFETY * self.noise.get(key, 0.0) + self.rounded
        return floor * largest + SAFETY * self.noise.get(key, 0.0) + self.rounded

    @property
    def rounded(self) -> float:
        """Of numbers that were written with few decimals."""
        return 1.01 * self.rounding.absolute

    def agrees(self, key: Key, theirs: Array, right: Array) -> bool:
        """Whether somebody's array is `right` to rounding; NaN and infinite where that is."""
        pair = alike(theirs, right)
        if pair is None:
            return False
        theirs, right = pair
        finite = np.isfinite(right)
        if not (finite == np.isfinite(theirs)).all():
            return False
        if not np.array_equal(theirs[~finite], right[~finite], equal_nan=True):
            return False
        return bool((np.abs(theirs[finite] - right[finite]) <= self.tolerance(key, right)).all())


def alike(theirs: Array, right: Array) -> tuple[Array, Array] | None:
    """Both in one shape: one number in any number of axes is one number; else None where the shapes differ."""
    if theirs.shape == right.shape:
        return theirs, right
    if theirs.size == right.size and (theirs.size == 1 or 1 in (theirs.ndim, right.ndim)):
        return theirs.reshape(-1), right.reshape(-1)
    return None


def measured(unit: float, exact: Values, single: Values, start: Values, rounding: "Rounding | None" = None) -> Accuracy:
    """The accuracy of numbers of this unit of rounding, from a step in float64 and the same in float32."""
    noise: dict[Key, float] = {}
    rounding = rounding or Rounding()
    unit = max(unit, rounding.relative)
    share = max(unit, rounding.absolute)
    for key, right in exact.items():
        other = single[key]
        with np.errstate(all="ignore"):
            off = np.abs(other.astype(np.float64) - right) if other.shape == right.shape else np.zeros(1)
        off = off[np.isfinite(off)]
        noise[key] = float(off.max(initial=0.0)) * share / SINGLE + unit * terms(key, exact, start)
    return Accuracy(unit, rounding, noise, start)


def terms(key: Key, exact: Values, start: Values) -> float:
    """How large the terms of a quantity's sums are: where they cancel, their roundings are left."""
    symbol, layer = key[0], key[1] or 0
    if symbol in ("dW", "db", "dgamma", "dbeta"):
        return arriving(exact, start, layer) * max(1.0, largest(exact, ("A", layer - 1)))
    if symbol == "Z":
        below = largest(exact, ("A", layer - 1)) if layer > 1 else 0.0
        return largest(start, ("W", layer)) * below + largest(start, ("b", layer))
    if symbol == "dA":
        return largest(start, ("W", layer + 1)) * arriving(exact, start, layer + 1)
    if symbol == "dZ":
        return arriving(exact, start, layer)
    if symbol in MEMORY:
        before = start.get(("W", layer))
        after = exact.get(("W_new", layer))
        moved = 0.0 if before is None or after is None else float(np.nan_to_num(np.abs(after - before)).max())
        return min(max(moved, arriving(exact, start, layer)), 1e3 * (1 + largest(start, ("W", layer))))
    return 0.0


def arriving(exact: Values, start: Values, layer: int) -> float:
    """How large the terms are that make up dZ of a layer, from those of the layers above."""
    if ("dZ", layer) not in exact:
        return 0.0
    from_above = largest(start, ("W", layer + 1)) * arriving(exact, start, layer + 1)
    through_norm = max(1.0, largest(exact, ("γ/s", layer)))
    own = max(largest(exact, ("dZ", layer)), largest(exact, ("dN", layer)))
    return max(own, from_above) * through_norm if ("dN", layer) in exact else max(own, min(from_above, 1e3 * own))


def largest(values: Values, key: Key) -> float:
    """The largest of the finite entries; 0 of what is not there."""
    array = values.get(key)
    return 0.0 if array is None or not array.size else float(np.abs(array[np.isfinite(array)]).max(initial=0.0))


def error_of_terms(theirs: Array, right: Array, terms: float) -> float:
    """The relative error; in shares of the terms that were added up where nothing but roundings to float32 is left."""
    size = float(np.abs(right).max(initial=0.0))
    if not size < SAFETY * SINGLE * terms or alike(theirs, right) is None:
        return relative_error(theirs, right)
    with np.errstate(all="ignore"):
        return float(np.abs(theirs.reshape(-1) - right.reshape(-1)).max(initial=0.0)) / terms


def relative_error(theirs: Array, right: Array) -> float:
    """The largest difference over the largest right entry; infinite where the shapes differ or right is 0."""
    pair = alike(theirs, right)
    if pair is None:
        return float("inf")
    theirs, right = pair
    with np.errstate(all="ignore"):
        off = np.abs(theirs - right)
    off = np.where((theirs == right) | (np.isnan(theirs) & np.isnan(right)), 0, off)
    largest = float(np.abs(right).max(initial=0.0))
    worst = float(off.max(initial=0.0))
    if worst == 0:
        return 0.0
    return (
        worst / largest
        if largest > 0 and not np.isnan(worst)
        else float("inf")
        if not np.isnan(worst)
        else float("nan")
    )


@dataclass(frozen=True, slots=True)
class Rounding:
    """How numbers were rounded when they were written: to so much, or to so much of each."""

    absolute: float = 0.0
    relative: float = 0.0

    def times(self, factor: float) -> "Rounding":
        """That of numbers that were multiplied since."""
        return Rounding(self.absolute * factor, self.relative)


def rounding_of(arrays: Iterable[Array]) -> Rounding | None:
    """How all of these numbers were rounded; None where they have all their digits.

    To a number of decimals, as tables are, or to a number of significant digits, as programs print.
    """
    arrays = [np.asarray(array, np.float64) for array in arrays if array.size and array.dtype.kind == "f"]
    if not arrays:
        return None
    for decimals in range(2, MOST_DECIMALS + 1):
        if all(np.array_equal(np.round(array, decimals), array, equal_nan=True) for array in arrays):
            return Rounding(absolute=10.0**-decimals)
    for digits in range(LEAST_DIGITS, MOST_DIGITS + 1):
        some = (array.reshape(-1)[:SAMPLED] for array in arrays)
        if any(not np.array_equal(significant(array, digits), array, equal_nan=True) for array in some):
            continue
        if all(np.array_equal(significant(array, digits), array, equal_nan=True) for array in arrays):
            return Rounding(relative=0.5 * 10.0 ** (1 - digits))
    return None


def significant(array: Array, digits: int) -> Array:
    """Numbers with so many significant digits."""
    found = [float(f"{number:.{digits}g}") for number in array.reshape(-1)]
    return np.array(found).reshape(array.shape)
