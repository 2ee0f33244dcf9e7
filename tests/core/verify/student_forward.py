"""The forward pass, as students write it."""

import numpy as np

from .network import Arrays, Layer, Mistakes, Network
from .student_activations import f

EPSILON = 1e-5
"""Of batch norm."""


def forward(network: Network, parameters: Arrays, X: Arrays, masks: Arrays, mistakes: Mistakes) -> Arrays:
    """Z and A of every layer, A0, and what batch norm and dropout keep for the backward pass: F = f(N), N, Z_hat, σ."""
    q: Arrays = {"A0": X}
    for number, layer in enumerate(network.layers, 1):
        W, b, A = parameters[f"W{number}"], parameters[f"b{number}"], q[f"A{number - 1}"]
        read = mistakes.find("preactivation_instead_of_activation", number)
        if read and read.form == "forward":
            A = q[f"N{number - 1}"]
        Z = W @ A if mistakes.has("bias_left_out_forward", number) else W @ A + b
        q[f"Z{number}"] = Z = mistakes.spoilt(f"Z{number}", Z)
        if layer.batch_norm:
            normalise(q, parameters, number, mistakes)
        else:
            q[f"N{number}"] = Z
        q[f"F{number}"] = mistakes.spoilt(f"A{number}", f(layer, q[f"N{number}"]))
        q[f"A{number}"] = q[f"F{number}"]
        if layer.dropout:
            drop(q, layer, masks[f"mask{number}"], number, mistakes)
    return q


def normalise(q: Arrays, parameters: Arrays, number: int, mistakes: Mistakes) -> None:
    """Batch norm of Z: writes Z_hat, N, and `deviation`, √(σ² + ε)."""
    Z = q[f"Z{number}"]
    mean, variance = Z.mean(axis=1, keepdims=True), Z.var(axis=1, keepdims=True)
    if mistake := mistakes.find("batch_norm_running_statistics", number):
        running_mean, running_variance = np.zeros_like(mean), np.ones_like(variance)
        if mistake.form == "updated":
            running_mean = 0.9 * running_mean + 0.1 * mean
            running_variance = 0.9 * running_variance + 0.1 * Z.var(axis=1, ddof=1, keepdims=True)
        mean, variance = running_mean, running_variance
    q[f"deviation{number}"] = np.sqrt(variance + EPSILON)
    q[f"Z_hat{number}"] = (Z - mean) / q[f"deviation{number}"]
    q[f"N{number}"] = parameters[f"gamma{number}"] * q[f"Z_hat{number}"] + parameters[f"beta{number}"]


def drop(q: Arrays, layer: Layer, kept: Arrays, number: int, mistakes: Mistakes) -> None:
    """Dropout of A by `kept`, which is 0 or 1; writes the mask that the backward pass uses again."""
    scaled = kept / (1 - layer.dropout)
    mistake = mistakes.find("dropout_scale_missing", number)
    q[f"mask{number}"] = kept if mistake and mistake.form is None else scaled
    q[f"back_mask{number}"] = kept if mistake else scaled
    left_out = mistakes.find("dropout_mask_not_applied", number)
    if not (left_out and left_out.form == "forward"):
        q[f"A{number}"] = q[f"F{number}"] * q[f"mask{number}"]
