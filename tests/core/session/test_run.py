"""Headless runs: when they end, why, and what is reported of them."""

import json
from math import isfinite
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.compare.run_json import train_json
from backprop_tui.core.preset.tables import StopPreset
from backprop_tui.core.session.run import Goal, TrainingResult, train
from backprop_tui.core.session.session import Session

GAUSS: dict[str, Any] = {
    "title": "Two clouds",
    "data": {"kind": "gauss", "samples": 40},
    "layers": [{"units": 2, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
    "training": {"batch_size": 6},
}


@pytest.mark.parametrize(
    ("stop", "steps", "goal"),
    [
        ({}, None, Goal(1000, "steps")),
        ({"steps": 7}, None, Goal(7, "steps")),
        ({"epochs": 3}, None, Goal(12, "epochs")),
        ({"epochs": 3, "steps": 13}, None, Goal(12, "epochs")),
        ({"epochs": 3, "steps": 11}, None, Goal(11, "steps")),
        ({"loss_below": 0.1}, None, Goal(100_000, "steps", 0.1)),
        ({"accuracy_above": 0.9, "epochs": 2}, None, Goal(8, "epochs", None, 0.9)),
        ({"loss_below": 0.1, "epochs": 2}, 50, Goal(50, "steps")),
    ],
)
def test_goal(stop: dict[str, Any], steps: int | None, goal: Goal) -> None:
    assert Goal.of(StopPreset(**stop), 4, steps) == goal


def run(session: Session, steps: int | None = None) -> TrainingResult:
    return train(session, Goal.of(session.preset.training.stop, session.trainer.steps_per_epoch, steps))


def stopping(session_of: Any, stop: dict[str, Any]) -> Session:
    session: Session = session_of(GAUSS, changes={"training.stop": stop})
    assert session.trainer.steps_per_epoch == 4
    return session


def test_steps_end_a_run_in_the_middle_of_an_epoch(session_of: Any) -> None:
    result = run(stopping(session_of, {"steps": 10}))
    assert (result.steps, result.epochs, result.stopped_by) == (10, 2, "steps")


def test_epochs_end_a_run(session_of: Any) -> None:
    result = run(stopping(session_of, {"epochs": 3}))
    assert (result.steps, result.epochs, result.stopped_by) == (12, 3, "epochs")


def test_conditions_are_tested_at_the_ends_of_epochs(session_of: Any) -> None:
    session = stopping(session_of, {"loss_below": 0.1})
    result = run(session)
    assert result.stopped_by == "loss_below"
    assert result.steps == 4 * result.epochs
    assert result.last.training.loss < 0.1
    session.seek(session.timeline.finish_of(result.steps - 4))
    assert session.evaluate().training.loss >= 0.1


def test_accuracy_ends_a_run(session_of: Any) -> None:
    result = run(stopping(session_of, {"accuracy_above": 0.9, "steps": 5000}))
    assert result.stopped_by == "accuracy_above"
    assert result.last.training.accuracy is not None
    assert result.last.training.accuracy > 0.9


def test_a_long_epoch_is_reported_on_its_way(session_of: Any) -> None:
    session = session_of(GAUSS, changes={"data.samples": 1000, "training.batch_size": 1})
    seen: list[int] = []
    result = train(session, Goal(700, "steps"), lambda step, loss: seen.append(step))
    assert seen == [200, 400, 500, 700]
    assert result.steps == 700


def test_the_best_loss_is_the_least_at_the_start_an_epoch_end_or_the_end(session_of: Any) -> None:
    session = session_of(GAUSS, changes={"data.kind": "xor", "optimizer": {"kind": "sgd", "learning_rate": 2.0}})
    result = run(session, 22)
    losses = []
    for step in (0, 4, 8, 12, 16, 20, 22):
        session.seek(session.timeline.finish_of(step))
        losses.append(session.evaluate().training.loss)
    assert result.first.training.loss == losses[0]
    assert result.last.training.loss == losses[-1]
    assert result.best_loss == min(losses) < min(losses[0], losses[-1])


def test_gradient_norms_are_those_of_the_first_and_the_last_step(session_of: Any) -> None:
    session = session_of(GAUSS)
    result = run(session, 9)
    for step, norms in ((1, result.first_gradient_norms), (9, result.last_gradient_norms)):
        session.seek(session.timeline.finish_of(step))
        expected = [float(np.linalg.norm(session.plan["dW", layer].array)) for layer in (1, 2)]
        assert norms == pytest.approx(expected, rel=1e-12)


def test_no_steps_at_all(session_of: Any) -> None:
    result = run(session_of(GAUSS), 0)
    assert (result.steps, result.epochs) == (0, 0)
    assert result.first == result.last
    assert result.last_gradient_norms == [None, None]


def test_a_run_that_diverges_is_strict_json(session_of: Any) -> None:
    session = session_of("linear-neuron", changes={"optimizer.learning_rate": 1e6})
    result = run(session, 1000)
    assert result.stopped_by == "not_finite"
    assert result.steps < 1000
    assert result.best_loss == pytest.approx(3.61, rel=1e-12)
    document = train_json(session, result)
    text = json.dumps(document, allow_nan=False)
    read = json.loads(text)
    assert read["loss"]["last"] in ("nan", "inf")
    session.seek(session.timeline.finish_of(60))
    read = json.loads(json.dumps(train_json(session, result), allow_nan=False))
    assert read["parameters"][0]["W"][0][0] in ("nan", "inf", "-inf")


def test_parameters_that_a_loss_overflows_with_are_not_finite_training(session_of: Any) -> None:
    """After step 22 the parameters are still numbers, but no loss can be computed with them."""
    session = session_of("linear-neuron", changes={"optimizer.learning_rate": 1e6})
    finite = 1
    while True:
        session.seek(session.timeline.finish_of(finite))
        if not isfinite(session.evaluate().training.loss):
            break
        finite += 1
    assert np.isfinite(session.trainer.state.parameters).all()
    fresh = session_of("linear-neuron", changes={"optimizer.learning_rate": 1e6})
    assert run(fresh, finite - 1).stopped_by == "steps"
    fresh = session_of("linear-neuron", changes={"optimizer.learning_rate": 1e6})
    assert run(fresh, finite).stopped_by == "not_finite"


def test_train_json_has_every_key(session_of: Any) -> None:
    session = session_of(GAUSS, changes={"layers.1.bias": False})
    document = train_json(session, run(session, 20))
    assert list(document) == [
        *("preset", "steps", "epochs", "loss", "test_loss", "accuracy", "test_accuracy"),
        *("measures", "gradient_norms", "stopped_by", "steps_per_second", "parameters"),
    ]
    assert list(document["loss"]) == ["first", "last", "best"]
    assert document["steps_per_second"] > 0
    assert [set(entry) for entry in document["parameters"]] == [{"layer", "W", "b", "gamma", "beta"}] * 2
    assert np.shape(document["parameters"][0]["W"]) == (2, 2)
    assert np.shape(document["parameters"][0]["b"]) == (2,)
    assert document["parameters"][1]["b"] is None
    assert 0 <= document["test_accuracy"] <= 1
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_without_a_test_part_there_are_no_test_values(session_of: Any) -> None:
    session = session_of("first-steps")
    document = train_json(session, run(session, 1))
    assert document["test_loss"] is document["test_accuracy"] is None
    assert document["loss"]["last"] == document["loss"]["best"] == pytest.approx(0.025454960097992977, rel=1e-12)
