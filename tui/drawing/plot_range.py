"""Which values a plot shows: all of them, unless a few would flatten the rest."""

from collections.abc import Sequence
from math import log10

import numpy as np

from backprop_tui.core.value_class import dataclass

from .palette import FloatArray

FAR = 1e300
"""What is farther out is at ± FAR: of two of them the difference is a number, too."""
USUAL = 0.9
"""The share of a curve's points that lie within its usual range."""
FLATTENED = 3
"""Where all values take more than so many times the usual range, the axis ends at that."""
ROOM = 1.25
"""Of the usual range, that the axis shows then."""
GROWN = 4
"""A run that ends so many times as high as it began diverges: the axis is that of the others, where there are any."""


@dataclass(frozen=True, slots=True)
class ValueRange:
    """The axis from `low` to `high`; `greatest` of the values, which is higher where the axis was cut.

    `only` is the value of all points where they have but one: the axis is then made up around it.
    """

    low: float
    high: float
    greatest: float
    only: float | None = None

    @property
    def cut(self) -> bool:
        return self.greatest > self.high


def value_range(curves: Sequence[FloatArray], log: bool) -> ValueRange:
    """The axis for the curves' values in order, log₁₀ of them where `log`; NaN is a gap. At least one is finite."""
    finite = [values[np.isfinite(values)] for values in curves]
    known = [np.clip(values, -FAR, FAR) for values in finite if values.size]
    low, greatest = (float(end(np.concatenate(known))) for end in (np.min, np.max))
    if greatest - low <= 1e-12 * max(abs(low), abs(greatest)):
        margin = abs(greatest) * 0.1 or 1.0
        # A loss that is not below 0 has no axis below 0.
        least = 0.0 if not log and low >= 0 else -np.inf
        return ValueRange(max(low - margin, least), greatest + margin, greatest, low)
    steady = [values for values in known if not diverging(values, log)]
    usual = max(usual_top(values) for values in steady or known)
    if 0 < FLATTENED * (usual - low) < greatest - low:
        return ValueRange(low, low + ROOM * (usual - low), float(np.concatenate(finite).max()))
    return ValueRange(low, greatest, greatest)


def diverging(values: FloatArray, log: bool) -> bool:
    """Whether a curve ends far above where it began."""
    first, last = float(values[0]), float(values[-1])
    return last - first > log10(GROWN) if log else last > GROWN * first > 0


def usual_top(values: FloatArray) -> float:
    """What most of a curve lies below: its beginning, from which it is to fall, always does."""
    place = USUAL * (values.size - 1)
    below = int(place)
    above = min(below + 1, values.size - 1)
    # What np.quantile gives, which takes ten times as long for so few.
    parted = np.partition(values, (below, above))
    low, high = float(parted[below]), float(parted[above])
    return max(float(values[0]), low + (place - below) * (high - low))
