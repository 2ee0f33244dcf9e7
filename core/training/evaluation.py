"""What the network makes of examples that it is not training on right now: loss, accuracy, predictions."""

from math import ceil

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.value_class import dataclass

from .limits import portion_of
from .plan import Plan
from .trainer import Trainer

KEPT_PLANS = 4
EVALUATION_SHARE = 1 / 16
"""The share of the training's multiply-adds that may go into test losses."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Loss ℒ over a part of the data, in evaluation mode; `accuracy` is None where the targets have none."""

    loss: float
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The whole training set and the test set, in evaluation mode; None where there is no test set."""

    training: Evaluation
    test: Evaluation | None


def accuracy(predictions: Array, targets: Array, target_kind: str) -> float | None:
    """The share of examples predicted right; predictions, targets: (outputs, n).

    One-hot targets: by argmax. 0/1 and −1/1: by outputs on their side of ½ or of 0. Otherwise None.
    """
    if target_kind == "real" or not predictions.size:
        return None
    if not np.isfinite(predictions).all():
        return 0.0
    return float(np.mean(answered_classes(predictions, target_kind) == answered_classes(targets, target_kind)))


def answered_classes(outputs: Array, target_kind: str) -> NDArray[np.int64]:
    """The class that each example is given, from 0, as (1, n): of outputs (outputs, n) of one-hot sets the largest.

    Of 0/1 and −1/1, (outputs, n): of each output by itself, 1 above ½ or above 0.
    """
    if target_kind == "one_hot":
        return np.asarray(outputs.argmax(axis=0), dtype=np.int64)[None]
    return (outputs > (0.5 if target_kind == "binary" else 0.0)).astype(np.int64)


def counted_classes(classes: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """How many of the classes (n,), from 0, are each of `count`: (count,)."""
    return np.bincount(classes, minlength=count).astype(np.int64)


def most_frequent(targets: Array, target_kind: str) -> float | None:
    """The best accuracy of an answer that is the same for every example; None where there is no accuracy."""
    if target_kind == "real" or not targets.size:
        return None
    classes = answered_classes(targets, target_kind)
    largest = sum(int(counted_classes(row, 2).max()) for row in classes)
    return largest / classes.size


def evaluation_interval(dataset: Dataset, batch_size: int) -> int:
    """Every how many steps the test loss is measured, so that it takes its share of the arithmetic at most."""
    return max(1, ceil(dataset.test_size / (3 * batch_size * EVALUATION_SHARE)))


def portions_of(inputs: Array) -> list[slice]:
    """The examples (features, n) in portions that are run through at once."""
    portion = portion_of(len(inputs))
    return [slice(begin, begin + portion) for begin in range(0, inputs.shape[1], portion)]


class Evaluator:
    """Runs a trainer's network, as it stands, on whole parts of the data or on anything else, in evaluation mode."""

    def __init__(self, trainer: Trainer, dataset: Dataset) -> None:
        self.trainer, self.dataset = trainer, dataset
        self.constants: dict[bool, float | None] = {}
        self.plans: dict[int, Plan] = {}

    def plan(self, examples: int) -> Plan:
        """A plan for so many examples; the last few sizes are kept."""
        if examples not in self.plans:
            if len(self.plans) >= KEPT_PLANS:
                self.plans.pop(next(iter(self.plans)))
            self.plans[examples] = self.trainer.evaluation(examples)
        return self.plans[examples]

    def run(self, inputs: Array, targets: Array | None = None) -> Plan:
        """Forward pass over inputs (features, n), and the loss against targets (outputs, n) where they are given."""
        plan = self.plan(inputs.shape[1])
        plan["X", None].array[:] = inputs
        if targets is not None:
            plan["Y", None].array[:] = targets
        with np.errstate(all="ignore"):
            for op in plan.ops:
                if targets is not None or op.phase == "forward":
                    for call in op.calls:
                        call()
        return plan

    def answer(self, inputs: Array) -> Array:
        """The outputs (outputs, n) for inputs (features, n) as the network reads them; a copy."""
        return self.run(inputs)["A", len(self.trainer.layers)].array.copy()

    def predict(self, raw: NDArray[np.float64]) -> Array:
        """The outputs (outputs, n) for raw inputs (raw inputs, n), such as points of the plane."""
        return self.answer(self.dataset.encode(raw))

    def evaluate(self, inputs: Array, targets: Array) -> Evaluation:
        """Loss and accuracy over examples (features, n) with targets (outputs, n), in portions where there are many."""
        portions = [self.evaluate_portion(inputs[:, part], targets[:, part]) for part in portions_of(inputs)]
        if len(portions) == 1:
            return portions[0][0]
        whole = inputs.shape[1]
        loss = sum(found.loss * count for found, count in portions) / whole
        if any(found.accuracy is None for found, _ in portions):
            return Evaluation(loss, None)
        return Evaluation(loss, sum((found.accuracy or 0.0) * count for found, count in portions) / whole)

    def evaluate_portion(self, inputs: Array, targets: Array) -> tuple[Evaluation, int]:
        """The same over as many examples as are run through at once, and how many these are."""
        plan = self.run(inputs, targets)
        outputs = plan["A", len(self.trainer.layers)].array
        return Evaluation(plan.loss(), accuracy(outputs, targets, self.dataset.target_kind)), inputs.shape[1]

    def training(self) -> Evaluation:
        """Over the whole training set."""
        return self.evaluate(self.dataset.inputs, self.dataset.targets)

    def test(self) -> Evaluation | None:
        """Over the test set; None where there is none."""
        data = self.dataset
        return self.evaluate(data.test_inputs, data.test_targets) if data.test_size else None

    def most_frequent(self, *, test: bool) -> float | None:
        """The accuracy on a part of always answering with its most frequent class; None where there is no accuracy."""
        if test not in self.constants:
            targets = self.dataset.test_targets if test else self.dataset.targets
            self.constants[test] = most_frequent(targets, self.dataset.target_kind)
        return self.constants[test]
