"""What an op says in words and numbers: where it stands, its rule, its numbers, and where each number came from."""

from dataclasses import dataclass

import numpy as np

from .event import Op
from .expression import Expression, Format, Reference, Sum, abridged
from .history import norm
from .plan import Plan
from .quantity import Index, Quantity
from .spotlight import Spotlight

MOST_TERMS = 5
"""Of a longer sum the largest terms are shown, and the rest as one number."""


@dataclass(frozen=True, slots=True)
class Statement:
    """`name = symbols = numbers = value` for one entry of what an op wrote."""

    quantity: Quantity
    index: Index
    expression: Expression
    name: str
    value: float

    def symbols(self) -> str:
        return self.expression.symbols()

    def numbers(self, form: Format) -> str:
        return self.expression.numbers(form)

    def text(self, form: Format) -> str:
        """The whole line; where the expression is one number, that number is not said twice."""
        numbers, value = self.numbers(form), form(self.value)
        middle = "" if numbers == value else f" = {numbers}"
        return f"{self.name} = {self.symbols()}{middle} = {value}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one factor of a statement came from: the op that wrote it, or None for what was there before."""

    reference: Reference
    op: Op | None
    text: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A large quantity in a line. `low` and `high` are NaN where there is no finite number."""

    shape: tuple[int, ...]
    low: float
    high: float
    norm: float


def place(op: Op, layers: int) -> str:
    """`backward · layer 2 of 3 · dW db`."""
    middle = f" · layer {op.layer} of {layers}" if op.layer is not None else ""
    return f"{op.phase}{middle} · {op.name}"


def statement(op: Op, quantity: Quantity, index: Index, *, example: int = 0, most: int = MOST_TERMS) -> Statement:
    """How the entry of `quantity` at `index`, written by `op`, came about, in at most `most` terms a sum.

    Of a sum over examples the term of `example` is among those shown.
    """
    expression = abridged(op.explain(quantity, index), most, example)
    return Statement(quantity, index, expression, quantity.entry(index), quantity.value(index))


def statements(op: Op, spotlight: Spotlight, last: int, wanted: Reference | None = None) -> list[Statement]:
    """One statement for each quantity that the op wrote, at the spotlight's entry or at the one `wanted`.

    The result comes first, and before it, of several, what belongs to the very parameter in the spotlight or wanted.
    """

    def index_of(quantity: Quantity) -> Index:
        if wanted is not None and wanted.quantity in op.writes and quantity.axes == wanted.quantity.axes:
            return wanted.index
        return spotlight.entry(quantity, last)

    def first(quantity: Quantity) -> bool:
        return quantity is wanted.quantity if wanted is not None else spotlight.covers(quantity)

    written = sorted(op.writes, key=lambda quantity: not first(quantity))
    found = [statement(op, quantity, index_of(quantity), example=spotlight.example) for quantity in written]
    if op.phase == "update":
        found += [after(op, change) for change in found if change.quantity.symbol.startswith("Δ")]
    return found


def after(op: Op, change: Statement) -> Statement:
    """The parameter that a change belongs to, as it will be when the step finishes."""
    parameter = next(q for q in op.reads if q.symbol == change.quantity.symbol[1:])
    index = change.index
    expression = Sum((Reference(parameter, index), Reference(change.quantity, index)))
    # Added as the trainer will add them, in the run's own precision.
    with np.errstate(all="ignore"):
        value = float(parameter.array[index] + change.quantity.array[index])
    return Statement(parameter, index, expression, f"new {parameter.entry(index)}", value)


def origins(shown: Statement, plan: Plan, layers: int) -> list[Origin]:
    """Where each number in a statement came from, each once, in reading order."""
    found: dict[tuple[int, Index], Origin] = {}
    for reference in shown.expression.references():
        key = (id(reference.quantity), reference.index)
        if key not in found:
            op = plan.writer(reference.quantity)
            found[key] = Origin(reference, op, origin_text(reference.quantity, op, layers))
    return list(found.values())


def origin_text(quantity: Quantity, op: Op | None, layers: int) -> str:
    """In words, what made a quantity."""
    if op is None:
        return (
            "as the last step left it" if quantity.symbol not in ("W", "b") else "parameter, changed at the step's end"
        )
    if op.phase == "start":
        return "given: the batch of this step"
    return f"{place(op, layers)} (op {op.place})"


def summary(quantity: Quantity) -> Summary:
    """Shape, range and norm of a large quantity."""
    finite = quantity.array[np.isfinite(quantity.array)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (np.nan, np.nan)
    return Summary(quantity.array.shape, low, high, norm(quantity.array))
