"""A headless run: train until a stop condition holds, and what came of it."""

from collections.abc import Callable
from math import isfinite
from time import perf_counter
from typing import Literal

import numpy as np

from backprop_tui.core.preset.tables import StopPreset
from backprop_tui.core.training.evaluation import Evaluated, Evaluation
from backprop_tui.core.value_class import dataclass

from .session import Session

Stop = Literal["epochs", "steps", "loss_below", "accuracy_above", "not_finite"]
DEFAULT_STEPS = 1_000
MOST_STEPS = 100_000
"""Where only loss or accuracy would end the run."""
REPORT_STEPS = 200
"""Steps between two reports of progress, at the most."""


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """Losses and accuracies are over whole parts of the data: before step 1, after the last update, and the best."""

    steps: int
    epochs: int
    first: Evaluated
    last: Evaluated
    best_loss: float
    first_gradient_norms: list[float | None]
    last_gradient_norms: list[float | None]
    stopped_by: Stop
    steps_per_second: float


@dataclass(frozen=True, slots=True)
class Goal:
    """When a run ends: after `steps` steps, for the reason `limit`, or sooner by a condition on loss or accuracy."""

    steps: int
    limit: Stop
    loss_below: float | None = None
    accuracy_above: float | None = None

    @classmethod
    def of(
        cls,
        stop: StopPreset,
        steps_per_epoch: int,
        steps: int | None = None,
        default: int = DEFAULT_STEPS,
        begun: int = 0,
        slots_before: int = 0,
    ) -> "Goal":
        """The goal of a preset's stop conditions; `steps` overrides them all, `default` steps stand in for none.

        Both are so many more than the `begun` ones of a run that goes on; what a preset says is of the whole run.
        The first epoch lacks `slots_before` steps.
        """
        if steps is not None:
            return cls(begun + steps, "steps")
        conditional = stop.loss_below is not None or stop.accuracy_above is not None
        limits: list[tuple[int, Stop]] = []
        if stop.steps is not None:
            limits.append((stop.steps, "steps"))
        if stop.epochs is not None:
            limits.append((stop.epochs * steps_per_epoch - slots_before, "epochs"))
        if not limits:
            limits.append((begun + (MOST_STEPS if conditional else default), "steps"))
        most, limit = min(limits, key=lambda item: item[0])
        return cls(most, limit, stop.loss_below, stop.accuracy_above)

    @property
    def conditional(self) -> bool:
        """Whether loss or accuracy may end the run."""
        return self.loss_below is not None or self.accuracy_above is not None

    def reached(self, training: Evaluation) -> Stop | None:
        """The condition that holds on the whole training set, if one does."""
        if self.loss_below is not None and training.loss < self.loss_below:
            return "loss_below"
        if (
            self.accuracy_above is not None
            and training.accuracy is not None
            and training.accuracy > self.accuracy_above
        ):
            return "accuracy_above"
        return None


def train(session: Session, goal: Goal, progress: Callable[[int, float], None] | None = None) -> TrainingResult:
    """Train a session until its goal. `progress` is told steps done and the last batch loss now and then.

    Of one that goes on `first` is that before its step 1; the best and the speed are of what is trained here.
    """
    begun = session.step
    first = evaluated_first(session)
    best = min(first.training.loss, session.evaluate().training.loss)
    stopped: Stop = goal.limit
    seconds = 0.0
    while session.step < goal.steps:
        begin = perf_counter()
        session.advance(session.timeline.finish_of(next_stop(session, goal)))
        seconds += perf_counter() - begin
        if progress is not None:
            progress(session.step, session.plan.loss())
        if session.diverged:
            session.stop_at_divergence()
            # What the last whole step left: its state and its gradients.
            session.seek(session.timeline.finish_of(session.step))
            stopped = "not_finite"
            break
        if session.trainer.place_of(session.step)[1] == 0:
            training = session.evaluator.training()
            if isfinite(training.loss):
                best = min(best, training.loss)
            if reached := goal.reached(training):
                stopped = reached
                break
    last = session.evaluate()
    if not (np.isfinite(session.trainer.state.parameters).all() and isfinite(last.training.loss)):
        stopped = "not_finite"
    if isfinite(last.training.loss):
        best = min(best, last.training.loss)
    layers = len(session.trainer.layers)
    gradients = session.history.gradients.rows
    return TrainingResult(
        steps=session.step,
        epochs=session.epoch,
        first=first,
        last=last,
        best_loss=best,
        first_gradient_norms=list(gradients[0][:layers]) if gradients else [None] * layers,
        last_gradient_norms=[measure.gradient for measure in session.measure()],
        stopped_by=stopped,
        steps_per_second=(session.step - begun) / seconds if seconds else 0.0,
    )


def evaluated_first(session: Session) -> Evaluated:
    """The whole of the data before step 1; the position is left and come back to."""
    here = session.count
    if here:
        session.seek(0)
    first = session.evaluate()
    session.seek(here)
    return first


def next_stop(session: Session, goal: Goal) -> int:
    """The next step to look up at: the end of the epoch, or some way towards it."""
    epoch_end = session.trainer.steps_of_epochs(session.epoch + 1)
    return min(goal.steps, epoch_end, session.step + REPORT_STEPS)
