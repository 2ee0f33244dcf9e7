"""The loss as a landscape: over two parameters, or one, around where the run stands, all others as they are.

Over all examples of the training set where that is soon done, else over the batch in view; in training mode with the
step's own dropout masks, in double precision. The run itself is not touched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import floor, log2, sqrt
from time import perf_counter

import numpy as np

from backprop_tui.core.chain_rule.spotlight import Spotlight, unit_symbols
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.session.effort import BLINK, effort
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.rehearsal import Rehearsal

PASS = BLINK // 50
"""What a forward pass over the whole training set may take for the landscape to be that of all of it."""
WHOLE = 60 * BLINK
"""What all of its points together may take."""
FEWEST, MOST = 256, 8192
"""Points."""
PORTION = 16
"""Points between two looks at the clock."""
COARSEST = 8
"""Points that the first of those worked out are apart."""
LEAST_SIZE = 0.1
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


def companions(layers: tuple[Layer, ...], spotlight: Spotlight) -> list[Spotlight]:
    """Parameters to be looked at beside the one in the spotlight, those of its own neuron first.

    They are the others of its row, from the next one on; the same of the other neurons of its layer; and the first one
    of each other layer. None in a network of one parameter.
    """
    layer = layers[spotlight.layer - 1]
    own, width = spotlight.column(layer), layer.inputs + len(unit_symbols(layer))
    row = [spotlight.at(layer, spotlight.unit, (own + step) % width) for step in range(1, width)]
    units = [spotlight.at(layer, unit, own) for unit in range(layer.units) if unit != spotlight.unit]
    return row + units + [spotlight.at(other, 0, 0) for other in layers if other is not layer]


def value_of(session: Session, spotlight: Spotlight) -> float:
    """A parameter as it stands."""
    layer = session.trainer.layers[spotlight.layer - 1]
    return float(layer.parameters(session.trainer.state.parameters)[spotlight.parameter][spotlight.index])


def reaches(paths: Sequence[Array], zoom: int = 0) -> tuple[Reach, ...]:
    """How far a landscape goes for parameters that have been at the values of `paths`, (n,) each.

    All go as far beyond their path, half as far with every `zoom`. The ends are round numbers, so that they stay where
    they are as the path goes on.
    """
    ends = []
    for path in paths:
        known = path[np.isfinite(path)]
        ends.append((float(known.min()), float(known.max())) if known.size else (0.0, 0.0))
    size = max(LEAST_SIZE, *(abs(end) for pair in ends for end in pair))
    beyond = min(AROUND * size, 1e150) * 2.0**-zoom
    unit = 2.0 ** (floor(log2(beyond)) - 2)
    return tuple(
        Reach(floor((low - beyond) / unit) * unit, -floor(-(high + beyond) / unit) * unit) for low, high in ends
    )


class Landscape:
    """ℒ over `parameters`, one or two, the first across and the second upwards, at about `rows` × `columns` places.

    `values` (rows, columns), the upper row first, are NaN where they are not worked out yet, and where ℒ is; with one
    parameter there is one row. `whole` says whether they are of all training examples, of which there are `examples`,
    or of the batch in view; `others` is how many parameters stay as they are, `here` where the run stands, `loss` ℒ
    there. `valleys` are those of a landscape over one parameter, the lowest first, once it is finished.
    """

    def __init__(
        self,
        session: Session,
        parameters: Sequence[Spotlight],
        reach: Sequence[Reach],
        columns: int,
        rows: int,
    ) -> None:
        self.parameters, self.reach = tuple(parameters), tuple(reach)
        self.rehearsal, self.whole = rehearsed(session)
        self.examples = self.rehearsal.plan.examples
        self.others = self.rehearsal.parameters.size - len(self.parameters)
        self.layer = min(spotlight.layer for spotlight in self.parameters)
        layers = session.trainer.layers
        self.arrays = [
            layers[one.layer - 1].parameters(self.rehearsal.parameters)[one.parameter] for one in self.parameters
        ]
        self.here = tuple(float(array[one.index]) for array, one in zip(self.arrays, self.parameters, strict=True))
        self.loss = self.rehearsal.loss()
        if len(self.parameters) == 1:
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
            self.values[row, column] = self.loss_at(*(self.across[column], self.up[row])[: len(self.parameters)])
        if not portion:
            self.apart = 1
            self.valleys = self.found_valleys() if len(self.parameters) == 1 else ()
            self.finished = True

    def loss_at(self, *place: float) -> float:
        """ℒ with the parameters there."""
        for array, one, value in zip(self.arrays, self.parameters, place, strict=True):
            array[one.index] = value
        return self.rehearsal.loss_of_trial(self.layer)

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
        place = (float(self.across[column]), float(self.up[row]))[: len(self.parameters)]
        return place, float(self.values[row, column])

    def found_valleys(self) -> tuple[Valley, ...]:
        """Where ℒ over one parameter goes neither down to the left nor to the right, not at the ends."""
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
