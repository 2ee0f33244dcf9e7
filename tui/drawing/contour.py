"""A landscape as a map with contours, or along one axis as a profile; over it a path, and places marked by letters.

On a map the grounds between contours have colours, the lower the darker on a dark screen; without colours the contours
are lines of their numbers.
"""

from collections.abc import Callable, Sequence

import numpy as np
from rich.style import Style
from textual.strip import Strip

from backprop_tui.core.value_class import dataclass

from .axes import PlotRange, frame, with_axes
from .braille import Dots, polyline
from .glyphs import Look
from .numbers import format_number
from .palette import FloatArray, LevelArray, mix
from .strips import Grid, Part, line, style

LEGEND = 9
"""Cells of a contour in the legend."""
FEWEST, MOST = 3, 9
"""Grounds."""
USUAL = 0.95
"""The share of the landscape that lies below the last contour."""
FAINT, STRONG = 0.06, 0.6
"""How much of the colour of the loss is in that of the lowest and of the highest ground."""


@dataclass(frozen=True, eq=False)
class Way:
    """A path: (n,) steps, rising, and places (n,) across and upwards, NaN for a gap. What is after `step`
    is to come. `color` is that of what is done, "" for that of text."""

    steps: FloatArray
    x: FloatArray
    y: FloatArray
    step: int
    color: str = ""

    @property
    def done(self) -> int:
        """How many of its places lie up to `step`."""
        return int(np.searchsorted(self.steps, self.step, side="right"))


@dataclass(frozen=True, slots=True)
class Mark:
    """A letter at a place."""

    letter: str
    x: float
    y: float
    color: str


