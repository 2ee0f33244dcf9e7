"""The session goes anywhere in a run, by any way, and always finds the same numbers there."""

import hashlib
import random
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.chain_rule.statements import statements
from backprop_tui.core.session.session import Session
from backprop_tui.core.session.timeline import UNITS
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.training.trainer import Trainer

from ...share import share

SPIRAL: dict[str, Any] = {
    "title": "Spiral",
    "data": {"kind": "spiral", "samples": 40, "train_ratio": 0.55},
    "layers": [
        {"units": 4, "activation": "tanh"},
        {"units": 3, "activation": "relu"},
        {"units": 1, "activation": "sigmoid"},
    ],
    "optimizer": {"kind": "adam", "learning_rate": 0.01},
    "training": {"batch_size": 5},
}
WALKS: dict[str, tuple[int, dict[str, Any]]] = {
    "adam": (share(100, 300), {}),
    "frozen biases": (100, {"optimizer.train_biases": False}),
    "sgd float32": (100, {"optimizer.kind": "sgd", "training.dtype": "float32"}),
}


def digest(plan: Plan, events: int) -> str:
    """Of all that is there after so many events of a step: which quantities, and their bytes."""
    found = hashlib.sha256()
    for (symbol, layer), quantity in sorted(plan.quantities.items(), key=str):
        if quantity.place < events:
            found.update(f"{symbol} {layer} {quantity.array.shape}".encode())
            found.update(quantity.array.tobytes())
    return found.hexdigest()


def digest_of(session: Session) -> str:
    """The same, of what a session says is computed."""
    events = max((q.place + 1 for q in session.plan.quantities.values() if session.computed(q)), default=0)
    for quantity in session.plan.quantities.values():
        assert session.computed(quantity) == (quantity.place < events)
    return digest(session.plan, events)


def straight_digests(session: Session, counts: set[int]) -> dict[int, str]:
    """The digests at some counts of a trainer that just runs, by nothing but its own events."""
    trainer = Trainer(session.preset, session.dataset, session.seed)
    found = {0: digest(trainer.plan, 0)} if 0 in counts else {}
    stream = trainer.walk().events
    with np.errstate(all="ignore"):
        for count in range(1, max(counts) + 1):
            next(stream)
            if count in counts:
                found[count] = digest(trainer.plan, (count - 1) % trainer.events_per_step + 1)
    return found


def wander(session: Session, moves: int, chance: random.Random) -> dict[int, str]:
    """Move at random; returns the digest found at every place, and checks that a place always has the same."""
    found: dict[int, str] = {}
    for _ in range(moves):
        how = chance.random()
        if how < 0.42:
            session.forward(chance.choice(UNITS))
        elif how < 0.84:
            session.back(chance.choice(UNITS))
        elif how < 0.96:
            session.seek(chance.randrange(session.furthest + 2 * session.timeline.length))
        else:
            session.play(0.002)
            assert session.position.finished
        assert session.step == session.trainer.state.step
        assert session.furthest >= session.count
        now = digest_of(session)
        assert found.setdefault(session.count, now) == now
    return found


def same_history(session: Session, other: Session) -> None:
    assert session.history.steps == other.history.steps
    for one, two in (
        (session.history.losses.series(), other.history.losses.series()),
        (session.history.gradients.rows, other.history.gradients.rows),
        (session.history.gradients.steps, other.history.gradients.steps),
        (session.history.evaluations.rows, other.history.evaluations.rows),
        (session.history.evaluations.steps, other.history.evaluations.steps),
    ):
        assert np.array(one).tobytes() == np.array(two).tobytes()


