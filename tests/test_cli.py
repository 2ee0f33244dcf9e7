"""The command line where all is well: what each command prints, and its exit status."""

import json
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui import __version__, presets
from backprop_tui.core.toml_text import toml_text
from backprop_tui.tui import cli
from backprop_tui.tui.loading import gallery, load
from backprop_tui.tui.shape import shape_text

PRESET = """title = "Small"
[data]
kind = "inline"
inputs = [[0.5, 0.8], [1, 2]]
targets = [[1.0], [0.0]]
[[layers]]
units = 1
activation = "sigmoid"
"""


def refuse(literal: str) -> None:
    raise ValueError(f"{literal} is not strict JSON")


def strict(text: str):
    return json.loads(text, parse_constant=refuse)


@pytest.fixture
def run(capsys):
    """Runs a command line in this process; gives status, standard output and standard error."""

    def call(*argv: str):
        status = cli.main(list(argv))
        printed = capsys.readouterr()
        return SimpleNamespace(status=status, out=printed.out, err=printed.err)

    return call


def test_list_names_every_preset_with_its_shape(run):
    result = run("list")
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert [line.split()[0] for line in lines[::2]] == presets.names()
    assert any(line.startswith("vanishing") and line.endswith("2-16×9-1 sigmoid") for line in lines)
    assert len({line.index(entry.title) for line, entry in zip(lines[::2], gallery(), strict=True)}) == 1


def test_list_json_has_the_four_keys(run):
    document = strict(run("list", "--json").out)
    assert [item["id"] for item in document] == presets.names()
    assert all(list(item) == ["id", "title", "summary", "tags"] for item in document)


@pytest.mark.parametrize("name", presets.names())
def test_the_shape_of_the_gallery_is_that_of_the_network(name):
    preset, data = load(name)
    found = shape_text(len(data.inputs), [x.units for x in preset.layers], [x.activation for x in preset.layers])
    assert next(entry.shape for entry in gallery() if entry.id == name) == found


@pytest.mark.parametrize(
    ("inputs", "units", "activations", "text"),
    [
        (2, [8, 8, 1], ["tanh", "tanh", "sigmoid"], "2-8-8-1 tanh"),
        (2, [8, 8, 8, 8], ["tanh"] * 4, "2-8×3-8 tanh"),
        (None, [3], ["softmax"], "?-3 softmax"),
        (4, [5, 6, 1], ["relu", "tanh", "identity"], "4-5-6-1 relu/tanh"),
    ],
)
def test_shapes(inputs, units, activations, text):
    assert shape_text(inputs, units, activations) == text


@pytest.mark.parametrize("name", presets.names())
def test_show_prints_what_can_be_saved_and_opened(run, tmp_path, name):
    shown = run("show", name).out
    assert shown == presets.text(name)
    copy = tmp_path / "copy.toml"
    copy.write_text(shown, encoding="utf-8")
    assert run("show", str(copy)).out == shown
    assert load(str(copy))[0].layers == load(name)[0].layers


def test_show_prints_the_changes_asked_for(run, tmp_path):
    shown = run("show", "vanishing", "--seed", "7", "--set", "layers.0.units=5", "--set", "training.stop={steps=9}").out
    expected = tomllib.loads(presets.text("vanishing"))
    expected["seed"] = 7
    expected["layers"][0]["units"] = 5
    expected["training"]["stop"] = {"steps": 9}
    assert tomllib.loads(shown) == expected


toml_values = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), toml_values, max_size=4))
def test_any_table_reads_back_from_its_toml(table):
    assert tomllib.loads(toml_text(table)) == table


def test_train_json_is_the_contracts(run):
    result = run("train", "xor", "--steps", "5", "--json")
    assert result.status == 0
    document = strict(result.out)
    assert list(document) == [
        "preset", "steps", "epochs", "loss", "test_loss", "accuracy", "test_accuracy",
        "gradient_norms", "stopped_by", "steps_per_second", "parameters",
    ]  # fmt: skip
    assert (document["preset"], document["steps"], document["stopped_by"]) == ("xor", 5, "steps")
    assert [len(layer["W"]) for layer in document["parameters"]] == [8, 1]


