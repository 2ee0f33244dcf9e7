"""Batch norm: each unit's preactivations brought to mean 0 and variance 1 over the batch, then scaled and shifted.

Source: Ioffe and Szegedy 2015. In training mode mean and variance are the batch's own, and so every example acts on
every other; in evaluation mode they are running averages of those of the steps before.
"""

from functools import partial
from math import sqrt

import numpy as np

from backprop_tui.core.ops.builder import Builder
from backprop_tui.core.ops.event import Call, Op
from backprop_tui.core.ops.expression import Apply, Constant, Expression, Negative, Product, Quotient, Reference, Sum
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import ALWAYS, Array, Index, Quantity, of_layer

from .affine import Backward, mean

EPSILON = 1e-5
"""Under the root, so that a unit that never changes is not divided by 0."""
MOMENTUM = 0.9
"""The share of a running statistic that a step leaves as it is."""
USELESS = (
    "A batch of one example is its own mean: Ẑ is 0 whatever Z is, and no gradient gets through. Use a larger batch."
)


def batch_norm(builder: Builder, layer: Layer, Z: Quantity) -> tuple[Quantity, Backward]:
    """Write N = γ Ẑ + β from Z, both (units, m); returns N and what writes dγ, dβ and dZ from dN."""
    if not builder.mode.training:
        return evaluate(builder, layer, Z)
    number, units, m = layer.number, layer.units, builder.examples
    parameters = builder.layer_parameters(layer)
    mu = builder.of_units("μ", number, units, f"mean of {Z.name} over the batch")
    variance = builder.of_units("σ²", number, units, f"variance of {Z.name} over the batch, divided by m")
    s = builder.of_units("s", number, units, "standard deviation, with ε under the root")
    share = builder.ones(m, 1 / m)
    centred = np.zeros((units, m), builder.dtype)
    squares = np.zeros_like(centred)
    Z_hat, N = normalized(builder, layer)

    def explain(quantity: Quantity, index: Index) -> Expression:
        unit = index[:1]
        if quantity is mu:
            return mean(tuple(Reference(Z, (*unit, i)) for i in range(m)))
        if quantity is variance:
            return mean(tuple(square(difference(Z, mu, (*unit, i))) for i in range(m)))
        if quantity is s:
            return root(Reference(variance, unit))
        if quantity is Z_hat:
            return Quotient(difference(Z, mu, index), Reference(s, unit))
        return shifted(parameters, Z_hat, index)

    builder.add(
        Op(
            phase="forward",
            name="N",
            layer=number,
            rule=f"{Z_hat.name} = ({Z.name} − {mu.name}) / {s.name}   s = √(σ² + ε)   {N.name} = γ {Z_hat.name} + β",
            why=USELESS
            if m == 1
            else "Each unit gets mean 0 and variance 1 over the batch, then its own scale γ "
            "and shift β, which are learned.",
            reads=(Z, parameters["γ"], parameters["β"]),
            writes=(N, Z_hat, mu, variance, s),
            calls=(
                partial(Z.array.dot, share, mu.array),
                partial(np.subtract, Z.array, mu.array[:, None], centred),
                partial(np.square, centred, squares),
                partial(squares.dot, share, variance.array),
                partial(np.add, variance.array, builder.constant(EPSILON), s.array),
                partial(np.sqrt, s.array, s.array),
                partial(np.divide, centred, s.array[:, None], Z_hat.array),
                *scale_and_shift(parameters, Z_hat, N),
            ),
            explain=explain,
        )
    )
    if builder.mode.keep:
        builder.finishing += running_calls(builder, layer, mu.array, variance.array)

    def backward(dN: Quantity) -> Quantity:
        write_parameter_gradients(builder, layer, dN, Z_hat)
        return write_preactivation_gradient(builder, layer, dN, Z_hat, s)

    return N, backward


