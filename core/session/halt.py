"""Where a run halts: at the first op that wrote a number which is none, in the first step that does not get over it.

A step gets over it where its loss and all parameters after it are finite all the same, as where a sigmoid flattens an
infinite preactivation. So where a run halts depends on the run alone, not on how it was gone through: parameters that
are not finite never become so again, and can be looked for later than every step.
"""

from typing import Protocol

from backprop_tui.core.training.divergence import Fault, all_finite, first_fault
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.training.trainer import Trainer

from .snapshots import Snapshots
from .timeline import Position, Timeline


class Run(Protocol):
    """A run at a position of it, as far as it is asked here; `not_finite_step`: the first known of such a loss."""

    count: int
    furthest: int
    timeline: Timeline
    not_finite_step: int | None
    fault: Fault | None

    @property
    def trainer(self) -> Trainer: ...
    @property
    def plan(self) -> Plan: ...
    @property
    def snapshots(self) -> Snapshots: ...
    @property
    def position(self) -> Position: ...
    @property
    def step(self) -> int: ...
    @property
    def events(self) -> int: ...
    def seek(self, count: int) -> None: ...
    def rewind(self, step: int) -> None: ...
    def advance_steps(self, steps: int) -> None: ...


def lost(run: Run) -> bool:
    """Whether a loss up to here, or a parameter as it is now, is not finite."""
    step = run.not_finite_step
    return (step is not None and run.step >= step) or not all_finite(run.trainer.state.parameters)


def halted_by(run: Run) -> str:
    """Why the run halts where it stands, in a few words."""
    return f"a parameter is not finite after step {run.step}" if run.fault is None else run.fault.text()


def first_lost_step(run: Run) -> int:
    """The first step that did not get over it, where the run is lost; leaves the position."""
    known = run.not_finite_step
    step = run.step if known is None else min(run.step, known - 1)
    while step and not all_finite(run.snapshots.nearest(step).parameters):
        step = run.snapshots.nearest(step).step - 1
    run.rewind(step)
    while not lost(run):
        run.advance_steps(1)
    return run.step


def find_fault(run: Run, step: int) -> Fault | None:
    """The first op of `step` that wrote a number which is none; None where it was the change of the parameters."""
    run.seek(run.timeline.finish_of(step) - 1)
    return first_fault(run.plan.ops, step, run.timeline.split(run.count)[0])


def gets_over(run: Run) -> bool:
    """Whether the step in hand gets over what its ops have written so far; the position stays."""
    done = run.plan.ops[: max(run.events - 1, 0)]
    count, furthest = run.count, run.furthest
    if first_fault(done, run.position.step, run.timeline.split(count)[0]) is None:
        return True
    run.seek(run.timeline.finish_of(run.position.step))
    over = not lost(run)
    run.seek(count)
    run.furthest = furthest
    return over
