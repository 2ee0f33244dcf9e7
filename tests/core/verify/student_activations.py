"""Activation functions as students write them: f and f′ of the preactivation, and f′ as a formula of the output."""

from math import erf, pi, sqrt

import numpy as np

from .network import Array, Layer


def sigmoid(z: Array) -> Array:
    return 1 / (1 + np.exp(-z))


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=0, keepdims=True))
    return e / e.sum(axis=0, keepdims=True)


def normal_cdf(z: Array) -> Array:
    return (0.5 * (1 + np.vectorize(erf, otypes=[float])(z / sqrt(2)))).astype(z.dtype)


def normal_density(z: Array) -> Array:
    return np.exp(-z * z / 2) / sqrt(2 * pi)


def f(layer: Layer, z: Array) -> Array:
    """The activation of a layer; z and what it gives are (units, m)."""
    match layer.activation:
        case "identity":
            return z.copy()
        case "sigmoid":
            return sigmoid(z)
        case "tanh":
            return np.tanh(z)
        case "relu":
            return np.maximum(z, 0)
        case "leaky_relu":
            return np.where(z > 0, z, layer.slope * z)
        case "elu":
            return np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1)
        case "gelu":
            return z * normal_cdf(z)
        case "gelu_tanh":
            return 0.5 * z * (1 + np.tanh(sqrt(2 / pi) * (z + 0.044715 * z**3)))
        case "silu":
            return z * sigmoid(z)
        case "softplus":
            return np.log1p(np.exp(-abs(z))) + np.maximum(z, 0)
        case "softmax":
            return softmax(z)
    raise ValueError(layer.activation)


def f_prime(layer: Layer, z: Array) -> Array:
    """f′ entry by entry; softmax has none."""
    match layer.activation:
        case "identity":
            return np.ones_like(z)
        case "sigmoid":
            return sigmoid(z) * (1 - sigmoid(z))
        case "tanh":
            return 1 - np.tanh(z) ** 2
        case "relu":
            return (z > 0).astype(z.dtype)
        case "leaky_relu":
            return np.where(z > 0, 1, layer.slope).astype(z.dtype)
        case "elu":
            return np.where(z > 0, 1, np.exp(np.minimum(z, 0))).astype(z.dtype)
        case "gelu":
            return normal_cdf(z) + z * normal_density(z)
        case "gelu_tanh":
            c = sqrt(2 / pi)
            t = np.tanh(c * (z + 0.044715 * z**3))
            return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * c * (1 + 3 * 0.044715 * z**2)
        case "silu":
            return sigmoid(z) * (1 + z * (1 - sigmoid(z)))
        case "softplus":
            return sigmoid(z)
    raise ValueError(layer.activation)


def f_prime_of_output(layer: Layer, a: Array) -> Array:
    """f′ as a formula of a = f(z), for the activations that have one."""
    match layer.activation:
        case "sigmoid":
            return a * (1 - a)
        case "tanh":
            return 1 - a**2
        case "elu":
            return np.where(a > 0, 1, a + 1).astype(a.dtype)
        case "softplus":
            return 1 - np.exp(-a)
    raise ValueError(layer.activation)


OF_OUTPUT = ("sigmoid", "tanh", "elu", "softplus")
"""The activations whose derivative is often written as a formula of the output, which is not the same one of z."""


def softmax_backward(a: Array, upstream: Array) -> Array:
    """The Jacobian of softmax, whose outputs are a, times `upstream`."""
    return a * (upstream - (a * upstream).sum(axis=0, keepdims=True))
