"""Measured times of the last play, and how much work a step is."""

from collections.abc import Iterable
from dataclasses import field
from time import perf_counter

from backprop_tui.core.ops.event import PHASES, Op, Phase
from backprop_tui.core.training.trainer import Trainer
from backprop_tui.core.value_class import dataclass

TIMING_WEIGHT = 0.2
"""Weight of the newest timed step in the running mean."""


@dataclass(slots=True)
class Timing:
    """Seconds a step in each phase, and steps a second."""

    phases: dict[Phase, float] = field(default_factory=dict)
    steps_per_second: float | None = None

    def add(self, seconds: dict[Phase, float]) -> None:
        """Take in the times of one more step."""
        for phase, taken in seconds.items():
            before = self.phases.get(phase, taken)
            self.phases[phase] = before + TIMING_WEIGHT * (taken - before)


def timed(ops: Iterable[Op]) -> tuple[dict[Phase, float], Op | None]:
    """The seconds that each phase takes while `ops` are run one by one, and the last of them."""
    seconds: dict[Phase, float] = dict.fromkeys(PHASES, 0.0)
    last, begin = None, perf_counter()
    for last in ops:
        now = perf_counter()
        if last.phase != "start" and last.phase != "finish":
            seconds[last.phase] += now - begin
        begin = now
    return seconds, last


@dataclass(frozen=True, slots=True)
class StepSize:
    """The weights of a network, and the examples of a full batch: each example meets each weight once a step."""

    weights: int
    examples: int

    @classmethod
    def of(cls, trainer: Trainer) -> "StepSize":
        return cls(sum(layer.units * layer.inputs for layer in trainer.layers), trainer.batch_size)

    @property
    def product(self) -> int:
        return self.weights * self.examples