def test_train_prints_a_few_lines(run):
    result = run("train", "spiral", "--steps", "30")
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == "Two spirals"
    assert lines[1].split() == ["network", "2-16-16-1", "tanh"]
    assert lines[2].split()[:2] == ["steps", "30"]
    labels = [line[:16].strip() for line in lines[3:]]
    assert labels == ["stopped by", "loss", "test loss", "accuracy", "test accuracy", "gradient norms", "", "", "speed"]


def test_train_says_the_same_in_text_and_in_json(run):
    document = strict(run("train", "xor", "--steps", "7", "--json").out)
    text = run("train", "xor", "--steps", "7").out
    assert f"{document['loss']['first']:.6g} → {document['loss']['last']:.6g}" in text
    assert f"(best {document['loss']['best']:.6g})" in text


@pytest.mark.parametrize("rate", ["1e200", "1e308"])
def test_train_that_becomes_not_finite_is_1(run, rate):
    result = run("train", "linear-neuron", "--set", f"optimizer.learning_rate={rate}", "--steps", "9", "--json")
    assert result.status == 1
    document = strict(result.out)
    assert document["stopped_by"] == "not_finite"
    assert document["loss"]["last"] in ("nan", "inf")
    assert result.err.startswith("backprop-tui: training became non-finite")
    assert result.err.count("\n") == 1


def test_explain_prints_the_worked_solution(run):
    text = run("explain", "linear-neuron").out
    assert "dW⁽¹⁾₁,₁ = dZ⁽¹⁾₁,₁ · X₁,₁ = −3.8 · 2.1 = −7.98" in text
    document = strict(run("explain", "linear-neuron", "--step", "2", "--format", "json").out)
    assert (document["step"], document["preset"]) == (2, "linear-neuron")


def test_explain_puts_the_spotlight_on_a_weight(run):
    assert "dW⁽¹⁾₇,₃₀₀ =" in run("explain", "digits", "--weight", "W1[7,300]").out
    assert "dW⁽¹⁾₇,₃₀₀ =" not in run("explain", "digits").out


def test_ascii_is_ascii(run):
    for argv in (["list"], ["train", "xor", "--steps", "2"], ["explain", "linear-neuron"]):
        assert not run(*argv).out.isascii()
        plain = run(*argv, "--ascii").out
        assert plain.isascii()
        assert len(plain.splitlines()) == len(run(*argv).out.splitlines())


def test_seed_redraws_data_and_weights():
    (_, first), (_, second) = load("spiral", seed=1), load("spiral", seed=2)
    assert (first.inputs != second.inputs).any()
    assert load("spiral", seed=5, settings=["seed=6"])[0].seed == 5


def test_options_stand_before_and_after_the_command(run):
    wanted = run(
        "explain", "xor", "--seed", "3", "--set", "layers.0.units=2", "--set", "layers.0.activation=sigmoid"
    ).out
    shared = ["--set", "layers.0.units=2", "--seed", "3"]
    assert run(*shared, "explain", "--set", "layers.0.activation=sigmoid", "xor").out == wanted
    assert run("explain", *shared, "xor", "--set=layers.0.activation=sigmoid").out == wanted


def test_a_preset_named_like_an_options_value_is_no_command(run):
    assert "steps           4 (4 epochs)" in run("--steps", "4", "train", "xor").out


def test_a_file_is_found_by_slash_ending_or_presence(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("mine.toml", "mine", "train"):
        Path(name).write_text(PRESET)
    for argument in ("mine.toml", "mine", "./train"):
        document = strict(run("train", argument, "--steps", "1", "--json").out)
        assert document["preset"] == Path(argument).stem


def test_version_and_help(run):
    assert run("--version").out == f"backprop-tui {__version__}\n"
    assert run("train", "--version").status == 0
    for argv in (
        ["--help"],
        ["-h"],
        ["list", "--help"],
        ["show", "--help"],
        ["train", "--help"],
        ["explain", "--help"],
    ):
        result = run(*argv)
        assert (result.status, result.err) == (0, "")
        assert result.out.startswith("usage: backprop-tui")
    assert "W2[1,3]" in run("explain", "--help").out
    assert "latex" not in run("explain", "--help").out
