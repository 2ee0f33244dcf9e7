"""One layer: its sizes, and where its parameters stand in the flat vector of all parameters.

All parameters are one vector, and so are all gradients and every moment of an optimizer; a layer sees its part of any
of them as the block `[W | b]`, one row a neuron.
"""

from dataclasses import dataclass

from .quantity import Array


@dataclass(frozen=True, slots=True)
class Layer:
    """A dense layer. `start` is the offset of its block: (units, inputs + 1), or (units, inputs) without bias."""

    number: int
    inputs: int
    units: int
    activation: str
    has_bias: bool
    start: int

    @property
    def columns(self) -> int:
        return self.inputs + self.has_bias

    @property
    def size(self) -> int:
        """The number of parameters."""
        return self.units * self.columns

    def block(self, vector: Array) -> Array:
        """`[W | b]`: (units, inputs + 1), contiguous, a view of `vector`."""
        return vector[self.start : self.start + self.size].reshape(self.units, self.columns)

    def weights(self, vector: Array) -> Array:
        """W: (units, inputs), a view of `vector`."""
        return self.block(vector)[:, : self.inputs]

    def biases(self, vector: Array) -> Array | None:
        """b: (units,), a view of `vector`; None in a layer without bias."""
        return self.block(vector)[:, self.inputs] if self.has_bias else None
