"""A function of one number, as the network sees it, through the examples that it learns from."""

import numpy as np
from textual.strip import Strip

from .axes import PlotRange, frame, with_axes
from .braille import Dots, polyline
from .glyphs import Look
from .palette import FloatArray, mix
from .points import Points, mark_point
from .strips import Grid, style


def curve_lines(
    x: FloatArray,
    y: FloatArray | None,
    points: Points | None,
    horizontal: PlotRange,
    vertical: PlotRange,
    width: int,
    height: int,
    look: Look,
) -> list[Strip]:
    """The curve through (`x`, `y`), x rising, and the points (`y` the targets): O for training, o for test examples.

    What is not finite is a gap; what lies outside the ranges is left out.
    """
    if width <= 0 or height <= 0:
        return []
    place = frame(width, height, vertical, look)
    grid = Grid(place.width, place.height)
    if y is not None:
        dots = Dots(place.width, place.height)
        with np.errstate(all="ignore"):
            across = np.asarray(horizontal.share(x)) * (2 * place.width - 1)
            down = (1 - np.asarray(vertical.share(y))) * (4 * place.height - 1)
        within = (np.abs(across) < 4 * place.width + 8) & (np.abs(down) < 8 * place.height + 8)
        line_x, line_y = polyline(across, np.where(within, down, np.nan))
        dots.plot(line_x, line_y, 0)
        dots.draw(grid, 0, 0, [style(look.palette.accent, bold=True)], ["*"], look)
    if points is not None:
        _put(grid, points, horizontal, vertical, look)
    return with_axes(grid.lines(), place, horizontal, vertical, look)


def _put(grid: Grid, points: Points, horizontal: PlotRange, vertical: PlotRange, look: Look) -> None:
    """The examples, the training set over the test set."""
    x = horizontal.share(points.x) * grid.width
    y = (1 - vertical.share(points.y)) * grid.height
    inside = (x >= 0) & (x <= grid.width) & (y >= 0) & (y <= grid.height)
    palette = look.palette
    of = (style(palette.train, bold=True), style(mix(palette.test, palette.dim, 0.4)))
    for index in points.drawing_order():
        if inside[index]:
            test = bool(points.is_test[index])
            column, row = min(int(x[index]), grid.width - 1), min(int(y[index]), grid.height - 1)
            if index == points.chosen:
                mark_point(grid, column, row, look)
            grid.write(column, row, "o" if test else "O", of[test])
