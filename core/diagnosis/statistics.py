"""Statistics of the layers of a step: how large what they hold is, how far it spreads, which units do nothing.

All are read off a step as it stands; what an op has not yet written has none.
"""

from collections.abc import Iterable
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.norm import norm
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.training.living_units import cuts_to_zero
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass

SATURATED = {"tanh": (-0.97, 0.97), "sigmoid": (0.03, 0.97)}
"""Where an activation is flat: below the first, above the second; its slope there is under 6 % and 12 % of the most."""
MOST_OF_THE_BATCH = 0.5
"""A unit is saturated where it is flat for more than this share of the batch."""
BINS = 20
SAFE = 1e-30
"""Sums of squares from here to its reciprocal are far from what any type of numbers cannot hold."""
UNLIKE = 1e-2
"""The share of the mean square that the variance has to be, to be taken from it and the mean."""
SYMBOLS = ("W", "dW", "ΔW", "dZ", "dN", "dF", "dA", "Z", "F", "A")
Units = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LayerStatistics:
    """One layer in one step; None for what is not computed yet, or what such a layer has not.

    `weights`, `gradient`, `update`, `error`: the norms of W as the step began, dW, ΔW and dZ. `mean_gradient`: the
    mean of |dW|. `preactivations`, `activations`: mean and standard deviation, over units and examples, of Z and of
    what the activation gives. `inactive`: the units of a layer that cuts to 0 which give 0 for the whole batch;
    `saturated`: those of tanh and sigmoid that are flat for most of it; both count from 1. `passed`: what the slopes
    of tanh and sigmoid leave of the gradient, ‖dZ‖ / ‖dA‖; None where output and loss are one op.
    """

    layer: int
    inputs: int
    units: int
    activation: str
    weights: float
    gradient: float | None
    mean_gradient: float | None
    update: float | None
    error: float | None
    preactivations: tuple[float, float] | None
    activations: tuple[float, float] | None
    inactive: Units | None
    saturated: Units | None
    passed: float | None

    @property
    def ratio(self) -> float | None:
        """‖ΔW‖ / ‖W‖; None without an update or with weights of norm 0."""
        return None if self.update is None or self.weights == 0 else self.update / self.weights

    @property
    def inactive_share(self) -> float | None:
        return None if self.inactive is None else len(self.inactive) / self.units

    @property
    def saturated_share(self) -> float | None:
        return None if self.saturated is None else len(self.saturated) / self.units


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many numbers lie between neighbours of `edges`, which are one more than `counts`.

    `left_out` are those that are not finite.
    """

    counts: NDArray[np.intp]
    edges: NDArray[np.float64]
    left_out: int


def layer_statistics(plan: Plan, layer: Layer, events: int, *, whole: bool = True) -> LayerStatistics:
    """The statistics of a layer after so many events of the step; not `whole`: without means, spreads and what of a
    layer that is not saturated nobody asks.
    """
    number = layer.number
    found: dict[str, Array] = {}
    for symbol in SYMBOLS:
        quantity = plan.quantities.get((symbol, number))
        if quantity is not None and quantity.place < events:
            found[symbol] = quantity.array
    weights, dW, update, dZ = found["W"], found.get("dW"), found.get("ΔW"), found.get("dZ")
    if events == len(plan.events) and update is not None:
        # The step is finished: the weights that its update was worked out for are those before the change.
        weights = weights - update
    given = found.get("F", found.get("A"))
    flat = SATURATED.get(layer.activation)
    saturated = None if given is None or flat is None else saturated_units(given, *flat)
    return LayerStatistics(
        layer=number,
        inputs=layer.inputs,
        units=layer.units,
        activation=layer.activation,
        weights=length(weights),
        gradient=None if dW is None else length(dW),
        mean_gradient=mean_magnitude(dW) if whole and dW is not None else None,
        update=None if update is None else length(update),
        error=None if dZ is None else length(dZ),
        preactivations=mean_and_spread(found["Z"]) if whole and "Z" in found else None,
        activations=mean_and_spread(given) if whole and given is not None else None,
        inactive=None if given is None or not cuts_to_zero(layer) else inactive_units(given),
        saturated=saturated,
        passed=passed(found.get("dF", found.get("dA")), found.get("dN", dZ)) if saturated or (whole and flat) else None,
    )


def statistics_table(plan: Plan, layers: Iterable[Layer], events: int | None = None) -> tuple[LayerStatistics, ...]:
    """The statistics of all layers after so many events of the step; without a number, just before its finish."""
    known = len(plan.ops) + 1 if events is None else events
    with np.errstate(all="ignore"):
        return tuple(layer_statistics(plan, layer, known) for layer in layers)


def length(array: Array) -> float:
    """The Frobenius norm, by one product in the array's own type where its square is well inside of that."""
    total = float(np.vdot(array, array))
    return sqrt(total) if SAFE < total < 1 / SAFE else norm(array)


