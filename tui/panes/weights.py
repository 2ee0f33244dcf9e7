"""The weights pane: a diagram of a small network, maps of a large one, the numbers of one layer, or a list."""

from dataclasses import replace

import numpy as np
from textual import events
from textual.strip import Strip

from backprop_tui.core.chain_rule.entry_names import output_name
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.given import known_column
from backprop_tui.core.inquiry.initial_weights import initial_weights
from backprop_tui.core.inquiry.one_matrix import linear_stretches
from backprop_tui.core.inquiry.sensitivity import weights_known
from backprop_tui.core.inquiry.spotlight_history import History, SpotlightHistory
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import of_layer
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.diagram import Diagram, DiagramInput, DiagramLayer, laid_out
from backprop_tui.tui.drawing.matrix import matrix_entry_at, matrix_lines
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.strips import fit, line, style
from backprop_tui.tui.drawing.titles import title_of

from .messages import NeuronWanted, SpotlightWanted
from .moment import answering_plan
from .one_matrix_lines import one_matrix_lines
from .pane import Pane
from .parameter_table import parameter_table, place_of, spotlight_at
from .picture import At, Picture, nowhere
from .sensitivity_lines import chosen_weight, sensitivity_lines
from .update_arrows import UpdateArrows
from .view import WEIGHT_VIEWS, View
from .weight_lines import count_line, init_lines, layer_words, parameters_name, spotlight_lines
from .weight_maps import heatmaps, moves_line, zeros_line

OTHER_LINES = 5
"""Under and above the rows of numbers of a layer: its name, their size, and what it started from."""
ROOMY = 14
"""The height from which the lines under the picture may be four."""
BRIEF = ("sensitivity", "gradients", "nudges", "table", "one matrix")
"""The views under which a line or two are enough."""


def weights_picture(session: Session, view: View, width: int, height: int, history: History | None = None) -> Picture:
    """The network in the chosen view; under it the parameter in the spotlight, and what its layer started from."""
    foot = foot_lines(session, view, width, height, history)
    room = height - len(foot)
    shown = picture(session, view, width, room)
    lines = shown.lines[:room] + [Strip([])] * (room - len(shown.lines)) + foot
    return Picture(lines, lambda x, y: shown.at(x, y) if y < room else None)


def foot_lines(session: Session, view: View, width: int, height: int, history: History | None) -> list[Strip]:
    """The lines under the picture, those that there is room for."""
    counts = count_line(session, view, width)
    if view.weights in BRIEF:
        below = {"gradients": zeros_line, "nudges": moves_line}.get(view.weights)
        lines = [] if view.weights == "table" else spotlight_lines(session, view, width, history, 1)
        lines += [] if below is None else [below(session, view, width)]
        return [*lines, *([counts] if view.weights == "table" else [])][: max(height - 2, 0)]
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
    if view.weights == "table":
        return parameter_table(session, view, width, height)
    if view.weights == "one matrix":
        return Picture(one_matrix_lines(session, view, width, height), nowhere)
    if view.weights in ("gradients", "nudges"):
        return heatmaps(session, view, width, height, view.weights)
    if view.weights == "picture":
        drawn = diagram(session, view, width, height)
        if drawn is not None:
            return drawn
    return heatmaps(session, view, width, height)


def offered(session: Session, view: View, width: int, height: int, history: History | None) -> list[str]:
    """The views that there are for this network in this room, in the order in which `w` shows them.

    A diagram has to fit, and only linear layers in a row are one matrix.
    """
    as_picture = replace(view, weights="picture")
    room = height - len(foot_lines(session, as_picture, width, height, history))
    without = [] if laid_diagram(session, as_picture, width, room) is not None else ["picture"]
    if session.fixed or not linear_stretches(session.trainer.layers):
        without.append("one matrix")
    return [name for name in WEIGHT_VIEWS if name not in without]


def laid_diagram(session: Session, view: View, width: int, height: int) -> Diagram | None:
    """The whole network with the chosen example's values, blank where this step has not got to; None without room."""
    layers, spotlight = session.trainer.layers, view.spotlight
    if max(layer.units for layer in layers) > height:
        return None
    plan = answering_plan(session, view)
    example = min(spotlight.example, plan.examples - 1)

    def values(symbol: str, layer: int | None) -> FloatArray | None:
        return known_column(session, plan[symbol, layer], example)

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
            before=values("Z", layer.number),
        )
        for layer in layers
    ]
    return laid_out(inputs, columns, width, height, view.look)


def diagram(session: Session, view: View, width: int, height: int) -> Picture | None:
    """The network as a diagram, in which edges are weights; None without room."""
    found, layers, spotlight = laid_diagram(session, view, width, height), session.trainer.layers, view.spotlight
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


