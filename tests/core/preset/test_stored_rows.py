"""Rows that stay in their file are those that are read at once, to the last digit; and take no memory of their own."""

import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from backprop_tui.core.preset import stored_rows
from backprop_tui.core.preset.data_table import DataPreset
from backprop_tui.core.preset.datasets import Dataset, load
from backprop_tui.core.preset.schema import PresetError

ROWS = 3000
RANDOM = np.random.default_rng(7)
LABELS = RANDOM.integers(0, 2, ROWS)


@pytest.fixture
def everything_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays of any size stay in their files, and are read in many portions."""
    monkeypatch.setattr(stored_rows, "LARGE", 0)
    monkeypatch.setattr(stored_rows, "CHUNK", 1000)


def read(path: Path, dtype: str = "float64", **keys: object) -> Dataset:
    data = DataPreset(kind="npz", path=str(path), **keys)  # type: ignore[arg-type]
    return load(data, seed=3, outputs=1, output_activation="sigmoid", source="a.toml", dtype=dtype)


def arrays(dataset: Dataset) -> list[np.ndarray]:
    return [dataset.inputs, dataset.targets, dataset.test_inputs, dataset.test_targets]


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("shape", [(5,), (2, 3), (4, 4, 3), (3, 4, 4)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int16, np.uint8])
def test_they_are_the_rows_that_are_read_at_once(
    tmp_path: Path, request: pytest.FixtureRequest, save: Callable[..., None], shape: tuple[int, ...], dtype: type
) -> None:
    X = RANDOM.integers(0, 200, (60, *shape)).astype(dtype)
    save(tmp_path / "a.npz", X=X, y=LABELS[:60])
    plain = read(tmp_path / "a.npz")
    request.getfixturevalue("everything_stored")
    for expected, found in zip(arrays(plain), arrays(read(tmp_path / "a.npz")), strict=True):
        assert np.array_equal(expected, found)


def test_normalization_is_that_of_the_training_part(tmp_path: Path, everything_stored: None) -> None:
    X = np.stack([RANDOM.normal(size=ROWS), 1e9 + RANDOM.normal(size=ROWS), np.full(ROWS, 0.1)], axis=1)
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", LABELS)
    dataset = read(tmp_path / "X.npy", "float32", normalize=True)
    assert dataset.mean is not None
    assert dataset.inputs.dtype == np.float32
    assert dataset.inputs.mean(axis=1) == pytest.approx([0, 0, 0], abs=1e-6)
    assert dataset.inputs.std(axis=1) == pytest.approx([1, 1, 0], abs=1e-6)
    assert dataset.mean[2, 0] == 0.1


def test_columns_of_a_table_are_taken_from_it(tmp_path: Path, everything_stored: None) -> None:
    table = RANDOM.normal(size=(40, 4))
    table[:, 1] = LABELS[:40]
    np.save(tmp_path / "table.npy", table)
    dataset = read(tmp_path / "table.npy", targets=(2,), train_ratio=1.0)
    assert np.array_equal(dataset.inputs, table[:, [0, 2, 3]].T)
    assert dataset.targets.tolist() == [LABELS[:40].tolist()]


def test_missing_numbers_are_left_out_or_filled_in(tmp_path: Path, everything_stored: None) -> None:
    X = np.arange(30.0).reshape(10, 3)
    X[4, 1] = np.nan
    np.savez(tmp_path / "a.npz", X=X, y=LABELS[:10])
    with pytest.raises(PresetError, match=r'found NaN in row 5, column 2; data\.missing = "drop"'):
        read(tmp_path / "a.npz", train_ratio=1.0)
    dropped = read(tmp_path / "a.npz", train_ratio=1.0, missing="drop")
    assert dropped.size == 9
    assert "1 of 10 rows with missing numbers are left out" in dropped.notes
    filled = read(tmp_path / "a.npz", train_ratio=1.0, missing="median")
    assert filled.inputs[1, 4] == np.median(np.delete(X[:, 1], 4))
    assert any(note.startswith("1 missing number(s) are filled in by the median") for note in filled.notes)


def test_a_file_that_is_damaged_is_refused(tmp_path: Path, everything_stored: None) -> None:
    np.savez(tmp_path / "a.npz", X=np.arange(600.0).reshape(100, 6), y=LABELS[:100])
    content = bytearray((tmp_path / "a.npz").read_bytes())
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        content[archive.infolist()[0].header_offset + 400] ^= 255
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(PresetError, match="damaged"):
        read(tmp_path / "a.npz")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_large_set_takes_less_than_twice_what_is_laid(tmp_path: Path, dtype: str) -> None:
    X = RANDOM.normal(size=(60_000, 25))
    np.savez(tmp_path / "a.npz", X=X, y=(X[:, 0] > 0).astype(np.int64))
    del X
    tracemalloc.start()
    dataset = read(tmp_path / "a.npz", dtype, normalize=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    laid = sum(array.nbytes for array in arrays(dataset))
    assert peak < 2 * laid
