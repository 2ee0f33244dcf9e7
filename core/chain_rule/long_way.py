"""Output activation and loss as two ops, the way round that the step spares itself, beside the one op that it took.

With softmax and cross-entropy dA = −Y/A for each output, the slope ∂Aₖ/∂Zⱼ = Aₖ (δₖⱼ − Aⱼ) is a matrix, and
Σₖ dAₖ ∂Aₖ/∂Zⱼ multiplies out to Aⱼ − Yⱼ. With sigmoid and binary cross-entropy dA = ((1 − Y)/(1 − A) − Y/A)/K and the
slope is A (1 − A). Both are exact on paper. In floating point a probability may be 0, or so small that Y/A overflows;
everything here is computed in the run's own type, so that what breaks is seen to break.
"""

import numpy as np

from backprop_tui.core.ops.expression import Constant, Expression, Negative, Product, Quotient, Reference, Sum, whole
from backprop_tui.core.ops.quantity import Array, Index, Quantity
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass

STRETCHES = (1, 10, 100, 1000)
"""What the logits are multiplied by, to see what becomes of both ways further out."""


@dataclass(frozen=True, slots=True)
class Equation:
    """`name` = `expression` = `value`, computed in the run's type: not finite where that has no such number."""

    name: str
    expression: Expression
    value: float


@dataclass(frozen=True, slots=True)
class Way:
    """One term of the sum: the gradient at output `output` (from 0), its slope, and their product."""

    output: int
    gradient: Equation
    slope: Equation
    product: float


@dataclass(frozen=True, slots=True)
class FarOut:
    """Both ways where every logit of the example is `stretch` times as large.

    `probability` is the smallest probability that the target asks for, `gradient` −Y/A of it.
    """

    stretch: int
    probability: float
    gradient: float
    long: float
    short: float


@dataclass(frozen=True, slots=True)
class LongWay:
    """The gradient at the logit `index` (unit, example) both ways.

    `ways` are the terms of the long one and `total` their sum; `short` is A − Y, or (A − Y)/K, as the step computed
    it. `broken` counts the entries of the whole batch, of `entries`, whose long way is not finite; `worst` is the
    greatest difference between the two among the others.
    """

    pair: str
    logit: Quantity
    index: Index
    ways: tuple[Way, ...]
    total: float
    short: Equation
    broken: int
    entries: int
    worst: float
    far_out: tuple[FarOut, ...]


def combined(plan: Plan, last: int, loss: str) -> bool:
    """Whether the plan takes output activation and loss of layer `last` in one op."""
    return loss in ("cross_entropy", "binary_cross_entropy") and plan.find("dA", last) is None


def long_way(plan: Plan, last: int, loss: str, unit: int, example: int) -> LongWay:
    """Both ways to the gradient at the logit of output `unit` and `example` (from 0), once the step has computed it.

    Raises LookupError where output activation and loss are two ops in this plan.
    """
    if not combined(plan, last, loss):
        raise LookupError(f"{loss} has no combined op in this network: its long way is the way that it goes")
    softmax = loss == "cross_entropy"
    A, Y = plan["A", last], plan["Y", None]
    logits = plan.find("N", last) or plan["Z", last]
    short = plan[f"d{logits.symbol}", last]
    outputs = A.array.shape[0]
    with np.errstate(all="ignore"):
        gradients = gradients_at(A.array, Y.array, softmax=softmax)
        everywhere = gone_round(gradients, A.array, softmax=softmax)
        column = A.array[:, example]
        slopes = slopes_at(column, unit, softmax=softmax)
        chosen = range(outputs) if softmax else (unit,)
        ways = tuple(
            Way(
                k,
                Equation(f"∂ℓ/∂{A.entry((k, example))}", gradient_of(A, Y, (k, example), outputs, softmax=softmax),
                         float(gradients[k, example])),
                Equation(f"∂{A.entry((k, example))}/∂{logits.entry((unit, example))}",
                         slope_of(A, k, unit, example, softmax=softmax), float(slopes[k])),
                float(gradients[k, example] * slopes[k]),
            )
            for k in chosen
        )  # fmt: skip
        finite = np.isfinite(everywhere)
        differences = np.abs(everywhere - short.array)[finite]
        far_out = tuple(
            stretched(logits.array[:, example], Y.array[:, example], unit, stretch, softmax=softmax)
            for stretch in STRETCHES
        )
    error = Sum((Reference(A, (unit, example)), Negative(Reference(Y, (unit, example)))))
    return LongWay(
        pair="softmax and cross-entropy" if softmax else "sigmoid and binary cross-entropy",
        logit=logits,
        index=(unit, example),
        ways=ways,
        total=float(everywhere[unit, example]),
        short=Equation(
            short.entry((unit, example)),
            error if softmax or outputs == 1 else Quotient(error, whole(outputs)),
            short.value((unit, example)),
        ),
        broken=int(np.count_nonzero(~finite)),
        entries=everywhere.size,
        worst=float(differences.max()) if differences.size else 0.0,
        far_out=far_out,
    )


