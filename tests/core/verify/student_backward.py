"""The backward pass, as students write it."""

from collections.abc import Callable

import numpy as np

from .network import Array, Arrays, Mistakes, Network
from .student_activations import f_prime, f_prime_of_output, softmax_backward
from .student_losses import output_gradient

Update = Callable[[str, Array], Array]
"""The new value of a parameter, by its name and its gradient."""


def backward(network: Network, parameters: Arrays, q: Arrays, Y: Array, mistakes: Mistakes, update: Update) -> Arrays:
    """dA, dZ of every layer and the gradients of its parameters; `q` is what the forward pass gave."""
    g: Arrays = {}
    last = network.depth
    start = output_gradient(network, q[f"A{last}"], Y, mistakes)
    start = mistakes.spoilt(f"{'dZ' if network.fused else 'dA'}{last}", start)
    if network.fused:
        g[f"dZ{last}"] = twice(network, q, start, mistakes)
    else:
        g[f"dA{last}"] = start
    for number in range(last, 0, -1):
        if f"dZ{number}" not in g:
            g[f"dN{number}"] = through_activation(network, q, g[f"dA{number}"], number, mistakes)
            g[f"dZ{number}"] = g[f"dN{number}"]
            if network.layer(number).batch_norm:
                through_batch_norm(network, parameters, q, g, number, mistakes)
            g[f"dZ{number}"] = mistakes.spoilt(f"dZ{number}", g[f"dZ{number}"])
        weight_gradients(network, q, g, number, mistakes)
        if number > 1:
            g[f"dA{number - 1}"] = mistakes.spoilt(f"dA{number - 1}", down(parameters, g, number, mistakes, update))
    return g


def twice(network: Network, q: Arrays, dZ: Array, mistakes: Mistakes) -> Array:
    """dZ of the last layer, once more through the derivative that is in it already, for those who do that."""
    last = network.depth
    A = q[f"A{last}"]
    if mistake := mistakes.find("softmax_derivative_twice", last):
        if mistake.form == "diagonal":
            return dZ * A * (1 - A)
        return softmax_backward(A, dZ)
    if mistakes.has("sigmoid_derivative_twice", last):
        return dZ * A * (1 - A)
    if mistakes.has("softmax_derivative_diagonal", last):
        # −Y/A times A (1 − A), each output by itself.
        mean = 1 / A.shape[1] if network.mean_early else 1.0
        return (dZ - mean * A) * (1 - A)
    return dZ


def through_activation(network: Network, q: Arrays, dA: Array, number: int, mistakes: Mistakes) -> Array:
    """dN from dA: (units, m)."""
    layer = network.layer(number)
    N, F = q[f"N{number}"], q[f"F{number}"]
    if layer.dropout:
        left_out = mistakes.find("dropout_mask_not_applied", number)
        if not (left_out and left_out.form != "forward"):
            dA = dA * q[f"back_mask{number}"]
    if mistakes.has("missing_activation_derivative", number):
        return dA
    if mistakes.has("softmax_derivative_diagonal", number):
        return dA * F * (1 - F)
    if layer.activation == "softmax":
        dN = softmax_backward(F, dA)
        if mistakes.has("softmax_derivative_twice", number):
            dN = softmax_backward(F, dN)
        return dN
    if mistakes.has("derivative_at_activation", number):
        dN = dA * f_prime(layer, F)
    elif mistakes.has("derivative_formula_on_z", number):
        dN = dA * f_prime_of_output(layer, N)
    elif mistake := mistakes.find("derivative_of_other_activation", number):
        dN = dA * {"sigmoid": F * (1 - F), "tanh": 1 - F**2, "relu": N > 0}[mistake.form]
    elif mistakes.has("derivative_formula_in_part", number):
        dN = dA * (1 - F)
    elif mistakes.has("activation_instead_of_derivative", number):
        dN = dA * F
    elif mistakes.has("relu_mask_of_gradient", number):
        dN = np.where(dA > 0, dA, 0)
    elif mistakes.has("sigmoid_derivative_twice", number):
        dN = dA * F * (1 - F) * f_prime(layer, N)
    else:
        dN = dA * f_prime(layer, N)
    # Of the last layer the sign is that of A − Y, and so it is where no layer is named.
    mistake = mistakes.find("wrong_sign", number)
    if mistake and mistake.layer is not None and number < network.depth:
        dN = -dN
    return dN


