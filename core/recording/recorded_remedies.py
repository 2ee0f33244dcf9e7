"""What helps, as one types it into the program that was recorded; none that this program has no place for."""

from collections.abc import Callable, Iterator

from backprop_tui.core.diagnosis.causes import LARGE_STEP, USUAL_STEP
from backprop_tui.core.diagnosis.circumstance_rules import LARGE
from backprop_tui.core.diagnosis.cures import rounded, too_much
from backprop_tui.core.diagnosis.findings import Remedy, Symptom
from backprop_tui.core.diagnosis.measurement import Measurement

from . import numpy_words, torch_words
from .kept_step import table_in
from .layer_arrays import finite_rows
from .recorded_causes import batches_not_finite
from .recorded_measurements import Recorded

Texts = Iterator[str | None]
MOST_ROUNDS = 4
"""Powers of ten that a learning rate is raised by at most."""
FLAT = ("sigmoid", "tanh")


def remedies(symptom: Symptom, now: Measurement, run: Recorded) -> tuple[Remedy, ...]:
    """The remedies of a symptom, the likeliest cure first, each once."""
    texts = dict.fromkeys(text for text in REMEDIES[symptom.rule](symptom, now, run) if text)
    return tuple(Remedy(text, {}) for text in texts)


def words(run: Recorded):  # type: ignore[no-untyped-def]
    """The module of words for the program."""
    return torch_words if run.in_torch else numpy_words


def lower_rate(now: Measurement, run: Recorded, factor: float | None = None) -> str:
    factor = too_much(now) if factor is None else factor
    rate = run.rate(now.step)
    if not rate:
        return f"a learning rate {factor:g} times smaller"
    return str(words(run).rate(rounded(rate / factor), rate))


def higher_rate(now: Measurement, run: Recorded) -> str:
    factor = 10.0
    while now.ratio and now.ratio * factor < USUAL_STEP / 3 and factor < 10**MOST_ROUNDS:
        factor *= 10
    rate = run.rate(now.step)
    if not rate:
        return f"a learning rate {factor:g} times larger"
    return str(words(run).rate(rounded(rate * factor), rate))


def clipping(run: Recorded) -> str | None:
    """None where gradients were clipped already."""
    clipped = any("gradient_factor" in step.facts for step in run.whole.values())
    return None if clipped else words(run).clipping()


def starts(run: Recorded, now: Measurement, number: int | None = None) -> Texts:
    """A fresh start of one layer, or of all that have one like it."""
    chosen = [
        layer for layer in run.layers if layer.module.kind in ("Linear", "Conv1d", "Conv2d", "Conv3d", "parameter")
    ]
    chosen = [layer for layer in chosen if number is None or layer.number == number]
    if not chosen:
        return
    text = str(words(run).start(chosen[0], now.layer(chosen[0].number).activation))
    more = len(chosen) - 1
    yield text + (f", and so for the {more} other {'layer' if more == 1 else 'layers'}" if more else "")


def norm(run: Recorded, now: Measurement, number: int | None) -> str | None:
    """Normalization behind a layer that has none; batches of one row have nothing to be normalized by."""
    layer = run.layer(number)
    if layer.normalized or layer.number == len(run.layers) or 0 < now.batch < 2:
        return None
    found: str | None = words(run).norm(layer)
    return found


def is_adaptive(run: Recorded) -> bool:
    return str(table_in(run.meta, "optimizer").get("kind")) not in ("SGD", "")


def plain_momentum(run: Recorded) -> bool:
    """Whether momentum can be turned on."""
    optimizer = table_in(run.meta, "optimizer")
    if not run.in_torch:
        return run.rate(run.end) is not None
    return optimizer.get("kind") == "SGD" and not table_in(optimizer, "settings").get("momentum")


def other_optimizer(run: Recorded) -> str | None:
    return words(run).adam() if run.in_torch and not is_adaptive(run) and run.meta.get("optimizer") else None


def unscaled(run: Recorded) -> bool:
    for step in run.whole.values():
        taken = finite_rows(step.array("inputs"))
        if taken is not None and run.layers and not run.layers[0].module.kind.startswith("Embedding"):
            return bool((abs(taken).max(axis=0) > LARGE).any()) and not run.layers[0].after_norm
    return False


