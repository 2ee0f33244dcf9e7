"""One layer: its sizes, and where its parameters stand in the flat vector of all parameters.

All parameters are one vector, and so are all gradients and every moment of an optimizer; a layer sees its part of any
of them as the block `[W | b]`, one row a neuron.
"""

from backprop_tui.core.value_class import dataclass

from .quantity import TYPED, Array


@dataclass(frozen=True, slots=True)
class Layer:
    """A dense layer. `start` is the offset of its parameters: the block `[W | b]`, (units, inputs + 1) or, without
    bias, (units, inputs); then, with batch norm, γ and β, (units,) each.

    `statistics` is the offset of its running mean and variance in the vector of all running statistics.
    """

    number: int
    inputs: int
    units: int
    activation: str
    has_bias: bool
    start: int
    slope: float = 0.01
    batch_norm: bool = False
    dropout: float = 0.0
    residual: bool = False
    statistics: int = 0

    @property
    def columns(self) -> int:
        return self.inputs + self.has_bias

    @property
    def block_size(self) -> int:
        return self.units * self.columns

    @property
    def size(self) -> int:
        """The number of parameters."""
        return self.block_size + 2 * self.units * self.batch_norm

    @property
    def statistics_size(self) -> int:
        """How many running statistics it has."""
        return 2 * self.units * self.batch_norm

    def block(self, vector: Array) -> Array:
        """`[W | b]`: (units, inputs + 1), contiguous, a view of `vector`."""
        return vector[self.start : self.start + self.block_size].reshape(self.units, self.columns)

    def weights(self, vector: Array) -> Array:
        """W: (units, inputs), a view of `vector`."""
        return self.block(vector)[:, : self.inputs]

    def biases(self, vector: Array) -> Array | None:
        """b: (units,), a view of `vector`; None in a layer without bias."""
        return self.block(vector)[:, self.inputs] if self.has_bias else None

    def parameters(self, vector: Array) -> dict[str, Array]:
        """Every parameter array of the layer by its symbol, in the order of the vector; views of `vector`.

        W: (units, inputs), b: (units,), γ: (units,), β: (units,); those that the layer has.
        """
        found = {"W": self.weights(vector)}
        biases = self.biases(vector)
        if biases is not None:
            found["b"] = biases
        if self.batch_norm:
            begin = self.start + self.block_size
            found["γ"] = vector[begin : begin + self.units]
            found["β"] = vector[begin + self.units : begin + 2 * self.units]
        return found

    @property
    def names(self) -> dict[str, str]:
        """The names of its parameters as they are typed, by symbol: `γ` is `gamma2`."""
        symbols = ("W", *("b" * self.has_bias), *("γβ" * self.batch_norm))
        return {symbol: f"{TYPED.get(symbol, symbol)}{self.number}" for symbol in symbols}

    def running(self, statistics: Array) -> tuple[Array, Array]:
        """Running mean and variance of its preactivations, (units,) each; views of all running statistics."""
        begin = self.statistics
        return statistics[begin : begin + self.units], statistics[begin + self.units : begin + 2 * self.units]