def mean_magnitude(array: Array) -> float:
    """The mean of |x|."""
    return float(np.abs(array).sum(dtype=np.float64)) / array.size


def mean_and_spread(array: Array) -> tuple[float, float]:
    """Mean and standard deviation of all entries."""
    size = array.size
    centre = float(np.add.reduce(array, axis=None)) / size
    square = float(np.vdot(array, array)) / size
    variance = square - centre * centre
    if SAFE < UNLIKE * square < variance and square < 1 / SAFE:
        return centre, sqrt(variance)
    # The difference of two large numbers would have few digits: what is left around the mean, itself.
    return centre, norm(array - centre) / sqrt(size)


def inactive_units(given: Array) -> Units:
    """The units, from 1, that give 0 for every example; given: (units, m)."""
    if np.count_nonzero(given[:, 0]) == len(given):
        return ()
    return numbers_of(np.logical_not(given.any(axis=1)))


def saturated_units(given: Array, low: float, high: float) -> Units:
    """The units, from 1, that are flat, below `low` or above `high`, for most examples; given: (units, m)."""
    flat = (given < low) | (given > high)
    most = MOST_OF_THE_BATCH * given.shape[1]
    if np.count_nonzero(flat) <= most:
        return ()
    return numbers_of(np.add.reduce(flat, axis=1, dtype=np.intp) > most)


def numbers_of(mask: NDArray[np.bool_]) -> Units:
    """Where the mask (units,) is true, counted from 1."""
    return tuple(number for number, true in enumerate(mask.tolist(), 1) if true)


def passed(above: Array | None, below: Array | None) -> float | None:
    """‖below‖ / ‖above‖; None where one is missing or there was nothing to pass."""
    if above is None or below is None:
        return None
    size = length(above)
    return length(below) / size if size else None


def histogram(array: Array, bins: int = BINS) -> Histogram:
    """How the entries of an array of any shape are distributed between the least and the greatest that is finite."""
    flat = np.asarray(array, dtype=np.float64).ravel()
    finite = flat[np.isfinite(flat)]
    if not finite.size:
        return Histogram(np.zeros(bins, dtype=np.intp), np.linspace(0.0, 1.0, bins + 1), flat.size)
    # In units of the greatest: the distance of two finite numbers may itself not be finite.
    scale = max(float(np.abs(finite).max()), np.finfo(np.float64).tiny)
    counts, edges = np.histogram(finite / scale, bins)
    return Histogram(counts, edges * scale, flat.size - finite.size)


def quantity_histogram(plan: Plan, symbol: str, layer: int, events: int, bins: int = BINS) -> Histogram | None:
    """The histogram of a quantity, such as W, dW, Z or A; None where there is none, or this step has not got to it."""
    quantity = plan.find(symbol, layer)
    return None if quantity is None or quantity.place >= events else histogram(quantity.array, bins)
