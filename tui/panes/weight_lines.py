"""The lines about weights: what a layer is, how it was initialized, the parameter in the spotlight, their count."""

from collections.abc import Sequence

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.initial_weights import InitialWeights
from backprop_tui.core.inquiry.spotlight_history import History
from backprop_tui.core.network.activations import ACTIVATIONS
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import of_layer
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.bars import sparkline
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_count, format_number
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.shape import part_words
from backprop_tui.tui.drawing.strips import Part, fit, line, style

from .view import View

TREND, LEAST_TREND = 12, 4
"""Cells for the history of a number, at most and at least."""
NUMBER = 9


def activation_symbol(layer: Layer) -> str:
    return ACTIVATIONS[layer.activation].symbol if layer.activation in ACTIVATIONS else layer.activation


def layer_words(layer: Layer) -> list[str]:
    """`tanh · norm · residual · dropout 0.2`, word by word, each with its dot."""
    return [activation_symbol(layer), *(f"· {part}" for part in part_words(layer))]


def parameters_name(layer: Layer) -> str:
    """`[W⁽²⁾ | b⁽²⁾ | γ⁽²⁾ | β⁽²⁾]`: the columns of a layer's parameters."""
    symbols = ["W", *(["b"] if layer.has_bias else []), *(["γ", "β"] if layer.batch_norm else [])]
    named = [of_layer(symbol, layer.number) for symbol in symbols]
    return named[0] if len(named) == 1 else "[" + " | ".join(named) + "]"


def init_lines(found: InitialWeights | None, view: View, width: int, most: int) -> list[Strip]:
    """`init W⁽¹⁾ xavier_uniform ±√(6 / (n_in + n_out)) = ±1.2247 sd 0.6822` in at most `most` lines; none of None.

    With room it also has the formula in the layer's own numbers, and the standard deviation that the scheme aims at;
    without, less.
    """
    look = view.look
    lines: list[str] = []
    for pieces in [] if found is None else init_pieces(found, look):
        lines = wrapped([look.text(piece) for piece in pieces], width)
        if len(lines) <= most and all(cell_len(text) <= width for text in lines):
            break
    return [line([(fit(text, width, look), style(look.palette.dim))], width) for text in lines[:most]]


def init_pieces(found: InitialWeights, look: Look) -> list[list[str]]:
    """What there is to say of the start weights, in pieces that stay whole, from most to least."""

    def number(value: float) -> str:
        return format_number(value, NUMBER, 4, look.glyphs)

    spread, name = f"sd {number(found.deviation)}", f"init {of_layer('W', found.layer)} {found.origin}"
    short = [[f"init {found.origin}", spread], [f"init {spread}"]]
    scheme = found.scheme
    if scheme is None:
        return [[name, spread], *short]
    inner = scheme.sign if scheme.sign == "±" else ""
    formula, value = f"{scheme.sign}{scheme.formula}", f"= {inner}{number(scheme.scale)}"
    if scheme.formula == number(scheme.scale):
        return [[name, spread], *short]
    in_numbers = [f"= {inner}{scheme.numbers}"] if scheme.numbers != number(scheme.scale) else []
    return [
        [name, formula, *in_numbers, value, f"{spread} (aim {number(scheme.deviation)})"],
        [name, formula, value, spread],
        [f"init {found.origin}", formula.replace(" ", ""), value, spread],
        [name, spread, formula, value],
        [f"init {found.origin}", value.removeprefix("= "), spread],
        *short,
    ]


def wrapped(pieces: Sequence[str], width: int) -> list[str]:
    """The pieces in lines of at most `width` cells, as far as each is no wider itself."""
    rows: list[str] = []
    for piece in pieces:
        if rows and cell_len(rows[-1]) + 1 + cell_len(piece) <= width:
            rows[-1] += " " + piece
        else:
            rows.append(piece)
    return rows


