"""A measured series cleaned and reduced for a plot: gaps where it is not finite, two points a column."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .palette import FloatArray

MARKS = "*o+x#@%&"
"""What the lines of a plot are drawn with in ASCII, one after the other."""


@dataclass(frozen=True, eq=False)
class Series:
    """One line of a plot: (n,) steps, rising; (n,) values, or the least (`low`) and greatest (`high`) near each step.

    `high` None means that `low` is the values. `color` `#rrggbb`. `letter` stands on the line, where colour may not
    tell it from others.
    """

    name: str
    steps: FloatArray
    low: FloatArray
    high: FloatArray | None
    color: str
    letter: str = ""


def usable(values: FloatArray, log: bool) -> FloatArray:
    """The values to draw, log₁₀ of them on a logarithmic scale; NaN for what cannot be drawn."""
    values = np.asarray(values, dtype=float)
    with np.errstate(all="ignore"):
        drawn = np.log10(np.where(values > 0, values, np.nan)) if log else values
    return np.where(np.isfinite(drawn), drawn, np.nan)


def reduced(series: Series, log: bool, first: float, last: float, columns: int) -> tuple[FloatArray, FloatArray]:
    """At most two points (steps, values) a column of `first` … `last`, the least and the greatest; NaN is a gap.

    A column with nothing to draw is a gap; one with something shows that.
    """
    steps = np.asarray(series.steps, dtype=float)
    low = usable(series.low, log)
    high = low if series.high is None else usable(series.high, log)
    low, high = np.where(np.isnan(low), high, low), np.where(np.isnan(high), low, high)
    known = np.isfinite(steps)
    steps, low, high = steps[known], low[known], high[known]
    if not steps.size:
        return steps, low
    if steps.size <= columns and np.array_equal(low, high, equal_nan=True):
        return steps, low
    place = np.clip((steps - first) / ((last - first) or 1.0) * columns, 0, columns - 1).astype(np.intp)
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    least, greatest = np.fmin.reduceat(low, starts), np.fmax.reduceat(high, starts)
    ends = np.append(starts[1:], steps.size) - 1
    falling = low[starts] > low[ends]
    pairs = np.where(falling[:, None], np.column_stack([greatest, least]), np.column_stack([least, greatest]))
    return np.column_stack([steps[starts], steps[ends]]).ravel(), pairs.ravel()


def pieces(steps: FloatArray, values: FloatArray) -> Iterator[tuple[list[float], list[float]]]:
    """The runs of points between gaps."""
    finite = np.isfinite(values)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]]).astype(np.int8)))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield steps[start:end].tolist(), values[start:end].tolist()
