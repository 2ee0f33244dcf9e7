"""The losses of a recording: of every step, or the extremes of a few steps together."""

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]


class RecordedLosses:
    """Entries in the order of the steps: the last step of each, from 1, and the lowest and highest loss of its steps.

    They are those of the steps right behind the entry before. Where an entry is of one step both are its loss.
    """

    def __init__(self, steps: NDArray[np.int64], lows: Series, highs: Series) -> None:
        self.steps, self.lows, self.highs = steps, lows, highs

    @property
    def count(self) -> int:
        """How many losses there are."""
        return int(self.steps[-1]) if len(self.steps) else 0

    def series(self) -> tuple[Series, Series, Series]:
        """Steps, the last of each entry, minima and maxima."""
        return self.steps.astype(np.float64), self.lows, self.highs

    def at(self, step: int) -> float | None:
        """The loss of a step; None where it stands together with others, or is not recorded."""
        place = int(np.searchsorted(self.steps, step))
        if place == len(self.steps) or step < 1 or int(self.steps[place]) != step:
            return None
        before = int(self.steps[place - 1]) if place else 0
        return float(self.lows[place]) if step - before == 1 else None
