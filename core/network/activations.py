"""Activation functions, each with its derivative under it, as array calls and as scalars.

The calls write into given buffers. The derivative is written from Z and A as they stand after the forward pass. Z is
what f is applied to and A what it gives, whatever they are called in a layer. For every finite z both are numbers.
Softmax, whose outputs depend on every logit, has a file of its own.
"""

from collections.abc import Callable
from functools import partial
from math import exp, expm1, log1p, pi, sqrt, tanh

import numpy as np

from backprop_tui.core.ops.builder import Builder
from backprop_tui.core.ops.event import Call
from backprop_tui.core.ops.expression import Apply, Expression, Negative, Product, Reference, Sum, signed, whole
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.value_class import dataclass

from .error_function import normal_cdf, normal_density, write_density_slope, write_normal_cdf

Calls = tuple[Call, ...]

CUBIC = 0.044715
"""Of gelu_tanh: Hendrycks and Gimpel, "Gaussian Error Linear Units (GELUs)", 2016."""
TWICE_LINEAR = 2 * sqrt(2 / pi)
SATURATED = 40.0
"""Where |z| is beyond, gelu_tanh is z or 0 to the last digit, and z³ might overflow."""
STEEPEST_GELU_TANH, STEEPEST_SILU = 1.128993068658772, 1.099839320128867
"""Their largest slopes, at z = 1.4185 and z = 2.3994: there are no formulas for these."""


@dataclass(frozen=True, slots=True)
class Activation:
    """f and f′ of one preactivation.

    `write(builder, Z, A)` gives the calls that fill A: (units, m) from Z; `write_derivative(builder, Z, A, D)` those
    that fill D with f′(Z). `scalar` is f of one number; `derivative_of` is f′ as an expression of entries of Z and A.
    `steepest` is the largest |f′| anywhere, or what it comes as near as one likes to. `kinks` are the points where f′
    jumps.
    """

    symbol: str
    formula: str
    derivative: str
    why: str
    write: Callable[[Builder, Array, Array], Calls]
    write_derivative: Callable[[Builder, Array, Array, Array], Calls]
    scalar: Callable[[float], float]
    derivative_of: Callable[[Reference, Reference], Expression]
    steepest: float = 1.0
    kinks: tuple[float, ...] = ()


def write_identity(builder: Builder, Z: Array, A: Array) -> Calls:
    return (partial(np.copyto, A, Z),)


def write_identity_derivative(builder: Builder, Z: Array, A: Array, D: Array) -> Calls:
    D.fill(1)
    return ()


def write_sigmoid(builder: Builder, Z: Array, A: Array) -> Calls:
    one = builder.constant(1.0)
    # Where e^−z overflows to infinity its reciprocal is 0, which is σ(z) rounded.
    return (partial(np.negative, Z, A), partial(np.exp, A, A), partial(np.add, A, one, A), partial(np.reciprocal, A, A))


def write_sigmoid_derivative(builder: Builder, Z: Array, A: Array, D: Array) -> Calls:
    return (partial(np.subtract, builder.constant(1.0), A, D), partial(np.multiply, D, A, D))


def write_tanh(builder: Builder, Z: Array, A: Array) -> Calls:
    return (partial(np.tanh, Z, A),)


def write_tanh_derivative(builder: Builder, Z: Array, A: Array, D: Array) -> Calls:
    return (partial(np.square, A, D), partial(np.subtract, builder.constant(1.0), D, D))


def write_relu(builder: Builder, Z: Array, A: Array) -> Calls:
    # An array of zeros is three times as fast as the number 0 on large layers.
    return (partial(np.maximum, Z, np.zeros_like(Z), out=A),)


def write_relu_derivative(builder: Builder, Z: Array, A: Array, D: Array) -> Calls:
    # Written as 0 and 1 into D itself; np.sign takes twice as long.
    return (partial(np.greater, A, builder.constant(0.0), D),)


def write_leaky_relu(slope: float, builder: Builder, Z: Array, A: Array) -> Calls:
    negative = np.empty_like(Z)
    zero = builder.constant(0.0)
    # Their sum, not the larger of z and slope·z, which is another function for slopes above 1.
    return (
        partial(np.minimum, Z, zero, out=negative),
        partial(np.multiply, negative, builder.constant(slope), negative),
        partial(np.maximum, Z, zero, out=A),
        partial(np.add, A, negative, A),
    )


