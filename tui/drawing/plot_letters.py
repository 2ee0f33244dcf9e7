"""The letters that stand on curves, where colour may not tell them apart or where they run over each other."""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from .glyphs import Look
from .plot_canvas import PlotCanvas
from .series import MARKS, Columns, Series
from .strips import style

APART = 24
"""Cells between two letters on a curve."""
POINT = "•"
"""A curve of one point; a dot of braille would be overlooked."""


def put_letters(canvas: PlotCanvas, series: Sequence[Series], columns: Sequence[Columns], look: Look) -> None:
    """Write the letter of each series on its curve every now and then, at its end at least, where no other stands.

    Curves that run over each other have their letters at different places. A lone point is a large one.
    """
    taken: set[tuple[int, int]] = set()
    for index, (one, its) in enumerate(zip(series, columns, strict=True)):
        point = MARKS[index % len(MARKS)] if look.glyphs.ascii else POINT
        letter = one.letter or (point if its.lone else "")
        known = np.flatnonzero(np.isfinite(its.high))
        if not letter or not known.size:
            continue
        cells = (known // (len(its.high) // canvas.width)).tolist()
        for at in spread(cells, canvas.width, APART * (index + 1) // (len(series) + 1)):
            low, high = float(its.low[known[at]]), float(its.high[known[at]])
            row, column = canvas.row_of(low + (high - low) / 2), cells[at]
            while (row, column) in taken:
                column -= 1
            if 0 <= column < canvas.width:
                taken.add((row, column))
                canvas.put(column, row, letter, style(one.color, bold=True, reverse=bool(one.letter)))


def spread(columns: Sequence[int], width: int, first: int) -> list[int]:
    """The places of some of the columns (n,), rising: the last, and those nearest to every APART-th from `first` on."""
    chosen = {len(columns) - 1}
    for wanted in range(first, width - APART // 2, APART):
        after = min(bisect_left(columns, wanted), len(columns) - 1)
        before = max(after - 1, 0)
        nearest = before if wanted - columns[before] <= abs(columns[after] - wanted) else after
        if abs(columns[nearest] - wanted) <= APART // 2:
            chosen.add(nearest)
    return sorted(chosen)
