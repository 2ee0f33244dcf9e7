"""How the start weights of a layer came about: the scheme's formula with its numbers, and the spread that it gave."""

import numpy as np

from backprop_tui.core.network.initializers import INITIALIZERS
from backprop_tui.core.ops.expression import signed
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme of initialization for one layer's W.

    `formula` in symbols, `numbers` the same with the layer's own, both behind the `sign` that says what it gives;
    `scale` is what it comes to. `deviation` is the standard deviation of an entry that the scheme aims at.
    """

    name: str
    sign: str
    formula: str
    numbers: str
    scale: float
    deviation: float


@dataclass(frozen=True, slots=True)
class InitialWeights:
    """The start weights of `layer`; drawn by `scheme`, or with None given, as `origin` says.

    `deviation` is the standard deviation of W as the run began.
    """

    layer: int
    origin: str
    scheme: Scheme | None
    deviation: float


def scheme_of(name: str, layer: Layer, init_scale: float | None) -> Scheme:
    """The scheme `name` with the numbers of `layer`."""
    found = INITIALIZERS[name]
    given = init_scale or 0.0
    numbers = found.formula.replace("n_in", str(layer.inputs)).replace("n_out", str(layer.units))
    numbers = numbers.replace("init_scale", signed(f"{given:g}"))
    scale = found.scale(layer.inputs, layer.units, given)
    deviation = abs(scale) * found.distribution.deviation
    return Scheme(name, found.distribution.sign, found.formula, numbers, scale, deviation)


def deviation(weights: Array) -> float:
    """The standard deviation of all entries about their mean."""
    # Of the weights over the largest, whose squares cannot overflow.
    largest = float(np.abs(weights).max(initial=0.0))
    return largest * float(np.std(weights / largest, dtype=np.float64)) if largest else 0.0


def initial_weights(session: Session, number: int) -> InitialWeights:
    """How W of layer `number`, from 1, came about at the start of the session's run."""
    trainer = session.course.stretches[0].trainer
    layer, written = trainer.layers[number - 1], trainer.preset.layers[number - 1]
    spread = deviation(layer.weights(session.snapshots.nearest(0).parameters))
    if trainer.preset.training.start is not None:
        return InitialWeights(number, f"from {trainer.preset.training.start}", None, spread)
    if written.weights is not None:
        return InitialWeights(number, "given", None, spread)
    return InitialWeights(number, written.init, scheme_of(written.init, layer, written.init_scale), spread)
