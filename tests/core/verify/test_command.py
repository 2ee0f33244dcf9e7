"""The command `verify`: its document, its text and its exit status."""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import backprop_tui
from backprop_tui.tui import cli
from backprop_tui.tui.app import AppRequest

from .catalogue import IDS
from .handed_in import COLUMNS, ROWS, TORCH, write
from .handed_steps import EXERCISES
from .network import Mistake
from .verdict import ids, verdict

KEYS = {"passed", "layout", "conventions", "inferred", "quantities", "first_wrong", "mistakes"}
Say = pytest.CaptureFixture[str]


def hand_in(folder: Path, key: str, *mistakes: Mistake, suffix: str = ".npz") -> str:
    return str(write(EXERCISES[key].handed_in(mistakes), folder / f"mine{suffix}"))


def document(arguments: list[str], said: Say) -> tuple[int, dict[str, Any]]:
    """The exit status, and the one JSON document that is all of standard output."""
    status = cli.main(["verify", *arguments, "--json"])
    out, err = said.readouterr()
    assert err == ""
    return status, json.loads(out, parse_constant=pytest.fail)


@pytest.mark.parametrize("suffix", [".npz", ".json"])
@pytest.mark.parametrize("key", ["relu classes", "two classes", "square"])
def test_a_right_step_exits_with_0(key: str, suffix: str, tmp_path: Path, capsys: Say):
    status, said = document([hand_in(tmp_path, key, suffix=suffix)], capsys)
    layout = EXERCISES[key].layout
    assert status == 0
    assert set(said) >= KEYS
    assert said["passed"] is True
    assert said["first_wrong"] is None
    assert said["mistakes"] == []
    assert said["layout"] == {"examples": layout.examples, "weights": layout.weights}
    assert all(quantity["passed"] and quantity["relative_error"] < 1e-9 for quantity in said["quantities"])


def test_the_quantities_stand_in_the_order_in_which_a_step_computes_them(tmp_path: Path, capsys: Say):
    _, said = document([hand_in(tmp_path, "tanh regression")], capsys)
    names = [quantity["name"] for quantity in said["quantities"] if not quantity["name"].endswith("_new")]
    forward, backward = ["Z1", "A1", "Z2", "A2", "loss"], ["dA2", "dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1"]
    assert names == forward + backward
    new = {quantity["name"] for quantity in said["quantities"]} - set(names)
    assert new == {"W1_new", "b1_new", "W2_new", "b2_new"}
    assert {quantity["name"] for quantity in said["quantities"][-4:]} == new


def test_a_mistake_exits_with_1_and_is_explained(tmp_path: Path, capsys: Say):
    path = hand_in(tmp_path, "sigmoid classes", Mistake("missing_activation_derivative", 1))
    status, said = document([path], capsys)
    assert status == 1
    assert said["passed"] is False
    assert said["first_wrong"]["quantity"] == "dZ1"
    assert said["first_wrong"]["layer"] == 1
    assert isinstance(said["first_wrong"]["op"], str)
    mistake = said["mistakes"][0]
    assert set(mistake) >= {"id", "layer", "text", "explains", "relative_error"}
    assert (mistake["id"], mistake["layer"]) == ("missing_activation_derivative", 1)
    assert mistake["text"].strip()
    assert {"dZ1"} <= set(mistake["explains"]) <= {"dZ1", "dW1", "db1", "W1_new", "b1_new"}
    assert mistake["relative_error"] < 1e-9
    assert {one["id"] for one in said["mistakes"]} <= set(IDS)
    wrong = {quantity["name"] for quantity in said["quantities"] if not quantity["passed"]}
    assert "dZ1" in wrong
    assert not wrong & {"Z1", "A1", "Z2", "A2", "loss", "dZ2", "dW2", "db2", "dA1", "W2_new", "b2_new"}


