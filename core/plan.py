"""A plan: the fixed list of ops that one step walks, over preallocated buffers.

There is one for each batch size and, where the optimizer has moments, for each of their two buffers; all of them
share parameters, gradient and code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from .builder import Builder
from .event import Op, Phase
from .layer import Layer
from .network import write_network
from .quantity import Array, Quantity


@dataclass(slots=True, eq=False)
class Plan:
    """`events` are what a step yields: `started`, the ops, `finished`. `batch`: (m, columns), the rows of the examples.

    A quantity is there once as many events have run as its place says, itself counted from 0.
    """

    examples: int
    batch: Array
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
    """How the row of one example is laid out: features, a one (the bias's input), targets."""

    features: int
    outputs: int

    @property
    def count(self) -> int:
        return self.features + 1 + self.outputs

    def rows(self, inputs: Array, targets: Array, dtype: np.dtype[np.floating]) -> Array:
        """(n, count) rows of n examples from inputs (features, n) and targets (outputs, n)."""
        rows = np.ones((inputs.shape[1], self.count), dtype)
        rows[:, : self.features] = inputs.T
        rows[:, self.features + 1 :] = targets.T
        return rows

    def batch_quantities(self, batch: Array) -> tuple[Quantity, Quantity]:
        """X: (features, m) and Y: (outputs, m), views of the batch's rows, one column an example."""
        axes = ("unit", "example")
        X = Quantity("X", None, batch[:, : self.features].T, axes, "inputs", 0, batch[:, : self.features + 1].T)
        return X, Quantity("Y", None, batch[:, self.features + 1 :].T, axes, "targets", 0)


def start(builder: Builder, columns: Columns) -> tuple[Array, Quantity]:
    """A batch buffer (m, columns) for the builder's number of examples, with X and Y entered; returns it and X."""
    batch = np.ones((builder.examples, columns.count), dtype=builder.dtype)
    X, Y = columns.batch_quantities(batch)
    builder.given(X)
    builder.given(Y)
    return batch, X


def finish(builder: Builder, batch: Array, calls: tuple[partial[object], ...] = ()) -> Plan:
    """The plan of what has been written; `calls` finish the step."""
    X, Y = builder.quantities["X", None], builder.quantities["Y", None]
    started = Op("start", "step started", None, "", "A batch of examples is laid before the network.", writes=(X, Y))
    finished = Op(
        "finish",
        "step finished",
        None,
        "θ ← θ + Δθ",
        "All parameters change at once, by what the updates have worked out.",
        calls=calls,
        place=len(builder.ops) + 1,
    )
    loss: Callable[[], float] = builder.quantities["ℒ", None].array.item
    return Plan(builder.examples, batch, tuple(builder.ops), started, finished, builder.quantities, loss)


def evaluation_plan(layers: tuple[Layer, ...], loss: str, parameters: Array, columns: Columns, examples: int) -> Plan:
    """A plan of the forward pass and the loss alone, over the same parameters."""
    builder = Builder(examples, parameters, parameters)
    batch, X = start(builder, columns)
    write_network(builder, layers, loss, X, backward=False)
    return finish(builder, batch)
