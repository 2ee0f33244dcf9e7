"""The preset format: defaults, errors with their place and nearest name, settings, variants, built-in presets."""

import copy
import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui import presets
from backprop_tui.core.preset.preset import (
    PresetError,
    VariantPreset,
    apply_changes,
    apply_setting,
    from_table,
    load_preset,
    parameter_name,
    parse,
    read_file,
    with_variant,
)
from backprop_tui.core.preset.start_file import shapes

TEXT = """
title = "Small"
[data]
kind = "inline"
inputs = [[0.5, 0.8], [1, 2]]
targets = [[1.0], [0.0]]
[[layers]]
units = 3
activation = "relu"
repeat = 2
[[layers]]
units = 1
activation = "sigmoid"
"""


def table(*settings: str) -> dict:
    changed = tomllib.loads(TEXT)
    for setting in settings:
        changed = apply_setting(changed, setting)
    return changed


def message(*settings: str) -> str:
    with pytest.raises(PresetError) as caught:
        load_preset(table(*settings), "a.toml")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_defaults_are_those_of_the_contract():
    preset = from_table(table(), "a.toml", id="small")
    assert (preset.id, preset.source, preset.base, preset.seed, preset.tags) == ("small", "a.toml", None, 0, ())
    assert [layer.units for layer in preset.layers] == [3, 3, 1]
    assert [layer.init for layer in preset.layers] == ["he_normal", "he_normal", "xavier_uniform"]
    assert [layer.table_index for layer in preset.layers] == [0, 0, 1]
    assert preset.loss.kind == "binary_cross_entropy"
    assert (preset.optimizer.kind, preset.optimizer.learning_rate) == ("sgd", 0.1)
    assert (preset.optimizer.momentum, preset.optimizer.beta) == (0.9, 0.99)
    assert (preset.optimizer.beta1, preset.optimizer.beta2, preset.optimizer.epsilon) == (0.9, 0.999, 1e-8)
    assert (preset.training.batch_size, preset.training.shuffle, preset.training.dtype) == (0, True, "float64")
    assert (preset.view.spotlight, preset.view.example, preset.view.unit) == ("W1[1,1]", 1, "op")


@pytest.mark.parametrize(
    ("output", "loss"),
    [
        ("softmax", "cross_entropy"),
        ("sigmoid", "binary_cross_entropy"),
        ("tanh", "mean_squared_error"),
        ("identity", "mean_squared_error"),
    ],
)
def test_the_default_loss_follows_the_output(output, loss):
    units = 2 if output == "softmax" else 1
    written = table(f"layers.1.activation={output}", f"layers.1.units={units}")
    assert from_table(written, "a.toml").loss.kind == loss


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu", "gelu", "gelu_tanh", "silu", "softplus"])
def test_the_relu_family_starts_with_he_normal(activation):
    assert from_table(table(f"layers.0.activation={activation}"), "a.toml").layers[0].init == "he_normal"


def test_the_epsilon_of_adagrad_is_its_own():
    settings = ["optimizer.learning_rate=1", "optimizer.kind=adagrad"]
    assert from_table(table(*settings), "a.toml").optimizer.epsilon == 1e-10
    assert from_table(table(*settings, "optimizer.epsilon=1e-3"), "a.toml").optimizer.epsilon == 1e-3


