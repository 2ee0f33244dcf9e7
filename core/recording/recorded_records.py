"""The records of a recording: its curves are those of somebody's own training, and going through it adds nothing."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from backprop_tui.core.diagnosis.diagnosis import Diagnosis
from backprop_tui.core.session.history import Extremes, History, Series
from backprop_tui.core.session.records import Records
from backprop_tui.core.session.snapshots import Snapshots
from backprop_tui.core.session.timeline import Timeline
from backprop_tui.core.training.evaluation import Evaluator
from backprop_tui.core.training.trainer import Trainer

from .recorded_losses import RecordedLosses

Norms = Sequence[float | None]


class RecordedExtremes(Extremes):
    """The losses of a recording, as the curve has them."""

    def __init__(self, losses: RecordedLosses) -> None:
        super().__init__(0)
        self.recorded = losses
        self.count = losses.count

    def series(self) -> tuple[Series, Series, Series]:
        return self.recorded.series()

    def begins(self) -> Series:
        return self.recorded.begins()

    def mean_series(self, steps: int) -> tuple[Series, Series]:
        return self.recorded.mean_series(steps)


def recorded_history(losses: RecordedLosses, rows: Sequence[tuple[int, Sequence[Norms]]]) -> History:
    """The curves: `rows` are kept steps with ‖W‖, ‖dW‖ and ‖ΔW‖ of each layer, None where one is not known."""
    history = History(1)
    history.losses = RecordedExtremes(losses)
    history.gradients.most = sys.maxsize
    for step, layers in rows:
        gradients = [number(layer[1]) for layer in layers]
        ratios = [number(layer[2]) / number(layer[0]) if layer[0] else np.nan for layer in layers]
        history.gradients.add(step, np.array([*gradients, *ratios]))
    return history


def number(value: Any) -> float:
    return float(value) if isinstance(value, float | int) else np.nan


class RecordedRecords(Records):
    """`history` is that of the recording; of the diagnosis nothing is told by going through it."""

    def __init__(self, history: History, diagnosis: Diagnosis) -> None:
        self.history, self.diagnosis = history, diagnosis
        self.snapshots = Snapshots()
        self.dense = range(0)
        self.tested = False

    def due(self, timeline: Timeline, step: int) -> Iterator[int]:
        yield sys.maxsize

    def expect_return(self, step: int, trainer: Trainer) -> None:
        """To go back takes no snapshot: every kept step has its start in the file."""

    def before_finish(self, step: int, trainer: Trainer, evaluator: Evaluator) -> None:
        """What was measured is in the recording."""

    def at_boundary(self, trainer: Trainer, evaluator: Evaluator) -> None:
        """What was kept is in the recording."""

    def collect_losses(self, trainer: Trainer) -> int | None:
        trainer.losses.clear()
        return None
