"""What is kept of a run as it goes: its curves, snapshots to go back to, and what the diagnosis has seen.

When each is due depends on the run alone, and where snapshots are kept beside the usual ones on who went back.
"""

from collections.abc import Iterator, MutableSequence
from math import isfinite

import numpy as np

from backprop_tui.core.diagnosis.diagnosis import Diagnosis
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.training.evaluation import Evaluator, evaluation_interval
from backprop_tui.core.training.trainer import Trainer

from .history import History, measure
from .snapshots import Snapshots
from .timeline import Timeline

DENSE_SNAPSHOTS = 64
"""How many steps before a place that was gone back to get a snapshot each."""


class Records:
    """The records of a run; `tested`: whether it has a test set, `dense`: steps that all get a snapshot."""

    def __init__(self, history: History, diagnosis: Diagnosis, snapshots: Snapshots, *, tested: bool) -> None:
        self.history, self.diagnosis, self.snapshots = history, diagnosis, snapshots
        self.dense = range(0)
        self.tested = tested
        self.new_losses: list[float] | None = None
        """Where somebody takes the losses along, those that he has not taken yet."""
        self.every_loss: MutableSequence[float] | None = None
        """Where somebody wants them all, the loss of every step from then on."""

    @classmethod
    def of(cls, trainer: Trainer, dataset: Dataset) -> "Records":
        """Those of a run that begins."""
        interval = evaluation_interval(dataset, trainer.batch_size)
        diagnosis = Diagnosis(trainer, dataset, interval)
        return cls(History(interval), diagnosis, Snapshots(), tested=dataset.test_size > 0)

    def until(self, step: int) -> "Records":
        """A copy up to `step`, or up to some steps less: `steps` are covered then."""
        history, diagnosis = self.history.until(step), self.diagnosis.until(step)
        return Records(history, diagnosis, self.snapshots.until(step), tested=self.tested)

    def before_edits(self, step: int) -> "Records | None":
        """A copy up to `step`, where the run has come no farther, for one that is changed there.

        None where the test set was looked at there already, which the change may make otherwise.
        """
        diagnosis = self.diagnosis
        if diagnosis.steps != step or diagnosis.measured > step or diagnosis.tested >= step:
            return None
        history = self.history.until(step)
        if history.steps != step:
            return None
        return Records(history, diagnosis.copy(), self.snapshots.until(step), tested=self.tested)

    @property
    def steps(self) -> int:
        """How many steps all of the records cover."""
        return min(self.history.steps, self.diagnosis.steps)

    # What is due

    def due(self, timeline: Timeline, step: int) -> Iterator[int]:
        """The counts at which something is to be measured or kept next, `step` steps being finished."""
        yield timeline.finish_of(self.history.gradients.next_step()) - 1
        yield timeline.finish_of(self.diagnosis.next_step()) - 1
        yield timeline.finish_of(self.next_snapshot(step))
        if self.tested:
            yield timeline.finish_of(self.history.evaluations.next_step())
        if (next_test := self.diagnosis.next_test()) is not None:
            yield timeline.finish_of(next_test)

    def next_snapshot(self, step: int) -> int:
        """The next step whose end gets a snapshot."""
        spacing = self.snapshots.spacing
        regular = (step // spacing + 1) * spacing
        dense = max(step + 1, self.dense.start)
        return min(regular, dense) if dense < self.dense.stop else regular

    def expect_return(self, step: int, trainer: Trainer) -> None:
        """Who went back to `step` may do it again: the last steps before get a snapshot each."""
        affordable = self.snapshots.budget // (4 * trainer.state.bytes)
        self.dense = range(step - min(DENSE_SNAPSHOTS, affordable), step + 1)

    # What is kept

    def before_finish(self, step: int, trainer: Trainer, evaluator: Evaluator) -> None:
        """Measure `step`, of which all but the finish has run: its weights are those its update was worked out for."""
        if step == self.history.gradients.next_step():
            self.history.gradients.add(step, measure(trainer.plan, trainer.layers))
        if step == self.diagnosis.next_step():
            self.tell_losses(trainer)
            self.diagnosis.measure(step, trainer, evaluator)

    def at_boundary(self, trainer: Trainer, evaluator: Evaluator) -> None:
        """Keep the state, and look at the test set, where that is due."""
        step = trainer.state.step
        if step % self.snapshots.spacing == 0 or step in self.dense:
            self.snapshots.keep(trainer.state)
        for_history = step == self.history.evaluations.next_step()
        for_diagnosis = step == self.diagnosis.next_test()
        if not (for_history or for_diagnosis) or (test := evaluator.test()) is None:
            return
        if for_history:
            row = np.array([test.loss, np.nan if test.accuracy is None else test.accuracy])
            self.history.evaluations.add(step, row)
        if for_diagnosis:
            self.tell_losses(trainer)
            self.diagnosis.take_test(step, test.loss)

    def collect_losses(self, trainer: Trainer) -> int | None:
        """Hand the losses of newly finished steps on; those of repeated steps are there already.

        The first of the new steps whose loss is not a finite number; None without one.
        """
        self.tell_losses(trainer)
        losses, known = trainer.losses, self.history.steps
        new = losses[known - (trainer.state.step - len(losses)) :]
        if new:
            self.history.losses.extend(new)
            for wanted in (self.new_losses, self.every_loss):
                if wanted is not None:
                    wanted.extend(new)
        losses.clear()
        return None if all(map(isfinite, new)) else known + 1 + [isfinite(loss) for loss in new].index(False)

    def tell_losses(self, trainer: Trainer) -> None:
        """Tell the diagnosis the losses that are new to it."""
        losses = trainer.losses
        self.diagnosis.extend(losses[self.diagnosis.steps - (trainer.state.step - len(losses)) :], trainer)