@pytest.mark.parametrize(("moves", "changes"), WALKS.values(), ids=WALKS)
def test_random_moves_find_what_a_straight_run_finds(session_of: Any, moves: int, changes: dict[str, Any]) -> None:
    session = session_of(SPIRAL, 5, changes)
    assert session.trainer.sizes == [5, 5, 5, 5, 2]
    found = wander(session, moves, random.Random(1))
    assert found == straight_digests(session, set(found))
    assert session.furthest > 3 * session.trainer.steps_per_epoch * session.timeline.length
    assert len(found) > moves // 5
    straight = session_of(SPIRAL, 5, changes)
    straight.seek(session.furthest)
    same_history(session, straight)
    assert straight.history.evaluations.steps
    session.seek(session.furthest)
    assert session.trainer.state == straight.trainer.state
    assert session.evaluate() == straight.evaluate()


def test_a_tiny_budget_for_snapshots_changes_no_number(session_of: Any) -> None:
    session = session_of(SPIRAL, 5)
    session.snapshots.budget = 1
    session.seek(session.timeline.finish_of(450))
    found = wander(session, 60, random.Random(2))
    assert len(session.snapshots.steps) <= 3
    assert found == straight_digests(session, set(found))


def test_snapshots_are_far_apart_at_speed_and_close_where_one_went_back(session_of: Any) -> None:
    session = session_of(SPIRAL, 5)
    session.seek(session.timeline.finish_of(1000))
    assert session.snapshots.steps == list(range(0, 1001, 100))
    session.back("step")
    dense = set(session.snapshots.steps) - set(range(0, 1001, 100))
    assert set(range(940, 999)) <= dense
    assert len(dense) < 100


def test_back_is_the_inverse_of_forward_in_every_unit(session_of: Any) -> None:
    session = session_of(SPIRAL, 5)
    for unit in UNITS:
        session.seek(0)
        before = []
        for _ in range(12):
            before.append((session.count, digest_of(session)))
            session.forward(unit)
        for count, numbers in reversed(before):
            session.back(unit)
            assert (session.count, digest_of(session)) == (count, numbers)
        session.back(unit)
        assert session.count == 0


def test_going_somewhere_in_slices_ends_where_going_at_once_does(session_of: Any) -> None:
    session, straight = session_of(SPIRAL, 5), session_of(SPIRAL, 5)
    end = session.timeline.finish_of(3000) + 4
    slices = 1
    while not session.approach(end, 0.002):
        assert session.count < end
        slices += 1
    assert slices > 1
    straight.seek(end)
    assert digest_of(session) == digest_of(straight)
    back = session.timeline.finish_of(250) + 9
    session.depart(back)
    while not session.approach(back, 0.002):
        assert session.count < back
    straight.seek(back)
    assert session.count == back
    assert digest_of(session) == digest_of(straight)
    same_history(session, straight)


def test_nothing_is_computed_at_the_start_but_what_is_given(session_of: Any) -> None:
    session = session_of(SPIRAL, 5)
    assert {q.symbol for q in session.plan.quantities.values() if session.computed(q)} == {
        *("W", "b", "m₀(W)", "m₀(b)", "v₀(W)", "v₀(b)")
    }
    session.forward("op")
    assert session.op is not None
    assert (session.op.name, session.op.layer) == ("Z", 1)
    assert session.computed(session.plan["X", None])
    assert session.computed(session.plan["Z", 1])
    assert not session.computed(session.plan["A", 1])


def test_the_op_in_view_is_the_one_that_ran_last(session_of: Any) -> None:
    session = session_of(SPIRAL, 5)
    for count in (5, 40, 17, 22, 3):
        session.seek(count)
        assert session.op is session.plan.events[session.position.events - 1]
    session.seek(0)
    assert session.op is None


def test_parameters_change_only_when_the_step_finishes(session_of: Any) -> None:
    session = session_of(SPIRAL, 5)
    start = session.trainer.state.parameters.copy()
    for _ in session.plan.ops:
        session.forward("op")
        assert (session.trainer.state.parameters == start).all()
    session.forward("step")
    assert (session.trainer.state.parameters != start).any()


