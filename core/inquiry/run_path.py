"""The path of a run: where some of its parameters have been, step by step, found by going through it again."""

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.session.history import Thinned
from backprop_tui.core.session.session import Session

from .landscape import value_of

MOST = 512
"""Steps of the path that are kept, at equal distances: with more of them, every other one."""


class RunPath:
    """The values of `parameters` at the ends of steps of the run of `session`, from its start to its furthest step.

    A twin of the run goes through it, so that it is not disturbed; of a recording nothing but where it stands is known.
    """

    def __init__(self, session: Session, parameters: Sequence[Spotlight]) -> None:
        self.session, self.parameters = session, tuple(parameters)
        self.kept = Thinned(first=0, most=MOST)
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
            self.twin = self.session.begun_again(self.session.edits)
            self.twin.snapshots.keep_to(0)
            return
        step = self.kept.next_step()
        if self.twin.approach(self.twin.timeline.finish_of(step), seconds):
            self.kept.add(step, np.array([value_of(self.twin, one) for one in self.parameters]))

    def points(self) -> tuple[Array, Array]:
        """The steps, (n,), rising, and the values, (n, parameters), as far as they are known."""
        rows = np.array(self.kept.rows, dtype=float).reshape(-1, len(self.parameters))
        return np.array(self.kept.steps, dtype=float), rows