def write_leaky_relu_derivative(slope: float, builder: Builder, Z: Array, A: Array, D: Array) -> Calls:
    # From Z: with a slope of 0 or below, the sign of A does not tell the sides apart.
    positive = np.empty(Z.shape, dtype=bool)
    return (
        partial(np.greater, Z, builder.constant(0.0), positive),
        partial(np.copyto, D, builder.constant(slope)),
        partial(np.copyto, D, builder.constant(1.0), where=positive),
    )


def write_elu(builder: Builder, Z: Array, A: Array) -> Calls:
    positive = np.empty_like(Z)
    zero = builder.constant(0.0)
    return (
        partial(np.minimum, Z, zero, out=A),
        partial(np.expm1, A, A),
        partial(np.maximum, Z, zero, out=positive),
        partial(np.add, A, positive, A),
    )


def write_elu_derivative(builder: Builder, Z: Array, A: Array, D: Array) -> Calls:
    return partial(np.minimum, Z, builder.constant(0.0), out=D), partial(np.exp, D, D)


def write_gelu(builder: Builder, Z: Array, A: Array) -> Calls:
    cdf = np.empty(Z.shape)
    return (*write_normal_cdf(Z, cdf), partial(np.multiply, Z, cdf, A))


def write_gelu_derivative(builder: Builder, Z: Array, A: Array, D: Array) -> Calls:
    cdf, slope = np.empty(Z.shape), np.empty(Z.shape)
    return (*write_normal_cdf(Z, cdf), *write_density_slope(Z, slope), partial(np.add, cdf, slope, D))


def write_gate(builder: Builder, Z: Array, u: Array, h: Array) -> Calls:
    """Calls that fill h with ½ (1 + tanh u) = σ(2u) of gelu_tanh, which loses no digits far below 0; u is scratch."""
    return (
        partial(np.maximum, Z, builder.constant(-SATURATED), out=u),
        partial(np.minimum, u, builder.constant(SATURATED), out=u),
        partial(np.square, u, h),
        partial(np.multiply, h, builder.constant(CUBIC), h),
        partial(np.add, h, builder.constant(1.0), h),
        partial(np.multiply, h, u, u),
        partial(np.multiply, u, builder.constant(TWICE_LINEAR), u),
        *write_bounded_sigmoid(builder, u, u, h),
    )


def write_gelu_tanh(builder: Builder, Z: Array, A: Array) -> Calls:
    return (*write_gate(builder, Z, np.empty_like(Z), A), partial(np.multiply, Z, A, A))


def write_gelu_tanh_derivative(builder: Builder, Z: Array, A: Array, D: Array) -> Calls:
    z, h = np.empty_like(Z), np.empty_like(Z)
    one = builder.constant(1.0)
    return (
        *write_gate(builder, Z, z, h),
        partial(np.maximum, Z, builder.constant(-SATURATED), out=z),
        partial(np.minimum, z, builder.constant(SATURATED), out=z),
        # z h′(z)
        partial(np.square, z, D),
        partial(np.multiply, D, builder.constant(3 * CUBIC), D),
        partial(np.add, D, one, D),
        partial(np.multiply, D, builder.constant(TWICE_LINEAR), D),
        partial(np.multiply, D, z, D),
        partial(np.multiply, D, h, D),
        partial(np.subtract, one, h, z),
        partial(np.multiply, D, z, D),
        partial(np.add, D, h, D),
    )


def write_bounded_sigmoid(builder: Builder, Z: Array, scratch: Array, out: Array) -> Calls:
    """Calls that fill `out` with σ(Z) = e^min(z, 0) / (1 + e^−|z|): no power overflows, and far below 0 it is exact."""
    return (
        partial(np.minimum, Z, builder.constant(0.0), out=out),
        partial(np.exp, out, out),
        partial(np.absolute, Z, scratch),
        partial(np.negative, scratch, scratch),
        partial(np.exp, scratch, scratch),
        partial(np.add, scratch, builder.constant(1.0), scratch),
        partial(np.divide, out, scratch, out),
    )


