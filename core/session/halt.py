"""Where a run halts: at the first op that wrote a number which is none, in the first step that does not get over it.

A step gets over it where its loss and all parameters after it are finite all the same, as where a sigmoid flattens an
infinite preactivation. So where a run halts depends on the run alone, not on how it was gone through: parameters that
are not finite never become so again, and can be looked for later than every step.
"""

from typing import TYPE_CHECKING

from backprop_tui.core.training.divergence import Fault, all_finite, first_fault

if TYPE_CHECKING:
    from .session import Session


def lost(session: "Session") -> bool:
    """Whether a loss up to here, or a parameter as it is now, is not finite."""
    step = session.not_finite_step
    return (step is not None and session.step >= step) or not all_finite(session.trainer.state.parameters)


def first_lost_step(session: "Session") -> int:
    """The first step that did not get over it, where the run is lost; leaves the position."""
    known = session.not_finite_step
    step = session.step if known is None else min(session.step, known - 1)
    while step and not all_finite(session.snapshots.nearest(step).parameters):
        step = session.snapshots.nearest(step).step - 1
    session.rewind(step)
    while not lost(session):
        session.advance_steps(1)
    return session.step


def find_fault(session: "Session", step: int) -> Fault | None:
    """The first op of `step` that wrote a number which is none; None where it was the change of the parameters."""
    session.seek(session.timeline.finish_of(step) - 1)
    return first_fault(session.plan.ops, step, session.timeline.split(session.count)[0])


def gets_over(session: "Session") -> bool:
    """Whether the step in hand gets over what its ops have written so far; the position stays."""
    done = session.plan.ops[: max(session.events - 1, 0)]
    count, furthest = session.count, session.furthest
    if first_fault(done, session.position.step, session.timeline.split(count)[0]) is None:
        return True
    session.seek(session.timeline.finish_of(session.position.step))
    over = not lost(session)
    session.seek(count)
    session.furthest = furthest
    return over
