"""The networks in which mistakes are made: of many shapes, losses and optimizers, each with a layout of its own."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from .catalogue import places
from .handed_in import COLUMNS, ROWS, TORCH, Handed, Layout, handed_in
from .network import Array, Arrays, Layer, Mistake, Network, draw_examples, draw_masks, draw_parameters
from .student import training_step


@dataclass(frozen=True, slots=True)
class Exercise:
    """A network with examples of its own, of which a step is handed in. `before` steps were made before that one."""

    network: Network
    examples: int
    layout: Layout = COLUMNS
    seed: int = 0
    before: int = 0

    def drawn(self) -> tuple[Arrays, Arrays, Array, Array]:
        """Parameters, masks 0 or 1, X and Y."""
        rng = np.random.default_rng([17, self.seed])
        parameters = draw_parameters(self.network, rng)
        masks = draw_masks(self.network, rng, self.examples)
        return parameters, masks, *draw_examples(self.network, rng, self.examples)

    def moments(self, parameters: Arrays) -> Arrays:
        """What an optimizer has kept from steps before."""
        rng = np.random.default_rng([18, self.seed])
        kept: Arrays = {"step": np.array(self.before + 1)}
        for name, array in parameters.items():
            m = rng.normal(0, 0.05, array.shape)
            if self.network.optimizer["kind"] in ("momentum", "nesterov"):
                kept[f"velocity_{name}"] = m
            else:
                kept |= {f"m_{name}": m * 0.5, f"v_{name}": m * m * 0.3}
        return kept

    def start(self) -> tuple[Arrays, Arrays, Array, Array, Arrays]:
        """As `drawn`, and what is kept from steps before; gradient descent really makes one step before."""
        parameters, masks, X, Y = self.drawn()
        if not self.before:
            return parameters, masks, X, Y, {}
        if self.network.optimizer["kind"] != "sgd":
            return parameters, masks, X, Y, self.moments(parameters)
        first = training_step(self.network, parameters, X, Y, (), masks)
        earlier = {f"earlier_d{name}": first[f"d{name}"] for name in parameters}
        return {name: first[f"{name}_new"] for name in parameters}, masks, X, Y, earlier

    def places(self) -> Iterator[Mistake]:
        """All mistakes that can be made here, one at a time."""
        return places(self.network, later=self.before > 0)

    def step(self, mistakes: Iterable[Mistake] = (), dtype: str = "float64") -> Arrays:
        """All that the step computes, in the student's own layout of columns."""
        parameters, masks, X, Y, kept = self.start()
        return training_step(self.network, parameters, X, Y, mistakes, masks, kept, dtype)

    def handed_in(self, mistakes: Iterable[Mistake] = (), dtype: str = "float64") -> Handed:
        """The step as it is handed in."""
        return handed_in(self.network, self.step(mistakes, dtype), self.layout)

    def laid_out(self, layout: Layout) -> "Exercise":
        return replace(self, layout=layout)


def layers(*words: str) -> tuple[Layer, ...]:
    """From "4 tanh" and the like, with " bn" behind it for batch norm and " 0.5" for dropout."""
    found = []
    for word in words:
        units, activation, *more = word.split()
        dropout = [float(one) for one in more if one != "bn"]
        found.append(Layer(int(units), activation, "bn" in more, dropout[0] if dropout else 0.0))
    return tuple(found)


def sgd(rate: float, **more: float) -> dict:
    return {"kind": "sgd", "learning_rate": rate, **more}


SQUARED, HALF = "mean_squared_error", "half_squared_error"
CROSS, BINARY = "cross_entropy", "binary_cross_entropy"

