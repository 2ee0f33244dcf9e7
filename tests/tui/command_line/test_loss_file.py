"""`train --csv`: the loss of every step as a file, whatever the curves keep of it, and what can be wrong with it."""

import csv
import math
import os
from pathlib import Path

import numpy as np
import pytest

from backprop_tui.core.session.session import Session
from backprop_tui.tui.cli import main
from backprop_tui.tui.command_line.loading import load

from .said import said


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def table_of(path: str) -> dict[str, dict[int, float]]:
    """Of each column its values by step."""
    with open(path, encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head[0] == "step"
    assert all(len(row) == len(head) for row in rows)
    return {
        name: {int(row[0]): float(row[place]) for row in rows if row[place]} for place, name in enumerate(head) if place
    }


def test_every_step_is_there_though_the_curves_keep_fewer(capsys: pytest.CaptureFixture[str]) -> None:
    out = said(capsys, "train", "xor", "--steps", 4500, "--csv", "xor.csv")
    assert "losses          xor.csv, a row for each step" in out
    table = table_of("xor.csv")
    losses = np.array(list(table["loss"].values()))
    assert list(table["loss"]) == list(range(1, 4501))
    session = Session(*load("xor"))
    session.advance(session.timeline.finish_of(4500))
    _, lows, highs = session.history.losses.series()
    assert session.history.losses.width == 2
    assert np.array_equal(losses.reshape(-1, 2).min(axis=1), lows)
    assert np.array_equal(losses.reshape(-1, 2).max(axis=1), highs)
    # All of XOR is trained on; the norms are those of the steps that were measured, exactly.
    assert list(table) == ["loss", "norm_dW1", "norm_dW2", "ratio_W1", "ratio_W2"]
    steps, norms = session.history.gradients.series(1)
    assert table["norm_dW2"] == dict(zip(steps.astype(int).tolist(), norms.tolist(), strict=True))


def test_test_losses_stand_after_the_step_that_they_follow(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "train", "spiral", "--steps", 40, "--csv", "a.csv", "--record", "a.backprop")
    table = table_of("a.csv")
    session = Session(*load("spiral"))
    for step, loss in table["test_loss"].items():
        session.seek(session.timeline.finish_of(step))
        known = session.evaluate().test
        assert known is not None
        assert (loss, table["test_accuracy"][step]) == (known.loss, known.accuracy)
    assert min(table["test_loss"]) == 0
    # A recording beside it takes nothing from it, and a run that goes on has the whole.
    said(capsys, "train", "a.backprop", "--steps", 5, "--csv", "b.csv")
    whole = table_of("b.csv")
    assert list(whole["loss"]) == list(range(1, 46))
    assert {step: loss for step, loss in whole["loss"].items() if step <= 40} == table["loss"]


def test_a_run_that_diverges_has_its_losses_to_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    settings = ("--set", "optimizer.learning_rate=1e200", "--set", "layers.1.activation=identity")
    said(capsys, "train", "xor", *settings, "--steps", 50, "--csv", "a.csv", status=1)
    table = table_of("a.csv")
    values = list(table["loss"].values())
    assert len(values) < 50
    assert all(map(math.isfinite, values[:-1]))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("there.csv", "--csv writes a new file, and there.csv is there already"),
        ("losses.txt", "expected a name that ends in .csv, found losses.txt"),
        ("no/losses.csv", "which is no folder"),
    ],
)
def test_what_cannot_be_written_is_told_before_the_run(
    capsys: pytest.CaptureFixture[str], name: str, message: str
) -> None:
    Path("there.csv").write_text("mine")
    assert message in said(capsys, "train", "xor", "--steps", 10**9, "--csv", name, status=2)
    assert Path("there.csv").read_text() == "mine"


def test_a_file_that_comes_during_the_run_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os.path, "lexists", lambda _: False)
    Path("there.csv").write_text("mine")
    assert main(["train", "xor", "--steps", "3", "--csv", "there.csv"]) == 2
    out, err = capsys.readouterr()
    assert "--csv writes a new file, and there.csv is there now" in err
    assert "steps           3" in out
    assert Path("there.csv").read_text() == "mine"
    assert [path.name for path in Path.cwd().iterdir()] == ["there.csv"]
