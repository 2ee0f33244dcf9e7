"""What the layers of a kept step computed, as far as its arrays tell: what each gave, and the gradient that came back.

Of modules it is recorded. Of plain arrays whose network is known it is computed from the recorded parameters and batch.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from backprop_tui.core.network.activations import ACTIVATIONS
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.value_class import dataclass
from backprop_tui.core.verify.slopes import f_and_slope, softmax_product

from .kept_step import Floats, KeptStep
from .weight_layers import WeightLayer

CLOSE = 1e-4
"""How near to what is recorded has to be what is computed, to be taken for the same."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerArrays:
    """Of one layer: `taken` its inputs, `Z` and `given` behind the activation, (rows, units); `dZ` like Z.

    `activation`: the one that was found out from the numbers, where no module tells it. None for what is not known.
    """

    taken: Floats | None = None
    Z: Floats | None = None
    given: Floats | None = None
    dZ: Floats | None = None  # noqa: N815 - as the contract calls it
    activation: str = ""


Found = dict[int, LayerArrays]


def finite_rows(array: Floats | None) -> Floats | None:
    """(rows, features) of finite numbers; None of anything else."""
    if array is None or array.ndim != 2 or not array.size or not np.isfinite(array).all():
        return None
    return array


def layer_arrays(step: KeptStep, layers: tuple[WeightLayer, ...], kind: str) -> Found:
    """By the layer's number; `kind` of the loss."""
    if step.array("A/1") is None and step.array("inputs") is not None and all(layer.matrix for layer in layers):
        return computed(step, layers, kind)
    return {layer.number: recorded(step, layer, behind(layer, layers)) for layer in layers}


def behind(layer: WeightLayer, layers: tuple[WeightLayer, ...]) -> WeightLayer | None:
    return layers[layer.number] if layer.number < len(layers) else None


def recorded(step: KeptStep, layer: WeightLayer, following: WeightLayer | None) -> LayerArrays:
    """As hooks saw it; where the activation is no module, it is looked for in what the next layer takes."""
    number = layer.module.number
    taken, Z, dZ = (step.array(f"{symbol}/{number}") for symbol in ("A", "Z", "dZ"))
    if layer.activated is not None:
        return LayerArrays(taken, Z, step.array(f"Z/{layer.activated}"), dZ, layer.activation)
    given = None if following is None else step.array(f"A/{following.module.number}")
    if Z is None or given is None or given.shape != Z.shape:
        return LayerArrays(taken, Z, None, dZ)
    name = activation_of(Z, given)
    return LayerArrays(taken, Z, given if name else None, dZ, name)


def activation_of(Z: Floats, given: Floats) -> str:
    """Which of those that units die or stick in makes `given` of Z; "" for none of them."""
    with np.errstate(all="ignore"):
        tried = {"relu": np.maximum(Z, 0), "tanh": np.tanh(Z), "sigmoid": 1 / (1 + np.exp(-Z))}
        return next((name for name, array in tried.items() if np.allclose(array, given, CLOSE, CLOSE)), "")


def computed(step: KeptStep, layers: tuple[WeightLayer, ...], kind: str) -> Found:
    """Forward and, where the loss allows it, backward; nothing where the numbers are not those that were recorded."""
    given: Any = step.array("inputs")
    found: Found = {}
    slopes: dict[int, Any] = {}
    with np.errstate(all="ignore"):
        for layer in layers:
            weight = step.array(f"θ/{layer.weights[0]}")
            if weight is None or given is None or given.ndim != 2 or weight.shape[1] != given.shape[1]:
                return {}
            if layer.activation not in (*ACTIVATIONS, "softmax"):
                return {}
            bias = step.array(f"θ/{layer.bias}") if layer.bias else None
            taken, Z = given, given @ weight.T
            Z = Z if bias is None else Z + bias.reshape(-1)
            if layer.activation == "softmax":
                given = np.exp(Z - Z.max(axis=1, keepdims=True))
                given = given / given.sum(axis=1, keepdims=True)
            else:
                given, slopes[layer.number] = f_and_slope(of(layer), Z)
            found[layer.number] = LayerArrays(taken, Z, given, None, layer.activation)
        return with_gradients(step, layers, found, slopes, kind)


def with_gradients(
    step: KeptStep, layers: tuple[WeightLayer, ...], found: Found, slopes: Mapping[int, Any], kind: str
) -> Found:
    """The same with dZ of each layer, of the mean loss; without, where dW comes out other than it was recorded."""
    dZ = at_the_loss(kind, found[len(layers)], step.array("targets"), slopes.get(len(layers)))
    result = dict(found)
    for layer in reversed(layers):
        recorded = step.array(f"g/{layer.weights[0]}")
        own = found[layer.number]
        if dZ is None or recorded is None or own.taken is None:
            return found
        if not np.allclose(dZ.T @ own.taken, recorded, 1e-2, 1e-2 * float(np.abs(recorded).max(initial=0.0))):
            return found
        result[layer.number] = LayerArrays(own.taken, own.Z, own.given, dZ, own.activation)
        weight = step.array(f"θ/{layer.weights[0]}")
        dZ = dZ @ weight * slopes[layer.number - 1] if layer.number > 1 and weight is not None else None
    return result


def at_the_loss(kind: str, last: LayerArrays, targets: Floats | None, slope: Floats | None) -> Floats | None:
    """dZ of the last layer; None where targets and loss do not fit one another."""
    A = last.given
    if A is None or targets is None:
        return None
    if kind == "cross_entropy" and targets.size == len(A) and A.shape[1] > 1:
        classes = targets.reshape(-1).astype(np.int64)
        if classes.min() < 0 or classes.max() >= A.shape[1]:
            return None
        targets = np.eye(A.shape[1])[classes]
    if targets.size != A.size:
        return None
    error: Any = (A - targets.reshape(A.shape)) / len(A)
    match kind, last.activation:
        case "cross_entropy", "softmax":
            return np.asarray(error)
        case "binary_cross_entropy", "sigmoid":
            return np.asarray(error / A.shape[1])
        case (("mean_squared_error" | "half_squared_error"), _):
            error = error * (2 / A.shape[1] if kind == "mean_squared_error" else 1.0)
            return np.asarray(softmax_product(A.T, error.T).T if slope is None else error * slope)
    return None


def of(layer: WeightLayer) -> Layer:
    """One of our layers with the activation of this one, at its usual slope."""
    return Layer(number=1, inputs=1, units=1, activation=layer.activation, has_bias=True, start=0)