def spotlight_lines(session: Session, view: View, width: int, history: History | None, most: int) -> list[Strip]:
    """The parameter in the spotlight, its gradient and its update, in at most `most` lines.

    One line where they have room, `▸ W⁽¹⁾₁,₁ 0.15 ▁▃▆  dW⁽¹⁾₁,₁ −0.0018 …`; else one each with its trend.
    """
    entries = [entry_parts(session, view, prefix, history) for prefix in ("", "d", "Δ")]
    whole = sum(cell_len(text) for parts, _ in entries for text, _ in parts) + 2 * len(entries)
    trends = [trend for _, trend in entries if trend is not None]
    room = min(TREND, (width - whole) // len(trends) - 1) if trends else 0
    if whole <= width and (room >= LEAST_TREND or not trends or most == 1):
        strips = []
        for parts, trend in entries:
            strips.append(line(parts, width))
            if trend is not None and room >= LEAST_TREND:
                strips += [Strip.blank(1), sparkline(trend[0], room, view.look, trend[1])]
            strips.append(Strip.blank(2))
        return [Strip.join(strips).crop(0, width)]
    if most == 1:
        return [packed(entries, width)]
    return [with_trend(parts, trend, view, width) for parts, trend in entries][:most]


Trend = tuple[FloatArray, str]
Entry = tuple[list[Part], Trend | None]


def entry_parts(
    session: Session, view: View, prefix: str, history: History | None, other: Spotlight | None = None
) -> Entry:
    """`dW⁽¹⁾₁,₁ −0.0018`, blank where this step has not got to it; and its values in the last steps.

    It is of the parameter in the spotlight, or of an `other`.
    """
    look, palette, spotlight = view.look, view.look.palette, other or view.spotlight
    color = {"": palette.accent, "d": palette.backward, "Δ": palette.update}[prefix]
    quantity = session.plan.find(prefix + spotlight.parameter, spotlight.layer)
    if quantity is None:
        return [], None
    value = quantity.value(spotlight.index) if session.computed(quantity) else None
    mark = f"{look.glyphs.cursor} " if not prefix else "  "
    text = look.text(quantity.entry(spotlight.index)) + f" {format_number(value, NUMBER, 4, look.glyphs)}"
    trend: Trend | None = None
    if history is not None:
        known: list[float | None] = history.gradients if prefix == "d" else history.updates
        if not prefix:
            # In the middle of a step the value is the one that it began with.
            known = [*history.values, history.value] if session.position.finished else [*history.values]
        values = np.array([number for number in known if number is not None])
        trend = (values, color) if len(values) > 1 else None
    return [(mark, style(palette.accent)), (text, style(color))], trend


def packed(entries: Sequence[Entry], width: int) -> Strip:
    """As many of the entries as one line has room for, without trends."""
    parts: list[Part] = []
    for entry, _ in entries:
        if sum(cell_len(text) for text, _ in (*parts, *entry)) <= width:
            parts += entry
    return line(parts, width)


def with_trend(parts: list[Part], trend: Trend | None, view: View, width: int) -> Strip:
    """One entry in a line of its own, with its trend where there is room."""
    start = line(parts, width)
    room = min(TREND, width - start.cell_length - 1)
    if trend is None or room < LEAST_TREND:
        return start
    return Strip.join([start, Strip.blank(1), sparkline(trend[0], room, view.look, trend[1])])


def count_line(session: Session, view: View, width: int) -> Strip:
    """The count of parameters, and where there is room of weights, biases, and scales and shifts apart."""
    layers = session.trainer.layers
    weights = sum(layer.units * layer.inputs for layer in layers)
    counts = {"weights": weights, "biases": 0} | other_counts(layers)
    look = view.look
    text = counted(sum(layer.size for layer in layers), "parameters")
    apart = ", ".join(counted(count, name) for name, count in counts.items())
    whole = look.text(f"{text}: {apart}")
    return line([(whole if cell_len(whole) <= width else fit(text, width, look), style(look.palette.dim))], width)


def other_counts(layers: Sequence[Layer]) -> dict[str, int]:
    """How many biases, and scales and shifts, the layers have; without those of which they have none."""
    counts = {
        "biases": sum(layer.units * layer.has_bias for layer in layers),
        "γ and β": sum(2 * layer.units * layer.batch_norm for layer in layers),
    }
    return {name: count for name, count in counts.items() if count}


def counted(count: int, name: str) -> str:
    """`9 weights`, `1 bias`."""
    singular = {"weights": "weight", "biases": "bias", "parameters": "parameter"}
    return f"{format_count(count)} {singular.get(name, name) if count == 1 else name}"
