"""The command line where all is well: what each command prints, and its exit status."""

import json
import re
import tomllib
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui import __version__, presets
from backprop_tui.core.network.activations import ACTIVATIONS
from backprop_tui.core.preset.toml_text import toml_text
from backprop_tui.core.session.session import Session
from backprop_tui.tui import cli
from backprop_tui.tui.command_line.loading import entry, gallery, load
from backprop_tui.tui.drawing.shape import shape_text

from .small_preset import PRESET


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


def test_list_has_a_line_for_every_preset_where_something_else_reads_it(run, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    result = run("list")
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert [line.split()[0] for line in lines] == presets.names()
    told = list(zip(lines, gallery(), strict=True))
    assert all(line.endswith(one.title) for line, one in told)
    for column in ("shape", "title"):
        places = {line.index(f" {getattr(one, column)}") for line, one in told}
        assert len(places) == 1


@pytest.mark.parametrize("width", ["20", "50", "66", "80", "131", "132", "200"])
def test_list_is_a_table_that_fits_the_screen_and_cuts_nothing(run, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    out = run("list").out
    lines = out.splitlines()
    assert max(map(len, lines)) <= max(24, int(width))
    entries = gallery()
    assert [line.split()[0] for line in lines if not line.startswith(" ")][-len(entries) :] == presets.names()
    words = {word.rstrip(":") for word in out.split()}
    for one in entries:
        told = f"{one.id} {one.title} {one.shape} {one.summary if int(width) > 131 else ''}"
        assert {word.rstrip(":") for word in told.split()} <= words
    assert lines[0].startswith("preset  ") == (int(width) >= 66)


def test_list_json_has_the_four_keys(run):
    document = strict(run("list", "--json").out)
    assert [item["id"] for item in document] == presets.names()
    assert all(list(item) == ["id", "title", "summary", "tags"] for item in document)


@pytest.mark.parametrize("name", presets.names())
def test_the_shape_of_the_gallery_is_that_of_the_network(name):
    preset, data = load(name)
    found = shape_text(len(data.inputs), [x.units for x in preset.layers], [x.activation for x in preset.layers])
    assert entry(name).shape == found


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
    if start := tomllib.loads(shown).get("training", {}).get("start"):
        # What a preset starts from stands beside it.
        (tmp_path / start).write_bytes((presets.folder() / start).read_bytes())
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
        "preset", "steps", "epochs", "loss", "test_loss", "accuracy", "test_accuracy", "measures",
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
    labels = [label for line in lines[3:] if (label := line[:16].strip())]
    assert labels == [
        "stopped by", "loss", "test loss", "accuracy", "test accuracy", "constant", "confusion",
        "test constant", "test confusion", "gradient norms", "speed",
    ]  # fmt: skip


def test_train_says_the_same_in_text_and_in_json(run):
    document = strict(run("train", "xor", "--steps", "7", "--json").out)
    text = run("train", "xor", "--steps", "7").out
    assert f"{document['loss']['first']:.6g} → {document['loss']['last']:.6g}" in text
    assert f"(best {document['loss']['best']:.6g})" in text


@pytest.mark.parametrize(
    ("rate", "loss", "fault"),
    [
        ("1e200", "inf", "ℒ is not finite: loss · step 2"),
        # The change itself is none, and is not applied.
        ("1e308", 3.61, "ΔW⁽¹⁾ is not finite: update · layer 1 · step 1"),
    ],
)
def test_train_that_becomes_not_finite_is_1(run, rate, loss, fault):
    result = run("train", "linear-neuron", "--set", f"optimizer.learning_rate={rate}", "--steps", "9", "--json")
    assert result.status == 1
    document = strict(result.out)
    assert document["stopped_by"] == "not_finite"
    assert document["loss"]["last"] == (loss if isinstance(loss, str) else pytest.approx(loss))
    assert result.err.startswith(f"backprop-tui: training became non-finite: {fault}")
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("step", [1, 2, 40])
@pytest.mark.parametrize("command", ["explain", "check"])
def test_a_step_behind_the_one_where_training_halts_is_said_to_be(run, command, step):
    """In the words of `train`; what was asked for is answered all the same."""
    settings = ("plane", "--set", "optimizer.learning_rate=1e308")
    trained = run("train", *settings).err
    assert "ΔW⁽¹⁾ is not finite: update · layer 1 · step 1" in trained
    result = run(command, *settings, "--step", str(step))
    assert result.out
    # The gradient of step 1 is right, and comes before its update.
    expected = "" if (command, step) == ("check", 1) else trained.partition(";")[0].rstrip() + "\n"
    assert result.err == expected
    assert result.status == (1 if command == "check" and step > 1 else 0)


def test_a_loss_that_is_not_finite_after_the_last_step_is_no_parameters_fault(run):
    result = run("train", "linear-neuron", "--set", "optimizer.learning_rate=1e200", "--steps", "1")
    assert result.status == 1
    assert "the loss of the training set after step 1" in result.err


def test_explain_prints_the_worked_solution(run):
    text = run("explain", "linear-neuron").out
    assert "dW⁽¹⁾₁,₁ = dZ⁽¹⁾₁,₁ · X₁,₁ = −3.8 · 2.1 = −7.98" in text
    document = strict(run("explain", "linear-neuron", "--step", "2", "--format", "json").out)
    assert (document["step"], document["preset"]) == (2, "linear-neuron")


def test_explain_puts_the_spotlight_on_a_weight(run):
    assert "dW⁽¹⁾₇,₃₀ =" in run("explain", "digits-8x8", "--weight", "W1[7,30]").out
    assert "dW⁽¹⁾₇,₃₀ =" not in run("explain", "digits-8x8").out


def test_explain_derives_one_weight_in_every_format(run):
    argv = ["explain", "first-steps", "--weight", "b1[2]"]
    assert "  new b⁽¹⁾₂ = b⁽¹⁾₂ + Δb⁽¹⁾₂ = 0.35 + 0.00230948565 = 0.352309486\n" in run(*argv).out
    assert "= 0.35 + 0.00230948565 = 0.352309486$" in run(*argv, "--format", "markdown").out
    assert "= 0.35 + 0.00230948565 = 0.352309486\n" in run(*argv, "--format", "latex").out
    document = strict(run(*argv, "--format", "json").out)
    assert document["weight"]["name"] == "b1[2]"
    assert document["weight"]["lines"][-3]["value"] == document["update"][0]["b"][1]
    assert "weight" not in strict(run("explain", "first-steps", "--format", "json").out)


def test_explain_as_latex_is_a_document_and_as_markdown_has_headings(run):
    latex = run("explain", "by-hand", "--step", "2", "--format", "latex").out
    assert latex.startswith("\\documentclass")
    assert latex.endswith("\\end{document}\n")
    markdown = run("explain", "by-hand", "--step", "2", "--format", "markdown").out
    headings = [line for line in markdown.splitlines() if re.match("##? ", line)]
    assert headings == [
        "# By hand: a 3-4-2-3 network with softmax",
        *("## Given", "## Forward pass", "## Loss", "## Backward pass", "## Update"),
        "## After the update, the same batch again",
    ]
    assert "Step 2, epoch 2" in markdown


def test_a_worksheet_for_each_student(run):
    argv = ["explain", "first-steps", "--worksheet"]
    own, first, again, second = (run(*argv, *seed).out for seed in ([], ["--seed", "1"], ["--seed", "1"], ["--seed=2"]))
    for sheet in (own, first, second):
        exercise, key = sheet.split("\nAnswers\n=======\n")
        assert exercise.count("______") > 50
        assert "______" not in key
    assert "  W⁽¹⁾ = [ 0.15  0.25 ]\n" in own
    assert first == again
    assert len({own, first, second}) == 3
    assert "  W⁽¹⁾ = [ 0.15  0.25 ]\n" in run("explain", "first-steps", "--seed", "1").out


def test_check_compares_gradients(run):
    result = run("check", "first-steps")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("Gradient check: passed\n")
    document = strict(run("check", "xor", "--step", "3", "--json").out)
    assert list(document) == ["passed", "checked", "of", "worst", "parameters", "kinks"]
    assert document["passed"] is True
    assert [parameter["name"] for parameter in document["parameters"]] == ["W1", "b1", "W2", "b2"]
    first = strict(run("check", "xor", "--json").out)
    assert first["worst"] != document["worst"]


def test_check_of_a_step_is_of_its_own_gradient(run):
    backward = strict(run("explain", "linear-neuron", "--step", "2", "--format", "json").out)["backward"][0]
    worst = strict(run("check", "linear-neuron", "--step", "2", "--json").out)["worst"]
    gradients = {"W1": backward["dW"][0][0], "b1": backward["db"][0]}
    assert worst["analytic"] == gradients[worst["parameter"]]


def test_a_check_that_fails_is_1(run, monkeypatch):
    broken = replace(ACTIVATIONS["tanh"], write_derivative=lambda builder, z, a, d: (partial(np.square, a, d),))
    monkeypatch.setitem(ACTIVATIONS, "tanh", broken)
    result = run("check", "xor", "--json")
    assert (result.status, result.err) == (1, "")
    document = strict(result.out)
    assert document["passed"] is False
    assert {p["name"]: p["passed"] for p in document["parameters"]} == {
        "W1": False, "b1": False, "W2": True, "b2": True
    }  # fmt: skip


def test_estimate_measures_four_methods(run):
    document = strict(run("estimate", "first-steps", "--budget", "200", "--json").out)
    names = ["backpropagation", "numerical_gradient", "evolution_strategies", "random_search"]
    assert document["budget"] == 200
    assert [method["name"] for method in document["methods"]] == names
    keys = ["name", "forward_passes", "seconds", "loss", "cosine", "cached_bytes"]
    assert all(list(method) == keys for method in document["methods"])
    assert strict(run("estimate", "linear-neuron", "--json").out)["budget"] == 1000
    result = run("estimate", "first-steps", "--budget", "50")
    assert (result.status, result.err) == (0, "")
    assert "random search" in result.out


def test_ascii_is_ascii(run):
    for argv in (["list"], ["train", "xor", "--steps", "2"], ["explain", "linear-neuron"], ["check", "linear-neuron"]):
        assert not run(*argv).out.isascii()
        plain = run(*argv, "--ascii").out
        assert plain.isascii()
        assert len(plain.splitlines()) == len(run(*argv).out.splitlines())


def test_help_and_messages_are_ascii_too_where_that_is_asked_for_and_only_there(run):
    for argv in (
        ["--help"],
        ["sweep", "--help"],
        ["nosuchβ"],
        ["train", "xor", "--setβ"],
        ["show", "three" + "ℒ" * 900],
    ):
        said = run(*argv)
        plain = run(*argv, "--ascii")
        assert plain.status == said.status
        assert not (said.out + said.err).isascii()
        assert (plain.out + plain.err).isascii()
        assert run(*argv) == said


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
        ["check", "--help"],
        ["estimate", "--help"],
    ):
        result = run(*argv)
        assert (result.status, result.err) == (0, "")
        assert result.out.startswith("usage: backprop-tui")
    for word in ("W2[1,3]", "latex", "--worksheet"):
        assert word in run("explain", "--help").out


def test_training_says_how_many_weights_met_how_many_examples_a_second(run):
    out = run("train", "digits-8x8", "--steps", "3").out
    line = next(line for line in out.splitlines() if line.startswith("speed"))
    found = re.search(r"([\d,]+) steps/s: ([\d,]+) weights × (\d+) examples each, ([\d.]+)([kMG]?) a second", line)
    assert found
    rate, weights, examples = (float(text.replace(",", "")) for text in found.groups()[:3])
    preset, dataset = load("digits-8x8")
    session = Session(preset, dataset)
    assert weights == sum(layer.units * layer.inputs for layer in session.trainer.layers)
    assert examples == session.trainer.batch_size
    told = float(found[4]) * {"": 1, "k": 1e3, "M": 1e6, "G": 1e9}[found[5]]
    # The rate is told in whole steps.
    assert told == pytest.approx(rate * weights * examples, rel=0.06 + 1 / max(rate, 1))


@pytest.mark.parametrize("name", presets.names())
def test_a_copy_of_a_preset_is_the_same_run_in_any_folder(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["show", name]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    (tmp_path / "mine.toml").write_text(out, encoding="utf-8")
    copy, own = Session(*load(str(tmp_path / "mine.toml"))), Session(*load(name))
    copy.seek(copy.timeline.finish_of(1))
    own.seek(own.timeline.finish_of(1))
    assert np.array_equal(copy.trainer.state.vectors, own.trainer.state.vectors)


def test_what_a_copy_starts_from_is_told_and_a_file_beside_it_comes_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "mine.toml"
    copy.write_text(presets.text("three-or-eight"), encoding="utf-8")
    assert cli.main(["train", str(copy), "--steps", "1", "--json"]) == 0
    out, err = capsys.readouterr()
    assert "three-or-eight.npz is not beside the preset: it starts from the one that the program has" in err
    assert json.loads(out)["loss"]["first"] == pytest.approx(3.710924, abs=1e-6)
    (tmp_path / "three-or-eight.npz").write_bytes(b"no archive")
    assert cli.main(["train", str(copy), "--steps", "1"]) == 2
    assert "three-or-eight.npz: expected a NumPy archive (.npz), found a damaged" in capsys.readouterr().err


def test_of_other_files_that_are_missing_none_is_made_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "mine.toml"
    text = presets.text("three-or-eight")
    for name in ("three.npz", "other/three-or-eight.npz", "../presets/three-or-eight.npz"):
        copy.write_text(text.replace("three-or-eight.npz", name), encoding="utf-8")
        assert cli.main(["train", str(copy), "--steps", "1"]) == 2
        assert "there is no such file" in capsys.readouterr().err