def evaluate(builder: Builder, layer: Layer, Z: Quantity) -> tuple[Quantity, Backward]:
    """N from the running mean and variance; there is no way back."""
    number = layer.number
    parameters = builder.layer_parameters(layer)
    arrays = zip(("running μ", "running σ²"), ("mean", "variance"), layer.running(builder.mode.statistics), strict=True)
    mu, variance = (
        builder.given(Quantity(symbol, number, array, ("unit",), f"running {word} of {Z.name}", ALWAYS))
        for symbol, word, array in arrays
    )
    s = builder.of_units("s", number, layer.units, "standard deviation, with ε under the root")
    Z_hat, N = normalized(builder, layer)

    def explain(quantity: Quantity, index: Index) -> Expression:
        unit = index[:1]
        if quantity is s:
            return root(Reference(variance, unit))
        if quantity is Z_hat:
            return Quotient(difference(Z, mu, index), Reference(s, unit))
        return shifted(parameters, Z_hat, index)

    def backward(dN: Quantity) -> Quantity:
        raise LookupError("a pass in evaluation mode has no backward pass")

    builder.add(
        Op(
            phase="forward",
            name="N",
            layer=number,
            rule=f"{Z_hat.name} = ({Z.name} − {mu.name}) / {s.name}   s = √(running σ² + ε)   "
            f"{N.name} = γ {Z_hat.name} + β",
            why="In evaluation each example is normalized by the running statistics, whatever else is in its batch.",
            reads=(Z, parameters["γ"], parameters["β"], mu, variance),
            writes=(N, Z_hat, s),
            calls=(
                partial(np.add, variance.array, builder.constant(EPSILON), s.array),
                partial(np.sqrt, s.array, s.array),
                partial(np.subtract, Z.array, mu.array[:, None], Z_hat.array),
                partial(np.divide, Z_hat.array, s.array[:, None], Z_hat.array),
                *scale_and_shift(parameters, Z_hat, N),
            ),
            explain=explain,
        )
    )
    return N, backward


def normalized(builder: Builder, layer: Layer) -> tuple[Quantity, Quantity]:
    """Ẑ and N, (units, m) each."""
    number, units = layer.number, layer.units
    Z_hat = builder.per_unit("Ẑ", number, units, f"normalized preactivations of layer {number}")
    return Z_hat, builder.per_unit("N", number, units, f"normalized, scaled and shifted: what layer {number} acts on")


def scale_and_shift(parameters: dict[str, Quantity], Z_hat: Quantity, N: Quantity) -> tuple[Call, Call]:
    gamma, beta = parameters["γ"].array, parameters["β"].array
    return (
        partial(np.multiply, Z_hat.array, gamma[:, None], N.array),
        partial(np.add, N.array, beta[:, None], N.array),
    )


def shifted(parameters: dict[str, Quantity], Z_hat: Quantity, index: Index) -> Expression:
    """γ Ẑ + β."""
    unit = index[:1]
    scaled = Product((Reference(parameters["γ"], unit), Reference(Z_hat, index)))
    return Sum((scaled, Reference(parameters["β"], unit)))


def difference(Z: Quantity, mu: Quantity, index: Index) -> Expression:
    """Z − μ."""
    return Sum((Reference(Z, index), Negative(Reference(mu, index[:1]))))


def square(expression: Expression) -> Expression:
    return Product((expression, expression))


def root(variance: Expression) -> Expression:
    """√(σ² + ε)."""
    return Apply("√", sqrt, (Sum((variance, Constant("ε", EPSILON))),))


def running_calls(builder: Builder, layer: Layer, mu: Array, variance: Array) -> list[Call]:
    """running ← 0.9 running + 0.1 batch, at the step's finish; of the variance the unbiased one.

    One example has no variance, and leaves the running one alone.
    """
    m = builder.examples
    batches = [(mu, 1.0)] if m == 1 else [(mu, 1.0), (variance, m / (m - 1))]
    calls: list[Call] = []
    for running, (batch, correction) in zip(layer.running(builder.mode.statistics), batches, strict=False):
        scaled = np.zeros_like(batch)
        calls += [
            partial(np.multiply, batch, builder.constant((1 - MOMENTUM) * correction), scaled),
            partial(np.multiply, running, builder.constant(MOMENTUM), running),
            partial(np.add, running, scaled, running),
        ]
    return calls


