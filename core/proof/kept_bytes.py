"""What of the forward pass has to be kept for the way back, found in what the backward ops compute with."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from backprop_tui.core.ops.event import Call, Op
from backprop_tui.core.ops.quantity import Array, Quantity
from backprop_tui.core.training.plan import Plan


def cached_bytes(plan: Plan) -> int:
    """The bytes of the quantities that backward ops compute with and forward pass or loss wrote, masks with them.

    Parameters and the examples themselves are there in any case.
    """
    return sum(quantity.array.nbytes for quantity in kept(plan))


def kept(plan: Plan) -> tuple[Quantity, ...]:
    """Those quantities, each once.

    An op may name more than it computes with: f′ is told of Z and A, and most activations need one of them.
    """
    found = {
        quantity.name: quantity
        for op in plan.ops
        if op.phase == "backward"
        for quantity in computed_with(op)
        if quantity.symbol not in ("X", "Y") and (writer := plan.writer(quantity)) and writer.phase != "backward"
    }
    return tuple(found.values())


def computed_with(op: Op) -> Iterator[Quantity]:
    """Those of the op's `reads` that stand in its calls."""
    arrays = [array for call in op.calls for array in operands(call)]
    return (read for read in op.reads if any(np.may_share_memory(read.array, array) for array in arrays))


def operands(call: Call) -> Iterator[Array]:
    """The arrays that a call is bound to, whether as an argument or as the array whose method it is."""
    if isinstance(call, partial):
        values = (getattr(call.func, "__self__", None), *call.args, *call.keywords.values())
        yield from (value for value in values if isinstance(value, np.ndarray))
