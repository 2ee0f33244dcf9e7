"""The loss as a landscape, over two parameters or one, or over a plane, around where the run stands.

Over all examples of the training set where that is soon done, else over the batch in view; in training mode with the
step's own dropout masks, in double precision. The run itself is not touched.
"""

from collections.abc import Sequence
from itertools import islice
from math import floor, log2, sqrt
from time import perf_counter

import numpy as np

from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.session.effort import BLINK, effort
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.rehearsal import Rehearsal
from backprop_tui.core.value_class import dataclass

from .ground import LEAST_SIZE, Ground

PASS = BLINK // 50
"""What a forward pass over the whole training set may take for the landscape to be that of all of it."""
WHOLE = 60 * BLINK
"""What all of its points together may take."""
FEWEST, MOST = 256, 8192
"""Points."""
PORTION = 4
"""Points between two looks at the clock."""
COARSEST = 8
"""Points that the first of those worked out are apart."""
AROUND = 1.5
"""How far the landscape goes on beyond where the run has been, in sizes of the parameters."""
SECTIONS = 40
"""How often the place of a valley is narrowed down, each time by the golden section."""
GOLDEN = (sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True)
class Reach:
    """From where to where a parameter goes on a landscape."""

    low: float
    high: float

    def at(self, count: int) -> Array:
        """The middles of so many equal parts."""
        shares = (np.arange(count) + 0.5) / count
        places: Array = self.low + (self.high - self.low) * shares
        return places


@dataclass(frozen=True, slots=True)
class Valley:
    """Where a loss over one parameter is lowest of all places near it, and the loss there."""

    place: float
    loss: float


def reaches(paths: Sequence[Array], zoom: int = 0, least: float = LEAST_SIZE) -> tuple[Reach, ...]:
    """How far a landscape goes along axes on which the run has been at the places of `paths`, (n,) each.

    All go as far beyond their path, by the largest size on it or `least`; half as far with every `zoom`. The ends are
    round numbers, so that they stay where they are as the path goes on.
    """
    ends = []
    for path in paths:
        known = path[np.isfinite(path)]
        ends.append((float(known.min()), float(known.max())) if known.size else (0.0, 0.0))
    size = max(least, *(abs(end) for pair in ends for end in pair))
    beyond = min(AROUND * size, 1e150) * 2.0**-zoom
    unit = 2.0 ** (floor(log2(beyond)) - 2)
    return tuple(
        Reach(floor((low - beyond) / unit) * unit, -floor(-(high + beyond) / unit) * unit) for low, high in ends
    )


