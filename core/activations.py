"""Activation functions, each with its derivative under it, as array calls and as scalars.

The calls write into given buffers. The derivative is written from Z and A as they stand after the forward pass.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import exp, tanh

import numpy as np

from .affine import Backward
from .builder import Builder
from .event import Call, Op
from .expression import Apply, Expression, Negative, Product, Quotient, Reference, Sum, whole
from .layer import Layer
from .quantity import Array, Index, Quantity

Calls = tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Activation:
    """f and f′ of one preactivation.

    `write(builder, Z, A)` gives the calls that fill A: (units, m) from Z; `write_derivative(builder, Z, A, D)` those
    that fill D with f′(Z). `scalar` is f of one number; `derivative_of` is f′ as an expression of entries of Z and A.
    """

    symbol: str
    formula: str
    derivative: str
    why: str
    write: Callable[[Builder, Array, Array], Calls]
    write_derivative: Callable[[Builder, Array, Array, Array], Calls]
    scalar: Callable[[float], float]
    derivative_of: Callable[[Reference, Reference], Expression]


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


def sigmoid(z: float) -> float:
    return 1 / (1 + exp(-z)) if z >= 0 else exp(z) / (1 + exp(z))


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
    ),
}


def activate(builder: Builder, layer: Layer, Z: Quantity) -> tuple[Quantity, Backward]:
    """Write A = f(Z) of a layer, both (units, m); returns A, over its row of ones, and what writes dZ from dA."""
    if layer.activation == "softmax":
        return softmax(builder, layer, Z)
    f = ACTIVATIONS[layer.activation]
    A = builder.per_unit("A", layer.number, layer.units, f"activations of layer {layer.number}", ones=True)

    builder.add(
        Op(
            phase="forward",
            name="A",
            layer=layer.number,
            rule=f"{A.name} = {f.symbol}({Z.name})   {f.formula}",
            why=f.why,
            reads=(Z,),
            writes=(A,),
            calls=f.write(builder, Z.array, A.array),
            explain=lambda quantity, index: Apply(f.symbol, f.scalar, (Reference(Z, index),)),
        )
    )

    def backward(dA: Quantity) -> Quantity:
        number = layer.number
        local = builder.per_unit(f"{f.symbol}′(Z)", number, layer.units, f"slope of {f.symbol} at {Z.name}")
        dZ = builder.per_unit(
            "dZ", number, layer.units, f"gradient at the preactivations of layer {number}, per example"
        )

        def explain(quantity: Quantity, index: Index) -> Expression:
            if quantity is local:
                return f.derivative_of(Reference(Z, index), Reference(A, index))
            return Product((Reference(dA, index), Reference(local, index)))

        builder.add(
            Op(
                phase="backward",
                name="dZ",
                layer=number,
                rule=f"{dZ.name} = {dA.name} ⊙ {local.name}   {f.derivative}",
                why="What arrives from above, times the slope of the activation where this neuron stands.",
                reads=(dA, Z, A),
                writes=(dZ, local),
                calls=(
                    *f.write_derivative(builder, Z.array, A.array, local.array),
                    partial(np.multiply, dA.array, local.array, dZ.array),
                ),
                explain=explain,
                upstream=dA,
                local=local,
            )
        )
        return dZ

    return A, backward


def softmax(builder: Builder, layer: Layer, Z: Quantity) -> tuple[Quantity, Backward]:
    """Write A = softmax(Z) over each column, with the largest logit taken off first so that nothing overflows."""
    number, units = layer.number, layer.units
    S = builder.per_unit("S", number, units, f"logits of layer {number}, less the largest of their example")
    T = builder.per_example("T", number, "sum of e^S over the outputs")
    A = builder.per_unit("A", number, units, "probabilities: the output of the network", ones=True)
    largest = builder.per_example("max Z", number, "the largest logit of each example")

    def explain(quantity: Quantity, index: Index) -> Expression:
        example = index[-1]
        if quantity is largest:
            return Apply("max", max, tuple(Reference(Z, (k, example)) for k in range(units)))
        if quantity is S:
            return Sum((Reference(Z, index), Negative(Reference(largest, (example,)))))
        if quantity is T:
            return Sum(tuple(exponential(Reference(S, (k, example))) for k in range(units)), over="unit")
        return Quotient(exponential(Reference(S, index)), Reference(T, (example,)))

    builder.add(
        Op(
            phase="forward",
            name="A",
            layer=number,
            rule=f"{A.name} = softmax({Z.name}) = e^S / Σ e^S   S = {Z.name} − max {Z.name}",
            why="Each logit becomes a share of the whole: positive, and together 1 for every example.",
            reads=(Z,),
            writes=(A, S, T, largest),
            calls=(
                partial(np.maximum.reduce, Z.array, axis=0, out=largest.array),
                partial(np.subtract, Z.array, largest.array, S.array),
                partial(np.exp, S.array, A.array),
                partial(builder.ones(units).dot, A.array, T.array),
                partial(np.divide, A.array, T.array, A.array),
            ),
            explain=explain,
        )
    )
    return A, lambda dA: softmax_backward(builder, layer, A, dA)


def exponential(argument: Expression) -> Expression:
    return Apply("exp", exp, (argument,))


def softmax_backward(builder: Builder, layer: Layer, A: Quantity, dA: Quantity) -> Quantity:
    """dZ = A ⊙ (dA − Σₖ AₖdAₖ): every output depends on every logit, so the slope is a matrix, here multiplied out."""
    number, units = layer.number, layer.units
    shares = builder.per_example("Σ A dA", number, "mean of dA, weighted by the probabilities")
    dZ = builder.per_unit("dZ", number, units, f"gradient at the preactivations of layer {number}, per example")

    def explain(quantity: Quantity, index: Index) -> Expression:
        example = index[-1]
        if quantity is shares:
            pairs = (Product((Reference(A, (k, example)), Reference(dA, (k, example)))) for k in range(units))
            return Sum(tuple(pairs), over="unit")
        return Product((Reference(A, index), Sum((Reference(dA, index), Negative(Reference(shares, (example,)))))))

    builder.add(
        Op(
            phase="backward",
            name="dZ",
            layer=number,
            rule=f"{dZ.name} = {A.name} ⊙ ({dA.name} − Σₖ Aₖ dAₖ)",
            why="Raising one logit lowers every other share: the mean gradient, weighted by the shares, is taken off.",
            reads=(dA, A),
            writes=(dZ, shares),
            calls=(
                partial(np.multiply, A.array, dA.array, dZ.array),
                partial(builder.ones(units).dot, dZ.array, shares.array),
                partial(np.subtract, dA.array, shares.array, dZ.array),
                partial(np.multiply, A.array, dZ.array, dZ.array),
            ),
            explain=explain,
            upstream=dA,
            local=A,
        )
    )
    return dZ
