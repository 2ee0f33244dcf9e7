"""How the examples of each step are laid before the network: copied from where all of them stand into its batch."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.ops.quantity import Array

Lay = Callable[[], object]
Order = NDArray[np.intp]
SMALL = 1 << 18
"""Bytes of a data set up to which it is put into an epoch's order at once, within reach of the processor."""


def gather(examples: Sequence[Array], axes: Sequence[int], batch: Sequence[Array], chosen: Order) -> None:
    """Lay the chosen examples, which stand along an axis of each array."""
    for array, axis, into in zip(examples, axes, batch, strict=True):
        # "clip" writes into the batch without a buffer between; no index is out of bounds.
        array.take(chosen, axis, into, "clip")


class Shuffled:
    """The examples in the order of an epoch, of which each step has a part: `places`, the batch and the part of each.

    Small ones are put in order all at once: a step's part is then one copy.
    """

    def __init__(
        self, examples: tuple[Array, ...], axes: tuple[int, ...], places: list[tuple[tuple[Array, ...], slice]]
    ) -> None:
        self.examples, self.axes, self.places = examples, axes, places
        self.at_once = axes == (1,) and examples[0].nbytes <= SMALL
        self.ordered: Array | None = None
        self.copies: list[Lay] = []

    def lays(self, order: Order, first: int = 0) -> Iterable[Lay]:
        """What lays the batch of each step of an epoch in this order, from its step `first` on, from 0."""
        if first or not self.at_once:
            return (
                partial(gather, self.examples, self.axes, batch, order[part]) for batch, part in self.places[first:]
            )
        if self.ordered is None:
            self.ordered = np.empty_like(self.examples[0])
            self.copies = [partial(np.copyto, batch[0], self.ordered[:, part]) for batch, part in self.places]
        self.examples[0].take(order, 1, self.ordered, "clip")
        return self.copies