def test_the_complete_format_is_read(tmp_path):
    text = """
    title = "All"
    summary = "s"
    tags = ["a"]
    credit = "c"
    lesson = "l"
    seed = 3
    [data]
    kind = "spiral"
    samples = 100
    noise = 0.1
    train_ratio = 0.8
    features = ["x1", "sin(x2)"]
    normalize = true
    [[layers]]
    units = 2
    activation = "leaky_relu"
    slope = 0.2
    init = "normal"
    init_scale = 0.01
    weights = [[0.1, 0.2], [0.3, 0.4]]
    bias = false
    batch_norm = true
    gamma = [1, 1]
    beta = [0, 0]
    residual = true
    dropout = 0.2
    repeat = 2
    [[layers]]
    units = 2
    activation = "softmax"
    [optimizer]
    kind = "adamw"
    learning_rate = 1
    momentum = 0.8
    beta = 0.9
    beta1 = 0.8
    beta2 = 0.9
    epsilon = 1e-6
    weight_decay = 0.1
    l1 = 0.1
    l2 = 0.2
    clip_norm = 1.0
    clip_value = 2.0
    ema = true
    bias_correction = false
    epsilon_inside_sqrt = true
    train_biases = false
    [training]
    batch_size = 10
    shuffle = false
    drop_last = true
    dtype = "float32"
    start = "w.npz"
    stop = { loss_below = 0.001, epochs = 2, steps = 3, accuracy_above = 0.9 }
    [view]
    spotlight = "W2[1,2]"
    example = 80
    unit = "epoch"
    [[variants]]
    name = "v"
    set = { "layers.0.activation" = "relu" }
    """
    written = parse(text, "a.toml")
    wanted = shapes(from_table(written, "a.toml").layers, 2)
    np.savez(tmp_path / "w.npz", **{name: np.zeros(shape) for name, shape in wanted.items()})
    preset, dataset = load_preset(written, "a.toml", tmp_path)
    layer = preset.layers[1]
    assert (layer.slope, layer.init_scale, layer.bias, layer.dropout) == (0.2, 0.01, False, 0.2)
    assert (layer.batch_norm, layer.residual, layer.gamma, layer.weights[1]) == (True, True, (1, 1), (0.3, 0.4))
    assert (preset.optimizer.clip_norm, preset.optimizer.ema, preset.optimizer.train_biases) == (1.0, True, False)
    assert (preset.training.start, preset.training.stop.accuracy_above, preset.training.stop.steps) == ("w.npz", 0.9, 3)
    assert preset.variants[0].name == "v"
    assert dataset.inputs.shape == (2, 80)


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        (["titel=x"], ["a.toml: titel", "unknown key", '"title"']),
        (["optimiser.learning_rate=1"], ["optimiser: unknown key", '"optimizer"']),
        (["layers.0.actvation=relu"], ["layers.0.actvation", '"activation"']),
        (["layers.1.activation=sigmod"], ["layers.1.activation", '"sigmod"', '"sigmoid"']),
        (["layers.1.activation=ReLU"], ['"relu"']),
        (["layers.0.units=0"], ["layers.0.units", "an integer of 1 or more, found 0"]),
        (["layers.0.units=true"], ["an integer of 1 or more, found true"]),
        (["layers.0.units=2.0"], ["found 2.0"]),
        (["layers.0.units=99999999999999999999"], ["layers.0.units", "64 bits"]),
        (["layers.0.repeat=0"], ["layers.0.repeat", "from 1 to 1000"]),
        (["layers.0.dropout=1"], ["layers.0.dropout", "not including, 1"]),
        (["layers.0.dropout=nan"], ["a finite number", "found nan"]),
        (["layers.0.slope=inf"], ["layers.0.slope", "found inf"]),
        (["layers.0.init=normal"], ["layers.0.init_scale", "required", "normal"]),
        (["layers.0.init=uniform", "layers.0.init_scale=-1"], ["init_scale", "0 or more"]),
        (["layers=[]"], ["layers", "at least one entry, found an empty list"]),
        (["layers=3"], ["layers", "found 3"]),
        (["data.inputs=[[1, 2], [3]]"], ["data.inputs.1", "expected 2 numbers"]),
        (["data.inputs=[[1, true]]"], ["data.inputs.0.1", "found true"]),
        (["data.targets=[[1.0]]"], ["data.targets", "2 rows", "found 1"]),
        (["data.noise=0.6"], ["data.noise", "0 to 0.5, found 0.6"]),
        (["data.train_ratio=0"], ["data.train_ratio", "above 0"]),
        (["data.features=[x3]"], ["TOML value"]),
        (['data.features=["x3"]'], ["data.features.0", '"x3"']),
        (["data.rows=[3]"], ["data.rows", "from 1 to 2, found 3"]),
        (["data.kind=csv"], ["data.path", "required"]),
        (["seed=-1"], ["seed", "0 or more"]),
        (["optimizer.learning_rate=0"], ["optimizer.learning_rate", "above 0, found 0"]),
        (['optimizer.learning_rate="0.1"'], ["optimizer.learning_rate", 'found "0.1"']),
        (["optimizer.kind=adam"], ["optimizer.learning_rate", "required"]),
        (["optimizer={learning_rate=1, momentum=1}"], ["optimizer.momentum"]),
        (["training.batch_size=-1"], ["training.batch_size", "0 or more"]),
        (["training.dtype=float16"], ["training.dtype", '"float64"']),
        (["training.shuffle=1"], ["training.shuffle", "true or false, found 1"]),
        (["training.drop_last=true", "training.batch_size=3"], ["training.drop_last", "no batch"]),
        (["training.stop.loss=1"], ["training.stop.loss", '"loss_below"']),
        (["view.unit=batch"], ["view.unit", "op, layer, phase, step, epoch"]),
        (["view.example=3"], ["view.example", "1 to 2, found 3"]),
        (["view.spotlight=W4[1,1]"], ["view.spotlight", "layers 1 to 3"]),
        (["view.spotlight=W1[4,1]"], ["units 1 to 3"]),
        (["view.spotlight=W1[1,3]"], ["inputs 1 to 2"]),
        (["view.spotlight=W2[1,4]"], ["inputs 1 to 3"]),
        (["view.spotlight=W1[1]"], ["W1[1,1] or a bias such as b1[2]"]),
        (["view.spotlight=b1[0]"], ["units 1 to 3"]),
        (["view.spotlight=b1[1]", "layers.0.bias=false"], ["no biases"]),
        (["loss.kind=cross_entropy"], ["loss.kind", "softmax", "use binary_cross_entropy"]),
        (["loss.kind=binary_cross_entropy", "layers.1.activation=relu"], ["sigmoid", "use mean_squared_error"]),
        (["data.targets=[[2.0], [0.0]]"], ["data.targets", "from 0 to 1, found 2"]),
        (["layers.0.activation=softmax"], ["layers.0.activation", "only in the last layer"]),
        (["layers.1.activation=softmax", "layers.1.repeat=2"], ["layers.1.activation", "only in the last layer"]),
        (["layers.1.activation=softmax"], ["layers.1.units", "2 or more", "found 1", "sigmoid"]),
        (["layers.1.activation=softmax", "loss.kind=mean_squared_error"], ["layers.1.units", "found 1"]),
        (['variants=[{name="a", set={"layers.1.activation"="softmax"}}]'], ["variants.0", "layers.1.units", "found 1"]),
        (["layers.0.weights=[[1, 2]]"], ["layers.0.weights", "3 row(s)", "found 1 row(s) of 2"]),
        (["layers.1.weights=[[1, 2]]"], ["layers.1.weights", "of 3 number(s)", "found 1 row(s) of 2"]),
        (["layers.0.biases=[1, 2]"], ["layers.0.biases", "expected 3", "found 2"]),
        (["layers.0.gamma=[1, 2]"], ["layers.0.gamma", "found 2"]),
        (["layers.1.residual=true"], ["layers.1.residual", "1 units, 3 inputs"]),
        (["layers.1.units=2"], ["layers", "1 target", "2 unit"]),
        (['variants=[{name="a", set={"layers.2.units"=1}}]'], ["variants.0", "layers.0 to layers.1"]),
        (['variants=[{name="a", set={"layers.0.units"=0}}]'], ["variants.0", "layers.0.units", "found 0"]),
        (['variants=[{name="a", set={seed=1}}, {name="a", set={seed=2}}]'], ["variants.1.name", "different names"]),
        (["title="], ["--set title=: expected a TOML value"]),
    ],
)
def test_what_is_wrong_is_said_with_its_place(settings, parts):
    found = message(*settings)
    for part in parts:
        assert part in found


