"""What the losses of a recording are measured against, as far as it tells what was to be learned."""

from collections.abc import Iterable, Mapping
from math import log
from typing import Any

import numpy as np

from backprop_tui.core.training.baseline import Baseline, baseline
from backprop_tui.core.value_class import dataclass

from .kept_step import Floats, KeptStep

KINDS = {
    "CrossEntropyLoss": "cross_entropy",
    "NLLLoss": "cross_entropy",
    "BCEWithLogitsLoss": "binary_cross_entropy",
    "BCELoss": "binary_cross_entropy",
    "MSELoss": "mean_squared_error",
}
OURS = ("cross_entropy", "binary_cross_entropy", "mean_squared_error", "half_squared_error")


@dataclass(frozen=True, slots=True)
class Known:
    """`baseline` of losses like these. `known`: whether it is that of the targets, and not the first loss itself.

    `kind`: the loss as ours is called, or "". `targets`: (rows, outputs) of kept batches, or class numbers (rows,).
    """

    baseline: Baseline
    known: bool
    kind: str
    targets: Floats | None

    @property
    def of(self) -> str:
        """What a level of 1 is, in words."""
        return "that of the best constant answer" if self.known else "the first one"


def known_baseline(meta: Mapping[str, Any], steps: Iterable[KeptStep], outputs: int, first: float) -> Known:
    """The baseline; `outputs`: the units of the last layer. Where targets are not known it is the `first` loss."""
    told = meta.get("loss")
    told = told if isinstance(told, dict) else {}
    settings = told.get("settings")
    kind = KINDS.get(str(told.get("kind")), str(told.get("kind")))
    mean = not isinstance(settings, dict) or settings.get("reduction", "mean") == "mean"
    targets = gathered([step.array("targets") for step in steps])
    unknown = Known(Baseline(first, 0.0), known=False, kind=kind if kind in OURS else "", targets=targets)
    if kind not in OURS or not mean:
        return unknown
    found = of_targets(kind, targets, outputs) if targets is not None else of_even(kind, outputs)
    if found is None or not found.constant > found.right:
        return unknown
    return Known(found, known=True, kind=kind, targets=targets)


def gathered(arrays: list[Floats | None]) -> Floats | None:
    """The finite targets of all kept batches under one another; None where none is known."""
    found = [
        array.reshape(len(array), -1) if array.ndim > 1 else array
        for array in arrays
        if array is not None and array.ndim and array.size
    ]
    if not found or any(array.shape[1:] != found[0].shape[1:] for array in found):
        return None
    joined = np.concatenate(found)
    return joined if joined.size and np.isfinite(joined).all() else None


def of_targets(kind: str, targets: Floats, outputs: int) -> Baseline | None:
    """That of the targets: shares of the classes, or means. None where they are none that such a loss has."""
    if kind == "cross_entropy" and (targets.ndim == 1 or targets.shape[1] != outputs):
        return of_classes(targets.reshape(-1))
    columns = targets.reshape(len(targets), -1).T
    with np.errstate(all="ignore"):
        return baseline(kind, columns, "")


def of_classes(numbers: Floats) -> Baseline | None:
    """That of class numbers; of few of them the entropy is too small by about half a class each, which is added."""
    numbers = numbers[numbers >= 0]
    if not numbers.size:
        return None
    counts = np.unique(numbers, return_counts=True)[1]
    shares = counts / numbers.size
    return Baseline(float(-(shares * np.log(shares)).sum() + (len(counts) - 1) / (2 * numbers.size)), 0.0)


def of_even(kind: str, outputs: int) -> Baseline | None:
    """That of classes that are as frequent as one another."""
    if kind == "cross_entropy":
        return Baseline(log(outputs), 0.0) if outputs > 1 else None
    return Baseline(log(2), 0.0) if kind == "binary_cross_entropy" else None