def gradients_at(A: Array, Y: Array, *, softmax: bool) -> Array:
    """dA, (outputs, m), as its formula has it, division by 0 and all; dZ's share 1/K of the outputs is in it."""
    if softmax:
        return -Y / A
    found: Array = ((1 - Y) / (1 - A) - Y / A) / A.dtype.type(A.shape[0])
    return found


def gone_round(gradients: Array, A: Array, *, softmax: bool) -> Array:
    """Σₖ dAₖ ∂Aₖ/∂Zⱼ for every j and example, (outputs, m)."""
    if not softmax:
        return gradients * (A * (1 - A))
    outputs = len(A)
    # slope[k, j, i] = A[k, i] (δ[k, j] − A[j, i])
    slopes = A[:, None] * (np.eye(outputs, dtype=A.dtype)[:, :, None] - A[None])
    found: Array = (gradients[:, None] * slopes).sum(axis=0)
    return found


def slopes_at(column: Array, unit: int, *, softmax: bool) -> Array:
    """∂Aₖ/∂Zⱼ of one example for every k, (outputs,), j being `unit`."""
    if not softmax:
        return column * (1 - column)
    delta = np.zeros_like(column)
    delta[unit] = 1
    found: Array = column * (delta - column[unit])
    return found


def gradient_of(A: Quantity, Y: Quantity, index: Index, outputs: int, *, softmax: bool) -> Expression:
    """−Y/A, or ((1 − Y)/(1 − A) − Y/A)/K."""
    a, y = Reference(A, index), Reference(Y, index)
    if softmax:
        return Negative(Quotient(y, a))
    wrong = Quotient(Sum((whole(1), Negative(y))), Sum((whole(1), Negative(a))))
    both = Sum((wrong, Negative(Quotient(y, a))))
    return both if outputs == 1 else Quotient(both, whole(outputs))


def slope_of(A: Quantity, k: int, j: int, example: int, *, softmax: bool) -> Expression:
    """Aₖ (δₖⱼ − Aⱼ), or A (1 − A)."""
    other = Constant("δ", float(k == j), str(int(k == j))) if softmax else whole(1)
    return Product((Reference(A, (k, example)), Sum((other, Negative(Reference(A, (j, example)))))))


def stretched(logits: Array, targets: Array, unit: int, stretch: int, *, softmax: bool) -> FarOut:
    """Both ways for one example, (outputs,) each, with its logits `stretch` times as large."""
    z = (logits * logits.dtype.type(stretch))[:, None]
    y = targets[:, None]
    if softmax:
        powers = np.exp(z - z.max())
        A = powers / powers.sum()
        share = z.dtype.type(1)
    else:
        A = 1 / (1 + np.exp(-z))
        share = z.dtype.type(len(z))
    gradients = gradients_at(A, y, softmax=softmax)
    asked = np.where(y > 0, A, np.inf) if softmax else np.where(y > 0, A, 1 - A)
    hardest = int(asked[:, 0].argmin())
    long = gone_round(gradients, A, softmax=softmax)
    return FarOut(
        stretch,
        float(asked[hardest, 0]),
        float(gradients[hardest, 0]),
        float(long[unit, 0]),
        float(((A - y) / share)[unit, 0]),
    )
