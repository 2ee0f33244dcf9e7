"""Changes of a network's layers, of its data and of what is drawn by chance, each as the settings that make it.

They are pure: a preset goes in, changes by dotted path come out, for `core/session/change.py` to make. Layers are
counted from 1, as on the screen; a table that is repeated is split where one of its layers changes alone.
"""

import random
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from .data_table import FEATURES, FILE_SETS, GENERATED_SETS, REGRESSION_SETS
from .schema import PresetError
from .tables import Preset

Table = dict[str, Any]
Changes = dict[str, Any]
EXACT = ("weights", "biases", "gamma", "beta")
"""Exact start values of a layer: those of another one are not copied."""
NEW_LAYER: Table = {"units": 4, "activation": "tanh"}
"""Where there is no other hidden layer."""
COUNTERPARTS = {"gauss": "multigauss", "multigauss": "gauss"}
"""The set of the other type that is most like it; of others plane and circle, with which the Playground begins."""
PLAYGROUND_START = {"weights": None, "init": "uniform", "init_scale": 0.5}


# Layers


def tables(preset: Preset, numbers: Iterable[int]) -> list[Table]:
    """The tables of these layers, in this order; those of one table that stand in a row have one."""
    groups = groupby(numbers, key=lambda number: preset.layers[number - 1].table_index)
    return [table_for(preset, index, list(group)) for index, group in groups]


def table_for(preset: Preset, index: int, numbers: list[int]) -> Table:
    """Table `index` for these layers of it alone.

    Of a repeated table a layer without room for the sum has no residual; where it stands alone it has to say so.
    """
    table: Table = preset.table["layers"][index]
    if len(numbers) == sum(layer.table_index == index for layer in preset.layers):
        return dict(table)
    other = {key: value for key, value in table.items() if key != "repeat"}
    if len(numbers) > 1:
        return {**other, "repeat": len(numbers)}
    if "residual" in other:
        other["residual"] = preset.layers[numbers[0] - 1].residual
    return other


def layer_settings(preset: Preset, number: int, settings: Mapping[str, Any]) -> Changes:
    """Settings of one layer, the other layers of its table left as they are."""
    layers = preset.layers
    index = layers[number - 1].table_index
    if sum(layer.table_index == index for layer in layers) == 1:
        return {f"layers.{index}.{key}": value for key, value in settings.items()}
    (own,) = tables(preset, [number])
    changed = {key: value for key, value in {**own, **settings}.items() if value is not None}
    before, after = tables(preset, range(1, number)), tables(preset, range(number + 1, len(layers) + 1))
    return {"layers": [*before, changed, *after]}


def hidden_setting(preset: Preset, key: str, value: Any) -> Changes:
    """One setting of all hidden layers. Raises PresetError where there are none."""
    hidden = len(preset.layers) - 1
    if not hidden:
        raise PresetError("expected a hidden layer, but the network has none; add one first")
    output = preset.layers[-1].table_index
    if preset.layers[-2].table_index != output:
        return {f"layers.{index}.{key}": value for index in range(output)}
    changed = [{**table, key: value} for table in tables(preset, range(1, hidden + 1))]
    return {"layers": [*changed, *tables(preset, [hidden + 1])]}


def add_layer(preset: Preset, after: int) -> Changes:
    """A hidden layer more, after layer `after`, 0 for the first of all: like the hidden layer before it, or after it.

    Raises PresetError for one after the output layer.
    """
    count = len(preset.layers)
    if not 0 <= after < count:
        raise PresetError(f"expected a new layer after one of 0 to {count - 1}, before the output, found {after}")
    new = dict(NEW_LAYER)
    if count > 1:
        (like,) = tables(preset, [max(after, 1)])
        new = {key: value for key, value in like.items() if key not in (*EXACT, "residual", "repeat")}
    return {"layers": [*tables(preset, range(1, after + 1)), new, *tables(preset, range(after + 1, count + 1))]}


def remove_layer(preset: Preset, number: int) -> Changes:
    """One hidden layer less. Raises PresetError for the output layer."""
    check_hidden(preset, number)
    return {"layers": tables(preset, [each for each in range(1, len(preset.layers) + 1) if each != number])}


def move_layer(preset: Preset, number: int, to: int) -> Changes:
    """Hidden layer `number` becomes hidden layer `to`. Raises PresetError where there is none of either number."""
    check_hidden(preset, number)
    check_hidden(preset, to)
    order = [each for each in range(1, len(preset.layers) + 1) if each != number]
    order.insert(to - 1, number)
    return {"layers": tables(preset, order)}


