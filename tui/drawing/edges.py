"""The weights between two columns of nodes, as lines and as numbers on them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from rich.style import Style

from backprop_tui.core.value_class import dataclass

from .braille import Dots
from .glyphs import Look
from .numbers import format_number
from .palette import FloatArray, mix, symmetric_limit
from .strips import Grid, style

EDGE_SHADES = 8
MOST_LABELS = 9
"""From more edges on only the chosen one has its number."""
LABEL_PLACES = (0.15, 0.3, 0.7, 0.85, 0.5)
"""Where along an edge a label may stand, in the order of preference."""
LEAST_THICK = 8
"""Cells between columns from which lines are thicker than a dot."""
THICKER = ((0.0, 0.0), (1.0, 0.4), (-1.0, 0.8))
"""The dots of a line, by how far they are from its middle, and from which share of the largest weight it has them."""


def draw_edges(
    grid: Grid,
    weights: FloatArray,
    left: int,
    gap: int,
    sources: Sequence[float],
    targets: Sequence[float],
    look: Look,
    lit: bool,
) -> None:
    """The lines of one gap between columns, from rows `sources` to rows `targets`, the strongest drawn last.

    A line is one to three dots thick by the size of its weight, two at the most where rows stand close, and one where
    the columns do.
    """
    limit = symmetric_limit(weights)
    drawn = np.clip(np.nan_to_num(np.asarray(weights, dtype=float)), -limit, limit)
    order = np.argsort(np.abs(drawn), axis=None)
    unit, source = (index for index in np.unravel_index(order, drawn.shape))
    strong = drawn[unit, source]
    shades = np.rint(np.abs(strong) / limit * (EDGE_SHADES - 1)).astype(np.intp)
    owners = shades + EDGE_SHADES * (strong < 0)
    start, end = (
        np.array(rows, dtype=float)[index] * 4.0 + 1.5 for rows, index in ((sources, source), (targets, unit))
    )
    count = int(max(2 * gap, np.abs(end - start).max())) + 1
    share = np.linspace(0.0, 1.0, count)
    y = start[:, None] + (end - start)[:, None] * share
    x = np.broadcast_to(share * (2 * gap - 1), y.shape)
    solid = (strong >= 0)[:, None] | (np.arange(count) * 2 * gap // count % 6 < 3)
    if look.glyphs.ascii:
        solid = np.ones_like(solid)
    dots = Dots(gap, grid.height)
    thick = np.abs(strong)[:, None] / limit
    close = min((abs(b - a) for rows in (sources, targets) for a, b in pairwise(rows)), default=4.0) < 2
    for offset, from_share in THICKER[: 1 if gap < LEAST_THICK else 2 if close else 3]:
        shown = solid & (thick >= from_share)
        dots.plot(x[shown], y[shown] + offset, np.broadcast_to(owners[:, None], y.shape)[shown])
    marks = ramp(look.glyphs.positive_ramp) + ramp(look.glyphs.negative_ramp)
    dots.draw(grid, left, 0, _edge_styles(look, lit), marks, look)


def ramp(glyphs: str) -> str:
    """A glyph for each shade, the first of them for the weakest."""
    return "".join(glyphs[shade * len(glyphs) // EDGE_SHADES] for shade in range(EDGE_SHADES))


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


@dataclass(frozen=True, slots=True)
class Label:
    """The number on an edge from `source` to `unit`: its row and first cell on the grid."""

    unit: int
    source: int
    row: int
    left: int
    text: str


def edge_labels(
    weights: FloatArray,
    left: int,
    gap: int,
    sources: Sequence[float],
    targets: Sequence[float],
    chosen: tuple[int, ...] | None,
    look: Look,
) -> list[Label]:
    """A number for each edge that has a free place for one, the chosen one's first and in any case."""
    taken: set[tuple[int, int]] = set()
    entries = sorted(np.ndindex(weights.shape), key=lambda entry: entry != chosen)
    if len(entries) > MOST_LABELS:
        entries = [entry for entry in entries if entry == chosen]
    labels = []
    for unit, source in entries:
        text = signed_number(float(weights[unit, source]), 7, 3, look)
        for place in LABEL_PLACES:
            row = round(sources[source] + (targets[unit] - sources[source]) * place)
            column = min(gap - len(text), max(0, round(gap * place - len(text) / 2)))
            cells = {(row, column + offset) for offset in range(-1, len(text) + 1)}
            if not cells & taken:
                taken |= cells
                labels.append(Label(unit, source, row, left + column, text))
                break
    return labels


def draw_labels(
    grid: Grid, weights: FloatArray, labels: Sequence[Label], chosen: tuple[int, ...] | None, look: Look
) -> None:
    """The numbers in the colours of their signs, the chosen one reversed."""
    palette = look.palette
    for label in labels:
        weight = float(weights[label.unit, label.source])
        color = palette.positive if weight > 0 else palette.negative if weight < 0 else palette.dim
        lit = (label.unit, label.source) == chosen
        of = style(palette.accent, bold=True, reverse=True) if lit else style(color)
        grid.write(label.left, label.row, label.text, of)
