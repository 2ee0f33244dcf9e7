"""The batch of a kept step in the form in which it can be looked at."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from backprop_tui.core.value_class import dataclass

from .kept_step import Floats, KeptStep

Form = Literal["points", "image", "table"]
IMAGES = {64: (8, 8), 784: (28, 28)}
"""The shape of an image by the number of its pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptBatch:
    """`inputs` (rows, features), `targets` (rows, outputs) and `outputs` of the network alike; None where not kept.

    `classes`: the class of each row, where targets are class numbers or one-hot. `probabilities` (rows, classes): what
    a cross-entropy makes of the outputs.
    """

    form: Form
    inputs: Floats | None
    targets: Floats | None
    outputs: Floats | None
    classes: Floats | None = None
    probabilities: Floats | None = None

    @property
    def rows(self) -> int:
        arrays = [array for array in (self.inputs, self.targets, self.outputs) if array is not None]
        return min(map(len, arrays), default=0)

    def image(self, row: int) -> Floats | None:
        """The pixels of a row, 0 for the least of the batch and 1 for the greatest."""
        if self.inputs is None or self.inputs.shape[1] not in IMAGES:
            return None
        finite = self.inputs[np.isfinite(self.inputs)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        scaled: Floats = (self.inputs[row] - low) / ((high - low) or 1.0)
        return scaled.reshape(IMAGES[self.inputs.shape[1]])


def kept_batch(step: KeptStep, loss: Mapping[str, Any] | None = None) -> KeptBatch:
    """The batch; `loss`: what the recording says of the loss."""
    inputs, targets, outputs = (rows_of(step.array(name)) for name in ("inputs", "targets", "outputs"))
    kind = loss.get("kind") if isinstance(loss, dict) else None
    form: Form = "table"
    if inputs is not None and inputs.shape[1] == 2:
        form = "points"
    elif inputs is not None and inputs.shape[1] in IMAGES:
        form = "image"
    likely = probabilities(outputs) if kind == "cross_entropy" and outputs is not None else None
    return KeptBatch(form, inputs, targets, outputs, classes(targets, outputs), likely)


def rows_of(array: Floats | None) -> Floats | None:
    """(rows, numbers); None of what has no rows."""
    if array is None or array.ndim == 0 or not array.size:
        return None
    return array.reshape(len(array), -1)


def classes(targets: Floats | None, outputs: Floats | None) -> Floats | None:
    """The class of each row: the number itself where there are several outputs, or the place of the 1; else None."""
    if targets is None or not np.isfinite(targets).all():
        return None
    if targets.shape[1] > 1:
        one_hot = ((targets == 0) | (targets == 1)).all() and (targets.sum(axis=1) == 1).all()
        return targets.argmax(axis=1).astype(np.float64) if one_hot else None
    column: Floats = targets[:, 0]
    whole = (column == np.round(column)).all() and column.min() >= 0
    among = outputs is not None and outputs.shape[1] > 1 and column.max() < outputs.shape[1]
    return column if whole and (among or column.max() <= 1) else None


def probabilities(logits: Floats) -> Floats:
    """The softmax of each row, as cross-entropy takes it; logarithms of probabilities give these."""
    with np.errstate(all="ignore"):
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        found: Floats = powers / powers.sum(axis=1, keepdims=True)
    return found
