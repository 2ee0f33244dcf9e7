"""The weights pane: a diagram of a small network, heatmaps of a large one, the numbers of one layer, or a list."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from textual import events
from textual.strip import Strip

from backprop_tui.core.chain_rule.entry_names import output_name
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.initial_weights import initial_weights
from backprop_tui.core.inquiry.sensitivity import weights_known
from backprop_tui.core.inquiry.spotlight_history import History, SpotlightHistory
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import of_layer
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.diagram import DiagramInput, DiagramLayer, laid_out
from backprop_tui.tui.drawing.heatmap import heatmap_lines, legend_line
from backprop_tui.tui.drawing.heatmap_layout import heatmap_layout
from backprop_tui.tui.drawing.image import weight_image_lines
from backprop_tui.tui.drawing.matrix import matrix_entry_at, matrix_lines
from backprop_tui.tui.drawing.palette import FloatArray, symmetric_limit
from backprop_tui.tui.drawing.strips import fit, line, style
from backprop_tui.tui.drawing.titles import title_of

from .messages import NeuronWanted, SpotlightWanted
from .pane import Pane
from .same_place import in_layer
from .sensitivity_lines import chosen_weight, sensitivity_lines
from .update_arrows import UpdateArrows
from .view import WEIGHT_VIEWS, View
from .weight_lines import count_line, init_lines, layer_words, parameters_name, spotlight_lines

LEAST_COLUMN, LEAST_ROWS = 14, 2
"""Cells for the heatmap of one layer, its name among them."""
OTHER_LINES = 5
"""Under and above the rows of numbers of a layer: its name, their size, and what it started from."""
ROOMY = 14
"""The height from which the lines under the picture may be four."""

At = Callable[[int, int], Spotlight | None]


@dataclass(frozen=True, slots=True)
class Picture:
    """Lines, and which parameter stands at a cell (x, y) of them, as a spotlight on it."""

    lines: list[Strip]
    at: At


def nowhere(x: int, y: int) -> Spotlight | None:
    """Where no parameter stands."""
    return None


def weights_picture(session: Session, view: View, width: int, height: int, history: History | None = None) -> Picture:
    """The network in the chosen view; under it the parameter in the spotlight, and what its layer started from."""
    foot = foot_lines(session, view, width, height, history)
    room = height - len(foot)
    shown = picture(session, view, width, room)
    lines = shown.lines[:room] + [Strip([])] * (room - len(shown.lines)) + foot
    return Picture(lines, lambda x, y: shown.at(x, y) if y < room else None)


def foot_lines(session: Session, view: View, width: int, height: int, history: History | None) -> list[Strip]:
    """The lines under the picture, those that there is room for."""
    if view.weights == "sensitivity":
        return spotlight_lines(session, view, width, history, 1)[: max(height - 2, 0)]
    counts = count_line(session, view, width)
    # What a run that was recorded elsewhere started from, nobody told.
    found = None if session.fixed else initial_weights(session, view.spotlight.layer)
    if view.weights == "numbers":
        # Under the rows of a small layer there is room for everything.
        idle = height - session.trainer.layers[view.spotlight.layer - 1].units - OTHER_LINES
        lit = spotlight_lines(session, view, width, history, 3 if height >= ROOMY or idle >= 3 else 1)
        lines = [*lit, *init_lines(found, view, width, 3)]
        lines += [counts] if height >= ROOMY or idle >= len(lines) - 1 else []
    elif height >= ROOMY:
        lit = spotlight_lines(session, view, width, history, 3)
        lines = [*lit, *init_lines(found, view, width, 2), counts]
    else:
        lines = [*spotlight_lines(session, view, width, history, 1), counts]
    return lines[: max(height - 2, 0)]


def picture(session: Session, view: View, width: int, height: int) -> Picture:
    """The chosen view; where a diagram does not fit, heatmaps."""
    if view.weights == "numbers":
        return numbers(session, view, width, height)
    if view.weights == "sensitivity":
        return ranked(session, view, width, height)
    if view.weights == "picture":
        drawn = diagram(session, view, width, height)
        if drawn is not None:
            return drawn
    return heatmaps(session, view, width, height)


def diagram(session: Session, view: View, width: int, height: int) -> Picture | None:
    """The whole network with the chosen example's values, blank where this step has not got to; None without room."""
    layers, plan, spotlight = session.trainer.layers, session.plan, view.spotlight
    example = min(spotlight.example, plan.examples - 1)

    def values(symbol: str, layer: int | None) -> FloatArray | None:
        quantity = plan[symbol, layer]
        return quantity.array[:, example] if session.computed(quantity) else None

    def chosen(layer: Layer) -> tuple[str, int, float] | None:
        """The unit's own parameter in the spotlight, where it is one of this layer."""
        if spotlight.layer != layer.number or spotlight.input is not None:
            return None
        array = layer.parameters(session.trainer.state.parameters)[spotlight.symbol]
        return spotlight.symbol, spotlight.unit, float(array[spotlight.unit])

    inputs = DiagramInput(session.dataset.feature_names, values("X", None))
    columns = [
        DiagramLayer(
            layer.weights(session.trainer.state.parameters),
            layer.biases(session.trainer.state.parameters),
            values("A", layer.number),
            output_names(layer, session.dataset)
            if layer is layers[-1]
            else [f"a{unit + 1}" for unit in range(layer.units)],
            title=" ".join([of_layer("W", layer.number), f"{layer.inputs}→{layer.units}", *layer_words(layer)]),
            chosen=chosen(layer),
        )
        for layer in layers
    ]
    found = laid_out(inputs, columns, width, height, view.look)
    if found is None:
        return None
    lit = (spotlight.layer, spotlight.unit, spotlight.column(layers[spotlight.layer - 1]))
    in_view = session.op.layer if session.op is not None else None

    def at(x: int, y: int) -> Spotlight | None:
        place = found.place_at(x, y, lit)
        if place is None:
            return None
        number, unit, source = place
        if number == 0:
            # An input: its weight to the unit that the spotlight follows.
            return replace(spotlight, layer=1, unit=min(spotlight.focus(1), layers[0].units - 1), input=unit)
        layer = layers[number - 1]
        own = min(layer.inputs, layer.columns - 1)
        return spotlight.at(layer, unit, own if source is None else source)

    return Picture(found.lines(lit, in_view), at)


