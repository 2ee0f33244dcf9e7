"""Runs whose learning rate has a schedule: going back and forward, live edits, and the loss of nothing without one."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.inquiry.step_change import step_change
from backprop_tui.core.network.schedule import rate_of_step
from backprop_tui.core.preset.hyper_parameters import hyper_parameters, stepped
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.parameters_file import write_parameters

CHANGES: list[list[tuple[str, Any]]] = [
    [("optimizer.schedule.kind", "cosine")],
    [("optimizer.schedule", {"kind": "exponential", "gamma": 0.8})],
    [("optimizer.schedule", None)],
    [("optimizer.learning_rate", 0.4)],
    [("optimizer.kind", "adam"), ("optimizer.schedule.warm_up", 20)],
    [("optimizer.schedule.step_size", 3), ("optimizer.schedule.gamma", None)],
]


def session(schedule: dict[str, Any] | None, start: Path | None = None, **optimizer: Any) -> Session:
    own = {"learning_rate": 0.1, **optimizer, **({"schedule": schedule} if schedule is not None else {})}
    table = {
        "title": "Scheduled",
        "data": {"kind": "circle", "samples": 20},
        "layers": [{"units": 3, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
        "optimizer": own,
        "training": {"batch_size": 4, **({"start": str(start)} if start else {})},
    }
    return Session(*load_preset(table, "scheduled"))


STEPWISE = {"kind": "step", "step_size": 5, "gamma": 0.5, "warm_up": 3}


def parameters(run: Session, step: int) -> Any:
    run.seek(run.timeline.finish_of(step))
    return run.trainer.state.parameters.copy()


@pytest.mark.parametrize("changes", CHANGES)
def test_a_run_with_edits_is_the_same_on_every_way(changes: list[tuple[str, Any]]) -> None:
    """Edits after step 7, then there and back: the rate is that of the number of the step in the run."""
    run = session(STEPWISE)
    run.seek(run.timeline.finish_of(7))
    for name, value in changes:
        run = run.branch(name, value)
    later = parameters(run, 16)
    own = run.preset.optimizer
    assert run.trainer.learning_rate(17) == rate_of_step(own, 17)
    early = parameters(run, 4)
    assert (parameters(run, 16) == later).all()
    assert (parameters(run, 4) == early).all()
    assert (early == parameters(session(STEPWISE), 4)).all()


@pytest.mark.parametrize("kind", ["sgd", "adam"])
def test_a_run_that_goes_on_from_a_file_goes_on_with_the_schedule(tmp_path: Path, kind: str) -> None:
    """6 and 7 steps are the 13, bit for bit, and an edit after that changes nothing of the count."""
    whole, first = session(STEPWISE, kind=kind), session(STEPWISE, kind=kind)
    parameters(first, 6)
    with (tmp_path / "kept.npz").open("wb") as stream:
        write_parameters(first.trainer, stream)
    rest = session(STEPWISE, tmp_path / "kept.npz", kind=kind)
    assert (parameters(rest, 7) == parameters(whole, 13)).all()
    assert rest.trainer.learning_rate(7) == whole.trainer.learning_rate(13)
    rest, whole = (run.branch("optimizer.schedule.gamma", 0.9) for run in (rest, whole))
    assert (parameters(rest, 10) == parameters(whole, 16)).all()


def test_an_edit_of_the_schedule_counts_from_the_first_step_of_the_run() -> None:
    run = session(None)
    run.seek(run.timeline.finish_of(10))
    run = run.branch("optimizer.schedule", {"kind": "exponential", "gamma": 0.5})
    run.seek(run.timeline.finish_of(11) - 1)
    assert run.plan["ηₖ", None].value(()) == pytest.approx(0.1 * 0.5**10, rel=1e-14)


@pytest.mark.parametrize("kind", ["sgd", "adam", "adamw"])
def test_a_schedule_that_does_nothing_changes_no_bit(kind: str) -> None:
    """γ = 1: the very numbers of the run without a schedule."""
    plain = session(None, kind=kind, weight_decay=0.01)
    still = session({"kind": "exponential", "gamma": 1.0}, kind=kind, weight_decay=0.01)
    assert (parameters(plain, 9) == parameters(still, 9)).all()
    assert plain.plan.find("ηₖ", None) is None


def test_where_plain_descent_will_step_is_told_with_the_rate_of_the_step() -> None:
    """As soon as the gradient is there, before the update: what it says is what the update does."""
    run = session(STEPWISE)
    run.seek(run.timeline.finish_of(11) - 2)
    told = step_change(run, "W", 2)
    assert told is not None
    early = told.copy()
    run.seek(run.timeline.finish_of(11) - 1)
    assert np.array_equal(early, run.plan["ΔW", 2].array)


def test_the_settings_have_the_schedule_each_key_with_the_kinds_that_use_it() -> None:
    """On the settings page every kind can be chosen without a word more: what it takes has a default."""
    found = {one.path: one for one in hyper_parameters(session(None).preset)}
    kind = found["optimizer.schedule.kind"]
    assert kind.value == "constant"
    assert kind.choices == ("constant", "step", "exponential", "cosine")
    assert found["optimizer.schedule.t_max"].unused == "not used by constant"
    assert found["optimizer.schedule.start_factor"].unused == "not used without a warm-up"
    for choice in kind.choices:
        changed = session(None).branch(kind.path, choice)
        used = {one.name for one in hyper_parameters(changed.preset) if "schedule" in one.path and not one.unused}
        own = {"step": {"step_size", "gamma"}, "exponential": {"gamma"}, "cosine": {"t_max", "eta_min"}}
        assert used == {"kind", "warm_up"} | own.get(choice, set())
    assert stepped(found["optimizer.schedule.warm_up"], 1) == 1
    assert stepped(found["optimizer.schedule.warm_up"], -1) == 0