def write_parameter_gradients(builder: Builder, layer: Layer, dN: Quantity, Z_hat: Quantity) -> None:
    """dγ = (1/m) Σ dN ⊙ Ẑ and dβ = (1/m) Σ dN, (units,) each."""
    number, m = layer.number, builder.examples
    gradients = layer.parameters(builder.gradient)
    dgamma, dbeta = (
        builder.view(f"d{symbol}", number, gradients[symbol], ("unit",), f"∂ℒ/∂{of_layer(symbol, number)}")
        for symbol in ("γ", "β")
    )
    share = builder.ones(m, 1 / m)
    products = np.zeros_like(dN.array)

    def explain(quantity: Quantity, index: Index) -> Expression:
        upstream = [Reference(dN, (*index, i)) for i in range(m)]
        if quantity is dbeta:
            return mean(tuple(upstream))
        return mean(tuple(Product((d, Reference(Z_hat, (*index, i)))) for i, d in enumerate(upstream)))

    average = "(1/m) Σ " if m > 1 else ""
    builder.add(
        Op(
            phase="backward",
            name="dγ dβ",
            layer=number,
            rule=f"{dgamma.name} = {average}{dN.name} ⊙ {Z_hat.name}   {dbeta.name} = {average}{dN.name}",
            why="γ multiplied Ẑ and β was added: their gradients are those of a weight and a bias.",
            reads=(dN, Z_hat),
            writes=(dgamma, dbeta),
            calls=(
                partial(np.multiply, dN.array, Z_hat.array, products),
                partial(products.dot, share, dgamma.array),
                partial(dN.array.dot, share, dbeta.array),
            ),
            explain=explain,
            upstream=dN,
            local=Z_hat,
        )
    )


def write_preactivation_gradient(
    builder: Builder, layer: Layer, dN: Quantity, Z_hat: Quantity, s: Quantity
) -> Quantity:
    """dZ = γ/√(σ²+ε) · (dN − mean dN − Ẑ · mean(dN ⊙ Ẑ)); the two means are dβ and dγ."""
    number = layer.number
    gamma = builder.layer_parameters(layer)["γ"]
    dgamma, dbeta = builder.quantities["dγ", number], builder.quantities["dβ", number]
    slope = builder.of_units("γ/s", number, layer.units, "slope of batch norm, were mean and variance fixed")
    dZ = builder.per_unit("dZ", number, layer.units, f"gradient at the preactivations of layer {number}, per example")
    spread = np.zeros_like(dZ.array)

    def explain(quantity: Quantity, index: Index) -> Expression:
        unit = index[:1]
        if quantity is slope:
            return Quotient(Reference(gamma, unit), Reference(s, unit))
        along = Product((Reference(Z_hat, index), Reference(dgamma, unit)))
        inner = Sum((Reference(dN, index), Negative(Reference(dbeta, unit)), Negative(along)))
        return Product((Reference(slope, unit), inner))

    builder.add(
        Op(
            phase="backward",
            name="dZ",
            layer=number,
            rule=f"{dZ.name} = {slope.name} ⊙ ({dN.name} − {dbeta.name} − {Z_hat.name} {dgamma.name})",
            why=USELESS
            if builder.examples == 1
            else "Mean and variance depend on Z too: what would only move the mean (dβ) or the standard deviation "
            "(dγ) is taken off.",
            reads=(dN, Z_hat, s, gamma, dgamma, dbeta),
            writes=(dZ, slope),
            calls=(
                partial(np.divide, gamma.array, s.array, slope.array),
                partial(np.multiply, Z_hat.array, dgamma.array[:, None], spread),
                partial(np.subtract, dN.array, dbeta.array[:, None], dZ.array),
                partial(np.subtract, dZ.array, spread, dZ.array),
                partial(np.multiply, dZ.array, slope.array[:, None], dZ.array),
            ),
            explain=explain,
            upstream=dN,
            local=slope,
        )
    )
    return dZ
