"""An experiment of TensorFlow Playground as a preset: the same points, start weights, settings and order."""

from typing import Any

from backprop_tui.core.preset.playground_points import playground_points

from .experiment import FEATURES, NUMBER_SETS, Experiment
from .fragment import url_text
from .hidden_controls import hidden_here
from .start_weights import start_weights


def preset_table(experiment: Experiment) -> dict[str, Any]:
    """The table of the preset, as a file has it."""
    share = experiment.training_share / 100
    data: dict[str, Any] = {
        "kind": experiment.kind,
        "samples": experiment.samples,
        "noise": experiment.noise / 100,
        "train_ratio": share,
        "features": [FEATURES[name] for name in experiment.features],
        # A seed of no characters is that of none, for which ours stands.
        "playground_seed": experiment.seed or "0",
    }
    optimizer: dict[str, Any] = {"kind": "sgd", "learning_rate": experiment.learning_rate}
    if experiment.penalty is not None and experiment.penalty_rate:
        optimizer[experiment.penalty] = experiment.penalty_rate
    shape = "-".join(map(str, [len(experiment.features), *experiment.shape, 1]))
    what = "regression" if experiment.kind in NUMBER_SETS.values() else "classification"
    view: dict[str, Any] = {
        # One step of the Playground is an epoch.
        "unit": "epoch",
        "test_points": experiment.test_points,
        "discretize": experiment.discrete,
    }
    if experiment.hidden:
        view["hide"] = list(hidden_here(experiment.hidden))
    return {
        "title": f"TensorFlow Playground: {experiment.kind}, {shape}",
        "summary": "An experiment of TensorFlow Playground, with its points, its start weights and its order.",
        "tags": ["playground", what],
        "credit": url_text(experiment),
        "data": data,
        "layers": layers(experiment),
        "loss": {"kind": "half_squared_error"},
        "optimizer": optimizer,
        "training": {"batch_size": experiment.batch_size, "shuffle": False},
        "view": view,
    }


def layers(experiment: Experiment) -> list[dict[str, Any]]:
    """Hidden and output layers with the weights that they start from."""
    units = [*experiment.shape, 1]
    output = "identity" if experiment.regression else "tanh"
    activations = [experiment.activation] * len(experiment.shape) + [output]
    # What the points have left of the stream of chance is what the weights are drawn from.
    _, _, chance = playground_points(
        experiment.kind, experiment.samples, experiment.noise / 100, experiment.seed or "0"
    )
    start = start_weights(chance, len(experiment.features), units, zero=experiment.zero_start)
    return [
        {"units": count, "activation": activation, "weights": W, "biases": b}
        for count, activation, (W, b) in zip(units, activations, start, strict=True)
    ]
