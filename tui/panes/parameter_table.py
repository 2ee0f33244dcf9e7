"""Every parameter of the network in a row of its own: its value, its gradient, and what this step makes of it."""

from dataclasses import replace
from math import isnan

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.chain_rule.spotlight import Spotlight, unit_symbols
from backprop_tui.core.inquiry.step_change import step_change
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import Part, fit, line, style

from .picture import Picture
from .view import View

LEAST_NUMBER, MOST_NUMBER = 7, 12
"""Cells for a number."""


def parameter_table(session: Session, view: View, width: int, height: int) -> Picture:
    """A heading and as many parameters as there is room for, around the one in the spotlight.

    They stand in the order of a unit's row: its weights and its bias, unit by unit, then γ and β of the layer.
    """
    layers = session.trainer.layers
    count = sum(layer.size for layer in layers)
    rows = max(height - 1, 0)
    here = place_of(view.spotlight, layers)
    first = max(0, min(here - rows // 2, count - rows))
    shown = [spotlight_at(layers, place, view.spotlight) for place in range(first, min(first + rows, count))]
    table = Table(session, view, shown, width)
    lines = [table.heading(), *(table.row(spotlight) for spotlight in shown)]
    return Picture(lines, lambda x, y: shown[y - 1] if 0 < y <= len(shown) else None)


def place_of(spotlight: Spotlight, layers: tuple[Layer, ...]) -> int:
    """The place, from 0, of the spotlight's parameter among those of the whole network."""
    layer = layers[spotlight.layer - 1]
    before = sum(other.size for other in layers[: spotlight.layer - 1])
    if spotlight.input is not None or spotlight.symbol == "b":
        return before + spotlight.unit * layer.columns + spotlight.column(layer)
    behind = unit_symbols(layer).index(spotlight.symbol) - layer.has_bias
    return before + layer.block_size + behind * layer.units + spotlight.unit


def spotlight_at(layers: tuple[Layer, ...], place: int, before: Spotlight) -> Spotlight:
    """The spotlight on the parameter at a place, and on the example that it was on; the other way of `place_of`."""
    for layer in layers:
        if place < layer.size:
            break
        place -= layer.size
    if place < layer.block_size:
        return before.at(layer, *divmod(place, layer.columns))
    behind, unit = divmod(place - layer.block_size, layer.units)
    symbol = unit_symbols(layer)[layer.has_bias + behind]
    return replace(before, layer=layer.number, unit=unit, input=None, symbol=symbol)


class Table:
    """The columns that have room: the name, the value, ∂ℒ/∂θ, Δ with its arrow, and the value that comes of it.

    At a step's finish the values are the new ones already, and stand behind what made them.
    """

    def __init__(self, session: Session, view: View, shown: list[Spotlight], width: int) -> None:
        self.session, self.view, self.width = session, view, width
        self.finished = session.position.finished
        self.names = max((cell_len(self.name(spotlight)) for spotlight in shown), default=0)
        rest = max(width - 2 - self.names, 0)
        columns = ("gradient", "change", "new") if self.finished else ("value", "gradient", "change", "new")
        self.columns = columns[: rest // (LEAST_NUMBER + 1)]
        self.lost = len(columns) - len(self.columns)
        self.room = min(rest // max(len(self.columns), 1) - 1, MOST_NUMBER)
        self.changes: dict[tuple[str, int], Array | None] = {}

    @property
    def look(self) -> Look:
        return self.view.look

    def name(self, spotlight: Spotlight) -> str:
        return self.look.text(self.session.plan[spotlight.parameter, spotlight.layer].entry(spotlight.index))

    def heading(self) -> Strip:
        look = self.look
        titles = {"value": "value", "gradient": "∂ℒ/∂θ", "change": "Δ", "new": "new"}
        cells = "".join(f" {look.text(titles[column]):>{self.room}}" for column in self.columns)
        text = f"  {'':<{self.names}}{cells}" + (f" {look.glyphs.ellipsis}" if self.lost else "")
        return line([(fit(text, self.width, look), style(look.palette.dim))], self.width)

    def row(self, spotlight: Spotlight) -> Strip:
        """`▸ W⁽¹⁾₁,₁ 0.15 −0.001886 ↑0.000943 0.1509`; what this step has not got to is blank."""
        look, palette = self.look, self.look.palette
        here = spotlight.name == self.view.spotlight.name
        numbers = self.numbers(spotlight)
        colors = {"value": palette.text, "gradient": palette.backward, "change": palette.update, "new": palette.text}
        mark = look.glyphs.cursor if here else " "
        parts: list[Part] = [
            (f"{mark} ", style(palette.accent, bold=True)),
            (f"{self.name(spotlight):<{self.names}}", style(palette.accent if here else palette.text, bold=here)),
        ]
        for column in self.columns:
            number = numbers[column]
            arrow = ""
            if column == "change" and number:
                # The arrow says which way, and there is room for one digit more.
                arrow = "" if isnan(number) else look.glyphs.up if number > 0 else look.glyphs.down
            shown = abs(number) if arrow and number else number
            text = arrow + format_number(shown, self.room - len(arrow), 6 if self.room > 9 else 4, look.glyphs)
            parts.append((f" {text:>{self.room}}", style(colors[column])))
        return line(parts, self.width)

    def numbers(self, spotlight: Spotlight) -> dict[str, float | None]:
        """What each column shows of a parameter; None for what this step has not got to."""
        session, symbol, index = self.session, spotlight.parameter, spotlight.index
        value = self.layer(spotlight).parameters(session.trainer.state.parameters)[symbol][index]
        gradient = session.plan.find(f"d{symbol}", spotlight.layer)
        changes = self.change(symbol, spotlight.layer)
        change = None if changes is None else changes[index]
        new = value if self.finished else None if change is None else value + change
        return {
            "value": float(value),
            "gradient": gradient.value(index) if gradient is not None and session.computed(gradient) else None,
            "change": None if change is None else float(change),
            "new": None if new is None else float(new),
        }

    def layer(self, spotlight: Spotlight) -> Layer:
        return self.session.trainer.layers[spotlight.layer - 1]

    def change(self, symbol: str, layer: int) -> Array | None:
        """Δ of an array of parameters, worked out once for all rows."""
        if (symbol, layer) not in self.changes:
            self.changes[symbol, layer] = step_change(self.session, symbol, layer)
        return self.changes[symbol, layer]
