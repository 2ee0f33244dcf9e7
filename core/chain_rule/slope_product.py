"""∏ |f′| against depth: what the slopes alone make of a gradient on its way down, here and in deeper networks.

A path runs through one unit of each layer. Since every unit of a layer is on as many paths as any other of it, the mean
over all paths of the product of their slopes is the product of the layers' mean slopes, exactly. With the weights
between them the mean over all paths has to be carried down from layer to layer.
"""

from itertools import repeat
from math import prod

import numpy as np

from backprop_tui.core.network.activations import activation_of
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class LayerSlopes:
    """One layer's slopes for one example: the largest that its activation has, and the mean |f′| over its units.

    `product` is that of the means from the last layer down to this one, `weighted` the mean over all paths of
    ∏ |f′| |w|. None where the step has not got there, or where the weights have changed since.
    """

    layer: int
    activation: str
    best: float
    mean: float | None = None
    product: float | None = None
    weighted: float | None = None


@dataclass(frozen=True, slots=True)
class SlopeProduct:
    """The layers that have a slope of their own, from the last to the first, at least one.

    `mean` is the geometric mean of the measured layers' mean slopes: to the power of their number it is their product.
    """

    layers: tuple[LayerSlopes, ...]
    mean: float | None

    @property
    def measured(self) -> tuple[LayerSlopes, ...]:
        """Those whose slopes this step has computed."""
        return tuple(layer for layer in self.layers if layer.mean is not None)

    def best(self, depth: int) -> float:
        """The product of the largest slopes there can be, down through so many layers; deeper ones are like the first.

        inf where no float holds it.
        """
        bests = [layer.best for layer in self.layers]
        return prod([*bests[:depth], *repeat(bests[-1], depth - len(bests))])

    def power(self, depth: int) -> float | None:
        """The mean slope to the power of the depth; None as long as there is none."""
        return None if self.mean is None else prod(repeat(self.mean, depth))

    def product(self, depth: int) -> float | None:
        """That of this run's slopes through so many layers, where there are as many and all are measured."""
        return self.layers[depth - 1].product if depth <= len(self.layers) else None

    def alike(self, depth: int) -> bool:
        """Whether the largest slope is the same all the way down to the depth."""
        return len({layer.best for layer in self.layers[:depth]}) == 1


def slope_of(plan: Plan, layer: Layer) -> Quantity | None:
    """f′ of a layer, (units, m); None where there is no such factor: softmax, or output and loss in one op."""
    if layer.activation == "softmax":
        return None
    logits = plan.find("N", layer.number) or plan["Z", layer.number]
    return plan.find(f"{activation_of(layer).symbol}′({logits.symbol})", layer.number)


def has_slopes(plan: Plan, layers: tuple[Layer, ...]) -> bool:
    return any(slope_of(plan, layer) is not None for layer in layers)


def slope_product(
    plan: Plan, layers: tuple[Layer, ...], events: int, example: int, *, weights: bool = True
) -> SlopeProduct:
    """The slopes of `example`, from 0, as far as the step has got with so many events.

    `weights`: whether the parameters are still those that the step computed with.
    """
    found: list[LayerSlopes] = []
    above: Layer | None = None
    paths = np.ones(layers[-1].units)
    product = 1.0
    with np.errstate(all="ignore"):
        for layer in reversed(layers):
            if above is not None:
                # The mean over the units above of what has come down to each, times the weight from it.
                paths = paths @ np.abs(plan["W", above.number].array.astype(np.float64)) / above.units
            above, slope = layer, slope_of(plan, layer)
            if slope is None:
                continue
            f = activation_of(layer)
            mean = weighted = None
            if slope.place < events:
                slopes = np.abs(slope.array[:, example].astype(np.float64))
                mean, paths = float(slopes.mean()), paths * slopes
                product *= mean
                weighted = float(paths.mean()) if weights else None
            found.append(
                LayerSlopes(layer.number, f.symbol, f.steepest, mean, None if mean is None else product, weighted)
            )
    return SlopeProduct(tuple(found), geometric_mean([layer.mean for layer in found if layer.mean is not None]))


def geometric_mean(means: list[float]) -> float | None:
    """0 where one of them is; None of none."""
    if not means:
        return None
    return float(np.exp(np.mean(np.log(means)))) if all(means) else 0.0