def output_names(layer: Layer, data: Dataset) -> list[str]:
    """What the data call each output; `y1` …, since a hat is no character of its own, for none and for mere numbers."""
    numbered = ["y"] if layer.units == 1 else [f"y{unit + 1}" for unit in range(layer.units)]
    named = [output_name(data, unit) for unit in range(layer.units)]
    return [own if own and not own.isdecimal() else other for own, other in zip(named, numbered, strict=True)]


def heatmaps(session: Session, view: View, width: int, height: int) -> Picture:
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
    shown = rows_of_layers(layers[first : first + room], across, session, view, width, height - 1)
    return Picture([*shown.lines, more], shown.at)


def rows_of_layers(
    layers: tuple[Layer, ...], across: int, session: Session, view: View, width: int, height: int
) -> Picture:
    """So many layers side by side, and as many rows of them as it takes."""
    column, each = width // across, max(height // ceil(len(layers) / across), LEAST_ROWS)
    lines: list[Strip] = []
    tops: list[int] = []
    blocks: list[list[Picture]] = []
    for first in range(0, len(layers), across):
        row = [heatmap(layer, session, view, column - 1, each) for layer in layers[first : first + across]]
        rows = max(len(block.lines) for block in row)
        padded = [block.lines + [Strip([])] * (rows - len(block.lines)) for block in row]
        tops.append(len(lines))
        blocks.append(row)
        lines += [
            Strip.join([block[y].adjust_cell_length(column) for block in padded]).crop(0, width) for y in range(rows)
        ]

    def at(x: int, y: int) -> Spotlight | None:
        row = sum(top <= y for top in tops) - 1
        place = x // column
        return blocks[row][place].at(x - place * column, y - tops[row]) if place < len(blocks[row]) else None

    return Picture(lines, at)