def write_silu(builder: Builder, Z: Array, A: Array) -> Calls:
    return (*write_bounded_sigmoid(builder, Z, np.empty_like(Z), A), partial(np.multiply, Z, A, A))


def write_silu_derivative(builder: Builder, Z: Array, A: Array, D: Array) -> Calls:
    share = np.empty_like(Z)
    one = builder.constant(1.0)
    return (
        *write_bounded_sigmoid(builder, Z, D, share),
        partial(np.subtract, one, share, D),
        partial(np.multiply, D, Z, D),
        partial(np.add, D, one, D),
        partial(np.multiply, D, share, D),
    )


def write_softplus(builder: Builder, Z: Array, A: Array) -> Calls:
    return (partial(np.logaddexp, builder.constant(0.0), Z, A),)


def write_softplus_derivative(builder: Builder, Z: Array, A: Array, D: Array) -> Calls:
    return write_bounded_sigmoid(builder, Z, np.empty_like(Z), D)


def sigmoid(z: float) -> float:
    return 1 / (1 + exp(-z)) if z >= 0 else exp(z) / (1 + exp(z))


def softplus(z: float) -> float:
    return max(z, 0.0) + log1p(exp(-abs(z)))


def gate(z: float) -> float:
    """h(z) = ½ (1 + tanh(√(2/π) (z + 0.044715 z³)))."""
    return sigmoid((z * z * CUBIC + 1) * z * TWICE_LINEAR)


def gate_slope(z: float) -> float:
    """h′(z); 0 as soon as h has come to 0 or 1."""
    z = max(-SATURATED, min(z, SATURATED))
    return TWICE_LINEAR * (z * z * 3 * CUBIC + 1) * gate(z) * (1 - gate(z))


def leaky_relu(slope: float) -> Activation:
    """leaky relu with this slope below 0, which may be any number."""
    written = signed(f"{slope:g}")
    return Activation(
        symbol="leaky_relu",
        formula=f"leaky_relu(z) = z for z > 0, else {written} z",
        derivative=f"leaky_relu′(z) = 1 for z > 0, else {written}",
        why=f"A positive sum passes unchanged, a negative one times {written}, so that some gradient comes through.",
        write=partial(write_leaky_relu, slope),
        write_derivative=partial(write_leaky_relu_derivative, slope),
        scalar=lambda z: z if z > 0 else slope * z,
        derivative_of=lambda z, a: Apply("leaky_relu′", lambda value: 1.0 if value > 0 else slope, (z,)),
        steepest=max(1.0, abs(slope)),
        kinks=(0.0,) if slope != 1 else (),
    )


def silu_derivative(z: Reference, a: Reference) -> Expression:
    share = Apply("σ", sigmoid, (z,))
    return Product((share, Sum((whole(1), Product((z, Sum((whole(1), Negative(share)))))))))


