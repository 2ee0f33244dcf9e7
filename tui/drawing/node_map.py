"""A tiny map: what a unit answers over the plane, in a few cells of a grid."""

from functools import lru_cache

from rich.style import Style

from .glyphs import Look
from .heatmap import ramp_glyph
from .palette import STEPS, LevelArray, Palette, diverging_colors
from .strips import Grid, style


def draw_map(grid: Grid, x: int, y: int, levels: LevelArray, look: Look) -> None:
    """The (rows, columns) levels from cell (x, y): two rows a line, or one a line in glyphs where there is no colour.

    Under an odd last row the lower half of its line stays as it is.
    """
    if look.ramps:
        for row, line in enumerate(levels.tolist()):
            text = "".join(ramp_glyph(level, (level > STEPS) - (level < STEPS), look) for level in line)
            grid.write(x, y + row, text, style(look.palette.text))
        return
    styles, half = _cells(look.palette), look.glyphs.upper_half
    for row in range(0, len(levels), 2):
        upper = levels[row].tolist()
        lower = levels[row + 1].tolist() if row + 1 < len(levels) else [-1] * len(upper)
        for column, pair in enumerate(zip(upper, lower, strict=True)):
            grid.cell(x + column, y + row // 2, half, styles[pair])


class _Cells(dict[tuple[int, int], Style]):
    """The style of each pair of levels, upper and lower, made when first asked for; −1 below is nothing."""

    def __init__(self, palette: Palette) -> None:
        super().__init__()
        self.colors = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in diverging_colors(palette).tolist()]

    def __missing__(self, pair: tuple[int, int]) -> Style:
        upper, lower = pair
        made = style(self.colors[upper], None if lower < 0 else self.colors[lower])
        self[pair] = made
        return made


@lru_cache(maxsize=8)
def _cells(palette: Palette) -> _Cells:
    return _Cells(palette)
