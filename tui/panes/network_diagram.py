"""The diagram of a run: the network with the values of the chosen example, and a map in each node that has room."""

from dataclasses import replace

from backprop_tui.core.chain_rule.entry_names import output_name
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.given import known_column
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import of_layer
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.diagram import Diagram, laid_out
from backprop_tui.tui.drawing.diagram_layout import DiagramInput, DiagramLayer, Layout, Shape, laid
from backprop_tui.tui.drawing.palette import FloatArray

from .moment import answering_plan
from .node_maps import NodeMaps, has_maps
from .picture import Node, Picture
from .view import View
from .weight_lines import layer_words


def network_layout(session: Session, view: View, width: int, height: int) -> Layout | None:
    """The layout of the network's diagram, which is the same for all its states; None without room."""
    layers, data = session.trainer.layers, session.dataset
    if max(layer.units for layer in layers) > height:
        return None
    shapes = [
        Shape(tuple(unit_names(layer, data, last=layer is layers[-1])), True, layer.has_bias, True) for layer in layers
    ]
    inputs = Shape(tuple(data.feature_names), titled=True)
    return laid((inputs, *shapes), width, height, view.look, mapped=has_maps(data))


def laid_diagram(session: Session, view: View, width: int, height: int) -> Diagram | None:
    """The whole network with the chosen example's values, blank where this step has not got to; None without room."""
    layers, spotlight = session.trainer.layers, view.spotlight
    if network_layout(session, view, width, height) is None:
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
            unit_names(layer, session.dataset, last=layer is layers[-1]),
            title=" ".join([of_layer("W", layer.number), f"{layer.inputs}→{layer.units}", *layer_words(layer)]),
            chosen=chosen(layer),
            before=values("Z", layer.number),
        )
        for layer in layers
    ]
    return laid_out(inputs, columns, width, height, view.look, mapped=has_maps(session.dataset))


def diagram(session: Session, view: View, width: int, height: int, maps: NodeMaps) -> Picture | None:
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

    def node_at(x: int, y: int) -> Node | None:
        place = found.place_at(x, y, lit)
        return None if place is None or place[2] is not None else place[:2]

    def number_at(wanted: Spotlight) -> tuple[int, int]:
        return found.number_at((wanted.layer, wanted.unit, wanted.input))

    return Picture(found.lines(lit, in_view, maps.levels(session, found.map_shapes)), at, node_at, number_at)


def unit_names(layer: Layer, data: Dataset, *, last: bool) -> list[str]:
    """`a1` …, or of the last layer what the data call its outputs."""
    return output_names(layer, data) if last else [f"a{unit + 1}" for unit in range(layer.units)]


def output_names(layer: Layer, data: Dataset) -> list[str]:
    """What the data call each output; `y1` …, since a hat is no character of its own, for none and for mere numbers."""
    numbered = ["y"] if layer.units == 1 else [f"y{unit + 1}" for unit in range(layer.units)]
    named = [output_name(data, unit) for unit in range(layer.units)]
    return [own if own and not own.isdecimal() else other for own, other in zip(named, numbered, strict=True)]