ACTIVATIONS: dict[str, Activation] = {
    "identity": Activation(
        symbol="id",
        formula="f(z) = z",
        derivative="f′(z) = 1",
        why="The output is the sum itself.",
        write=write_identity,
        write_derivative=write_identity_derivative,
        scalar=lambda z: z,
        derivative_of=lambda z, a: whole(1),
    ),
    "sigmoid": Activation(
        symbol="σ",
        formula="σ(z) = 1 / (1 + e^−z)",
        derivative="σ′(z) = σ(z) (1 − σ(z)), at most 0.25",
        why="The sigmoid squashes the sum into 0 … 1; its slope is never above 0.25.",
        write=write_sigmoid,
        write_derivative=write_sigmoid_derivative,
        scalar=sigmoid,
        derivative_of=lambda z, a: Product((a, Sum((whole(1), Negative(a))))),
        steepest=0.25,
    ),
    "tanh": Activation(
        symbol="tanh",
        formula="tanh(z) = (e^z − e^−z) / (e^z + e^−z)",
        derivative="tanh′(z) = 1 − tanh(z)²",
        why="tanh squashes the sum into −1 … 1; its slope is 1 at 0 and falls to 0 on both sides.",
        write=write_tanh,
        write_derivative=write_tanh_derivative,
        scalar=tanh,
        derivative_of=lambda z, a: Sum((whole(1), Negative(Product((a, a))))),
    ),
    "relu": Activation(
        symbol="relu",
        formula="relu(z) = max(0, z)",
        derivative="relu′(z) = 1 for z > 0, else 0",
        why="A positive sum passes unchanged, a negative one is cut to 0; the slope is 1 or 0.",
        write=write_relu,
        write_derivative=write_relu_derivative,
        scalar=lambda z: max(0.0, z),
        derivative_of=lambda z, a: Apply("relu′", lambda value: float(value > 0), (z,)),
        kinks=(0.0,),
    ),
    "leaky_relu": leaky_relu(0.01),
    "elu": Activation(
        symbol="elu",
        formula="elu(z) = z for z > 0, else e^z − 1",
        derivative="elu′(z) = 1 for z > 0, else e^z",
        why="A positive sum passes unchanged, a negative one bends smoothly towards −1.",
        write=write_elu,
        write_derivative=write_elu_derivative,
        scalar=lambda z: z if z > 0 else expm1(z),
        derivative_of=lambda z, a: Apply("elu′", lambda value: exp(min(value, 0.0)), (z,)),
    ),
    "gelu": Activation(
        symbol="gelu",
        formula="gelu(z) = z Φ(z)   Φ(z) = ½ (1 + erf(z/√2))",
        derivative="gelu′(z) = Φ(z) + z φ(z)   φ(z) = e^(−z²/2) / √(2π)",
        why="The sum is weighted by Φ, the share of a normal distribution that lies below it.",
        write=write_gelu,
        write_derivative=write_gelu_derivative,
        scalar=lambda z: z * normal_cdf(z),
        derivative_of=lambda z, a: Sum((Apply("Φ", normal_cdf, (z,)), Product((z, Apply("φ", normal_density, (z,)))))),
        # φ′(z) = −z φ(z), so gelu″(z) = φ(z) (2 − z²).
        steepest=normal_cdf(sqrt(2)) + sqrt(2) * normal_density(sqrt(2)),
    ),
    "gelu_tanh": Activation(
        symbol="gelu_tanh",
        formula="gelu_tanh(z) = z h(z)   h(z) = ½ (1 + tanh(√(2/π) (z + 0.044715 z³)))",
        derivative="gelu_tanh′(z) = h(z) + z h′(z)   h′(z) = 2 h(z) (1 − h(z)) √(2/π) (1 + 0.134145 z²)",
        why="gelu with its Φ replaced by a tanh that is close to it.",
        write=write_gelu_tanh,
        write_derivative=write_gelu_tanh_derivative,
        scalar=lambda z: z * gate(z),
        derivative_of=lambda z, a: Sum((Apply("h", gate, (z,)), Product((z, Apply("h′", gate_slope, (z,)))))),
        steepest=STEEPEST_GELU_TANH,
    ),
    "silu": Activation(
        symbol="silu",
        formula="silu(z) = z σ(z)   σ(z) = 1 / (1 + e^−z)",
        derivative="silu′(z) = σ(z) (1 + z (1 − σ(z)))",
        why="The sum is weighted by its own sigmoid: a relu with a soft corner, a little below 0 left of it.",
        write=write_silu,
        write_derivative=write_silu_derivative,
        scalar=lambda z: z * sigmoid(z),
        derivative_of=silu_derivative,
        steepest=STEEPEST_SILU,
    ),
    "softplus": Activation(
        symbol="softplus",
        formula="softplus(z) = ln(1 + e^z)",
        derivative="softplus′(z) = σ(z) = 1 / (1 + e^−z)",
        why="A relu with a soft corner: always above 0, and its slope is the sigmoid.",
        write=write_softplus,
        write_derivative=write_softplus_derivative,
        scalar=softplus,
        derivative_of=lambda z, a: Apply("σ", sigmoid, (z,)),
    ),
}


def activation_of(layer: Layer) -> Activation:
    """The activation of a layer of any kind but softmax; leaky relu with the layer's own slope."""
    return leaky_relu(layer.slope) if layer.activation == "leaky_relu" else ACTIVATIONS[layer.activation]
