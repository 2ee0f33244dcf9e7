"""`diagnose RUN.backprop` of PyTorch trainings: the sick ones by their cause, the healthy ones by nothing."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import backprop_tui

from ..share import share
from .program import findings, program
from .torch_trainings import HEALTHY, SICK, Training, torch, trained

SEEDS = share(range(1), range(5))
ORDER = {"info": 0, "warning": 1, "error": 2}
RULES = {
    *("vanishing_gradient", "exploding_gradient", "dead_units", "saturated_units", "poor_initialization"),
    *("symmetric_weights", "learning_rate_too_high", "learning_rate_too_low", "slow_convergence", "plateau"),
    *("overfitting", "not_finite"),
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums in more than one thread need not come out the same twice."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine that is busy with something else a short training would keep fewer steps than on one of its own."""
    monkeypatch.setattr("backprop_tui.core.attach.spacing.GRANTED", 3600.0)


def recorded(build: Callable[[], Training], path: Path, seed: int = 0, **settings: Any) -> Path:
    """Train and record; the recording."""
    torch.manual_seed(seed)
    training = build()
    loss = training.loss
    trained(training, backprop_tui.watch(training.model, training.optimizer, loss=loss, path=path, **settings))
    return path


WORDED = [name for name in SICK if SICK[name].words]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", SICK)
def test_a_sick_training_is_found_with_its_cause_first(name: str, seed: int, tmp_path: Path):
    case = SICK[name]
    found = findings(recorded(case.build, tmp_path / "a.backprop", seed))
    said = [(finding["rule"], finding["severity"], finding["cause"]) for finding in found]
    assert found, "nothing is found"
    first = found[0]
    assert first["rule"] in case.causes, said
    assert ORDER[first["severity"]] >= ORDER["warning"], said
    assert {finding["rule"] for finding in found} <= {
        *RULES,
        "inputs_not_scaled",
        "targets_not_scaled",
        "one_class_only",
    }
    assert all(1 <= finding["step"] <= case.build().steps for finding in found)
    assert first["evidence"]
    assert first["cause"]


@pytest.mark.parametrize("name", share(WORDED[::3], WORDED))
def test_remedies_are_told_in_the_words_of_pytorch(name: str, tmp_path: Path):
    case = SICK[name]
    found = findings(recorded(case.build, tmp_path / "a.backprop"))
    told = [remedy["text"] for remedy in found[0]["remedies"]]
    assert any(re.search(case.words, text) for text in told), told
    text = program("diagnose", tmp_path / "a.backprop")
    assert text.status == 0
    assert re.search(case.words, text.out), text.out
    # What is set in a preset's file means nothing to somebody who has none.
    assert not re.search(
        r"layers\.\d+\.(?:init|activation|batch_norm)|optimizer\.learning_rate|\bhe_normal\b|xavier_uniform\b",
        " ".join(told),
    ), told


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", HEALTHY)
def test_of_a_healthy_training_nothing_is_said_above_info(name: str, seed: int, tmp_path: Path):
    path = recorded(HEALTHY[name], tmp_path / "a.backprop", seed)
    answer = program("diagnose", path, "--json", "--fail-on", "warning")
    assert answer.status == 0
    assert [finding for finding in answer.json["findings"] if finding["severity"] != "info"] == []


@pytest.mark.parametrize("name", ["rate_that_diverges", "ten_sigmoid_layers", "nan_among_the_inputs"])
def test_fail_on_decides_by_the_severity(name: str, tmp_path: Path):
    path = recorded(SICK[name].build, tmp_path / "a.backprop")
    found = findings(path)
    worst = max(ORDER[finding["severity"]] for finding in found)
    for level in ("warning", "error"):
        assert program("diagnose", path, "--fail-on", level).status == (worst >= ORDER[level]), level
        answer = program("diagnose", path, "--fail-on", level, "--json")
        assert answer.status == (worst >= ORDER[level])
        assert answer.json["findings"] == found
    assert program("diagnose", path, "--fail-on", "sometimes").status == 2


def test_the_same_is_found_whatever_is_kept(tmp_path: Path):
    """A step kept more or less does not change what a training suffers from."""
    names = ("rate_of_a_billionth", "ten_sigmoid_layers", "all_weights_one_constant")
    for name, every in share([(names[0], 1), (names[2], 7)], [*product(names, (1, 7))]):
        found = findings(recorded(SICK[name].build, tmp_path / f"{name}{every}.backprop", every=every))
        assert found, (name, every)
        assert found[0]["rule"] in SICK[name].causes, (name, every)


def test_a_layer_is_named_as_its_module(tmp_path: Path):
    """Where a finding has a layer, its text says which module that is."""
    path = recorded(SICK["biases_far_below_zero"].build, tmp_path / "a.backprop")
    (finding, *_) = findings(path)
    assert finding["layer"] is not None
    assert re.search(r"\b2\b", finding["evidence"] + finding["cause"])


def test_diagnosis_of_a_recording_needs_no_torch(tmp_path: Path):
    """It is read on another machine, where PyTorch is not; and nothing is trained, so it says nothing of trying."""
    path = recorded(SICK["rate_that_diverges"].build, tmp_path / "a.backprop")
    without = "import sys; sys.modules['torch'] = None; from backprop_tui.tui.cli import main; sys.exit(main())"
    command = [sys.executable, "-W", "error", "-c", without, "diagnose", str(path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["findings"] == findings(path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.backprop"]
