"""The builder of a plan: parts of layers, losses and optimizers write their ops and buffers into it.

It sees to it that a step is pure: each quantity is written once, and nothing is read before it is written.
"""

import sys
from collections.abc import Callable
from dataclasses import field
from functools import cache

import numpy as np
from numpy.typing import DTypeLike

from backprop_tui.core.value_class import dataclass

from .event import Call, Op
from .layer import Layer
from .quantity import ALWAYS, Array, Quantity

UNWRITTEN = ALWAYS - 1
"""The place of a quantity that no op writes yet."""


NO_STATISTICS: Array = np.zeros(0)
MEANINGS = {"W": "weights", "b": "biases", "γ": "scale after normalization", "β": "shift after normalization"}
DrawMask = Callable[[int, Array], None]


@dataclass(frozen=True, slots=True)
class Mode:
    """What a pass is for, where that makes a difference to batch norm and dropout.

    `training`: normalize with the batch's own statistics and drop units; else with the running ones, and drop none.
    `statistics`: the flat vector of running statistics of all layers. `keep`: whether finishing the step moves them.
    `draw_mask(layer, mask)` fills the dropout mask (units, m) of a layer; None where masks are laid beforehand.
    """

    training: bool = True
    statistics: Array = field(default_factory=lambda: NO_STATISTICS)
    keep: bool = True
    draw_mask: DrawMask | None = None


class Builder:
    """Ops and quantities of one step with `examples` examples, over the vectors that hold parameters and gradients.

    parameters, gradient: (size,), the flat vectors that the layers' blocks are views of. `finishing` are calls that
    belong to the step's finish.
    """

    def __init__(self, examples: int, parameters: Array, gradient: Array, mode: Mode | None = None) -> None:
        self.examples = examples
        self.parameters = parameters
        self.gradient = gradient
        self.mode = mode or Mode()
        self.ops: list[Op] = []
        self.finishing: list[Call] = []
        self.quantities: dict[tuple[str, int | None], Quantity] = {}
        self.constant = cache(self._constant)

    @property
    def dtype(self) -> DTypeLike:
        return self.parameters.dtype

    def branch(self) -> "Builder":
        """A builder that goes on from here by itself: what is written so far is shared, what comes is its own."""
        other = Builder(self.examples, self.parameters, self.gradient, self.mode)
        other.ops = list(self.ops)
        other.finishing = list(self.finishing)
        other.quantities = dict(self.quantities)
        return other

    def _constant(self, number: float) -> Array:
        """`number` as a 0-d array of the plan's type, infinite where that has none as large.

        A Python float costs a ufunc 15 to 20 % more.
        """
        with np.errstate(over="ignore"):
            return np.array(number, dtype=self.dtype)

    def ones(self, count: int, value: float = 1.0) -> Array:
        """`value`, `count` times: the dot product with it is a sum, at a sixth of the cost of np.sum."""
        return np.full(count, value, dtype=self.dtype)

    def given(self, quantity: Quantity) -> Quantity:
        """Enter a quantity that is there before the step's first op."""
        self.quantities[quantity.symbol, quantity.layer] = quantity
        return quantity

    def layer_parameters(self, layer: Layer) -> dict[str, Quantity]:
        """The parameters of a layer by their symbols: W: (units, inputs), b, γ, β: (units,), those that it has."""
        found = {}
        for symbol, array in layer.parameters(self.parameters).items():
            if (symbol, layer.number) not in self.quantities:
                axes = ("unit", "input") if array.ndim == 2 else ("unit",)
                self.given(Quantity(symbol, layer.number, array, axes, f"{MEANINGS[symbol]} of layer {layer.number}"))
            found[symbol] = self.quantities[symbol, layer.number]
        return found

    def below(self, layer: Layer) -> Quantity:
        """What a layer's input is: the activations of the layer below, (inputs, m), or X."""
        return self.quantities["X", None] if layer.number == 1 else self.quantities["A", layer.number - 1]

    def logits(self, layer: int) -> Quantity:
        """What the activation of a layer is applied to: N behind a batch norm, else Z; (units, m)."""
        return self.quantities.get(("N", layer)) or self.quantities["Z", layer]

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

    def of_units(self, symbol: str, layer: int, units: int, meaning: str) -> Quantity:
        """A new (units,) buffer for an op to write."""
        return self.view(symbol, layer, np.zeros(units, dtype=self.dtype), ("unit",), meaning)

    def number(self, symbol: str, meaning: str) -> Quantity:
        """A new 0-d buffer for an op to write."""
        return self.view(symbol, None, np.zeros((), dtype=self.dtype), (), meaning)

    def add(self, op: Op) -> Op:
        """Append an op. What it writes is from now on there to be read, and by no other op to be written.

        Raises AssertionError where the plan would read the unwritten or write twice: a mistake in a part.
        """
        op.place = len(self.ops) + 1
        writer = sys._getframe(1)
        op.source = writer.f_globals["__name__"], writer.f_lineno
        for quantity in op.reads:
            assert quantity.place != UNWRITTEN, f"{op.name} reads {quantity.name} before it is written"
        for quantity in op.writes:
            assert quantity.place == UNWRITTEN, f"{op.name} writes {quantity.name} a second time"
            quantity.place = op.place
            self.quantities[quantity.symbol, quantity.layer] = quantity
        self.ops.append(op)
        return op
