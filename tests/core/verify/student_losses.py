"""Losses as students write them, and the gradient with which the backward pass begins."""

import numpy as np

from .network import Array, Arrays, Mistakes, Network


def loss_of(network: Network, A: Array, Y: Array) -> Array:
    """ℒ, from outputs and targets (outputs, m)."""
    m = Y.shape[1]
    match network.loss:
        case "mean_squared_error":
            return np.mean((A - Y) ** 2)
        case "half_squared_error":
            return np.sum((A - Y) ** 2) / 2 / m
        case "cross_entropy":
            return -np.sum(np.where(Y > 0, Y * np.log(np.where(Y > 0, A, 1)), 0)) / m
        case "binary_cross_entropy":
            return -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    raise ValueError(network.loss)


def penalised(network: Network, loss: Array, parameters: Arrays) -> Array:
    """The loss with the penalties of the optimizer added to it, as some people print it."""
    weights = [array for name, array in parameters.items() if name.startswith("W")]
    l1, l2 = network.optimizer.get("l1", 0.0), network.optimizer.get("l2", 0.0)
    return loss + sum(l2 / 2 * np.sum(W**2) + l1 * np.sum(abs(W)) for W in weights)


def output_gradient(network: Network, A: Array, Y: Array, mistakes: Mistakes) -> Array:
    """dA of the last layer, or its dZ where output and loss are one op: (outputs, m)."""
    outputs, m = Y.shape
    match network.loss:
        case "mean_squared_error":
            gradient = 2 * (A - Y) / outputs
        case "half_squared_error":
            gradient = A - Y
        case "cross_entropy" if network.fused:
            gradient = A - Y
        case "cross_entropy":
            gradient = -Y / A
        case "binary_cross_entropy" if network.fused:
            gradient = (A - Y) / outputs
        case _:
            gradient = -(Y / A - (1 - Y) / (1 - A)) / outputs
    if mistake := mistakes.find("loss_gradient_factor"):
        # The 2 forgotten, or one too many, or the division by the number of outputs forgotten or invented.
        named = {"outputs": outputs, "over outputs": 1 / outputs}
        gradient = gradient * named.get(mistake.form, mistake.form)
    if mistakes.has("wrong_sign", network.depth):
        gradient = -gradient
    if network.mean_early and not mistakes.has("missing_mean"):
        gradient = gradient / m
    return gradient