def through_batch_norm(
    network: Network, parameters: Arrays, q: Arrays, g: Arrays, number: int, mistakes: Mistakes
) -> None:
    """Writes dZ, dgamma and dbeta from dN."""
    dN, Z_hat, scale = g[f"dN{number}"], q[f"Z_hat{number}"], parameters[f"gamma{number}"] / q[f"deviation{number}"]
    m = 1 if network.mean_early else dN.shape[1]
    g[f"dgamma{number}"] = (dN * Z_hat).sum(axis=1, keepdims=True) / m
    g[f"dbeta{number}"] = dN.sum(axis=1, keepdims=True) / m
    running = mistakes.find("batch_norm_running_statistics", number)
    if (running and running.form != "full") or mistakes.has("batch_norm_statistics_constant", number):
        g[f"dZ{number}"] = scale * dN
    else:
        means = dN.mean(axis=1, keepdims=True) + Z_hat * (dN * Z_hat).mean(axis=1, keepdims=True)
        g[f"dZ{number}"] = scale * (dN - means)


def weight_gradients(network: Network, q: Arrays, g: Arrays, number: int, mistakes: Mistakes) -> None:
    """Writes dW and db from dZ."""
    dZ, A = g[f"dZ{number}"], q[f"A{number - 1}"]
    m = dZ.shape[1]
    divisor = 1 if network.mean_early else m
    if mistakes.has("missing_mean", number):
        divisor = 1
    if mistakes.has("double_mean", number):
        divisor = divisor * m
    read = mistakes.find("preactivation_instead_of_activation", number)
    if read and read.form is None and number > 1:
        A = q[f"Z{number - 1}"]
    elif mistake := mistakes.find("activation_of_wrong_layer", number):
        A = q[f"A{number if mistake.form is None else mistake.form}"]
    dW = dZ @ A.T / divisor
    db = dZ.sum(axis=1, keepdims=True) / divisor
    if mistake := mistakes.find("last_example_only", number):
        # A loop over the examples that says `=` where it should say `+=`, divided by m behind it or not.
        count = 1 if mistake.form == "undivided" else divisor
        for i in range(m):
            dW = np.outer(dZ[:, i], A[:, i])
            db = dZ[:, i : i + 1]
        dW, db = dW / count, db / count
    if mistakes.has("transposed_gradient", number):
        dW = dW.T
    g[f"dW{number}"] = mistakes.spoilt(f"dW{number}", dW)
    g[f"db{number}"] = mistakes.spoilt(f"db{number}", bias_gradient(dZ, db, divisor, number, mistakes))


def bias_gradient(dZ: Array, db: Array, divisor: int, number: int, mistakes: Mistakes) -> Array:
    """db (units, 1) as it is, or as it is got wrong."""
    if mistake := mistakes.find("bias_gradient_of_one_example", number):
        one = 0 if mistake.form == "first" else -1
        return dZ[:, [one]] / (divisor if mistake.form == "divided" else 1)
    if mistake := mistakes.find("bias_gradient_summed", number):
        # A sum without an axis is one number, which fits every bias.
        return dZ.sum() / divisor if mistake.form == "number" else np.full_like(db, dZ.sum() / divisor)
    if mistakes.has("bias_gradient_zero", number):
        return np.zeros_like(db)
    if mistakes.has("bias_gradient_missing_mean", number):
        return dZ.sum(axis=1, keepdims=True)
    return db


def down(parameters: Arrays, g: Arrays, number: int, mistakes: Mistakes, update: Update) -> Array:
    """dA of the layer below, from dZ and W of layer `number`."""
    W, dZ = parameters[f"W{number}"], g[f"dZ{number}"]
    if mistakes.has("updated_weights_used", number):
        W = update(f"W{number}", g[f"dW{number}"])
    if mistakes.has("transposed_weights", number):
        return W @ dZ
    if mistakes.has("weights_left_out", number):
        # Of the same width dZ itself goes on; else what arrives at all units goes to every unit below.
        return dZ.copy() if W.shape[0] == W.shape[1] else np.tile(dZ.sum(axis=0, keepdims=True), (W.shape[1], 1))
    if mistake := mistakes.find("weights_of_wrong_layer", number):
        return parameters[f"W{mistake.form}"].T @ dZ
    return W.T @ dZ
