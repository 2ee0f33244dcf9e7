"""An activation and its slope at any array, whatever the step: for formulas that take them elsewhere."""

import numpy as np

from backprop_tui.core.network.activations import activation_of
from backprop_tui.core.ops.builder import Builder
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array


def f_and_slope(layer: Layer, z: Array) -> tuple[Array, Array]:
    """f(z) and f′(z) of the layer's activation, which is not softmax, at any array z."""
    builder = Builder(1, np.zeros(0, z.dtype), np.zeros(0, z.dtype))
    f = activation_of(layer)
    z = np.ascontiguousarray(z)
    value, slope = np.empty_like(z), np.empty_like(z)
    for call in (*f.write(builder, z, value), *f.write_derivative(builder, z, value, slope)):
        call()
    return value, slope


def softmax_product(A: Array, dA: Array) -> Array:
    """dA through the derivative of softmax where it gives A: A ⊙ (dA − Σₖ AₖdAₖ), (units, m)."""
    product: Array = A * (dA - (A * dA).sum(axis=0))
    return product


def through_activation(layer: Layer, z: Array, A: Array, dA: Array) -> Array:
    """dA through the activation that gives A of z, (units, m)."""
    if layer.activation == "softmax":
        return softmax_product(A, dA)
    product: Array = dA * f_and_slope(layer, z)[1]
    return product
