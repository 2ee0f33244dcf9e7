"""Which activations and which loss somebody used, found out from the numbers where it is not told."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.network.activations import ACTIVATIONS
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.preset.preset import DEFAULT_LOSSES, REQUIRED_OUTPUTS
from backprop_tui.core.preset.tables import LOSSES

from .accuracy import rounding_of
from .layout import Widths
from .names import Key
from .slopes import f_and_slope
from .step import Array, Start

Mask = NDArray[np.bool_]

MOST_COMBINATIONS = 150
"""Activations of all layers that are tried where the numbers leave them open."""
HIDDEN = ("sigmoid", "relu", "tanh", "identity", "leaky_relu", "elu", "gelu", "gelu_tanh", "silu", "softplus")
OUTPUT = ("sigmoid", "softmax", "identity", "tanh", "relu")
assert set(OUTPUT) - {"softmax"} <= set(HIDDEN) == set(ACTIVATIONS)
CLOSE = {2: 2e-3, 4: 2e-5, 8: 1e-8}
"""How near an activation has to come to be taken for the one that was used, by the bytes of a number."""


def networks(
    table: Mapping[str, Any], theirs: Mapping[Key, Array], start: Start, sizes: Widths
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The activations of all layers and the loss that are told, or may have been used."""
    told = [layer.get("activation") for layer in table["layers"]]
    loss = table["loss"].get("kind")
    options = [
        (name,) if name else fitting(table["layers"][number - 1], number, theirs, start, sizes)
        for number, name in enumerate(told, 1)
    ]
    if not all(told):
        options = narrowed(options)
    for combination in product(*options):
        for kind in [loss] if loss else losses_of(combination[-1], start.Y):
            if not all(told) and loss and REQUIRED_OUTPUTS.get(loss, combination[-1]) != combination[-1]:
                continue
            yield combination, kind


def narrowed(options: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Fewer options where their combinations would be too many: the likeliest alone."""
    for most in (10, 4, 3, 2, 1):
        options = [option[:most] for option in options]
        if np.prod([len(option) for option in options], dtype=float) <= MOST_COMBINATIONS:
            return options
    return options


def losses_of(output: str, Y: Array) -> list[str]:
    """The losses that an output may have with these targets, the usual one first."""
    usual = DEFAULT_LOSSES.get(output, "mean_squared_error")
    found = [kind for kind in (usual, *LOSSES) if REQUIRED_OUTPUTS.get(kind, output) == output]
    found = list(dict.fromkeys(found))
    if "cross_entropy" in found and ((Y < 0).any() or abs(Y.sum(axis=0) - 1).max() > 1e-6):
        found.remove("cross_entropy")
    if "binary_cross_entropy" in found and ((Y < 0).any() or (Y > 1).any()):
        found.remove("binary_cross_entropy")
    return found


def fitting(
    layer: Mapping[str, Any], number: int, theirs: Mapping[Key, Array], start: Start, sizes: Widths
) -> tuple[str, ...]:
    """The activations that give this layer's A from its Z, the likeliest first; all where the numbers do not tell."""
    last = number == sizes.layers
    everything = OUTPUT if last else HIDDEN
    z, a = argument_of(number, theirs, start), theirs.get(("A", number))
    if z is None or a is None or z.shape != a.shape or z.shape != (sizes.units[number], sizes.examples):
        return everything
    close = CLOSE.get(a.dtype.itemsize, 1e-8)
    rounding = rounding_of([z, a])
    if rounding is not None:
        largest = max(float(np.abs(a).max()), 1e-300)
        close = max(close, 2 * rounding.absolute / largest, 4 * rounding.relative)
    z = z.astype(np.float64)
    kept = np.asarray(start.masks[number] > 0) if number in start.masks else np.ones(z.shape, dtype=bool)
    if layer.get("residual"):
        below = theirs.get(("A", number - 1)) if number > 1 else start.X
        if below is None or below.shape != a.shape:
            return everything
        a = a - below
    found = [
        name
        for name in dict.fromkeys((*everything, *HIDDEN))
        if (name != "softmax" or sizes.units[number] > 1) and same(value_of(name, z, layer), a, kept, close)
    ]
    if not found and leak(z, a, kept) is not None:
        found = ["leaky_relu"]
    return tuple(found) or everything


def argument_of(number: int, theirs: Mapping[Key, Array], start: Start) -> Array | None:
    """What the activation was applied to, as it is handed in, or as it follows from what is."""
    if ("gamma", number) in start.parameters:
        return theirs.get(("N", number))
    if ("Z", number) in theirs:
        return theirs["Z", number]
    below = start.X if number == 1 else theirs.get(("A", number - 1))
    W, b = start.parameters["W", number], start.parameters.get(("b", number))
    if below is None or below.shape[:1] != W.shape[1:]:
        return None
    Z: Array = W @ below
    return Z if b is None else Z + b[:, None]


def value_of(name: str, z: Array, layer: Mapping[str, Any]) -> Array:
    """f(z) of an activation by its name."""
    with np.errstate(all="ignore"):
        if name == "softmax":
            powers: Array = np.exp(z - z.max(axis=0))
            return np.asarray(powers / powers.sum(axis=0))
        slope = float(layer.get("slope", 0.01))
        return f_and_slope(Layer(1, 1, 1, name, has_bias=True, start=0, slope=slope), z)[0]


def same(value: Array, a: Array, kept: Mask, close: float) -> bool:
    """Whether `a` is `value` where it was kept, or by one constant factor where some was dropped."""
    value, a = value[kept], a[kept].astype(np.float64)
    if not a.size:
        return False
    largest = np.abs(a).max()
    if not kept.all() and (value != 0).any():
        a = a / np.median(a[value != 0] / value[value != 0])
    return bool(np.abs(value - a).max() <= close * max(largest, np.finfo(float).tiny))


def leak(z: Array, a: Array, kept: Mask) -> float | None:
    """The slope below 0, where above it `a` is z and below it z times one number."""
    above, below = kept & (z > 0), kept & (z < 0)
    if not below.any() or not np.allclose(a[above], z[above], rtol=1e-5):
        return None
    ratios = a[below] / z[below]
    slope = float(np.median(ratios))
    return slope if below.sum() > 1 and 0 < slope < 1 and np.allclose(ratios, slope, rtol=1e-5) else None


def slope_of(
    layer: Mapping[str, Any], name: str, theirs: Mapping[Key, Array], start: Start, number: int
) -> dict[str, float]:
    """The slope of a leaky relu that was found out from the numbers."""
    if name != "leaky_relu" or "slope" in layer:
        return {}
    z, a = argument_of(number, theirs, start), theirs.get(("A", number))
    if z is None or a is None or z.shape != a.shape:
        return {}
    found = leak(z, a, np.ones(z.shape, dtype=bool))
    return {} if found is None else {"slope": float(f"{found:.6g}")}
