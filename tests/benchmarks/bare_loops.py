"""The barest NumPy training loop of each workload: what an engineer would write by hand for that one network.

Every step is straight-line code without a loop over layers. Each buffer is allocated once, every call has its `out`,
the bias is a weight from a row of ones, constants are 0-d arrays, parameters and gradient are one flat vector, and the
batches are views of one gather an epoch. The 1/m of the mean stands once, at the top of the backward pass; Adam keeps
its moments divided by 1 − β, which saves two calls. The source is written out here layer by layer and compiled, so
that the five loops need not be kept in step by hand.
"""

import re
from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray
from workloads import Floats, examples

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.training.trainer import Trainer

Names = dict[str, Any]
Order = Callable[[int], NDArray[np.intp]]
Train = Callable[[int], None]

WIDE = 32
"""Inputs above which examples are gathered as rows."""

FORWARD = {
    "tanh": ("tanh({A}, {A})",),
    "sigmoid": ("negative({A}, {A})", "exp({A}, {A})", "add({A}, one, {A})", "reciprocal({A}, {A})"),
    "relu": ("maximum({A}, {O}, out={A})",),
    "softmax": (
        "largest({A}, 0, None, T)",
        "subtract({A}, T, S)",
        "exp(S, {A})",
        "dot(ones_K, {A}, T)",
        "divide({A}, T, {A})",
    ),
}
DERIVATIVE = {
    "tanh": ("square({A}, {D})", "subtract(one, {D}, {D})", "multiply({D}, {dA}, {D})"),
    "sigmoid": ("subtract(one, {A}, {D})", "multiply({D}, {A}, {D})", "multiply({D}, {dA}, {D})"),
    "relu": ("greater({A}, zero, {D})", "multiply({D}, {dA}, {D})"),
}
SQUARED_ERROR = ("subtract({A}, Y, E)", "record(dot(e, e))", "multiply(E, scale, {dA})")
CROSS_ENTROPY = (
    "log(T, T)",
    "record(dot(T, ones_m) - vdot(Y, S))",
    "subtract({A}, Y, {D})",
    "multiply({D}, scale, {D})",
)
UPDATE = {
    "sgd": ("multiply(g, rate, g)", "subtract(p, g, p)"),
    "adam": (
        "t += 1",
        "root = root_of(1 - beta2 ** t)",
        "epsilon[()] = epsilon0 * root",
        "rate[()] = rate0 * root / (1 - beta1 ** t)",
        "multiply(M, decay1, M)",
        "add(M, g, M)",
        "multiply(V, decay2, V)",
        "square(g, g)",
        "add(V, g, V)",
        "sqrt(V, g)",
        "add(g, epsilon, g)",
        "divide(M, g, g)",
        "multiply(g, rate, g)",
        "subtract(p, g, p)",
    ),
}


def step_source(trainer: Trainer) -> list[str]:
    """The lines of one step on the batch X: (inputs + 1, m), with XT its transpose and Y: (outputs, m)."""
    names = [{"l": layer.number, **layer_names(layer.number)} for layer in trainer.layers]
    lines = []
    for layer, name in zip(trainer.layers, names, strict=True):
        lines += [line.format(**name) for line in ("dot(P{l}, {below}, {A})", *FORWARD[layer.activation])]
    loss = CROSS_ENTROPY if trainer.preset.loss.kind == "cross_entropy" else SQUARED_ERROR
    lines += [line.format(**names[-1]) for line in loss]
    for layer, name in zip(reversed(trainer.layers), reversed(names), strict=True):
        lines += [line.format(**name) for line in DERIVATIVE.get(layer.activation, ())]
        lines.append("dot({D}, {below}T, G{l})".format(**name))
        if layer.number > 1:
            lines.append("dot(PT{l}, {D}, {C_below})".format(**name))
    return lines + list(UPDATE[trainer.preset.optimizer.kind])


def layer_names(number: int) -> dict[str, str]:
    """The variables of a layer: its activations, zeros of their shape, and its gradients."""
    below = "X" if number == 1 else f"B{number - 1}"
    parts = {"A": "A", "O": "O", "D": "D", "dA": "dA"}
    return {key: f"{part}{number}" for key, part in parts.items()} | {"below": below, "C_below": f"C{number - 1}"}


def buffers(trainer: Trainer, parameters: Floats) -> Names:
    """Every array that the step's lines name."""
    m, outputs = trainer.batch_size, trainer.layers[-1].units
    gradient = np.zeros_like(parameters)
    T, S, E = np.zeros(m, np.float32), np.zeros((outputs, m), np.float32), np.zeros((outputs, m), np.float32)
    names: Names = {"p": parameters, "g": gradient, "T": T, "S": S, "E": E, "e": E.ravel()}
    names |= {"ones_K": np.ones(outputs, np.float32), "ones_m": np.ones(m, np.float32)}
    for layer in trainer.layers:
        n = layer.number
        B, C = np.ones((layer.units + 1, m), np.float32), np.zeros((layer.units + 1, m), np.float32)
        zeros, D = np.zeros((layer.units, m), np.float32), np.zeros((layer.units, m), np.float32)
        P = layer.block(parameters)
        names |= {f"B{n}": B, f"B{n}T": B.T, f"A{n}": B[:-1], f"C{n}": C, f"dA{n}": C[:-1], f"O{n}": zeros, f"D{n}": D}
        names |= {f"P{n}": P, f"PT{n}": P.T, f"G{n}": layer.block(gradient)}
    return names


