"""Recordings of sick trainings are told their cause first, those of healthy ones nothing graver than a note."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from backprop_tui.core.diagnosis.findings import Finding
from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.recorded_diagnosis import diagnose_recording

from .array_trainings import moons, starting, trained

Training = Callable[[Path], Path]
X, Y = moons()


def found(path: Path) -> tuple[Finding, ...]:
    return diagnose_recording(open_recording(path)).findings


def dead(path: Path) -> Path:
    parameters = starting((2, 16, 1))
    parameters["b1"] -= 30
    return trained(path, parameters, "relu", X, Y)


def vanishing(path: Path) -> Path:
    return trained(path, starting((2, *[10] * 7, 1), 0.3), "sigmoid", X, Y, rate=0.3, steps=300)


def exploding(path: Path) -> Path:
    return trained(path, starting((2, *[24] * 6, 1), 0.9), "relu", X, X[:, :1], rate=1e-4, loss="mse")


def diverging(path: Path) -> Path:
    return trained(path, starting((2, 16, 1)), "tanh", X, 3 * X[:, :1], rate=5.0, loss="mse")


def oscillating(path: Path) -> Path:
    rng = np.random.default_rng(3)
    inputs = rng.normal(size=(64, 5))
    return trained(path, starting((5, 1), 0.2), "identity", inputs, inputs @ np.ones((5, 1)), rate=1.1, loss="mse")


def crawling(path: Path) -> Path:
    return trained(path, starting((2, 16, 1)), "tanh", X, Y, rate=1e-5, steps=300)


def unscaled(path: Path) -> Path:
    return trained(path, starting((2, 16, 1)), "tanh", 400 + 100 * X, Y, rate=0.1, steps=300)


def symmetric(path: Path) -> Path:
    parameters = starting((2, 8, 1))
    for array in parameters.values():
        array[...] = 0.5
    return trained(path, parameters, "tanh", X, Y, steps=300)


def broken_data(path: Path) -> Path:
    inputs = X.copy()
    inputs[3, 1] = np.nan
    return trained(path, starting((2, 16, 1)), "tanh", inputs, Y, rate=0.1)


def saturated(path: Path) -> Path:
    return trained(path, starting((2, 24, 24, 1), 12.0), "tanh", X, Y, rate=1e-3)


SICK: dict[Training, tuple[str, ...]] = {
    dead: ("dead_units",),
    vanishing: ("vanishing_gradient",),
    exploding: ("poor_initialization", "exploding_gradient"),
    diverging: ("learning_rate_too_high",),
    oscillating: ("learning_rate_too_high",),
    crawling: ("learning_rate_too_low",),
    unscaled: ("inputs_not_scaled",),
    symmetric: ("symmetric_weights",),
    broken_data: ("not_finite",),
    saturated: ("poor_initialization", "saturated_units"),
}


@pytest.mark.parametrize("training", SICK, ids=lambda training: training.__name__)
def test_the_cause_comes_first(training: Training, tmp_path: Path) -> None:
    findings = found(training(tmp_path / "run.backprop"))
    assert findings
    assert findings[0].rule in SICK[training], [finding.rule for finding in findings]
    assert findings[0].severity in ("warning", "error")
    for finding in findings:
        assert finding.cause.endswith(".")
        assert finding.remedies
        for remedy in finding.remedies:
            assert (remedy.set, remedy.measured, remedy.helps) == ({}, None, None)
            assert "nn." not in remedy.text


def plain(path: Path) -> Path:
    return trained(path, starting((2, 16, 1)), "tanh", X, Y, rate=1.0, steps=300)


def in_batches(path: Path) -> Path:
    return trained(path, starting((2, 32, 16, 1)), "relu", X, Y, rate=0.2, steps=300, batch=16, momentum=0.9)


def few_kept(path: Path) -> Path:
    return trained(path, starting((2, 16, 1)), "tanh", X, Y, rate=1.0, steps=200, every=90)


def decaying(path: Path) -> Path:
    return trained(path, starting((2, 16, 1)), "relu", X, Y, rate=lambda step: 1.0 * 0.99**step, steps=300)


def line(path: Path) -> Path:
    inputs = np.random.default_rng(2).normal(size=(64, 4))
    targets = inputs @ np.array([[1.0], [-2.0], [0.5], [3.0]])
    return trained(path, starting((4, 1), 0.5), "identity", inputs, targets, rate=0.1, loss="mse")


def not_told(path: Path) -> Path:
    return trained(path, starting((2, 16, 1)), "tanh", X, Y, rate=1.0, steps=300, told=False)


def from_a_good_start(path: Path) -> Path:
    parameters = starting((2, 16, 1))
    trained(path.with_name("first.backprop"), parameters, "tanh", X, Y, rate=2.0, steps=400, every=200)
    return trained(path, parameters, "tanh", X, Y, rate=0.01, steps=200)


HEALTHY = (plain, in_batches, few_kept, decaying, line, not_told, from_a_good_start)


@pytest.mark.parametrize("training", HEALTHY, ids=lambda training: training.__name__)
def test_a_healthy_training_is_told_nothing_grave(training: Training, tmp_path: Path) -> None:
    findings = found(training(tmp_path / "run.backprop"))
    assert [(finding.rule, finding.evidence) for finding in findings if finding.severity != "info"] == []
