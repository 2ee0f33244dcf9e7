"""Linear layers in a row, multiplied out: without a nonlinearity between them they are one matrix and one bias.

A layer whose activation hands on what it is given, Z or with a residual connection A + Z, does nothing that a matrix
does not; and a product of matrices is a matrix.
"""

import numpy as np

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array, of_layer
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class OneMatrix:
    """What the layers `first` to `last` (from 1) come to: Z of the last is `matrix` times A below the first + `bias`.

    `factors` are the names of what is multiplied, the last layer's first: `W⁽²⁾`, with a residual connection
    `(W⁽²⁾ + I)`. `matrix`: (units of the last, inputs of the first); `bias`: (units,). `by_layers` and `by_matrix`: Z
    of the last layer, (units, m), of the examples of the step in hand, by the ops of this program one layer after the
    other, and by the one matrix. `parameters` is how many the layers have.
    """

    first: int
    last: int
    factors: tuple[str, ...]
    matrix: Array
    bias: Array
    by_layers: Array
    by_matrix: Array
    parameters: int

    @property
    def difference(self) -> float:
        """The largest difference between the two, over units and examples."""
        with np.errstate(all="ignore"):
            return float(np.abs(self.by_layers - self.by_matrix).max(initial=0.0))

    @property
    def needed(self) -> int:
        """How many numbers do the same: those of the matrix and the bias."""
        return self.matrix.size + self.bias.size


def is_linear(layer: Layer) -> bool:
    """Whether what a layer hands on is a matrix times what it is given, plus a bias; for all examples the same."""
    straight = layer.activation == "identity" or (layer.activation == "leaky_relu" and layer.slope == 1)
    return straight and not layer.batch_norm and not layer.dropout


def linear_stretches(layers: tuple[Layer, ...]) -> list[tuple[int, int]]:
    """The first and last layer, from 1, of each longest row of layers with no nonlinearity between them."""
    found = []
    first = 1
    for layer in layers:
        if not is_linear(layer) or layer is layers[-1]:
            if layer.number > first:
                found.append((first, layer.number))
            first = layer.number + 1
    return found


def one_matrix(session: Session, near: int) -> OneMatrix | None:
    """The stretch that layer `near` belongs to, else the first one, multiplied out; None where there is none."""
    layers = session.trainer.layers
    stretches = linear_stretches(layers)
    if not stretches:
        return None
    first, last = next((pair for pair in stretches if pair[0] <= near <= pair[1]), stretches[0])
    rehearsal = session.rehearse()
    rehearsal.loss()
    plan, parameters = rehearsal.plan, rehearsal.parameters
    given = plan["X", None] if first == 1 else plan["A", first - 1]
    matrix, bias = np.eye(layers[first - 1].inputs), np.zeros(layers[first - 1].inputs)
    factors = []
    with np.errstate(all="ignore"):
        for layer in layers[first - 1 : last]:
            block = layer.weights(parameters)
            biases = layer.biases(parameters)
            # Z of the last layer is what is asked for: there a residual connection has not come yet.
            past = layer.residual and layer.number < last
            matrix, bias = (
                block @ matrix + (matrix if past else 0),
                block @ bias + (bias if past else 0) + (0 if biases is None else biases),
            )
            name = of_layer("W", layer.number)
            factors.append(f"({name} + I)" if past else name)
        by_matrix = matrix @ given.array + bias[:, None]
    size = sum(layer.block_size for layer in layers[first - 1 : last])
    by_layers = plan["Z", last].array.copy()
    return OneMatrix(first, last, tuple(reversed(factors)), matrix, bias, by_layers, by_matrix, size)
