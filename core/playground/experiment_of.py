"""A preset as an experiment of TensorFlow Playground, where it can be one; else what cannot be there."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from backprop_tui.core.preset.hidden import Hidden
from backprop_tui.core.preset.playground_points import SETS, playground_points, training_size
from backprop_tui.core.preset.schema import Place
from backprop_tui.core.preset.tables import LayerPreset, Preset, StopPreset

from .experiment import ACTIVATIONS, FEATURES, INPUT_ORDER, NUMBER_SETS, SAMPLES, Experiment, not_reproduced
from .hidden_controls import hidden_there, not_hidden_there
from .start_weights import start_weights


def experiment_of(preset: Preset) -> tuple[Experiment, tuple[str, ...]]:
    """The experiment of a preset; and what is drawn otherwise there, one sentence each.

    Raises PresetError with all that cannot be there.
    """
    problems = list(impossible(preset))
    if problems:
        raise Place(preset.source).error(f"TensorFlow Playground cannot have it: {'; '.join(problems)}")
    data, hidden = preset.data, preset.layers[:-1]
    regression = data.kind in NUMBER_SETS.values()
    ratio = 0.5 if data.train_ratio is None else data.train_ratio
    by_feature = {feature: name for name, feature in FEATURES.items()}
    chosen = {by_feature[feature] for feature in data.features}
    optimizer = preset.optimizer
    experiment = Experiment(
        class_set="circle" if regression else data.kind,
        number_set=data.kind if regression else "plane",
        activation=hidden[0].activation if hidden else "tanh",
        penalty="l1" if optimizer.l1 else "l2" if optimizer.l2 else None,
        batch_size=batch_size(preset, ratio),
        learning_rate=optimizer.learning_rate,
        penalty_rate=optimizer.l1 or optimizer.l2,
        noise=per_cent(data.noise),
        shape=tuple(layer.units for layer in hidden),
        seed=str(preset.seed) if data.playground_seed is None else data.playground_seed,
        training_share=per_cent(ratio),
        regression=regression,
        test_points=preset.view.test_points,
        discrete=preset.view.discretize,
        features=tuple(name for name in INPUT_ORDER if name in chosen),
        hidden=hidden_there(Hidden(preset.view.hide)),
    )
    started, notes = with_start(experiment, preset)
    return started, (*notes, *not_hidden_there(Hidden(preset.view.hide)))


def batch_size(preset: Preset, ratio: float) -> int:
    """The examples of a step: all of them where a batch has room for more, which would never be full there."""
    examples, asked = training_size(preset.data.samples, ratio), preset.training.batch_size
    return min(asked, examples) if asked else examples


def per_cent(share: float) -> float:
    """The number of which the hundredth is the share, with few digits where there is one with few."""
    near = 100 * share
    numbers = (round(near, 10), near, math.nextafter(near, 0), math.nextafter(near, math.inf))
    return next((number for number in numbers if number / 100 == share), near)


def with_start(experiment: Experiment, preset: Preset) -> tuple[Experiment, tuple[str, ...]]:
    """The experiment with the start that is meant, and what is drawn otherwise."""
    notes = []
    if preset.data.playground_seed is None:
        notes.append(f"the points are drawn anew there, from seed {experiment.seed}")
    if preset.training.start is None and all(starts_at_zero(layer) for layer in preset.layers):
        experiment = replace(experiment, zero_start=True)
    elif not starts_alike(experiment, preset):
        notes.append("the start weights there are uniform between -1/2 and 1/2, the biases 0.1")
    if preset.training.shuffle:
        notes.append("the order of the examples is the same in every epoch there")
    if preset.training.stop != StopPreset():
        notes.append("no run ends by itself there")
    if preset.training.dtype == "float32":
        notes.append("its numbers are of double precision")
    there, here = experiment.noise / 100, preset.data.noise
    if there != here:
        notes.append(f"the noise is {there!r} there, {here!r} here: no number of per cent gives that")
    return experiment, (*notes, *not_reproduced(experiment))


def starts_at_zero(layer: LayerPreset) -> bool:
    """Whether weights and biases are all 0, given or by their initialization."""
    weights = layer.init == "zeros" if layer.weights is None else not np.any(layer.weights)
    return weights and (layer.biases is None or not np.any(layer.biases))


def starts_alike(experiment: Experiment, preset: Preset) -> bool:
    """Whether the preset starts from the very weights that the Playground draws."""
    if preset.data.playground_seed is None or preset.training.start is not None:
        return False
    _, _, chance = playground_points(preset.data.kind, preset.data.samples, preset.data.noise, experiment.seed)
    start = start_weights(chance, len(experiment.features), [*experiment.shape, 1])
    return all(
        layer.weights is not None
        and layer.biases is not None
        and np.array_equal(layer.weights, W)
        and np.array_equal(layer.biases, b)
        for layer, (W, b) in zip(preset.layers, start, strict=True)
    )


def impossible(preset: Preset) -> Iterator[str]:
    """What there is no control for."""
    yield from impossible_data(preset)
    yield from impossible_layers(preset)
    yield from impossible_training(preset)


def impossible_data(preset: Preset) -> Iterator[str]:
    data = preset.data
    if data.kind not in SETS:
        yield f"data of the kind {data.kind}; its sets are {', '.join(SETS)}"
        return
    wanted = SAMPLES[data.kind in NUMBER_SETS.values()]
    if data.samples != wanted:
        yield f"{data.samples:,} points; this set has always {wanted:,}"
    if data.rows is not None:
        yield "chosen rows"
    if data.added or data.removed:
        yield "points that were added or taken out"
    if data.normalize or data.normalize_targets:
        yield "normalized data"
    order = [feature for name in INPUT_ORDER if (feature := FEATURES[name]) in data.features]
    if list(data.features) != order:
        yield f"features in another order than {', '.join(order)}"


def impossible_layers(preset: Preset) -> Iterator[str]:
    *hidden, last = preset.layers
    used = {layer.activation for layer in hidden}
    known = {ours: word for word, ours in ACTIVATIONS.items()}
    for activation in sorted(used - known.keys()):
        yield f"the activation {activation}; it has {', '.join(ACTIVATIONS)}"
    if len(used) > 1:
        yield f"hidden layers of different activations: {', '.join(sorted(used))}"
    regression = preset.data.kind in NUMBER_SETS.values()
    output = "identity" if regression else "tanh"
    if preset.data.kind in SETS and (last.units, last.activation) != (1, output):
        what = "regression" if regression else "classification"
        yield f"an output of {last.units} {last.activation}; in a {what} it is 1 {output}"
    yield from sorted({part for layer in preset.layers for part in parts(layer)})


def parts(layer: LayerPreset) -> Iterator[str]:
    """What a layer has beside weights, biases and activation."""
    if not layer.bias:
        yield "layers without biases"
    if layer.batch_norm:
        yield "batch norm"
    if layer.dropout:
        yield "dropout"
    if layer.residual:
        yield "residual connections"


def impossible_training(preset: Preset) -> Iterator[str]:
    optimizer, training = preset.optimizer, preset.training
    if preset.loss.kind != "half_squared_error":
        yield f"the loss {preset.loss.kind}; its own is half_squared_error"
    if optimizer.kind != "sgd":
        yield f"the optimizer {optimizer.kind}; its own is sgd"
    if optimizer.l1 and optimizer.l2:
        yield "L1 and L2 at once"
    if optimizer.weight_decay:
        yield "weight decay, which is of biases too; its L2 is of weights alone"
    if optimizer.clip_norm is not None or optimizer.clip_value is not None:
        yield "clipping"
    if not optimizer.train_biases:
        yield "biases that are not trained"
    if optimizer.schedule.kind != "constant" or optimizer.schedule.warm_up:
        yield "a schedule of the learning rate"
    if training.drop_last:
        yield "a last batch that is left out"
