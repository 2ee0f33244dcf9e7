"""Dropout: in training each unit is silenced with probability p, and what is left is scaled up to make good for it.

Source: Srivastava et al. 2014, in the inverted form, which leaves nothing to do in evaluation.
"""

from functools import partial

import numpy as np

from backprop_tui.core.ops.builder import Builder
from backprop_tui.core.ops.event import Call, Op
from backprop_tui.core.ops.expression import Constant, Expression, Product, Quotient, Reference
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Index, Quantity

from .affine import Backward


def dropout(builder: Builder, layer: Layer, F: Quantity) -> tuple[Quantity, Backward]:
    """Write M ⊙ F, (units, m): D where a residual follows, else A; returns it and what writes dF.

    M is 0, or one over the share kept.
    """
    number, units = layer.number, layer.units
    keep = 1 - layer.dropout
    meaning = "mask: 0 where a unit is dropped, else 1 over the share kept"
    M = builder.per_unit("M", number, units, meaning)
    final = not layer.residual
    name = "A" if final else "D"
    kept = builder.per_unit(name, number, units, f"activations of layer {number}, after dropout", ones=final)
    calls: list[Call] = []
    if builder.mode.draw_mask is None:
        # Laid by whoever runs the plan, as the batch is.
        M.place = 0
        builder.given(M)
    else:
        calls.append(partial(builder.mode.draw_mask, number, M.array))

    def explain(quantity: Quantity, index: Index) -> Expression:
        if quantity is M:
            drawn = int(M.array[index] > 0)
            return Quotient(Constant("kept", drawn, str(drawn)), Constant("(1 − p)", keep))
        return Product((Reference(M, index), Reference(F, index)))

    builder.add(
        Op(
            phase="forward",
            name=name,
            layer=number,
            rule=f"{kept.name} = {M.name} ⊙ {F.name}   {M.name} = kept / (1 − p)",
            why=f"A unit is dropped with probability p = {layer.dropout:g}; the others are divided by 1 − p, so that "
            "the sum stays the same on average.",
            reads=(F,) if calls else (F, M),
            writes=(kept, M) if calls else (kept,),
            calls=(*calls, partial(np.multiply, M.array, F.array, kept.array)),
            explain=explain,
        )
    )

    def backward(dA: Quantity) -> Quantity:
        dF = builder.per_unit("dF", number, units, f"gradient at f of layer {number}, before dropout, per example")
        builder.add(
            Op(
                phase="backward",
                name="dF",
                layer=number,
                rule=f"{dF.name} = {dA.name} ⊙ {M.name}",
                why="A unit that was dropped did not act on the loss; the others act scaled up.",
                reads=(dA, M),
                writes=(dF,),
                calls=(partial(np.multiply, dA.array, M.array, dF.array),),
                explain=lambda quantity, index: Product((Reference(dA, index), Reference(M, index))),
                upstream=dA,
                local=M,
            )
        )
        return dF

    return kept, backward
