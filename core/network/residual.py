"""A residual connection: the layer's input is added to what it makes of it.

Source: He et al. 2016. On the way back the sum hands its gradient to both of its terms: to the layer unchanged, and
past it, where the op that writes dA of the layer below adds it (see `affine`).
"""

from functools import partial

import numpy as np

from backprop_tui.core.ops.builder import Builder
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.expression import Reference, Sum
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Quantity

from .affine import Backward


def residual(builder: Builder, layer: Layer, value: Quantity) -> tuple[Quantity, Backward]:
    """Write A = A_below + value, (units, m); returns A and what hands dA on to `value`."""
    below = builder.below(layer)
    A = builder.per_unit(
        "A", layer.number, layer.units, f"activations of layer {layer.number}, its input among them", ones=True
    )
    builder.add(
        Op(
            phase="forward",
            name="A",
            layer=layer.number,
            rule=f"{A.name} = {below.name} + {value.name}",
            why="The layer only adds to what it was given: forward and back there is a way past it.",
            reads=(below, value),
            writes=(A,),
            calls=(partial(np.add, below.array, value.array, A.array),),
            explain=lambda quantity, index: Sum((Reference(below, index), Reference(value, index))),
        )
    )
    return A, lambda dA: dA
