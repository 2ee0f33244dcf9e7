"""Where a number goes: which later ops make something from it, in this step and in the next."""

from collections.abc import Iterator
from itertools import product

from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.expression import Reference
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass

from .spotlight import Spotlight
from .statements import place


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a number goes: an entry that an op makes from it, in this step (`steps` 0) or in the next (1).

    `op` is an op of the plan in hand; the next step's may have a plan of its own, with the same op at the same place.
    """

    reference: Reference
    op: Op
    steps: int
    text: str


def destinations(plan: Plan, quantity: Quantity, index: Index, spotlight: Spotlight, last: int) -> list[Destination]:
    """Which later ops make something from an entry of `quantity`, and of what they make that the entry to look at.

    That is the spotlight's where the number has a part in it, else the first that it has. A change goes into its
    parameter when the step finishes; a parameter's new value and new moments go into the next step.
    """
    found = list(used_by(plan, plan.ops, quantity, index, spotlight, last, 0))
    if quantity.symbol.startswith("Δ"):
        parameter = plan[quantity.symbol[1:], quantity.layer]
        text = f"step finished: new {parameter.entry(index)}, which the next step starts from"
        found.append(Destination(Reference(parameter, index), plan.finished, 0, text))
    before = following(plan, quantity)
    if before is not None:
        found += used_by(plan, plan.ops, before, index, spotlight, last, 1)
    return found


def following(plan: Plan, quantity: Quantity) -> Quantity | None:
    """What a moment's new value is called in the next step: m(W) is its m₀(W)."""
    name, bracket, parameter = quantity.symbol.partition("(")
    return plan.find(f"{name}₀({parameter}", quantity.layer) if bracket else None


def new_value_goes_to(
    plan: Plan, parameter: Quantity, index: Index, spotlight: Spotlight, last: int
) -> list[Destination]:
    """Which ops of the next step read the value of a parameter that this step's finish has given it."""
    return list(used_by(plan, plan.ops, parameter, index, spotlight, last, 1))


def used_by(
    plan: Plan, ops: tuple[Op, ...], quantity: Quantity, index: Index, spotlight: Spotlight, last: int, steps: int
) -> Iterator[Destination]:
    """The entries that ops make from an entry of `quantity`, one for each quantity that they write from it."""
    for op in ops:
        if quantity not in op.reads and quantity not in op.writes:
            continue
        for made in op.writes:
            entry = None if made is quantity else reached(op, made, quantity, index, spotlight, last)
            if entry is not None:
                where = "next step · " if steps else ""
                text = f"{where}{place(op, last)} (op {op.place}): {made.entry(entry)}"
                yield Destination(Reference(made, entry), op, steps, text)


def reached(op: Op, made: Quantity, quantity: Quantity, index: Index, spotlight: Spotlight, last: int) -> Index | None:
    """An entry of `made`, which `op` writes, that an entry of `quantity` has a part in; None where it has in none.

    The entries tried have at each axis the spotlight's place or one that the entry itself has.
    """
    shared = dict(zip(quantity.axes, index, strict=True))
    choices = []
    for axis, size, own in zip(made.axes, made.array.shape, spotlight.entry(made, last), strict=True):
        if axis == "example" and axis in shared:
            choices.append([shared[axis]])
        else:
            choices.append(list(dict.fromkeys((own, *(at for at in reversed(index) if at < size)))))
    for entry in product(*choices):
        if any(r.quantity is quantity and r.index == index for r in op.explain(made, entry).references()):
            return entry
    return None
