"""What the network says about each point of a plane, as colours behind, with the examples as letters upon it.

Of two classes, and of a regression, the colour is that of the prediction about its middle: blue above, orange below;
of more classes it is the colour of the class. A letter tells the class: O X for two, A B C … for more, and + − the side
of a regression's target; capitals are the training set, small letters the test set (of a regression: bold and dim).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from textual.strip import Strip

from .axes import PlotRange, frame, with_axes
from .glyphs import Look
from .palette import (
    LEVELS,
    NAN_LEVEL,
    STEPS,
    ColorArray,
    FloatArray,
    LevelArray,
    diverging_colors,
    diverging_levels,
    mix,
)
from .strips import Grid, style

CLASS_GROUNDS = ".:-=+*%#&$"
"""The ground of each class where there is no colour."""


@dataclass(frozen=True, eq=False)
class Points:
    """Examples on the plane: (n,) coordinates, targets (classes from 0, or values), and which are test examples.

    `chosen` is the number of the one to be marked.
    """

    x: FloatArray
    y: FloatArray
    targets: FloatArray
    is_test: NDArray[np.bool_]
    chosen: int | None = None

    def drawing_order(self) -> list[int]:
        """The test set, over it the training set, over all the chosen one."""
        order: list[int] = np.argsort(~self.is_test, kind="stable").tolist()
        return order if self.chosen is None else [*order, self.chosen]


@dataclass(frozen=True)
class SurfaceScale:
    """How predictions become colours: about `middle`, ± `limit`; or `classes` > 2 when they are class numbers."""

    middle: float = 0.5
    limit: float = 0.5
    classes: int = 0
    regression: bool = False


def surface_lines(
    predictions: FloatArray | None,
    points: Points | None,
    horizontal: PlotRange,
    vertical: PlotRange,
    scale: SurfaceScale,
    width: int,
    height: int,
    look: Look,
) -> list[Strip]:
    """The decision surface in at most `width` × `height` cells, with labelled axes where there is room.

    `predictions` (rows, columns) covers the ranges, row 0 at the top (the high end of `vertical`); any resolution will
    do, two rows for each line show most.
    """
    if width <= 0 or height <= 0:
        return []
    place = frame(width, height, vertical, look)
    grid = Grid(place.width, place.height)
    ground = np.zeros((2 * place.height, place.width), dtype=np.intp)
    if predictions is not None and np.size(predictions):
        ground = _levels(_resampled(np.atleast_2d(predictions), *ground.shape), scale)
        _paint(grid, ground, look)
    if points is not None:
        _put(grid, ground, points, horizontal, vertical, scale, look, predictions is not None)
    return with_axes(grid.lines(), place, horizontal, vertical, look)


def _resampled(values: FloatArray, rows: int, columns: int) -> FloatArray:
    """The nearest of `values` for each of (rows, columns)."""
    row = (np.arange(rows) * 2 + 1) * len(values) // (2 * rows)
    column = (np.arange(columns) * 2 + 1) * values.shape[1] // (2 * columns)
    nearest: FloatArray = np.asarray(values, dtype=float)[row[:, None], column]
    return nearest


def _levels(values: FloatArray, scale: SurfaceScale) -> LevelArray:
    """Indices into `_colors`: diverging levels, or LEVELS + class."""
    if scale.classes > 2:
        known = np.where(np.isfinite(values), values, 0)
        return np.where(np.isfinite(values), LEVELS + np.clip(known, 0, scale.classes - 1), NAN_LEVEL).astype(np.intp)
    with np.errstate(all="ignore"):
        return diverging_levels(np.asarray(values - scale.middle), scale.limit)


@lru_cache(maxsize=32)
def _colors(look: Look) -> list[str]:
    """The ground's colours: the diverging scale, muted so that points stand out, then a muted one for each class."""
    palette = look.palette
    table: ColorArray = diverging_colors(palette)
    scale = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in table.tolist()]
    muted = [mix(palette.background, color, 0.6) for color in scale[:NAN_LEVEL]]
    return [*muted, scale[NAN_LEVEL], *(mix(palette.background, color, 0.45) for color in palette.classes)]