def for_large_steps(symptom: Symptom, now: Measurement, run: Recorded) -> Texts:
    yield lower_rate(now, run)
    yield lower_rate(now, run, 100 if too_much(now) == 10 else 10)
    yield clipping(run)


def for_broken_numbers(symptom: Symptom, now: Measurement, run: Recorded) -> Texts:
    if batches_not_finite(run):
        yield words(run).checked_data()
        return
    if now.largest.ratio > LARGE_STEP:
        yield lower_rate(now, run, 10)
        yield clipping(run)
    if unscaled(run):
        yield words(run).inputs()
    if now.largest.ratio <= LARGE_STEP:
        yield words(run).checked_numbers()


def for_small_steps(symptom: Symptom, now: Measurement, run: Recorded) -> Texts:
    yield higher_rate(now, run)
    if plain_momentum(run):
        yield words(run).momentum()
    yield other_optimizer(run)


def for_vanishing(symptom: Symptom, now: Measurement, run: Recorded) -> Texts:
    if any(layer.activation in FLAT for layer in now.layers[:-1]):
        yield words(run).relu()
    yield norm(run, now, symptom.layer)
    yield from starts(run, now)


def for_exploding(symptom: Symptom, now: Measurement, run: Recorded) -> Texts:
    yield from starts(run, now)
    yield norm(run, now, symptom.layer)
    yield clipping(run)


def for_dead(symptom: Symptom, now: Measurement, run: Recorded) -> Texts:
    layer = run.layer(symptom.layer)
    yield words(run).leaky()
    if layer.bias and held_by_biases(symptom, now, run):
        yield words(run).bias(layer)
    if now.largest.ratio > LARGE_STEP:
        yield lower_rate(now, run)
    yield from starts(run, now, symptom.layer)
    yield norm(run, now, symptom.layer)


def held_by_biases(symptom: Symptom, now: Measurement, run: Recorded) -> bool:
    """Whether the biases of the units are below 0."""
    biases = run.whole[now.step].array(f"θ/{run.layer(symptom.layer).bias}") if now.step in run.whole else None
    if biases is None:
        return False
    own = biases.reshape(-1)[[unit - 1 for unit in symptom.units if unit <= biases.size]]
    return bool(own.size and own.mean() < 0)


def for_saturation(symptom: Symptom, now: Measurement, run: Recorded) -> Texts:
    yield from starts(run, now, symptom.layer)
    if symptom.layer == 1 and unscaled(run):
        yield words(run).inputs()
    if now.largest.ratio > LARGE_STEP:
        yield lower_rate(now, run)
    yield norm(run, now, symptom.layer)
    if symptom.layer != len(run.layers):
        yield words(run).relu()


def for_start(symptom: Symptom, now: Measurement, run: Recorded) -> Texts:
    yield from starts(run, now)
    yield norm(run, now, symptom.layer)


def for_symmetry(symptom: Symptom, now: Measurement, run: Recorded) -> Texts:
    yield from starts(run, now)


def for_plateau(symptom: Symptom, now: Measurement, run: Recorded) -> Texts:
    if any(layer.activation in FLAT for layer in now.layers[:-1]):
        yield words(run).relu()
    if now.ratio and now.ratio < USUAL_STEP:
        yield higher_rate(now, run)
    yield other_optimizer(run)
    yield norm(run, now, 1)
    yield from starts(run, now)


def for_inputs(symptom: Symptom, now: Measurement, run: Recorded) -> Texts:
    yield words(run).inputs()
    layer = run.layer(1)
    if run.in_torch and layer.module.kind == "Linear":
        yield f"nn.BatchNorm1d({layer.inputs}) before {layer.text}"


def for_targets(symptom: Symptom, now: Measurement, run: Recorded) -> Texts:
    yield words(run).targets()


def for_one_class(symptom: Symptom, now: Measurement, run: Recorded) -> Texts:
    if now.ratio < USUAL_STEP:
        yield higher_rate(now, run)
    yield other_optimizer(run)
    if unscaled(run):
        yield words(run).inputs()


REMEDIES: dict[str, Callable[[Symptom, Measurement, Recorded], Texts]] = {
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
    "inputs_not_scaled": for_inputs,
    "targets_not_scaled": for_targets,
    "one_class_only": for_one_class,
}
