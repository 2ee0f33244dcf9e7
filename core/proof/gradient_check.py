"""The gradient check: backpropagation's gradient against central differences of the loss, entry by entry.

n = (ℒ(θ+h) − ℒ(θ−h)) / 2h needs the forward pass alone, so a mistake in a backward op cannot be in both. Its own error
is of two kinds: truncation, which falls with h², and rounding, about eps·|ℒ|/h. Source: CS231n, "Gradient checks"; the
tolerance adds what rounding alone can do.
"""

from math import inf, isfinite, nan
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.network.activations import activation_of
from backprop_tui.core.ops.quantity import Array, Index
from backprop_tui.core.training.rehearsal import Rehearsal

from .check_verdict import (
    CheckResult,
    CurvePoint,
    EntryVerdict,
    Kind,
    ParameterVerdict,
    absolute_error,
    relative_error,
)
from .parameter_entry import Entry, all_entries, array_name, drawn_entries, entry_at, sizes

STEPS = (1e-5, 1e-4, 1e-6, 1e-7)
"""The steps h that are tried, in this order."""
FINER_STEPS = tuple(10.0**-k for k in range(8, 17))
"""Those tried after them, where the loss bends too sharply: behind a batch norm whose variance is 0, for one."""
TOLERANCE = 1e-6
"""The relative error that an entry may have."""
ROUNDINGS = 10
"""How many roundings of the loss the two losses of a difference may be off by."""
CURVE_STEPS = tuple(10.0**-k for k in range(1, 13))
SAMPLE = 2000
"""The most entries that are checked one and all."""


class GradientCheck:
    """Checks the gradient of `rehearsal`, whose parameters are afterwards exactly what they were.

    Of more than `sample` entries only so many are checked, drawn by `seed`, some of every parameter array.
    Raises ValueError for a rehearsal that is not in float64, in which the tolerances would mean nothing.
    """

    def __init__(self, rehearsal: Rehearsal, seed: int = 0, sample: int = SAMPLE) -> None:
        self.rehearsal = rehearsal
        self.analytic, self.loss = analytic_gradient(rehearsal)
        self.sizes = sizes(rehearsal.layers)
        self.total = sum(self.sizes.values())
        self.sampled = self.total > sample
        self.chosen = drawn_entries(rehearsal.layers, seed, sample) if self.sampled else all_entries(rehearsal.layers)
        self.verdicts: list[EntryVerdict] = []

    @property
    def progress(self) -> tuple[int, int]:
        """How many entries are done, of how many."""
        return len(self.verdicts), len(self.chosen)

    @property
    def done(self) -> bool:
        return len(self.verdicts) == len(self.chosen)

    def advance(self, seconds: float = inf) -> bool:
        """Check entries for about so long, at least one; whether all are done."""
        deadline = perf_counter() + seconds
        while not self.done:
            entry = self.chosen[len(self.verdicts)]
            self.verdicts.append(verdict(self.rehearsal, entry, float(self.analytic[entry.position]), self.loss))
            if perf_counter() >= deadline:
                break
        return self.done

    def result(self) -> CheckResult:
        """What is known so far."""
        by_array: dict[tuple[str, int], list[EntryVerdict]] = {}
        for found in self.verdicts:
            by_array.setdefault((found.symbol, found.layer), []).append(found)
        parameters = tuple(
            ParameterVerdict(
                array_name(*key),
                max(group, key=lambda found: found.badness),
                all(found.kind != "failed" for found in group),
                len(group),
                self.sizes[key],
            )
            for key, group in by_array.items()
        )
        return CheckResult(
            passed=all(parameter.passed for parameter in parameters),
            worst=max((parameter.worst for parameter in parameters), key=lambda found: found.badness, default=None),
            parameters=parameters,
            entries=tuple(self.verdicts),
            sampled=self.sampled,
            total=self.total,
            loss=self.loss,
            examples=self.rehearsal.plan.examples,
        )


def check_entry(rehearsal: Rehearsal, symbol: str, layer: int, index: Index) -> EntryVerdict:
    """The verdict on one entry, of the array `symbol` of `layer` (from 1) at `index` (from 0)."""
    entry = entry_at(rehearsal.layers, symbol, layer, index)
    gradient, loss = analytic_gradient(rehearsal)
    return verdict(rehearsal, entry, float(gradient[entry.position]), loss)


def error_curve(rehearsal: Rehearsal, entry: Entry, steps: tuple[float, ...] = CURVE_STEPS) -> tuple[CurvePoint, ...]:
    """The errors of one entry against h: down with h² until rounding, which goes up with 1/h, takes over."""
    gradient, _ = analytic_gradient(rehearsal)
    analytic = float(gradient[entry.position])
    points = []
    for h in steps:
        numeric = central_difference(rehearsal, entry, h)
        points.append(CurvePoint(h, numeric, absolute_error(analytic, numeric), relative_error(analytic, numeric)))
    return tuple(points)


