"""What a landscape of the loss lies over: the values of one or two parameters, all others as they are."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from backprop_tui.core.chain_rule.spotlight import Spotlight, unit_symbols
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

LEAST_SIZE = 0.1
"""What a parameter counts for at least when it is settled how far a landscape goes."""


class Ground(Protocol):
    """One axis or two, along which the parameters of a network are moved.

    `axes` is how many, `layer` the lowest layer that is moved, `moved` how many parameters are.
    """

    @property
    def axes(self) -> int: ...

    @property
    def layer(self) -> int: ...

    @property
    def moved(self) -> int: ...

    def here(self, session: Session) -> Array:
        """(axes,): where the run stands."""
        ...

    def size(self, session: Session) -> float:
        """What counts for at least as far when it is settled how far the landscape goes."""
        ...

    def mover(self, layers: tuple[Layer, ...], parameters: Array) -> Callable[[Sequence[float]], None]:
        """What moves the flat vector `parameters` to a place, (axes,)."""
        ...


@dataclass(frozen=True, slots=True)
class ParameterGround:
    """One or two parameters, the first across and the second upwards: a place is their values."""

    parameters: tuple[Spotlight, ...]

    @property
    def axes(self) -> int:
        return len(self.parameters)

    @property
    def layer(self) -> int:
        return min(one.layer for one in self.parameters)

    @property
    def moved(self) -> int:
        return len(self.parameters)

    def here(self, session: Session) -> Array:
        return np.array([value_of(session, one) for one in self.parameters])

    def size(self, session: Session) -> float:
        return LEAST_SIZE

    def mover(self, layers: tuple[Layer, ...], parameters: Array) -> Callable[[Sequence[float]], None]:
        arrays = [(layers[one.layer - 1].parameters(parameters)[one.parameter], one.index) for one in self.parameters]

        def move(place: Sequence[float]) -> None:
            for (array, index), value in zip(arrays, place, strict=True):
                array[index] = value

        return move


def companions(layers: tuple[Layer, ...], spotlight: Spotlight) -> list[Spotlight]:
    """Parameters to be looked at beside the one in the spotlight, those of its own neuron first.

    They are the others of its row, from the next one on; the same of the other neurons of its layer; and the first one
    of each other layer. None in a network of one parameter.
    """
    layer = layers[spotlight.layer - 1]
    own, width = spotlight.column(layer), layer.inputs + len(unit_symbols(layer))
    row = [spotlight.at(layer, spotlight.unit, (own + step) % width) for step in range(1, width)]
    units = [spotlight.at(layer, unit, own) for unit in range(layer.units) if unit != spotlight.unit]
    return row + units + [spotlight.at(other, 0, 0) for other in layers if other is not layer]


def value_of(session: Session, spotlight: Spotlight) -> float:
    """A parameter as it stands."""
    layer = session.trainer.layers[spotlight.layer - 1]
    return float(layer.parameters(session.trainer.state.parameters)[spotlight.parameter][spotlight.index])