def constants(trainer: Trainer) -> Names:
    """The numbers that the step's lines name: 0-d arrays where an array is multiplied by them."""
    settings, outputs = trainer.preset.optimizer, trainer.layers[-1].units
    squared = trainer.preset.loss.kind == "mean_squared_error"
    numbers = {
        "zero": 0.0,
        "one": 1.0,
        "scale": (2 / outputs if squared else 1.0) / trainer.batch_size,
        "rate": settings.learning_rate,
    }
    names: Names = {}
    if trainer.preset.optimizer.kind == "adam":
        beta1, beta2 = settings.beta1, settings.beta2
        spread = 1 / sqrt(1 - beta2)
        numbers |= {"decay1": beta1, "decay2": beta2, "epsilon": 0.0}
        names = {"t": 0, "beta1": beta1, "beta2": beta2, "epsilon0": settings.epsilon * spread}
        names |= {"rate0": settings.learning_rate * (1 - beta1) * spread, "root_of": sqrt}
        names |= {name: np.zeros(trainer.state.parameters.size, np.float32) for name in ("M", "V")}
    return names | {name: np.array(number, np.float32) for name, number in numbers.items()}


def batches(
    trainer: Trainer, dataset: Dataset
) -> tuple[list[tuple[Floats, Floats, Floats]], Callable[[NDArray[np.intp]], None]]:
    """(X, X transposed, Y) of every step of an epoch, and what gathers the examples into them in a given order.

    X and Y are contiguous; of wide examples it is the transposed X, so that each is gathered in one piece.
    """
    inputs, targets = examples(dataset)
    m, steps = trainer.batch_size, trainer.steps_per_epoch
    wide = inputs.shape[1] > WIDE
    data = np.hstack([inputs, np.ones((len(inputs), 1), np.float32)])
    rows, Ys = data[: steps * m].copy(), np.zeros((steps, targets.shape[1], m), np.float32)
    blocks = rows.reshape(steps, m, -1)
    Xs = blocks.transpose(0, 2, 1) if wide else blocks.transpose(0, 2, 1).copy()

    def gather(order: NDArray[np.intp]) -> None:
        chosen = order[: steps * m]
        data.take(chosen, 0, rows, "clip")
        if not wide:
            Xs[:] = blocks.transpose(0, 2, 1)
        Ys[:] = targets.take(chosen, 0).reshape(steps, m, -1).transpose(0, 2, 1)

    gather(np.arange(trainer.count))
    return [(X, X.T, Y) for X, Y in zip(Xs, Ys, strict=True)], gather


def with_methods(lines: list[str], names: Names) -> tuple[list[str], Names]:
    """The lines with `dot(A, B, C)` as `A_dot(B, C)`, and these methods: two thirds of the time on small arrays."""
    product = re.compile(r"\bdot\((\w+), ")
    arrays = {name for line in lines for name in product.findall(line)}
    return [product.sub(r"\1_dot(", line) for line in lines], {f"{name}_dot": names[name].dot for name in arrays}


def bare(trainer: Trainer, dataset: Dataset, order: Order, *, methods: bool = False) -> tuple[Floats, Train]:
    """The flat parameters, started from `trainer`'s, and a function that trains them for so many epochs.

    `order(epoch)` gives the order of the examples; a batch that holds all of them is laid once and never moved. With
    `methods` products are the left array's bound method instead of `np.dot`.
    """
    parameters = trainer.state.parameters.copy()
    steps, gather = batches(trainer, dataset)
    names = buffers(trainer, parameters) | constants(trainer) | {"losses": []}
    functions = "dot vdot square tanh exp log sqrt greater negative reciprocal add subtract multiply divide maximum"
    names |= {name: getattr(np, name) for name in functions.split()} | {"largest": np.maximum.reduce}
    names |= {"batches": steps, "gather": gather, "order": order, "epoch": 0, "record": names["losses"].append}
    lines = step_source(trainer)
    if methods:
        lines, bound = with_methods(lines, names)
        names |= bound
    shuffle = "gather(order(epoch))" if len(steps) > 1 else "pass"
    indent = "\n            "
    source = f"""
def build({", ".join(names)}):
    def train(epochs):
        nonlocal epoch{", t" if "t" in names else ""}
        losses.clear()
        for _ in range(epochs):
            {shuffle}
            epoch += 1
            for X, XT, Y in batches:
                {(indent + "    ").join(lines)}
    return train
"""
    scope: Names = {}
    exec(source, scope)
    return parameters, scope["build"](**names)
