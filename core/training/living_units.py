"""Living units: those of layers that cut to 0 which give something for some example of the training set.

To see that a unit lives one example is enough, the one for which it gave most when all were last looked at. Only
when one of these witnesses fails is the whole training set run.
"""

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array

from .evaluation import Evaluator, portions_of
from .limits import portion_of
from .plan import Plan

PLAIN = 1e-6
"""A witness that gives less is not trusted: with other examples beside it, rounding may be another."""


def cuts_to_zero(layer: Layer) -> bool:
    """Whether a unit of the layer gives exactly 0, with slope 0, for everything below 0."""
    return layer.activation == "relu" or (layer.activation == "leaky_relu" and layer.slope == 0)


def given(plan: Plan, layer: Layer) -> Array:
    """What the activation of a layer gives, (units, n)."""
    found = plan.find("F", layer.number) or plan["A", layer.number]
    return found.array


class LivingUnits:
    """Finds them, time and again, in a network that learns."""

    def __init__(self) -> None:
        self.witnesses: NDArray[np.intp] = np.zeros(0, dtype=np.intp)

    def find(self, evaluator: Evaluator) -> dict[int, list[bool]]:
        """For every layer that cuts to 0 whether its units live, with the evaluator's network as it stands."""
        layers = [layer for layer in evaluator.trainer.layers if cuts_to_zero(layer)]
        if not layers:
            return {}
        inputs = evaluator.dataset.inputs
        units = sum(layer.units for layer in layers)
        few = units < min(inputs.shape[1], portion_of(len(inputs)))
        if few and len(self.witnesses) == units and self.all_testify(evaluator, layers):
            return {layer.number: [True] * layer.units for layer in layers}
        most, living = np.full(units, -np.inf), np.zeros(units, dtype=bool)
        self.witnesses = np.zeros(units, dtype=np.intp)
        for part in portions_of(inputs):
            plan = evaluator.run(inputs[:, part])
            places = np.concatenate([given(plan, layer).argmax(axis=1) for layer in layers])
            largest = np.concatenate([given(plan, layer).max(axis=1) for layer in layers])
            living |= np.concatenate([given(plan, layer).any(axis=1) for layer in layers])
            self.witnesses = np.where(largest > most, part.start + places, self.witnesses)
            most = np.maximum(largest, most)
        ends = np.cumsum([layer.units for layer in layers])
        return {layer.number: own.tolist() for layer, own in zip(layers, np.split(living, ends[:-1]), strict=True)}

    def all_testify(self, evaluator: Evaluator, layers: list[Layer]) -> bool:
        """Whether every unit plainly gives something for its own witness."""
        plan = evaluator.run(evaluator.dataset.inputs[:, self.witnesses])
        begin = 0
        for layer in layers:
            own = np.arange(layer.units)
            if not (given(plan, layer)[own, begin + own] > PLAIN).all():
                return False
            begin += layer.units
        return True
