"""Changes of layers, data and chance: which settings make them, and that no other layer changes."""

from typing import Any

import pytest

from backprop_tui.core.preset import structure
from backprop_tui.core.preset.preset import from_table
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.settings import apply_changes
from backprop_tui.core.preset.tables import Preset

Table = dict[str, Any]


def preset(*layers: Table, **more: Any) -> Preset:
    data = more.pop("data", {"kind": "circle"})
    return from_table({"title": "Built", "data": data, "layers": list(layers), **more}, "test")


def shape(before: Preset, changes: Table) -> list[tuple[int, str, bool]]:
    """Units, activation and residual of every layer after the changes."""
    table = apply_changes(before.table, {path: value for path, value in changes.items() if value is not None})
    layers = from_table(table, "test").layers
    return [(layer.units, layer.activation, layer.residual) for layer in layers]


def tanh(units: int, **more: Any) -> Table:
    return {"units": units, "activation": "tanh", **more}


OUT = {"units": 1, "activation": "sigmoid"}
OUTPUT = (1, "sigmoid", False)
DEEP = preset(tanh(2), {"units": 3, "activation": "relu", "repeat": 3, "residual": True}, OUT)
"""2 tanh, 3 relu three times, the first of which is too wide for its residual, 1 sigmoid."""
RELU, SUM, TANH = (3, "relu", False), (3, "relu", True), (2, "tanh", False)


def test_a_layer_is_added_like_the_one_before_it() -> None:
    assert shape(DEEP, structure.add_layer(DEEP, 1)) == [TANH, TANH, RELU, SUM, SUM, OUTPUT]
    # The relu layers stand apart then: each says of its own whether it has room for the sum.
    assert shape(DEEP, structure.add_layer(DEEP, 2)) == [TANH, RELU, RELU, SUM, SUM, OUTPUT]
    assert shape(DEEP, structure.add_layer(DEEP, 0)) == [TANH, TANH, RELU, SUM, SUM, OUTPUT]


def test_the_first_hidden_layer_has_four_tanh_units() -> None:
    assert shape(preset(OUT), structure.add_layer(preset(OUT), 0)) == [(4, "tanh", False), OUTPUT]


def test_exact_start_values_are_not_copied() -> None:
    before = preset(tanh(1, weights=[[1.0, 2.0]], biases=[0.5]), OUT)
    first, second, _ = structure.add_layer(before, 1)["layers"]
    assert (first, second) == (tanh(1, weights=[[1.0, 2.0]], biases=[0.5]), tanh(1))


@pytest.mark.parametrize(("number", "left"), [(1, [SUM, SUM, SUM, OUTPUT]), (3, [TANH, RELU, SUM, OUTPUT])])
def test_a_layer_is_removed(number: int, left: list[object]) -> None:
    # How wide the inputs of a first layer are is not known before the data are.
    assert shape(DEEP, structure.remove_layer(DEEP, number)) == left


def test_a_layer_is_moved() -> None:
    before = preset(tanh(2), {"units": 5, "activation": "relu", "repeat": 2}, OUT)
    moved = structure.move_layer(before, 1, 2)["layers"]
    assert moved == [{"units": 5, "activation": "relu"}, tanh(2), {"units": 5, "activation": "relu"}, OUT]
    assert structure.move_layer(before, 1, 3)["layers"] == [before.table["layers"][1], tanh(2), OUT]


def test_all_hidden_layers_and_no_other_take_a_setting() -> None:
    changes = structure.hidden_setting(DEEP, "activation", "elu")
    assert changes == {"layers.0.activation": "elu", "layers.1.activation": "elu"}
    shared = preset({"units": 2, "activation": "sigmoid", "repeat": 3}, loss={"kind": "mean_squared_error"})
    found = shape(shared, structure.hidden_setting(shared, "activation", "elu"))
    assert found == [(2, "elu", False), (2, "elu", False), (2, "sigmoid", False)]


