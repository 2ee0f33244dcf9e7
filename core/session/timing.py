"""Measured times of the last play."""

from dataclasses import dataclass, field

from backprop_tui.core.ops.event import Phase

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
