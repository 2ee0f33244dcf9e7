"""A small network as nodes and edges: values in the nodes, weights on the edges, signs by colour and by glyph.

A positive weight is a solid line, a negative one dashed (in ASCII `+` and `-`), the brighter the larger; the label of
an edge carries its number. What has no room is left out in this order: labels, digits, values, the whole diagram.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from textual.strip import Strip

from .drawing import Grid, fit, heading, style
from .edges import draw_edges, draw_labels, signed_number
from .glyphs import Look
from .numbers import format_number
from .palette import FloatArray, mix, symmetric_limit

MOST_UNITS = 10
LEAST_GAP, LABEL_GAP = 4, 13
"""Cells between two columns of nodes: at least, and from where edges get labels."""


@dataclass(frozen=True, eq=False)
class DiagramLayer:
    """One layer: weights (units, inputs), biases (units,) or None, values (units,) or None where not computed yet."""

    weights: FloatArray
    biases: FloatArray | None
    values: FloatArray | None
    names: Sequence[str]
    title: str = ""


@dataclass(frozen=True, eq=False)
class DiagramInput:
    """The inputs of the network: names, and values (inputs,) or None."""

    names: Sequence[str]
    values: FloatArray | None
    title: str = "input"


@dataclass(frozen=True)
class _Columns:
    """How the columns of nodes stand: digits of values (0: none), widths of names and nodes, and the gap between."""

    digits: int
    name: int
    node: int
    gap: int


def diagram_lines(
    inputs: DiagramInput,
    layers: Sequence[DiagramLayer],
    width: int,
    height: int,
    look: Look,
    *,
    spotlight: tuple[int, int, int] | None = None,
    in_view: int | None = None,
) -> list[Strip] | None:
    """The network in at most `width` × `height` cells, or None where it does not fit.

    `spotlight` is a weight as (layer, row, column), `in_view` a layer, both with layers from 1 and 0 for the inputs.
    """
    columns: list[DiagramInput | DiagramLayer] = [inputs, *layers]
    most = max(len(column.names) for column in columns)
    layout = _layout(columns, width, look)
    if layout is None or not layers or most > min(height, MOST_UNITS) or min(len(c.names) for c in columns) == 0:
        return None
    titled = height > most and any(column.title for column in columns)
    top = 1 if titled else 0
    grid = Grid(width, min(height, top + 4 * most))
    lefts = [place * (layout.node + layout.gap) for place in range(len(columns))]
    rows = [_rows(len(column.names), grid.height - top, top) for column in columns]
    for place, layer in enumerate(layers):
        draw_edges(
            grid,
            layer.weights,
            lefts[place] + layout.node,
            layout.gap,
            rows[place],
            rows[place + 1],
            look,
            in_view in (None, place + 1),
        )
    for place, column in enumerate(columns):
        lit = in_view == place
        if titled:
            color = look.palette.accent if lit else look.palette.dim
            room = min(layout.node + layout.gap - 1, width - lefts[place])
            grid.write(lefts[place], 0, heading(column.title, room, look), style(color, bold=lit))
        _nodes(grid, column, lefts[place], rows[place], layout, look)
    if layout.gap >= LABEL_GAP:
        for place, layer in enumerate(layers):
            chosen = spotlight[1:] if spotlight is not None and spotlight[0] == place + 1 else None
            draw_labels(
                grid, layer.weights, lefts[place] + layout.node, layout.gap, rows[place], rows[place + 1], chosen, look
            )
    return grid.lines()


def _layout(columns: Sequence[DiagramInput | DiagramLayer], width: int, look: Look) -> _Columns | None:
    """The layout with most digits, and room for labels where that costs no more than a digit or two."""
    name = min(6, max((len(look.text(text)) for column in columns for text in column.names), default=1))
    gaps = len(columns) - 1
    for least in (LABEL_GAP, LEAST_GAP):
        for digits in (4, 3, 2) if least == LABEL_GAP else (3, 2, 0):
            node = name + 2 + (digits + 4 if digits else 0) - (digits == 2)
            gap = (width - len(columns) * node) // max(1, gaps)
            if gap >= least:
                return _Columns(digits, name, node, min(gap, 24))
    return None


def _rows(count: int, height: int, top: int) -> list[int]:
    """Rows for `count` nodes, spread evenly over `height` rows from `top`."""
    return [top + ((2 * place + 1) * height) // (2 * count) for place in range(count)]


def _nodes(
    grid: Grid, column: DiagramInput | DiagramLayer, left: int, rows: Sequence[int], layout: _Columns, look: Look
) -> None:
    """The nodes of a column, each in the colour of its value, with its bias below where there is room."""
    palette = look.palette
    limit = symmetric_limit(column.values) if column.values is not None else 1.0
    biases = column.biases if isinstance(column, DiagramLayer) else None
    for place, row in enumerate(rows):
        value = None if column.values is None else float(column.values[place])
        name = fit(column.names[place], layout.name, look)
        text = f"{name:<{layout.name}}"
        if layout.digits:
            text += f" {format_number(value, layout.digits + 3, layout.digits, look.glyphs):>{layout.digits + 3}}"
        text = text.center(layout.node)
        grid.write(left, row, text, style(palette.text, _node_color(value, limit, look), bold=True))
        apart = len(rows) == 1 or rows[1] - rows[0] > 1
        if biases is not None and layout.digits and apart and row + 1 < grid.height:
            bias = signed_number(float(biases[place]), layout.digits + 3, layout.digits, look)
            grid.write(left, row + 1, f" b {bias:>{layout.node - 4}}", style(palette.dim))


def _node_color(value: float | None, limit: float, look: Look) -> str | None:
    """The colour behind a node: the neutral one for what is blank, otherwise towards the colour of its sign."""
    if look.ramps:
        return None
    palette = look.palette
    if value is None or not np.isfinite(value):
        return palette.neutral
    share = min(1.0, abs(value) / limit)
    return mix(palette.neutral, palette.positive if value > 0 else palette.negative, round(share * 0.5, 2))
