"""Single changes of a preset that may help, each as a remedy; one that does not fit a preset changes nothing.

Layers are changed table by table, as the preset writes them, before `repeat`.
"""

from math import ceil, log10

from backprop_tui.core.network.usual_start import fitting_initializer
from backprop_tui.core.preset.tables import LayerPreset, Preset

from .findings import Remedy, Symptom
from .measurement import Measurement

Changes = dict[str, object]

SQUASHING = ("sigmoid", "tanh")
USUAL_STEP, LARGE_STEP = 1e-3, 0.05
MOST_UNITS, MORE_UNITS, NEW_UNITS = 64, 16, 8
SEEDS = 3
"""Other seeds that are tried."""
TIGHT = 0.1
"""A bound of clipping below which it is that which sets the length of the steps."""
ADAPTIVE, LARGE_EPSILON = ("rmsprop", "adagrad", "adam", "adamw"), 1e-2
CENTRED = 0.25
"""Inputs that are no farther from mean 0 and standard deviation 1 are as good as normalized."""
GIVEN = ("weights", "biases", "init", "init_scale")
"""What a layer's table says of its start."""
SHAPING = ("units", "batch_norm", "bias", "repeat")
"""The keys of a layer that say which parameters there are, and how many."""
AFRESH = " (what the start file has not starts afresh)"


def tables(preset: Preset, *, hidden: bool = True) -> list[LayerPreset]:
    """One layer for each table of the file; with `hidden` of hidden layers alone."""
    layers = preset.layers[:-1] if hidden else preset.layers
    output = preset.layers[-1].table_index
    return list({layer.table_index: layer for layer in layers if not hidden or layer.table_index != output}.values())


def with_start(preset: Preset, remedy: Remedy) -> Remedy:
    """The same where a run starts from a file: parameters that it has not are started afresh, and that is said."""
    shaped = any(path == "layers" or path.rpartition(".")[2] in SHAPING for path in remedy.set)
    if preset.training.start is None or preset.training.start_missing == "afresh" or not shaped:
        return remedy
    changes = {**remedy.set, "training.start_missing": "afresh"}
    return Remedy(told_start(remedy.text, changes), changes)


def told_start(text: str, changes: Changes) -> str:
    """The words of a remedy, with what they say of the start file where these changes are of that."""
    return text.removesuffix(AFRESH) + AFRESH if "training.start_missing" in changes else text


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


def steady_rate(preset: Preset) -> Remedy:
    """The learning rate as it is set, in every step after a warm-up; nothing where no schedule changes it."""
    scheduled = preset.optimizer.schedule.kind != "constant"
    changes: Changes = {"optimizer.schedule.kind": "constant"} if scheduled else {}
    return Remedy(f"no schedule: a learning rate of {preset.optimizer.learning_rate:g} to the end", changes)


def looser_clipping(preset: Preset) -> Remedy:
    """Clipping that leaves a step some length, where there is one that does not."""
    optimizer = preset.optimizer
    kinds = {"clip_norm": optimizer.clip_norm, "clip_value": optimizer.clip_value}
    changes: Changes = {name: 1.0 for name, value in kinds.items() if value is not None and value < TIGHT}
    told = " and ".join(f"{name} = 1 instead of {kinds[name]:g}" for name in changes)
    return Remedy(f"looser clipping: {told}", set_optimizer(preset, **changes) if changes else {})


def usual_epsilon(preset: Preset) -> Remedy:
    """The optimizer's own ε, where another swamps what it is added to."""
    if not large_epsilon(preset):
        return Remedy("", {})
    usual = 1e-10 if preset.optimizer.kind == "adagrad" else 1e-8
    text = f"epsilon = {usual:g} instead of {preset.optimizer.epsilon:g}"
    return Remedy(text, set_optimizer(preset, epsilon=usual))


def large_epsilon(preset: Preset) -> bool:
    """Whether an ε that is used is as large as what it is added to may well be."""
    return preset.optimizer.kind in ADAPTIVE and preset.optimizer.epsilon > LARGE_EPSILON


