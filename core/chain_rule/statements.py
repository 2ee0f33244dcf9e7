"""What an op says in words and numbers: where it stands, its rule, its numbers, and where each number came from."""

import numpy as np

from backprop_tui.core.network.schedule import RATE
from backprop_tui.core.network.update import effective_rate
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.expression import Constant, Expression, Format, Product, Reference, Sum, abridged
from backprop_tui.core.ops.norm import norm
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass

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
class Contribution:
    """What one example, counted from 0, has added to a mean over `examples`: `expression`, which comes to `value`."""

    example: int
    examples: int
    expression: Expression
    value: float
    mean: float


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


def statement(
    op: Op,
    quantity: Quantity,
    index: Index,
    *,
    example: int = 0,
    most: int = MOST_TERMS,
    spotlight: Spotlight | None = None,
) -> Statement:
    """How the entry of `quantity` at `index`, written by `op`, came about, in at most `most` terms a sum.

    Of a sum over examples the term of `example` is among those shown, of another sum that of the spotlight.
    """
    own = None if spotlight is None else spotlight.holds
    expression = abridged(op.explain(quantity, index), most, example, own)
    return Statement(quantity, index, expression, quantity.entry(index), quantity.value(index))


def statements(op: Op, spotlight: Spotlight, last: int, wanted: Reference | None = None) -> list[Statement]:
    """One statement for each quantity that the op wrote, at the spotlight's entry or at the one `wanted`.

    The result comes first, and before it, of several, what belongs to the very parameter in the spotlight or wanted.
    """

    chosen = None if wanted is None else next((q for q in op.writes if same(q, wanted.quantity)), None)

    def index_of(quantity: Quantity) -> Index:
        if wanted is not None and chosen is not None and fits(wanted.index, quantity, chosen):
            return wanted.index
        return spotlight.entry(quantity, last)

    def first(quantity: Quantity) -> bool:
        return quantity is chosen if chosen is not None else spotlight.covers(quantity)

    written = sorted(op.writes, key=lambda quantity: not first(quantity))
    found = [
        statement(op, quantity, index_of(quantity), example=spotlight.example, spotlight=spotlight)
        for quantity in written
    ]
    if op.phase == "update":
        found += [after(op, change) for change in found if change.quantity.symbol.startswith("Δ")]
    return found


def same(one: Quantity, other: Quantity) -> bool:
    """Whether they are one quantity, be it in the plans of two steps."""
    return one.symbol == other.symbol and one.layer == other.layer


def fits(index: Index, quantity: Quantity, chosen: Quantity) -> bool:
    """Whether an index of `chosen` is one of `quantity` too: the same axes, and within them."""
    within = zip(index, quantity.array.shape, strict=False)
    return quantity.axes == chosen.axes and all(place < size for place, size in within)


def own_numbers(found: list[Statement], symbol: str) -> list[Statement]:
    """Of an update's statements those about the parameter `symbol`, from what the optimizer receives to the new value.

    The learning rate of the step under a schedule, and the norm of the gradient where it is clipped, are among them.
    """
    of_all = (RATE, "‖p‖")
    order = (f"p({symbol})", f"g({symbol})", f"Δ{symbol}", symbol)

    def rank(shown: Statement) -> float:
        name = shown.quantity.symbol
        # Moments, whatever their names, stand between what the optimizer receives and the change.
        return of_all.index(name) - 2 if name in of_all else order.index(name) if name in order else 1.5

    own = [s for s in found if s.quantity.symbol in (*order, *of_all) or s.quantity.symbol.endswith(f"({symbol})")]
    return sorted(own, key=rank)


def rate_statement(op: Op, change: Statement) -> Statement | None:
    """What the update multiplies the gradient, or its mean over the steps, by; None where that is η or ηₖ alone."""
    expression = effective_rate(op, change.quantity, change.index)
    if isinstance(expression, Constant | Reference):
        return None
    return Statement(change.quantity, change.index, expression, "effective learning rate", expression.value())


def contribution(op: Op, shown: Statement, example: int) -> Contribution | None:
    """The part that an example has in a statement of a mean over examples; None for another one, or one example.

    `example` counts from 0, and in a batch with fewer examples is the last.
    """
    match shown.expression:
        case Product((Constant("1/m") as share, Sum(_, "example"))):
            whole = op.explain(shown.quantity, shown.index)
            assert isinstance(whole, Product)
            terms = whole.factors[1]
            assert isinstance(terms, Sum)
            chosen = min(example, len(terms.terms) - 1)
            term = Product((share, *factors_of(terms.terms[chosen])))
            return Contribution(chosen, len(terms.terms), term, term.value(), shown.value)
    return None


def factors_of(expression: Expression) -> tuple[Expression, ...]:
    return expression.factors if isinstance(expression, Product) else (expression,)


def rate_read(op: Op) -> list[Statement]:
    """How the learning rate of the step came about, in an update that reads it: the first of them has written it."""
    return [statement(op, read, ()) for read in op.reads if read.symbol == RATE]


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
            "as the last step left it"
            if quantity.symbol not in ("W", "b", "γ", "β")
            else "parameter, changed at the step's end"
        )
    if op.phase == "start":
        return "given: the batch of this step"
    return f"{place(op, layers)} (op {op.place})"


def summary(quantity: Quantity) -> Summary:
    """Shape, range and norm of a large quantity."""
    finite = quantity.array[np.isfinite(quantity.array)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (np.nan, np.nan)
    return Summary(quantity.array.shape, low, high, norm(quantity.array))
