"""What is worked out once for a step of a run, however often it is asked for there."""

from collections.abc import Callable
from typing import Generic, TypeVar

from backprop_tui.core.training.trainer import Trainer

T = TypeVar("T")


class OfStep(Generic[T]):
    """The last that was worked out, and for which step of which trainer; `value` is None before there is one."""

    def __init__(self) -> None:
        self.place: tuple[int, Trainer] | None = None
        self.value: T | None = None

    def at(self, step: int, trainer: Trainer, work: Callable[[], T]) -> T:
        """What `work` gives at this step; it is called where that is not known."""
        if self.value is None or self.place != (step, trainer):
            self.place, self.value = (step, trainer), work()
        return self.value
