"""A plan: the fixed list of ops that one step walks, over preallocated buffers.

There is one for each batch size and, where the optimizer has moments, for each of their two buffers; all of them
share parameters, gradient and code.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import DTypeLike

from backprop_tui.core.network.network import write_network
from backprop_tui.core.ops.builder import Builder, Mode
from backprop_tui.core.ops.event import Op, Phase
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array, Quantity
from backprop_tui.core.value_class import dataclass

NARROW = 32
"""Numbers an example up to which gathering them one by one costs less than it saves."""


@dataclass(slots=True, eq=False)
class Plan:
    """`events` are what a step yields: `started`, the ops, `finished`. `batch` is where the examples are laid.

    A quantity is there once as many events have run as its place says, itself counted from 0.
    """

    examples: int
    batch: tuple[Array, ...]
    ops: tuple[Op, ...]
    started: Op
    finished: Op
    quantities: dict[tuple[str, int | None], Quantity]
    loss: Callable[[], float]

    @property
    def events(self) -> tuple[Op, ...]:
        return (self.started, *self.ops, self.finished)

    def find(self, symbol: str, layer: int | None = None) -> Quantity | None:
        """The quantity of that symbol and layer, or None where this network has no such."""
        return self.quantities.get((symbol, layer))

    def __getitem__(self, key: tuple[str, int | None]) -> Quantity:
        return self.quantities[key]

    def writer(self, quantity: Quantity) -> Op | None:
        """The op that writes `quantity`; None for a parameter, the step's start for the batch."""
        return None if quantity.place < 0 else self.events[quantity.place]

    def multiply_adds(self, phase: Phase) -> int:
        return sum(op.multiply_adds for op in self.ops if op.phase == phase)


@dataclass(frozen=True, slots=True)
class Columns:
    """How examples are laid in memory: features, a one (the bias's input), targets, in one array or in two.

    X and Y are in one piece of memory each, which small calls and products of large arrays are faster on. Narrow
    examples are the columns of one array (features + 1 + outputs, n); of wide ones, which are faster to gather whole,
    the inputs are the rows of an array (n, features + 1) and the targets the columns of another (outputs, n).
    """

    features: int
    outputs: int

    @property
    def count(self) -> int:
        return self.features + 1 + self.outputs

    @property
    def axes(self) -> tuple[int, ...]:
        """For each of the arrays the axis of the examples."""
        return (1,) if self.count <= NARROW else (0, 1)

    def blank(self, examples: int, dtype: DTypeLike) -> tuple[Array, ...]:
        """The arrays of so many examples, full of ones."""
        if self.count <= NARROW:
            return (np.ones((self.count, examples), dtype),)
        return np.ones((examples, self.features + 1), dtype), np.ones((self.outputs, examples), dtype)

    def parts(self, arrays: tuple[Array, ...]) -> tuple[Array, Array]:
        """Inputs with their row of ones (features + 1, n) and targets (outputs, n), views of the arrays."""
        if self.count <= NARROW:
            return arrays[0][: self.features + 1], arrays[0][self.features + 1 :]
        return arrays[0].T, arrays[1]

    def laid(self, inputs: Array, targets: Array, dtype: DTypeLike) -> tuple[Array, ...]:
        """The arrays of n examples from inputs (features, n) and targets (outputs, n)."""
        arrays = self.blank(inputs.shape[1], dtype)
        laid_inputs, laid_targets = self.parts(arrays)
        laid_inputs[: self.features] = inputs
        laid_targets[:] = targets
        return arrays

    def quantities(self, batch: tuple[Array, ...]) -> tuple[Quantity, Quantity]:
        """X: (features, m) and Y: (outputs, m) of a batch."""
        axes = ("unit", "example")
        inputs, targets = self.parts(batch)
        X = Quantity("X", None, inputs[: self.features], axes, "inputs", 0, inputs)
        return X, Quantity("Y", None, targets, axes, "targets", 0)


def start(builder: Builder, columns: Columns) -> tuple[tuple[Array, ...], Quantity]:
    """The arrays of a batch of the builder's number of examples, with X and Y entered; returns them and X."""
    batch = columns.blank(builder.examples, builder.dtype)
    X, Y = columns.quantities(batch)
    builder.given(X)
    builder.given(Y)
    return batch, X


def finish(builder: Builder, batch: tuple[Array, ...], calls: tuple[partial[object], ...] = ()) -> Plan:
    """The plan of what has been written; `calls` finish the step."""
    given = tuple(quantity for quantity in builder.quantities.values() if quantity.place == 0)
    started = Op("start", "step started", None, "", "A batch of examples is laid before the network.", writes=given)
    finished = Op(
        "finish",
        "step finished",
        None,
        "θ ← θ + Δθ",
        "All parameters change at once, by what the updates have worked out.",
        calls=(*calls, *builder.finishing),
        place=len(builder.ops) + 1,
    )
    loss: Callable[[], float] = builder.quantities["ℒ", None].array.item
    return Plan(builder.examples, batch, tuple(builder.ops), started, finished, builder.quantities, loss)


def evaluation_plan(
    layers: tuple[Layer, ...], loss: str, parameters: Array, statistics: Array, columns: Columns, examples: int
) -> Plan:
    """A plan of the forward pass and the loss alone, over the same parameters, in evaluation mode."""
    builder = Builder(examples, parameters, parameters, Mode(training=False, statistics=statistics))
    batch, X = start(builder, columns)
    write_network(builder, layers, loss, X, backward=False)
    return finish(builder, batch)
