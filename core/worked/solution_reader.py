"""Reads the lines and matrices of a worked solution off a step's plan, with the numbers or with blanks."""

import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from backprop_tui.core.chain_rule.statements import Statement, summary
from backprop_tui.core.network.affine import transposed
from backprop_tui.core.network.schedule import RATE
from backprop_tui.core.ops.expression import Apply, Constant, Expression, Negative, Product, Quotient, Reference, Sum
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.training.plan import Plan

from .solution import BLANK, Extent, Line, Matrix

LARGEST_MATRIX = 256
"""The most entries of a quantity that is given as a matrix."""
TALLEST_MATRIX = 32
"""The most rows that a page has room for."""
SETTING = re.compile(r"(?!π)[a-zα-ω][₀-₉]*|η_min|T_max")
"""A constant that a preset sets is one letter, or a letter and a word; others are worked out from such."""


def is_given(plan: Plan, quantity: Quantity) -> bool:
    """Whether nobody has to work it out: the batch, what the step found, and masks, which chance gives."""
    writer = plan.writer(quantity)
    return writer is None or writer.phase == "start" or quantity.symbol == "M"


class Reader:
    """Reads lines and matrices off the ops of a plan.

    With `blank` every number that the step computes is left blank: all but the batch, the parameters and moments at
    the step's start, settings, and the masks, which chance gives. `settings` collects the settings met on the way,
    each with the `phase` being read.
    """

    def __init__(self, plan: Plan, *, blank: bool) -> None:
        self.plan = plan
        self.blank = blank
        self.phase = ""
        self.settings: dict[tuple[str, float], str] = {}

    def given(self, quantity: Quantity) -> bool:
        return is_given(self.plan, quantity)

    def hidden(self, quantity: Quantity) -> bool:
        return self.blank and not self.given(quantity)

    def line(self, shown: Statement, *, given: bool = False) -> Line:
        """A statement as plain data; `given` where it is not to be found."""
        hide = self.blank and not given
        kept = self.kept(shown.expression, hide=hide)
        # Where no entry is named, as in the slope 1 of a positive input, the rule's choice is itself an answer: but for
        # the learning rate of the step, which is made of settings.
        named = shown.quantity.symbol == RATE or next(shown.expression.references(), None) is not None
        return Line(shown.name, kept if named or not hide else None, None if hide else shown.value)

    def kept(self, expression: Expression, *, hide: bool) -> Expression:
        """The expression with every entry as a constant that stands by itself."""
        match expression:
            case Reference(quantity, _):
                hidden = hide and not self.given(quantity)
                return Constant(expression.symbols(), expression.value(), BLANK if hidden else None)
            case Constant(symbol, value, exact):
                if SETTING.fullmatch(symbol):
                    self.settings.setdefault((symbol, value), self.phase)
                    return expression
                if exact is not None:
                    return expression
                return replace(expression, exact=BLANK) if hide else expression
            case Product(factors):
                return Product(tuple(self.kept(factor, hide=hide) for factor in factors))
            case Sum(terms, over):
                return Sum(tuple(self.kept(term, hide=hide) for term in terms), over)
            case Quotient(above, below):
                return Quotient(self.kept(above, hide=hide), self.kept(below, hide=hide))
            case Negative(inner):
                return Negative(self.kept(inner, hide=hide))
            case Apply(name, function, arguments):
                return Apply(name, function, tuple(self.kept(argument, hide=hide) for argument in arguments))
        raise TypeError(f"expected an expression, found {type(expression).__name__}")

    def entry(self, quantity: Quantity, index: Index) -> Line:
        """One entry without how it came about."""
        return Line(quantity.entry(index), None, None if self.hidden(quantity) else quantity.value(index))

    def matrix(self, quantity: Quantity) -> Matrix:
        """A quantity in full; what has one entry a unit is a column, and a tall one is laid on its side."""
        array, name = np.atleast_2d(quantity.array), quantity.name
        if quantity.axes == ("unit",):
            array = array.T
        if len(array) > TALLEST_MATRIX:
            array, name = array.T, transposed(quantity)
        rows = array.tolist()
        if self.hidden(quantity):
            rows = [[None] * len(row) for row in rows]
        return Matrix(name, tuple(tuple(row) for row in rows))

    def extent(self, quantity: Quantity) -> Extent:
        """Shape, range and norm of a quantity."""
        found = summary(quantity)
        if self.hidden(quantity):
            return Extent(quantity.name, found.shape, None, None, None)
        return Extent(quantity.name, found.shape, found.low, found.high, found.norm)

    def whole(self, quantities: Iterable[Quantity]) -> tuple[tuple[Matrix, ...], tuple[Extent, ...]]:
        """Quantities as matrices where they are small enough, else in a line each."""
        found = list(quantities)
        small = [quantity for quantity in found if quantity.array.size <= LARGEST_MATRIX]
        large = [quantity for quantity in found if quantity.array.size > LARGEST_MATRIX]
        return tuple(map(self.matrix, small)), tuple(map(self.extent, large))
