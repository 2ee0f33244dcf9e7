"""The affine part of a layer, Z = W A + b, and its three gradients.

The bias is one more weight, from a row of ones under the activations: `[W | b]` times `[A; 1]` is one product, and so
is its gradient.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from backprop_tui.core.ops.builder import Builder
from backprop_tui.core.ops.event import Call, Op
from backprop_tui.core.ops.expression import Constant, Expression, Product, Reference, Sum
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array, Index, Quantity, of_layer

Backward = Callable[[Quantity], Quantity | None]
MUCH = 1000
"""Numbers that are multiplied by 1/m while one more call is made, about."""


def affine(builder: Builder, layer: Layer, below: Quantity) -> tuple[Quantity, Backward]:
    """Write Z: (units, m) from the activations `below`: (inputs, m); returns Z and what writes its backward."""
    parameters = builder.layer_parameters(layer)
    W, b = parameters["W"], parameters.get("b")
    source = below.array if below.with_ones is None or b is None else below.with_ones
    Z = builder.per_unit("Z", layer.number, layer.units, f"preactivations of layer {layer.number}")
    products = layer.units * layer.inputs * builder.examples

    def explain(quantity: Quantity, index: Index) -> Expression:
        unit, example = index
        terms: list[Expression] = [
            Product((Reference(W, (unit, i)), Reference(below, (i, example)))) for i in range(layer.inputs)
        ]
        if b is not None:
            terms.append(Reference(b, (unit,)))
        return Sum(tuple(terms), over="input")

    builder.add(
        Op(
            phase="forward",
            name="Z",
            layer=layer.number,
            rule=f"{Z.name} = {W.name} {below.name}" + (f" + {b.name}" if b is not None else ""),
            why="Each neuron adds its inputs, each times its weight" + (", and its bias." if b is not None else "."),
            reads=(W, below) if b is None else (W, below, b),
            writes=(Z,),
            calls=(partial(layer.block(builder.parameters).dot, source, Z.array),),
            explain=explain,
            multiply_adds=products,
        )
    )

    def backward(dZ: Quantity) -> Quantity | None:
        write_parameter_gradients(builder, layer, dZ, below)
        return None if layer.number == 1 else write_activation_gradient(builder, layer, dZ, W)

    return Z, backward


def write_parameter_gradients(builder: Builder, layer: Layer, dZ: Quantity, below: Quantity) -> None:
    """dW = (1/m) dZ Aᵀ and db = (1/m) Σ dZ, as one product with the row of ones."""
    number, m = layer.number, builder.examples
    gradient = layer.block(builder.gradient)
    dW = builder.view("dW", number, gradient[:, : layer.inputs], ("unit", "input"), f"∂ℒ/∂{of_layer('W', number)}")
    writes = [dW]
    if layer.has_bias:
        writes.append(builder.view("db", number, gradient[:, layer.inputs], ("unit",), f"∂ℒ/∂{of_layer('b', number)}"))
    source = below.with_ones if layer.has_bias and below.with_ones is not None else below.array
    calls = gradient_calls(builder, dZ.array, source, gradient)

    def explain(quantity: Quantity, index: Index) -> Expression:
        upstream = [Reference(dZ, (index[0], example)) for example in range(m)]
        if quantity is dW:
            local = [Reference(below, (index[1], example)) for example in range(m)]
            return mean(tuple(Product(pair) for pair in zip(upstream, local, strict=True)))
        return mean(tuple(upstream))

    average = "(1/m) " if m > 1 else ""
    bias_rule = f"   {of_layer('db', number)} = {average}Σ {dZ.name}" if layer.has_bias and m > 1 else ""
    if layer.has_bias and m == 1:
        bias_rule = f"   {of_layer('db', number)} = {dZ.name}"
    builder.add(
        Op(
            phase="backward",
            name="dW db" if layer.has_bias else "dW",
            layer=number,
            rule=f"{dW.name} = {average}{dZ.name} {transposed(below)}{bias_rule}",
            why="A weight's gradient is what arrives at its neuron times what the weight was given to multiply.",
            reads=(dZ, below),
            writes=tuple(writes),
            calls=calls,
            explain=explain,
            multiply_adds=layer.units * layer.inputs * m,
            upstream=dZ,
            local=below,
        )
    )


def transposed(quantity: Quantity) -> str:
    """`Xᵀ`, `(W⁽²⁾)ᵀ`."""
    return f"{quantity.name}ᵀ" if quantity.layer is None else f"({quantity.name})ᵀ"


def gradient_calls(builder: Builder, dZ: Array, source: Array, gradient: Array) -> tuple[Call, ...]:
    """(1/m) dZ sourceᵀ into `gradient`; 1/m goes to it, or to dZ: (units, m) where that is much smaller.

    Gradients lie side by side, so that in whole steps those of several layers are multiplied at once.
    """
    m = builder.examples
    if m == 1:
        return (partial(dZ.dot, source.T, gradient),)
    share = builder.constant(1 / m)
    if dZ.size + MUCH >= gradient.size:
        return partial(dZ.dot, source.T, gradient), partial(np.multiply, gradient, share, gradient)
    scaled = np.zeros_like(dZ)
    return partial(np.multiply, dZ, share, scaled), partial(scaled.dot, source.T, gradient)


def mean(terms: tuple[Expression, ...]) -> Expression:
    """The mean over examples of one term each."""
    if len(terms) == 1:
        return terms[0]
    return Product((Constant("1/m", 1 / len(terms), f"1/{len(terms)}"), Sum(terms, over="example")))


def write_activation_gradient(builder: Builder, layer: Layer, dZ: Quantity, W: Quantity) -> Quantity:
    """dA of the layer below = Wᵀ dZ: what each of its neurons did to the loss, through every neuron of this layer.

    In a residual layer + dA: what it did past this layer.
    """
    meaning = f"gradient at the activations of layer {layer.number - 1}, per example"
    # The product takes the whole block, which is in one piece where W alone is not and np.dot would copy it; what
    # comes out below for the column of the biases goes to a row that nobody reads.
    dA = builder.per_unit("dA", layer.number - 1, layer.inputs, meaning, ones=layer.has_bias)
    target = dA.array if dA.with_ones is None else dA.with_ones
    dA.with_ones = None
    calls: list[Call] = [partial(layer.block(builder.parameters).T.dot, dZ.array, target)]
    above = builder.quantities["dA", layer.number] if layer.residual else None
    if above is not None:
        calls.append(partial(np.add, dA.array, above.array, dA.array))

    def explain(quantity: Quantity, index: Index) -> Expression:
        unit, example = index
        terms: list[Expression] = [
            Product((Reference(dZ, (j, example)), Reference(W, (j, unit)))) for j in range(layer.units)
        ]
        if above is not None:
            terms.append(Reference(above, index))
        return Sum(tuple(terms), over="unit")

    why = "A neuron acts on the loss through every neuron it feeds: add their gradients, each times its weight."
    builder.add(
        Op(
            phase="backward",
            name="dA",
            layer=layer.number,
            rule=f"{dA.name} = {transposed(W)} {dZ.name}" + (f" + {above.name}" if above is not None else ""),
            why=why if above is None else f"{why} The residual connection brings it to the loss past the layer too.",
            reads=(dZ, W) if above is None else (dZ, W, above),
            writes=(dA,),
            calls=tuple(calls),
            explain=explain,
            multiply_adds=layer.units * layer.inputs * builder.examples,
            upstream=dZ,
            local=W,
        )
    )
    return dA
