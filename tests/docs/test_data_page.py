"""The page on data: what it shows is read as it says."""

import re
from pathlib import Path

import numpy as np
import pytest

from backprop_tui import docs
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.toml_document import parse

PAGE = docs.text("data")
BLOCKS = dict(re.findall(r"```(csv|toml)\n(.*?)```", PAGE, re.DOTALL))


def test_the_example_is_read(tmp_path: Path) -> None:
    (tmp_path / "iris.csv").write_text(BLOCKS["csv"])
    _, dataset = load_preset(parse(BLOCKS["toml"], "page"), "page", tmp_path)
    assert dataset.class_names == ("setosa", "versicolor", "virginica")
    assert dataset.feature_names == ("sepal_length", "petal_length")
    assert dataset.size == 5


@pytest.mark.parametrize(
    ("inputs", "targets"), [("X", "y"), ("inputs", "targets"), ("data", "target"), ("arr_0", "arr_1")]
)
def test_arrays_are_found_by_the_names_that_the_page_has(tmp_path: Path, inputs: str, targets: str) -> None:
    assert f"`{inputs}` and `{targets}`" in " ".join(PAGE.split())
    np.savez(tmp_path / "own.npz", **{inputs: np.arange(12.0).reshape(6, 2), targets: np.array([0, 1, 2, 0, 1, 2])})
    table = parse(BLOCKS["toml"], "page")
    table["data"] = {"kind": "npz", "path": "own.npz", "train_ratio": 0.5}
    _, dataset = load_preset(table, "page", tmp_path)
    assert dataset.inputs.shape == (2, 3)
    assert dataset.targets.shape == (3, 3)


@pytest.mark.parametrize(("missing", "rows"), [("drop", 6), ("median", 7), ("refuse", 0)])
def test_a_missing_cell_is_refused_left_out_or_filled_in(tmp_path: Path, missing: str, rows: int) -> None:
    (tmp_path / "iris.csv").write_text(BLOCKS["csv"] + ";1,3;setosa\n")
    table = parse(BLOCKS["toml"], "page")
    table["data"] |= {"missing": missing, "train_ratio": 1.0}
    if not rows:
        with pytest.raises(PresetError, match="line 8, column 1"):
            load_preset(table, "page", tmp_path)
        return
    assert load_preset(table, "page", tmp_path)[1].size == rows