def numbers(session: Session, view: View, width: int, height: int) -> Picture:
    """The layer in the spotlight as numbers, and those behind it as far as there is room for all of them.

    A row is a unit, of its weights and behind them its b, γ and β.
    """
    look, layers = view.look, session.trainer.layers
    own = layers[view.spotlight.layer - 1]
    first = numbers_of(own, session, view, width, height)
    pictures, used = [(0, first)], len(first.lines)
    shown = [own]
    for layer in layers[own.number :]:
        if used + 1 + layer.units > height - 2:
            break
        found = numbers_of(layer, session, view, width, 1 + layer.units)
        pictures.append((used, found))
        shown.append(layer)
        used += len(found.lines)
    lines = [row for _, found in pictures for row in found.lines]
    if used < height:
        lines.append(UpdateArrows(session, own, look).legend(width))
    hidden = [layer for layer in layers if layer not in shown]
    if hidden and used + 1 < height:
        names = ", ".join(parameters_name(layer) for layer in hidden)
        beyond = fit(look.text(f"… {names}: shift+← →"), width, look)
        lines.append(line([(beyond, style(look.palette.dim))], width))

    def at(x: int, y: int) -> Spotlight | None:
        start, found = next(pair for pair in reversed(pictures) if pair[0] <= y or not pair[0])
        return found.at(x, y - start)

    return Picture(lines, at)


def numbers_of(layer: Layer, session: Session, view: View, width: int, height: int) -> Picture:
    """The numbers of one layer under its name."""
    look, palette, spotlight = view.look, view.look.palette, view.spotlight
    table = np.column_stack(list(layer.parameters(session.trainer.state.parameters).values()))
    size = f"{layer.units}{look.glyphs.times}{table.shape[1]}"
    title = title_of([parameters_name(layer), size, *layer_words(layer)], width, look)
    head = line([(title, style(palette.text, bold=True))], width)
    lit = (spotlight.unit, spotlight.column(layer)) if layer.number == spotlight.layer else None
    arrows = UpdateArrows(session, layer, look)

    def at(x: int, y: int) -> Spotlight | None:
        entry = matrix_entry_at(table, width, height - 1, look, x, y - 1, spotlight=lit, marked=True)
        return None if entry is None else spotlight.at(layer, *entry)

    return Picture([head, *matrix_lines(table, width, height - 1, look, spotlight=lit, mark=arrows.mark)], at)


def ranked(session: Session, view: View, width: int, height: int) -> Picture:
    """All weights of the network by |∂ℒ/∂w|."""
    lines, places = sensitivity_lines(session, view, width, height)
    return Picture(lines, lambda x, y: places[y] if 0 <= y < len(places) else None)


class WeightsPane(Pane):
    """`w` shows the next view; a click puts the spotlight on the parameter that stands there, enter opens its neuron.

    In the list by gradient ↑ ↓ choose a weight, and enter puts the spotlight on it; in the table they move the
    spotlight itself. Below the frame stands which view is on.
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
        views, shown = self.views(width, height, history)
        self.name_view("w", shown, views)
        return drawn.lines

    def views(self, width: int, height: int, history: History | None) -> tuple[list[str], str]:
        """The views that there are, and the one that is shown: for a diagram without room the maps."""
        views, shown = offered(self.session, self.view, width, height, history), self.view.weights
        return views, "heatmaps" if shown == "picture" and shown not in views else shown

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        found = None if place is None else self.at(place.x, place.y)
        if found is not None:
            self.post_message(SpotlightWanted(found))

    def move(self, rows: int) -> None:
        if self.view.weights == "sensitivity":
            self.view.rank = max(0, min(self.view.rank + rows, weights_known(self.session) - 1))
            self.update()
        elif self.view.weights == "table":
            layers, before = self.session.trainer.layers, self.view.spotlight
            place = place_of(before, layers) + rows
            place = max(0, min(place, sum(layer.size for layer in layers) - 1))
            self.post_message(SpotlightWanted(spotlight_at(layers, place, before)))

    def activate(self) -> None:
        if self.view.weights != "sensitivity":
            self.post_message(NeuronWanted())
            return
        chosen = chosen_weight(self.session, self.view)
        if chosen is not None:
            self.post_message(SpotlightWanted(chosen))

    def next_view(self) -> None:
        views, shown = self.views(*self.content_size, self.past.look(self.session, self.view.spotlight))
        after = WEIGHT_VIEWS[WEIGHT_VIEWS.index(shown) + 1 :]
        self.view.weights = next((view for view in after if view in views), views[0])
        self.update()
