"""What a student hands in of a step: its arrays in his own layout, under his own names."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .network import Array, Arrays, Network

Handed = dict[str, Any]
"""Arrays and settings by the names under which they are handed in."""

NOUNS = ("Z", "A", "dA", "dZ", "dW", "db", "dgamma", "dbeta", "loss", "new")
"""What may be handed in beside what a step starts from."""
OF_EXAMPLES = ("X", "Y", "Z", "A", "dZ", "dA", "mask")
GIVEN = ("X", "Y", "W", "b", "gamma", "beta", "mask", "step", "m_", "v_", "velocity_")
NAME = re.compile(r"(velocity_|[mv]_)?(dgamma|dbeta|gamma|beta|mask|d?[AWZb]|X|Y|loss|step)(\d*)(_new)?$")


@dataclass(frozen=True, slots=True)
class Layout:
    """How arrays are handed in.

    `examples` are "rows" or "columns", `weights` "units_inputs" or "inputs_units", `biases` "flat" (units,), "column"
    (units, 1) or "row" (1, units), `targets` "as outputs", "numbers" (m,) of classes from 0 or of a single output, or
    "numbers in a column" (m, 1) or a row (1, m), as the examples are. `only` are the nouns that are handed in,
    `names` is one of NAMES, `settings` which of the settings stand beside the arrays.
    """

    examples: str = "columns"
    weights: str = "units_inputs"
    biases: str = "column"
    targets: str = "as outputs"
    only: tuple[str, ...] = NOUNS
    names: str = "contract"
    settings: tuple[str, ...] = ("activations", "loss_kind", "optimizer", "learning_rate", "more")

    def __str__(self) -> str:
        return f"{self.examples}, {self.weights}, {self.biases}, {self.targets}, {self.names}"

    def with_only(self, *nouns: str) -> "Layout":
        return replace(self, only=nouns)

    def with_names(self, names: str) -> "Layout":
        return replace(self, names=names)

    def with_settings(self, *settings: str) -> "Layout":
        return replace(self, settings=settings)


COLUMNS = Layout()
ROWS = Layout("rows", "inputs_units", "row")
TORCH = Layout("rows", "units_inputs", "flat")
LAYOUTS = [
    Layout(examples, weights, biases)
    for examples in ("columns", "rows")
    for weights in ("units_inputs", "inputs_units")
    for biases in ("flat", "column", "row")
]


def parts(name: str) -> tuple[str, str, str, str]:
    """Of `m_W1_new` the prefix "m_", the symbol "W", the layer "1" and the suffix "_new"."""
    match = NAME.match(name)
    if match is None:
        return "", "", "", ""
    return match[1] or "", match[2], match[3], match[4] or ""


def is_shown(name: str, layout: Layout) -> bool:
    """Whether an array of a step is handed in."""
    prefix, symbol, _layer, suffix = parts(name)
    if not symbol or name == "A0":
        return False
    if suffix:
        return "new" in layout.only
    return bool(prefix) or symbol in GIVEN or symbol in layout.only


def laid_out(name: str, array: Array, layout: Layout) -> Array:
    """One array, turned the way it is handed in."""
    symbol = parts(name)[1]
    if array.ndim == 0:
        return array
    if symbol == "Y" and layout.targets != "as outputs":
        classes = array.argmax(axis=0) if array.shape[0] > 1 else array[0]
        if layout.targets == "numbers":
            return classes
        return classes[:, None] if layout.examples == "rows" else classes[None, :]
    if symbol in OF_EXAMPLES:
        return array.T.copy() if layout.examples == "rows" else array
    if symbol in ("W", "dW"):
        return array.T.copy() if layout.weights == "inputs_units" else array
    if symbol in ("b", "db", "gamma", "beta", "dgamma", "dbeta"):
        return {"flat": array[:, 0], "column": array, "row": array.T}[layout.biases]
    return array


def lower(symbol: str, layer: str, suffix: str) -> str:
    return f"{symbol.lower()}{layer}{suffix}"


def graded(symbol: str, layer: str, suffix: str) -> str:
    return f"grad_{symbol[1:]}{layer}" if symbol.startswith("d") else f"{symbol}{layer}{suffix}"


def partial_derivatives(symbol: str, layer: str, suffix: str) -> str:
    return f"dL_d{symbol[1:]}{layer}" if symbol.startswith("d") else f"{symbol}{layer}{suffix}"


def scratch(symbol: str, layer: str, suffix: str) -> str:
    """As the book "Deep learning from scratch" has them: x and t."""
    return {"X": "x", "Y": "t"}.get(symbol, f"{symbol}{layer}{suffix}")


def course(symbol: str, layer: str, suffix: str) -> str:
    """As in exercises on image classifiers: X, y, and the rest as it is."""
    return {"Y": "y"}.get(symbol, f"{symbol}{layer}{suffix}")


def module(prefix: str, number: str, symbol: str, suffix: str) -> str:
    word = {"W": "weight", "b": "bias"}[symbol[-1]]
    return f"{prefix}{number}.{word}{'.grad' if symbol.startswith('d') else ''}{suffix}"


def connected(symbol: str, layer: str, suffix: str) -> str:
    """A PyTorch module's: fc1.weight, fc1.weight.grad, and x and targets."""
    if symbol in ("W", "b", "dW", "db"):
        return module("fc", layer, symbol, suffix)
    return {"X": "x", "Y": "targets"}.get(symbol, f"{symbol}{layer}{suffix}")


