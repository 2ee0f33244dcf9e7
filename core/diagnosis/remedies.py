"""What helps: changes of the very preset that shows a symptom, all of which can be made.

Layers are changed table by table, as the preset writes them, before `repeat`.
"""

from collections.abc import Callable, Iterator
from math import ceil, log10

from backprop_tui.core.network.usual_start import fitting_initializer
from backprop_tui.core.preset.preset import from_table
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.settings import apply_changes
from backprop_tui.core.preset.tables import GENERATED_SETS, LayerPreset, Preset

from .findings import Remedy, Symptom
from .measurement import Measurement

Changes = dict[str, object]
Remedies = Iterator[Remedy]

SQUASHING = ("sigmoid", "tanh")
USUAL_STEP, LARGE_STEP = 1e-3, 0.05
MOST_SAMPLES = 10_000


def remedies(symptom: Symptom, now: Measurement, preset: Preset) -> tuple[Remedy, ...]:
    """The remedies of a symptom that `preset`, as it is in this run, can take, the likeliest cure first."""
    offered = REMEDIES[symptom.rule](symptom, now, preset)
    return tuple(remedy for remedy in offered if remedy.set and takes(preset, remedy.set))


def takes(preset: Preset, changes: Changes) -> bool:
    """Whether the preset with these changes is one, and another."""
    try:
        changed = apply_changes(preset.table, changes)
        from_table(changed, preset.source, preset.base)
    except PresetError:
        return False
    return changed != preset.table


def tables(preset: Preset, *, hidden: bool = True) -> list[LayerPreset]:
    """One layer for each table of the file; with `hidden` of hidden layers alone."""
    layers = preset.layers[:-1] if hidden else preset.layers
    output = preset.layers[-1].table_index
    return list({layer.table_index: layer for layer in layers if not hidden or layer.table_index != output}.values())


def set_optimizer(preset: Preset, **changes: object) -> Changes:
    """Changes of the optimizer; a preset without its table gets one, which needs a learning rate."""
    if "optimizer" not in preset.table:
        changes = {"learning_rate": preset.optimizer.learning_rate, **changes}
    return {f"optimizer.{name}": value for name, value in changes.items()}


def rounded(number: float) -> float:
    """To two significant digits, as a person writes it."""
    return float(f"{number:.2g}")


def lower_rate(preset: Preset, factor: float) -> Remedy:
    rate = rounded(preset.optimizer.learning_rate / factor)
    return Remedy(
        f"a learning rate of {rate:g} instead of {preset.optimizer.learning_rate:g}",
        set_optimizer(preset, learning_rate=rate),
    )


def too_much(now: Measurement) -> int:
    """By what power of ten the learning rate has to be lower, so that an update is no longer large."""
    step = max(now.ratio, now.first_ratio)
    if step > 100 * LARGE_STEP:
        return 1000
    return 10 ** ceil(log10(step / LARGE_STEP)) if step > LARGE_STEP else 10


def rate_for(now: Measurement, preset: Preset) -> float:
    """The learning rate by the rule of thumb, in powers of ten of the present one, at least ten times as high."""
    # As differences of logarithms: the ratio may be the smallest number that there is, or infinite.
    decades = log10(USUAL_STEP) - log10(now.ratio) if now.ratio > 0 else 1.0
    return rounded(preset.optimizer.learning_rate * 10 ** round(min(max(1.0, decades), 4.0)))


def higher_rate(now: Measurement, preset: Preset) -> Remedy:
    rate = rate_for(now, preset)
    return Remedy(
        f"a learning rate of {rate:g} instead of {preset.optimizer.learning_rate:g}",
        set_optimizer(preset, learning_rate=rate),
    )


def clipping(preset: Preset) -> Remedy:
    return Remedy(
        "clip the gradient to a norm of 1: that tames the update, the gradient stays as it is",
        set_optimizer(preset, clip_norm=1.0),
    )


