"""The spotlight: the one parameter and the one example whose numbers are followed through every op."""

from dataclasses import dataclass, replace

from .layer import Layer
from .parameter_name import ParameterName
from .quantity import Index, Quantity


@dataclass(frozen=True, slots=True)
class Spotlight:
    """A weight of `layer` (from 1) from `input` to `unit`, or with `input` None the unit's bias; and an `example`.

    Units, inputs and examples count from 0.
    """

    layer: int
    unit: int
    input: int | None
    example: int = 0

    @classmethod
    def named(cls, name: ParameterName, example: int) -> "Spotlight":
        """The spotlight on the parameter `name`, and on an example counted from 0."""
        return cls(name.layer, name.row - 1, None if name.column is None else name.column - 1, example)

    @property
    def name(self) -> ParameterName:
        column = None if self.input is None else self.input + 1
        return ParameterName("W" if column else "b", self.layer, self.unit + 1, column)

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
        """Whether the entry is the very parameter in the spotlight, its gradient or its change."""
        of_bias = quantity.symbol in ("b", "db", "Δb", "g(b)", "m(b)", "v(b)")
        of_weight = quantity.symbol in ("W", "dW", "ΔW", "g(W)", "m(W)", "v(W)")
        return quantity.layer == self.layer and (of_bias if self.input is None else of_weight)

    def moved(self, layers: tuple[Layer, ...], rows: int, columns: int) -> "Spotlight":
        """The spotlight so many rows and columns on in its layer's `[W | b]`.

        Past the last column comes the first of the next layer, before the first the last of the layer below.
        """
        layer = layers[self.layer - 1]
        unit = min(max(self.unit + rows, 0), layer.units - 1)
        column = (layer.inputs if self.input is None else self.input) + columns
        if 0 <= column < layer.columns:
            return self.at(layer, unit, column)
        neighbour = layer.number + (1 if column > 0 else -1)
        if not 1 <= neighbour <= len(layers):
            return self.at(layer, unit, min(max(column, 0), layer.columns - 1))
        other = layers[neighbour - 1]
        return self.at(other, min(unit, other.units - 1), 0 if column > 0 else other.columns - 1)

    def at(self, layer: Layer, unit: int, column: int) -> "Spotlight":
        return replace(self, layer=layer.number, unit=unit, input=column if column < layer.inputs else None)