@pytest.mark.parametrize("name", ["title", "data", "layers"])
def test_required_keys(name):
    without = {key: value for key, value in table().items() if key != name}
    with pytest.raises(PresetError, match=f"a.toml: {name}: this key is required"):
        from_table(without, "a.toml")


def test_integers_are_numbers_too():
    assert from_table(table("optimizer.learning_rate=1"), "a.toml").optimizer.learning_rate == 1.0


def test_a_repeated_layer_skips_the_residual_where_widths_differ():
    preset, _ = load_preset(table("layers.0.residual=true"), "a.toml")
    assert [layer.residual for layer in preset.layers] == [False, True, False]
    preset, _ = load_preset(table("layers.0.residual=true", "layers.0.units=2"), "a.toml")
    assert [layer.residual for layer in preset.layers] == [True, True, False]


def test_explicit_weights_of_a_repeated_layer_have_to_fit_each_copy():
    square = "layers.0.weights=[[1, 2], [3, 4]]"
    preset, _ = load_preset(table(square, "layers.0.units=2"), "a.toml")
    assert preset.layers[1].weights == ((1, 2), (3, 4))
    assert "3 number(s)" in message("layers.0.weights=[[1, 2], [3, 4], [5, 6]]")


def test_settings_take_toml_bare_words_and_dotted_paths():
    changed = table(
        "optimizer.learning_rate=0.5",
        "layers.1.activation=tanh",
        "view.spotlight=W1[1,2]",
        'title="two words"',
        "seed=0x10",
    )
    assert changed["optimizer"] == {"learning_rate": 0.5}
    assert changed["layers"][1]["activation"] == "tanh"
    assert changed["view"]["spotlight"] == "W1[1,2]"
    assert (changed["title"], changed["seed"]) == ("two words", 16)
    assert apply_setting(table(), "data.inputs.0.1=9")["data"]["inputs"] == [[0.5, 9], [1, 2]]


