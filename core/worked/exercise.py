"""What a worksheet asks, and all that it takes: each entry that its lines are made of, down to what is given."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import numpy as np

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.chain_rule.statements import Statement, statements
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.expression import Apply, Constant, Expression, Negative, Product, Quotient, Sum
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass

from .solution_reader import LARGEST_MATRIX, is_given

MOST_GIVEN = 2000
"""The most numbers that a worksheet gives of quantities above LARGEST_MATRIX."""
MOST_FOUND = 20_000
"""The most numbers of such quantities that are to be found."""
MOST_TERMS = 64
"""Of a longer sum the first terms and the last are written down."""
FIRST_TERMS = 8
PAGE = 60
"""The most lines on a page."""
NORM = "‖p‖"
FEWER_EXAMPLES = "take fewer units, or fewer examples with --set training.batch_size=1"

Entry = tuple[Quantity, Index]


class TooWideError(PresetError):
    """A step, or a weight of it, that takes more paper than a worksheet has: `what` says so, `advice` what to do."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(f"{what}; {advice}")
        self.what = what

    def advised(self, advice: str) -> PresetError:
        """The same with other advice."""
        return PresetError(f"{self.what}; {advice}")


@dataclass(frozen=True, slots=True)
class Exercise:
    """`needed` holds, of each quantity, the entries that are asked for or that one asked for is made of.

    The key of a worksheet is laid out by it too, so that every blank has its answer.
    """

    needed: dict[Quantity, set[Index]]

    def whole(self, quantity: Quantity) -> bool:
        """Whether the sheet has a place for every entry of a quantity."""
        return quantity.array.size <= max(LARGEST_MATRIX, len(self.needed.get(quantity, ())))

    def entries(self, quantity: Quantity) -> list[Index]:
        """The needed entries of a quantity, by their indices."""
        return sorted(self.needed.get(quantity, ()))

    def statements(self, op: Op, spotlight: Spotlight, last: int) -> Iterator[Statement]:
        """The spotlight's entry of each quantity that an op wrote; of one not written out whole, each needed entry."""
        for shown in statements(op, spotlight, last):
            if shown.quantity not in op.writes:
                yield shown
            elif self.whole(shown.quantity):
                yield in_full(op, shown.quantity, shown.index)
            else:
                for index in self.entries(shown.quantity):
                    yield in_full(op, shown.quantity, index)


def exercise(plan: Plan, spotlight: Spotlight, last: int) -> Exercise:
    """The exercise of a step: small quantities, and of larger ones the spotlight's entry, with all that these take.

    `last` is the number of the output layer. Raises TooWideError where a sheet has no room for that.
    """
    written = [quantity for op in plan.ops for quantity in op.writes]
    if all(quantity.array.size <= LARGEST_MATRIX for quantity in plan.quantities.values()):
        # All of them are written out whole.
        return Exercise({})
    asked: list[Entry] = []
    for quantity in written:
        small = quantity.array.size <= LARGEST_MATRIX
        indices = np.ndindex(quantity.array.shape) if small else [spotlight.entry(quantity, last)]
        asked += [(quantity, index) for index in indices]
    return Exercise(needed(plan, asked))


def needed(plan: Plan, asked: Iterable[Entry]) -> dict[Quantity, set[Index]]:
    """The entries `asked` and all that they are made of. Raises TooWideError where those are too many for a sheet."""
    found: dict[Quantity, set[Index]] = defaultdict(set)
    given = computed = 0
    waiting = list(asked)
    while waiting:
        quantity, index = waiting.pop()
        if index in found[quantity]:
            continue
        found[quantity].add(index)
        large = quantity.array.size > LARGEST_MATRIX
        op = plan.writer(quantity)
        if op is None or is_given(plan, quantity):
            given += large
        else:
            computed += large
            waiting += made_of(op, quantity, index)
        if given > MOST_GIVEN:
            raise TooWideError(too_wide(gives_too_much()), "take fewer units, inputs or examples")
        if computed > MOST_FOUND:
            why = f"it would ask for more than {MOST_FOUND} numbers, on over {MOST_FOUND // PAGE} pages"
            raise TooWideError(too_wide(why), FEWER_EXAMPLES)
    return dict(found)


def too_wide(why: str) -> str:
    return f"this network is too wide for a worksheet: {why}"


def gives_too_much() -> str:
    return f"it would have to give more than {MOST_GIVEN} numbers, on over {MOST_GIVEN // PAGE} pages"


def made_of(op: Op, quantity: Quantity, index: Index) -> list[Entry]:
    """The entries that an entry came from; of the gradient's norm, which sums up a long gradient, all gradients."""
    if quantity.symbol == NORM:
        gradients = [read for read in op.reads if read.symbol.startswith("d")]
        return [(read, place) for read in gradients for place in np.ndindex(read.array.shape)]
    return [(name.quantity, name.index) for name in op.explain(quantity, index).references()]


def in_full(op: Op, quantity: Quantity, index: Index) -> Statement:
    """How an entry came about, with every sum in the order of its indices, whichever terms are large."""
    expression = shortened(op.explain(quantity, index))
    if quantity.symbol == NORM and len(made_of(op, quantity, index)) > MOST_TERMS:
        # Its largest squares would betray which they are; the rule says what it is made of.
        norm = quantity.value(index)
        # A power of a number overflows with an error, a product to infinity.
        expression = Apply("√", np.sqrt, (Constant("Σ p²", norm * norm),))
    return Statement(quantity, index, expression, quantity.entry(index), quantity.value(index))


def shortened(expression: Expression) -> Expression:
    """The same number, of every sum of over MOST_TERMS terms the first and the last, with `…` for those between."""
    match expression:
        case Sum(terms, over):
            terms = tuple(map(shortened, terms))
            if len(terms) > MOST_TERMS:
                between = sum(term.value() for term in terms[FIRST_TERMS:-1])
                terms = (*terms[:FIRST_TERMS], Constant("…", between, "…"), terms[-1])
            return Sum(terms, over)
        case Product(factors):
            return Product(tuple(map(shortened, factors)))
        case Negative(inner):
            return Negative(shortened(inner))
        case Quotient(above, below):
            return Quotient(shortened(above), shortened(below))
        case Apply(name, function, arguments):
            return Apply(name, function, tuple(map(shortened, arguments)))
    return expression
