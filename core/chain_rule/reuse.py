"""What the backward pass reads back rather than computes again, counted, with what computing it again would take.

Were nothing kept from op to op, each backward op would first have to run again all that its numbers came from, back to
the batch and the parameters, which are there in any case. That is the price that the kept values save.
"""

from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.operands import computed_with
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class Reuse:
    """The values that the backward pass has read back so far, `read`, of as many as it will, `of`.

    `from_forward` of them were written by forward pass or loss, the others by the backward pass itself. `saved` is how
    many multiply-adds computing them again would have taken, `taken` how many the step has taken up to here.
    """

    read: int
    of: int
    from_forward: int
    saved: int
    taken: int


def reuse(plan: Plan, events: int) -> Reuse:
    """The count after so many events of a step. A value that two ops read is read back twice."""
    stored = {op: stored_reads(op) for op in plan.ops if op.phase != "update"}
    before = sources(stored)
    prices = ops_by_price(plan)
    read = of = from_forward = saved = 0
    for op, quantities in stored.items():
        if op.phase != "backward":
            continue
        of += sum(quantity.array.size for quantity in quantities)
        if op.place < events:
            read += sum(quantity.array.size for quantity in quantities)
            from_forward += sum(q.array.size for q in quantities if plan.events[q.place].phase != "backward")
            saved += sum(price * (before[op] & places).bit_count() for price, places in prices.items())
    taken = sum(op.multiply_adds for op in plan.ops if op.place < events)
    return Reuse(read, of, from_forward, saved, taken)


def stored_reads(op: Op) -> list[Quantity]:
    """What the op computes with that ops of this step wrote."""
    return [quantity for quantity in computed_with(op) if quantity.place > 0]


def ops_by_price(plan: Plan) -> dict[int, int]:
    """The ops of each number of multiply-adds, by their places: bit n is the op at place n."""
    found: dict[int, int] = {}
    for op in plan.ops:
        found[op.multiply_adds] = found.get(op.multiply_adds, 0) | 1 << op.place
    return found


def sources(stored: dict[Op, list[Quantity]]) -> dict[Op, int]:
    """For each op, in the order in which they run, the ops that its numbers came from: bit n is the op at place n.

    Bits of a whole number, since a deep network has many ops, and the union of all their sources is asked for.
    """
    behind: dict[int, int] = {}
    for op, quantities in stored.items():
        bits = 0
        for quantity in quantities:
            bits |= behind[quantity.place] | 1 << quantity.place
        behind[op.place] = bits
    return {op: behind[op.place] for op in stored}
