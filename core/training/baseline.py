"""What a loss is measured against: that of the best answer which is the same for every example, and that of all right.

Between the two lies what can be learned. Where all targets are the same, so that a constant answer is right, it is the
answer in the middle of what the output can give. From the targets alone: no network is asked.
"""

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Baseline:
    """`constant`: ℒ of the best constant answer; `right`: ℒ where every answer is its target; constant ≥ right."""

    constant: float
    right: float

    def level(self, loss: float, first: float) -> float:
        """How much of what can be learned is still to be learned: 1 at the constant answer, 0 with all right.

        Where there is nothing between, in shares of the `first` loss.
        """
        span = self.constant - self.right
        if same(self.constant, self.right):
            span = first - self.right
        return (loss - self.right) / span if span > 0 else 0.0


EQUAL = 1e-12
"""A difference of losses below this, in shares of the loss, is rounding."""


MIDDLE = {"sigmoid": 0.5, "tanh": 0.0}
"""Of what an output can give; of the K of softmax 1/K each."""


def same(one: float, other: float) -> bool:
    return abs(one - other) <= EQUAL * max(abs(one), 1.0)


def baseline(kind: str, targets: Floats, output: str) -> Baseline:
    """The baseline of a loss of that kind for targets (outputs, n) and an output of that activation."""
    middle = 1 / len(targets) if output == "softmax" else MIDDLE.get(output)
    with np.errstate(over="ignore", invalid="ignore"):
        right = loss_of(kind, targets, targets)
        constant = loss_of(kind, targets.mean(axis=1, keepdims=True), targets)
        if same(constant, right) and middle is not None:
            constant = loss_of(kind, np.full((len(targets), 1), middle), targets)
    return Baseline(constant, right)


def loss_of(kind: str, answers: Floats, targets: Floats) -> float:
    """ℒ of answers for targets (outputs, n); of both entropies for answers that are right where they are 0 or 1."""
    match kind:
        case "cross_entropy":
            return float(surprise(targets, answers).sum(axis=0).mean())
        case "binary_cross_entropy":
            return float((surprise(targets, answers) + surprise(1 - targets, 1 - answers)).mean())
        case "half_squared_error":
            return float(np.square(answers - targets).sum(axis=0).mean()) / 2
    return float(np.square(answers - targets).mean())


def surprise(shares: Floats, answers: Floats) -> Floats:
    """−p ln q, 0 for p = 0, entry by entry."""
    surprises: Floats = -shares * np.log(np.where(answers > 0, answers, 1.0))
    return surprises
