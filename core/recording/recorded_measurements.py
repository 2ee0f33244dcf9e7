"""Kept steps of a recording as measurements of the diagnosis: the same numbers, as far as they were recorded."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from math import hypot, isfinite
from statistics import median
from typing import Any, cast

import numpy as np

from backprop_tui.core.diagnosis.circumstances import Circumstances
from backprop_tui.core.diagnosis.diagnosis import RATIOS
from backprop_tui.core.diagnosis.loss_trend import SHORTEST, LossTrend, finite_part
from backprop_tui.core.diagnosis.measurement import Largest, Measurement
from backprop_tui.core.diagnosis.statistics import SATURATED, LayerStatistics, Units, numbers_of, saturated_units
from backprop_tui.core.value_class import dataclass

from .kept_step import Floats, KeptStep, entry, number_in, table_in
from .layer_arrays import Found, LayerArrays, layer_arrays
from .reader import Recording
from .recorded_baseline import Known, known_baseline
from .weight_layers import WeightLayer, weight_layers

MOST_MEASURED, MOST_WHOLE = 240, 24
"""Kept steps whose small numbers are read, and of those the ones whose arrays are."""
PERIODS = 40
"""Into so many periods the losses are divided, where that makes them no shorter than those of our own runs."""
WINDOWS = 8
"""Periods that a trend looks back on, which a short recording has to have."""
LEAST = 5
"""Steps of a period at least: fewer tell more of their batches than of the network."""
ROWS = 32
"""Rows of kept batches from which a unit that gives 0 for all of them can be told from one that rests."""
LAST_BATCHES = 5
NEAR = 1e-3


@dataclass(slots=True, eq=False)
class Recorded:
    """A recording up to step `end`, with what the rules ask of all of it. `whole`: the kept steps read with arrays."""

    recording: Recording
    end: int
    losses: Floats
    measured: list[int]
    whole: dict[int, KeptStep]
    layers: tuple[WeightLayer, ...]
    known: Known
    arrays: dict[int, Found] = field(default_factory=dict)

    @property
    def meta(self) -> Mapping[str, Any]:
        return self.recording.meta

    @property
    def in_torch(self) -> bool:
        return self.recording.origin == "torch"

    def layer(self, number: int | None) -> WeightLayer:
        return self.layers[(number or 1) - 1]

    def rate(self, step: int) -> float | None:
        """The learning rate at a step, as the last kept one before tells it; None where none does."""
        kept = [self.whole[known] for known in sorted(self.whole) if known <= step]
        for one in reversed(kept):
            told = one.number("learning_rate")
            if told is not None or self.in_torch:
                return told
            if (found := plain_rate(one)) is not None:
                return found
        return None

    @property
    def finite(self) -> int:
        """How many losses come before the first that is not finite."""
        return finite_part(self.losses.tolist())


def plain_rate(step: KeptStep) -> float | None:
    """The rate of plain descent, Δ = −ηg for every parameter alike; None where the numbers are of something else."""
    pairs = [
        (change.reshape(-1), gradient.reshape(-1))
        for name in step.shapes
        if name.startswith("g/")
        and (gradient := step.array(name)) is not None
        and (change := step.array(f"Δ/{name[2:]}")) is not None
        and change.size == gradient.size
    ]
    if not pairs:
        return None
    changes, gradients = (np.concatenate(part) for part in zip(*pairs, strict=True))
    square = float(gradients @ gradients)
    rate = -float(changes @ gradients) / square if 0 < square < np.inf else 0.0
    near = np.allclose(changes, -rate * gradients, NEAR, NEAR * float(np.abs(changes).max()))
    return float(f"{rate:.4g}") if rate > 0 and near else None


def read(recording: Recording, until: int | None = None) -> Recorded:
    """The recording up to a step, the last one by default."""
    end = recording.losses.count if until is None else min(until, recording.losses.count)
    layers = weight_layers(recording.meta)
    kept = [step for step in recording.steps if step <= end]
    measured = spread(kept, MOST_MEASURED)
    whole = {step: KeptStep(recording, step) for step in spread(measured, MOST_WHOLE)}
    losses = losses_of(recording, end)
    first = float(losses[0]) if len(losses) and isfinite(losses[0]) else 0.0
    known = known_baseline(recording.meta, whole.values(), layers[-1].units if layers else 0, first)
    found = Recorded(recording, end, losses, measured, whole, layers, known)
    found.arrays = {step: layer_arrays(kept, layers, known.kind) for step, kept in whole.items()}
    return found


def spread(steps: list[int], most: int) -> list[int]:
    """At most so many of the steps: the first and the last ones, and some in between."""
    if len(steps) <= most:
        return steps
    share = most // 3
    places = {*range(share), *range(len(steps) - share, len(steps))}
    places |= {round(place) for place in np.linspace(0, len(steps) - 1, most - 2 * share)}
    return [steps[place] for place in sorted(places)]


def losses_of(recording: Recording, end: int) -> Floats:
    """The loss of each step up to `end`; of steps that are known only together the middle of their extremes."""
    losses = recording.losses
    widths = np.diff(losses.steps, prepend=0)
    with np.errstate(all="ignore"):
        middle = np.where(widths == 1, losses.lows, losses.lows / 2 + losses.highs / 2)
    return np.repeat(middle, widths)[:end]


def period_for(steps: int) -> int:
    """The steps of a period in a recording of so many."""
    return max(steps // PERIODS, min(SHORTEST, steps // WINDOWS), LEAST)


def measurements(run: Recorded) -> Iterator[Measurement]:
    """A measurement of each step that is looked at, and one of the last step before a loss that is not finite."""
    trend = LossTrend(run.known.baseline, SHORTEST)
    trend.period = period_for(len(run.losses))
    finite, ratios = run.finite, deque[float](maxlen=RATIOS)
    before: Measurement | None = None
    for step in run.measured:
        if step > finite:
            break
        trend.extend(run.losses[trend.steps : step - 1].tolist())
        before = measurement(run, step, trend, ratios, before)
        yield before
    if finite:
        trend.extend(run.losses[trend.steps : finite - 1].tolist())
        yield at_the_end(run, finite, trend, before or measurement(run, finite, trend, ratios, None))


def first_measurement(run: Recorded) -> Measurement | None:
    """That of the first kept step, whatever its loss; None where none is kept."""
    if not run.measured:
        return None
    return measurement(run, run.measured[0], LossTrend(run.known.baseline, SHORTEST), deque(), None)


def at_the_end(run: Recorded, step: int, trend: LossTrend, last: Measurement) -> Measurement:
    """The losses to the last finite one, with what was measured last."""
    loss = float(run.losses[step - 1])
    return replace(last, step=step, loss=loss, level=trend.level(loss), trend=trend.at(loss))


def measurement(
    run: Recorded, step: int, trend: LossTrend, ratios: deque[float], before: Measurement | None
) -> Measurement:
    """What is known of one kept step."""
    facts = run.whole[step].facts if step in run.whole else run.recording.facts(step)
    arrays = run.arrays.get(step, {})
    layers = tuple(statistics(layer, facts, arrays.get(layer.number, LayerArrays())) for layer in run.layers)
    weights = hypot(*(layer.weights for layer in layers))
    updates = hypot(*(layer.update or 0.0 for layer in layers))
    ratios.append(updates / weights if weights else 0.0)
    rows = [row for row in table_in(facts, "norms").values() if isinstance(row, list)]
    parameters, gradient = (hypot(*(entry(row, place) or 0.0 for row in rows)) for place in (0, 1))
    largest = Largest(0.0, 1, 1) if before is None else before.largest
    shares = [layer.ratio or 0.0 for layer in layers]
    if shares and max(shares) > largest.ratio:
        largest = Largest(max(shares), shares.index(max(shares)) + 1, step)
    loss = float(run.losses[step - 1])
    batch = batch_of(run, step)
    return Measurement(
        step=step,
        loss=loss,
        level=trend.level(loss),
        layers=layers,
        trend=trend.at(loss),
        gradient=gradient,
        first_gradient=gradient if before is None else before.first_gradient,
        parameters=parameters,
        ratio=median(ratios),
        first_ratio=ratios[-1] if before is None else before.first_ratio,
        largest=largest,
        silent=silent(run, step) if step in run.whole else {},
        twins={},
        test=None,
        # Those of a preset, which a recording of somebody's own training has not: the rules that are asked look at
        # none of it.
        circumstances=cast(Circumstances, None),
        first_parameters=parameters if before is None else before.first_parameters,
        answered=None,
        at_optimum=False,
        gain_of_more=None,
        examples=batch,
        batch=batch,
    )


def batch_of(run: Recorded, step: int) -> int:
    """The rows of a kept batch; 0 where it is not kept."""
    found = run.whole[step].array("inputs") if step in run.whole else None
    return len(found) if found is not None and found.ndim else 0


def statistics(layer: WeightLayer, facts: Mapping[str, Any], own: LayerArrays) -> LayerStatistics:
    """One layer of a kept step."""
    norms, modules = table_in(facts, "norms"), table_in(facts, "modules")
    sizes = [[entry(norms.get(name), place) for name in layer.weights] for place in range(3)]
    weights, gradient, update = (
        hypot(*(size for size in part if size is not None)) if any(size is not None for size in part) else None
        for part in sizes
    )
    error = number_in(table_in(modules, str(layer.module.number)).get("gradient_norm"))
    if error is None and own.dZ is not None:
        error = float(np.linalg.norm(own.dZ))
    activation = own.activation or layer.activation
    shares = table_in(modules, str(layer.activated))
    flat = SATURATED.get(activation)
    saturated = saturated_units(own.given.T, *flat) if own.given is not None and flat and own.given.size else None
    return LayerStatistics(
        layer=layer.number,
        inputs=layer.inputs,
        units=units_of(layer, own),
        activation=activation,
        weights=weights or 0.0,
        gradient=gradient,
        mean_gradient=None,
        update=update,
        error=error,
        preactivations=None,
        activations=None,
        inactive=inactive(layer, own, activation, number_in(shares.get("zeros"))),
        saturated=saturated,
        passed=slope_of(own.given, activation) if saturated else None,
    )


def units_of(layer: WeightLayer, own: LayerArrays) -> int:
    """How many numbers the layer gives."""
    return own.given.shape[1] if own.given is not None and own.given.ndim == 2 else layer.units


def inactive(layer: WeightLayer, own: LayerArrays, activation: str, zeros: float | None) -> Units | None:
    """The units that give 0 for the whole batch; where only the share of zeros is known, all of them or None."""
    if activation != "relu":
        return None
    if own.given is not None and own.given.size:
        return numbers_of(np.asarray(~own.given.any(axis=0)))
    return tuple(range(1, layer.units + 1)) if zeros is not None and zeros >= 1.0 else None


def slope_of(given: Floats | None, activation: str) -> float | None:
    """The root mean square of the slopes of tanh or sigmoid where they give this; None where it is not kept."""
    if given is None:
        return None
    slopes = 1 - given * given if activation == "tanh" else given * (1 - given)
    return float(np.sqrt(np.mean(np.square(slopes))))


def silent(run: Recorded, step: int) -> dict[int, Units]:
    """The units that give 0 for every row of the last kept batches, where these are enough to tell."""
    steps = sorted(run.whole)
    last = steps[max(0, bisect_right(steps, step) - LAST_BATCHES) : bisect_right(steps, step)]
    found: dict[int, Units] = {}
    for layer in run.layers:
        given = [own.given for at in last if (own := run.arrays[at].get(layer.number)) is not None]
        activation = next((own.activation for at in last if (own := run.arrays[at].get(layer.number))), "")
        known = [array for array in given if array is not None and array.ndim == 2 and array.size]
        if not known and gives_nothing(run, layer, last):
            found[layer.number] = tuple(range(1, layer.units + 1))
        if (activation or layer.activation) != "relu" or not known or len({array.shape[1] for array in known}) > 1:
            continue
        # So few rows tell of a unit only where they are all that there are.
        if sum(map(len, known)) >= ROWS or (len(known) > 1 and same_batches(run, last)):
            found[layer.number] = numbers_of(np.asarray(~np.concatenate(known).any(axis=0)))
    return found


def gives_nothing(run: Recorded, layer: WeightLayer, steps: list[int]) -> bool:
    """Whether the outputs of a layer, which are not kept themselves, were 0 in all of these steps, to the last."""
    facts = [table_in(table_in(run.whole[step].facts, "modules"), str(layer.activated)) for step in steps]
    return layer.activated is not None and all((number_in(own.get("zeros")) or 0.0) >= 1.0 for own in facts)


def same_batches(run: Recorded, steps: list[int]) -> bool:
    """Whether the kept batches are one and the same: all the examples that there are."""
    inputs = [run.whole[step].array("inputs") for step in steps]
    first = inputs[0]
    return first is not None and all(other is not None and np.array_equal(first, other) for other in inputs[1:])
