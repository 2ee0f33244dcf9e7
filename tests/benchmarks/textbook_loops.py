"""The NumPy training loop of articles and courses, for any of the workloads.

Parameters, caches, gradients and Adam's moments are dictionaries; every step makes fresh arrays; bias gradients are
`np.sum(axis=1, keepdims=True)`; the optimizer goes through the parameters one by one.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from workloads import Floats, examples

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.tables import OptimizerPreset
from backprop_tui.core.training.trainer import Trainer

Named = dict[str, Floats]
Order = Callable[[int], NDArray[np.intp]]
Train = Callable[[int], None]


def activate(kind: str, Z: Floats) -> Floats:
    if kind == "tanh":
        return np.tanh(Z)
    if kind == "sigmoid":
        return 1 / (1 + np.exp(-Z))
    if kind == "relu":
        return np.maximum(0, Z)
    exps = np.exp(Z - np.max(Z, axis=0, keepdims=True))
    return exps / np.sum(exps, axis=0, keepdims=True)


def derivative(kind: str, Z: Floats, A: Floats) -> Floats:
    if kind == "tanh":
        return 1 - A**2
    if kind == "sigmoid":
        return A * (1 - A)
    return (Z > 0).astype(np.float32)


def forward(X: Floats, parameters: Named, kinds: list[str]) -> tuple[Floats, Named]:
    A = X
    cache = {"A0": X}
    for number, kind in enumerate(kinds, 1):
        Z = np.dot(parameters[f"W{number}"], A) + parameters[f"b{number}"]
        A = activate(kind, Z)
        cache[f"Z{number}"], cache[f"A{number}"] = Z, A
    return A, cache


def compute_loss(A: Floats, Y: Floats, kinds: list[str]) -> float:
    if kinds[-1] == "softmax":
        return float(-np.sum(Y * np.log(A + 1e-8)) / Y.shape[1])
    return float(np.mean((A - Y) ** 2))


def backward(Y: Floats, parameters: Named, cache: Named, kinds: list[str]) -> Named:
    last, m = len(kinds), Y.shape[1]
    gradients = {}
    error = cache[f"A{last}"] - Y
    dA = 2 * error / Y.shape[0]
    for number in range(last, 0, -1):
        kind = kinds[number - 1]
        dZ = error if kind == "softmax" else dA * derivative(kind, cache[f"Z{number}"], cache[f"A{number}"])
        gradients[f"W{number}"] = np.dot(dZ, cache[f"A{number - 1}"].T) / m
        gradients[f"b{number}"] = np.sum(dZ, axis=1, keepdims=True) / m
        if number > 1:
            dA = np.dot(parameters[f"W{number}"].T, dZ)
    return gradients


def update_with_sgd(parameters: Named, gradients: Named, rate: float) -> None:
    for name in parameters:
        parameters[name] = parameters[name] - rate * gradients[name]


def update_with_adam(
    parameters: Named, gradients: Named, m: Named, v: Named, t: int, settings: OptimizerPreset
) -> None:
    beta1, beta2 = settings.beta1, settings.beta2
    for name in parameters:
        m[name] = beta1 * m[name] + (1 - beta1) * gradients[name]
        v[name] = beta2 * v[name] + (1 - beta2) * gradients[name] ** 2
        m_corrected = m[name] / (1 - beta1**t)
        v_corrected = v[name] / (1 - beta2**t)
        change = settings.learning_rate * m_corrected / (np.sqrt(v_corrected) + settings.epsilon)
        parameters[name] = parameters[name] - change


def textbook(trainer: Trainer, dataset: Dataset, order: Order) -> tuple[Named, Train]:
    """The parameters by name, started from `trainer`'s, and a function that trains them for so many epochs."""
    inputs, targets = (array.T for array in examples(dataset))
    kinds = [layer.activation for layer in trainer.layers]
    parameters: Named = {}
    for layer in trainer.layers:
        parameters[f"W{layer.number}"] = layer.weights(trainer.state.parameters).copy()
        parameters[f"b{layer.number}"] = layer.block(trainer.state.parameters)[:, -1:].copy()
    m = {name: np.zeros_like(array) for name, array in parameters.items()}
    v = {name: np.zeros_like(array) for name, array in parameters.items()}
    size, steps = trainer.batch_size, trainer.steps_per_epoch
    done, losses = 0, []

    def train(epochs: int) -> None:
        nonlocal done
        losses.clear()
        for _ in range(epochs):
            X, Y = inputs, targets
            if steps > 1:
                chosen = order(done // steps)
                X, Y = inputs[:, chosen], targets[:, chosen]
            for k in range(steps):
                batch_X, batch_Y = X[:, k * size : (k + 1) * size], Y[:, k * size : (k + 1) * size]
                A, cache = forward(batch_X, parameters, kinds)
                losses.append(compute_loss(A, batch_Y, kinds))
                gradients = backward(batch_Y, parameters, cache, kinds)
                done += 1
                if trainer.preset.optimizer.kind == "adam":
                    update_with_adam(parameters, gradients, m, v, done, trainer.preset.optimizer)
                else:
                    update_with_sgd(parameters, gradients, trainer.preset.optimizer.learning_rate)

    return parameters, train
