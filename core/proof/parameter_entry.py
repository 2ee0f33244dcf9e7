"""The single parameters of a network: each with its array, its index there and its place in the flat vector."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import TYPED, Index
from backprop_tui.core.preset import chance
from backprop_tui.core.value_class import dataclass

ArrayKey = tuple[str, int]
"""Symbol and layer, from 1, of a parameter array."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter: its array's symbol and layer (from 1), its index there and its place in the flat vector."""

    symbol: str
    layer: int
    index: Index
    position: int

    @property
    def array(self) -> str:
        """Its array as it is typed: `W2`."""
        return array_name(self.symbol, self.layer)

    @property
    def name(self) -> str:
        """As it is typed: `W2[1,3]`."""
        return f"{self.array}[{','.join(str(i + 1) for i in self.index)}]"


def array_name(symbol: str, layer: int) -> str:
    """A parameter array as it is typed: `W2`, `gamma1`."""
    return f"{TYPED.get(symbol, symbol)}{layer}"


def positions(layers: Sequence[Layer]) -> dict[ArrayKey, NDArray[np.intp]]:
    """Of every parameter array of the network, where in the flat vector each of its entries stands."""
    count = np.arange(sum(layer.size for layer in layers), dtype=np.float64)
    return {
        (symbol, layer.number): places.astype(np.intp)
        for layer in layers
        for symbol, places in layer.parameters(count).items()
    }


def sizes(layers: Sequence[Layer]) -> dict[ArrayKey, int]:
    """How many entries each parameter array has."""
    return {key: places.size for key, places in positions(layers).items()}


def entry_at(layers: Sequence[Layer], symbol: str, layer: int, index: Index) -> Entry:
    """The entry of the array `symbol` of `layer` (from 1) at `index` (from 0).

    Raises KeyError for an array that the network does not have, IndexError for an index outside it.
    """
    return Entry(symbol, layer, index, int(positions(layers)[symbol, layer][index]))


def all_entries(layers: Sequence[Layer]) -> tuple[Entry, ...]:
    """Every parameter, array by array."""
    return tuple(
        Entry(*key, index, int(places[index]))
        for key, places in positions(layers).items()
        for index in np.ndindex(places.shape)
    )


def drawn_entries(layers: Sequence[Layer], seed: int, sample: int) -> tuple[Entry, ...]:
    """`sample` parameters drawn by `seed`, array by array: as many of each as of any other, or all that it has.

    So that a small array is not lost beside a large one. At least one of each array, even where that is more.
    """
    random = chance.generator(seed, "check")
    arrays = positions(layers)
    wanted = shares([places.size for places in arrays.values()], sample)
    entries = []
    for (key, places), count in zip(arrays.items(), wanted, strict=True):
        for flat in np.sort(random.choice(places.size, count, replace=False)):
            index = tuple(int(i) for i in np.unravel_index(flat, places.shape))
            entries.append(Entry(*key, index, int(places[index])))
    return tuple(entries)


def shares(available: Sequence[int], sample: int) -> list[int]:
    """`sample` shared out as evenly as what is available allows, at least 1 to each."""
    left = max(sample, len(available))
    found = [0] * len(available)
    smallest_first = sorted(range(len(available)), key=lambda i: available[i])
    for done, i in enumerate(smallest_first):
        found[i] = min(available[i], left // (len(available) - done))
        left -= found[i]
    return found
