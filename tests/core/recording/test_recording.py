"""What is written into a recording is what is read from it, while it is written too."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.share import share

from backprop_tui.core.recording.form import BLOCK, LARGEST_FACTS
from backprop_tui.core.recording.reader import Recording, open_recording
from backprop_tui.core.recording.recorded_losses import RecordedLosses
from backprop_tui.core.recording.writer import Writer

FACTS = {"learning_rate": 0.1, "norms": {"W1": [1.0, float("nan"), float("inf")]}, "notes": []}
ARRAYS = {
    "θ/W1": np.arange(6.0).reshape(2, 3),
    "g/W1": np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
    "mask/1": np.array([[True, False]]),
    "scalar": np.array(3.5),
    "none": np.zeros((0, 4)),
    "zeros": np.zeros(30_000),
    "noise": np.random.default_rng(0).normal(size=70_000),
}


def written(path: Path, **meta: object) -> Writer:
    return Writer.create(path / "run.backprop", "arrays", meta)


def test_everything_comes_back(tmp_path: Path) -> None:
    with written(tmp_path, title="a \x1b title", modules=[{"number": 1}], limit_of_clipping=float("inf")) as writer:
        writer.add_losses([0.5, float("nan"), 0.25])
        assert writer.keep(3, 1.5, FACTS, ARRAYS)
        writer.keep(0, 0.0, {}, {"inputs": np.ones((2, 2))})
        writer.add_file("points.csv", b"a,b\n1,2\n")
    found = open_recording(tmp_path / "run.backprop")
    assert (found.origin, found.title, found.meta["modules"]) == ("arrays", "a \x1b title", [{"number": 1}])
    assert found.meta["limit_of_clipping"] == "inf"
    assert found.meta["ended"] >= found.meta["started"]
    assert not found.live
    assert (found.steps, found.seconds(3), found.losses.count) == ([3], 1.5, 3)
    assert (found.loss(1), found.loss(3), found.loss(4), found.loss(0)) == (0.5, 0.25, None, None)
    facts = found.facts(3)
    assert np.isnan(facts["norms"]["W1"][1])
    assert facts["norms"]["W1"][::2] == [1.0, float("inf")]
    assert found.names(3) == {name: (array.shape, array.dtype) for name, array in ARRAYS.items()}
    for name, array in ARRAYS.items():
        read = found.array(3, name)
        assert read is not None
        assert (read.dtype, read.shape, read.tobytes()) == (array.dtype, array.shape, array.tobytes())
    assert np.array_equal(found.array(0, "inputs"), np.ones((2, 2)))
    assert (found.array(3, "missing"), found.array(2, "W1"), found.facts(2)) == (None, None, {})
    assert (found.file("points.csv"), found.file("missing")) == (b"a,b\n1,2\n", None)
    assert [path.name for path in tmp_path.iterdir()] == ["run.backprop"]


def test_what_is_committed_is_seen_while_it_is_written(tmp_path: Path) -> None:
    writer = written(tmp_path)
    reader = open_recording(writer.path)
    assert (reader.live, reader.steps, reader.losses.count, reader.refresh()) == (True, [], 0, False)
    writer.add_losses([1.0, 2.0])
    writer.keep(2, 0.1, {})
    assert not reader.refresh()
    writer.commit()
    assert reader.refresh()
    assert (reader.steps, reader.losses.lows.tolist(), reader.refresh()) == ([2], [1.0, 2.0], False)
    writer.close()
    assert reader.refresh()
    assert not reader.live


def test_a_name_that_is_taken_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "run.backprop").write_text("mine")
    with pytest.raises(FileExistsError):
        written(tmp_path)
    assert (tmp_path / "run.backprop").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_what_no_recording_holds_is_refused(tmp_path: Path) -> None:
    with written(tmp_path) as writer:
        for array in (np.array(["a"]), np.array([object()]), np.array([1j])):
            with pytest.raises(ValueError, match="array of numbers"):
                writer.keep(1, 0.0, {}, {"x": array})
        with pytest.raises(ValueError, match="facts of more"):
            writer.keep(1, 0.0, {"notes": ["x" * LARGEST_FACTS]})
        with pytest.raises(ValueError, match="step from 0"):
            writer.keep(-1, 0.0, {})
        with pytest.raises(TypeError):
            writer.keep(1, 0.0, {"x": object()})
    assert open_recording(writer.path).steps == []


@settings(max_examples=share(20, 200), deadline=None)
@given(st.lists(st.lists(st.floats(width=32), max_size=40), max_size=8), st.lists(st.booleans(), min_size=8))
def test_losses_come_back_in_whatever_portions(
    tmp_path_factory: pytest.TempPathFactory, portions: list[list[float]], commits: list[bool]
) -> None:
    with written(tmp_path_factory.mktemp("a")) as writer:
        for portion, commit in zip(portions, commits, strict=False):
            writer.add_losses(portion)
            if commit:
                writer.commit()
    wanted = [loss for portion in portions for loss in portion]
    found = open_recording(writer.path).losses
    assert found.count == len(wanted)
    assert found.lows.tobytes() == np.array(wanted, dtype=np.float64).tobytes()


def thinned(path: Path, losses: np.ndarray, most: int, portion: int) -> tuple[Writer, Recording]:
    writer = written(path)
    writer.blocks.most = most
    reader = open_recording(writer.path)
    for begin in range(0, len(losses), portion):
        writer.add_losses(losses[begin : begin + portion].tolist())
        writer.commit()
        reader.refresh()
    return writer, reader


@pytest.mark.parametrize("portion", [700, 5000])
def test_many_losses_become_extremes_of_several_steps(tmp_path: Path, portion: int) -> None:
    losses = np.random.default_rng(1).normal(size=2 * BLOCK * 4 + 1301)
    writer, reader = thinned(tmp_path, losses, 2 * BLOCK, portion)
    width = writer.blocks.width
    assert width == 8
    steps, lows, highs = reader.losses.series()
    whole = len(losses) // width
    entries = losses[: whole * width].reshape(-1, width)
    assert np.array_equal(lows[:whole], entries.min(axis=1))
    assert np.array_equal(highs[:whole], entries.max(axis=1))
    assert np.array_equal(steps[:whole], width * np.arange(1, whole + 1))
    assert np.array_equal(lows[whole:], losses[whole * width :])
    assert reader.loss(len(losses)) == losses[-1]
    assert reader.loss(width) is None
    writer.close()


@pytest.mark.parametrize("step", [0, 1, 8, 1023, 1024, 1025, 2048, 8191, 8192, 8193, 9400, 9493])
def test_what_lies_behind_a_step_is_forgotten(tmp_path: Path, step: int) -> None:
    losses = np.random.default_rng(1).normal(size=9493)
    writer, reader = thinned(tmp_path, losses, 2 * BLOCK, 5000)
    for kept in (1, 8, 1024, 9400):
        writer.keep(kept, 0.0, {}, {"a": np.zeros(2)})
    writer.truncate(step)
    reader.refresh()
    known = step if step == len(losses) else step // 8 * 8
    assert writer.losses_known == reader.losses.count == known
    assert reader.steps == [kept for kept in (1, 8, 1024, 9400) if kept <= step]
    writer.add_losses(losses[known:].tolist())
    writer.close()
    reader.refresh()
    (tmp_path / "straight").mkdir()
    straight, _ = thinned(tmp_path / "straight", losses, 2 * BLOCK, 5000)
    straight.close()
    other = open_recording(straight.path)
    for mine, theirs in zip(reader.losses.series(), other.losses.series(), strict=True):
        assert np.array_equal(mine, theirs)


def test_a_large_recording_forgets_old_steps_and_stays_below_its_limit(tmp_path: Path) -> None:
    limit = 2**20
    writer = Writer.create(tmp_path / "run.backprop", "arrays", {}, limit)
    draw = np.random.default_rng(0)
    for step in range(1, 301):
        writer.add_losses([1.0] * 10)
        writer.keep(10 * step, 0.0, {}, {"a": draw.normal(size=2000), "b": draw.normal(size=20)})
        writer.commit()
        assert writer.path.stat().st_size <= limit
    writer.close()
    assert writer.path.stat().st_size <= limit
    kept = open_recording(writer.path).steps
    assert len(kept) >= 30
    assert (kept[0], kept[-1]) == (10, 3000)
    gaps = np.diff(kept)
    assert gaps[:5].mean() > 2 * gaps[-20:].mean()
    assert gaps[-1] == 10


def test_a_step_that_is_too_large_is_kept_without_its_arrays(tmp_path: Path) -> None:
    with Writer.create(tmp_path / "run.backprop", "arrays", {}, 2**20) as writer:
        noise = np.random.default_rng(0).normal(size=40_000)
        assert not writer.keep(1, 0.0, {"learning_rate": 1.0}, {"a": noise})
        assert writer.keep(2, 0.0, {}, {"a": np.zeros(40_000)})
    found = open_recording(writer.path)
    assert found.facts(1) == {"learning_rate": 1.0, "notes": ["its arrays are too large for the limit of the file"]}
    assert (found.names(1), list(found.names(2))) == ({}, ["a"])


def test_who_holds_the_file_does_not_stop_a_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backprop_tui.core.recording.recording_file.PATIENCE", 0.0)
    writer = Writer.create(tmp_path / "run.backprop", "arrays", {}, 2**20)
    other = sqlite3.connect(writer.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writer.add_losses([1.0, 2.0])
    writer.commit()
    writer.keep(2, 0.0, {}, {"a": np.ones(3)})
    writer.commit()
    with pytest.raises(BlockingIOError, match="is held by another program"):
        writer.truncate(1)
    other.execute("ROLLBACK")
    other.close()
    writer.close()
    found = open_recording(writer.path)
    assert (found.losses.count, found.steps, list(found.names(2))) == (2, [2], ["a"])


def test_the_mean_of_recorded_losses_is_told_as_far_as_each_is_known() -> None:
    losses = RecordedLosses(np.array([1, 2, 3, 5, 6]), np.array([4.0, 2, 6, 1, 3]), np.array([4.0, 2, 6, 9, 3]))
    steps, means = losses.mean_series(2)
    assert steps.tolist() == [1, 2, 3, 5, 6]
    np.testing.assert_equal(means, [4, 3, 4, np.nan, np.nan])
