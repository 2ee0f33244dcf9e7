"""The losses of some steps of a long run, worked out again one by one: the history knows them as many at a time."""

from time import perf_counter

import numpy as np

from .course import Course
from .history import BUCKETS, Extremes
from .session import Session

SLICE = 0.001
"""Seconds that it goes on without looking at the clock."""


class ReplayedLosses:
    """Steps `first` … `last` of a run again, from its nearest snapshot on: bit for bit the losses that they had.

    The run stays where it is. `losses` counts from step `first` on; `advance` works out more of them.
    """

    def __init__(self, session: Session, first: int, last: int) -> None:
        self.session, self.edits = session, session.edits
        self.first, self.last = first, last
        self.losses = Extremes()
        nearest = session.snapshots.nearest(first - 1)
        begun = session.course.stretches[0].preset
        self.course = Course(begun, session.dataset, session.seed, session.edits, session.course)
        self.course.restore(nearest)
        self.begun = nearest.step
        self.chunk = 1

    @property
    def step(self) -> int:
        """The last step that was gone through again."""
        return self.course.state.step

    @property
    def finished(self) -> bool:
        return self.step >= self.last

    @property
    def share(self) -> float:
        """How much of the way is done."""
        return (self.step - self.begun) / max(self.last - self.begun, 1)

    def of(self, session: Session) -> bool:
        """Whether these are steps of that run as it is."""
        return self.session is session and self.edits == session.edits

    def covers(self, first: int, last: int, width: int) -> bool:
        """Whether it has, or will have, these steps in entries of at most `width`."""
        wide = max(self.losses.width, entry_width(self.last - self.first + 1))
        return self.first <= first and last <= self.last and wide <= width

    def advance(self, seconds: float) -> None:
        """Go on for about so long."""
        begin = perf_counter()
        while not self.finished and perf_counter() < begin + seconds:
            self.run()

    def run(self) -> None:
        """Some more steps, no further than the next edit."""
        course, before, now = self.course, self.step, perf_counter()
        ends = [self.last, before + self.chunk]
        if course.next_edit is not None:
            ends.append(course.next_edit)
        steps = min(ends) - before
        length = self.session.timeline.length
        with np.errstate(all="ignore"):
            course.take(steps * length)
            losses = course.losses[max(self.first - 1 - before, 0) :]
            course.losses.clear()
            course.cross()
        self.losses.extend(losses)
        self.chunk = max(1, min(2 * self.chunk, int(SLICE * steps / max(perf_counter() - now, 1e-9))))


def entry_width(steps: int) -> int:
    """How many steps an entry has of so many steps: as few as there is room for."""
    width = 1
    while steps // width > BUCKETS:
        width *= 2
    return width
