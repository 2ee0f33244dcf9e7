"""Recordings on the command line: written by `train --record`, and taken wherever a preset is."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

import backprop_tui
from backprop_tui import presets
from backprop_tui.core.recording.writer import Writer
from backprop_tui.tui.cli import main

from .said import said


def trained(capsys: pytest.CaptureFixture[str], *argv: object) -> dict[str, object]:
    document: dict[str, object] = json.loads(said(capsys, "train", *argv, "--json"))
    del document["steps_per_second"]
    return document


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "xor.backprop"
    said(capsys, "train", "xor", "--steps", 120, "--record", path)
    return path


def test_training_goes_on_from_the_end(run: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    straight = trained(capsys, "xor", "--steps", 200)
    before = run.read_bytes()
    assert trained(capsys, run, "--steps", 80, "--record", tmp_path / "on.backprop") == straight
    assert run.read_bytes() == before
    assert trained(capsys, tmp_path / "on.backprop", "--steps", 30) == trained(capsys, "xor", "--steps", 230)


@pytest.mark.parametrize("step", [1, 77, 120, 150])
def test_steps_are_those_of_the_run(run: Path, capsys: pytest.CaptureFixture[str], step: int) -> None:
    for command in (["explain", "--format", "json"], ["check", "--json"]):
        name, *options = command
        mine, preset = (json.loads(said(capsys, name, of, "--step", step, *options)) for of in (run, "xor"))
        assert mine == preset


def test_a_recording_stands_for_its_preset(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "show", run).startswith('title = "XOR')
    mine, preset = (json.loads(said(capsys, "compare", of, "--steps", 20, "--json")) for of in (run, "xor"))
    assert [{**each, "name": "xor"} for each in mine["runs"][:1]] == preset["runs"][:1]


def test_what_cannot_be_is_one_line(run: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "is there already" in said(capsys, "train", "xor", "--record", run, status=2)
    assert "No such file" in said(capsys, "train", "xor", "--record", tmp_path / "no" / "a.backprop", status=2)
    assert "leave out --set and --seed" in said(capsys, "train", run, "--seed", 3, status=2)
    assert "there is no such file" in said(capsys, "train", tmp_path / "missing.backprop", status=2)
    (tmp_path / "text.backprop").write_text(presets.text("xor"))
    assert "another kind of file" in said(capsys, "explain", tmp_path / "text.backprop", status=2)
    with Writer.create(tmp_path / "mine.backprop", "arrays", {}) as writer:
        writer.keep(1, 0.0, {}, {"θ/W1": np.ones((1, 1))})
    for command in ("explain", "check"):
        assert "cannot be expressed" in said(capsys, command, tmp_path / "mine.backprop", status=2)
    for command in ("train", "show", "compare", "estimate"):
        assert "somebody's own training" in said(capsys, command, tmp_path / "mine.backprop", status=2)
    assert not list(tmp_path.glob("*.part"))


def test_a_recording_whose_kept_steps_are_damaged_is_refused_before_the_screen_is_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backprop_tui.tui.cli.prepare_terminal", lambda: pytest.fail("the screen is being opened"))
    path = tmp_path / "mine.backprop"
    with Writer.create(path, "arrays", {}) as writer:
        writer.keep(1, 0.0, {}, {"θ/W1": np.ones((1, 1))})
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE arrays SET data = 5")
    for plain in ([], ["--plain"]):
        assert said(capsys, path, *plain, status=2) == f"backprop-tui: {path}: is damaged\n"


def test_a_recording_that_cannot_go_on_does_not_end_the_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Writer) -> None:
        raise OSError(28, "cannot be written: disk full", str(self.path))

    monkeypatch.setattr("backprop_tui.core.recording.recorder.INTERVAL", 0.0)
    straight = trained(capsys, "xor", "--steps", 600)
    writes = Writer.write
    monkeypatch.setattr(Writer, "write", lambda self: full(self) if self.losses_known > 150 else writes(self))
    assert main(["train", "xor", "--steps", "600", "--json", "--record", str(tmp_path / "run.backprop")]) == 0
    out, err = capsys.readouterr()
    assert err == f"backprop-tui: {tmp_path / 'run.backprop'}: cannot be written: disk full; the recording ends here\n"
    assert {name: value for name, value in json.loads(out).items() if name != "steps_per_second"} == straight


@pytest.fixture
def crawling(tmp_path: Path) -> Path:
    """Somebody's own training: a line that is learned far too slowly."""
    path = tmp_path / "own.backprop"
    X = np.random.default_rng(0).normal(size=(32, 2))
    W1, Y = np.zeros((1, 2)) + 0.1, X @ [[1.0], [2.0]]
    with backprop_tui.watch(parameters={"W1": W1}, activations=["identity"], loss="mse", path=path, every=5) as run:
        for _ in range(200):
            error = X @ W1.T - Y
            gradient = 2 * error.T @ X / len(X)
            W1 -= 1e-6 * gradient
            run.step(float(np.mean(error**2)), gradients={"W1": gradient}, inputs=X, targets=Y)
    return path


def test_diagnose_tells_of_somebody_elses_training(crawling: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "diagnose", crawling)
    assert "learning rate too low" in text
    assert "a learning rate of 0.0001 instead of 1e-06" in text
    (finding,) = json.loads(said(capsys, "diagnose", crawling, "--json"))["findings"]
    assert (finding["rule"], finding["severity"], finding["layer"]) == ("learning_rate_too_low", "warning", None)
    assert finding["remedies"][0]["set"] == {}
    assert finding["remedies"][0]["measured"] is None
    assert json.loads(said(capsys, "diagnose", crawling, "--json", "--steps", 20)) == {"findings": []}
    assert "--seed" in said(capsys, "diagnose", crawling, "--seed", 1, status=2)


def test_diagnose_of_a_run_of_ours_is_of_what_was_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`vanishing` stands on a plateau from step 195 on, which a recording of 60 steps knows nothing of."""
    path = tmp_path / "run.backprop"
    said(capsys, "train", "vanishing", "--steps", 60, "--record", path)
    straight = said(capsys, "diagnose", "vanishing", "--steps", 60, "--no-measure", "--json")
    assert said(capsys, "diagnose", path, "--no-measure", "--json") == straight
    early = said(capsys, "diagnose", "vanishing", "--steps", 2, "--no-measure", "--json")
    assert said(capsys, "diagnose", path, "--steps", 2, "--no-measure", "--json") == early


def test_diagnose_fails_on_what_it_is_told_to(crawling: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "diagnose", crawling, "--fail-on", "warning", status=1)
    said(capsys, "diagnose", crawling, "--fail-on", "error")
    quick = ("--no-measure", "--steps", 60, "--fail-on")
    said(capsys, "diagnose", "initialization", *quick, "warning", status=1)
    said(capsys, "diagnose", "by-hand", "--no-measure", "--steps", 5, "--fail-on", "warning")
