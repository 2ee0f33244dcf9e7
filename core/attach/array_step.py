"""A kept step of a loop over plain arrays: what it hands over, and how its parameters changed.

Arrays are recorded as this program lays weights and examples, (units, inputs) and one row an example, where names and
shapes tell how they lie; else as they are.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from backprop_tui.core.preset.schema import PresetError

from .array_network import ArrayNetwork, array_network
from .kept import Given, Kept
from .names_of import flat, gradients_by_names
from .numbers import Array, is_tensor, to_array

LARGEST = 2**22
"""Entries of one array; of larger ones only norms are kept."""
STUCK = (
    "the parameters that watch was given do not change: where the loop makes new arrays hand them to "
    "run.step(loss, parameters={…}), or give watch a function that returns them"
)


class ArraySource:
    """Kept steps of `parameters`: a mapping of arrays (also nested), or a function that gives one.

    Raises TypeError for what holds no arrays, ValueError for words for activations or a loss that are not known.
    """

    large = 0

    def __init__(self, parameters: Any, activations: Any, loss: Any) -> None:
        self.given = parameters
        self.words, self.loss = activations, loss
        self.spent = 0.0
        self.warnings: list[str] = []
        self.told: dict[str, Any] = {}
        self.found: dict[str, Any] = {}
        self.before: dict[str, Array] = {}
        self.latest: Any = None
        # Wrong words are told where they are written, before the training.
        array_network(self.current(), activations, loss, None, None)

    def current(self) -> dict[str, Any]:
        """The parameters by name as they are now, nobody's copy."""
        given = self.latest if self.latest is not None else self.given
        found = flat(given() if callable(given) else given)
        if not found:
            raise TypeError("parameters: expected arrays by name, found none")
        return found

    def begin(self, *, whole: bool) -> None:
        self.before = {name: to_array(value) for name, value in self.current().items()}

    def passed(self, parameters: Any) -> None:
        """Parameters that were handed over anew: they are those that the next step begins with."""
        self.latest = parameters

    def abandon(self) -> None:
        self.before = {}

    def end(self, loss: float, given: Given) -> Kept | None:
        """The step with what it was handed over with; `given.parameters` are those after it."""
        if given.parameters is not None:
            self.latest = given.parameters
        tensors = self.current()
        after = {name: to_array(value) for name, value in tensors.items()}
        gradients = gradients_by_names(given.gradients, list(self.before))
        for name, value in tensors.items():
            # Tensors may have their gradients with them.
            if name not in gradients and is_tensor(value) and value.grad is not None:
                gradients[name] = to_array(value.grad)
        arrays: dict[str, Array] = {}
        norms: dict[str, list[float | None]] = {}
        for name, before in self.before.items():
            change = after[name] - before if name in after and after[name].shape == before.shape else None
            own = {"θ": before, "g": gradients.get(name), "Δ": change}
            norms[name] = [None if array is None else norm(array) for array in own.values()]
            for symbol, array in own.items():
                if array is not None and array.size <= LARGEST:
                    arrays[f"{symbol}/{name}"] = array
        self.look_for_stuck(norms)
        X = None if given.inputs is None else to_array(given.inputs)
        Y = None if given.targets is None else to_array(given.targets)
        self.describe(arrays, X, Y, loss)
        return Kept({"norms": norms, "modules": {}, "training": True, "notes": []}, arrays)

    def look_for_stuck(self, norms: Mapping[str, list[float | None]]) -> None:
        """Say it where gradients are there and no parameter has ever changed: these are not those that are trained."""
        moved = any(change for _, _, change in norms.values())
        pushed = any(gradient for _, gradient, _ in norms.values())
        if pushed and not moved and self.latest is None and STUCK not in self.warnings:
            self.warnings.append(STUCK)

    def describe(self, arrays: dict[str, Array], X: Array | None, Y: Array | None, loss: float) -> None:
        """What the recording is to know of the whole run; lays the step's arrays as the network does."""

        try:
            network = array_network(self.before, self.words, self.loss, X, Y, loss)
        except PresetError as problem:
            network = ArrayNetwork(reason=str(problem))
        network.lay(arrays, X, Y)
        self.found = {
            "modules": network.modules(),
            "parameters": [
                {
                    "name": name,
                    "shape": list(array.shape),
                    "dtype": array.dtype.name,
                    "trained": True,
                    "shared_with": [],
                }
                for name, array in self.before.items()
            ],
            "optimizer": {"kind": "", "settings": {}, "table": None, "not_expressed": "arrays tell of no optimizer"},
            "loss": {"kind": network.loss or "unknown", "settings": {}},
            "network": network.layers,
            "not_expressed": network.reason,
            "layout": network.layout,
            "warnings": list(self.warnings),
        }

    def meta(self) -> Mapping[str, Any]:
        changed = {name: value for name, value in self.found.items() if self.told.get(name, self) != value}
        self.told |= changed
        return changed


def norm(array: Array) -> float:
    """The Frobenius norm, also of numbers whose squares overflow."""
    values = np.abs(array.astype(np.float64))
    largest = float(values.max(initial=0.0))
    if largest == 0 or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.sum(np.square(values / largest))))