def check_hidden(preset: Preset, number: int) -> None:
    """Raises PresetError unless layer `number` is a hidden one."""
    hidden = len(preset.layers) - 1
    if not 1 <= number <= hidden:
        which = f"one from 1 to {hidden}" if hidden else "which this network has none of"
        raise PresetError(f"expected the number of a hidden layer, {which}, found {number}")


# Data


def toggle_feature(preset: Preset, name: str) -> Changes:
    """A feature more or less, in the order of all features where it is that. Raises PresetError for the last one."""
    features = preset.data.features
    if name not in FEATURES:
        raise PresetError(f"expected one of the features {', '.join(FEATURES)}, found {name}")
    if features == (name,):
        raise PresetError(f"{name} is the only feature, and a network needs an input; switch another one on first")
    if name in features:
        return {"data.features": [feature for feature in features if feature != name]}
    ordered = list(features) == sorted(features, key=FEATURES.index)
    return {"data.features": sorted([*features, name], key=FEATURES.index) if ordered else [*features, name]}


def data_set(preset: Preset, kind: str, *, numbers: bool) -> Changes:
    """The set `kind`, which is drawn, with an output and a loss for it where the type of the problem is another.

    `numbers`: whether the targets are numbers now, and no classes.
    """
    changes: Changes = {"data.kind": kind}
    if (kind in REGRESSION_SETS) != numbers or preset.data.kind not in GENERATED_SETS:
        changes |= output_for(preset, numbers=kind in REGRESSION_SETS)
    return changes


def problem_type(preset: Preset, *, numbers: bool, back_to: str | None = None) -> Changes:
    """From classification to regression, or back where the targets are `numbers`: data, output and loss.

    The data are those that it is to go `back_to`, where these are drawn; else those that are most alike.
    """
    kind = (
        back_to if back_to in GENERATED_SETS else COUNTERPARTS.get(preset.data.kind, "circle" if numbers else "plane")
    )
    return data_set(preset, kind, numbers=numbers)


def output_for(preset: Preset, *, numbers: bool) -> Changes:
    """One output for `numbers`, or for two classes: sigmoid and its cross-entropy, or tanh where the loss is ½(a − y)².

    The latter is how the Playground has it, whose loss of numbers is the same.
    """
    half = preset.loss.kind == "half_squared_error"
    loss = "half_squared_error" if half else "mean_squared_error" if numbers else "binary_cross_entropy"
    activation = "identity" if numbers else "tanh" if half else "sigmoid"
    output = preset.layers[-1]
    wanted = {"units": 1, "activation": activation}
    settings = {key: value for key, value in wanted.items() if getattr(output, key) != value}
    changes = layer_settings(preset, len(preset.layers), settings) if settings else {}
    return changes if preset.loss.kind == loss else {**changes, "loss.kind": loss}


# Chance


def new_data(preset: Preset, run_seed: int) -> Changes:
    """Other examples, or another split of those there are, with the same start weights, order and dropout.

    `run_seed` is the seed of the latter. Raises PresetError where nothing of the data is left to chance.
    """
    data = preset.data
    if data.playground_seed is not None:
        return {"data.playground_seed": f"{random.Random(data.playground_seed).random():.5f}"}
    if data.kind not in GENERATED_SETS and not split_by_chance(preset):
        raise PresetError(f"nothing of these data is left to chance: {data.kind}, without a split; choose another set")
    changes: Changes = {"seed": preset.seed + 1}
    return changes if preset.training.seed == run_seed else {**changes, "training.seed": run_seed}


def split_by_chance(preset: Preset) -> bool:
    """Whether the seed says which of the examples of a file or of the preset are the test part."""
    data = preset.data
    default = {"inline": 1.0} | dict.fromkeys(FILE_SETS, 0.8)
    ratio = data.train_ratio if data.train_ratio is not None else default.get(data.kind, 1.0)
    return ratio < 1.0 and data.test is None and data.rows is None and data.kind != "digits"


def new_start(preset: Preset, run_seed: int) -> Changes:
    """Other start weights, order and dropout, of another seed than `run_seed`, with the same data.

    Weights that are given are drawn in place of that: those of an experiment of the Playground as it draws them,
    evenly from −½ to ½.
    """
    changes: Changes = {"training.seed": run_seed + 1}
    if preset.training.start is not None:
        changes["training.start"] = None
    drawn = PLAYGROUND_START if preset.data.playground_seed is not None else {"weights": None}
    for index, table in enumerate(preset.table["layers"]):
        if "weights" in table:
            changes |= {f"layers.{index}.{key}": value for key, value in drawn.items()}
    return changes