def test_measures_are_those_of_this_step_as_far_as_it_has_got(session_of: Any) -> None:
    session = session_of(SPIRAL, 5)
    session.forward("step")
    session.forward("op")
    assert [(m.gradient, m.update, m.ratio) for m in session.measure()] == [(None, None, None)] * 3
    for _ in session.plan.ops[1:]:
        session.forward("op")
        for layer, measured in enumerate(session.measure(), 1):
            for symbol, found in (("dW", measured.gradient), ("ΔW", measured.update)):
                quantity = session.plan[symbol, layer]
                expected = float(np.linalg.norm(quantity.array)) if session.computed(quantity) else None
                assert found == (None if expected is None else pytest.approx(expected, rel=1e-12))
    session.forward("step")
    for layer, measured in enumerate(session.measure(), 1):
        assert measured.update == pytest.approx(np.linalg.norm(session.plan["ΔW", layer].array), rel=1e-12)


def test_play_times_every_phase_and_moves_on(session_of: Any) -> None:
    session = session_of(SPIRAL, 5)
    session.forward("layer")
    session.play(0.01)
    assert set(session.timing.phases) == {"forward", "loss", "backward", "update"}
    assert all(seconds > 0 for seconds in session.timing.phases.values())
    assert session.step >= 2
    assert session.history.steps == session.step


DIVERGING = {"optimizer.learning_rate": 1e6}


def test_a_diverging_run_is_noticed_at_its_first_loss_that_is_not_finite(session_of: Any) -> None:
    """Every step multiplies the error by 1 − 2η(x² + 1), by hand: the loss of step 1 + n is 3.61 times its 2n-th power.

    It leaves the range of a float where 3.61 · 10820000²ⁿ⁻… is above 1.8e308, at n = 22; pytest makes any warning fail.
    """
    session = session_of("linear-neuron", changes=DIVERGING)
    factor = 2e6 * (2.1**2 + 1) - 1
    first = next(n for n in range(1, 100) if np.log10(3.61) + 2 * n * np.log10(factor) > 308.25) + 1
    session.forward("step")
    assert session.not_finite_step is None
    session.seek(session.timeline.finish_of(first - 1))
    assert session.not_finite_step is None
    session.seek(session.timeline.finish_of(200))
    assert session.not_finite_step == first
    assert session.diverged


def test_everything_can_be_looked_at_in_a_diverged_run(session_of: Any) -> None:
    for preset in ("linear-neuron", "first-steps", "by-hand"):
        session = session_of(preset, changes={**DIVERGING, "optimizer.train_biases": False})
        for step in (21, 22, 23, 45, 60):
            session.seek(session.timeline.finish_of(step))
            for _ in session.plan.ops:
                session.forward("op")
                session.measure()
                assert session.op is not None
                for shown in statements(session.op, Spotlight(1, 0, 0), len(session.trainer.layers)):
                    shown.text(str)
            session.gradient_norm()
            session.evaluate()
            session.evaluator.predict(np.ones((len(session.dataset.inputs), 1)))
    session.play(0.005)


def test_back_from_a_diverged_run_the_numbers_are_finite_again(session_of: Any) -> None:
    session = session_of("linear-neuron", changes=DIVERGING)
    session.seek(session.timeline.finish_of(400))
    session.seek(session.timeline.finish_of(3))
    assert not session.diverged
    assert session.not_finite_step is not None
    assert np.isfinite(session.trainer.state.parameters).all()
    fresh = session_of("linear-neuron", changes=DIVERGING)
    fresh.seek(fresh.timeline.finish_of(3))
    assert session.trainer.state == fresh.trainer.state
    assert digest_of(session) == digest_of(fresh)
    # Ends as soon as it has diverged, long before its time is up.
    session.play(20)
    assert session.diverged


def test_the_way_forward_through_known_steps_starts_at_the_nearest_snapshot(session_of: Any) -> None:
    session = session_of("xor")
    session.advance(session.timeline.finish_of(1000))
    there = session.trainer.state.copy()
    session.seek(0)
    session.depart(session.timeline.finish_of(1000))
    assert session.step == 900
    session.advance(session.timeline.finish_of(1000))
    assert session.trainer.state == there
    assert session.history.steps == 1000
