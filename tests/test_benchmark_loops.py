"""The loops that the trainer is measured against train the same network to the same parameters."""

import importlib
from collections import deque
from itertools import islice
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

STEPS = 20


@pytest.fixture
def loops(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    """The modules of the benchmark, which import each other as scripts in one folder do."""
    monkeypatch.syspath_prepend(Path(__file__).parent / "benchmarks")
    return {name: importlib.import_module(name) for name in ("workloads", "bare_loops", "textbook_loops")}


@pytest.mark.parametrize("workload", "abcde")
def test_all_contestants_train_to_the_same_parameters(loops: dict[str, ModuleType], workload: str) -> None:
    trainer, dataset = loops["workloads"].load(workload)
    start = trainer.state.parameters.copy()
    bare, train_bare = loops["bare_loops"].bare(trainer, dataset, trainer.order)
    bound, train_bound = loops["bare_loops"].bare(trainer, dataset, trainer.order, methods=True)
    textbook, train_textbook = loops["textbook_loops"].textbook(trainer, dataset, trainer.order)
    epochs = -(-STEPS // trainer.steps_per_epoch)
    for train in (train_bare, train_bound, train_textbook):
        train(epochs)
    deque(islice(trainer.walk().events, epochs * trainer.steps_per_epoch * trainer.events_per_step), maxlen=0)
    named = [np.hstack([textbook[f"W{n}"], textbook[f"b{n}"]]).ravel() for n in range(1, len(trainer.layers) + 1)]
    trained = trainer.state.parameters
    # Adam's step hardly depends on the size of a gradient, so where that is next to 0 a rounding error shows.
    tolerance = 0.05 * np.abs(trained - start).max() if trainer.preset.optimizer.kind == "adam" else 1e-6
    for other in (bare, bound, np.concatenate(named)):
        assert other.dtype == np.float32
        np.testing.assert_allclose(other, trained, rtol=0, atol=tolerance)
        assert np.median(np.abs(other - trained)) < 1e-6
    assert np.abs(trained - start).max() > 0.01


def test_what_the_diagnosis_costs_is_told_beside_the_same_numbers_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent / "benchmarks")
    diagnosis = importlib.import_module("diagnosis")
    own, without = (diagnosis.session("b", diagnosed=diagnosed) for diagnosed in (True, False))
    for session in (own, without):
        session.advance_steps(30)
    assert without.diagnosis.measured < own.diagnosis.measured
    np.testing.assert_array_equal(own.trainer.state.parameters, without.trainer.state.parameters)
