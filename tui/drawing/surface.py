"""What the network says about each point of a plane, as colours behind, with the examples as letters upon it.

Of two classes, and of a regression, the colour is that of the prediction about its middle: blue above, orange below;
of more classes it is the colour of the class. Below the plane a bar says which colour is which number, or which class.
"""

import numpy as np
from textual.strip import Strip

from .axes import Frame, PlotRange, bottom_axis, frame, left_axis
from .glyphs import Look
from .ground import NOTHING, Marks, class_level, marks_of, painted
from .palette import NAN_LEVEL, STEPS, FloatArray, LevelArray, diverging_levels
from .points import Points, SurfaceScale, placed


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
    faces = {} if points is None else placed(points, horizontal, vertical, scale, place.width, place.height, look)
    return Surface(place, horizontal, vertical, look).lines(predictions, marks_of(faces, look), scale)


class Surface:
    """A plane in its frame, whose axes are written once; the numbers and the marks on it change."""

    def __init__(self, place: Frame, horizontal: PlotRange, vertical: PlotRange, look: Look) -> None:
        self.place, self.look = place, look
        self.left = left_axis(place, vertical, look)
        self.bottom = [bottom_axis(place, horizontal, look)] if place.labelled else []

    def lines(self, predictions: FloatArray | None, marks: Marks, scale: SurfaceScale) -> list[Strip]:
        """The colours of `predictions` (rows, columns), with what stands in the cells."""
        shape = (2 * self.place.height, self.place.width)
        if predictions is not None and np.size(predictions):
            levels = surface_levels(_resampled(np.atleast_2d(predictions), *shape), scale)
        else:
            levels = np.full(shape, NOTHING, dtype=np.intp)
        return [*painted(levels, marks, self.look, self.left), *self.bottom]


def _resampled(values: FloatArray, rows: int, columns: int) -> FloatArray:
    """The nearest of `values` for each of (rows, columns)."""
    if values.shape == (rows, columns):
        return values
    row = (np.arange(rows) * 2 + 1) * len(values) // (2 * rows)
    column = (np.arange(columns) * 2 + 1) * values.shape[1] // (2 * columns)
    nearest: FloatArray = np.asarray(values, dtype=float)[row[:, None], column]
    return nearest


def surface_levels(values: FloatArray, scale: SurfaceScale) -> LevelArray:
    """The level of each of `values`: about the middle, or that of its class; of what is not finite a level of its own.

    An infinite value has a side of the middle, but no class.
    """
    if scale.classes > 2:
        finite = np.isfinite(values)
        known = np.clip(np.where(finite, values, 0), 0, scale.classes - 1).astype(np.intp)
        table = np.array([class_level(number) for number in range(scale.classes)], dtype=np.intp)
        return np.where(finite, table[known], NAN_LEVEL)
    if scale.discrete:
        return np.where(np.isnan(values), NAN_LEVEL, np.where(values > scale.middle, 2 * STEPS, 0)).astype(np.intp)
    with np.errstate(all="ignore"):
        return diverging_levels(np.asarray(values - scale.middle), scale.limit)