def relu_and_he(preset: Preset) -> Remedy:
    """relu instead of what squashes, with its initialization."""
    changes: Changes = {}
    for layer in tables(preset):
        if layer.activation in SQUASHING:
            changes[f"layers.{layer.table_index}.activation"] = "relu"
            if starts_by_chance(layer, preset):
                changes[f"layers.{layer.table_index}.init"] = "he_normal"
    return Remedy("relu, whose slope is 1 where it is not 0, with He's initialization", changes)


def tanh_and_xavier(preset: Preset) -> Remedy:
    changes: Changes = {}
    for layer in tables(preset):
        if layer.activation == "sigmoid":
            changes[f"layers.{layer.table_index}.activation"] = "tanh"
            if starts_by_chance(layer, preset):
                changes[f"layers.{layer.table_index}.init"] = "xavier_uniform"
    return Remedy("tanh, whose slope reaches 1 instead of ¼, with Xavier's initialization", changes)


def starts_by_chance(layer: LayerPreset, preset: Preset) -> bool:
    """Whether its start weights are drawn, and not given."""
    return layer.weights is None and preset.training.start is None


def good_start(preset: Preset) -> Remedy:
    """The initialization that suits each activation, where there is another."""
    changes: Changes = {}
    for layer in tables(preset, hidden=False):
        fitting = fitting_initializer(layer.activation)
        family = fitting.partition("_")[0]
        if starts_by_chance(layer, preset) and not layer.init.startswith(family):
            changes[f"layers.{layer.table_index}.init"] = fitting
    names = sorted({"He's" if value == "he_normal" else "Xavier's" for value in changes.values()})
    return Remedy(f"{' and '.join(names)} initialization, which keeps the size of the signals", changes)


def batch_norm(preset: Preset, now: Measurement) -> Remedy:
    tables_ = [layer for layer in tables(preset) if not layer.batch_norm and now.batch > 1]
    return Remedy(
        "batch norm in the hidden layers, which gives every layer the same spread",
        {f"layers.{layer.table_index}.batch_norm": True for layer in tables_},
    )


def residual(preset: Preset) -> Remedy:
    """Shortcuts past every hidden layer that is as wide as what it is given."""
    widths = [layer.units for layer in preset.layers[:-1]]
    fitting = {
        layer.table_index
        for layer, below in zip(preset.layers[1:-1], widths, strict=False)
        if layer.units == below and not layer.residual
    }
    return Remedy(
        "residual connections, past which the gradient comes undiminished",
        {f"layers.{index}.residual": True for index in sorted(fitting)},
    )


def leaky(symptom: Symptom, preset: Preset) -> Remedy:
    layers = [layer for layer in tables(preset) if layer.activation == "relu"]
    return Remedy(
        "leaky relu, whose slope is never 0",
        {f"layers.{layer.table_index}.activation": "leaky_relu" for layer in layers},
    )


def adaptive(preset: Preset, rate: float = 0.01) -> Remedy:
    return Remedy(
        f"Adam at {rate:g}, which gives each parameter a step of its own",
        set_optimizer(preset, kind="adam", learning_rate=rate),
    )


def momentum(preset: Preset) -> Remedy:
    return Remedy("momentum, which adds up what points the same way", set_optimizer(preset, kind="momentum"))


def entropy(preset: Preset) -> Remedy:
    """Cross-entropy instead of a squared error: its gradient has no slope of the output in it."""
    last = preset.layers[-1]
    if last.activation not in ("sigmoid", "softmax") or not preset.loss.kind.endswith("squared_error"):
        return Remedy("", {})
    kind = "binary_cross_entropy" if last.activation == "sigmoid" else "cross_entropy"
    return Remedy(f"{kind}: with it dZ = A − Y, and the flat output weakens nothing", {"loss.kind": kind})


def normalization(preset: Preset, now: Measurement) -> Remedy:
    """Of one example alone the mean is the example itself: that leaves nothing."""
    changes: Changes = {} if preset.data.normalize or now.examples == 1 else {"data.normalize": True}
    return Remedy("normalized inputs, of mean 0 and spread 1", changes)


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
    yield leaky(symptom, preset)
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
    yield batch_norm(preset, now)
    if symptom.layer == 1:
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
        yield higher_rate(now, preset)


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
}
