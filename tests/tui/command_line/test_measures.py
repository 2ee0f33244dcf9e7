"""What `train` says of the answers, as text and as JSON, is what a slow look at them gives."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.training.measures import ClassMeasures
from backprop_tui.tui.cli import main
from backprop_tui.tui.command_line.measure_text import confusion_table

MAJORITY = """
title = "Eight of ten are no"
[data]
kind = "inline"
inputs = [[0], [1], [2], [3], [4], [5], [6], [7], [8], [9]]
targets = [[0], [0], [1], [0], [0], [0], [0], [1], [0], [0]]
[[layers]]
units = 1
activation = "sigmoid"
weights = [[0.0]]
biases = [-1.0]
[optimizer]
learning_rate = 1e-9
"""
PRICES = """
title = "Prices"
[data]
kind = "csv"
path = "prices.csv"
targets = ["price"]
train_ratio = 1.0
normalize_targets = true
[[layers]]
units = 1
activation = "identity"
weights = [[0.0]]
[optimizer]
learning_rate = 1e-12
"""


@pytest.fixture
def printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(text: str, *options: str, **files: str) -> str:
        for name, content in files.items():
            (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
        preset = tmp_path / "mine.toml"
        preset.write_text(text, encoding="utf-8")
        assert main(["train", str(preset), "--steps", "1", *options]) == 0
        return capsys.readouterr().out

    return run


def test_accuracy_stands_beside_that_of_one_answer_for_all(printed: Any) -> None:
    text = printed(MAJORITY)
    assert '0.8   the accuracy of "0" for every example; the network is no better' in text
    found = json.loads(printed(MAJORITY, "--json"))["measures"]
    assert found["test"] is None
    assert found["training"] == {
        "classes": ["0", "1"],
        "confusion": [[8, 0], [2, 0]],
        "recall": [1.0, 0.0],
        "precision": [0.8, None],
        "most_frequent": 0.8,
    }


def test_errors_are_in_the_units_of_the_data(printed: Any) -> None:
    # The network answers with the mean, 300: the errors are 200, 100 and 300.
    files = {"prices": "area,price\n1,100\n2,200\n3,600\n"}
    found = json.loads(printed(PRICES, "--json", **files))["measures"]["training"]
    assert found["r2"] == pytest.approx([0], abs=1e-6)
    assert found["rmse"] == pytest.approx([np.sqrt(140000 / 3)])
    assert found["mae"] == pytest.approx([200])
    text = printed(PRICES, **files)
    assert "RMSE  MAE   in the data's own units; losses are of normalized targets" in text
    assert "216  200" in text


def test_names_are_cut_and_cannot_steer_a_terminal() -> None:
    counts = np.array([1, 1])
    found = ClassMeasures(("a" * 40, "b\x1b[2J"), counts, counts, counts, np.eye(2, dtype=np.int64))
    lines = confusion_table(found)
    assert lines[1].startswith("a" * 15 + "…  ")
    assert "\\x1b[2J" in lines[2]
    assert len({len(line.rstrip()) for line in lines[:3]}) == 1
