"""The letters that stand on curves, where colour may not tell them apart or where they run over each other."""

from collections.abc import Sequence

import numpy as np

from .glyphs import Look
from .palette import FloatArray
from .plot_axes import PlotFrame
from .plot_range import ValueRange
from .series import MARKS, Series
from .strips import Part, style

APART = 24
"""Cells between two letters on a curve."""
POINT = "•"
"""A curve of one point; a dot of braille would be overlooked."""

Reduced = tuple[FloatArray, FloatArray]
"""The steps and the values of a curve, NaN for a gap."""


def same_as(reductions: Sequence[Reduced]) -> list[int | None]:
    """For each curve the first before it that is the same, point for point; None without one."""

    def same(one: Reduced, other: Reduced) -> bool:
        return np.array_equal(one[0], other[0]) and np.array_equal(one[1], other[1], equal_nan=True)

    return [
        next((before for before in range(index) if one[0].size and same(one, reductions[before])), None)
        for index, one in enumerate(reductions)
    ]


def lone(reduction: Reduced) -> bool:
    """Whether a curve is one point, which is drawn as a letter is."""
    return int(np.isfinite(reduction[1]).sum()) == 1


def put_letters(
    drawn: list[list[Part]],
    series: Sequence[Series],
    reductions: Sequence[Reduced],
    place: PlotFrame,
    shown: ValueRange,
    look: Look,
) -> None:
    """Write the letter of each series on its curve every now and then, at its end at least, where no other stands.

    Curves that run over each other have their letters at different places. A lone point is a large one.
    """
    taken: set[tuple[int, int]] = set()
    for index, (one, (steps, values)) in enumerate(zip(series, reductions, strict=True)):
        known = np.flatnonzero(np.isfinite(values))
        point = MARKS[index % len(MARKS)] if look.glyphs.ascii else POINT
        letter = one.letter or (point if known.size == 1 else "")
        if not letter or not known.size:
            continue
        share = (shown.high - np.clip(values[known], shown.low, shown.high)) / (shown.high - shown.low)
        rows = np.rint(share * (len(drawn) - 1)).astype(int)
        columns = np.rint((steps[known] - place.first) / (place.last - place.first) * (place.width - 1)).astype(int)
        for at in spread(columns, place.width, APART * (index + 1) // (len(series) + 1)):
            row, column = int(rows[at]), int(columns[at])
            while (row, column) in taken:
                column -= 1
            if 0 <= column < place.width:
                taken.add((row, column))
                drawn[row] = overwritten(
                    drawn[row], column, (letter, style(one.color, bold=True, reverse=bool(one.letter)))
                )


def spread(columns: Sequence[int], width: int, first: int) -> list[int]:
    """The places of some of the columns (n,), rising: the last, and those nearest to every APART-th from `first` on."""
    found = np.asarray(columns)
    chosen = {len(found) - 1}
    for wanted in range(first, width - APART // 2, APART):
        nearest = int(np.abs(found - wanted).argmin())
        if abs(int(found[nearest]) - wanted) <= APART // 2:
            chosen.add(nearest)
    return sorted(chosen)


def overwritten(parts: list[Part], column: int, letter: Part) -> list[Part]:
    """The parts with `letter` in the place of the one character at `column`."""
    result: list[Part] = []
    place = 0
    for text, of in parts:
        if place <= column < place + len(text):
            at = column - place
            result += [part for part in ((text[:at], of), letter, (text[at + 1 :], of)) if part[0]]
        else:
            result.append((text, of))
        place += len(text)
    return result