def sequential(symbol: str, layer: str, suffix: str) -> str:
    """A PyTorch sequence's, where every second module is an activation: 0.weight, 2.weight."""
    if symbol in ("W", "b", "dW", "db"):
        return module("", str(2 * (int(layer) - 1)), symbol, suffix)
    return {"X": "x", "Y": "y"}.get(symbol, f"{symbol}{layer}{suffix}")


def contract(symbol: str, layer: str, suffix: str) -> str:
    return f"{symbol}{layer}{suffix}"


NAMES: dict[str, Callable[[str, str, str], str]] = {
    function.__name__: function
    for function in (contract, lower, graded, partial_derivatives, scratch, course, connected, sequential)
}


def settings_of(network: Network, layout: Layout) -> Handed:
    """The settings that stand beside the arrays; more than the contract's four by their paths in a preset."""
    found: Handed = {
        "activations": [layer.activation for layer in network.layers],
        "loss_kind": network.loss,
        "optimizer": network.optimizer["kind"],
        "learning_rate": network.optimizer["learning_rate"],
    }
    found = {name: value for name, value in found.items() if name in layout.settings}
    return found | (more_settings(network) if "more" in layout.settings else {})


def more_settings(network: Network) -> Handed:
    """By dotted path, as `--set` has them: the optimizer's other keys, dropout, slopes."""
    usual = ("kind", "learning_rate")
    found: Handed = {f"optimizer.{key}": value for key, value in network.optimizer.items() if key not in usual}
    for index, layer in enumerate(network.layers):
        if layer.dropout:
            found[f"layers.{index}.dropout"] = layer.dropout
        if layer.activation == "leaky_relu" and layer.slope != 0.01:
            found[f"layers.{index}.slope"] = layer.slope
    return found


def handed_in(network: Network, step: Arrays, layout: Layout = COLUMNS) -> Handed:
    """What is handed in of a step: a mapping that a file or `verify` can take."""
    found: Handed = {}
    for name, array in step.items():
        if not is_shown(name, layout):
            continue
        prefix, symbol, layer, suffix = parts(name)
        called = NAMES[layout.names](symbol, layer, suffix)
        found[f"{prefix}{called}"] = laid_out(name, np.asarray(array), layout)
    return found | settings_of(network, layout)


def write(handed: Handed, path: Path) -> Path:
    """As .npz without pickles, or as .json, by the path's suffix."""
    if path.suffix == ".json":
        plain = {name: value.tolist() if hasattr(value, "tolist") else value for name, value in handed.items()}
        path.write_text(json.dumps(plain), encoding="utf-8")
    else:
        np.savez(path, **{name: np.asarray(value) for name, value in handed.items()})
    return path