@pytest.mark.parametrize(
    ("setting", "part"),
    [
        ("seed", "KEY=VALUE"),
        ("=3", "KEY=VALUE"),
        ("seed=", "TOML value"),
        ("seed=1\ntitle=2", "TOML value"),
        ("title=two words", "TOML value"),
        ("seed=[1", "TOML value"),
        ("a..b=1", "single dots"),
        ("title.x=1", 'title is "Small"'),
        (
            "layers.2.units=1",
            "layers.0 is the first [[layers]] table as written, before repeat, and there is layers.0 to layers.1",
        ),
        ("layers.-1.units=1", "no layers.-1"),
        ("layers.first.units=1", "no layers.first"),
        ("data.inputs.5=[1]", "data.inputs.0 to data.inputs.1"),
    ],
)
def test_settings_that_cannot_be(setting, part):
    with pytest.raises(PresetError) as caught:
        apply_setting(table(), setting)
    assert part in str(caught.value)
    assert str(caught.value).startswith("--set ")


def test_changes_leave_their_input_alone():
    before = table()
    kept = copy.deepcopy(before)
    apply_setting(before, "layers.0.units=9")
    changed = apply_changes(before, {"layers.0.activation": "tanh", "data.targets": [[0.0]]})
    changed["data"]["targets"][0][0] = 5
    assert before == kept
    assert changed["layers"][0]["activation"] == "tanh"


def test_a_variant_is_the_preset_with_its_changes_and_no_variants():
    variant = VariantPreset(name="wide", set={"layers.0.units": 7})
    changed = with_variant({**table(), "variants": [{"name": "wide", "set": {}}]}, variant)
    assert changed == table("layers.0.units=7")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)
    )
)
def test_no_value_anywhere_makes_anything_but_a_preset_error(value):
    lines = []
    for path in (
        "title",
        "data.inputs",
        "layers.0.units",
        "optimizer.learning_rate",
        "training.stop",
        "variants",
        "tags",
    ):
        try:
            load_preset(apply_changes(table(), {path: value}), "a.toml")
        except PresetError as problem:
            lines.append(str(problem).count("\n"))
    assert not any(lines)


def test_parse_names_file_and_line():
    with pytest.raises(PresetError, match=r"a\.toml: not valid TOML: .*line 2"):
        parse("seed = 1\nseed = ", "a.toml")


def test_read_file(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(TEXT)
    assert read_file(path) == (TEXT, tomllib.loads(TEXT))
    path.write_bytes(b'title = "\xff"')
    with pytest.raises(PresetError, match=r"small\.toml: expected a TOML file in UTF-8.* 9"):
        read_file(path)
    with pytest.raises(PresetError, match="folder"):
        read_file(tmp_path)
    with pytest.raises(PresetError, match="no such file"):
        read_file(tmp_path / "none.toml")
    with pytest.raises(PresetError, match="cannot be read"):
        read_file(path / "below")


def test_parameter_names():
    layers = from_table(table(), "a.toml").layers
    weight = parameter_name("W2[3, 1]", layers, 2)
    assert (weight.symbol, weight.layer, weight.row, weight.column, str(weight)) == ("W", 2, 3, 1, "W2[3,1]")
    assert str(parameter_name("b3[1]", layers, 2)) == "b3[1]"


@pytest.mark.parametrize("name", presets.names())
def test_built_in_presets_load_and_explain_themselves(name):
    folder = presets.folder()
    preset, dataset = load_preset(parse(presets.text(name), name), name, folder, id=name)
    paragraphs = preset.lesson.strip().split("\n\n")
    # A tour is eight chapters, by-hand eleven steps; a mistake to be found has a question, a hint and an answer.
    assert 3 <= len(paragraphs) <= 8 or {"tour", "verify", "by hand"} & set(preset.tags)
    assert preset.summary
    assert preset.tags
    assert dataset.size > 0
    table = parse(presets.text(name), name)
    assert all(load_preset(with_variant(table, variant), name, folder) for variant in preset.variants)


def test_first_steps_is_the_network_of_the_article():
    preset, dataset = load_preset(parse(presets.text("first-steps"), "first-steps"), "first-steps")
    assert dataset.inputs.T.tolist() == [[0.5, 0.8]]
    hidden = 1 / (1 + np.exp(-(np.array(preset.layers[0].weights) @ [0.5, 0.8] + preset.layers[0].biases)))
    output = 1 / (1 + np.exp(-(np.array(preset.layers[1].weights) @ hidden + preset.layers[1].biases)))
    assert 0.5 * (output[0] - 1) ** 2 == pytest.approx(0.02705812864623804)
    assert (preset.loss.kind, preset.optimizer.learning_rate) == ("half_squared_error", 0.5)
