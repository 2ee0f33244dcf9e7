"""Digits for the numbers of a statement: as many as usual, and more where a reader needs them to get its result.

In 0.999992 − 1 = −8.12342e-06 six digits of the first number leave one digit of the difference. So a rounding error
is allowed for the result, and shared out backwards through the expression: a number whose usual rounding would move
the result by more than that is printed with as many digits more as it takes.
"""

from collections.abc import Callable, Iterator
from math import floor, inf, isfinite, log10, prod

import numpy as np

from backprop_tui.core.ops.expression import (
    Apply,
    Constant,
    Expression,
    Negative,
    Product,
    Quotient,
    Reference,
    Sum,
    replaced,
)

ALLOWED = 5e-4
"""The share of a result by which the rounding of one printed number may move it."""
MOST_DIGITS = 17
"""As many as tell every double precision number from every other."""
ROUNDINGS = 4
"""So many roundings of all terms together a sum that is 0 on paper may come to."""
STEP = 1e-6
"""Relative step of the difference quotient that says how a function passes errors on."""

Digits = Callable[[float, int], str]
"""A number as text, in so many significant digits."""
Leaf = Reference | Constant


def spelled(expression: Expression, value: float, form: Digits, digits: int) -> Expression:
    """The expression with every number as the text that it is to be printed as; `value` is its result.

    Each has `digits` significant digits, or as many as the result asks for. Where even all digits of a double would
    not give it, the result is rounding noise itself, and the usual ones do.
    """
    wanted = needed(expression, value, digits)
    if wanted and not explains(expression, value, wanted, form, digits):
        wanted = {}

    def spell(leaf: Leaf) -> Expression:
        if isinstance(leaf, Constant) and leaf.exact is not None:
            return leaf
        return Constant(leaf.symbols(), leaf.value(), form(leaf.value(), wanted.get(leaf.symbols(), digits)))

    return replaced(expression, spell)


def is_rounding(expression: Expression, value: float) -> bool:
    """Whether terms cancel so far that their sum `value` cannot be told from 0 in the type of the run's numbers."""
    if value == 0 or not isfinite(value):
        return False
    types = [reference.quantity.array.dtype for reference in expression.references()]
    coarsest = max((float(np.finfo(each).eps) for each in types), default=float(np.finfo(np.float64).eps))
    try:
        return cancelled(value, uncancelled(expression), coarsest)
    except ArithmeticError:
        return False


def cancelled(value: float, magnitude: float, eps: float) -> bool:
    """Whether a sum of numbers whose magnitudes come to `magnitude` is no more than their rounding."""
    return 0 < abs(value) <= ROUNDINGS * eps * magnitude < inf


def uncancelled(expression: Expression) -> float:
    """What an expression would come to if nothing in it cancelled: with the magnitudes of all terms of its sums."""
    match expression:
        case Sum(terms):
            return sum(uncancelled(term) for term in terms)
        case Product(factors):
            return prod(uncancelled(factor) for factor in factors)
        case Negative(inner):
            return uncancelled(inner)
        case Quotient(above, below):
            return uncancelled(above) / abs(below.value())
    return abs(expression.value())


def needed(expression: Expression, value: float, digits: int) -> dict[str, int]:
    """The digits of those numbers, by their symbols, that need more than `digits`; at most MOST_DIGITS."""
    found: dict[str, int] = {}
    if value == 0 or not isfinite(value):
        return found
    try:
        for leaf, allowed in shared_out(expression, ALLOWED * abs(value)):
            more = digits_for(leaf.value(), allowed)
            if more > digits:
                found[leaf.symbols()] = max(more, found.get(leaf.symbols(), 0))
    except ArithmeticError:
        # An expression that divides by 0 has no digits to save.
        return {}
    return found


def digits_for(value: float, allowed: float) -> int:
    """The significant digits with which the rounding error of `value` is at most `allowed`, up to 17."""
    if value == 0 or not isfinite(value) or allowed == inf:
        return 1
    if allowed == 0:
        return MOST_DIGITS
    # The last place is 10 to the power `exponent + 1 − digits`, and half of it may be lost.
    exponent = floor(log10(abs(value)))
    return max(1, min(MOST_DIGITS, exponent + 1 - floor(log10(2 * allowed))))


def shared_out(expression: Expression, allowed: float) -> Iterator[tuple[Leaf, float]]:
    """Every number that is to be rounded, with the error of it that moves the result by no more than `allowed`."""
    match expression:
        case Reference():
            yield expression, allowed
        case Constant():
            if expression.exact is None:
                yield expression, allowed
        case Product(factors):
            values = [factor.value() for factor in factors]
            for place, factor in enumerate(factors):
                others = 1.0
                for other, number in enumerate(values):
                    others *= number if other != place else 1.0
                yield from shared_out(factor, passed(allowed, others))
        case Sum(terms):
            for term in terms:
                yield from shared_out(term, allowed)
        case Negative(inner):
            yield from shared_out(inner, allowed)
        case Quotient(above, below):
            numerator, denominator = above.value(), below.value()
            yield from shared_out(above, allowed * abs(denominator))
            yield from shared_out(below, passed(allowed, numerator / denominator**2))
        case Apply(_, function, arguments):
            numbers = [argument.value() for argument in arguments]
            for place, argument in enumerate(arguments):
                yield from shared_out(argument, passed(allowed, slope(function, numbers, place)))


def passed(allowed: float, factor: float) -> float:
    """The error that becomes `allowed` by way of a factor; any, where the factor lets none through."""
    return abs(allowed / factor) if factor != 0 else inf


def slope(function: Callable[..., float], numbers: list[float], place: int) -> float:
    """About how much the function changes for each change of one of its arguments; 0 where it cannot be said."""
    step = STEP * (abs(numbers[place]) or 1.0)
    found = []
    for at in (numbers[place] - step, numbers[place], numbers[place] + step):
        try:
            found.append((at, float(function(*numbers[:place], at, *numbers[place + 1 :]))))
        except ValueError:
            # Outside the function's domain: a root is known on one side of 0 alone.
            continue
    if len(found) < 2:
        return 0.0
    (low, below), (high, above) = found[0], found[-1]
    change = (above - below) / (high - low)
    return change if isfinite(change) else 0.0


def explains(expression: Expression, value: float, wanted: dict[str, int], form: Digits, digits: int) -> bool:
    """Whether the numbers as printed give the result, within what their roundings may do to it together."""
    leaves = 0

    def read(leaf: Leaf) -> Expression:
        nonlocal leaves
        if isinstance(leaf, Constant) and leaf.exact is not None:
            return leaf
        leaves += 1
        text = form(leaf.value(), wanted.get(leaf.symbols(), digits))
        return Constant(leaf.symbols(), float(text.replace("−", "-")))

    try:
        recomputed = replaced(expression, read).value()
    except ArithmeticError:
        return False
    return abs(recomputed - value) <= 2 * leaves * ALLOWED * abs(value)
