"""A small network as nodes and edges: values in the nodes, weights on the edges, signs by colour and by glyph.

A positive weight is a solid line, a negative one dashed (in ASCII `+` and `-`), the brighter the larger; the label of
an edge carries its number. What has no room is left out in this order: labels, digits, values, the whole diagram.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from .edges import Label, draw_edges, draw_labels, edge_labels, signed_number
from .glyphs import Look
from .numbers import format_number
from .palette import FloatArray, mix, symmetric_limit
from .strips import Grid, padded, style
from .titles import title_of, told_apart

MOST_UNITS = 10
LEAST_GAP, LABEL_GAP = 4, 13
"""Cells between two columns of nodes: at least, and from where edges get labels."""
MOST_NAME, SHORT_NAME = 16, 6
BOTH_DIGITS = (4, 3)
"""Digits of values beside preactivations."""
NARROWER = ((LABEL_GAP, (4, 3, 2), SHORT_NAME), (LEAST_GAP, (3, 2, 0), SHORT_NAME))
"""Gap, digits and the cells of a name, in the order in which they are tried where the widest has no room."""


@dataclass(frozen=True, eq=False)
class DiagramLayer:
    """One layer: weights (units, inputs), biases (units,) or None, values (units,) or None where not computed yet.

    `chosen` is a unit's own parameter in the spotlight, as (symbol, unit, value); of `title` the first words stay.
    `before` are the units' preactivations, shown beside their values where there is room for both.
    """

    weights: FloatArray
    biases: FloatArray | None
    values: FloatArray | None
    names: Sequence[str]
    title: str = ""
    chosen: tuple[str, int, float] | None = None
    before: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class DiagramInput:
    """The inputs of the network: names, and values (inputs,) or None."""

    names: Sequence[str]
    values: FloatArray | None
    title: str = "input"


@dataclass(frozen=True)
class _Columns:
    """How the columns of nodes stand: digits of values (0: none), widths of names and nodes, and the gap between.

    `both`: a node has its preactivation beside its value.
    """

    digits: int
    name: int
    node: int
    gap: int
    both: bool = False

    @property
    def number(self) -> int:
        """Cells of a number."""
        return self.digits + 3


Place = tuple[int, int, int | None]
"""A layer from 1 (0: the inputs), a unit, and the source of an edge to it; None for the unit itself."""


@dataclass(frozen=True, eq=False)
class Diagram:
    """A network laid out on a grid: the left ends of its columns of nodes, and the rows of the nodes of each."""

    columns: Sequence[DiagramInput | DiagramLayer]
    layers: Sequence[DiagramLayer]
    layout: _Columns
    width: int
    height: int
    top: int
    look: Look

    @property
    def lefts(self) -> list[int]:
        return [place * (self.layout.node + self.layout.gap) for place in range(len(self.columns))]

    @property
    def rows(self) -> list[list[int]]:
        return [_rows(len(column.names), self.height - self.top, self.top) for column in self.columns]

    def gap_left(self, place: int) -> int:
        """The first cell of the edges into layer `place`, counted from 0."""
        return self.lefts[place] + self.layout.node

    def labels(self, place: int, chosen: tuple[int, ...] | None) -> list[Label]:
        """The numbers on the edges into layer `place`, counted from 0; none where the gaps are narrow."""
        if self.layout.gap < LABEL_GAP:
            return []
        weights, rows = np.asarray(self.layers[place].weights, dtype=float), self.rows
        left, gap = self.gap_left(place), self.layout.gap
        return edge_labels(weights, left, gap, rows[place], rows[place + 1], chosen, self.look)

    def lines(self, spotlight: tuple[int, int, int] | None, in_view: int | None) -> list[Strip]:
        """The drawing; `spotlight` is a weight as (layer, row, column), `in_view` a layer, 0 for the inputs."""
        grid, rows, look = Grid(self.width, self.height), self.rows, self.look
        for place, layer in enumerate(self.layers):
            lit = in_view in (None, place + 1)
            left, gap = self.gap_left(place), self.layout.gap
            draw_edges(grid, layer.weights, left, gap, rows[place], rows[place + 1], look, lit)
        for place, column in enumerate(self.columns):
            if self.top:
                lit = in_view == place
                color = look.palette.accent if lit else look.palette.dim
                room = min(self.layout.node + self.layout.gap - 1, self.width - self.lefts[place])
                words = column.title.split()
                if self.layout.both and isinstance(column, DiagramLayer):
                    words.append(f"z{look.glyphs.right}a")
                title = title_of(words, room, look)
                grid.write(self.lefts[place], 0, title, style(color, bold=lit))
            _nodes(grid, column, self.lefts[place], rows[place], self.layout, look)
        for place, layer in enumerate(self.layers):
            chosen = spotlight[1:] if spotlight is not None and spotlight[0] == place + 1 else None
            draw_labels(grid, np.asarray(layer.weights, dtype=float), self.labels(place, chosen), chosen, look)
        if spotlight is not None:
            self.mark(grid, spotlight)
        return grid.lines()

    def mark(self, grid: Grid, spotlight: tuple[int, int, int]) -> None:
        """The cursor glyph before the unit in the spotlight, and before the one that its weight comes from."""
        layer, unit, source = spotlight
        for place, node in ((layer, unit), (layer - 1, source)):
            if 0 <= place < len(self.columns) and 0 <= node < len(self.rows[place]):
                x, y = self.lefts[place], self.rows[place][node]
                if grid.characters[y][x] == " ":
                    grid.write(x, y, self.look.glyphs.cursor, style(self.look.palette.accent, bold=True))

    def place_at(self, x: int, y: int, spotlight: tuple[int, int, int] | None) -> Place | None:
        """What stands at cell (x, y): a node with the line under it, a number on an edge, or the edge nearest to it."""
        rows, lefts = self.rows, self.lefts
        for place, left in enumerate(lefts):
            if left <= x < left + self.layout.node:
                near = [unit for unit, row in enumerate(rows[place]) if row in (y, y - 1)]
                # The row of a node is its own, where it is also the one under another.
                return (place, max(near, key=lambda unit: rows[place][unit] == y), None) if near else None
        for place in range(len(self.layers)):
            left = self.gap_left(place)
            if left <= x < left + self.layout.gap:
                return self.edge_at(place, x, y, spotlight)
        return None

    def edge_at(self, place: int, x: int, y: int, spotlight: tuple[int, int, int] | None) -> Place | None:
        """The edge into layer `place`, counted from 0, whose number stands at a cell, or whose line passes nearest."""
        chosen = spotlight[1:] if spotlight is not None and spotlight[0] == place + 1 else None
        for label in self.labels(place, chosen):
            if label.row == y and label.left <= x < label.left + len(label.text):
                return place + 1, label.unit, label.source
        share = (x - self.gap_left(place) + 0.5) / self.layout.gap
        sources, targets = (np.array(rows, dtype=float) for rows in self.rows[place : place + 2])
        distances = np.abs(targets[:, None] * share + sources[None, :] * (1 - share) - y)
        unit, source = np.unravel_index(int(distances.argmin()), distances.shape)
        return (place + 1, int(unit), int(source)) if distances.min() <= 1 else None


def laid_out(
    inputs: DiagramInput, layers: Sequence[DiagramLayer], width: int, height: int, look: Look
) -> Diagram | None:
    """The network in at most `width` × `height` cells, or None where it does not fit."""
    columns: list[DiagramInput | DiagramLayer] = [inputs, *layers]
    most = max(len(column.names) for column in columns)
    layout = _layout(columns, width, look)
    if layout is None or not layers or most > min(height, MOST_UNITS) or min(len(c.names) for c in columns) == 0:
        return None
    top = 1 if height > most and any(column.title for column in columns) else 0
    return Diagram(columns, layers, layout, width, min(height, top + 4 * most), top, look)


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
    """The drawing of the network in at most `width` × `height` cells, or None where it does not fit."""
    diagram = laid_out(inputs, layers, width, height, look)
    return None if diagram is None else diagram.lines(spotlight, in_view)


def _layout(columns: Sequence[DiagramInput | DiagramLayer], width: int, look: Look) -> _Columns | None:
    """The layout with most digits, and room for labels where that costs no more than a digit or two."""
    longest = max((cell_len(look.text(text)) for column in columns for text in column.names), default=1)
    gaps = len(columns) - 1
    for digits in BOTH_DIGITS:
        node = min(longest, MOST_NAME) + 4 + 2 * (digits + 3)
        gap = (width - len(columns) * node) // max(1, gaps)
        if gap >= LABEL_GAP:
            return _Columns(digits, min(longest, MOST_NAME), node, min(gap, 24), both=True)
    for least, most_digits, most_name in ((LABEL_GAP, (4,), MOST_NAME), *NARROWER):
        for digits in most_digits:
            name = min(longest, most_name)
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
    """The nodes of a column in the colours of their values, below each its bias or its parameter in the spotlight."""
    palette = look.palette
    limit = symmetric_limit(column.values) if column.values is not None else 1.0
    biases, chosen = (column.biases, column.chosen) if isinstance(column, DiagramLayer) else (None, None)
    names = told_apart(column.names, layout.name, look)
    for place, row in enumerate(rows):
        value = None if column.values is None else float(column.values[place])
        text = padded(names[place], layout.name, look)
        if layout.digits:
            text += f" {values_text(column, place, value, layout, look)}"
        text = text.center(layout.node)
        grid.write(left, row, text, style(palette.text, _node_color(value, limit, look), bold=True))
        apart = len(rows) == 1 or rows[1] - rows[0] > 1
        if not (layout.digits and apart and row + 1 < grid.height):
            continue
        if chosen is not None and chosen[1] == place:
            below, of = (chosen[0], chosen[2]), style(palette.accent, bold=True, reverse=True)
        elif biases is not None:
            below, of = ("b", float(biases[place])), style(palette.dim)
        else:
            continue
        symbol = look.text(below[0])
        room = layout.node - 3 - len(symbol)
        number = signed_number(below[1], min(layout.digits + 3, room), layout.digits, look)
        grid.write(left + 1, row + 1, f"{symbol} {number:>{room}}", of)


def values_text(
    column: DiagramInput | DiagramLayer, place: int, value: float | None, layout: _Columns, look: Look
) -> str:
    """The value of a unit, and where there is room for both its preactivation before it: `    −1→      0`."""
    text = f"{format_number(value, layout.number, layout.digits, look.glyphs):>{layout.number}}"
    if not layout.both or not isinstance(column, DiagramLayer):
        return text
    known = None if column.before is None else float(column.before[place])
    before = format_number(known, layout.number, layout.digits, look.glyphs)
    return f"{before:>{layout.number}}{look.glyphs.right}{text}"


def _node_color(value: float | None, limit: float, look: Look) -> str | None:
    """The colour behind a node: the neutral one for what is blank, otherwise towards the colour of its sign."""
    if look.ramps:
        return None
    palette = look.palette
    if value is None or not np.isfinite(value):
        return palette.neutral
    share = min(1.0, abs(value) / limit)
    return mix(palette.neutral, palette.positive if value > 0 else palette.negative, round(share * 0.5, 2))
