"""What the error of a central difference at a step h is owed to, for one entry of a gradient check."""

from collections.abc import Sequence
from math import isfinite
from typing import Literal

import numpy as np

from .check_verdict import CurvePoint, EntryVerdict
from .gradient_check import ROUNDINGS

Cause = Literal["exact", "rounding", "truncation", "kink", "mistake", "not a number"]


def cause(point: CurvePoint, verdict: EntryVerdict, loss: float) -> Cause:
    """Why the two derivatives differ at the step of `point`.

    Up to what rounding of two losses of the size of `loss` can do it is rounding; above that the formula's own error,
    unless the verdict on the entry is that something else is there.
    """
    error = point.absolute_error
    if not isfinite(error):
        return "not a number"
    if error == 0:
        return "exact"
    if error <= ROUNDINGS * float(np.finfo(np.float64).eps) * max(1.0, abs(loss)) / point.h:
        return "rounding"
    if verdict.kind == "kink":
        return "kink"
    return "mistake" if verdict.kind == "failed" else "truncation"


def best_step(curve: Sequence[CurvePoint]) -> float | None:
    """The h with the least error; None where no error is a number."""
    finite = [point for point in curve if isfinite(point.absolute_error)]
    return min(finite, key=lambda point: point.absolute_error).h if finite else None
