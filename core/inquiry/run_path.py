"""The path of a run: where its parameters have been, step by step, found by going through it again."""

from collections.abc import Callable
from time import perf_counter

import numpy as np

from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.session.again import begun_again
from backprop_tui.core.session.history import Thinned
from backprop_tui.core.session.session import Session

MOST = 512
"""Steps of the path that are kept, at equal distances: with more of them, every other one."""
FEWEST = 16
"""Steps that are kept however large what is kept of them is."""
BYTES = 32 << 20
"""What a path may keep where that is more than the fewest."""


def all_parameters(session: Session) -> Array:
    """(parameters,): a copy of all of them as they stand."""
    return session.trainer.state.parameters.copy()


class RunPath:
    """What `read` takes of the run of `session`, (n,), at the ends of steps, from its start to its furthest step.

    A twin of the run goes through it, so that it is not disturbed; of a recording nothing but where it stands is known.
    """

    def __init__(self, session: Session, read: Callable[[Session], Array]) -> None:
        self.session, self.read = session, read
        taken = read(session)
        self.kept = Thinned(first=0, most=min(MOST, max(FEWEST, BYTES // taken.nbytes)))
        self.length = taken.size
        self.twin: Session | None = None

    @property
    def furthest(self) -> int:
        """The last step of the run that is done."""
        return self.session.history.steps

    @property
    def finished(self) -> bool:
        """Whether it leads as far as the run does."""
        return bool(self.session.fixed) or self.kept.next_step() > self.furthest

    def advance(self, seconds: float) -> bool:
        """Go on for about so long; whether it leads as far as the run does."""
        end = perf_counter() + seconds
        while not self.finished:
            self.go_on(max(0.0, end - perf_counter()))
            if perf_counter() >= end:
                break
        return self.finished

    def go_on(self, seconds: float) -> None:
        """On towards the next step that is kept."""
        if self.twin is None:
            self.twin = begun_again(self.session)
            self.twin.snapshots.keep_to(0)
            return
        step = self.kept.next_step()
        if self.twin.approach(self.twin.timeline.finish_of(step), seconds):
            self.kept.add(step, np.asarray(self.read(self.twin)))

    @property
    def steps(self) -> Array:
        """The steps that are known, (n,), rising."""
        return np.array(self.kept.steps, dtype=float)

    def rows(self) -> Array:
        """What was taken at each of them, (n, length)."""
        rows: Array = np.array(self.kept.rows, dtype=float).reshape(-1, self.length)
        return rows
