"""Small trainings over NumPy arrays, as somebody might write them, recorded by `watch` in every step or in few."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

import backprop_tui

Array = np.ndarray
ACTIVATIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "identity": (lambda z: z, np.ones_like),
}


def moons(count: int = 96, seed: int = 0) -> tuple[Array, Array]:
    """Two half circles, (count, 2), and which of them a point is of, (count, 1)."""
    rng = np.random.default_rng(seed)
    angles, kind = rng.uniform(0, np.pi, count), rng.integers(0, 2, count)
    x = np.stack([np.cos(angles) + kind - 0.5, np.where(kind == 1, -1, 1) * np.sin(angles) + 0.3 * kind], axis=1)
    return x + rng.normal(0, 0.1, x.shape), kind[:, None].astype(float)


def starting(widths: Sequence[int], scale: float | str = "he", seed: int = 0) -> dict[str, Array]:
    """W1 b1 W2 b2 …, weights (inputs, units), of He's size, or of a standard deviation."""
    rng = np.random.default_rng(seed)
    found: dict[str, Array] = {}
    for number, (inputs, units) in enumerate(pairwise(widths), 1):
        deviation = np.sqrt(2 / inputs) if isinstance(scale, str) else scale
        found[f"W{number}"] = rng.normal(0, 1, (inputs, units)) * deviation
        found[f"b{number}"] = np.zeros((1, units))
    return found


def trained(
    path: Path,
    parameters: dict[str, Array],
    hidden: str,
    X: Array,
    Y: Array,
    *,
    rate: float | Callable[[int], float] = 0.5,
    steps: int = 200,
    loss: str = "bce",
    batch: int | None = None,
    momentum: float = 0.0,
    every: int | None = 5,
    told: bool = True,
) -> Path:
    """The usual loop: dense layers, gradients by hand, plain descent or momentum; `told`: activations and loss."""
    rng = np.random.default_rng(1)
    layers = len(parameters) // 2
    output = "sigmoid" if loss == "bce" else "identity"
    words: Any = {"activations": [*[hidden] * (layers - 1), output], "loss": loss} if told else {}
    run = backprop_tui.watch(parameters=parameters, path=path, every=every, **words)
    speed = {name: np.zeros_like(array) for name, array in parameters.items()}
    with np.errstate(all="ignore"):
        for step in range(steps):
            rows = rng.permutation(len(X))[:batch] if batch else np.arange(len(X))
            x, y = X[rows], Y[rows]
            A, Zs = [x], []
            for number in range(1, layers + 1):
                Zs.append(A[-1] @ parameters[f"W{number}"] + parameters[f"b{number}"])
                A.append(ACTIVATIONS[hidden if number < layers else output][0](Zs[-1]))
            error = A[-1] - y
            if loss == "bce":
                value = -np.mean(y * np.log(A[-1] + 1e-300) + (1 - y) * np.log(1 - A[-1] + 1e-300))
                dZ = error / error.size
            else:
                value, dZ = np.mean(error**2), 2 * error / error.size
            gradients = {}
            for number in range(layers, 0, -1):
                gradients |= {f"W{number}": A[number - 1].T @ dZ, f"b{number}": dZ.sum(axis=0, keepdims=True)}
                if number > 1:
                    dZ = dZ @ parameters[f"W{number}"].T * ACTIVATIONS[hidden][1](Zs[number - 2])
            eta = rate(step) if callable(rate) else rate
            for name, gradient in gradients.items():
                speed[name] = momentum * speed[name] + gradient
                parameters[name] -= eta * speed[name]
            run.step(float(value), gradients=gradients, inputs=x, targets=y)
    run.close()
    return path
