"""The losses of a recording: of every step, or the extremes of a few steps together."""

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.session.history import moving_mean

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

    @property
    def width(self) -> int:
        """How many steps the longest entry has; 1 where there is none."""
        return int(np.diff(self.steps, prepend=0).max(initial=1))

    def series(self) -> tuple[Series, Series, Series]:
        """Steps, the last of each entry, minima and maxima."""
        return self.steps.astype(np.float64), self.lows, self.highs

    def begins(self) -> Series:
        """The first step of each entry of `series`."""
        begins: Series = np.append(0.0, self.steps[:-1]) + 1 if len(self.steps) else np.empty(0)
        return begins

    def mean_series(self, steps: int) -> tuple[Series, Series]:
        """The mean of the losses of the last `steps` entries at each of them, fewer at the start.

        NaN where of one of them no more is known than the least and the greatest of several losses.
        """
        ends = self.steps.astype(np.float64)
        known = np.where(np.diff(ends, prepend=0) == 1, self.lows, np.nan)
        return ends, moving_mean(known, np.ones(len(known)), max(1, steps))

    def at(self, step: int) -> float | None:
        """The loss of a step; None where it stands together with others, or is not recorded."""
        place = int(np.searchsorted(self.steps, step))
        if place == len(self.steps) or step < 1 or int(self.steps[place]) != step:
            return None
        before = int(self.steps[place - 1]) if place else 0
        return float(self.lows[place]) if step - before == 1 else None