def heatmap(layer: Layer, session: Session, view: View, width: int, height: int) -> Picture:
    """One layer: its name and shape, and its weights; of an image's layer, those of the unit in the spotlight."""
    look, palette, spotlight = view.look, view.look.palette, view.spotlight
    weights = layer.weights(session.trainer.state.parameters)
    lit = spotlight.layer == layer.number
    in_view = session.op is not None and session.op.layer == layer.number
    shape = session.dataset.image_shape if layer.number == 1 else None
    unit = spotlight.focus(1)
    about = ["unit", f"{unit + 1}/{layer.units}"] if shape else [f"{layer.inputs}→{layer.units}", *layer_words(layer)]
    title = title_of([of_layer("W", layer.number), *about], width, look)
    lines = [line([(title, style(palette.accent if in_view or lit else palette.text, bold=in_view))], width)]
    shown = weights if shape is None else weights[unit].reshape(shape)
    marked = None
    if lit and spotlight.input is not None:
        flat = spotlight.input if shape is not None else spotlight.unit * layer.inputs + spotlight.input
        marked = divmod(flat, shown.shape[1])
    if shape is not None:
        drawn = weight_image_lines(shown, width, height - 1, look)
        layout = heatmap_layout(shown.shape[0], shown.shape[1], width, height - 1, look, signs=False)
    else:
        drawn = heatmap_lines(shown, width, height - 1, look, spotlight=marked)
        layout = heatmap_layout(shown.shape[0], shown.shape[1], width, height - 1, look)
    if len(drawn) < height - 2:
        drawn.append(legend_line(symmetric_limit(shown), width, look))

    def at(x: int, y: int) -> Spotlight | None:
        if y == 0 and x < width:
            return in_layer(spotlight, layer)
        entry = layout.entry_at(x, y - 1)
        if entry is None:
            return None
        row, column = entry
        place = (unit, row * shown.shape[1] + column) if shape is not None else entry
        return spotlight.at(layer, *place)

    return Picture(lines + drawn, at)


def numbers(session: Session, view: View, width: int, height: int) -> Picture:
    """The layer in the spotlight as numbers: a row a unit, of its weights and behind them its b, γ and β."""
    look, palette, spotlight = view.look, view.look.palette, view.spotlight
    layer = session.trainer.layers[spotlight.layer - 1]
    table = np.column_stack(list(layer.parameters(session.trainer.state.parameters).values()))
    size = f"{layer.units}{look.glyphs.times}{table.shape[1]}"
    title = title_of([parameters_name(layer), size, *layer_words(layer)], width, look)
    head = line([(title, style(palette.text, bold=True))], width)
    lit = (spotlight.unit, spotlight.column(layer))
    arrows = UpdateArrows(session, layer, look)

    def at(x: int, y: int) -> Spotlight | None:
        entry = matrix_entry_at(table, width, height - 1, look, x, y - 1, spotlight=lit, marked=True)
        return None if entry is None else spotlight.at(layer, *entry)

    rows = matrix_lines(table, width, height - 1, look, spotlight=lit, mark=arrows.mark)
    legend = [arrows.legend(width)] if len(rows) < height - 1 else []
    return Picture([head, *rows, *legend], at)


def ranked(session: Session, view: View, width: int, height: int) -> Picture:
    """All weights of the network by |∂ℒ/∂w|."""
    lines, places = sensitivity_lines(session, view, width, height)
    return Picture(lines, lambda x, y: places[y] if 0 <= y < len(places) else None)


class WeightsPane(Pane):
    """`w` shows the next view; a click puts the spotlight on the parameter that stands there, enter opens its neuron.

    In the list by gradient ↑ ↓ choose a weight, and enter puts the spotlight on it.
    """

    interval = 0.25

    def __init__(self, title: str, session: Session, view: View) -> None:
        super().__init__(title, session, view)
        self.past = SpotlightHistory()
        self.at: At = nowhere

    def draw(self, width: int, height: int) -> list[Strip]:
        # While training at full speed nobody can read a trend, and it would cost what training needs.
        history = None if self.view.playing else self.past.look(self.session, self.view.spotlight)
        drawn = weights_picture(self.session, self.view, width, height, history)
        self.at = drawn.at
        return drawn.lines

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        found = None if place is None else self.at(place.x, place.y)
        if found is not None:
            self.post_message(SpotlightWanted(found))

    def move(self, rows: int) -> None:
        if self.view.weights == "sensitivity":
            self.view.rank = max(0, min(self.view.rank + rows, weights_known(self.session) - 1))
            self.update()

    def activate(self) -> None:
        if self.view.weights != "sensitivity":
            self.post_message(NeuronWanted())
            return
        chosen = chosen_weight(self.session, self.view)
        if chosen is not None:
            self.post_message(SpotlightWanted(chosen))

    def next_view(self) -> None:
        place = WEIGHT_VIEWS.index(self.view.weights)
        self.view.weights = WEIGHT_VIEWS[(place + 1) % len(WEIGHT_VIEWS)]
        self.update()
