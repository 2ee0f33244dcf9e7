"""The spotlight: the one parameter and the one example whose numbers are followed through every op."""

from dataclasses import replace

from backprop_tui.core.ops.expression import Reference
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.preset.parameter_name import ParameterName
from backprop_tui.core.value_class import dataclass

UNIT_SYMBOLS = ("b", "γ", "β")
"""The parameters that a unit has one of each, in the order in which the spotlight passes them, behind its weights."""


def unit_symbols(layer: Layer) -> list[str]:
    """Those of UNIT_SYMBOLS that a layer has."""
    return [s for s in UNIT_SYMBOLS if (layer.has_bias if s == "b" else layer.batch_norm)]


@dataclass(frozen=True, slots=True)
class Spotlight:
    """A weight of `layer` (from 1) from `input` to `unit`, or with `input` None the unit's `symbol`; and an `example`.

    Units, inputs and examples count from 0.
    """

    layer: int
    unit: int
    input: int | None
    example: int = 0
    symbol: str = "b"

    @classmethod
    def named(cls, name: ParameterName, example: int) -> "Spotlight":
        """The spotlight on the parameter `name`, and on an example counted from 0."""
        if name.column is not None:
            return cls(name.layer, name.row - 1, name.column - 1, example)
        return cls(name.layer, name.row - 1, None, example, name.symbol)

    @property
    def parameter(self) -> str:
        """The symbol of the parameter array that it is on: W, b, γ or β."""
        return self.symbol if self.input is None else "W"

    @property
    def index(self) -> Index:
        """Its place in that array."""
        return (self.unit,) if self.input is None else (self.unit, self.input)

    @property
    def name(self) -> ParameterName:
        column = None if self.input is None else self.input + 1
        return ParameterName(self.parameter, self.layer, self.unit + 1, column)

    def focus(self, layer: int) -> int:
        """The unit of a layer (0: the inputs) that the spotlight follows: its own, its input, elsewhere the first."""
        if layer == self.layer:
            return self.unit
        return self.input or 0 if layer == self.layer - 1 else 0

    def entry(self, quantity: Quantity, last: int) -> Index:
        """The entry of a quantity that the spotlight falls on; `last` is the number of the output layer."""
        layer = quantity.layer
        if layer is None:
            layer = 0 if quantity.symbol == "X" else last
        sizes = quantity.array.shape
        places = {"unit": self.focus(layer), "input": self.focus(layer - 1), "example": self.example}
        return tuple(min(places[axis], size - 1) for axis, size in zip(quantity.axes, sizes, strict=True))

    def covers(self, quantity: Quantity) -> bool:
        """Whether the entry is the very parameter in the spotlight, its gradient or what its update made of it."""
        own, symbol = self.parameter, quantity.symbol
        return quantity.layer == self.layer and (symbol in (own, f"d{own}", f"Δ{own}") or symbol.endswith(f"({own})"))

    def holds(self, reference: Reference) -> bool:
        """Whether an entry is the very parameter in the spotlight, or a number of its neuron for some example."""
        quantity = reference.quantity
        if quantity.layer != self.layer:
            return False
        if quantity.symbol == self.parameter:
            return reference.index == self.index
        return quantity.axes == ("unit", "example") and reference.index[0] == self.unit

    def column(self, layer: Layer) -> int:
        """Its place in a row of its layer's parameters: the weights first, then b, γ and β."""
        return layer.inputs + unit_symbols(layer).index(self.symbol) if self.input is None else self.input

    def moved(self, layers: tuple[Layer, ...], rows: int, columns: int) -> "Spotlight":
        """The spotlight so many rows and columns on in its layer's parameters.

        Past the last column comes the first of the next layer, before the first the last of the layer below.
        """
        layer = layers[self.layer - 1]
        unit = min(max(self.unit + rows, 0), layer.units - 1)
        column, width = self.column(layer) + columns, layer.inputs + len(unit_symbols(layer))
        if 0 <= column < width:
            return self.at(layer, unit, column)
        neighbour = layer.number + (1 if column > 0 else -1)
        if not 1 <= neighbour <= len(layers):
            return self.at(layer, unit, min(max(column, 0), width - 1))
        other = layers[neighbour - 1]
        last = other.inputs + len(unit_symbols(other)) - 1
        return self.at(other, min(unit, other.units - 1), 0 if column > 0 else last)

    def at(self, layer: Layer, unit: int, column: int) -> "Spotlight":
        """The spotlight on a unit's parameter in a given column."""
        if column < layer.inputs:
            return replace(self, layer=layer.number, unit=unit, input=column)
        symbol = unit_symbols(layer)[column - layer.inputs]
        return replace(self, layer=layer.number, unit=unit, input=None, symbol=symbol)
