"""What an op computes with: the arrays that its calls are bound to, and which of its `reads` stand in them.

An op may name more than it computes with: f′ is told of Z and A, and most activations need one of them.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from .event import Call, Op
from .quantity import Array, Quantity


def computed_with(op: Op) -> Iterator[Quantity]:
    """Those of the op's `reads` that stand in its calls."""
    arrays = [array for call in op.calls for array in operands(call)]
    return (read for read in op.reads if any(np.may_share_memory(read.array, array) for array in arrays))


def operands(call: Call) -> Iterator[Array]:
    """The arrays that a call is bound to, whether as an argument or as the array whose method it is."""
    if isinstance(call, partial):
        values = (getattr(call.func, "__self__", None), *call.args, *call.keywords.values())
        yield from (value for value in values if isinstance(value, np.ndarray))
