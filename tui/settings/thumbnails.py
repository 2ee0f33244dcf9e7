"""Small pictures of the data sets that are drawn by chance, as they would be with the preset's noise and seed."""

import numpy as np
from textual.strip import Strip

from backprop_tui.core.preset.chance import generator
from backprop_tui.core.preset.generators import EDGE, GENERATORS
from backprop_tui.tui.drawing.braille import Dots
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import Grid, style

POINTS = 160
"""Points that a picture shows."""
MARKS = "o."
"""Of a class, or a sign, where there is no braille."""


def thumbnail(kind: str, noise: float, seed: int, width: int, height: int, look: Look) -> list[Strip]:
    """`width` × `height` cells with points of a set, x1 across and x2 up; of one input its targets up.

    Points with a target above 0 are blue, those below it orange; without colours only the former are drawn, and of a
    set of one input all. Empty for a set that is not drawn by chance.
    """
    grid = Grid(width, height)
    if kind in GENERATORS:
        points, targets = GENERATORS[kind](POINTS, noise, generator(seed, "data"))
        plane = len(points) == 2
        x, y, edge = points[0], points[1] if plane else targets, EDGE if plane else 1.5
        shown = (targets > 0) | ((targets < 0) & (look.color or look.glyphs.ascii)) | (not plane)
        dots = Dots(width, height)
        across = (x / EDGE + 1) / 2 * (2 * width - 1)
        down = (1 - y / edge) / 2 * (4 * height - 1)
        owners = np.where(targets > 0, 0, 1).astype(np.intp)
        # One class after the other would have cells that both are in show the second alone.
        mixed = np.arange(POINTS).reshape(2, -1).T.ravel()
        mixed = mixed[shown[mixed]]
        dots.plot(across[mixed], down[mixed], owners[mixed])
        colors = [style(look.palette.positive), style(look.palette.negative)]
        dots.draw(grid, 0, 0, colors, MARKS, look)
    return grid.lines()
