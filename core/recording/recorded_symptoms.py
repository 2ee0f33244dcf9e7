"""What the rules of the diagnosis see in the kept steps of a recording: those that recorded numbers bear out."""

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite

import numpy as np

from backprop_tui.core.diagnosis.answer_rules import FEWEST, FREQUENT
from backprop_tui.core.diagnosis.circumstance_rules import LARGE, ends
from backprop_tui.core.diagnosis.findings import Severity, Symptom
from backprop_tui.core.diagnosis.gradient_rules import VANISHED, exploding_gradient, shares_of_last, vanishing_but_in
from backprop_tui.core.diagnosis.measurement import Measurement
from backprop_tui.core.diagnosis.progress_rules import (
    THROW,
    WORSE_AT_ONCE,
    learning_rate_too_high,
    learning_rate_too_low,
    plateau,
    slow_convergence,
)
from backprop_tui.core.diagnosis.rule import GROWN, MANY, SLOW_FALL, UNSOLVED, WORSE
from backprop_tui.core.diagnosis.start_rules import FAR_ABOVE, SPREADS
from backprop_tui.core.diagnosis.unit_rules import dead_units, saturated_units
from backprop_tui.core.network.usual_start import fitting_initializer
from backprop_tui.core.ops.quantity import of_layer
from backprop_tui.core.preset.tables import RELU_FAMILY

from .kept_step import entry, table_in
from .layer_arrays import finite_rows
from .recorded_measurements import Recorded
from .weight_layers import WeightLayer

PER_LOSS = (learning_rate_too_high, learning_rate_too_low, slow_convergence, plateau)
OF_UNITS = ("dead_units", "saturated_units", "one_class_only", "inputs_not_scaled", "targets_not_scaled")
"""Rules that look at arrays, and know nothing of a step that has none."""
EQUAL = 1e-6
"""Rows of weights that differ by less, in shares of the largest entry, are the same to single precision."""
BEFORE = 10
"""Losses before one that is not finite that may show how it came to that."""
CONSTANT = "that of the best constant answer"


def symptoms(now: Measurement, run: Recorded) -> Iterator[Symptom]:
    """Of one kept step, in our own rules' words, with the names of the modules."""
    found: list[Symptom] = []
    for see in (*PER_LOSS, dead_units, saturated_units):
        found += see(now)
    found += vanishing(now)
    if harmed(now):
        found += exploding_gradient(now)
    for symptom in found:
        if not (symptom.rule == "dead_units" and symptom.form == "batch"):
            yield named(softened(symptom, run), now, run)
    yield from inputs_not_scaled(now, run)
    yield from targets_not_scaled(now, run)
    yield from one_class_only(now, run)


def softened(symptom: Symptom, run: Recorded) -> Symptom:
    """Of a loss whose least is not known nobody can say that it should go on falling."""
    if symptom.rule in ("plateau", "slow_convergence") and not run.known.known:
        return replace(symptom, severity="info")
    return symptom


def vanishing(now: Measurement) -> Iterator[Symptom]:
    """That of the first layer: beside the way, as in an attention, a small gradient is no decay."""
    for symptom in vanishing_but_in((), now):
        sizes = [(layer.error if symptom.form == "dZ" else layer.gradient) or 0.0 for layer in now.layers]
        trained = [layer.gradient is not None for layer in now.layers]
        first = trained.index(True) if True in trained else 0
        shares = shares_of_last(sizes)
        if first < len(shares) and shares[first] < VANISHED:
            yield replace(symptom, severity="warning" if now.trend.now > UNSOLVED else "info")


def harmed(now: Measurement) -> bool:
    """Whether the loss goes badly: it grows, hardly falls, or is far beyond what a constant answer has."""
    trend = now.trend
    stuck = trend.fall is not None and trend.fall < SLOW_FALL and trend.now > UNSOLVED
    return stuck or trend.now > FAR_ABOVE or (trend.steps > 1 and trend.now > WORSE * max(trend.first, 1.0))


def named(symptom: Symptom, now: Measurement, run: Recorded) -> Symptom:
    """The symptom with modules named as they are in somebody's program."""
    text = symptom.evidence.replace(CONSTANT, run.known.of)
    if symptom.rule == "dead_units":
        own = now.layer(symptom.layer or 1)
        share = f"{len(symptom.units)} of {own.units} units of layer {own.layer} ({symptom.value:.0%})"
        text = f"{share} give 0 for every row of the batches that were recorded last"
    if symptom.rule == "learning_rate_too_low" and len(run.measured) == 1:
        text = f"‖ΔW‖/‖W‖ was {now.ratio:.2g} in step {run.measured[0]:,}, and the loss has hardly fallen since"
    for layer in reversed(run.layers):
        for mark in ("dZ", "dW", "W"):
            text = text.replace(of_layer(mark, layer.number), f"{mark} of {layer.text}")
        text = text.replace(f"layer {layer.number} ", f"{layer.text} ")
    return replace(symptom, evidence=text)


