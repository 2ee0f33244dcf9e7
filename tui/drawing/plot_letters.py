"""The letters that stand on curves, where colour may not tell them apart or where they run over each other."""

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
        middle = its.low[known] + (its.high[known] - its.low[known]) / 2
        rows = canvas.rows_of(middle) // canvas.down
        cells = known // (len(its.high) // canvas.width)
        for at in spread(cells.tolist(), canvas.width, APART * (index + 1) // (len(series) + 1)):
            row, column = int(rows[at]), int(cells[at])
            while (row, column) in taken:
                column -= 1
            if 0 <= column < canvas.width:
                taken.add((row, column))
                canvas.put(column, row, letter, style(one.color, bold=True, reverse=bool(one.letter)))


def spread(columns: Sequence[int], width: int, first: int) -> list[int]:
    """The places of some of the columns (n,), rising: the last, and those nearest to every APART-th from `first` on."""
    found = np.asarray(columns)
    chosen = {len(found) - 1}
    for wanted in range(first, width - APART // 2, APART):
        nearest = int(np.abs(found - wanted).argmin())
        if abs(int(found[nearest]) - wanted) <= APART // 2:
            chosen.add(nearest)
    return sorted(chosen)
