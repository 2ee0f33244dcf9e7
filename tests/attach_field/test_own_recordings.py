"""`train PRESET --record`, and every headless command that takes the recording instead of the preset."""

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ..share import share
from .program import is_one_line, program
from .recording import Recording

STEPS = 25
NAMES = ["xor", "first-steps", "spiral", "vanishing", "moons", "digits-8x8"]

DROPOUT = """
title = "Noisy"
seed = 4
[data]
kind = "moons"
samples = 60
noise = 0.2
[[layers]]
units = 6
activation = "relu"
dropout = 0.3
batch_norm = true
[[layers]]
units = 1
activation = "sigmoid"
[optimizer]
kind = "adam"
learning_rate = 0.01
[training]
batch_size = 8
"""


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Trains a preset and records it; the recording."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "noisy.toml").write_text(DROPOUT)

    def record(preset: str, *more: object, steps: int = STEPS) -> Path:
        path = tmp_path / "run.backprop"
        answer = program("train", preset, "--steps", steps, "--record", path, "--json", *more)
        assert (answer.status, answer.err) == (0, ""), answer
        without = program("train", preset, "--steps", steps, "--json", *more).json
        assert comparable(answer.json) == comparable(without), "recording changes nothing"
        return path

    return record


def comparable(told: Any) -> Any:
    """A result without what is measured, and without the name of the file that it is from."""
    return {name: value for name, value in told.items() if name not in {"steps_per_second", "preset"}}


@pytest.mark.parametrize("preset", share([*NAMES[:3], "noisy.toml"], [*NAMES, "noisy.toml"]))
def test_each_step_is_that_of_the_preset(preset: str, recorded: Any):
    path = recorded(preset)
    losses = Recording(path).losses()
    assert list(losses) == list(range(1, STEPS + 1))
    for step in (1, 2, 13, STEPS):
        told = program("explain", path, "--step", step, "--format", "json")
        assert (told.status, told.err) == (0, ""), told
        expected = program("explain", preset, "--step", step, "--format", "json").json
        assert comparable(told.json) == comparable(expected)
        assert told.json["loss"]["value"] == losses[step]


def test_the_gradient_is_checked_where_it_was_recorded(recorded: Any):
    path = recorded("noisy.toml")
    for step in (1, 9):
        told = program("check", path, "--step", step, "--json")
        assert told.status == 0
        assert comparable(told.json) == comparable(program("check", "noisy.toml", "--step", step, "--json").json)


@pytest.mark.parametrize("preset", ["xor"])
def test_the_diagnosis_is_that_of_the_preset(preset: str, recorded: Any):
    path = recorded(preset, steps=60)
    told = program("diagnose", path, "--json", "--no-measure").json["findings"]
    expected = program("diagnose", preset, "--steps", 60, "--json", "--no-measure").json["findings"]
    assert [(finding["rule"], finding["step"], finding["layer"]) for finding in told] == [
        (finding["rule"], finding["step"], finding["layer"]) for finding in expected
    ]


@pytest.mark.parametrize("preset", ["xor", "noisy.toml"])
def test_training_goes_on_from_the_end(preset: str, recorded: Any):
    """As if it had never stopped: same order of examples, same masks, same moments of the optimizer."""
    path = recorded(preset)
    before = path.read_bytes()
    told = program("train", path, "--steps", 10, "--json")
    assert (told.status, told.err) == (0, ""), told
    straight = program("train", preset, "--steps", STEPS + 10, "--json").json
    assert told.json["parameters"] == straight["parameters"]
    assert told.json["loss"]["last"] == straight["loss"]["last"]
    assert path.read_bytes() == before


def test_the_settings_and_the_seed_are_in_the_recording(recorded: Any):
    path = recorded("xor", "--set", "optimizer.learning_rate=0.7", "--seed", 5)
    settings = ("--set", "optimizer.learning_rate=0.7", "--seed", 5)
    told = program("explain", path, "--step", 3, "--format", "json").json
    assert comparable(told) == comparable(program("explain", "xor", "--step", 3, "--format", "json", *settings).json)


def test_the_preset_of_a_recording_is_shown(recorded: Any, tmp_path: Path):
    """It is a preset that trains to the same."""
    path = recorded("noisy.toml")
    shown = program("show", path)
    assert (shown.status, shown.err) == (0, ""), shown
    (tmp_path / "again.toml").write_text(shown.out)
    told = program("train", "again.toml", "--steps", STEPS, "--json").json
    assert comparable(told) == comparable(program("train", "noisy.toml", "--steps", STEPS, "--json").json)


def test_steps_that_are_not_there_are_refused_in_one_line(recorded: Any):
    path = recorded("xor")
    for step in (0, -1):
        answer = program("explain", path, "--step", step)
        assert (answer.status, answer.out) == (2, "")
        assert is_one_line(answer.err)


def test_a_file_that_is_there_is_not_overwritten_in_silence(tmp_path: Path):
    path = tmp_path / "thesis.backprop"
    path.write_text("Chapter 1")
    answer = program("train", "xor", "--steps", 2, "--record", path)
    assert (answer.status, answer.out) == (2, "")
    assert is_one_line(answer.err)
    assert path.read_text() == "Chapter 1"


def test_a_place_where_nothing_can_be_written_is_refused_in_one_line(tmp_path: Path):
    answer = program("train", "xor", "--steps", 2, "--record", tmp_path / "none" / "b" / "a.backprop")
    assert answer.status in {0, 2}
    if answer.status:
        assert is_one_line(answer.err)
        assert answer.out == ""


def test_reading_writes_nothing(recorded: Any, tmp_path: Path):
    """Not the file, not its time, and nothing beside it."""
    path = recorded("xor")
    before = {file.name: (file.read_bytes(), os.stat(file).st_mtime_ns) for file in tmp_path.iterdir()}
    for command in ("diagnose", "train", "explain", "check", "show"):
        assert program(command, path).status == 0, command
    after = {file.name: (file.read_bytes(), os.stat(file).st_mtime_ns) for file in tmp_path.iterdir()}
    assert after == before


def test_it_is_one_sqlite_file_of_a_kind(recorded: Any):
    """Any SQLite client opens it, and finds it sound."""
    path = recorded("xor")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        assert database.execute("pragma application_id").fetchone()[0] != 0
        assert database.execute("pragma user_version").fetchone()[0] >= 1
        assert database.execute("pragma integrity_check").fetchone()[0] == "ok"
        kinds = {kind for (kind,) in database.execute("select type from sqlite_master")}
        assert kinds <= {"table", "index"}
    database.close()
