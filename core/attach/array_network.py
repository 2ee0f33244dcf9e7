"""Which network of ours plain arrays are: by the names and shapes of the parameters, and the words for the rest."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

import numpy as np

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.value_class import dataclass
from backprop_tui.core.verify import words
from backprop_tui.core.verify.guesses import value_of
from backprop_tui.core.verify.layout import Layout, laid_examples, laid_targets, laid_weights, layouts, widths
from backprop_tui.core.verify.names import Key, understood

from .numbers import Array

SOURCE = "watch"
DEFAULT_OUTPUTS = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}
CLOSE = 1e-4
"""How near a loss has to be, computed anew, to tell one layout from another."""


@dataclass(slots=True)
class ArrayNetwork:
    """`layers` as preset tables, or None and the `reason`; `loss` ours, or "". `layout`: how the arrays were laid."""

    layers: list[dict[str, Any]] | None = None
    reason: str = ""
    loss: str = ""
    layout: dict[str, str] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    found: Layout | None = None
    units: tuple[int, ...] = ()

    def modules(self) -> list[dict[str, Any]]:
        """Each layer as a recording has modules."""
        if self.layers is None:
            return []
        names = {key: name for name, key in self.keys.items()}
        return [
            {
                "number": number,
                "name": f"layer {number}",
                "kind": "Linear",
                "settings": {"in_features": self.units[number - 1], "out_features": self.units[number]},
                "parameters": {
                    name: names[symbol, number]
                    for symbol, name in (("W", "weight"), ("b", "bias"))
                    if (symbol, number) in names
                },
                "calls": 1,
            }
            for number in range(1, len(self.layers) + 1)
        ]

    def lay(self, arrays: dict[str, Array], X: Array | None, Y: Array | None) -> None:
        """Lay parameters, gradients and changes as this program does, and the batch beside them, examples as rows."""
        if self.found is None or self.layers is None:
            arrays |= {name: array for name, array in (("inputs", X), ("targets", Y)) if array is not None}
            return
        for name in list(arrays):
            symbol, _ = self.keys.get(name.partition("/")[2], ("", None))
            if symbol == "W" and arrays[name].ndim == 2:
                arrays[name] = np.ascontiguousarray(laid_weights(arrays[name], self.found))
            elif symbol == "b":
                arrays[name] = arrays[name].reshape(-1)
        if X is not None:
            arrays["inputs"] = rows_of(X, self.units[0], self.found)
        if Y is not None:
            arrays["targets"] = targets_of(Y, self.units[-1], self.found, X)


def rows_of(X: Array, features: int, layout: Layout) -> Array:
    """(examples, features)."""
    flat = X.reshape(len(X), -1) if X.ndim > 2 and layout.rows else X
    return np.ascontiguousarray(laid_examples(flat, features, layout).T)


def targets_of(Y: Array, outputs: int, layout: Layout, X: Array | None) -> Array:
    """(examples, outputs), or class numbers, (examples,), as they were given."""
    m = None if X is None else (X.shape[0] if layout.rows or X.ndim == 1 else X.shape[1])
    if outputs > 1 and Y.size == m:
        return Y.reshape(-1)
    laid = laid_examples(Y, outputs, layout)
    if laid.shape[0] != outputs and laid.T.shape[0] == outputs:
        laid = laid.T
    return np.ascontiguousarray(laid.T)


def array_network(
    parameters: Mapping[str, Any], given: Any, loss: Any, X: Array | None, Y: Array | None, value: float = float("nan")
) -> ArrayNetwork:
    """The network. `given`: the words for the activations; `value`: the loss of the batch X, Y.

    Raises PresetError for words that are not known, or not one a layer.
    """
    keys, _ = understood(list(parameters))
    weights = [key for key in keys.values() if key[0] == "W"]
    kind = words.loss(loss, SOURCE) if isinstance(loss, str) else ""
    if not weights or any(symbol not in ("W", "b") for symbol, _ in keys.values()) or len(keys) < len(parameters):
        return ArrayNetwork(reason="parameters that are called other than W1, b1, W2, b2, …", loss=kind)
    if given is None:
        return ArrayNetwork(reason="its activations: they were not given", loss=kind, keys=keys)
    activations = words.activations(given, len(weights), SOURCE)
    if not kind:
        return ArrayNetwork(reason="its loss: it was not given", keys=keys)
    needed = DEFAULT_OUTPUTS.get(kind, activations[-1])
    if activations[-1] == "identity" and kind in DEFAULT_OUTPUTS:
        # Their loss is computed from the logits, so that the last activation is in it.
        activations[-1] = needed
    if activations[-1] != needed:
        return ArrayNetwork(reason=f"{kind} behind an output of {activations[-1]}", loss=kind, keys=keys)
    if X is None:
        return ArrayNetwork(reason="the inputs of a batch: run.step was given none", loss=kind, keys=keys)
    arrays = {key: np.asarray(parameters[name]) for name, key in keys.items()} | {("X", None): X}
    if Y is not None:
        arrays["Y", None] = Y
    layout = best(layouts(arrays, {}, SOURCE), arrays, activations, kind, value)
    units = widths(arrays, {}, layout, SOURCE).units
    layers = [
        {"units": units[number], "activation": activation, "bias": ("b", number) in arrays, "batch_norm": False}
        | {"residual": False, "dropout": 0.0, "modules": [number]}
        for number, activation in enumerate(activations, 1)
    ]
    said = {"examples": layout.examples, "weights": layout.weights}
    return ArrayNetwork(layers, "", kind, said, keys, layout, units)


def best(found: list[Layout], arrays: Mapping[Key, Array], activations: list[str], kind: str, value: float) -> Layout:
    """The layout in which the network has this loss; the first where none has, or only one is left."""
    if len(found) > 1 and np.isfinite(value) and ("Y", None) in arrays:
        for layout in found:
            computed = loss_in(layout, arrays, activations, kind)
            if abs(computed - value) <= CLOSE * max(abs(value), CLOSE):
                return layout
    return found[0]


def loss_in(layout: Layout, arrays: Mapping[Key, Array], activations: list[str], kind: str) -> float:
    """The mean loss of the batch, were the arrays laid in this way; NaN where the targets do not fit."""
    sizes = widths(arrays, {}, layout, SOURCE)
    X = arrays["X", None]
    A: Array = laid_examples(X.reshape(len(X), -1) if X.ndim > 2 and layout.rows else X, sizes.units[0], layout).astype(
        np.float64
    )
    with np.errstate(all="ignore"):
        for number, activation in enumerate(activations, 1):
            Z = laid_weights(arrays["W", number], layout).astype(np.float64) @ A
            if ("b", number) in arrays:
                Z = Z + arrays["b", number].reshape(-1, 1)
            A = value_of(activation, Z, {"activation": activation, "slope": 0.01})
        try:
            Y, _ = laid_targets(arrays["Y", None], sizes, layout, SOURCE)
        except PresetError:
            return float("nan")
        match kind:
            case "mean_squared_error":
                return float(np.square(A - Y).mean())
            case "half_squared_error":
                return float(np.square(A - Y).sum(axis=0).mean() / 2)
            case "cross_entropy":
                return float(-(Y * np.log(np.where(Y > 0, A, 1))).sum(axis=0).mean())
        return float(-(Y * np.log(A) + (1 - Y) * np.log(1 - A)).mean())
