"""The nodes of a column of a diagram: names, values, biases, and where there is room the map of each unit's answers."""

from collections.abc import Sequence

import numpy as np

from .diagram_layout import Column, DiagramLayer, Node
from .edges import signed_number
from .glyphs import Look
from .node_map import draw_map
from .numbers import format_number
from .palette import LevelArray, mix, symmetric_limit
from .strips import Grid, padded, style
from .titles import told_apart


def draw_nodes(grid: Grid, column: Column, left: int, rows: Sequence[int], node: Node, look: Look) -> None:
    """The nodes of a column in the colours of their values, below each its bias or its parameter in the spotlight."""
    limit = symmetric_limit(column.values) if column.values is not None else 1.0
    names = told_apart(column.names, node.name, look)
    for place, row in enumerate(rows):
        value = None if column.values is None else float(column.values[place])
        text = padded(names[place], node.name, look)
        if node.digits:
            text += f" {values_text(column, place, value, node, look)}"
        text = text.center(node.width)
        grid.write(left, row, text, style(look.palette.text, _node_color(value, limit, look), bold=True))
        apart = len(rows) == 1 or rows[1] - rows[0] > 1
        if node.digits and apart and row + 1 < grid.height and isinstance(column, DiagramLayer):
            own_number(grid, column, place, left + 1, row + 1, node.width - 2, node, look)


def draw_mapped_nodes(
    grid: Grid,
    column: Column,
    left: int,
    rows: Sequence[int],
    node: Node,
    look: Look,
    maps: Sequence[LevelArray],
) -> None:
    """The same with a map each, levels (rows, columns); a bias that has no room for its number is its sign."""
    limit = symmetric_limit(column.values) if column.values is not None else 1.0
    names = told_apart(column.names, node.name, look)
    for place, row in enumerate(rows):
        value = None if column.values is None else float(column.values[place])
        text = padded(names[place], node.name, look)
        if node.digits:
            text += f" {format_number(value, node.number, node.digits, look.glyphs):>{node.number}}"
        # A value has no colour of its own beside the map, where its number stands there.
        behind = None if node.digits else _node_color(value, limit, look)
        grid.write(left + 1, row, text, style(look.palette.text, behind, bold=True))
        draw_map(grid, left + node.map_left, row + node.above, maps[place], look)
        line = node.bias_line
        if line is None or not isinstance(column, DiagramLayer):
            continue
        if node.lines == 1:
            bias_mark(grid, column, place, left + node.width - 1, row, look)
        elif node.digits:
            if line == 2:
                before = None if column.before is None else float(column.before[place])
                z = format_number(before, node.number, node.digits, look.glyphs)
                grid.write(left + 1, row + 1, f"z{z:>{node.name + node.number}}", style(look.palette.dim))
            own_number(grid, column, place, left + 1, row + line, node.name + node.number + 1, node, look)
        else:
            grid.write(left + 1, row + line, "b", style(look.palette.dim))
            bias_mark(grid, column, place, left + 2, row + line, look)


def own_number(grid: Grid, column: DiagramLayer, place: int, x: int, y: int, room: int, node: Node, look: Look) -> None:
    """The bias of a unit in `room` cells, or its parameter in the spotlight."""
    if column.chosen is not None and column.chosen[1] == place:
        symbol, value, of = column.chosen[0], column.chosen[2], style(look.palette.accent, bold=True, reverse=True)
    elif column.biases is not None:
        symbol, value, of = "b", float(column.biases[place]), style(look.palette.dim)
    else:
        return
    symbol = look.text(symbol)
    left = room - 1 - len(symbol)
    number = signed_number(value, min(node.number, left), node.digits, look)
    grid.write(x, y, f"{symbol} {number:>{left}}", of)


def bias_mark(grid: Grid, column: DiagramLayer, place: int, x: int, y: int, look: Look) -> None:
    """The sign of a unit's bias, or of its parameter in the spotlight, in one cell of the colour of its sign."""
    lit = column.chosen is not None and column.chosen[1] == place
    if lit and column.chosen is not None:
        value = column.chosen[2]
    elif column.biases is not None:
        value = float(column.biases[place])
    else:
        return
    glyphs, palette = look.glyphs, look.palette
    glyph = glyphs.nan if np.isnan(value) else glyphs.plus if value > 0 else glyphs.minus if value < 0 else "0"
    color = palette.accent if lit else palette.positive if value > 0 else palette.negative if value < 0 else palette.dim
    grid.write(x, y, glyph, style(color, bold=lit, reverse=True))


def values_text(column: Column, place: int, value: float | None, node: Node, look: Look) -> str:
    """The value of a unit, and where there is room for both its preactivation before it: `    −1→      0`."""
    text = f"{format_number(value, node.number, node.digits, look.glyphs):>{node.number}}"
    if not node.both or not isinstance(column, DiagramLayer):
        return text
    known = None if column.before is None else float(column.before[place])
    before = format_number(known, node.number, node.digits, look.glyphs)
    return f"{before:>{node.number}}{look.glyphs.right}{text}"


def _node_color(value: float | None, limit: float, look: Look) -> str | None:
    """The colour behind a node: the neutral one for what is blank, otherwise towards the colour of its sign."""
    if look.ramps:
        return None
    palette = look.palette
    if value is None or not np.isfinite(value):
        return palette.neutral
    share = min(1.0, abs(value) / limit)
    return mix(palette.neutral, palette.positive if value > 0 else palette.negative, round(share * 0.5, 2))