def verdict(rehearsal: Rehearsal, entry: Entry, analytic: float, loss: float) -> EntryVerdict:
    """The first step that the entry passes at decides; where it only passes below the resolution, one more is tried."""
    first: EntryVerdict | None = None
    below: EntryVerdict | None = None
    for h in STEPS:
        numeric = central_difference(rehearsal, entry, h)
        found = EntryVerdict(entry, analytic, numeric, h, kind_of(analytic, numeric, h, loss))
        if found.kind == "passed":
            return found
        if below is not None:
            break
        if found.kind == "below_resolution":
            below = found
        first = first or found
    if below is not None:
        return below
    assert first is not None
    return on_kink(rehearsal, first) or at_finer_step(rehearsal, first, loss) or first


def at_finer_step(rehearsal: Rehearsal, failed: EntryVerdict, loss: float) -> EntryVerdict | None:
    """The verdict "passed" in the place of `failed`, where it passes at a finer step whose rounding is no excuse."""
    analytic = failed.analytic
    for h in FINER_STEPS:
        numeric = central_difference(rehearsal, failed.entry, h)
        told = 10 * TOLERANCE * max(abs(analytic), abs(numeric)) >= resolution(h, loss)
        if told and kind_of(analytic, numeric, h, loss) == "passed":
            return EntryVerdict(failed.entry, analytic, numeric, h, "passed")
    return None


def kind_of(analytic: float, numeric: float, h: float, loss: float) -> Kind:
    """Whether |a−n| ≤ 1e-6·max(|a|,|n|) + 10·eps·max(1,|ℒ|)/h, and whether by the first term alone."""
    error = absolute_error(analytic, numeric)
    relative, rounding = TOLERANCE * max(abs(analytic), abs(numeric)), resolution(h, loss)
    if not (isfinite(error) and isfinite(rounding)):
        return "failed"
    if error <= relative:
        return "passed"
    return "below_resolution" if error <= relative + rounding else "failed"


def resolution(h: float, loss: float) -> float:
    """What rounding of the two losses alone can make of their difference over 2h: 10·eps·max(1,|ℒ|)/h."""
    return ROUNDINGS * float(np.finfo(np.float64).eps) * max(1.0, abs(loss)) / h


def on_kink(rehearsal: Rehearsal, failed: EntryVerdict) -> EntryVerdict | None:
    """The verdict "kink" in the place of `failed`, where even the smallest step takes some unit across a kink.

    A kink that a larger step reaches is no excuse: the smallest would have passed.
    """
    h, entry = min(STEPS), failed.entry
    sides = [sides_of_kinks(rehearsal, entry, offset) for offset in (-h, 0.0, h)]
    if all(np.array_equal(side, sides[0], equal_nan=True) for side in sides):
        return None
    numeric = central_difference(rehearsal, entry, h)
    return EntryVerdict(entry, failed.analytic, numeric, h, "kink")


def sides_of_kinks(rehearsal: Rehearsal, entry: Entry, offset: float) -> Array:
    """On which side of each kink of its activation each unit is, −1, 0 or 1, with one parameter changed by `offset`.

    A unit that stays on a kink whatever the parameter does has no slope in it, and its kink does not matter.
    """
    changed_loss(rehearsal, entry, float(rehearsal.parameters[entry.position]) + offset)
    sides = [np.zeros(0)]
    for layer in rehearsal.layers:
        if layer.activation == "softmax":
            continue
        logits = rehearsal.plan.find("N", layer.number) or rehearsal.plan["Z", layer.number]
        for kink in activation_of(layer).kinks:
            sides.append(np.sign(logits.array - kink).ravel())
    return np.concatenate(sides)


def central_difference(rehearsal: Rehearsal, entry: Entry, h: float) -> float:
    """(ℒ(θ+h) − ℒ(θ−h)) / 2h of one parameter, where 2h is the step that floating point really takes."""
    value = float(rehearsal.parameters[entry.position])
    above, below = value + h, value - h
    if above == below:
        return nan
    return (changed_loss(rehearsal, entry, above) - changed_loss(rehearsal, entry, below)) / (above - below)


def changed_loss(rehearsal: Rehearsal, entry: Entry, value: float) -> float:
    """ℒ with one parameter changed to `value`; it is put back."""
    before = rehearsal.parameters[entry.position]
    rehearsal.parameters[entry.position] = value
    try:
        return rehearsal.loss_of_trial(entry.layer)
    finally:
        rehearsal.parameters[entry.position] = before


def analytic_gradient(rehearsal: Rehearsal) -> tuple[NDArray[np.float64], float]:
    """∇ℒ by backpropagation, (size,), and ℒ."""
    if rehearsal.parameters.dtype != np.float64:
        raise ValueError(f"expected a rehearsal in float64, found {rehearsal.parameters.dtype}; make it with float64")
    gradient = np.array(rehearsal.backward(), dtype=np.float64)
    return gradient, rehearsal.plan.loss()