def clipping(preset: Preset) -> Remedy:
    return Remedy(
        "clip the gradient to a norm of 1: that tames the update, what the backward pass computes stays as large",
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
    return Remedy(f"relu, whose slope is 1 where it is not 0{started(changes, 'He')}", changes)


def tanh_and_xavier(preset: Preset) -> Remedy:
    changes: Changes = {}
    for layer in tables(preset):
        if layer.activation == "sigmoid":
            changes[f"layers.{layer.table_index}.activation"] = "tanh"
            if starts_by_chance(layer, preset):
                changes[f"layers.{layer.table_index}.init"] = "xavier_uniform"
    return Remedy(f"tanh, whose slope reaches 1 instead of ¼{started(changes, 'Xavier')}", changes)


def started(changes: Changes, whose: str) -> str:
    """`, with He's initialization`, where these changes are of start weights too; those that are given stay."""
    return f", with {whose}'s initialization" if any(path.endswith(".init") for path in changes) else ""


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


def drawn_start(preset: Preset) -> Remedy:
    """Start weights that are drawn to suit, in place of those that are given."""
    given = [layer for layer in tables(preset, hidden=False) if layer.weights is not None]
    if not given or preset.training.start is not None:
        return Remedy("", {})
    written = [dict(table) for table in preset.table["layers"]]
    for layer in given:
        written[layer.table_index] = {k: v for k, v in written[layer.table_index].items() if k not in GIVEN}
    return Remedy("start weights that are drawn to suit each layer, in place of those given", {"layers": written})


def batch_norm(preset: Preset, now: Measurement) -> Remedy:
    tables_ = [layer for layer in tables(preset) if not layer.batch_norm and now.batch > 1]
    return Remedy(
        "batch norm in the hidden layers, which gives every layer the same standard deviation",
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
    # The mean over the outputs is a part of binary cross-entropy alone.
    error = "(A − Y)/K" if kind == "binary_cross_entropy" and last.units > 1 else "A − Y"
    return Remedy(f"{kind}: with it dZ = {error}, and the flat output weakens nothing", {"loss.kind": kind})


def normalization(preset: Preset, now: Measurement) -> Remedy:
    """Of one example alone the mean is the example itself: that leaves nothing. Inputs that have it need none."""
    mean, deviation = now.circumstances.centre
    done = preset.data.normalize or (mean < CENTRED and abs(deviation - 1) < CENTRED)
    changes: Changes = {} if done or now.examples == 1 else {"data.normalize": True}
    return Remedy("normalized inputs, of mean 0 and standard deviation 1", changes)


def normal_targets(preset: Preset, now: Measurement) -> Remedy:
    known = preset.data.normalize_targets or now.circumstances.classes is not None
    return Remedy(
        "normalized targets, of mean 0 and standard deviation 1",
        {} if known else {"data.normalize_targets": True, **any_number(preset).set},
    )


def any_number(preset: Preset) -> Remedy:
    """An output that gives any number, with a loss that takes any."""
    last = preset.layers[-1]
    changes: Changes = {}
    if last.activation != "identity":
        changes[f"layers.{last.table_index}.activation"] = "identity"
        if preset.loss.kind.endswith("cross_entropy"):
            changes["loss.kind"] = "mean_squared_error"
    return Remedy("an output that gives any number: identity", changes)


def larger_batches(preset: Preset, now: Measurement) -> Remedy:
    batch = now.circumstances.batch
    least = min(max(10, 4 * batch), now.examples)
    # None that leaves one example for the last batch.
    size = next(size for size in range(least, now.examples + 1) if now.examples % size != 1 or now.examples == 1)
    return Remedy(f"batches of {size} examples instead of {batch}", {"training.batch_size": size})


def smaller_penalty(preset: Preset, factor: float) -> Remedy:
    optimizer = preset.optimizer
    kinds = {"l2": optimizer.l2, "l1": optimizer.l1, "weight_decay": optimizer.weight_decay}
    changes: Changes = {name: rounded(value / factor) for name, value in kinds.items() if value}
    told = " and ".join(f"{name} = {value:g}" for name, value in changes.items())
    return Remedy(f"a smaller penalty: {told}", set_optimizer(preset, **changes) if changes else {})


def less_dropout(preset: Preset, rate: float) -> Remedy:
    dropping = [layer for layer in tables(preset, hidden=False) if layer.dropout > rate]
    text = f"dropout of {rate:g}" if rate else "no dropout"
    return Remedy(text, {f"layers.{layer.table_index}.dropout": rate for layer in dropping})


def bent_layers(preset: Preset) -> Remedy:
    """tanh in hidden layers that are linear; a hidden layer of its own where there is none."""
    linear = [layer for layer in tables(preset) if layer.activation == "identity"]
    if linear:
        return Remedy(
            "tanh, a nonlinearity, in the hidden layers",
            {f"layers.{layer.table_index}.activation": "tanh" for layer in linear},
        )
    if len(preset.layers) > 1:
        return Remedy("", {})
    written = [{key: value for key, value in preset.table["layers"][0].items() if key not in GIVEN}]
    return Remedy(
        f"a hidden layer of {NEW_UNITS} tanh units", {"layers": [{"units": NEW_UNITS, "activation": "tanh"}, *written]}
    )


def no_biases(preset: Preset) -> Remedy:
    """Biases of 0 at the start, where others are given and units are dead."""
    if preset.training.start is not None:
        return Remedy("", {})
    given = {layer.table_index: layer.units for layer in tables(preset) if layer.biases is not None}
    return Remedy("biases that start at 0", {f"layers.{index}.biases": [0.0] * units for index, units in given.items()})


def more_units(preset: Preset) -> Remedy:
    """Four times the units in each hidden layer, and MORE_UNITS at least, unless a table gives start weights."""
    hidden = [layer for layer in tables(preset) if layer.units < MOST_UNITS]
    if any(layer.weights is not None for layer in preset.layers):
        return Remedy("", {})
    sizes = {layer.table_index: min(max(4 * layer.units, MORE_UNITS), MOST_UNITS) for layer in hidden}
    told = " and ".join(f"{size}" for size in sizes.values())
    return Remedy(f"more units: {told} in the hidden layers", {f"layers.{i}.units": size for i, size in sizes.items()})


def other_seeds(preset: Preset) -> list[Remedy]:
    """Other start weights and another order, for the same data: losses of other examples say nothing of each other."""
    if not any(starts_by_chance(layer, preset) for layer in preset.layers):
        return []
    data = preset.data
    drawn = data.kind != "inline" or data.train_ratio not in (None, 1.0) or preset.training.seed is not None
    key = "training.seed" if drawn else "seed"
    seeds = range(preset.run_seed + 1, preset.run_seed + 1 + SEEDS)
    return [Remedy(f"another seed{' of the start' if drawn else ''}: {seed}", {key: seed}) for seed in seeds]
