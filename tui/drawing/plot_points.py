"""Which points the line of a series goes through in a picture: all of few, of many those that keep every spike."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from .palette import FloatArray
from .series import Knots, Series


def within(one: Series, first: float, last: float) -> Series:
    """The entries of a series that lie between two steps, as a whole or in part."""
    begins = one.steps if one.begins is None else one.begins
    here = (one.steps >= first) & (begins <= last)
    high = None if one.high is None else one.high[here]
    return replace(
        one, steps=one.steps[here], low=one.low[here], high=high, begins=None if one.begins is None else begins[here]
    )


def points_of(knots: Knots, columns: int) -> tuple[FloatArray, FloatArray]:
    """The steps and values that a line goes through, log₁₀ of them on that scale; NaN is a gap.

    Of few points all, and where the line comes in and goes out; else the least and the greatest of each column.
    """
    same = knots.high is knots.low or np.array_equal(knots.low, knots.high, equal_nan=True)
    if same and knots.steps.size <= columns:
        with np.errstate(all="ignore"):
            values = np.log10(knots.low) if knots.log else knots.low
        return cropped(knots.steps, values, knots.first, knots.last)
    found = knots.columns(columns, 1)
    steps = np.linspace(knots.first, knots.last, columns)
    middles = found.low / 2 + found.high / 2
    rising = np.append(middles[1:], np.inf) >= middles
    begins, ends = np.where(rising, found.low, found.high), np.where(rising, found.high, found.low)
    known, broken = np.isfinite(found.high), np.append(~found.joined, False)
    values = np.column_stack([begins, ends, np.full(columns, np.nan)])
    kept = np.column_stack([known, known & (begins != ends), broken])
    return steps.repeat(3).reshape(-1, 3)[kept], values[kept]


def cropped(steps: FloatArray, values: FloatArray, first: float, last: float) -> tuple[FloatArray, FloatArray]:
    """A line from `first` to `last`: what is beyond is cut where it goes through these."""
    inside = (steps >= first) & (steps <= last)
    found_steps, found = steps[inside], values[inside]
    for edge, beyond in ((first, steps < first), (last, steps > last)):
        at = np.flatnonzero(beyond)
        if not at.size or edge in found_steps:
            continue
        # The pair of points between which the line goes through the edge.
        before = int(at[-1]) if edge == first else int(at[0]) - 1
        if not 0 <= before < steps.size - 1:
            continue
        share = (edge - steps[before]) / (steps[before + 1] - steps[before])
        value = values[before] * (1 - share) + values[before + 1] * share
        place = 0 if edge == first else found_steps.size
        found_steps, found = np.insert(found_steps, place, edge), np.insert(found, place, value)
    return found_steps, found


def pieces(steps: FloatArray, values: FloatArray) -> Iterator[tuple[list[float], list[float]]]:
    """The runs of points between gaps."""
    finite = np.isfinite(values)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]]).astype(np.int8)))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield steps[start:end].tolist(), values[start:end].tolist()
