"""Excursions: back to steps before the present one, to look at their numbers, and again to where one was.

The session itself goes there and back. It goes by the same generator as ever, so that what it comes back to is bit
for bit what it left; and what it remembers of the run is known already and stays as it is.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import TypeVar

from .effort import BLINK, effort
from .session import Session

T = TypeVar("T")


def earliest(session: Session, first: int) -> int:
    """The earliest step from `first` on, both from 1, from which an excursion takes no longer than a blink.

    The way from the last snapshot before it counts too. Where even the last step is too far, it is the step after it;
    so it is in a run that cannot be trained on, which has not all of its steps.
    """
    present = session.position.step
    if session.fixed:
        return present + 1
    within = present - BLINK // effort(session.plan.ops)
    if session.snapshots.nearest(first - 1).step >= within:
        return first
    steps = session.snapshots.steps
    place = bisect_left(steps, max(first, within))
    return min(steps[place], present) + 1 if place < len(steps) else present + 1


def revisit(session: Session, first: int, last: int) -> Iterator[int]:
    """Go to each of the steps `first` … `last`, from 1, none beyond the position, and then come back.

    Yields the step when all of its ops have run and it is not finished: parameters are those that it started with.
    """
    here = session.count
    session.rewind(first - 1)
    try:
        for step in range(first, last + 1):
            session.advance(session.timeline.finish_of(step) - 1)
            yield step
    finally:
        session.advance(here)


def last_step(session: Session) -> int:
    """The last step that is finished at the position, from 1; 0 before the first is."""
    return session.position.step - (not session.position.finished)


def in_last_step(session: Session, look: Callable[[], T]) -> T | None:
    """What `look` finds at the end of the last finished step, right before its finish; the position stays.

    None where no step is finished yet, and where going there takes longer than a blink.
    """
    step = last_step(session)
    if step < 1 or earliest(session, step) > step:
        return None
    return next(iter([look() for _ in revisit(session, step, step)]))


def in_view(session: Session) -> bool:
    """Whether the plan's buffers hold the step of the position, as far as it has got.

    They do not where an edit was made at the very boundary the session stands on: the plan is then a new one.
    """
    return not session.position.finished or session.op is session.plan.finished
