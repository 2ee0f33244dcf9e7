"""A walk through the steps of a training: op by op, or in whole steps that nobody looks into.

Op by op it is a generator: `next()` runs one op and yields it, a `for` loop goes on, and stopping is not calling it.
Whole steps are the same calls in the same order over the same batches, only that nothing is yielded: so what is stepped
through by hand is what trains at full speed.
"""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.ops.event import Call, Op
from backprop_tui.core.ops.quantity import Array

from .plan import Columns, Plan
from .state import TrainingState

Program = tuple[tuple[Call, Op | None], ...]
Fires = Callable[[], bool]
"""Whether a step that has just been finished is to be the last for now."""


class Walked(Protocol):
    """What is walked: `schedule` names the plan of every step to come and its examples, None where they are laid."""

    plan: Plan
    plans: dict[int, tuple[Plan, ...]]
    examples: tuple[Array, ...]
    columns: Columns
    state: TrainingState
    losses: list[float]

    def schedule(self) -> Iterator[tuple[Plan, NDArray[np.intp] | None]]: ...


class Walk:
    """From the present state of a `trainer` on. `events` yields each op when it has run, for ever.

    `within` is how many events of the step in hand have run. `halted`: the last call of `take` ended before its time.
    """

    def __init__(self, trainer: Walked) -> None:
        self.trainer = trainer
        plans = [plan for plans in trainer.plans.values() for plan in plans]
        self.length = len(plans[0].events)
        self.within = 0
        self.halted = False
        self.programs = {plan: program(plan) for plan in plans}
        self.calls = {plan: tuple(call for op in plan.events for call in op.calls) for plan in plans}
        self.laid = self.batches()
        self.events = self.every_event()

    def batches(self) -> Iterator[Plan]:
        """The plan of each step, its batch laid."""
        trainer = self.trainer
        takes = [examples.take for examples in trainer.examples]
        gathers = {plan: tuple(zip(takes, trainer.columns.axes, plan.batch, strict=True)) for plan in self.programs}
        for plan, chosen in trainer.schedule():
            if chosen is not None:
                for take, axis, batch in gathers[plan]:
                    # "clip" writes into the batch without a buffer between; no index is out of bounds.
                    take(chosen, axis, batch, "clip")
            yield plan

    def every_event(self) -> Iterator[Op]:
        """Train for ever, yielding each op of each step when it has run."""
        trainer, state = self.trainer, self.trainer.state
        record: Callable[[float], None] = trainer.losses.append
        for plan in self.laid:
            trainer.plan = plan
            yield plan.started
            for call, op in self.programs[plan]:
                call()
                if op is not None:
                    yield op
            for call in plan.finished.calls:
                call()
            state.step += 1
            record(plan.loss())
            yield plan.finished

    def steps(self, count: int, fires: Fires | None = None) -> Op:
        """Train so many whole steps, at least one, from a step's boundary; returns the last event.

        Where `fires` says so after one of them, that is the last.
        """
        trainer, state = self.trainer, self.trainer.state
        record: Callable[[float], None] = trainer.losses.append
        for plan in islice(self.laid, count):
            trainer.plan = plan
            for call in self.calls[plan]:
                call()
            state.step += 1
            record(plan.loss())
            if fires is not None and fires():
                self.halted = True
                break
        return trainer.plan.finished

    def ops(self, count: int) -> Iterator[Op]:
        """The next so many events, one by one; all of them are to be taken."""
        self.within = (self.within + count) % self.length
        return islice(self.events, count)

    def take(self, count: int, fires: Fires | None = None) -> Op:
        """Run so many events, at least one, which are there; returns the last.

        `fires` is asked at the end of every step, and where it says so nothing more is run.
        """
        begun = min(-self.within % self.length, count)
        whole, rest = divmod(count - begun, self.length)
        last = self.trainer.plan.started
        self.halted = False
        if begun:
            last = drained(self.ops(begun))
            self.halted = self.within == 0 and fires is not None and fires()
        if whole and not self.halted:
            last = self.steps(whole, fires)
        return drained(self.ops(rest)) if rest and not self.halted else last


def drained(ops: Iterator[Op]) -> Op:
    """Run all of the ops, and return the last."""
    return deque(ops, maxlen=1).pop()


def program(plan: Plan) -> Program:
    """The calls of all ops in a row, each with the op that it ends or None: faster to walk than loops in a loop."""
    steps: list[tuple[Call, Op | None]] = []
    for op in plan.ops:
        # An op whose work an earlier one has done has no call of its own, but an event all the same.
        *calls, last = op.calls or (nothing,)
        steps += [(call, None) for call in calls]
        steps.append((last, op))
    return tuple(steps)


def nothing() -> None:
    """The call of an op that has none."""