# Of the batches


def inputs_not_scaled(now: Measurement, run: Recorded) -> Iterator[Symptom]:
    """What the first layer takes, unless these are numbers of rows in a table."""
    if now.step not in run.whole or not run.layers or run.layers[0].module.kind.startswith("Embedding"):
        return
    kept, layer = run.whole[now.step], run.layers[0]
    taken = finite_rows(kept.array(f"A/{layer.module.number}"))
    taken = finite_rows(kept.array("inputs")) if taken is None else taken
    if taken is None:
        return
    sizes = np.sqrt(np.mean(np.square(taken), axis=0))
    size, large = float(sizes.max()), int((sizes > LARGE).sum())
    if size <= LARGE:
        return
    evidence = f"input {int(sizes.argmax()) + 1} of {layer.text} is {size:.3g} in root mean square over the batch"
    if large > 1:
        evidence += f", the largest of {large} inputs over {LARGE:g}"
    yield Symptom("inputs_not_scaled", severity(now), evidence, size, LARGE)


def severity(now: Measurement) -> Severity:
    """What may do no harm is no more than info as long as it does none."""
    trend, first = now.trend, now.layers[0]
    flat = max(first.saturated_share or 0.0, len(now.silent.get(1, ())) / first.units) >= MANY
    return "warning" if trend.now >= UNSOLVED and (harmed(now) or (flat and len(now.layers) > 1)) else "info"


def targets_not_scaled(now: Measurement, run: Recorded) -> Iterator[Symptom]:
    targets = run.known.targets
    if targets is None or run.known.kind not in ("mean_squared_error", "half_squared_error"):
        return
    size = float(np.sqrt(np.mean(np.square(targets), axis=0)).max())
    if size > LARGE and now.step in run.whole:
        low, high = float(targets.min()), float(targets.max())
        evidence = f"the targets go from {ends(low, high)}, {size:.3g} in root mean square"
        yield Symptom("targets_not_scaled", severity(now), evidence, size, LARGE)


