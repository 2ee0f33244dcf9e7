"""What a student's network is: its layers, loss, optimizer and habits, and the mistakes that are made in it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Arrays = dict[str, Array]
"""By name, `W1`, one column an example, weights (units, inputs), biases (units, 1)."""
Form = str | int | float | None


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer. `dropout` is the share of its units that is silenced, `slope` that of leaky_relu."""

    units: int
    activation: str
    batch_norm: bool = False
    dropout: float = 0.0
    slope: float = 0.01


@dataclass(frozen=True, slots=True)
class Network:
    """Layers 1 … L behind `inputs` features, and how one step goes.

    `optimizer` has the keys of a preset's table. With `mean_early` the average over the examples is taken where the
    backward pass begins, so that dA and dZ carry 1/m; without, where dW and db are computed. With `output_apart` the
    derivative of the loss by the outputs is computed as such, dA of the last layer, also for the two losses which most
    people take together with the last activation.
    """

    inputs: int
    layers: tuple[Layer, ...]
    loss: str
    optimizer: dict[str, Any] = field(default_factory=lambda: {"kind": "sgd", "learning_rate": 0.1})
    mean_early: bool = False
    output_apart: bool = False

    @property
    def depth(self) -> int:
        return len(self.layers)

    def layer(self, number: int) -> Layer:
        return self.layers[number - 1]

    def units(self, number: int) -> int:
        """How many units layer `number` has; layer 0 is the inputs."""
        return self.layers[number - 1].units if number else self.inputs

    @property
    def fused(self) -> bool:
        """Whether output and loss are one op, so that the backward pass begins with dZ of the last layer."""
        return not self.loss.endswith("squared_error") and not self.output_apart


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake by its id, the layer where it stands (None: in every layer), and which way of writing it is meant."""

    id: str
    layer: int | None = None
    form: Form = None

    def __str__(self) -> str:
        place = "" if self.layer is None else f"@{self.layer}"
        return f"{self.id}{place}{'' if self.form is None else f'({self.form})'}"


OTHER = "other"
"""The id of a mistake that is none of the catalogue's: its form is the quantity that it changes, `dZ2`."""


class Mistakes:
    """The mistakes that are made in one step."""

    def __init__(self, made: Iterable[Mistake] = ()) -> None:
        self.made = tuple(made)

    def has(self, name: str, layer: int | None = None) -> bool:
        return self.find(name, layer) is not None

    def find(self, name: str, layer: int | None = None) -> Mistake | None:
        """The mistake of that id, if it is made in that layer."""
        for mistake in self.made:
            if mistake.id == name and (layer is None or mistake.layer in (None, layer)):
                return mistake
        return None

    def spoilt(self, quantity: str, array: Array) -> Array:
        """The quantity as some other program gives it, which has no mistake of the catalogue, where that is made."""
        for mistake in self.made:
            if mistake.id == OTHER and mistake.form == quantity:
                places = np.arange(1, array.size + 1).reshape(array.shape)
                return (array * (1 + 0.4 * np.sin(2.3 * places)) + 0.07 * np.cos(1.7 * places)).astype(array.dtype)
        return array


def draw_parameters(network: Network, rng: np.random.Generator) -> Arrays:
    """Weights and biases that are no zeros, and γ and β where there is batch norm."""
    found: Arrays = {}
    for number, layer in enumerate(network.layers, 1):
        inputs = network.units(number - 1)
        found[f"W{number}"] = rng.normal(0, 1 / np.sqrt(inputs), (layer.units, inputs)) + 0.05
        found[f"b{number}"] = rng.normal(0.1, 0.3, (layer.units, 1))
        if layer.batch_norm:
            found[f"gamma{number}"] = rng.uniform(0.5, 1.5, (layer.units, 1))
            found[f"beta{number}"] = rng.normal(0, 0.4, (layer.units, 1))
    return found


def draw_masks(network: Network, rng: np.random.Generator, examples: int) -> Arrays:
    """0 where a unit is silenced for an example, 1 where not; at least one of each."""
    found: Arrays = {}
    for number, layer in enumerate(network.layers, 1):
        if layer.dropout:
            mask = (rng.random((layer.units, examples)) >= layer.dropout).astype(float)
            mask.flat[:2] = 0, 1
            found[f"mask{number}"] = mask
    return found


def draw_examples(network: Network, rng: np.random.Generator, examples: int) -> tuple[Array, Array]:
    """X (inputs, m) and targets (outputs, m) as the loss asks for them; classes are one-hot."""
    X = rng.normal(0, 1, (network.inputs, examples))
    outputs = network.units(network.depth)
    if network.loss == "cross_entropy":
        Y = np.eye(outputs)[:, rng.integers(0, outputs, examples)]
    elif network.loss == "binary_cross_entropy":
        Y = rng.integers(0, 2, (outputs, examples)).astype(float)
    else:
        Y = rng.normal(0.3, 0.8, (outputs, examples))
    return X, Y