class _GroundStyles(dict[tuple[int, int], Style]):
    """The style of each pair of levels, upper and lower, made when first asked for."""

    def __init__(self, colors: list[str]) -> None:
        super().__init__()
        self.colors = colors

    def __missing__(self, pair: tuple[int, int]) -> Style:
        made = style(self.colors[_wrapped(pair[0])], self.colors[_wrapped(pair[1])])
        self[pair] = made
        return made


@lru_cache(maxsize=8)
def _ground_styles(look: Look) -> _GroundStyles:
    return _GroundStyles(_colors(look))


def _wrapped(level: int) -> int:
    """The level, with the classes that have no colour of their own sharing those of the first."""
    return level if level < LEVELS + 10 else LEVELS + (level - LEVELS) % 10


def _paint(grid: Grid, levels: LevelArray, look: Look) -> None:
    """The ground, two levels a cell; without colour the upper one's glyph."""
    styles = _ground_styles(look)
    for row in range(grid.height):
        upper, lower = levels[2 * row].tolist(), levels[2 * row + 1].tolist()
        if look.ramps:
            grid.characters[row] = [_ground_glyph(level, look) for level in upper]
            grid.styles[row] = [style(look.palette.dim)] * grid.width
        else:
            grid.characters[row] = [look.glyphs.upper_half] * grid.width
            grid.styles[row] = [styles[pair] for pair in zip(upper, lower, strict=True)]


def _ground_glyph(level: int, look: Look) -> str:
    if level == NAN_LEVEL:
        return look.glyphs.nan
    if level >= LEVELS:
        return CLASS_GROUNDS[(level - LEVELS) % len(CLASS_GROUNDS)]
    if abs(level - STEPS) <= 2:
        return " "
    return ":" if level > STEPS else "."


def _put(
    grid: Grid,
    levels: LevelArray,
    points: Points,
    horizontal: PlotRange,
    vertical: PlotRange,
    scale: SurfaceScale,
    look: Look,
    painted: bool,
) -> None:
    """The points that lie in the ranges, the training set over the test set."""
    x = horizontal.share(points.x) * grid.width
    y = (1 - vertical.share(points.y)) * grid.height
    inside = (x >= 0) & (x <= grid.width) & (y >= 0) & (y <= grid.height) & np.isfinite(points.targets)
    for index in points.drawing_order():
        if inside[index]:
            column, row = min(int(x[index]), grid.width - 1), min(int(y[index]), grid.height - 1)
            if index == points.chosen:
                mark_point(grid, column, row, look)
            glyph, color = point_mark(float(points.targets[index]), bool(points.is_test[index]), scale, look)
            behind = _colors(look)[_wrapped(int(levels[2 * row, column]))] if painted and not look.ramps else None
            grid.write(column, row, glyph, style(color, behind, bold=not points.is_test[index]))


def mark_point(grid: Grid, column: int, row: int, look: Look) -> None:
    """The cursor glyph before the point in a cell, or at the left end an arrow behind it."""
    of = style(look.palette.accent, look.palette.black, bold=True)
    if column:
        grid.write(column - 1, row, look.glyphs.cursor, of)
    else:
        grid.write(column + 1, row, look.glyphs.left, of)


@lru_cache(maxsize=1024)
def point_mark(target: float, is_test: bool, scale: SurfaceScale, look: Look) -> tuple[str, str]:
    """The letter and the colour of an example, for points and for their legend."""
    palette = look.palette
    if scale.classes > 2:
        number = int(max(0, target))
        letter, color = chr(ord("A") + number % 26), palette.classes[number % len(palette.classes)]
    else:
        above = target > scale.middle
        color = palette.positive if above else palette.negative
        letter = "X" if above else "O"
        if scale.regression:
            letter = look.glyphs.plus if above else look.glyphs.minus
    bright = mix(color, palette.text, 0.45)
    return (letter.lower(), mix(color, palette.dim, 0.35)) if is_test else (letter, bright)
