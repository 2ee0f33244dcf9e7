"""The activation of a layer as ops: f applied to Z, or to N behind a batch norm, and its backward."""

from functools import partial

import numpy as np

from backprop_tui.core.ops.builder import Builder
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.expression import Apply, Expression, Product, Reference
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Index, Quantity

from .activations import activation_of
from .affine import Backward
from .softmax import write_softmax, write_softmax_backward

MEANINGS = {"Z": "the preactivations", "N": "the normalized preactivations"}


def activate(builder: Builder, layer: Layer, value: Quantity) -> tuple[Quantity, Backward]:
    """Write f(value) of a layer, both (units, m); returns it and what writes the gradient at `value` from that at it.

    `value` is Z, or N behind a batch norm; its gradient is dZ or dN. What is written is A, over its row of ones, or F
    where dropout or a residual sum makes A of it.
    """
    number, units = layer.number, layer.units
    softmax = layer.activation == "softmax"
    if layer.residual or (layer.dropout and builder.mode.training):
        output = builder.per_unit("F", number, units, f"what the activation of layer {number} gives")
    else:
        meaning = "probabilities: the output of the network" if softmax else f"activations of layer {number}"
        output = builder.per_unit("A", number, units, meaning, ones=True)
    write = write_softmax if softmax else write_elementwise
    write(builder, layer, value, output)

    def backward(upstream: Quantity) -> Quantity:
        meaning = f"gradient at {MEANINGS[value.symbol]} of layer {number}, per example"
        gradient = builder.per_unit(f"d{value.symbol}", number, units, meaning)
        write = write_softmax_backward if softmax else write_elementwise_backward
        write(builder, layer, value, output, upstream, gradient)
        return gradient

    return output, backward


def write_elementwise(builder: Builder, layer: Layer, value: Quantity, output: Quantity) -> None:
    """A = f(Z), entry by entry."""
    f = activation_of(layer)
    builder.add(
        Op(
            phase="forward",
            name=output.symbol,
            layer=layer.number,
            rule=f"{output.name} = {f.symbol}({value.name})   {f.formula}",
            why=f.why,
            reads=(value,),
            writes=(output,),
            calls=f.write(builder, value.array, output.array),
            explain=lambda quantity, index: Apply(f.symbol, f.scalar, (Reference(value, index),)),
        )
    )


def write_elementwise_backward(
    builder: Builder, layer: Layer, value: Quantity, output: Quantity, upstream: Quantity, gradient: Quantity
) -> None:
    """dZ = dA ⊙ f′(Z)."""
    f = activation_of(layer)
    local = builder.per_unit(
        f"{f.symbol}′({value.symbol})", layer.number, layer.units, f"slope of {f.symbol} at {value.name}"
    )

    def explain(quantity: Quantity, index: Index) -> Expression:
        if quantity is local:
            return f.derivative_of(Reference(value, index), Reference(output, index))
        return Product((Reference(upstream, index), Reference(local, index)))

    builder.add(
        Op(
            phase="backward",
            name=gradient.symbol,
            layer=layer.number,
            rule=f"{gradient.name} = {upstream.name} ⊙ {local.name}   {f.derivative}",
            why="What arrives from above, times the slope of the activation where this neuron stands.",
            reads=(upstream, value, output),
            writes=(gradient, local),
            calls=(
                *f.write_derivative(builder, value.array, output.array, local.array),
                partial(np.multiply, upstream.array, local.array, gradient.array),
            ),
            explain=explain,
            upstream=upstream,
            local=local,
        )
    )
