"""The builder of a plan: parts of layers, losses and optimizers write their ops and buffers into it.

It sees to it that a step is pure: each quantity is written once, and nothing is read before it is written.
"""

from functools import cache

import numpy as np
from numpy.typing import DTypeLike

from .event import Op
from .layer import Layer
from .quantity import ALWAYS, Array, Quantity

UNWRITTEN = ALWAYS - 1
"""The place of a quantity that no op writes yet."""


class Builder:
    """Ops and quantities of one step with `examples` examples, over the vectors that hold parameters and gradients.

    parameters, gradient: (size,), the flat vectors that the layers' blocks are views of.
    """

    def __init__(self, examples: int, parameters: Array, gradient: Array) -> None:
        self.examples = examples
        self.parameters = parameters
        self.gradient = gradient
        self.ops: list[Op] = []
        self.quantities: dict[tuple[str, int | None], Quantity] = {}
        self.constant = cache(self._constant)

    @property
    def dtype(self) -> DTypeLike:
        return self.parameters.dtype

    def branch(self) -> "Builder":
        """A builder that goes on from here by itself: what is written so far is shared, what comes is its own."""
        other = Builder(self.examples, self.parameters, self.gradient)
        other.ops = list(self.ops)
        other.quantities = dict(self.quantities)
        return other

    def _constant(self, number: float) -> Array:
        """`number` as a 0-d array of the plan's type: a Python float costs a ufunc 15 to 20 % more."""
        return np.array(number, dtype=self.dtype)

    def ones(self, count: int, value: float = 1.0) -> Array:
        """`value`, `count` times: the dot product with it is a sum, at a sixth of the cost of np.sum."""
        return np.full(count, value, dtype=self.dtype)

    def given(self, quantity: Quantity) -> Quantity:
        """Enter a quantity that is there before the step's first op."""
        self.quantities[quantity.symbol, quantity.layer] = quantity
        return quantity

    def parameter(self, symbol: str, layer: Layer, array: Array, meaning: str) -> Quantity:
        axes = ("unit", "input") if array.ndim == 2 else ("unit",)
        return self.given(Quantity(symbol, layer.number, array, axes, meaning))

    def weights(self, layer: Layer) -> tuple[Quantity, Quantity | None]:
        """W and b of a layer, b None where it has no bias."""
        if ("W", layer.number) not in self.quantities:
            self.parameter("W", layer, layer.weights(self.parameters), f"weights of layer {layer.number}")
            biases = layer.biases(self.parameters)
            if biases is not None:
                self.parameter("b", layer, biases, f"biases of layer {layer.number}")
        return self.quantities["W", layer.number], self.quantities.get(("b", layer.number))

    def view(self, symbol: str, layer: int | None, array: Array, axes: tuple[str, ...], meaning: str) -> Quantity:
        """A quantity that an op is going to write into `array`."""
        return Quantity(symbol, layer, array, axes, meaning, place=UNWRITTEN)

    def per_unit(self, symbol: str, layer: int | None, units: int, meaning: str, *, ones: bool = False) -> Quantity:
        """A new (units, m) buffer for an op to write; with `ones`, above a row of ones."""
        buffer = np.ones((units + ones, self.examples), dtype=self.dtype)
        quantity = self.view(symbol, layer, buffer[:units], ("unit", "example"), meaning)
        quantity.with_ones = buffer if ones else None
        return quantity

    def per_example(self, symbol: str, layer: int | None, meaning: str) -> Quantity:
        """A new (m,) buffer for an op to write."""
        return self.view(symbol, layer, np.zeros(self.examples, dtype=self.dtype), ("example",), meaning)

    def number(self, symbol: str, meaning: str) -> Quantity:
        """A new 0-d buffer for an op to write."""
        return self.view(symbol, None, np.zeros((), dtype=self.dtype), (), meaning)

    def add(self, op: Op) -> Op:
        """Append an op. What it writes is from now on there to be read, and by no other op to be written.

        Raises AssertionError where the plan would read the unwritten or write twice: a mistake in a part.
        """
        op.place = len(self.ops) + 1
        for quantity in op.reads:
            assert quantity.place != UNWRITTEN, f"{op.name} reads {quantity.name} before it is written"
        for quantity in op.writes:
            assert quantity.place == UNWRITTEN, f"{op.name} writes {quantity.name} a second time"
            quantity.place = op.place
            self.quantities[quantity.symbol, quantity.layer] = quantity
        self.ops.append(op)
        return op