class Landscape:
    """ℒ over a `ground`, its first axis across and the second upwards, at about `rows` × `columns` places.

    `values` (rows, columns), the upper row first, are NaN where they are not worked out yet, and where ℒ is; with one
    axis there is one row. `whole` says whether they are of all training examples, of which there are `examples`,
    or of the batch in view; `others` is how many parameters stay as they are, `here` where the run stands, `loss` ℒ
    there. `valleys` are those of a landscape with one axis, the lowest first, once it is finished.
    """

    def __init__(
        self,
        session: Session,
        ground: Ground,
        reach: Sequence[Reach],
        columns: int,
        rows: int,
    ) -> None:
        self.ground, self.reach = ground, tuple(reach)
        self.rehearsal, self.whole = rehearsed(session)
        self.examples = self.rehearsal.plan.examples
        self.others = self.rehearsal.parameters.size - ground.moved
        self.move = ground.mover(session.trainer.layers, self.rehearsal.parameters)
        self.here = tuple(ground.here(session).tolist())
        self.loss = self.rehearsal.loss()
        if ground.axes == 1:
            rows = 1
        forward = effort(op for op in self.rehearsal.plan.ops if op.phase != "backward")
        points = min(max(WHOLE // forward, FEWEST), MOST)
        share = min(1.0, sqrt(points / (rows * columns)) if rows > 1 else points / columns)
        self.values = np.full((max(1, int(rows * share)), max(1, int(columns * share))), np.nan)
        self.across = self.reach[0].at(self.values.shape[1])
        self.up = self.reach[1].at(self.values.shape[0])[::-1] if rows > 1 else np.zeros(1)
        self.left = iter(coarse_to_fine(*self.values.shape))
        self.apart = COARSEST
        self.finished = False
        self.valleys: tuple[Valley, ...] = ()

    def advance(self, seconds: float) -> bool:
        """Go on for about so long; whether all is worked out."""
        end = perf_counter() + seconds
        while not self.finished:
            self.go_on()
            # After a few places: each call gets on, however slow the machine is.
            if perf_counter() >= end:
                break
        return self.finished

    def go_on(self) -> None:
        """The next few places, or the end."""
        portion = list(islice(self.left, PORTION))
        for apart, row, column in portion:
            self.apart = apart
            self.values[row, column] = self.loss_at(*(self.across[column], self.up[row])[: self.ground.axes])
        if not portion:
            self.apart = 1
            self.valleys = self.found_valleys() if self.ground.axes == 1 else ()
            self.finished = True

    def loss_at(self, *place: float) -> float:
        """ℒ with the parameters there."""
        self.move(place)
        return self.rehearsal.loss_of_trial(self.ground.layer)

    def known(self) -> Array:
        """(rows, columns): each place has the value of the nearest that is worked out, as far as there is one."""
        # Those of the present distance are not all there yet; those of the one before are.
        apart = self.apart if self.finished else min(2 * self.apart, COARSEST)
        rows, columns = (np.arange(size) // apart * apart for size in self.values.shape)
        nearest: Array = self.values[rows[:, None], columns]
        return np.where(np.isnan(self.values), nearest, self.values)

    def lowest(self) -> tuple[tuple[float, ...], float] | None:
        """The place with the lowest loss of those worked out, and that loss; None without a finite one."""
        if not np.isfinite(self.values).any():
            return None
        row, column = np.unravel_index(np.nanargmin(self.values), self.values.shape)
        place = (float(self.across[column]), float(self.up[row]))[: self.ground.axes]
        return place, float(self.values[row, column])

    def found_valleys(self) -> tuple[Valley, ...]:
        """Where ℒ along one axis goes neither down to the left nor to the right, not at the ends."""
        values = self.values[0]
        found = []
        for place in range(1, len(values) - 1):
            before, here, after = values[place - 1 : place + 2]
            if before > here <= after and np.isfinite(here):
                found.append(self.valley_between(float(self.across[place - 1]), float(self.across[place + 1])))
        return tuple(sorted(found, key=lambda valley: valley.loss))

    def valley_between(self, low: float, high: float) -> Valley:
        """The lowest place between two, narrowed down by the golden section."""
        inner, outer = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        at_inner, at_outer = self.loss_at(inner), self.loss_at(outer)
        for _ in range(SECTIONS):
            if at_inner <= at_outer:
                high, outer, at_outer = outer, inner, at_inner
                inner = high - GOLDEN * (high - low)
                at_inner = self.loss_at(inner)
            else:
                low, inner, at_inner = inner, outer, at_outer
                outer = low + GOLDEN * (high - low)
                at_outer = self.loss_at(outer)
        return Valley(inner, at_inner)


def rehearsed(session: Session) -> tuple[Rehearsal, bool]:
    """A rehearsal over the whole training set where a pass over it is soon done, else over the batch in view.

    And whether it is the whole. Of a recording no more than the batch of a kept step is there.
    """
    forward = effort(op for op in session.plan.ops if op.phase in ("forward", "loss"))
    data, step = session.dataset, session.position.step
    if session.fixed or forward * data.size > PASS * session.plan.examples:
        return session.rehearse(), False
    return Rehearsal(session.trainer, data.inputs, data.targets, session.trainer.masks(step, data.size)), True


def coarse_to_fine(rows: int, columns: int) -> list[tuple[int, int, int]]:
    """Every place of (rows, columns) once, as (apart, row, column): first those far apart, then those between."""
    order = []
    apart = COARSEST
    while apart:
        for row in range(0, rows, apart):
            for column in range(0, columns, apart):
                if apart == COARSEST or row % (2 * apart) or column % (2 * apart):
                    order.append((apart, row, column))
        apart //= 2
    return order
