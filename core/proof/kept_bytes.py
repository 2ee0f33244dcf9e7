"""What of the forward pass has to be kept for the way back, found in what the backward ops compute with."""

from backprop_tui.core.ops.operands import computed_with
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.training.plan import Plan


def cached_bytes(plan: Plan) -> int:
    """The bytes of the quantities that backward ops compute with and forward pass or loss wrote, masks with them.

    Parameters and the examples themselves are there in any case.
    """
    return sum(quantity.array.nbytes for quantity in kept(plan))


def kept(plan: Plan) -> tuple[Quantity, ...]:
    """Those quantities, each once."""
    found = {
        quantity.name: quantity
        for op in plan.ops
        if op.phase == "backward"
        for quantity in computed_with(op)
        if quantity.symbol not in ("X", "Y") and (writer := plan.writer(quantity)) and writer.phase != "backward"
    }
    return tuple(found.values())