def test_the_text_says_what_is_wrong_and_the_exit_status_too(tmp_path: Path, capsys: Say):
    path = hand_in(tmp_path, "sigmoid classes", Mistake("bias_gradient_zero", 2))
    assert cli.main(["verify", path]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert "db2" in out or "db⁽²⁾" in out
    assert "\x1b" not in out


def test_python_says_what_the_command_says(tmp_path: Path, capsys: Say):
    made = [Mistake("double_mean"), Mistake("gradient_ascent")]
    path = hand_in(tmp_path, "relu classes", *made)
    _, said = document([path], capsys)
    report = verdict(EXERCISES["relu classes"].handed_in(made))
    assert ids(report) == [one["id"] for one in said["mistakes"]]
    assert report.first_wrong.quantity == said["first_wrong"]["quantity"]
    assert report.first_wrong.layer == said["first_wrong"]["layer"]
    from_file = backprop_tui.verify(path)
    assert str(from_file) == str(backprop_tui.verify(Path(path)))
    cli.main(["verify", path])
    assert capsys.readouterr().out.strip() == str(from_file).strip()


def test_more_settings_are_options_of_the_command(tmp_path: Path, capsys: Say):
    exercise = EXERCISES["ridge"]
    four = COLUMNS.with_settings("activations", "loss_kind", "optimizer", "learning_rate")
    path = str(write(exercise.laid_out(four).handed_in(), tmp_path / "mine.npz"))
    assert document([path, "--set", "optimizer.l2=0.3"], capsys)[0] == 0
    status, said = document([path, "--set", "optimizer.l2=0.6"], capsys)
    assert status == 1
    assert said["mistakes"][0]["id"] == "penalty_factor"


@pytest.mark.parametrize(
    "words", [["FILE", "--activations", "tanh,identity"], ["--activations", "tanh", "identity", "FILE"]]
)
def test_activations_are_words_between_commas_or_spaces(tmp_path: Path, capsys: Say, words: list[str]):
    bare = EXERCISES["tanh regression"].laid_out(COLUMNS.with_settings().with_only("dW", "db"))
    path = str(write(bare.handed_in(), tmp_path / "mine.npz"))
    status, said = document([path if word == "FILE" else word for word in words], capsys)
    assert status == 0
    assert "activations" not in said["inferred"]


def test_huge_numbers_are_no_warning_and_an_infinite_rate_is_named(tmp_path: Path, capsys: Say):
    step = {"X": [[1e308, 1e308]], "Y": [[1]], "W1": [[1e308, 1e308]], "b1": [0], "dW1": [[1, 2]]}
    (tmp_path / "huge.json").write_text(json.dumps(step))
    assert cli.main(["verify", str(tmp_path / "huge.json")]) == 1
    assert capsys.readouterr().err == ""
    assert cli.main(["verify", str(tmp_path / "huge.json"), "--set", "optimizer.learning_rate=1e999"]) == 2
    assert "optimizer.learning_rate" in capsys.readouterr().err


def test_conventions_are_said(tmp_path: Path, capsys: Say):
    """A dZ that carries 1/m, and settings that were found out."""
    _, plain = document([hand_in(tmp_path, "tanh regression")], capsys)
    _, early = document([hand_in(tmp_path, "relu classes")], capsys)
    assert set(early["conventions"]) - set(plain["conventions"])
    bare = EXERCISES["sigmoid classes"].laid_out(ROWS.with_settings().with_only("Z", "A", "dW", "db", "loss"))
    _, found = document([str(write(bare.handed_in(), tmp_path / "mine.npz"))], capsys)
    assert found["inferred"]
    assert "sigmoid" in json.dumps(found["inferred"])
    assert "cross_entropy" in json.dumps(found["inferred"])


def test_what_the_numbers_leave_open_is_supposed_and_not_found_out(tmp_path: Path, capsys: Say):
    """Z of the first layer tells nothing of any activation; A of both layers tells them, and not the loss."""
    step = {"X": [[1, 2]], "Y": [[1]], "W1": [[1, 2], [3, 4]], "W2": [[1, -0.2]], "Z1": [[5, 11]]}
    step |= {"A1": [[float(np.tanh(5)), float(np.tanh(11))]]}
    step |= {"A2": [[1 / (1 + float(np.exp(0.2 * np.tanh(11) - np.tanh(5))))]]}
    for names, open_ones in ((("Z1",), ["activations", "loss_kind"]), (("A1", "A2"), ["loss_kind"])):
        handed = {name: step[name] for name in ("X", "Y", "W1", "W2", *names)}
        (tmp_path / "mine.json").write_text(json.dumps(handed))
        assert cli.main(["verify", str(tmp_path / "mine.json")]) == 0
        out = capsys.readouterr().out
        assert [line.split()[1] for line in out.splitlines() if line.startswith("  supposed")] == open_ones
        assert ("found out   activations = tanh sigmoid" in out) == ("activations" not in open_ones)


def test_names_that_others_use_are_listed(tmp_path: Path, capsys: Say):
    exercise = EXERCISES["two classes"]
    handed = exercise.laid_out(TORCH.with_names("connected")).handed_in()
    assert cli.main(["verify", str(write(handed, tmp_path / "mine.npz"))]) == 0
    out = capsys.readouterr().out
    assert "fc1.weight" in out


def test_a_preset_may_give_the_settings(tmp_path: Path, capsys: Say):
    exercise = EXERCISES["adam others"]
    preset = tmp_path / "mine.toml"
    preset.write_text(
        """
title = "Mine"
[data]
kind = "inline"
inputs = [[0, 0, 0, 0, 0], [1, 1, 1, 1, 1]]
targets = [[0, 1], [1, 0]]
[[layers]]
units = 4
activation = "silu"
[[layers]]
units = 2
activation = "sigmoid"
[optimizer]
kind = "adam"
learning_rate = 0.01
beta1 = 0.8
beta2 = 0.99
epsilon = 1e-4
"""
    )
    layout = exercise.layout.with_settings()
    for made, status in (((), 0), ((Mistake("adam_without_bias_correction"),), 1)):
        path = write(exercise.laid_out(layout).handed_in(made), tmp_path / "mine.npz")
        code, said = document([str(path), "--preset", str(preset)], capsys)
        assert code == status
        assert [one["id"] for one in said["mistakes"]][:1] == [mistake.id for mistake in made]


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the app is opened with, behind a terminal; it is left with ctrl+c."""
    opened: list[tuple[Any, ...]] = []

    def run_app(*arguments: Any) -> int:
        opened.append(arguments)
        return 130

    module = ModuleType("backprop_tui.tui.start")
    vars(module).update(run_app=run_app)
    monkeypatch.setitem(sys.modules, "backprop_tui.tui.start", module)
    monkeypatch.setattr(cli, "lacking", lambda: "")
    return opened


def test_the_app_opens_on_the_step_and_its_status_is_the_commands(
    app: list[tuple[Any, ...]], tmp_path: Path, capsys: Say
):
    path = hand_in(tmp_path, "sigmoid classes", Mistake("missing_activation_derivative", 1))
    assert cli.main(["verify", path, "--app", "--ascii", "--set", "optimizer.l2=0"]) == 130
    ((request, session, handed_in),) = app
    assert request == AppRequest(None, (), None, None, True, config=request.config)
    assert session.count == handed_in.first.place + 1
    assert session.preset.optimizer.learning_rate == 0.5
    assert capsys.readouterr() == ("", "")


def test_a_document_and_the_app_are_not_asked_for_at_once(app: list[tuple[Any, ...]], tmp_path: Path, capsys: Say):
    assert cli.main(["verify", hand_in(tmp_path, "square"), "--app", "--json"]) == 2
    out, err = capsys.readouterr()
    assert not app
    assert out == ""
    assert "--json" in err
    assert err.count("\n") == 1


def test_the_app_needs_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Say):
    monkeypatch.setattr(cli, "lacking", lambda: "the app needs a terminal")
    assert cli.main(["verify", hand_in(tmp_path, "square"), "--app"]) == 2
    assert capsys.readouterr() == ("", "backprop-tui: the app needs a terminal\n")
