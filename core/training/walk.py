"""A walk through the steps of a training: op by op, or in whole steps that nobody looks into.

Op by op it is a generator: `next()` runs one op and yields it, a `for` loop goes on, and stopping is not calling it.
Whole steps are the same calls in the same order over the same batches, only that nothing is yielded: so what is stepped
through by hand is what trains at full speed. When there have been some, the calls are written out as one function; and
of steps behind which the next follows at once, what the optimizer keeps is written over what it kept before.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Protocol

from backprop_tui.core.ops.event import Call, Op
from backprop_tui.core.ops.quantity import Array

from .laying import Lay
from .plan import Plan
from .state import TrainingState
from .straight_line import in_place, straight_line

Program = tuple[tuple[Call, Op | None], ...]
Run = Callable[[], None]
WORTH = 20
"""Whole steps after which writing out their calls costs less than it saves."""
Fires = Callable[[], bool]
"""Whether a step that has just been finished is to be the last for now."""


class Walked(Protocol):
    """What is walked: `schedule` gives the plan of every step to come and what lays its batch, or None."""

    plan: Plan
    plans: dict[int, tuple[Plan, ...]]
    state: TrainingState
    losses: list[float]
    delta: Array

    @property
    def moment_halves(self) -> tuple[Array, Array]: ...

    def schedule(self) -> Iterator[tuple[Plan, Lay | None]]: ...


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
        self.walked = 0
        self.calls = {plan: tuple(call for op in plan.events for call in op.calls) for plan in plans}
        self.runs: dict[Plan, Run] = {plan: partial(self.call_each, plan) for plan in plans}
        self.overwriting: tuple[dict[Plan, Run], ...] = ()
        self.laid = self.batches()
        self.events = self.every_event()

    def batches(self) -> Iterator[Plan]:
        """The plan of each step, its batch laid."""
        for plan, lay in self.trainer.schedule():
            if lay is not None:
                lay()
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

    def call_each(self, plan: Plan) -> None:
        """Make the calls of a step one by one."""
        for call in self.calls[plan]:
            call()

    def straighten(self) -> None:
        """Write the calls of every plan out; once more for steps that go on in either half of the moments."""
        self.runs = {plan: straight_line(self.calls[plan]) for plan in self.runs}
        even, odd = self.trainer.moment_halves
        if even.size:
            halves = [self.written_over(*pair) for pair in ((even, odd), (odd, even))]
            self.overwriting = () if None in halves else tuple(half for half in halves if half is not None)

    def written_over(self, home: Array, away: Array) -> dict[Plan, Run] | None:
        """The runs of steps that stay in one half of the moments; None where that would change a number."""
        calls = {plan: in_place(self.calls[plan], home, away) for plan in self.runs}
        unseen = (self.trainer.delta,)
        runs = {plan: straight_line(own, unseen=unseen) for plan, own in calls.items() if own is not None}
        return runs if len(runs) == len(calls) else None

    def steps(self, count: int, fires: Fires | None = None) -> Op:
        """Train so many whole steps, at least one, from a step's boundary; returns the last event.

        Where `fires` says so after one of them, that is the last.
        """
        if self.walked < WORTH <= self.walked + count:
            self.straighten()
        self.walked += count
        # An even number, so that each half holds the moments of the steps that it is for.
        over = (count - 1) // 2 * 2 if fires is None and self.overwriting else 0
        if over:
            self.through(islice(self.laid, over), self.overwriting[self.trainer.state.step % 2])
        self.through(islice(self.laid, count - over), self.runs, fires)
        return self.trainer.plan.finished

    def through(self, plans: Iterable[Plan], runs: dict[Plan, Run], fires: Fires | None = None) -> None:
        """Make the steps of these plans, each by its run."""
        trainer, state = self.trainer, self.trainer.state
        record: Callable[[float], None] = trainer.losses.append
        for plan in plans:
            trainer.plan = plan
            runs[plan]()
            state.step += 1
            record(plan.loss())
            if fires is not None and fires():
                self.halted = True
                break

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
