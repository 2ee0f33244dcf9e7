"""Findings of PyTorch's trainings name modules, and their remedies are in PyTorch's words."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import backprop_tui
from backprop_tui.core.diagnosis.findings import Finding
from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.recorded_diagnosis import diagnose_recording

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn = torch.nn


def layers(*widths: int, activation: Any = nn.ReLU) -> Any:
    torch.manual_seed(0)
    parts = []
    for inputs, units in pairwise(widths):
        parts += [nn.Linear(inputs, units), activation()]
    return nn.Sequential(*parts[:-1])


def found(model: Any, path: Path, rate: float, steps: int = 120, kind: Any = torch.optim.SGD) -> tuple[Finding, ...]:
    torch.manual_seed(1)
    X = torch.randn(96, 6)
    y = (X[:, 0] > 0).long() + (X[:, 1] > 1).long()
    optimizer, loss = kind(model.parameters(), lr=rate), nn.CrossEntropyLoss()
    run = backprop_tui.watch(model, optimizer, loss=loss, path=path, every=20)
    for _ in range(steps):
        optimizer.zero_grad()
        value = loss(model(X), y)
        value.backward()
        optimizer.step()
        run.step(value)
    run.close()
    return diagnose_recording(open_recording(path)).findings


def test_dead_units(tmp_path: Path) -> None:
    model = layers(6, 16, 16, 3)
    nn.init.constant_(model[0].bias, -20.0)
    first = found(model, tmp_path / "run.backprop", 0.05)[0]
    assert (first.rule, first.severity, first.layer) == ("dead_units", "error", 1)
    assert "module 0 (Linear 6→16)" in first.evidence
    texts = " ".join(remedy.text for remedy in first.remedies)
    assert 'nn.init.kaiming_normal_(model[0].weight, nonlinearity="relu")' in texts
    assert "nn.BatchNorm1d(16)" in texts


def test_a_rate_that_is_too_high(tmp_path: Path) -> None:
    first = found(layers(6, 16, 3), tmp_path / "run.backprop", 200.0)[0]
    assert first.rule == "learning_rate_too_high"
    assert any("instead of lr=200" in remedy.text for remedy in first.remedies)


def test_sigmoids_that_pass_nothing_on(tmp_path: Path) -> None:
    first = found(layers(6, *[12] * 7, 3, activation=nn.Sigmoid), tmp_path / "run.backprop", 0.05)[0]
    assert (first.rule, first.layer) == ("vanishing_gradient", 1)


def test_a_healthy_training(tmp_path: Path) -> None:
    findings = found(layers(6, 32, 3), tmp_path / "run.backprop", 0.01, kind=torch.optim.Adam)
    assert [finding.evidence for finding in findings if finding.severity != "info"] == []
