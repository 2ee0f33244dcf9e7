"""Where a run stops being finite: the first op that wrote a number which is none."""

from dataclasses import dataclass

import numpy as np

from .event import Op
from .quantity import Array, Quantity


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


def all_finite(array: Array) -> bool:
    return bool(np.isfinite(array).all())
