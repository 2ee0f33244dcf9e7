"""What helps: changes of the very preset that shows a symptom, all of which can be made."""

from collections.abc import Callable, Iterator
from math import inf

from backprop_tui.core.preset.data_table import GENERATED_SETS
from backprop_tui.core.preset.preset import from_table
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.settings import apply_changes
from backprop_tui.core.preset.tables import Preset

from .circumstance_rules import LARGE
from .cures import (
    AFRESH,
    LARGE_STEP,
    USUAL_STEP,
    Changes,
    adaptive,
    any_number,
    batch_norm,
    bent_layers,
    clipping,
    drawn_start,
    entropy,
    good_start,
    higher_rate,
    larger_batches,
    leaky,
    less_dropout,
    looser_clipping,
    lower_rate,
    momentum,
    more_units,
    no_biases,
    normal_targets,
    normalization,
    other_seeds,
    relu_and_he,
    residual,
    rounded,
    set_optimizer,
    smaller_penalty,
    steady_rate,
    tables,
    tanh_and_xavier,
    told_start,
    too_much,
    usual_epsilon,
    with_start,
)
from .findings import Remedy, Symptom
from .measurement import Measurement

Remedies = Iterator[Remedy]


MOST_SAMPLES = 10_000
SCAN = (10.0, 0.1, 100.0, 0.01, 0.001)
"""By what the learning rate is multiplied where others are tried."""


def remedies(symptom: Symptom, now: Measurement, preset: Preset) -> tuple[Remedy, ...]:
    """The remedies of a symptom that `preset`, as it is in this run, can take, the likeliest cure first."""
    offered = REMEDIES[symptom.rule](symptom, now, preset)
    return tuple(with_start(preset, remedy) for remedy in offered if remedy.set and takes(preset, remedy.set))


def takes(preset: Preset, changes: Changes) -> bool:
    """Whether the preset with these changes is one, and another."""
    try:
        changed = apply_changes(preset.table, changes)
        from_table(changed, preset.source, preset.base)
    except PresetError:
        return False
    return changed != preset.table


