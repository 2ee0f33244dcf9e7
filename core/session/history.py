"""What is remembered of a run for its curves: the whole of it, in bounded memory.

What is kept depends on the steps done alone, never on who was looking: so the curves of a run are the same however
it was played.
"""

from bisect import bisect_right
from math import ceil

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.norm import norm
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass

Series = NDArray[np.float64]
BUCKETS = 4096
MEASUREMENTS = 512
MEAN_SHARE = 20
"""The part of the steps of a run that a mean of its losses goes over at the most."""


class Extremes:
    """A number a step, kept as minima, maxima and means of buckets of `width` steps.

    The width doubles when all are full. Where a bucket has several steps its extremes are those of its finite numbers,
    NaN where it has none. Means are NaN where they are not known, or no finite numbers.
    """

    def __init__(self, buckets: int = BUCKETS) -> None:
        self.width = 1
        self.count = 0
        self.full = 0
        self.lows = np.empty(buckets)
        self.highs = np.empty(buckets)
        self.means = np.empty(buckets)
        self.rest: Series = np.empty(0)
        self.mean_key: tuple[int, int] | None = None
        self.kept_mean: tuple[Series, Series]
        """The means that were asked for last, and of what: of a run that rests they are asked for again and again."""

    def extend(self, values: list[float]) -> None:
        """Add the next steps' values."""
        self.count += len(values)
        rest: Series = np.concatenate([self.rest, values])
        while len(rest) >= self.width:
            if self.full == len(self.lows):
                self.halve()
                continue
            number = min(len(rest) // self.width, len(self.lows) - self.full)
            blocks = rest[: number * self.width].reshape(number, self.width)
            self.lows[self.full : self.full + number] = extremes_of(blocks, np.fmin)
            self.highs[self.full : self.full + number] = extremes_of(blocks, np.fmax)
            self.means[self.full : self.full + number] = means_of(blocks)
            self.full += number
            rest = rest[number * self.width :]
        self.rest = rest

    @classmethod
    def of(cls, ends: NDArray[np.int64], lows: Series, highs: Series) -> "Extremes":
        """What is known of entries up to steps `ends`, which may be of several steps each, a power of two.

        It is what a run that saw all of them would know, or less by the last few steps where these are not known one
        by one.
        """
        other = cls()
        count = int(ends[-1]) if len(ends) else 0
        while count // other.width > len(other.lows):
            other.width *= 2
        widths = np.diff(ends, prepend=0)
        width = int(widths.max(initial=1))
        other.width = max(other.width, width)
        other.full = count // other.width
        last = other.full * other.width
        whole = int(np.searchsorted(ends, last, side="right"))
        if other.full:
            # Where the entries of a bucket begin.
            places = np.searchsorted(ends, np.arange(other.full) * other.width, side="right")
            one_by_one = other.width == 1
            known = (one[:whole] if one_by_one else finite_of(one[:whole]) for one in (lows, highs))
            for its, one, of_two in zip((other.lows, other.highs), known, (np.fmin, np.fmax), strict=True):
                its[: other.full] = of_two.reduceat(one, places)
            # Of several steps no more than the least and the greatest is known.
            other.means[: other.full] = lows[:whole] if other.width == 1 else np.nan
        if (widths[whole:] == 1).all():
            other.rest = lows[whole:].copy()
        other.count = last + len(other.rest)
        return other

    def from_step(self, step: int) -> list[float]:
        """The values from `step` on, as far as they are known one by one up to the last."""
        if self.width == 1:
            return [float(value) for value in self.lows[step - 1 : self.full]]
        begin = step - 1 - self.full * self.width
        return [float(value) for value in self.rest[begin:]] if begin >= 0 else []

    def halve(self) -> None:
        self.full //= 2
        self.lows[: self.full] = extremes_of(self.lows.reshape(-1, 2), np.fmin)
        self.highs[: self.full] = extremes_of(self.highs.reshape(-1, 2), np.fmax)
        self.means[: self.full] = means_of(self.means.reshape(-1, 2))
        self.width *= 2

    def until(self, step: int) -> "Extremes":
        """A copy of what is known up to `step`, where that is the last; else up to the last full bucket before it."""
        other = Extremes(len(self.lows))
        other.width = self.width
        other.full = min(step // self.width, self.full)
        other.count = other.full * self.width
        for mine, its in ((self.lows, other.lows), (self.highs, other.highs), (self.means, other.means)):
            its[: other.full] = mine[: other.full]
        if step == self.count:
            other.count, other.rest = self.count, self.rest.copy()
        return other

    def extreme(self, *, highest: bool) -> tuple[range, float] | None:
        """The lowest or highest finite value, and the steps of the bucket that it lies in; None without one."""
        steps, lows, highs = self.series()
        values = np.where(np.isfinite(highs), highs, -np.inf) if highest else np.where(np.isfinite(lows), lows, np.inf)
        if not np.isfinite(values).any():
            return None
        place = int(values.argmax() if highest else values.argmin())
        first = int(steps[place - 1]) if place else 0
        return range(first + 1, int(steps[place]) + 1), float(values[place])

    def series(self) -> tuple[Series, Series, Series]:
        """Steps (the last of each bucket, from 1), minima and maxima, the bucket that is filling among them."""
        number = self.full + bool(len(self.rest))
        steps: Series = np.arange(1, number + 1, dtype=np.float64) * self.width
        lows, highs = np.empty(number), np.empty(number)
        lows[: self.full], highs[: self.full] = self.lows[: self.full], self.highs[: self.full]
        if len(self.rest):
            steps[-1] = self.count
            lows[-1:], highs[-1:] = (extremes_of(self.rest[None], of_two) for of_two in (np.fmin, np.fmax))
        return steps, lows, highs

    def begins(self) -> Series:
        """The first step of each entry of `series`."""
        begins: Series = np.arange(self.full + bool(len(self.rest)), dtype=np.float64) * self.width + 1
        return begins

    def mean_steps(self, steps: int) -> int:
        """How many steps a mean of at least so many goes over, where they are known in buckets."""
        return self.width * max(1, ceil(steps / self.width))

    def mean_series(self, steps: int) -> tuple[Series, Series]:
        """The mean of the last `steps` numbers at the end of each bucket, at least of that bucket, fewer at the start.

        NaN where one of them is no finite number, or not known.
        """
        key = (steps, self.count)
        if key != self.mean_key:
            self.mean_key, self.kept_mean = key, self.new_mean_series(steps)
        return self.kept_mean

    def new_mean_series(self, steps: int) -> tuple[Series, Series]:
        """The same, worked out anew."""
        ends: Series = np.arange(1, self.full + 1, dtype=np.float64) * self.width
        means, widths = self.means[: self.full], np.full(self.full, float(self.width))
        if len(self.rest):
            ends = np.append(ends, float(self.count))
            means = np.append(means, means_of(self.rest[None]))
            widths = np.append(widths, float(len(self.rest)))
        return ends, moving_mean(means, widths, max(1, ceil(steps / self.width)))


def finite_of(values: Series) -> Series:
    """The values, NaN for what is no finite number."""
    return values if np.isfinite(values).all() else np.where(np.isfinite(values), values, np.nan)


def extremes_of(rows: Series, of_two: np.ufunc) -> Series:
    """The least finite number of each row of (n, k), or what `of_two` picks; of one alone itself, whatever it is."""
    if rows.shape[1] == 1:
        return rows[:, 0]
    found: Series = of_two.reduce(finite_of(rows), axis=1)
    return found


def means_of(rows: Series) -> Series:
    """The mean of each row of (n, k) numbers; NaN where it is not finite."""
    with np.errstate(all="ignore"):
        means: Series = rows.mean(axis=1, dtype=np.float64)
        return np.where(np.isfinite(means), means, np.nan)


def moving_mean(values: Series, weights: Series, count: int) -> Series:
    """The weighted mean of each of the values (n,) and the `count` − 1 before it, of fewer where there are fewer."""
    with np.errstate(all="ignore"):
        # Sums of whole numbers are exact, whichever way.
        whole = weights.cumsum()
        whole[count:] = whole[count:] - whole[:-count]
        means: Series = window_sums(values * weights, count) / whole
        return np.where(np.isfinite(means), means, np.nan)


def window_sums(values: Series, count: int) -> Series:
    """The sum of each of the values (n,) and the `count` − 1 before it, at least itself, as far as there are so many.

    Put together of what a block of `count` of them has behind a place, and the next has before one: differences of
    running sums would lose what is small beside a large one that is long past.
    """
    count = max(1, min(count, len(values)))
    if not len(values):
        return np.zeros(0)
    blocks = np.zeros((-(-len(values) // count), count))
    blocks.ravel()[: len(values)] = values
    sums: Series = blocks.cumsum(axis=1).ravel()[: len(values)]
    # Of each place what stands behind it in its block.
    behind = np.zeros(blocks.shape)
    behind[:, :-1] = blocks[:, :0:-1].cumsum(axis=1)[:, ::-1]
    sums[count:] += behind.ravel()[: len(values) - count]
    return sums


class Thinned:
    """Rows of numbers at every `stride`-th step from `first` on; the stride doubles when `most` are kept."""

    def __init__(self, first: int, stride: int = 1, most: int = MEASUREMENTS) -> None:
        self.first, self.stride, self.most = first, stride, most
        self.steps: list[int] = []
        self.rows: list[Series] = []

    def next_step(self) -> int:
        """The step that is to be measured next."""
        return self.steps[-1] + self.stride if self.steps else self.first

    def add(self, step: int, row: Series) -> None:
        self.steps.append(step)
        self.rows.append(row)
        if len(self.steps) >= self.most:
            self.stride *= 2
            kept = [i for i, s in enumerate(self.steps) if (s - self.first) % self.stride == 0]
            self.steps = [self.steps[i] for i in kept]
            self.rows = [self.rows[i] for i in kept]

    def until(self, step: int) -> "Thinned":
        """A copy of what is known up to `step`."""
        other = Thinned(self.first, self.stride, self.most)
        kept = bisect_right(self.steps, step)
        other.steps, other.rows = self.steps[:kept], self.rows[:kept]
        return other

    def series(self, column: int) -> tuple[Series, Series]:
        """The steps and the values of one column."""
        return np.array(self.steps, dtype=float), np.array([row[column] for row in self.rows])


@dataclass(frozen=True, slots=True)
class LayerMeasure:
    """The norms of one layer's weights as the step began, of their gradient and their change; None if not yet known."""

    layer: int
    weights: float
    gradient: float | None
    update: float | None

    @property
    def ratio(self) -> float | None:
        """‖ΔW‖ / ‖W‖; None without an update or with weights of norm 0."""
        return None if self.update is None or self.weights == 0 else self.update / self.weights


def measure_layer(plan: Plan, layer: Layer, events: int) -> LayerMeasure:
    """The norms of a layer after so many events of the step."""

    def norm_of(symbol: str) -> float | None:
        quantity = plan.find(symbol, layer.number)
        return norm(quantity.array) if quantity is not None and quantity.place < events else None

    weights = plan["W", layer.number].array
    if events == len(plan.events):
        # The step is finished: the weights that its update was worked out for are those before the change.
        with np.errstate(all="ignore"):
            weights = weights - plan["ΔW", layer.number].array
    return LayerMeasure(layer.number, norm(weights), norm_of("dW"), norm_of("ΔW"))


def measure(plan: Plan, layers: tuple[Layer, ...]) -> Series:
    """One row for the history, before the step's finish: ‖dW‖ of every layer, then ‖ΔW‖/‖W‖ of every layer.

    The ratio is NaN with weights of norm 0.
    """
    measures = [measure_layer(plan, layer, len(plan.events) - 1) for layer in layers]
    ratios = (m.ratio for m in measures)
    gradients = (m.gradient for m in measures)
    return np.array([*gradients, *ratios], dtype=float)


class History:
    """The loss of every step, gradient norms of some, test loss of some."""

    def __init__(self, evaluate_every: int) -> None:
        self.losses = Extremes()
        self.gradients = Thinned(first=1)
        self.evaluations = Thinned(first=0, stride=evaluate_every)

    def until(self, step: int) -> "History":
        """A copy up to `step`, or some steps less: what the copy does not cover is to be run again.

        Without the test loss at `step` itself, which a change made there may change.
        """
        other = History(self.evaluations.stride)
        other.losses = self.losses.until(step)
        other.gradients = self.gradients.until(other.steps)
        other.evaluations = self.evaluations.until(min(other.steps, step - 1))
        return other

    @property
    def steps(self) -> int:
        """How many steps the history covers."""
        return self.losses.count