def contours(values: FloatArray, width: int) -> FloatArray:
    """The levels of contours, rising, closest where the values are low, as many as a legend of `width` has room for.

    None where all values are the same.
    """
    count = min(max(width // LEGEND, FEWEST - 1), MOST - 1)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(np.quantile(finite, USUAL))) if finite.size else (0.0, 0.0)
    if not high > low:
        return np.empty(0)
    levels: FloatArray = low + (high - low) * (np.arange(1, count + 1) / (count + 1)) ** 2
    return levels


def contour_legend(levels: FloatArray, width: int, look: Look) -> Strip:
    """The level below which each ground lies; without colours the number of each contour and its level."""
    parts: list[Part] = []
    for digits in (2, 3, 4):
        texts = [format_number(level, LEGEND - 3, digits, look.glyphs) for level in levels.tolist()]
        if len(set(texts)) == len(texts):
            break
    for place, text in enumerate(texts):
        if look.ramps:
            parts.append((f"{place + 1}:{text} ", style(look.palette.dim)))
        else:
            parts.append((look.glyphs.full, style(ground_color(place, len(levels), look))))
            parts.append((f"<{text} ", style(look.palette.dim)))
    return line(parts, width)


def ground_color(place: int, contours: int, look: Look) -> str:
    """The colour of a ground, from the lowest, 0, to that above all contours."""
    share = FAINT + (STRONG - FAINT) * place / max(1, contours)
    return mix(look.palette.background, look.palette.loss, share)


def contour_map(
    values: FloatArray,
    levels: FloatArray,
    ways: Sequence[Way],
    marks: Sequence[Mark],
    horizontal: PlotRange,
    vertical: PlotRange,
    width: int,
    height: int,
    look: Look,
) -> list[Strip]:
    """The map of `values` (rows, columns), which cover the ranges, the upper row first, with labelled axes.

    The paths lie over each other, the first undermost, and the marks over them.
    """
    if width <= 0 or height <= 0:
        return []
    place = frame(width, height, vertical, look)
    grid = Grid(place.width, place.height)
    ground = grounds(values, levels, 2 * place.height, place.width)
    colors = [ground_color(index, len(levels), look) for index in range(len(levels) + 1)]
    if look.ramps:
        number_contours(grid, ground[::2], look)
    else:
        for row in range(grid.height):
            upper, lower = ground[2 * row].tolist(), ground[2 * row + 1].tolist()
            grid.characters[row] = [look.glyphs.upper_half] * grid.width
            grid.styles[row] = [style(colors[u], colors[v]) for u, v in zip(upper, lower, strict=True)]

    def behind(column: int, row: int) -> str | None:
        return None if look.ramps else colors[int(ground[2 * row, column])]

    for way in ways:
        draw_way(grid, way, horizontal, vertical, look, behind)
    draw_marks(grid, marks, horizontal, vertical, behind)
    return with_axes(grid.lines(), place, horizontal, vertical, look)


def profile(
    x: FloatArray,
    y: FloatArray,
    way: Way,
    marks: Sequence[Mark],
    horizontal: PlotRange,
    vertical: PlotRange,
    width: int,
    height: int,
    look: Look,
) -> list[Strip]:
    """The line through (`x`, `y`), x rising, and the path and the marks over it, with labelled axes."""
    if width <= 0 or height <= 0:
        return []
    place = frame(width, height, vertical, look)
    grid = Grid(place.width, place.height)
    dots = Dots(grid.width, grid.height)
    line_shares = inside(shares(horizontal, x), shares(vertical, y))
    dots.plot(*polyline(*dots_of(*line_shares, grid)), 0)
    dots.draw(grid, 0, 0, [style(look.palette.loss)], ["."], look)
    draw_way(grid, way, horizontal, vertical, look, unpainted)
    draw_marks(grid, marks, horizontal, vertical, unpainted)
    return with_axes(grid.lines(), place, horizontal, vertical, look)


def grounds(values: FloatArray, levels: FloatArray, rows: int, columns: int) -> LevelArray:
    """Between which contours the nearest value lies, from 0, for each of (rows, columns).

    What is no finite number is above all.
    """
    row = (np.arange(rows) * 2 + 1) * values.shape[0] // (2 * rows)
    column = (np.arange(columns) * 2 + 1) * values.shape[1] // (2 * columns)
    nearest = values[row[:, None], column]
    return np.searchsorted(levels, np.where(np.isfinite(nearest), nearest, np.inf), side="right").astype(np.intp)


def number_contours(grid: Grid, ground: LevelArray, look: Look) -> None:
    """The number of a contour in every cell that lies below it, next to one that lies above."""
    padded = np.pad(ground, 1, mode="edge")
    around = (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:])
    highest = np.max(around, axis=0)
    for row, column in np.argwhere(highest > ground).tolist():
        grid.write(column, row, str(ground[row, column] + 1), style(look.palette.dim))


def shares(of: PlotRange, values: FloatArray) -> FloatArray:
    """Where the values lie in a range, from 0 to 1; NaN where they are no finite numbers."""
    return np.where(np.isfinite(values), of.share(values), np.nan)


def inside(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The pieces of the line through (`x`, `y`), in shares of the ranges, that lie between 0 and 1, with gaps between.

    What lies outside is left out before it is drawn: it may be very far away.
    """
    starts, ends = np.array([x[:-1], y[:-1]]), np.array([x[1:], y[1:]])
    known = np.isfinite(starts + ends).all(axis=0)
    starts, ways = starts[:, known], (ends - starts)[:, known]
    first, last = np.zeros(starts.shape[1]), np.ones(starts.shape[1])
    with np.errstate(all="ignore"):
        for start, way in zip(starts, ways, strict=True):
            # Where along its way a piece passes either edge; one that goes along them stays on its side.
            edges = np.sort(np.array([-start / way, (1 - start) / way]), axis=0)
            still = np.where((start >= 0) & (start <= 1), np.inf, np.nan)
            first = np.maximum(first, np.where(way == 0, -still, edges[0]))
            last = np.minimum(last, np.where(way == 0, still, edges[1]))
    kept = first <= last
    starts, ways = starts[:, kept], ways[:, kept]
    gap = np.full(kept.sum(), np.nan)
    pieces = [
        np.stack([start + way * first[kept], start + way * last[kept], gap], axis=1)
        for start, way in zip(starts, ways, strict=True)
    ]
    return pieces[0].ravel(), pieces[1].ravel()


def dots_of(x: FloatArray, y: FloatArray, grid: Grid) -> tuple[FloatArray, FloatArray]:
    """Shares of the ranges in dots of braille, from the upper left."""
    return x * (2 * grid.width - 1), (1 - y) * (4 * grid.height - 1)


Ground = Callable[[int, int], str | None]
"""The colour behind a cell, by its column and its row; None for none."""


def unpainted(column: int, row: int) -> str | None:
    """The ground of a drawing without one."""
    return None


def draw_way(grid: Grid, way: Way, horizontal: PlotRange, vertical: PlotRange, look: Look, behind: Ground) -> None:
    """The path, that to come dim, on the ground that is behind it."""
    x, y = shares(horizontal, way.x), shares(vertical, way.y)
    dots = Dots(grid.width, grid.height)
    # What is done lies over what is to come.
    for owner, part in ((1, slice(max(way.done - 1, 0), None)), (0, slice(0, way.done))):
        dots.plot(*polyline(*dots_of(*inside(x[part], y[part]), grid)), owner)
    styles = [style(way.color or look.palette.text, bold=True), style(look.palette.dim)]
    for column, row, character, owner in dots.cells():
        glyph = ("*", ".")[owner] if look.glyphs.ascii else character
        grid.write(column, row, glyph, styles[owner] + Style(bgcolor=behind(column, row)))


def draw_marks(grid: Grid, marks: Sequence[Mark], horizontal: PlotRange, vertical: PlotRange, behind: Ground) -> None:
    """The letters of the marks that lie in the ranges, the last over the others."""
    for mark in marks:
        x, y = shares(horizontal, np.array([mark.x])), shares(vertical, np.array([mark.y]))
        if 0 <= x[0] <= 1 and 0 <= y[0] <= 1:
            across, down = dots_of(x, y, grid)
            column, row = int(across[0]) // 2, int(down[0]) // 4
            grid.write(column, row, mark.letter, style(mark.color, bold=True) + Style(bgcolor=behind(column, row)))
