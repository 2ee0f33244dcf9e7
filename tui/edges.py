"""The weights between two columns of nodes, as lines and as numbers on them."""

from collections.abc import Sequence

import numpy as np
from rich.style import Style

from .braille import Dots
from .drawing import Grid, style
from .glyphs import Look
from .numbers import format_number
from .palette import FloatArray, mix, symmetric_limit

EDGE_SHADES = 8
LABEL_PLACES = (0.15, 0.3, 0.7, 0.85, 0.5)
"""Where along an edge a label may stand, in the order of preference."""


def draw_edges(
    grid: Grid,
    weights: FloatArray,
    left: int,
    gap: int,
    sources: Sequence[int],
    targets: Sequence[int],
    look: Look,
    lit: bool,
) -> None:
    """The lines of one gap between columns, the strongest drawn last."""
    limit = symmetric_limit(weights)
    drawn = np.clip(np.nan_to_num(np.asarray(weights, dtype=float)), -limit, limit)
    order = np.argsort(np.abs(drawn), axis=None)
    unit, source = (index for index in np.unravel_index(order, drawn.shape))
    strong = drawn[unit, source]
    shades = np.rint(np.abs(strong) / limit * (EDGE_SHADES - 1)).astype(np.intp)
    owners = shades + EDGE_SHADES * (strong < 0)
    start, end = (np.array(rows)[index] * 4.0 + 1.5 for rows, index in ((sources, source), (targets, unit)))
    count = int(max(2 * gap, np.abs(end - start).max())) + 1
    share = np.linspace(0.0, 1.0, count)
    y = start[:, None] + (end - start)[:, None] * share
    x = np.broadcast_to(share * (2 * gap - 1), y.shape)
    solid = (strong >= 0)[:, None] | (np.arange(count) * 2 * gap // count % 6 < 3)
    if look.glyphs.ascii:
        solid = np.ones_like(solid)
    dots = Dots(gap, grid.height)
    dots.plot(x[solid], y[solid], np.broadcast_to(owners[:, None], y.shape)[solid])
    marks = look.glyphs.plus * EDGE_SHADES + look.glyphs.minus * EDGE_SHADES
    dots.draw(grid, left, 0, _edge_styles(look, lit), marks, look)


def _edge_styles(look: Look, lit: bool) -> list[Style]:
    """Styles by owner: the shades of positive weights, then of negative ones; paler where the layer is out of view."""
    palette = look.palette
    strongest = 1.0 if lit else 0.65
    shares = [strongest * (0.25 + 0.75 * shade / (EDGE_SHADES - 1)) for shade in range(EDGE_SHADES)]
    return [
        style(mix(palette.neutral, color, share)) for color in (palette.positive, palette.negative) for share in shares
    ]


def signed_number(x: float, width: int, digits: int, look: Look) -> str:
    """A number that always has its sign."""
    text = format_number(x, width - 1 if x > 0 else width, digits, look.glyphs)
    return look.glyphs.plus + text if x > 0 and text[:1] != "#" else text


def draw_labels(
    grid: Grid,
    weights: FloatArray,
    left: int,
    gap: int,
    sources: Sequence[int],
    targets: Sequence[int],
    chosen: tuple[int, ...] | None,
    look: Look,
) -> None:
    """A number on each edge that has a free place for one, the spotlight's first and in any case."""
    palette = look.palette
    weights = np.asarray(weights, dtype=float)
    taken: set[tuple[int, int]] = set()
    entries = sorted(np.ndindex(weights.shape), key=lambda entry: entry != chosen)
    if len(entries) > 9:
        entries = [entry for entry in entries if entry == chosen]
    for unit, source in entries:
        weight = float(weights[unit, source])
        text = signed_number(weight, 7, 3, look)
        color = palette.positive if weight > 0 else palette.negative if weight < 0 else palette.dim
        of = style(palette.accent, bold=True, reverse=True) if (unit, source) == chosen else style(color)
        for place in LABEL_PLACES:
            row = round(sources[source] + (targets[unit] - sources[source]) * place)
            column = min(gap - len(text), max(0, round(gap * place - len(text) / 2)))
            cells = {(row, column + offset) for offset in range(-1, len(text) + 1)}
            if not cells & taken:
                taken |= cells
                grid.write(left + column, row, text, of)
                break
