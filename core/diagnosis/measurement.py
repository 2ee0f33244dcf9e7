"""A measurement: everything that the rules of the diagnosis look at, in one step just before its finish."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import isfinite

import numpy as np

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array, of_layer
from backprop_tui.core.value_class import dataclass

from .circumstances import Circumstances
from .held_out_trend import HeldOutTrend
from .loss_trend import Trend
from .statistics import LayerStatistics, Units

EQUAL = 1e-9
"""Weights that differ by less, in shares of the largest of their two rows, are the same: products of equal rows may
differ that much."""


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest ‖ΔW‖/‖W‖ that was measured so far: how large, in which layer, at which step."""

    ratio: float
    layer: int
    step: int


@dataclass(frozen=True, slots=True)
class Measurement:
    """Step `step`. `loss`: its ℒ, `level`: that as a level (see `Trend`).

    `gradient`, `parameters`: the norms of ∇ℒ and θ; `first_gradient`, `first_parameters`: those in step 1.

    `ratio`: ‖ΔW‖/‖W‖ of all layers together, the median of the last few measurements; `first_ratio`: that of step 1;
    `largest`: the largest that one layer had in the whole run.
    `silent`: for layers that were looked at, the units that give 0 for the whole training set. `twins`: for layers
    that have any, the units that are the same as another one. `answered`: the classes
    that the whole training set is answered with, None where nobody looked. `at_optimum`: whether the
    gradient is next to nothing and no parameters near these were found to be better. `gain_of_more`: what share of the
    network's errors a further answer explains, None where nobody looked. `examples` and `batch`: of the
    training set, of a step.
    """

    step: int
    loss: float
    level: float
    layers: tuple[LayerStatistics, ...]
    trend: Trend
    gradient: float
    first_gradient: float
    parameters: float
    ratio: float
    first_ratio: float
    largest: Largest
    silent: Mapping[int, Units]
    twins: Mapping[int, Units]
    test: HeldOutTrend | None
    circumstances: Circumstances
    first_parameters: float
    answered: tuple[int, ...] | None
    at_optimum: bool
    gain_of_more: float | None
    examples: int
    batch: int

    @property
    def loss_kind(self) -> str:
        return self.circumstances.preset.loss.kind

    @property
    def elasticity(self) -> float:
        """‖∇ℒ‖ ‖θ‖ / ℒ: by what share the loss would change, for each share that the parameters change by."""
        return self.gradient * self.parameters / abs(self.loss) if self.loss else 0.0

    def layer(self, number: int) -> LayerStatistics:
        return self.layers[number - 1]

    @property
    def finite(self) -> bool:
        """Whether all that the step wrote is finite."""
        total = self.loss
        for layer in self.layers:
            total += layer.weights + (layer.gradient or 0.0) + (layer.error or 0.0) + (layer.update or 0.0)
            total += layer.preactivations[1] if layer.preactivations else 0.0
        # Norms are not negative: what is infinite or none stays so in a sum. Only then is it worth looking closer.
        return isfinite(total) or all(isfinite(value) for _, _, value in self.numbers())

    def numbers(self) -> Iterator[tuple[str, int | None, float]]:
        """Names, layers and sizes of what the step wrote, in its order: forward, loss, backward, update."""
        for layer in self.layers:
            yield of_layer("W", layer.layer), layer.layer, layer.weights
            if layer.preactivations is not None:
                yield of_layer("Z", layer.layer), layer.layer, layer.preactivations[1]
        yield "ℒ", None, self.loss
        for layer in reversed(self.layers):
            yield of_layer("dZ", layer.layer), layer.layer, layer.error or 0.0
            yield of_layer("dW", layer.layer), layer.layer, layer.gradient or 0.0
        for layer in self.layers:
            yield of_layer("ΔW", layer.layer), layer.layer, layer.update or 0.0


def twins(layers: tuple[Layer, ...], parameters: Array, targets: Array) -> dict[int, Units]:
    """For every layer that has any: the units, from 1, with the parameters and outgoing weights of another.

    Outputs, of targets (outputs, n), are no twins where their targets are the same.
    """
    found = {}
    for layer, above in pairwise(layers):
        own = [array.reshape(layer.units, -1) for array in layer.parameters(parameters).values()]
        same = same_rows(np.concatenate([*own, above.weights(parameters).T], axis=1))
        if same:
            found[layer.number] = same
    last = layers[-1]
    own = [array.reshape(last.units, -1) for array in last.parameters(parameters).values()]
    same = same_rows(np.concatenate(own, axis=1))
    alike = same_rows(np.concatenate([*own, targets], axis=1)) if same else ()
    if set(same) - set(alike):
        found[last.number] = tuple(unit for unit in same if unit not in alike)
    return found


def same_rows(rows: Array) -> Units:
    """The rows, from 1, that are the same as another; rows: (units, n)."""
    if not np.isfinite(rows).all():
        return ()
    scale = np.abs(rows).max(axis=1)
    # Rows that are the same have the same sum with any weights: sorted by it they are neighbours.
    order = np.argsort(rows @ np.cos(np.arange(rows.shape[1])), kind="stable")
    larger = np.maximum(scale[order][1:], scale[order][:-1])
    near = (np.abs(np.diff(rows[order], axis=0)) <= EQUAL * larger[:, np.newaxis]).all(axis=1)
    same = np.append(near, False) | np.insert(near, 0, False)
    return tuple(sorted((order[same] + 1).tolist()))
