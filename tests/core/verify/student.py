"""One training step in plain NumPy, as a student writes it, right or with mistakes: the project's trainer has no part.

Mistakes stand where a student would make them, and everything behind them is computed from what they gave.
"""

from collections.abc import Iterable

import numpy as np

from .network import Array, Arrays, Mistake, Mistakes, Network
from .student_backward import backward
from .student_forward import forward
from .student_losses import loss_of, penalised
from .student_optimizers import received, updated


def training_step(
    network: Network,
    parameters: Arrays,
    X: Array,
    Y: Array,
    mistakes: Iterable[Mistake] = (),
    masks: Arrays | None = None,
    kept: Arrays | None = None,
    dtype: str = "float64",
) -> Arrays:
    """Everything that one step computes, by name, and what it started from.

    X is (inputs, m), Y (outputs, m), `masks` 0 or 1. `kept` is what there is from steps before: the optimizer's moments
    and gradients (`earlier_dW1`). There are Z, A, dA, dZ, dW, db of every layer, `loss`, the new parameters `W1_new`,
    and what batch norm and dropout add.
    """
    made, m = Mistakes(mistakes), Y.shape[1]
    precision = made.find("float_precision")
    kind = str(precision.form) if precision else dtype
    theta = {name: array.astype(kind) for name, array in parameters.items()}
    state = {name: np.asarray(array, None if name == "step" else kind) for name, array in (kept or {}).items()}
    drop = {name: array.astype(kind) for name, array in (masks or {}).items()}
    targets = Y.astype(kind)

    def update(name: str, gradient: Array) -> Array:
        alone = received(network, {name: theta[name]}, {f"d{name}": gradient}, made, m)
        return updated(network, name, theta[name], alone[name], state, made, m)

    q = forward(network, theta, X.astype(kind), drop, made)
    g = backward(network, theta, q, targets, made, update)
    if mistake := made.find("gradient_accumulated"):
        accumulate(g, theta, state, mistake)
    loss = loss_of(network, q[f"A{network.depth}"], targets)
    loss = made.spoilt("loss", np.asarray(loss))
    if made.has("penalty_in_loss_only"):
        loss = penalised(network, loss, theta)
    new: Arrays = {}
    # A gradient that lies on its side cannot be subtracted: the program ends there, and hands in what it has.
    if all(fits(g[f"d{name}"], array) for name, array in theta.items()):
        applied = received(network, theta, g, made, m)
        for name, array in theta.items():
            value = updated(network, name, array, applied[name], state, made, m)
            new[f"{name}_new"] = made.spoilt(f"{name}_new", value)
    found = {**q, "loss": np.asarray(loss), **g, **new}
    found = {name: array.astype(dtype) for name, array in found.items()}
    given = {name: array.astype(dtype) for name, array in parameters.items()}
    return {"X": X.astype(dtype), "Y": Y.astype(dtype), **given, **(kept or {}), **found}


def fits(gradient: Array, parameter: Array) -> bool:
    """Whether it can be subtracted; one number can be from anything."""
    return gradient.shape in ((), parameter.shape)


def accumulate(g: Arrays, theta: Arrays, state: Arrays, mistake: Mistake) -> None:
    """Adds to the gradients what an earlier backward pass left there, since nobody has set them to zero.

    That pass was the same one (a cell that was run twice), or, as form "step before", that of the step before this.
    """
    for name in theta:
        earlier = state[f"earlier_d{name}"] if mistake.form == "step before" else g[f"d{name}"]
        g[f"d{name}"] = g[f"d{name}"] + earlier