def test_one_layer_of_a_repeated_table_takes_a_setting() -> None:
    assert structure.layer_settings(DEEP, 1, {"units": 7}) == {"layers.0.units": 7}
    found = shape(DEEP, structure.layer_settings(DEEP, 3, {"activation": "elu"}))
    assert found == [TANH, RELU, (3, "elu", True), SUM, OUTPUT]


@pytest.mark.parametrize(
    ("act", "numbers"),
    [
        (structure.remove_layer, [5]),
        (structure.remove_layer, [0]),
        (structure.move_layer, [1, 5]),
        (structure.add_layer, [5]),
        (structure.add_layer, [-1]),
    ],
)
def test_the_output_layer_stays_the_last(act: Any, numbers: list[int]) -> None:
    with pytest.raises(PresetError):
        act(DEEP, *numbers)


def test_a_network_without_hidden_layers_has_none_to_change() -> None:
    with pytest.raises(PresetError, match="add one first"):
        structure.hidden_setting(preset(OUT), "activation", "elu")


def test_features_keep_their_order() -> None:
    before = preset(OUT, data={"kind": "circle", "features": ["x1", "sin(x1)"]})
    assert structure.toggle_feature(before, "x2^2") == {"data.features": ["x1", "x2^2", "sin(x1)"]}
    assert structure.toggle_feature(before, "x1") == {"data.features": ["sin(x1)"]}
    other = preset(OUT, data={"kind": "circle", "features": ["x2", "x1"]})
    assert structure.toggle_feature(other, "x1^2") == {"data.features": ["x2", "x1", "x1^2"]}


def test_the_last_feature_stays() -> None:
    with pytest.raises(PresetError, match="only feature"):
        structure.toggle_feature(preset(OUT, data={"kind": "circle", "features": ["x2"]}), "x2")


def test_the_type_of_the_problem_brings_data_output_and_loss() -> None:
    assert structure.problem_type(preset(OUT), numbers=False) == {
        "data.kind": "plane",
        "layers.0.activation": "identity",
        "loss.kind": "mean_squared_error",
    }
    numbers = preset({"units": 1, "activation": "identity"}, data={"kind": "multigauss"})
    assert structure.problem_type(numbers, numbers=True) == {
        "data.kind": "gauss",
        "layers.0.activation": "sigmoid",
        "loss.kind": "binary_cross_entropy",
    }
    # As the Playground has it.
    half = preset({"units": 1, "activation": "tanh"}, loss={"kind": "half_squared_error"})
    assert structure.problem_type(half, numbers=False) == {"data.kind": "plane", "layers.0.activation": "identity"}


def test_a_set_of_the_same_type_changes_nothing_else() -> None:
    assert structure.data_set(preset(OUT), "spiral", numbers=False) == {"data.kind": "spiral"}


def test_new_data_keep_the_chance_of_the_run() -> None:
    assert structure.new_data(preset(OUT), 9) == {"seed": 1, "training.seed": 9}
    assert structure.new_data(preset(OUT, training={"seed": 9}), 9) == {"seed": 1}
    other = structure.new_data(preset(OUT, data={"kind": "circle", "playground_seed": "0.5"}), 9)
    assert list(other) == ["data.playground_seed"]


@pytest.mark.parametrize("data", [{"kind": "digits"}, {"kind": "inline", "inputs": [[0.0, 1.0]], "targets": [[1.0]]}])
def test_data_without_chance_have_none_to_renew(data: Table) -> None:
    output = {"units": 10, "activation": "softmax"} if data["kind"] == "digits" else OUT
    with pytest.raises(PresetError, match="nothing of these data"):
        structure.new_data(preset(output, data=data), 0)


def test_new_start_weights_keep_the_data() -> None:
    assert structure.new_start(preset(OUT), 4) == {"training.seed": 5}
    given = preset({**OUT, "weights": [[1.0, 2.0]]})
    assert structure.new_start(given, 4) == {"training.seed": 5, "layers.0.weights": None}
