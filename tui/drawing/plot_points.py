"""Which points the line of a series goes through in a picture: all of few, of many those that keep every spike."""

from collections.abc import Iterator

import numpy as np

from .palette import FloatArray
from .series import Series


def within(one: Series, first: float, last: float) -> Series:
    """The points of a series from `first` to `last`, and the nearest beyond either end, which lead its line there."""
    steps = np.asarray(one.steps, dtype=float)
    begin = max(0, int(np.searchsorted(steps, first)) - 1)
    end = int(np.searchsorted(steps, last, side="right")) + 1
    high = None if one.high is None else one.high[begin:end]
    return Series(one.name, steps[begin:end], one.low[begin:end], high, one.color, one.letter)


def bounds(one: Series, log: bool) -> tuple[FloatArray, FloatArray]:
    """The least and the greatest values to draw, log₁₀ of them where `log`; NaN where neither can be drawn."""

    def drawable(values: FloatArray) -> FloatArray:
        values = np.asarray(values, dtype=float)
        with np.errstate(all="ignore"):
            found = np.log10(np.where(values > 0, values, np.nan)) if log else values
        return np.where(np.isfinite(found), found, np.nan)

    low = drawable(one.low)
    high = low if one.high is None else drawable(one.high)
    return np.where(np.isnan(low), high, low), np.where(np.isnan(high), low, high)


def points_of(one: Series, log: bool, first: float, last: float, columns: int) -> tuple[FloatArray, FloatArray]:
    """The steps and values that a line goes through, NaN for a gap: all, or of many the extremes of each column.

    There are so many columns from `first` to `last`, and one for what is before them, one for what is behind.
    """
    steps = np.asarray(one.steps, dtype=float)
    low, high = bounds(one, log)
    if not steps.size or (steps.size <= columns and np.array_equal(low, high, equal_nan=True)):
        return steps, low
    place = np.clip((steps - first) / (last - first) * columns, 0, columns - 1).astype(np.intp)
    place[steps < first], place[steps > last] = -1, columns
    starts = np.flatnonzero(np.diff(place, prepend=place[0] - 1))
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
