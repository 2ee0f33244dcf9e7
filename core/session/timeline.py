"""Positions in a run, and the stops that each unit makes.

A position is the number of events that have run since the start: 0 before anything, a multiple of the events of a
step where a step is finished. Stepping passes over a step's start, and stops at its finish in every unit.
"""

from bisect import bisect_left, bisect_right
from typing import Literal, get_args

from backprop_tui.core.ops.event import Op
from backprop_tui.core.value_class import dataclass

Unit = Literal["op", "layer", "phase", "step", "epoch"]
UNITS: tuple[Unit, ...] = get_args(Unit)


@dataclass(frozen=True, slots=True)
class Position:
    """`step` and `epoch` count from 1; `events` have run of that step, of `total`."""

    step: int
    epoch: int
    events: int
    total: int

    @property
    def finished(self) -> bool:
        return self.events == self.total


class Timeline:
    """The stops of a run whose steps all yield events like `events`.

    `knows_epochs`: whether the run tells when one is over. The first lacks its first `slots_before` steps.
    """

    knows_epochs = True

    def __init__(self, events: tuple[Op, ...], steps_per_epoch: int, slots_before: int = 0) -> None:
        self.length = len(events)
        self.steps_per_epoch, self.slots_before = steps_per_epoch, slots_before
        ops = events[1:]
        # Each stop is a number of events of the step that have run, the step's start among them.
        self.stops: dict[str, list[int]] = {
            "op": [i + 2 for i in range(len(ops))],
            "layer": group_ends([(op.phase, op.layer) for op in ops]),
            "phase": group_ends([op.phase for op in ops]),
        }

    def at(self, count: int) -> Position:
        """The position after `count` events: a step's last event still belongs to it."""
        step = max(count - 1, 0) // self.length
        epoch = (step + self.slots_before) // self.steps_per_epoch + 1
        return Position(step + 1, epoch, count - step * self.length, self.length)

    def finish_of(self, step: int) -> int:
        """The count at which step `step`, from 1, is finished; 0 for step 0."""
        return step * self.length

    def finish_of_epoch(self, epoch: int) -> int:
        """The count at which epoch `epoch`, from 1, is finished; 0 for epoch 0."""
        return self.finish_of(max(epoch * self.steps_per_epoch - self.slots_before, 0))

    def nearest(self, count: int) -> int:
        """The position that there is at `count`, or nearest to it."""
        return max(count, 0)

    def after(self, count: int, unit: Unit) -> int:
        """The next stop of `unit` after `count`."""
        if unit in ("step", "epoch"):
            span, before = self.spans(unit)
            return ((count + before) // span + 1) * span - before
        base, events = self.split(count)
        stops = self.stops[unit]
        following = bisect_right(stops, events)
        return base + stops[following] if following < len(stops) else base + self.length + stops[0]

    def before(self, count: int, unit: Unit) -> int:
        """The last stop of `unit` before `count`; 0, the start of the run, is one of every unit."""
        if unit in ("step", "epoch"):
            span, before = self.spans(unit)
            return max((count + before - 1) // span * span - before, 0)
        base, events = self.split(count)
        stops = self.stops[unit]
        preceding = bisect_left(stops, events) - 1
        if preceding >= 0:
            return base + stops[preceding]
        return base - self.length + stops[-1] if base else 0

    def spans(self, unit: Unit) -> tuple[int, int]:
        """How many events a step or an epoch has, and how many of the first lie before the run."""
        if unit == "step":
            return self.length, 0
        return self.length * self.steps_per_epoch, self.length * self.slots_before

    def split(self, count: int) -> tuple[int, int]:
        """The count at which the step in hand began, and its events since."""
        base = max(count - 1, 0) // self.length * self.length
        return base, count - base


def group_ends(keys: list[object]) -> list[int]:
    """The stops at the ends of runs of equal keys."""
    return [i + 2 for i, key in enumerate(keys) if i + 1 == len(keys) or keys[i + 1] != key]
