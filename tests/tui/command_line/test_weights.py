"""Weights on the command line: what `train --save` keeps, `training.start` goes on from."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from backprop_tui.core.preset.start_file import PLACES
from backprop_tui.tui.cli import main

from .said import said

NORMED = ("--set", "layers.0.batch_norm=true", "--set", "layers.0.dropout=0.2", "--set", "optimizer.kind=adam")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def outcome(document: str) -> dict[str, object]:
    """What a part of a run has in common with the whole: where it ends, not where it began or how fast it was."""
    found = json.loads(document)
    return {name: found[name] for name in ("parameters", "accuracy", "test_loss", "test_accuracy")} | {
        "loss": found["loss"]["last"],
        "norms": found["gradient_norms"]["last"],
    }


def test_forty_steps_and_thirty_five_are_seventy_five(capsys: pytest.CaptureFixture[str]) -> None:
    whole = outcome(said(capsys, "train", "moons", *NORMED, "--steps", 75, "--json"))
    said(capsys, "train", "moons", *NORMED, "--steps", 40, "--save", "kept.npz")
    start = ("--set", "training.start=kept.npz")
    assert outcome(said(capsys, "train", "moons", *NORMED, *start, "--steps", 35, "--json")) == whole


def test_what_is_saved_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert "saved           kept.npz" in said(capsys, "train", "moons", "--steps", 3, "--save", "kept.npz")
    arrays = np.load("kept.npz", allow_pickle=False)
    parameters = ["W1", "W2", "b1", "b2"]
    moments = [f"{moment}_{name}" for moment in "mv" for name in parameters]
    assert sorted(arrays) == sorted([*parameters, *moments, *PLACES])
    assert (int(arrays["step"]), str(arrays["optimizer"])) == (3, "adam")
    out = said(capsys, "train", "moons", "--steps", 3, "--save", "theirs.npz", "--format", "torch")
    assert "nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1), nn.Sigmoid())" in out
    assert list(np.load("theirs.npz")) == ["0.weight", "0.bias", "2.weight", "2.bias"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--save", "there.npz"],
            "--save replaces weights alone, and there.npz is there already and holds something else",
        ),
        (["--save", "weights.pt"], "expected a name that ends in .npz, found weights.pt"),
        (["--save", "no/kept.npz"], "which is no folder"),
        (["--format", "torch"], "add --save FILE.npz"),
        (["--save", "kept.npz", "--format", "torch", "--set", "layers.0.residual=true"], "layer 2 is residual"),
        (["--set", "training.start=there.npz"], "expected a NumPy archive"),
        (["--set", "training.start=nowhere.npz"], "there is no such file"),
    ],
)
def test_what_cannot_be_is_one_line(capsys: pytest.CaptureFixture[str], options: list[str], message: str) -> None:
    Path("there.npz").write_text("mine")
    assert message in said(capsys, "train", "spiral", "--steps", 1, *options, status=2)
    assert Path("there.npz").read_text() == "mine"
    assert sorted(path.name for path in Path().iterdir()) == ["there.npz"]


@pytest.mark.parametrize("style", ["own", "torch"])
def test_weights_that_are_there_are_replaced(capsys: pytest.CaptureFixture[str], style: str) -> None:
    saved = ("--save", "kept.npz", "--format", style)
    said(capsys, "train", "moons", "--steps", 5, *saved)
    before = Path("kept.npz").read_bytes()
    # What a run starts from may be where its weights go.
    out = said(capsys, "train", "moons", "--steps", 5, "--set", "training.start=kept.npz", *saved)
    assert "kept.npz, in place of what was there" in out
    assert Path("kept.npz").read_bytes() != before
    assert [path.name for path in Path().iterdir()] == ["kept.npz"]
    if style == "own":
        assert int(np.load("kept.npz")["step"]) == 10


def test_other_arrays_are_not_replaced_by_weights(capsys: pytest.CaptureFixture[str]) -> None:
    np.savez("mine.npz", W1=np.zeros((2, 2)), X=np.zeros((3, 2)))
    assert "holds something else" in said(capsys, "train", "xor", "--steps", 1, "--save", "mine.npz", status=2)
    assert sorted(np.load("mine.npz")) == ["W1", "X"]


def test_what_is_no_regular_file_is_not_even_looked_into(capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo("pipe.npz")
    os.symlink("pipe.npz", "link.npz")
    os.symlink("nowhere.npz", "broken.npz")
    for name in ("pipe.npz", "link.npz", "broken.npz"):
        assert "holds something else" in said(capsys, "train", "xor", "--steps", 1, "--save", name, status=2)


def test_of_a_run_that_is_lost_the_last_whole_step_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    lost = ("plane", "--set", "optimizer.learning_rate=1e300", "--steps", 9)
    steps = json.loads(said(capsys, "train", *lost, "--json", status=1))["steps"]
    said(capsys, "train", *lost, "--save", "kept.npz", status=1)
    arrays = np.load("kept.npz")
    assert int(arrays["step"]) == steps
    assert all(np.isfinite(arrays[name]).all() for name in ("W1", "b1"))


def test_a_recorded_run_gives_its_weights(capsys: pytest.CaptureFixture[str]) -> None:
    whole = outcome(said(capsys, "train", "xor", "--steps", 60, "--json"))
    said(capsys, "train", "xor", "--steps", 40, "--record", "xor.backprop")
    said(capsys, "train", "xor.backprop", "--steps", 10, "--save", "kept.npz")
    start = ("--set", "training.start=kept.npz")
    assert outcome(said(capsys, "train", "xor", *start, "--steps", 10, "--json")) == whole


def test_a_run_that_goes_on_is_recorded_with_what_it_goes_on_from(capsys: pytest.CaptureFixture[str]) -> None:
    whole = outcome(said(capsys, "train", "moons", *NORMED, "--steps", 60, "--json"))
    said(capsys, "train", "moons", *NORMED, "--steps", 40, "--save", "kept.npz")
    start = ("--set", "training.start=kept.npz")
    said(capsys, "train", "moons", *NORMED, *start, "--steps", 13, "--record", "moons.backprop")
    Path("kept.npz").unlink()
    assert outcome(said(capsys, "train", "moons.backprop", "--steps", 7, "--json")) == whole


def test_variants_that_need_other_parameters_start_them_afresh_and_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "train", "vanishing", "--steps", 3, "--save", "kept.npz")
    start = ["compare", "vanishing", "--steps", "3", "--set", "training.start=kept.npz"]
    assert main(start) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.endswith('found none; training.start_missing = "afresh" starts afresh what does not fit')
    assert main([*start, "--set", "training.start_missing=afresh"]) == 0
    err = capsys.readouterr().err
    assert "batch norm: not in kept.npz, so started afresh: gamma1, beta1, gamma2" in err
    assert "20 layers: not in kept.npz, so started afresh: W10, b10" in err
