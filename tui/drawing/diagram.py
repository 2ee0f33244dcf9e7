"""A small network as nodes and edges: values in the nodes, weights on the edges, signs by colour and by glyph.

A positive weight is a solid line, a negative one dashed, the brighter and thicker the larger (in ASCII `. + #` and
`, - =` by size); the label of an edge carries its number. Of data of two inputs each node has a map of its answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from textual.strip import Strip

from .diagram_layout import LABEL_GAP, Column, DiagramInput, DiagramLayer, Layout, Shape, centers, laid
from .edges import Label, draw_edges, draw_labels, edge_labels
from .glyphs import Look
from .nodes import draw_mapped_nodes, draw_nodes
from .palette import LevelArray
from .strips import Grid, style
from .titles import title_of

Place = tuple[int, int, int | None]
"""A layer from 1 (0: the inputs), a unit, and the source of an edge to it; None for the unit itself."""


@dataclass(frozen=True, eq=False)
class Diagram:
    """A network laid out on a grid: the left ends of its columns of nodes, and the rows of the nodes of each."""

    columns: Sequence[Column]
    layers: Sequence[DiagramLayer]
    layout: Layout
    width: int
    look: Look

    @property
    def lefts(self) -> list[int]:
        return self.layout.lefts

    @property
    def rows(self) -> list[list[int]]:
        """The first row of each node."""
        return self.layout.rows([len(column.names) for column in self.columns])

    @property
    def centers(self) -> list[list[float]]:
        """Where edges begin and end."""
        layout = self.layout
        return [centers(rows, node, mapped=layout.mapped) for rows, node in zip(self.rows, layout.nodes, strict=True)]

    @property
    def map_shapes(self) -> list[tuple[int, int]]:
        """Rows and columns of the maps in the nodes of each column; none where there are no maps."""
        return [node.map_shape(self.look) for node in self.layout.nodes] if self.layout.mapped else []

    def gap_left(self, place: int) -> int:
        """The first cell of the edges into layer `place`, counted from 0."""
        return self.lefts[place] + self.layout.nodes[place].width

    def labels(self, place: int, chosen: tuple[int, ...] | None) -> list[Label]:
        """The numbers on the edges into layer `place`, counted from 0; none where the gaps are narrow."""
        if self.layout.gap < LABEL_GAP:
            return []
        weights, rows = np.asarray(self.layers[place].weights, dtype=float), self.centers
        left, gap = self.gap_left(place), self.layout.gap
        return edge_labels(weights, left, gap, rows[place], rows[place + 1], chosen, self.look)

    def lines(
        self,
        spotlight: tuple[int, int, int] | None,
        in_view: int | None,
        maps: Sequence[Sequence[LevelArray]] = (),
    ) -> list[Strip]:
        """The drawing; `spotlight` is a weight as (layer, row, column), `in_view` a layer, 0 for the inputs.

        `maps` are levels of the shapes in `map_shapes`, for each unit of each column.
        """
        layout, look = self.layout, self.look
        grid, rows, ends, lefts = Grid(self.width, layout.height), self.rows, self.centers, self.lefts
        for place, layer in enumerate(self.layers):
            lit = in_view in (None, place + 1)
            left, gap = self.gap_left(place), layout.gap
            draw_edges(grid, layer.weights, left, gap, ends[place], ends[place + 1], look, lit)
        for place, (column, node) in enumerate(zip(self.columns, layout.nodes, strict=True)):
            if layout.top:
                self.write_title(grid, place, lit=in_view == place)
            if maps:
                draw_mapped_nodes(grid, column, lefts[place], rows[place], node, look, maps[place])
            else:
                draw_nodes(grid, column, lefts[place], rows[place], node, look)
        for place, layer in enumerate(self.layers):
            chosen = spotlight[1:] if spotlight is not None and spotlight[0] == place + 1 else None
            draw_labels(grid, np.asarray(layer.weights, dtype=float), self.labels(place, chosen), chosen, look)
        if spotlight is not None:
            self.mark(grid, spotlight)
        return grid.lines()

    def write_title(self, grid: Grid, place: int, *, lit: bool) -> None:
        """The title over a column of nodes, as much of it as reaches to the next."""
        column, node, look, left = self.columns[place], self.layout.nodes[place], self.look, self.lefts[place]
        room = min(node.width + self.layout.gap - 1, self.width - left)
        words = column.title.split()
        if node.both and isinstance(column, DiagramLayer):
            words.append(f"z{look.glyphs.right}a")
        color = look.palette.accent if lit else look.palette.dim
        grid.write(left, 0, title_of(words, room, look), style(color, bold=lit))

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
        for place, (left, node) in enumerate(zip(self.lefts, self.layout.nodes, strict=True)):
            if left <= x < left + node.width:
                unit = self.unit_at(place, y)
                return None if unit is None else (place, unit, None)
        for place in range(len(self.layers)):
            left = self.gap_left(place)
            if left <= x < left + self.layout.gap:
                return self.edge_at(place, x, y, spotlight)
        return None

    def unit_at(self, place: int, y: int) -> int | None:
        """The unit of column `place` that stands in a row."""
        rows = self.rows[place]
        if self.layout.mapped:
            lines = self.layout.nodes[place].lines
            return next((unit for unit, row in enumerate(rows) if row <= y < row + lines), None)
        near = [unit for unit, row in enumerate(rows) if row in (y, y - 1)]
        # The row of a node is its own, where it is also the one under another.
        return max(near, key=lambda unit: rows[unit] == y) if near else None

    def number_at(self, place: Place) -> tuple[int, int]:
        """The cell where the number of a parameter stands, or would: on its edge, or where its unit's bias is."""
        column, unit, source = place
        if source is None:
            node, row = self.layout.nodes[column], self.rows[column][unit]
            line = (node.bias_line or 0) if self.layout.mapped else 1
            return self.lefts[column] + 1, min(row + line, self.layout.height - 1)
        labels = self.labels(column - 1, (unit, source))
        label = next((label for label in labels if (label.unit, label.source) == (unit, source)), None)
        if label is not None:
            return label.left, label.row
        ends = self.centers
        return self.gap_left(column - 1), round((ends[column - 1][source] + ends[column][unit]) / 2)

    def edge_at(self, place: int, x: int, y: int, spotlight: tuple[int, int, int] | None) -> Place | None:
        """The edge into layer `place`, counted from 0, whose number stands at a cell, or whose line passes nearest."""
        chosen = spotlight[1:] if spotlight is not None and spotlight[0] == place + 1 else None
        for label in self.labels(place, chosen):
            if label.row == y and label.left <= x < label.left + len(label.text):
                return place + 1, label.unit, label.source
        share = (x - self.gap_left(place) + 0.5) / self.layout.gap
        sources, targets = (np.array(rows) for rows in self.centers[place : place + 2])
        distances = np.abs(targets[:, None] * share + sources[None, :] * (1 - share) - y)
        unit, source = np.unravel_index(int(distances.argmin()), distances.shape)
        return (place + 1, int(unit), int(source)) if distances.min() <= 1 else None


def laid_out(
    inputs: DiagramInput,
    layers: Sequence[DiagramLayer],
    width: int,
    height: int,
    look: Look,
    *,
    mapped: bool = False,
) -> Diagram | None:
    """The network in at most `width` × `height` cells; where it is to be `mapped`, with maps if these fit. Or None."""
    columns: list[Column] = [inputs, *layers]
    layout = laid(tuple(map(Shape.of, columns)), width, height, look, mapped=mapped)
    return None if layout is None else Diagram(columns, layers, layout, width, look)


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
