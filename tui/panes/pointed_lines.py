"""What the mouse points at in the weights: a parameter with its gradient and update, or a unit with its answers."""

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.given import known_column
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import Part, line, style

from .moment import answering_plan
from .node_maps import NodeMaps
from .picture import Node
from .view import View
from .weight_lines import NUMBER, entry_parts

MAP_SHAPE = (24, 24)
"""Rows and columns of the grid on which the least and the largest answer of a unit are looked for."""


@dataclass(frozen=True, slots=True)
class Pointed:
    """What is under the pointer: a parameter, or with `node` a unit, whose own parameter it is then."""

    spotlight: Spotlight
    node: Node | None = None


def pointed_lines(
    session: Session, view: View, pointed: Pointed, width: int, most: int, maps: NodeMaps | None
) -> list[Strip]:
    """What there is to say of it in at most `most` lines of `width` cells, as many of its parts as have room.

    `maps` are those of the network's nodes, None where it has none.
    """
    look, palette = view.look, view.look.palette
    parts: list[Part] = []
    last: list[Part] = []
    if pointed.node is not None:
        parts, last = unit_parts(session, view, pointed.node)
    if pointed.node is None or pointed.node[0]:
        for prefix in ("", "d", "Δ"):
            entry, _ = entry_parts(session, view, prefix, None, pointed.spotlight)
            parts += entry[1:]
    parts += last
    if pointed.node is not None and maps is not None:
        parts.append((range_text(session, view, pointed.node, maps), style(palette.dim)))
    rows: list[list[Part]] = [[(f"{look.glyphs.right} ", style(palette.accent))]]
    for text, of in parts:
        used = sum(cell_len(part) for part, _ in rows[-1])
        if len(rows[-1]) > 1 and used + 1 + cell_len(text) > width:
            if len(rows) == most:
                continue
            rows.append([("  ", None)])
        elif len(rows[-1]) > 1:
            text = f"  {text}" if used + 2 + cell_len(text) <= width else f" {text}"
        rows[-1].append((text, of))
    return [line(row, width) for row in rows]


def unit_parts(session: Session, view: View, node: Node) -> tuple[list[Part], list[Part]]:
    """What matters most of a unit: its answer for the chosen example and the gradient at Z; and then Z.

    Of an input it is its value. Answers are those that the node shows; the gradient is that of the step in hand.
    """
    look, palette, (number, unit) = view.look, view.look.palette, node
    plan = answering_plan(session, view)
    example = min(view.spotlight.example, plan.examples - 1)

    def told(of: Plan, symbol: str, layer: int | None, color: str) -> list[Part]:
        quantity = of.find(symbol, layer)
        if quantity is None:
            return []
        column = known_column(session, quantity, example)
        value = None if column is None else float(column[unit])
        text = f"{look.text(quantity.entry((unit, example)))} {format_number(value, NUMBER, 4, look.glyphs)}"
        return [(text, style(color))]

    if not number:
        name = (look.text(session.dataset.feature_names[unit]), style(palette.text, bold=True))
        return [name, *told(plan, "X", None, palette.text)], []
    first = [*told(plan, "A", number, palette.forward), *told(session.plan, "dZ", number, palette.backward)]
    return first, told(plan, "Z", number, palette.forward)


def range_text(session: Session, view: View, node: Node, maps: NodeMaps) -> str:
    """`over the plane −0.9312 … 0.9874`: the least and the largest answer of a unit on a grid over the plane."""
    number, unit = node
    answers = maps.grid(MAP_SHAPE).layer(session, number, slice(unit, unit + 1))
    if not np.isfinite(answers).all():
        return "over the plane: not finite"
    low, high = (format_number(float(end), NUMBER, 4, view.look.glyphs) for end in (answers.min(), answers.max()))
    return f"over the plane {low} {view.look.glyphs.ellipsis} {high}"
