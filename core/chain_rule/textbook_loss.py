"""The loss of one example as a textbook writes it, beside the form in which it is computed.

Cross-entropies are computed from the logits, which is stable; on paper they are logarithms of probabilities.
"""

from math import inf, log

import numpy as np

from backprop_tui.core.ops.expression import (
    Apply,
    Constant,
    Expression,
    Negative,
    Product,
    Reference,
    Sum,
    abridged,
    whole,
)
from backprop_tui.core.training.plan import Plan

from .statements import MOST_TERMS, Statement


def textbook_loss(plan: Plan, last: int, kind: str, example: int) -> Statement | None:
    """ℓ of an example (from 0) by the probabilities, of a cross-entropy; None of another loss.

    Terms that are multiplied by 0 are left out. Its value is that of the logarithms: infinite where a probability
    that was asked for is 0 as a float.
    """
    if kind not in ("cross_entropy", "binary_cross_entropy"):
        return None
    A, Y, each = plan["A", last], plan["Y", None], plan["ℓ", None]
    outputs = A.array.shape[0]
    terms: list[Expression] = []
    for k in range(outputs):
        p, y = Reference(A, (k, example)), Reference(Y, (k, example))
        terms += surprise(y, p)
        if kind == "binary_cross_entropy":
            terms += surprise(less(y), less(p))
    total: Expression = Sum(tuple(terms), over="unit") if len(terms) != 1 else terms[0]
    if kind == "binary_cross_entropy" and outputs > 1:
        total = Product((Constant("1/K", 1 / outputs, f"1/{outputs}"), total))
    shown = abridged(total, MOST_TERMS)
    return Statement(each, (example,), shown, each.entry((example,)), shown.value())


def less(of: Expression) -> Expression:
    """1 − of."""
    return Sum((whole(1), Negative(of)))


def surprise(weight: Expression, probability: Expression) -> list[Expression]:
    """−weight · ln probability, without the factor where it is 1; nothing where it is 0."""
    amount = weight.value()
    if amount == 0:
        return []
    logarithm = Apply("ln", natural_logarithm, (probability,))
    return [Negative(logarithm if amount == 1 else Product((weight, logarithm)))]


def natural_logarithm(x: float) -> float:
    return log(x) if x > 0 else -inf


def agrees(shown: Statement) -> bool:
    """Whether the textbook's form gives what was computed, up to the rounding of the probabilities in their type."""
    exact = shown.quantity.value(shown.index)
    allowed = float(np.sqrt(np.finfo(shown.quantity.array.dtype).eps))
    return abs(shown.value - exact) <= allowed * max(1.0, abs(exact))


def other_squared_error(plan: Plan, kind: str) -> tuple[str, str, float] | None:
    """What the loss of the batch is called, what it would be as the other squared error, and that number.

    None of a loss that is no squared error.
    """
    error = plan.find("E")
    if error is None or kind not in ("mean_squared_error", "half_squared_error"):
        return None
    with np.errstate(over="ignore"):
        squares = np.square(np.asarray(error.array, dtype=np.float64))
    mean, half = "mean squared error, (1/K) Σ (ŷ − y)² over the outputs", "half squared error, ½ Σ (ŷ − y)²"
    if kind == "half_squared_error":
        return half, mean, float(squares.mean())
    return mean, half, float(squares.sum(axis=0).mean() / 2)
