"""Snapshots of the state at step boundaries, to go back from; thinned to a budget, the start never lost."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection

from backprop_tui.core.training.state import TrainingState

BUDGET = 64 * 2**20
"""Bytes."""
USUAL = 3 / 8
"""The share of the budget that states take where `ENOUGH` fit into it: the whole is for larger ones."""
ENOUGH = 32
"""States with which a long run is gone back through in little time: between two of them lies at most a 16th of it."""
MOST = 512
"""Of small states, which the budget would allow many more of than going back is faster with."""
FIRST_SPACING = 100


class Snapshots:
    """States by step. At speed one is wanted every `spacing` steps, which doubles as the budget is reached."""

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self.spacing = FIRST_SPACING
        self.steps: list[int] = []
        self.states: list[TrainingState] = []

    def keep(self, state: TrainingState) -> None:
        """Keep a copy of `state`, unless there is one of its step."""
        place = bisect_right(self.steps, state.step)
        if place and self.steps[place - 1] == state.step:
            return
        self.steps.insert(place, state.step)
        self.states.insert(place, state.copy())
        if len(self.steps) > self.most(state):
            self.thin(self.most(state))

    def most(self, state: TrainingState) -> int:
        """How many states like this one the budget allows; never fewer than the start and two more."""
        size = max(state.bytes, 1)
        return max(3, min(MOST, max(int(self.budget * USUAL) // size, min(ENOUGH, self.budget // size))))

    def thin(self, most: int) -> None:
        """Drop what stands between the regular ones, and widen their spacing where they are more than half of `most`.

        The first and the newest stay.
        """
        # With the start they are one more than half when every other is dropped.
        while sum(step % self.spacing == 0 for step in self.steps) > max(most // 2 + 1, 2):
            self.spacing *= 2
        kept = [i for i, step in enumerate(self.steps) if step % self.spacing == 0 or i == len(self.steps) - 1]
        self.steps = [self.steps[i] for i in kept]
        self.states = [self.states[i] for i in kept]

    def keep_to(self, budget: int) -> None:
        """Be content with so many bytes from now on, where it had more."""
        self.budget = min(self.budget, budget)
        if self.states and len(self.states) > self.most(self.states[-1]):
            self.thin(self.most(self.states[-1]))

    def until(self, step: int) -> "Snapshots":
        """Those of the steps before `step`, in a collection of its own; the states are shared, nobody changes them."""
        other = Snapshots(self.budget)
        other.spacing = self.spacing
        kept = bisect_left(self.steps, step)
        other.steps, other.states = self.steps[:kept], self.states[:kept]
        return other

    def nearest(self, step: int) -> TrainingState:
        """The state of the latest step up to `step`. Raises LookupError if there is none."""
        place = bisect_right(self.steps, step)
        if not place:
            raise LookupError(f"no snapshot at or before step {step}")
        return self.states[place - 1]


def share_budget(collections: Collection[Snapshots]) -> None:
    """Have those of several runs that are there at once keep to one budget together."""
    for snapshots in collections:
        snapshots.keep_to(BUDGET // len(collections))
