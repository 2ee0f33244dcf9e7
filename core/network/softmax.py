"""Softmax as an op, and its backward: each output depends on every logit of its example."""

from functools import partial
from math import exp

import numpy as np

from backprop_tui.core.ops.builder import Builder
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.expression import Apply, Expression, Negative, Product, Quotient, Reference, Sum
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Index, Quantity


def write_softmax(builder: Builder, layer: Layer, value: Quantity, output: Quantity) -> None:
    """A = softmax(Z) over each column, with the largest logit taken off first so that nothing overflows."""
    number, units = layer.number, layer.units
    S = builder.per_unit("S", number, units, f"logits of layer {number}, minus the largest of their example")
    T = builder.per_example("T", number, "sum of e^S over the outputs")
    largest = builder.per_example("max Z", number, "the largest logit of each example")

    def explain(quantity: Quantity, index: Index) -> Expression:
        example = index[-1]
        if quantity is largest:
            return Apply("max", max, tuple(Reference(value, (k, example)) for k in range(units)))
        if quantity is S:
            return Sum((Reference(value, index), Negative(Reference(largest, (example,)))))
        if quantity is T:
            return Sum(tuple(exponential(Reference(S, (k, example))) for k in range(units)), over="unit")
        return Quotient(exponential(Reference(S, index)), Reference(T, (example,)))

    builder.add(
        Op(
            phase="forward",
            name=output.symbol,
            layer=number,
            rule=f"{output.name} = softmax({value.name}) = e^S / Σ e^S   S = {value.name} − max {value.name}",
            why="Each logit becomes a share of the whole: positive, and together 1 for every example.",
            reads=(value,),
            writes=(output, S, T, largest),
            calls=(
                partial(np.maximum.reduce, value.array, axis=0, out=largest.array),
                partial(np.subtract, value.array, largest.array, S.array),
                partial(np.exp, S.array, output.array),
                partial(builder.ones(units).dot, output.array, T.array),
                partial(np.divide, output.array, T.array, output.array),
            ),
            explain=explain,
        )
    )


def exponential(argument: Expression) -> Expression:
    return Apply("exp", exp, (argument,))


def write_softmax_backward(
    builder: Builder, layer: Layer, value: Quantity, output: Quantity, upstream: Quantity, gradient: Quantity
) -> None:
    """dZ = A ⊙ (dA − Σₖ AₖdAₖ): every output depends on every logit, so the slope is a matrix, here multiplied out."""
    number, units = layer.number, layer.units
    A, dA = output.symbol, upstream.symbol
    shares = builder.per_example(f"Σ {A} {dA}", number, f"mean of {dA}, weighted by the probabilities")

    def explain(quantity: Quantity, index: Index) -> Expression:
        example = index[-1]
        if quantity is shares:
            entries = ((k, example) for k in range(units))
            return Sum(tuple(Product((Reference(output, k), Reference(upstream, k))) for k in entries), over="unit")
        less = Sum((Reference(upstream, index), Negative(Reference(shares, (example,)))))
        return Product((Reference(output, index), less))

    builder.add(
        Op(
            phase="backward",
            name=gradient.symbol,
            layer=number,
            rule=f"{gradient.name} = {output.name} ⊙ ({upstream.name} − Σₖ {A}ₖ {dA}ₖ)",
            why="Raising one logit lowers every other share: the mean gradient, weighted by the shares, is taken off.",
            reads=(upstream, output),
            writes=(gradient, shares),
            calls=(
                partial(np.multiply, output.array, upstream.array, gradient.array),
                partial(builder.ones(units).dot, gradient.array, shares.array),
                partial(np.subtract, upstream.array, shares.array, gradient.array),
                partial(np.multiply, output.array, gradient.array, gradient.array),
            ),
            explain=explain,
            upstream=upstream,
            local=output,
        )
    )
