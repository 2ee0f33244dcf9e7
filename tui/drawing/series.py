"""A measured series, and what a plot shows of it: in each column the least and the greatest that lies there."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .palette import FloatArray

MARKS = "*o+x#@%&"
"""What the lines of a plot are drawn with in ASCII, one after the other."""
SOME = 256
"""About how many values tell how far an axis will go."""


@dataclass(frozen=True, eq=False)
class Series:
    """One line of a plot: (n,) steps, rising; (n,) values, or the least (`low`) and greatest (`high`) near each step.

    `high` None means that `low` is the values. Where an entry stands for several steps `begins` has the first of each
    and `steps` the last. `color` `#rrggbb`. `letter` stands on the line, where colour may not tell it from others.
    `behind`: it gives way in every cell through which another line goes. `fades`: what is beyond the cursor is dim.
    """

    name: str
    steps: FloatArray
    low: FloatArray
    high: FloatArray | None
    color: str
    letter: str = ""
    begins: FloatArray | None = None
    behind: bool = False
    fades: bool = True


@dataclass(frozen=True, eq=False)
class Columns:
    """Of each of n columns the least and the greatest value of a curve in it (n,), log₁₀ of them on that scale.

    NaN where it has none. `joined` (n − 1,): the line goes on from a column to the next. `lone`: the curve has but one
    point that can be drawn.
    """

    low: FloatArray
    high: FloatArray
    joined: NDArray[np.bool_]
    lone: bool = False

    @cached_property
    def values(self) -> FloatArray:
        """All that are finite, in order."""
        both: FloatArray = np.column_stack([self.high, self.low]).ravel()
        finite: FloatArray = both[np.isfinite(both)]
        return finite

    def same(self, other: "Columns") -> bool:
        """Whether nobody could tell them apart."""
        middle = len(self.high) // 2
        if self.high[middle] < other.high[middle] or self.high[middle] > other.high[middle]:
            return False
        pairs = ((self.low, other.low), (self.high, other.high))
        return all(np.array_equal(one, another, equal_nan=True) for one, another in pairs)


@dataclass(frozen=True, eq=False)
class Knots:
    """What a curve is drawn from at the steps in view: its points in order, and one more on each side.

    The lines between them lead to `log` of them on that scale. `lone`: there is but one, with none beside it.
    """

    steps: FloatArray
    low: FloatArray
    high: FloatArray
    first: float
    last: float
    log: bool
    lone: bool = False

    @property
    def some(self) -> FloatArray:
        """Some of the values, in order, among them the first, the least and the greatest; none where all are gaps."""
        few = self.high[:: max(1, self.high.size // SOME)]
        with np.errstate(all="ignore"):
            ends = (np.fmin.reduce(self.low, initial=np.nan), np.fmax.reduce(self.high, initial=np.nan))
            found = np.concatenate([few, ends])
            found = np.log10(found) if self.log else found
        finite: FloatArray = found[np.isfinite(found)]
        return finite

    def columns(self, cells: int, dots: int) -> Columns:
        """What lies in each of `cells` · `dots` columns; the first step is in the middle of the first cell.

        The last is in that of the last cell. Between two points lies the line from one to the other, within an entry
        of several steps anything from its least to its greatest.
        """
        count = cells * dots
        scale = (cells - 1) / ((self.last - self.first) or 1.0)
        places = dots * ((self.steps - self.first) * scale + 0.5)
        cuts = np.searchsorted(places, np.arange(count + 1), "left")
        filled = (cuts[1:] > cuts[:-1]).nonzero()[0]
        # The columns without a point that lie between two: their middles are so far on the way from the one before.
        empty = ((cuts[1:] == cuts[:-1]) & (cuts[1:] > 0) & (cuts[1:] < places.size)).nonzero()[0]
        after = cuts[empty]
        share = (empty + 0.5 - places[after - 1]) / (places[after] - places[after - 1])

        def least(values: FloatArray, of_two: np.ufunc) -> FloatArray:
            found = np.full(count, np.nan)
            if filled.size:
                found[filled] = of_two.reduceat(values[: cuts[-1]], cuts[filled])
            ends = values[after - 1], values[after]
            if self.log:
                found, ends = np.log10(found), (np.log10(ends[0]), np.log10(ends[1]))
            # In two products, since the difference of two large numbers may be too large; of the same it is just that.
            between = ends[0] * (1 - share) + ends[1] * share
            found[empty] = np.where(ends[0] == ends[1], ends[0], between)
            return found

        known = np.isfinite(self.high)
        inner = cuts[1:-1]
        joined = (inner > 0) & (inner < places.size)
        at = inner[joined]
        joined[joined] = known[at - 1] & known[at]
        with np.errstate(all="ignore"):
            return Columns(least(self.low, np.fmin), least(self.high, np.fmax), joined, self.lone)


def knots_of(series: Series, log: bool, first: float, last: float) -> Knots:
    """What is drawn of a series from step `first` to `last`.

    What is not finite is a gap, and so are values ≤ 0 on the logarithmic scale.
    """
    ends, begins = np.asarray(series.steps, dtype=float), series.begins
    begins = ends if begins is None else np.asarray(begins, dtype=float)
    low = np.asarray(series.low, dtype=float)
    high = low if series.high is None else np.asarray(series.high, dtype=float)
    known = np.isfinite(ends)
    if not known.all():
        ends, begins, low, high = ends[known], begins[known], low[known], high[known]
    start = max(int(np.searchsorted(ends, first, "left")) - 1, 0)
    stop = max(min(int(np.searchsorted(begins, last, "right")) + 1, ends.size), start)
    ends, begins = ends[start:stop], begins[start:stop]
    alone = series.high is None
    low, high = known_values(low[start:stop], None if alone else high[start:stop], log)
    finite = np.isfinite(high).nonzero()[0]
    lone = finite.size == 1 and bool(first <= begins[finite[0]] == ends[finite[0]] <= last)
    if begins is not ends and series.begins is not None:
        ends = np.column_stack([begins, ends]).ravel()
        same = high is low
        low = low.repeat(2)
        high = low if same else high.repeat(2)
    return Knots(ends, low, high, first, last, log, lone)


def known_values(low: FloatArray, high: FloatArray | None, log: bool) -> tuple[FloatArray, FloatArray]:
    """The least and the greatest values that can be drawn; NaN for what cannot. Where one of them can it is both."""

    def known(values: FloatArray) -> FloatArray:
        good = np.isfinite(values)
        if log:
            good &= values > 0
        return values if good.all() else np.where(good, values, np.nan)

    given = low, high
    low = known(low)
    if high is None:
        return low, low
    high = known(high)
    if low is given[0] and high is given[1]:
        return low, high
    return np.where(np.isnan(low), high, low), np.where(np.isnan(high), low, high)