def one_class_only(now: Measurement, run: Recorded) -> Iterator[Symptom]:
    """All rows of the kept batches of late answered with one class, while the loss is idle."""
    trend = now.trend
    idle = trend.fall is not None and trend.fall < SLOW_FALL and trend.now > UNSOLVED
    steps = [step for step in sorted(run.whole) if now.step - trend.steps // 4 <= step <= now.step]
    if not idle or run.known.kind != "cross_entropy" or run.known.targets is None or len(steps) < 2:
        return
    outputs = [finite_rows(run.whole[step].array("outputs")) for step in steps]
    known = [array for array in outputs if array is not None and array.shape[1] > 1]
    if not known or len({array.shape[1] for array in known}) > 1 or sum(map(len, known)) < FEWEST:
        return
    answered = set(np.concatenate([array.argmax(axis=1) for array in known]).tolist())
    targets, count = run.known.targets, known[0].shape[1]
    classes = targets.reshape(-1) if targets.ndim == 1 or targets.shape[1] == 1 else targets.argmax(axis=1)
    share = float(np.mean(classes == next(iter(answered))))
    if len(answered) == 1 and share > FREQUENT / count:
        evidence = (
            f"all {sum(map(len, known)):,} rows of the last {len(known)} kept batches are answered with class "
            f"{next(iter(answered))}, counted from 0, which {share:.0%} of the recorded targets have"
        )
        yield Symptom("one_class_only", "warning", evidence, share, None, len(run.layers))


# Of the start


def symmetric_weights(run: Recorded) -> Iterator[Symptom]:
    """Units that are the same, in the first kept step and in all others: they learn the same for ever."""
    for layer in run.layers[:-1]:
        twins = [twins_in(run, step, layer) for step in sorted(run.whole)]
        known = [units for units in twins if units is not None]
        same = set.intersection(*known) if known else set()
        if same:
            evidence = (
                f"{len(same)} of {layer.units} units of {layer.text} have the same weights, in and out, as another, "
                f"in {'the one kept step' if len(known) == 1 else f'each of {len(known)} kept steps'}"
            )
            units = tuple(sorted(same))
            value = len(same) / layer.units
            yield Symptom("symmetric_weights", "warning", evidence, value, 0.0, layer.number, units, layer.number)


def twins_in(run: Recorded, step: int, layer: WeightLayer) -> set[int] | None:
    """The units with the weights of another one, in and, where the next layer takes just these, out."""
    kept, following = run.whole[step], run.layers[layer.number]
    weight = kept.array(f"θ/{layer.weights[0]}")
    if not layer.matrix or weight is None or weight.ndim != 2 or len(weight) != layer.units:
        return None
    rows = [weight]
    bias = kept.array(f"θ/{layer.bias}") if layer.bias else None
    if bias is not None and bias.size == len(weight):
        rows.append(bias.reshape(-1, 1))
    out = kept.array(f"θ/{following.weights[0]}")
    if not following.matrix or out is None or out.ndim != 2 or out.shape[1] != len(weight):
        return None
    joined = np.concatenate([*rows, out.T], axis=1)
    scale = float(np.abs(joined).max())
    if not isfinite(scale):
        return None
    rounded = np.round(joined / (EQUAL * scale)) if scale else joined
    _, groups, counts = np.unique(rounded, axis=0, return_inverse=True, return_counts=True)
    return set((np.flatnonzero(counts[groups.reshape(-1)] > 1) + 1).tolist())


def unusual_start(run: Recorded, first: Measurement) -> Iterator[Symptom]:
    """Weights of quite another size than lets signals through, in step 1: `large` or `small` ones."""
    if first.step != 1 or 1 not in run.whole:
        return
    for layer, own in zip(run.layers, first.layers, strict=True):
        if layer.module.kind not in ("Linear", "Conv1d", "Conv2d", "Conv3d") or not own.weights:
            continue
        square = own.weights**2 / (layer.units * layer.inputs)
        gain = 2.0 if own.activation in RELU_FAMILY else 1.0
        large = square * layer.inputs / gain
        small = square * (layer.inputs + layer.units) / 2 / gain
        if large > SPREADS or max(large, small) < 1 / SPREADS:
            times = large if large > SPREADS else small
            evidence = (
                f"the mean square of W of {layer.text} is {times:.2g} times what {fitting_initializer(own.activation)} "
                "gives for as many inputs and units"
            )
            value, form = max(times, 1 / times), "large" if large > SPREADS else "small"
            seen = Symptom("poor_initialization", "warning", evidence, value, SPREADS, layer.number, form=form)
            yield seen


# Of numbers that are not finite


def not_finite(run: Recorded) -> tuple[Symptom, int] | None:
    """The first loss or parameter that is not finite, and its step; None where all are, or no losses were told."""
    step = run.finite + 1
    if run.finite < len(run.losses) and (np.isfinite(run.losses).any() or was_told(run)):
        loss = float(run.losses[run.finite])
        return Symptom("not_finite", "error", f"the loss of step {step:,} is {loss}", loss, None), step
    for kept in run.measured:
        facts = run.whole[kept].facts if kept in run.whole else run.recording.facts(kept)
        for name, row in table_in(facts, "norms").items():
            size = entry(row, 0)
            if size is not None and not isfinite(size):
                return Symptom("not_finite", "error", f"{name} is not finite in step {kept:,}", size, None), kept
    return None


def was_told(run: Recorded) -> bool:
    """Whether somebody told the loss; where nobody does it stands as no number."""
    return any("loss" in run.recording.facts(kept) for kept in run.recording.steps[:1])


def brought_about(run: Recorded, last: Measurement) -> Symptom | None:
    """The steps that led to numbers that are not finite, where they were too large."""
    losses = run.losses[max(0, run.finite - BEFORE) : run.finite]
    start = max(last.trend.first, 1.0)
    span = run.known.baseline
    worst = max((span.level(float(loss), float(run.losses[0])) for loss in losses), default=0.0)
    largest = last.largest
    if worst > WORSE_AT_ONCE * start:
        evidence = f"the loss had grown to {worst / start:.2g} times its start, or a constant answer's, before"
        limit = GROWN if worst > GROWN * start else WORSE_AT_ONCE
        return Symptom("learning_rate_too_high", "warning", evidence, worst / start, limit, form="worse")
    if largest.ratio > THROW:
        layer = run.layer(largest.layer)
        evidence = (
            f"in step {largest.step:,} an update changed W of {layer.text} by {largest.ratio:.2g} of its norm, and "
            "soon after numbers were not finite"
        )
        return Symptom("learning_rate_too_high", "warning", evidence, largest.ratio, THROW, largest.layer, form="step")
    return None
