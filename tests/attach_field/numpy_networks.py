"""Networks as people write them in NumPy: either layout, in place or not, with several activations and losses."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array, Array], Array]]] = {
    "identity": (lambda z: z, lambda z, a: np.ones_like(z)),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z, a: a * (1 - a)),
    "tanh": (np.tanh, lambda z, a: 1 - a**2),
    "relu": (lambda z: np.maximum(z, 0), lambda z, a: (z > 0) * 1.0),
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z, a: np.where(z > 0, 1.0, 0.01)),
    "silu": (lambda z: z / (1 + np.exp(-z)), lambda z, a: (s := 1 / (1 + np.exp(-z))) * (1 + z * (1 - s))),
    "softplus": (lambda z: np.log1p(np.exp(z)), lambda z, a: 1 / (1 + np.exp(-z))),
}


class Way(NamedTuple):
    """How somebody writes it."""

    activations: tuple[str, ...]
    loss: str
    rows: bool = True
    """Examples are rows, and weights (inputs, units); else columns and (units, inputs)."""
    in_place: bool = True
    """`W -= …`; else the parameter is bound to a new array, in the mapping that was handed over."""
    targets: str = "as they are"
    """Or class numbers, or a row of class numbers."""
    biases: str = "flat"
    """Or a row or column, as broadcasting over the examples wants it; or none."""
    dtype: str = "float64"
    batches: bool = False
    """Each step has examples of its own; else all of them."""


WAYS = {
    "tutorial in rows": Way(("tanh", "identity"), "mean_squared_error"),
    "tutorial in columns": Way(("tanh", "identity"), "mean_squared_error", rows=False, biases="kept dimension"),
    "sigmoids and half the square": Way(("sigmoid", "sigmoid"), "half_squared_error", biases="kept dimension"),
    "classes as numbers": Way(("relu", "softmax"), "cross_entropy", targets="class numbers"),
    "classes as numbers, columns": Way(
        ("relu", "softmax"), "cross_entropy", rows=False, targets="class numbers", biases="kept dimension"
    ),
    "one-hot": Way(("relu", "relu", "softmax"), "cross_entropy", in_place=False),
    "one-hot in columns": Way(("leaky_relu", "softmax"), "cross_entropy", rows=False, biases="kept dimension"),
    "binary": Way(("tanh", "sigmoid"), "binary_cross_entropy", in_place=False),
    "binary in columns, no bias": Way(("silu", "sigmoid"), "binary_cross_entropy", rows=False, biases="none"),
    "float32": Way(("softplus", "identity"), "mean_squared_error", dtype="float32"),
    "mini-batches": Way(("tanh", "softmax"), "cross_entropy", targets="class numbers", batches=True),
    "one layer": Way(("softmax",), "cross_entropy", in_place=False),
}


class Network:
    """A 3-5-…-K network with forward and backward passes written out; `parameters` holds W1, b1, …"""

    def __init__(self, way: Way, seed: int = 0) -> None:
        self.way = way
        random = np.random.default_rng(seed)
        outputs = {"cross_entropy": 3, "binary_cross_entropy": 1}.get(way.loss, 2)
        widths = [3, *[5] * (len(way.activations) - 1), outputs]
        self.parameters: dict[str, Array] = {}
        for layer in range(1, len(widths)):
            weights = random.normal(size=(widths[layer - 1], widths[layer])) * 0.6
            self.parameters[f"W{layer}"] = np.ascontiguousarray(weights if way.rows else weights.T).astype(way.dtype)
            biases = (random.normal(size=widths[layer]) * 0.1).astype(way.dtype)
            if way.biases != "none":
                shape = {"flat": (-1,), "kept dimension": (1, -1) if way.rows else (-1, 1)}[way.biases]
                self.parameters[f"b{layer}"] = biases.reshape(shape)
        self.inputs = random.normal(size=(8, 3)).astype(way.dtype)
        self.targets: Array = np.array([2, 0, 1, 1, 0, 2, 2, 1])
        if way.loss == "binary_cross_entropy":
            self.targets = random.integers(2, size=(8, 1)).astype(way.dtype)
        elif way.loss != "cross_entropy":
            self.targets = random.uniform(size=(8, 2)).astype(way.dtype)
        elif way.targets == "as they are":
            self.targets = np.eye(3, dtype=way.dtype)[self.targets]

    def batch(self, step: int) -> tuple[Array, Array]:
        """The examples of a step, counted from 1, in this way's layout."""
        rows = slice(0, 5) if self.way.batches and step % 2 else slice(None)
        X, Y = self.inputs[rows], self.targets[rows]
        return (X, Y) if self.way.rows else (X.T, Y.T)

    def step(self, X: Array, Y: Array) -> tuple[float, dict[str, Array]]:
        """The loss, and the gradient of each parameter in its own shape."""
        way, depth = self.way, len(self.way.activations)
        # The mathematics is in rows; columns are turned round on the way in and out.
        turn = (lambda array: array) if way.rows else np.transpose
        answers, sums = [turn(X)], []
        target = Y if Y.ndim == 1 else turn(Y)
        for layer, activation in enumerate(way.activations, 1):
            Z = answers[-1] @ turn(self.parameters[f"W{layer}"])
            if f"b{layer}" in self.parameters:
                Z = Z + self.parameters[f"b{layer}"].reshape(-1)
            sums.append(Z)
            if activation == "softmax":
                exponentials = np.exp(Z - Z.max(axis=1, keepdims=True))
                answers.append(exponentials / exponentials.sum(axis=1, keepdims=True))
            else:
                answers.append(ACTIVATIONS[activation][0](Z))
        A, m = answers[-1], len(answers[0])
        if way.loss == "cross_entropy":
            target = np.eye(3, dtype=way.dtype)[target] if target.ndim == 1 else target
            loss, dZ = -(target * np.log(A)).sum() / m, (A - target) / m
        elif way.loss == "binary_cross_entropy":
            loss, dZ = -(target * np.log(A) + (1 - target) * np.log(1 - A)).mean(), (A - target) / A.size
        else:
            half = way.loss == "half_squared_error"
            loss = ((A - target) ** 2).sum() / (2 * m if half else A.size)
            dZ = (A - target) / m * (1 if half else 2 * m / A.size)
            dZ = dZ * ACTIVATIONS[way.activations[-1]][1](sums[-1], A)
        gradients = {}
        for layer in range(depth, 0, -1):
            gradients[f"W{layer}"] = turn(answers[layer - 1].T @ dZ)
            if f"b{layer}" in self.parameters:
                gradients[f"b{layer}"] = dZ.sum(axis=0).reshape(self.parameters[f"b{layer}"].shape)
            if layer > 1:
                slope = ACTIVATIONS[way.activations[layer - 2]][1](sums[layer - 2], answers[layer - 1])
                dZ = (dZ @ turn(self.parameters[f"W{layer}"]).T) * slope
        return float(loss), gradients

    def update(self, gradients: dict[str, Array], rate: float = 0.2) -> None:
        for name, gradient in gradients.items():
            step = (rate * gradient).astype(self.way.dtype)
            if self.way.in_place:
                self.parameters[name] -= step
            else:
                self.parameters[name] = self.parameters[name] - step
