"""One run of a sweep, and what came of it, as plain data: they go to other processes, and to other machines."""

from collections.abc import Callable, Collection
from importlib.resources.abc import Traversable
from typing import Any

from backprop_tui.core.value_class import dataclass

Folder = Callable[[], Traversable | None]
"""Gives the folder that a preset's files are relative to, wherever it is called; a function that can be pickled."""


def nowhere() -> None:
    """The folder of a preset that has none."""


@dataclass(frozen=True, slots=True)
class Job:
    """A run: the preset's table with its changes and its seed in it, and how many `steps`, None for its own stop."""

    table: dict[str, Any]
    source: str
    id: str
    folder: Folder = nowhere
    typed: Collection[str] = ()
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run, as `train` tells it; `problem` says why nothing did, and the figures are then none."""

    steps: int = 0
    epochs: int = 0
    first_loss: float | None = None
    loss: float | None = None
    best_loss: float | None = None
    test_loss: float | None = None
    accuracy: float | None = None
    test_accuracy: float | None = None
    stopped_by: str = ""
    problem: str = ""

    @property
    def diverged(self) -> bool:
        return self.stopped_by == "not_finite"


MEASURES = ("test_loss", "loss", "test_accuracy", "accuracy", "steps")
"""By what runs can be ranked: of losses and steps the least is best, of accuracies the most."""
