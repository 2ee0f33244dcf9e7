"""The course of a recording: before each kept step the training stands where somebody's own stood."""

from collections.abc import Callable

from backprop_tui.core.session.course import Course, Stretch

from .recorded_trainer import RecordedTrainer


class RecordedCourse(Course):
    """`trainer_of` gives the trainer of a step: steps with other settings of the optimizer have another."""

    def __init__(self, trainer_of: Callable[[int], RecordedTrainer], first: int) -> None:
        self.trainer_of = trainer_of
        self.place = 0
        self.stretches = [Stretch.of(trainer_of(first))]
        self.begin_step(first)

    def begin_step(self, step: int) -> None:
        """Stand before kept step `step`. Raises MissingError where it is not kept any more."""
        trainer = self.trainer_of(step)
        trainer.begin_step(step)
        self.stretches = [Stretch.of(trainer)]
        self.walk = trainer.walk()