def for_vanishing(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield relu_and_he(preset)
    yield batch_norm(preset, now)
    yield residual(preset)
    yield good_start(preset)
    yield tanh_and_xavier(preset)


def for_exploding(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield good_start(preset)
    yield batch_norm(preset, now)
    yield clipping(preset)


def for_dead(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    if symptom.layer == len(preset.layers):
        yield any_number(preset)
    else:
        yield leaky(symptom, preset)
    yield no_biases(preset)
    yield normalization(preset, now)
    yield good_start(preset)
    if symptom.form != "batch":
        yield lower_rate(preset, too_much(now))
        yield batch_norm(preset, now)


def for_saturation(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    if symptom.layer == len(preset.layers):
        yield entropy(preset)
    yield good_start(preset)
    if now.largest.ratio > LARGE_STEP:
        yield lower_rate(preset, too_much(now))
    if symptom.layer == 1:
        yield normalization(preset, now)
    yield batch_norm(preset, now)
    yield relu_and_he(preset)


def for_start(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield good_start(preset)
    yield drawn_start(preset)
    yield batch_norm(preset, now)
    yield normalization(preset, now)


def for_symmetry(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield good_start(preset)


def for_large_steps(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    factor = too_much(now)
    yield lower_rate(preset, factor)
    yield lower_rate(preset, 100 if factor == 10 else 10)
    yield clipping(preset)


def for_broken_numbers(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield good_start(preset)
    yield lower_rate(preset, 10)
    yield lower_rate(preset, 100)
    yield clipping(preset)
    yield normalization(preset, now)


def for_small_steps(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield steady_rate(preset)
    yield looser_clipping(preset)
    yield usual_epsilon(preset)
    yield higher_rate(now, preset)
    if preset.optimizer.kind == "sgd":
        yield momentum(preset)
        yield adaptive(preset)


def for_plateau(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield relu_and_he(preset)
    if preset.optimizer.kind in ("sgd", "momentum", "nesterov"):
        yield adaptive(preset)
    yield good_start(preset)
    yield batch_norm(preset, now)
    if now.ratio < USUAL_STEP:
        yield steady_rate(preset)
        yield higher_rate(now, preset)
    yield more_units(preset)
    yield from other_seeds(preset)


def for_overfitting(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield Remedy(
        "an L2 penalty on the weights",
        set_optimizer(preset, l2=0.01 if not preset.optimizer.l2 else preset.optimizer.l2 * 10),
    )
    yield Remedy(
        "dropout of a fifth of the hidden units",
        {f"layers.{layer.table_index}.dropout": 0.2 for layer in tables(preset) if not layer.dropout},
    )
    if preset.data.kind in GENERATED_SETS and preset.data.samples < MOST_SAMPLES:
        samples = min(4 * preset.data.samples, MOST_SAMPLES)
        yield Remedy(f"more data: {samples:,} samples instead of {preset.data.samples:,}", {"data.samples": samples})
    if now.test is not None and now.test.step:
        yield Remedy(
            f"stop after step {now.test.step}, where the test loss was lowest",
            {"training.stop": {"steps": now.test.step}},
        )


def for_inputs(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    if now.circumstances.target_size > LARGE and not preset.data.normalize_targets:
        both = {**normalization(preset, now).set, **normal_targets(preset, now).set}
        if len(both) > 1:
            yield Remedy("normalized inputs and targets, of mean 0 and standard deviation 1", both)
    yield normalization(preset, now)
    yield batch_norm(preset, now)


def for_targets(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    if now.circumstances.largest_input[1] > LARGE:
        yield from for_inputs(symptom, now, preset)
    yield normal_targets(preset, now)


def for_range(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield any_number(preset)
    yield normal_targets(preset, now)


def for_fixed_answer(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    without = [layer.table_index for layer in tables(preset, hidden=False) if not layer.bias]
    yield Remedy(
        "a bias in every layer, which moves the answer to inputs of 0 too",
        {f"layers.{index}.bias": True for index in without},
    )
    yield Remedy("a bias in the last layer", {f"layers.{without[-1]}.bias": True} if len(without) > 1 else {})


def for_batches_of_one(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    normed = [layer for layer in tables(preset, hidden=False) if layer.batch_norm]
    if symptom.form == "rest":
        yield Remedy("no last batch that is smaller than the others", {"training.drop_last": True})
    yield larger_batches(preset, now)
    yield Remedy("no batch norm", {f"layers.{layer.table_index}.batch_norm": False for layer in normed})


def for_order(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield Remedy("a new order of the examples in every epoch", {"training.shuffle": True})


def for_penalty(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield smaller_penalty(preset, 1000)
    yield smaller_penalty(preset, 10)
    yield smaller_penalty(preset, inf)


def for_dropout(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield less_dropout(preset, 0.2)
    yield less_dropout(preset, 0.0)


def for_line(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield bent_layers(preset)


def for_few_units(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield more_units(preset)
    yield from other_seeds(preset)


def for_symmetric_outputs(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    if symptom.form == "mirror":
        yield from for_fixed_answer(symptom, now, preset)
    else:
        yield good_start(preset)


def for_one_class(symptom: Symptom, now: Measurement, preset: Preset) -> Remedies:
    yield higher_rate(now, preset)
    yield adaptive(preset)
    yield normalization(preset, now)


def general_remedies(now: Measurement, preset: Preset) -> Remedies:
    """What helps many networks, whatever was found; for where the remedies of what was found do not suffice."""
    offered = (
        normalization(preset, now),
        normal_targets(preset, now) if now.circumstances.target_size > LARGE else Remedy("", {}),
        bent_layers(preset),
        good_start(preset),
        more_units(preset),
        *other_seeds(preset),
        larger_batches(preset, now) if now.batch < min(10, now.examples) else Remedy("", {}),
        smaller_penalty(preset, 100),
        less_dropout(preset, 0.0),
        clipping(preset),
        adaptive(preset),
        batch_norm(preset, now),
        residual(preset),
    )
    yield from (with_start(preset, remedy) for remedy in offered if remedy.set and takes(preset, remedy.set))


def scanned_rates(preset: Preset) -> Remedies:
    """Other learning rates on a log scale, the nearest first."""
    for factor in SCAN:
        rate = rounded(preset.optimizer.learning_rate * factor)
        yield Remedy(
            f"a learning rate of {rate:g} instead of {preset.optimizer.learning_rate:g}",
            set_optimizer(preset, learning_rate=rate),
        )


def with_rate(preset: Preset, remedy: Remedy, rate: float) -> Remedy:
    """A remedy together with a learning rate that may suit it."""
    changes = {**remedy.set, **set_optimizer(preset, learning_rate=rate)}
    text = remedy.text.split(",")[0].removesuffix(AFRESH)
    return Remedy(told_start(f"{text}, with a learning rate of {rate:g}", changes), changes)


def together(one: Remedy, other: Remedy) -> Remedy:
    """Two remedies as one."""
    changes = {**one.set, **other.set}
    return Remedy(told_start(f"{shortly(one)}, and {shortly(other)}", changes), changes)


def shortly(remedy: Remedy) -> str:
    return remedy.text.removesuffix(AFRESH).split(":")[0].split(", ")[0]


REMEDIES: dict[str, Callable[[Symptom, Measurement, Preset], Remedies]] = {
    "not_finite": for_broken_numbers,
    "exploding_gradient": for_exploding,
    "vanishing_gradient": for_vanishing,
    "dead_units": for_dead,
    "saturated_units": for_saturation,
    "poor_initialization": for_start,
    "symmetric_weights": for_symmetry,
    "learning_rate_too_high": for_large_steps,
    "learning_rate_too_low": for_small_steps,
    "slow_convergence": for_small_steps,
    "plateau": for_plateau,
    "overfitting": for_overfitting,
    "inputs_not_scaled": for_inputs,
    "targets_not_scaled": for_targets,
    "targets_out_of_range": for_range,
    "fixed_answer": for_fixed_answer,
    "batch_norm_of_one": for_batches_of_one,
    "sorted_examples": for_order,
    "penalty_too_strong": for_penalty,
    "dropout_too_strong": for_dropout,
    "linear_network": for_line,
    "too_few_units": for_few_units,
    "symmetric_outputs": for_symmetric_outputs,
    "one_class_only": for_one_class,
}