EXERCISES: dict[str, Exercise] = {
    # Plain gradient descent.
    "tanh regression": Exercise(Network(3, layers("4 tanh", "2 identity"), SQUARED), 7),
    "sigmoid classes": Exercise(Network(5, layers("4 sigmoid", "3 softmax"), CROSS, sgd(0.5)), 6, ROWS, 1),
    "relu classes": Exercise(
        Network(4, layers("6 relu", "5 relu", "3 softmax"), CROSS, sgd(0.05), mean_early=True), 9, TORCH, 2
    ),
    "two classes": Exercise(
        Network(2, layers("5 relu", "1 sigmoid"), BINARY, sgd(0.3)), 8, replace(ROWS, targets="numbers"), 3
    ),
    "labels": Exercise(Network(6, layers("4 tanh", "3 sigmoid"), BINARY, output_apart=True), 5, COLUMNS, 4),
    "halves": Exercise(Network(3, layers("3 sigmoid", "3 tanh", "2 sigmoid"), HALF, sgd(0.8)), 6, ROWS, 5),
    "square": Exercise(Network(4, layers("4 tanh", "4 sigmoid", "4 tanh", "4 identity"), SQUARED), 6, COLUMNS, 6),
    "square relu": Exercise(
        Network(3, layers("3 relu", "3 relu", "3 softmax"), CROSS, sgd(0.2)), 10, replace(TORCH, targets="numbers"), 7
    ),
    "narrow": Exercise(Network(3, layers("4 sigmoid", "4 elu", "1 identity"), HALF, sgd(0.15)), 7, COLUMNS, 8),
    "smooth": Exercise(Network(3, layers("5 softplus", "4 silu", "2 identity"), SQUARED), 6, ROWS, 9),
    "modern": Exercise(Network(4, layers("5 gelu", "4 gelu_tanh", "3 softmax"), CROSS, sgd(0.1)), 8, TORCH, 10),
    "leaky": Exercise(Network(4, layers("4 leaky_relu", "3 elu", "1 sigmoid"), BINARY), 9, COLUMNS, 11),
    "softmax squared": Exercise(Network(4, layers("3 tanh", "3 softmax"), SQUARED, sgd(0.4)), 7, ROWS, 12),
    "single layer": Exercise(Network(5, layers("3 softmax"), CROSS), 8, COLUMNS, 13),
    "second": Exercise(Network(3, layers("4 tanh", "2 identity"), SQUARED, sgd(0.3)), 7, COLUMNS, 37, 1),
    "second classes": Exercise(Network(4, layers("5 relu", "3 softmax"), CROSS, sgd(0.5)), 8, ROWS, 38, 1),
    "second labels": Exercise(Network(3, layers("4 silu", "2 sigmoid"), BINARY, sgd(0.7)), 6, TORCH, 39, 1),
    # Dropout.
    "dropout tanh": Exercise(Network(3, layers("6 tanh 0.5", "2 identity"), SQUARED), 6, COLUMNS, 14),
    "dropout relu": Exercise(Network(4, layers("8 relu 0.25", "3 softmax"), CROSS, sgd(0.2)), 8, ROWS, 15),
    "dropout twice": Exercise(
        Network(3, layers("6 sigmoid 0.4", "5 relu 0.2", "1 sigmoid"), BINARY, sgd(0.3)), 9, TORCH, 16
    ),
    # Batch norm.
    "norm relu": Exercise(Network(3, layers("4 relu bn", "3 softmax"), CROSS), 8, COLUMNS, 17),
    "norm tanh": Exercise(Network(4, layers("5 tanh bn", "2 identity"), SQUARED, sgd(0.05)), 7, ROWS, 18),
    "norm twice": Exercise(
        Network(3, layers("4 sigmoid bn", "4 relu bn", "1 sigmoid"), BINARY, sgd(0.2), mean_early=True), 10, TORCH, 19
    ),
    # Penalties and clipping.
    "ridge": Exercise(Network(3, layers("4 tanh", "2 identity"), SQUARED, sgd(0.1, l2=0.3)), 7, COLUMNS, 20),
    "ridge classes": Exercise(Network(4, layers("5 relu", "3 softmax"), CROSS, sgd(0.2, l2=0.05)), 8, ROWS, 21),
    "lasso": Exercise(Network(4, layers("4 sigmoid", "1 sigmoid"), BINARY, sgd(0.3, l1=0.02)), 9, TORCH, 22),
    "clipped": Exercise(Network(3, layers("4 tanh", "2 identity"), SQUARED, sgd(0.1, clip_norm=0.2)), 7, COLUMNS, 23),
    "clipped deep": Exercise(
        Network(4, layers("5 relu", "4 relu", "3 softmax"), CROSS, sgd(0.2, clip_norm=0.05)), 8, ROWS, 24
    ),
    "clipped labels": Exercise(
        Network(5, layers("4 sigmoid", "2 sigmoid"), BINARY, sgd(0.4, clip_norm=0.02)), 6, TORCH, 25
    ),
    # Other optimizers.
    "momentum": Exercise(
        Network(3, layers("4 tanh", "2 identity"), SQUARED, {"kind": "momentum", "learning_rate": 0.1}), 7, COLUMNS, 26
    ),
    "momentum later": Exercise(
        Network(4, layers("5 relu", "3 softmax"), CROSS, {"kind": "momentum", "learning_rate": 0.05, "momentum": 0.8}),
        8,
        ROWS,
        27,
        3,
    ),
    "nesterov later": Exercise(
        Network(4, layers("4 sigmoid", "1 sigmoid"), BINARY, {"kind": "nesterov", "learning_rate": 0.2}),
        9,
        TORCH,
        28,
        5,
    ),
    "nesterov regression": Exercise(
        Network(3, layers("4 tanh", "2 identity"), SQUARED, {"kind": "nesterov", "learning_rate": 0.05}),
        7,
        COLUMNS,
        40,
        2,
    ),
    "nesterov classes": Exercise(
        Network(4, layers("5 elu", "3 softmax"), CROSS, {"kind": "nesterov", "learning_rate": 0.1, "momentum": 0.7}),
        8,
        ROWS,
        41,
        4,
    ),
    "adam": Exercise(
        Network(3, layers("4 tanh", "2 identity"), SQUARED, {"kind": "adam", "learning_rate": 0.01}), 7, COLUMNS, 29
    ),
    "adam later": Exercise(
        Network(4, layers("5 relu", "3 softmax"), CROSS, {"kind": "adam", "learning_rate": 0.002}), 8, ROWS, 30, 4
    ),
    "adam others": Exercise(
        Network(
            5,
            layers("4 silu", "2 sigmoid"),
            BINARY,
            {"kind": "adam", "learning_rate": 0.01, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-4},
        ),
        6,
        TORCH,
        31,
    ),
    "adamw": Exercise(
        Network(
            3,
            layers("4 tanh", "2 identity"),
            SQUARED,
            {"kind": "adamw", "learning_rate": 0.01, "weight_decay": 0.1},
        ),
        7,
        COLUMNS,
        32,
    ),
    "adamw later": Exercise(
        Network(
            4,
            layers("5 relu", "3 softmax"),
            CROSS,
            {"kind": "adamw", "learning_rate": 0.02, "weight_decay": 0.05},
        ),
        8,
        ROWS,
        33,
        2,
    ),
    "adamw narrow": Exercise(
        Network(
            5,
            layers("4 gelu", "1 sigmoid"),
            BINARY,
            {"kind": "adamw", "learning_rate": 0.05, "weight_decay": 0.3},
        ),
        9,
        TORCH,
        34,
    ),
    "rmsprop": Exercise(
        Network(3, layers("4 tanh", "2 identity"), SQUARED, {"kind": "rmsprop", "learning_rate": 0.01}), 6, ROWS, 35
    ),
    "adagrad": Exercise(
        Network(4, layers("5 relu", "3 softmax"), CROSS, {"kind": "adagrad", "learning_rate": 0.1, "epsilon": 1e-6}),
        8,
        COLUMNS,
        36,
    ),
}
