"""A run that stands beside others: brought to a position in slices, with an eye on the ends of its epochs."""

from math import inf, isfinite
from time import perf_counter
from typing import Any

from backprop_tui.core.session.run import Goal
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.evaluation import Evaluation


class ComparedRun:
    """`session` under a name; `changes` are what its preset was changed by, None where it was not made so.

    `end` is the count right behind what made a number that is not finite, None while there is none: no further does
    it go. With a `goal` the whole training set is evaluated at the end of every epoch, as `train` does: `epochs` of
    them so far; `reached` is the first step after which a condition of the goal held, `best` the lowest finite loss.
    """

    def __init__(self, name: str, session: Session, changes: dict[str, Any] | None = None) -> None:
        self.name, self.session, self.changes = name, session, changes
        self.end: int | None = None
        self.goal: Goal | None = None
        self.aim(None)

    def aim(self, goal: Goal | None) -> None:
        """Another goal, or none; the epochs there are have to be looked at again."""
        self.goal = goal
        self.epochs = 0
        self.best = inf
        self.reached: int | None = None
        self.scout: Session | None = None

    @property
    def stopped(self) -> bool:
        """Whether it stands where its numbers ceased to be finite."""
        return self.end is not None and self.session.count >= self.end

    def limited(self, count: int) -> int:
        """`count`, or the end of the run where that comes before."""
        return count if self.end is None else min(count, self.end)

    def there(self, count: int) -> bool:
        """Whether it stands at `count`, or at its end before that, and has looked at every epoch up to there."""
        return self.session.count == self.limited(count) and not self.unseen()

    def approach(self, count: int, seconds: float) -> bool:
        """Forward or back towards `count` for about so long; whether it is there."""
        deadline = perf_counter() + seconds
        session = self.session
        while True:
            self.look()
            if self.end is None and session.diverged:
                session.stop_at_divergence()
                self.end = session.count
            wanted = self.limited(count)
            if session.count != wanted:
                session.depart(wanted)
            if self.there(count):
                return True
            remaining = deadline - perf_counter()
            if remaining <= 0:
                return False
            if self.unseen():
                self.look_back(remaining)
            else:
                stop = wanted if self.goal is None else min(wanted, self.look_at(session))
                session.approach(stop, remaining)

    # The ends of epochs

    def unseen(self) -> bool:
        """Whether the run has been past the end of an epoch that was not looked at."""
        return self.goal is not None and self.epochs < self.session.epoch

    def look_at(self, session: Session) -> int:
        """The count of the first epoch end that was not looked at."""
        return session.timeline.finish_of(session.trainer.steps_of_epochs(self.epochs + 1))

    def look(self) -> None:
        """Evaluate, where the run stands at the next epoch end."""
        if self.goal is not None and self.session.count == self.look_at(self.session):
            self.take(self.session.evaluate().training)

    def look_back(self, seconds: float) -> None:
        """Evaluate at epoch ends that the run has been past elsewhere, by a twin that goes there."""
        if self.scout is None:
            self.scout = self.session.twin()
        scout = self.scout
        scout.depart(self.look_at(scout))
        if scout.approach(self.look_at(scout), seconds):
            self.take(scout.evaluate().training)
        if not self.unseen():
            self.scout = None

    def take(self, training: Evaluation) -> None:
        """Note the evaluation at the end of the next epoch."""
        assert self.goal is not None
        self.epochs += 1
        if isfinite(training.loss):
            self.best = min(self.best, training.loss)
        if self.reached is None and self.goal.reached(training) is not None:
            self.reached = self.session.trainer.steps_of_epochs(self.epochs)
