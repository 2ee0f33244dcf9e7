"""Where a run stops being finite: the first op that wrote a number which is none."""

from collections.abc import Sequence

import numpy as np

from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.quantity import Array, Quantity
from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """The first op that wrote NaN or infinity: after `count` events of the run, in step `step`, from 1."""

    step: int
    count: int
    op: Op
    quantity: Quantity

    def text(self) -> str:
        """`dZ⁽²⁾ is not finite: backward · layer 2 · step 3`."""
        where = f" · layer {self.op.layer}" if self.op.layer is not None else ""
        return f"{self.quantity.name} is not finite: {self.op.phase}{where} · step {self.step}"


def not_finite(op: Op) -> Quantity | None:
    """The first of what the op wrote that holds a number which is not finite."""
    return next((q for q in op.writes if not all_finite(q.array)), None)


def first_fault(ops: Sequence[Op], step: int, begin: int) -> Fault | None:
    """The first of the ops of step `step`, which began at count `begin`, that wrote such a number; None without one."""
    for op in ops:
        quantity = not_finite(op)
        if quantity is not None:
            return Fault(step, begin + op.place + 1, op, quantity)
    return None


def all_finite(array: Array) -> bool:
    return bool(np.isfinite(array).all())
