"""The weights pane: a diagram of a small network, heatmaps of a large one, or the numbers of one layer."""

from math import ceil

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.activations import ACTIVATIONS
from backprop_tui.core.layer import Layer
from backprop_tui.core.quantity import of_layer
from backprop_tui.core.session import Session

from .diagram import DiagramInput, DiagramLayer, diagram_lines
from .drawing import Part, fit, heading, line, style
from .heatmap import heatmap_lines, legend_line
from .image import weight_image_lines
from .matrix import matrix_lines
from .numbers import format_count, format_number
from .palette import FloatArray, symmetric_limit
from .pane import Pane
from .view import WEIGHT_VIEWS, View

LEAST_COLUMN, LEAST_ROWS = 14, 2
"""Cells for the heatmap of one layer, its name among them."""


def weight_lines(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """The network in the chosen view, and under it the parameter in the spotlight."""
    foot = [spotlight_line(session, view, width), count_line(session, view, width)][: max(height - 2, 0)]
    room = height - len(foot)
    lines = picture(session, view, width, room)
    return lines[:room] + [Strip([])] * (room - len(lines)) + foot


def picture(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """The chosen view; where a diagram does not fit, heatmaps."""
    if view.weights == "numbers":
        return number_lines(session, view, width, height)
    if view.weights == "picture":
        drawn = diagram(session, view, width, height)
        if drawn is not None:
            return drawn
    return heatmaps(session, view, width, height)


def diagram(session: Session, view: View, width: int, height: int) -> list[Strip] | None:
    """The whole network with the chosen example's values, blank where this step has not got to; None without room."""
    layers, plan = session.trainer.layers, session.plan
    example = min(view.spotlight.example, plan.examples - 1)

    def values(symbol: str, layer: int | None) -> FloatArray | None:
        quantity = plan[symbol, layer]
        return quantity.array[:, example] if session.computed(quantity) else None

    inputs = DiagramInput(session.dataset.feature_names, values("X", None))
    columns = [
        DiagramLayer(
            layer.weights(session.trainer.state.parameters),
            layer.biases(session.trainer.state.parameters),
            values("A", layer.number),
            unit_names(layer, last=layer is layers[-1]),
            title=f"{of_layer('W', layer.number)} {layer.inputs}→{layer.units}",
        )
        for layer in layers
    ]
    spotlight = view.spotlight
    column = layers[spotlight.layer - 1].inputs if spotlight.input is None else spotlight.input
    in_view = session.op.layer if session.op is not None else None
    return diagram_lines(
        inputs, columns, width, height, view.look, spotlight=(spotlight.layer, spotlight.unit, column), in_view=in_view
    )


def unit_names(layer: Layer, *, last: bool) -> list[str]:
    """`a1` … for hidden units, `ŷ` written `y` for outputs, since a hat is no character of its own."""
    if last:
        return ["y"] if layer.units == 1 else [f"y{unit + 1}" for unit in range(layer.units)]
    return [f"a{unit + 1}" for unit in range(layer.units)]


def activation_symbol(layer: Layer) -> str:
    return ACTIVATIONS[layer.activation].symbol if layer.activation in ACTIVATIONS else layer.activation


def heatmaps(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """The layers as heatmaps under their names and shapes, side by side in as many rows as needed.

    Where not all have room, those about the layer in view, and a line that says so.
    """
    layers = session.trainer.layers
    across = max(1, min(len(layers), width // LEAST_COLUMN))
    while ceil(len(layers) / across) * LEAST_ROWS > height and width // (across + 1) >= LEAST_COLUMN // 2:
        across += 1
    room = across * (height // LEAST_ROWS)
    if len(layers) <= room:
        return rows_of_layers(layers, across, session, view, width, height)
    room = max(across * ((height - 1) // LEAST_ROWS), 1)
    in_view = session.op.layer if session.op is not None and session.op.layer else view.spotlight.layer
    first = min(max(in_view - 1 - room // 2, 0), len(layers) - room)
    text = fit(f"… {len(layers) - room} more layers: z", width, view.look)
    more = line([(text, style(view.look.palette.accent))], width)
    return [*rows_of_layers(layers[first : first + room], across, session, view, width, height - 1), more]


def rows_of_layers(
    layers: tuple[Layer, ...], across: int, session: Session, view: View, width: int, height: int
) -> list[Strip]:
    """So many layers side by side, and as many rows of them as it takes."""
    column, each = width // across, max(height // ceil(len(layers) / across), LEAST_ROWS)
    lines: list[Strip] = []
    for first in range(0, len(layers), across):
        blocks = [layer_lines(layer, session, view, column - 1, each) for layer in layers[first : first + across]]
        rows = max(len(block) for block in blocks)
        padded = [block + [Strip([])] * (rows - len(block)) for block in blocks]
        lines += [
            Strip.join([block[y].adjust_cell_length(column) for block in padded]).crop(0, width) for y in range(rows)
        ]
    return lines


def layer_lines(layer: Layer, session: Session, view: View, width: int, height: int) -> list[Strip]:
    """One layer: its name and shape, and its weights; of an image's layer, those of the unit in the spotlight."""
    look, palette, spotlight = view.look, view.look.palette, view.spotlight
    weights = layer.weights(session.trainer.state.parameters)
    lit = spotlight.layer == layer.number
    in_view = session.op is not None and session.op.layer == layer.number
    name = of_layer("W", layer.number)
    shape = session.dataset.image_shape if layer.number == 1 else None
    unit = spotlight.focus(1)
    about = f"unit {unit + 1}/{layer.units}" if shape else f"{layer.inputs}→{layer.units} {activation_symbol(layer)}"
    title = heading(f"{name} {about}", width, look)
    lines = [line([(title, style(palette.accent if in_view or lit else palette.text, bold=in_view))], width)]
    if shape is not None:
        shown = weights[unit].reshape(shape)
        drawn = weight_image_lines(shown, width, height - 1, look)
    else:
        shown = weights
        place = (spotlight.unit, spotlight.input) if lit and spotlight.input is not None else None
        drawn = heatmap_lines(weights, width, height - 1, look, spotlight=place)
    if len(drawn) < height - 2:
        drawn.append(legend_line(symmetric_limit(shown), width, look))
    return lines + drawn


def number_lines(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """The layer in the spotlight as numbers, its biases as the last column."""
    look, palette, spotlight = view.look, view.look.palette, view.spotlight
    layer = session.trainer.layers[spotlight.layer - 1]
    block = layer.block(session.trainer.state.parameters)
    column = layer.inputs if spotlight.input is None else spotlight.input
    name = (
        f"[{of_layer('W', layer.number)} | {of_layer('b', layer.number)}]"
        if layer.has_bias
        else of_layer("W", layer.number)
    )
    title = fit(f"{name} {layer.units}{look.glyphs.times}{layer.columns} {activation_symbol(layer)}", width, look)
    head = line([(title, style(palette.text, bold=True))], width)
    return [head, *matrix_lines(block, width, height - 1, look, spotlight=(spotlight.unit, column))]


def spotlight_line(session: Session, view: View, width: int) -> Strip:
    """`▸ W⁽¹⁾₁,₁ 0.15  dW⁽¹⁾₁,₁ −0.0018`: the parameter in the spotlight, and its gradient once this step has it."""
    look, palette, spotlight = view.look, view.look.palette, view.spotlight
    symbol = "b" if spotlight.input is None else "W"
    last = view.last(session)
    parts: list[Part] = [(f"{look.glyphs.cursor} ", style(palette.accent))]
    for name, color in ((symbol, palette.accent), (f"d{symbol}", palette.backward)):
        quantity = session.plan[name, spotlight.layer]
        index = spotlight.entry(quantity, last)
        value = quantity.value(index) if session.computed(quantity) else None
        text = look.text(quantity.entry(index)) + f" {format_number(value, 9, 4, look.glyphs)}  "
        if sum(cell_len(before) for before, _ in parts) + cell_len(text.rstrip()) <= width:
            parts.append((text, style(color)))
    return line(parts, width)


def count_line(session: Session, view: View, width: int) -> Strip:
    """The count of parameters, and where there is room weights and biases apart."""
    layers = session.trainer.layers
    weights = sum(layer.units * layer.inputs for layer in layers)
    total = sum(layer.size for layer in layers)
    text = f"{format_count(total)} parameters"
    apart = f": {format_count(weights)} weights, {format_count(total - weights)} biases"
    text += apart if cell_len(text + apart) <= width else ""
    return line([(fit(text, width, view.look), style(view.look.palette.dim))], width)


class WeightsPane(Pane):
    """`w` shows the next view; ↑ ↓ move the spotlight over the neurons."""

    interval = 0.15

    def draw(self, width: int, height: int) -> list[Strip]:
        return weight_lines(self.session, self.view, width, height)

    def next_view(self) -> None:
        place = WEIGHT_VIEWS.index(self.view.weights)
        self.view.weights = WEIGHT_VIEWS[(place + 1) % len(WEIGHT_VIEWS)]
        self.update()
