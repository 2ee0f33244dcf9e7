"""What a network's answers for a part of the data are worth, beside its loss: by classes, by labels or in numbers.

All of it in evaluation mode, over the whole part, with the parameters as they stand. Numbers of regression are in the
data's own units, also where the network learns normalized targets.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.ops.norm import norm
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.value_class import dataclass

from .evaluation import Evaluator, answered_classes, counted_classes, portions_of
from .plan import Plan

Counts = NDArray[np.int64]
Shares = tuple[float | None, ...]
Names = tuple[str, ...]
Part = Literal["training", "test"]
PARTS: tuple[Part, ...] = ("training", "test")
MOST_CLASSES = 1_000
"""Of more classes no confusion matrix is kept: it would be larger than the data."""


@dataclass(frozen=True, eq=False)
class ClassMeasures:
    """Of examples that have one class each, K classes in all.

    `counts`, `answers` and `right`, (K,): how many examples are of a class, are answered with it, and both.
    `confusion`, (K, K): examples by true class, the row, and answer, the column; None of more than MOST_CLASSES.
    """

    names: Names
    counts: Counts
    answers: Counts
    right: Counts
    confusion: Counts | None

    @property
    def examples(self) -> int:
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float:
        return int(self.right.sum()) / self.examples

    @property
    def most_frequent(self) -> float:
        """The accuracy of always answering with the class that is most frequent in this part."""
        return int(self.counts.max()) / self.examples

    @property
    def no_better(self) -> bool:
        """Whether answering always the same is as good, where it is not right for all."""
        return self.accuracy <= self.most_frequent < 1

    @property
    def recall(self) -> Shares:
        """Of the examples of each class the share that is answered right; None of a class without examples."""
        return shares(self.right, self.counts)

    @property
    def precision(self) -> Shares:
        """Of the answers with each class the share that is right; None of a class that is never answered."""
        return shares(self.right, self.answers)


@dataclass(frozen=True, eq=False)
class LabelMeasures:
    """Of examples that have any number of K labels, one an output: each is a question of yes or no.

    `confusion`, (K, 2, 2): of each label the examples by truth (no, yes), the row, and answer, the column.
    """

    names: Names
    confusion: Counts

    @property
    def examples(self) -> int:
        return int(self.confusion[0].sum())

    @property
    def accuracy(self) -> float:
        """The share of all answers that are right."""
        return int(np.trace(self.confusion, axis1=1, axis2=2).sum()) / int(self.confusion.sum())

    @property
    def most_frequent(self) -> float:
        """The accuracy of answering each label always with what is more frequent, yes or no."""
        return int(self.confusion.sum(axis=2).max(axis=1).sum()) / int(self.confusion.sum())

    @property
    def no_better(self) -> bool:
        """Whether answering always the same is as good, where it is not right for all."""
        return self.accuracy <= self.most_frequent < 1

    @property
    def recall(self) -> Shares:
        """Of the examples that have a label the share that is answered yes."""
        return shares(self.confusion[:, 1, 1], self.confusion[:, 1].sum(axis=1))

    @property
    def precision(self) -> Shares:
        """Of the answers yes the share that is right."""
        return shares(self.confusion[:, 1, 1], self.confusion[:, :, 1].sum(axis=1))


@dataclass(frozen=True, slots=True)
class NumberMeasures:
    """Of targets that are numbers, each output by itself, in the data's own units.

    `r2`: 1 − Σ (ŷ − y)² / Σ (y − mean y)², None where the targets of the part do not differ. `rmse`: √ of the mean of
    (ŷ − y)². `mae`: the mean of |ŷ − y|.
    """

    names: Names
    r2: Shares
    rmse: tuple[float, ...]
    mae: tuple[float, ...]


Measures = ClassMeasures | LabelMeasures | NumberMeasures


@dataclass(frozen=True, eq=False)
class Measured:
    """`measures` of a part, None where an answer is no finite number; `losses`, (n,): ℓ of each example."""

    measures: Measures | None
    losses: NDArray[np.float64]

    def most_wrong(self, count: int) -> NDArray[np.int64]:
        """The numbers, from 0, of so many examples with the largest losses, the largest first; no number before all."""
        ranks = np.where(np.isnan(self.losses), np.inf, self.losses)
        if count < len(ranks):
            limit = np.partition(ranks, len(ranks) - count)[len(ranks) - count]
            above = np.flatnonzero(ranks > limit)
            chosen = np.concatenate([above, np.flatnonzero(ranks == limit)[: count - len(above)]])
        else:
            chosen = np.arange(len(ranks))
        order: NDArray[np.int64] = chosen[np.lexsort((chosen, -ranks[chosen]))]
        return order


def shares(some: Counts, of: Counts) -> Shares:
    """`some` / `of`, entry by entry; None for nothing of nothing."""
    return tuple(int(part) / int(whole) if whole else None for part, whole in zip(some, of, strict=True))


def examples_of(data: Dataset, part: Part) -> tuple[Array, Array]:
    """Inputs (features, n) and targets (outputs, n) of a part."""
    return (data.inputs, data.targets) if part == "training" else (data.test_inputs, data.test_targets)


def measured(evaluator: Evaluator, part: Part) -> Measured | None:
    """The measures of a part, in portions where there are many examples; None where it has none."""
    inputs, targets = examples_of(evaluator.dataset, part)
    if not inputs.shape[1]:
        return None
    last = len(evaluator.trainer.layers)
    losses, found = np.empty(inputs.shape[1]), []
    finite = True
    for portion in portions_of(inputs):
        plan = evaluator.run(inputs[:, portion], targets[:, portion])
        losses[portion] = losses_of(plan, evaluator.trainer.preset.loss.kind)
        outputs = plan["A", last].array
        finite = finite and bool(np.isfinite(outputs).all())
        found.append(compared(outputs, targets[:, portion], evaluator.dataset.target_kind))
    if not finite:
        return Measured(None, losses)
    return Measured(measures_of(np.concatenate(found, axis=1), targets, evaluator.dataset), losses)


def losses_of(plan: Plan, loss_kind: str) -> Array:
    """ℓ of each example, (m,), that a plan has just computed."""
    if ("ℓ", None) in plan.quantities:
        return plan["ℓ", None].array
    error = np.asarray(plan["E", None].array, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.square(error)
        each: Array = squares.mean(axis=0) if loss_kind == "mean_squared_error" else squares.sum(axis=0) / 2
    return each


def compared(outputs: Array, targets: Array, kind: str) -> NDArray[np.generic]:
    """What is kept of the answers of a portion: classes (1, m), labels (outputs, m), or errors (outputs, m)."""
    if kind == "real":
        return np.asarray(outputs, dtype=np.float64) - targets
    return answered_classes(outputs, kind)


def measures_of(kept: NDArray[np.generic], targets: Array, data: Dataset) -> Measures:
    """The measures of a part from what `compared` kept of its answers, and its targets (outputs, n)."""
    if data.target_kind == "real":
        return number_measures(np.asarray(kept, dtype=np.float64), targets, data)
    truth, answers = answered_classes(targets, data.target_kind), np.asarray(kept, dtype=np.int64)
    if len(answers) > 1:
        return LabelMeasures(output_names(data), confusion_of_labels(truth, answers))
    names = classes_of(data)
    count = len(names)
    both = truth[0] * count + answers[0]
    return ClassMeasures(
        names,
        counted_classes(truth[0], count),
        counted_classes(answers[0], count),
        counted_classes(truth[0][truth[0] == answers[0]], count),
        counted_classes(both, count * count).reshape(count, count) if count <= MOST_CLASSES else None,
    )


def confusion_of_labels(truth: Counts, answers: Counts) -> Counts:
    """(K, 2, 2), from truth and answers (K, n) of 0 and 1."""
    both = 2 * truth + answers
    return np.stack([counted_classes(row, 4).reshape(2, 2) for row in both])


def number_measures(errors: Array, targets: Array, data: Dataset) -> NumberMeasures:
    """From errors and targets (outputs, n) as the network has them."""
    n = errors.shape[1]
    units = np.ones(len(errors)) if data.target_std is None else data.target_std[:, 0]
    return NumberMeasures(
        output_names(data),
        tuple(explained(error, target) for error, target in zip(errors, targets, strict=True)),
        tuple(float(unit) * norm(error) / n**0.5 for unit, error in zip(units, errors, strict=True)),
        tuple(float(unit) * mean_of(np.abs(error)) for unit, error in zip(units, errors, strict=True)),
    )


def explained(errors: Array, targets: Array) -> float | None:
    """R² of one output, from errors and targets (n,); None where the targets do not differ."""
    if targets.max() == targets.min():
        return None
    targets = np.asarray(targets, dtype=np.float64)
    with np.errstate(over="ignore"):
        ratio = norm(errors) / norm(targets - mean_of(targets))
        return 1 - ratio * ratio


def mean_of(values: Array) -> float:
    """The mean of numbers (n,) whose sum may be too large for one."""
    largest = float(np.max(np.abs(values), initial=0.0))
    return largest * float(np.mean(values / largest)) if largest else 0.0


def classes_of(data: Dataset) -> Names:
    """The names of the classes of examples that have one each; numbers where the data have none."""
    outputs = len(data.targets)
    if len(data.class_names) == max(outputs, 2):
        return data.class_names
    if outputs > 1:
        return tuple(str(number) for number in range(1, outputs + 1))
    return ("-1", "1") if data.target_kind == "signed" else ("0", "1")


def output_names(data: Dataset) -> Names:
    """The names of the outputs, each by itself; `y` or `y1` … where the data have none."""
    outputs = len(data.targets)
    names = data.class_names if len(data.class_names) == outputs else data.target_names
    if len(names) == outputs and all(names):
        return names
    return ("y",) if outputs == 1 else tuple(f"y{number}" for number in range(1, outputs + 1))
