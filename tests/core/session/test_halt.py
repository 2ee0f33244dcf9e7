"""Where a run halts: at the same op however it was gone through; and it goes on where a step gets over an overflow."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.compare.findings_report import diagnose
from backprop_tui.core.inquiry.breakpoints import Breakpoint
from backprop_tui.core.inquiry.watch import Watch
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.session.run import Goal, train
from backprop_tui.core.session.session import Session
from backprop_tui.core.session.timeline import UNITS
from backprop_tui.core.training.divergence import not_finite

from ...share import share

ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus")
STEPS = 30


def extreme(seed: int) -> Session:
    """A network with weights and a learning rate of any magnitude."""
    chance = random.Random(seed)
    layers: list[dict[str, Any]] = [
        {
            "units": chance.randint(1, 4),
            "activation": chance.choice(ACTIVATIONS),
            "init": "normal",
            "init_scale": 10.0 ** chance.choice([-1, 0, 10, 100, 154, 200, 300]),
        }
        for _ in range(chance.randint(1, 4))
    ]
    layers[0]["batch_norm"] = chance.random() < 0.3
    layers.append({"units": 1, "activation": chance.choice(["identity", "sigmoid", "tanh"])})
    kind = chance.choice(["sgd", "momentum", "nesterov", "rmsprop", "adam"])
    table = {
        "title": "Extreme",
        "seed": seed,
        "data": {"kind": "gauss", "samples": 20, "noise": 0.2},
        "layers": layers,
        "optimizer": {"kind": kind, "learning_rate": 10.0 ** chance.choice([-2, 0, 3, 50, 150, 300, 308])},
        "training": {"batch_size": chance.choice([0, 3])},
    }
    return Session(*load_preset(table, "test", None, "test"))


def by_ops(session: Session) -> None:
    while session.step < STEPS and not session.diverged:
        session.forward("op")
        session.stop_at_fault()


def by_any_unit(session: Session) -> None:
    chance = random.Random(session.seed)
    while session.step < STEPS and not session.diverged:
        session.forward(chance.choice(UNITS[:4]))
        session.stop_at_fault()


def by_going_there(session: Session) -> None:
    session.seek(session.timeline.finish_of(STEPS))
    session.stop_at_fault()


def by_steps(session: Session) -> None:
    while session.step < STEPS and not session.diverged:
        session.advance_steps(1)
    if session.diverged:
        session.stop_at_divergence()


def by_watch(session: Session) -> None:
    watch = Watch(session, (Breakpoint("gradient_below", 1e-300),), Spotlight(1, 0, 0))
    while session.step < STEPS and not session.diverged:
        watch.play(0)


WAYS: tuple[Callable[[Session], None], ...] = (by_ops, by_any_unit, by_going_there, by_steps, by_watch)


def halted(session: Session) -> tuple[Any, ...] | None:
    """Where it stands and why, with the numbers that it shows; None where it goes on."""
    if not session.diverged:
        return None
    state = session.trainer.state
    return (session.count, session.fault and session.fault.text(), state.vectors.tobytes(), state.step)


@pytest.mark.parametrize("seed", range(share(8, 1000)))
def test_it_halts_at_the_same_op_whatever_way_it_takes(seed: int) -> None:
    ends = set()
    for way in WAYS:
        session = extreme(seed)
        way(session)
        ends.add(halted(session))
        if session.diverged:
            # Back, and at full speed to the same place again.
            session.back("step")
            while not session.diverged:
                session.play(0.001)
            ends.add(halted(session))
    assert len(ends) == 1


def test_a_fault_found_op_by_op_is_found_again_at_full_speed(session_of: Any) -> None:
    """The loss of the step whose update overflows is finite still."""
    session = session_of("plane", changes={"optimizer.learning_rate": 1e308})
    by_any_unit(session)
    assert session.diverged
    assert session.not_finite_step is None
    stop, why = session.count, session.fault.text()
    session.back("phase")
    session.play(0.01)
    assert (session.count, session.fault.text()) == (stop, why)
    for headless in (lambda one: train(one, Goal(50, "steps")), lambda one: diagnose(one, 50)):
        other = session_of("plane", changes={"optimizer.learning_rate": 1e308})
        headless(other)
        assert other.fault.text() == why


def findings(session: Session) -> list[tuple[Any, ...]]:
    return [(found.rule, found.step, found.evidence, found.cause, found.remedies) for found in session.findings()]


def bias_alone(session_of: Any) -> Session:
    """All inputs are 0: it is the bias alone whose change overflows, and of it no norm is measured."""
    table = {
        "title": "Bias",
        "data": {"kind": "inline", "inputs": [[0.0]], "targets": [[10.0]]},
        "layers": [{"units": 1, "activation": "identity"}],
        "optimizer": {"kind": "sgd", "learning_rate": 1e308},
    }
    session: Session = session_of(table)
    return session


def long_since(session_of: Any) -> Session:
    """Between two steps that are measured."""
    session: Session = session_of("plane", changes={"training.batch_size": 0})
    session.seek(session.timeline.finish_of(24))
    return session.branch("optimizer.learning_rate", 1e308)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("made", [bias_alone, long_since])
def test_the_diagnosis_names_where_it_halts_whatever_way_it_takes(
    session_of: Any, made: Callable[[Any], Session], way: Callable[[Session], None]
) -> None:
    """Where it halts the loss is finite still: who went on has seen one that is not, and who stepped has not."""
    session, stepped = made(session_of), made(session_of)
    way(session)
    by_ops(stepped)
    assert session.fault is not None
    assert findings(session)[-1][:3] == ("not_finite", session.fault.step, session.fault.text())
    assert findings(session) == findings(stepped)


def test_a_weight_that_is_too_large_on_the_way_halts_its_branch_alone(session_of: Any) -> None:
    session = session_of("sine")
    session.seek(session.timeline.finish_of(5))
    for value in (1e308, -1e308):
        branch = session.branch("W1[1,1]", value).branch("W1[2,1]", value)
        by_ops(branch)
        stop = halted(branch)
        again = session.branch("W1[1,1]", value).branch("W1[2,1]", value)
        by_steps(again)
        assert halted(again) == stop
    assert not session.diverged


def test_a_step_that_gets_over_an_overflow_goes_on(session_of: Any) -> None:
    """A sigmoid of an infinite preactivation is 1: nothing else is ever infinite."""
    table = {
        "title": "Flat",
        "data": {"kind": "inline", "inputs": [[2.0, 2.0]], "targets": [[1.0]]},
        "layers": [
            {"units": 1, "activation": "sigmoid", "weights": [[1e308, 1e308]]},
            {"units": 1, "activation": "sigmoid"},
        ],
    }
    session = session_of(table)
    session.forward("op")
    assert session.op is not None
    assert not_finite(session.op) is not None
    furthest = session.furthest
    session.stop_at_fault()
    assert not session.diverged
    assert (session.count, session.furthest) == (furthest, furthest)
    by_ops(session)
    assert session.step == STEPS
    assert np.isfinite(session.trainer.state.parameters).all()
