"""How the loss of a run goes: means over periods, which are whole epochs where these are short.

A batch's loss tells of its examples as much as of the network; the mean over an epoch has seen each of them once.
"""

from collections import deque
from collections.abc import Sequence
from copy import copy
from math import ceil, fsum, inf, isfinite, log, log1p

from backprop_tui.core.training.baseline import Baseline
from backprop_tui.core.value_class import dataclass

SHORTEST, LONGEST = 10, 40
"""Steps of a period: whole epochs of SHORTEST steps or more together; of a longer epoch LONGEST steps."""
WINDOW = 4
"""Periods whose mean is compared with that of as many before."""
STALE = 10
"""Periods without a new lowest mean that make a plateau, as of ReduceLROnPlateau."""
IMPROVEMENT = 1e-3
"""The share by which a new lowest mean has to be lower."""


def period_of(steps_per_epoch: int) -> int:
    """The steps of a period."""
    if steps_per_epoch > LONGEST:
        return LONGEST
    return ceil(SHORTEST / steps_per_epoch) * steps_per_epoch


@dataclass(frozen=True, slots=True)
class Trend:
    """The loss up to a step, as levels: 1 is the best constant answer, 0 all right (see `baseline`).

    `first`: that of the start, of a batch or of more examples. `now`: the mean of the last period, or of the steps so
    far, which `whole` tells. `fall`: by what share the mean of the last WINDOW periods is below that of as many before;
    None before there are as many. `stale`: periods, of `period` steps, since the last new lowest mean. `halving`: how
    many more steps of the window's pace would halve the loss, None where it does not fall. `rises`: for how many steps,
    the last of them, each loss was higher than the one before; of the last period alone.
    """

    steps: int
    period: int
    first: float
    now: float
    whole: bool
    fall: float | None
    stale: int
    halving: float | None
    rises: int


class LossTrend:
    """Takes the losses of all steps, in whatever portions.

    `start`: the loss of more examples than the first batch has, before the first step, where that is known: where that
    batch happens to be easy, the losses of those behind it have not grown.
    """

    def __init__(self, baseline: Baseline, steps_per_epoch: int) -> None:
        self.baseline = baseline
        self.period = period_of(steps_per_epoch)
        self.steps = 0
        self.first, self.start = 0.0, -inf
        self.last: list[float] = []
        self.means: deque[float] = deque(maxlen=2 * WINDOW)
        self.lowest = 0.0
        self.stale = 0

    def copy(self) -> "LossTrend":
        other = copy(self)
        other.means = self.means.copy()
        return other

    def extend(self, losses: Sequence[float]) -> None:
        """Add the losses of the next steps, all finite."""
        if losses and not self.steps:
            self.first = max(losses[0], self.start)
        # Behind what is known of the last period stand the new ones; each period that they fill is summed up whole.
        known = [*self.last, *losses]
        filled = self.period - self.steps % self.period
        for end in range(len(self.last) + filled, len(known) + 1, self.period):
            self.add(mean(known[end - self.period : end]))
        self.steps += len(losses)
        self.last = known[-self.period :]

    def add(self, mean: float) -> None:
        """Take the mean of a period that is full."""
        if not self.means or mean < self.lowest - IMPROVEMENT * abs(self.lowest):
            self.lowest, self.stale = mean, 0
        else:
            self.stale += 1
        self.means.append(mean)

    def level(self, loss: float) -> float:
        """A loss as a level, see `Trend`."""
        return self.baseline.level(loss, self.first if self.steps else loss)

    @property
    def recent(self) -> float | None:
        """The mean loss of the last period, or of the steps so far; None before the first."""
        return mean(self.last) if self.last else None

    def at(self, loss: float) -> Trend:
        """The trend at the step whose own loss is `loss`, which counts where there is none before."""
        first = self.first if self.steps else max(loss, self.start)
        level, right = self.baseline.level, self.baseline.right
        fall = halving = None
        if len(self.means) == 2 * WINDOW:
            means = list(self.means)
            before, recent = (mean(part) - right for part in (means[:WINDOW], means[WINDOW:]))
            if before > 0:
                fall = 1 - recent / before
            if before > recent > 0:
                # Of neighbouring numbers the ratio may be 1, its distance from 1 is still above 0.
                halving = WINDOW * self.period * log(2) / log1p((before - recent) / recent)
        return Trend(
            steps=self.steps,
            period=self.period,
            first=level(first, first),
            now=level(loss if self.recent is None else self.recent, first),
            whole=len(self.last) == self.period,
            fall=fall,
            stale=self.stale,
            halving=halving,
            rises=rises([*self.last, loss]),
        )


def mean(losses: Sequence[float]) -> float:
    """The mean of finite losses, also of those whose sum is more than a float holds."""
    try:
        return fsum(losses) / len(losses)
    except OverflowError:
        return 2 * fsum(loss / 2 / len(losses) for loss in losses)


def rises(losses: Sequence[float]) -> int:
    """How many of the losses, from the last back, are higher than the one before."""
    count = 0
    for before, after in zip(losses[-2::-1], losses[:0:-1], strict=True):
        if not after > before:
            break
        count += 1
    return count


def finite_part(losses: Sequence[float]) -> int:
    """How many of the losses come before the first that is not finite."""
    return next((i for i, loss in enumerate(losses) if not isfinite(loss)), len(losses))
