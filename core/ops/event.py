"""An op is one event of a step: what it reads, what it writes, the rule that joins them, and how to run it.

The trainer yields the very op that has just run; there is no other kind of event.
"""

from collections.abc import Callable
from typing import Literal

from backprop_tui.core.value_class import dataclass

from .expression import Expression
from .quantity import Index, Quantity

Phase = Literal["forward", "loss", "backward", "update"]
Boundary = Literal["start", "finish"]
PHASES: tuple[Phase, ...] = ("forward", "loss", "backward", "update")
Call = Callable[[], object]
Explain = Callable[[Quantity, Index], Expression]


def nothing_to_explain(quantity: Quantity, index: Index) -> Expression:
    """The explanation of an op that writes no number of its own."""
    raise LookupError(f"{quantity.entry(index)} is given, not computed")


@dataclass(slots=True, eq=False)
class Op:
    """One op of a plan.

    `calls` run it, in order. `explain` gives for an entry of any quantity in `writes` the expression that made it.
    The first of `writes` is its result; `upstream` and `local` are the two sides of its chain rule, where it has them.
    `multiply_adds` counts those of its matrix product (and one a parameter for an update). `source` is the module and
    the line of the code that wrote it into its plan; the boundaries of a step have none.
    """

    phase: Phase | Boundary
    name: str
    layer: int | None
    rule: str
    why: str
    reads: tuple[Quantity, ...] = ()
    writes: tuple[Quantity, ...] = ()
    calls: tuple[Call, ...] = ()
    explain: Explain = nothing_to_explain
    multiply_adds: int = 0
    upstream: Quantity | None = None
    local: Quantity | None = None
    place: int = 0
    source: tuple[str, int] | None = None

    @property
    def result(self) -> Quantity:
        return self.writes[0]
