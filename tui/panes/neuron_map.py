"""One neuron's answer over the inputs: a map of the plane under the examples, or a curve over the one input."""

from dataclasses import replace
from math import floor, log10

import numpy as np
from textual.strip import Strip

from backprop_tui.core.inquiry.hidden_layer import answers_to_inputs
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.curve import curve_lines
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.points import SurfaceScale
from backprop_tui.tui.drawing.strips import fit, line, style

from .chosen_example import example_note
from .function_lines import CURVE_POINTS, along_input, around
from .plane import Plane, has_plane
from .plane_lines import BARRED, ROOMY, bar_of
from .view import View

ROUND = (1.0, 2.0, 5.0, 10.0)
"""Where scales end, times a power of ten: so that they do not creep as answers grow."""
HALVED = ("sigmoid", "softmax")
"""Activations whose answers lie between 0 and 1."""


def neuron_map(session: Session, view: View, width: int, height: int, plane: Plane) -> list[Strip]:
    """What the spotlight's neuron answers everywhere, with what its colours mean."""
    layer = session.trainer.layers[view.spotlight.layer - 1]
    note = example_note(session, view, width) if height >= ROOMY else []
    head = line([(fit(title(session, view, layer), width, view.look), style(view.look.palette.accent))], width)
    unit = slice(view.spotlight.unit, view.spotlight.unit + 1)
    if not has_plane(session.dataset):
        return [head, *neuron_curve(session, view, layer, unit, width, height - 1 - len(note)), *note]
    barred = height >= BARRED
    plane.prepare(session.dataset, view.look, width, height - 1 - barred - len(note))
    values = plane.responses.layer(session, layer.number, unit)[0]
    scale = replace(answers_scale(layer, values), discrete=view.discrete)
    ends = (scale.middle - scale.limit, scale.middle, scale.middle + scale.limit)
    bar = bar_of(ends, scale, width, view.look, letters=False) if barred else []
    return [head, *plane.surface.lines(values, plane.examples(session, view), scale), *bar, *note]


def title(session: Session, view: View, layer: Layer) -> str:
    """`neuron 3 of layer 2, tanh`."""
    last = layer.number == len(session.trainer.layers)
    name = f"output {view.spotlight.unit + 1}" if last else f"neuron {view.spotlight.unit + 1} of layer {layer.number}"
    return f"{name}, {layer.activation}"


def answers_scale(layer: Layer, values: FloatArray) -> SurfaceScale:
    """0 … 1 where the activation lies between these, −1 … 1 of tanh; else 0 ± a round number that holds all values."""
    if not layer.residual and layer.activation in HALVED:
        return SurfaceScale()
    if not layer.residual and layer.activation == "tanh":
        return SurfaceScale(0.0, 1.0)
    finite = np.isfinite(values)
    return SurfaceScale(0.0, rounded_up(float(np.max(np.abs(values), where=finite, initial=0.0))))


def rounded_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten; 1 for 0, and what is too small or too large for one as it is."""
    if not 1e-300 < value < 1e300:
        return value or 1.0
    power = 10.0 ** floor(log10(value))
    return next((factor * power for factor in ROUND if value <= factor * power * (1 + 1e-9)), value)


def neuron_curve(session: Session, view: View, layer: Layer, unit: slice, width: int, height: int) -> list[Strip]:
    """The neuron's answer over the network's one input."""
    horizontal = along_input(session.dataset)
    along = np.linspace(horizontal.low, horizontal.high, CURVE_POINTS)
    answer = answers_to_inputs(session, session.dataset.encode(along[None]), layer.number)[unit][0]
    finite = answer[np.isfinite(answer)]
    vertical = around("A", finite if finite.size else np.zeros(1))
    return curve_lines(along, answer, None, horizontal, vertical, width, height, view.look)


def moved(session: Session, view: View, places: int) -> tuple[int, int]:
    """The layer and the unit, from 0, so many neurons on from the spotlight's, through all layers and round."""
    neurons = [(layer.number, unit) for layer in session.trainer.layers for unit in range(layer.units)]
    here = neurons.index((view.spotlight.layer, view.spotlight.unit))
    return neurons[(here + places) % len(neurons)]
