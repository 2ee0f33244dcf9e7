"""A watch stops where a straight run says it must, however the run is gone through."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.breakpoints import KINDS, Breakpoint
from backprop_tui.core.inquiry.watch import Hit, Watch, training_example, unavailable
from backprop_tui.core.session import excursion
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.session import Session
from backprop_tui.core.session.timeline import UNITS
from backprop_tui.core.training.divergence import not_finite
from backprop_tui.core.training.evaluation import Evaluator
from backprop_tui.core.training.living_units import LivingUnits

STEPS = 45
SPOTLIGHT = Spotlight(2, 0, 1, example=1)
MINI: dict[str, Any] = {
    "title": "Spiral",
    "data": {"kind": "spiral", "samples": 40, "train_ratio": 0.55},
    "layers": [
        {"units": 4, "activation": "relu"},
        {"units": 3, "activation": "leaky_relu", "slope": 0.0},
        {"units": 1, "activation": "sigmoid"},
    ],
    "optimizer": {"kind": "sgd", "learning_rate": 0.9},
    "training": {"batch_size": 5},
}
NORMALIZED: dict[str, Any] = MINI | {
    "layers": [
        {"units": 4, "activation": "relu", "batch_norm": True, "dropout": 0.3},
        {"units": 4, "activation": "relu", "residual": True},
        {"units": 1, "activation": "sigmoid"},
    ],
    "optimizer": {"kind": "adam", "learning_rate": 0.1},
}
CLASSES: dict[str, Any] = {
    "title": "Classes",
    "data": {
        "kind": "inline",
        "inputs": [[0.9, -0.4], [-1.1, 0.3], [0.2, 0.8], [1.3, 1.1], [-0.6, -0.9]],
        "targets": [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0]],
    },
    "layers": [{"units": 6, "activation": "relu"}, {"units": 3, "activation": "softmax"}],
    "loss": {"kind": "cross_entropy"},
    "optimizer": {"kind": "momentum", "learning_rate": 0.7},
}
NETWORKS: dict[str, tuple[dict[str, Any], tuple[Edit, ...]]] = {
    "mini-batches": (MINI, ()),
    "batch norm, dropout, residual": (NORMALIZED, ()),
    "full batch": (CLASSES, ()),
    "edits": (
        MINI,
        (Edit(7, "optimizer.learning_rate", 0.3), Edit(12, "W2[1,2]", -0.5), Edit(30, "W2[1,2]", 0.5)),
    ),
}


def straight(session: Session, steps: int = STEPS) -> dict[str, list[Any]]:
    """By step, from 0, what a run of `session` goes through; step 0 has a state and nothing else."""
    found: dict[str, list[Any]] = {k: [] for k in ("loss", "norm", "weight", "flip", "accuracy", "alive", "fault")}
    example = training_example(session, SPOTLIGHT)
    for step in range(steps + 1):
        fault = None
        while step and session.count < session.timeline.finish_of(step) - 1:
            session.advance(session.count + 1)
            bad = session.op is not None and session.op.phase != "start" and not_finite(session.op) is not None
            fault = fault or (session.count if bad else None)
        found["fault"].append(fault)
        found["loss"].append(session.plan.loss())
        found["norm"].append(float(np.linalg.norm(session.trainer.gradient)))
        session.advance(session.timeline.finish_of(step))
        evaluator = Evaluator(session.trainer, session.dataset)
        outputs = evaluator.answer(session.dataset.inputs)[:, example]
        found["flip"].append(int(outputs.argmax()) if len(outputs) > 1 else int(outputs[0] > 0.5))
        found["accuracy"].append(evaluator.training().accuracy)
        layer = session.trainer.layers[SPOTLIGHT.layer - 1]
        found["weight"].append(float(layer.weights(session.trainer.state.parameters)[SPOTLIGHT.index]))
        plan = evaluator.run(session.dataset.inputs)
        hidden = [layer.number for layer in session.trainer.layers[:-1] if "relu" in layer.activation]
        outs = [plan.find("F", n) or plan["A", n] for n in hidden]
        found["alive"].append(np.concatenate([(q.array > 0).any(axis=1) for q in outs]))
    return found


def expected(session: Session, kind: str, number: float | None, run: dict[str, list[Any]]) -> list[int]:
    """The counts at which a breakpoint of that kind holds, from the definitions."""

    def holds(s: int) -> bool:
        a, b = (run[key][s - 1 : s + 1] for key in ("alive", "flip"))
        before, after = run["weight"][s - 1 : s + 1]
        return {
            "loss_rises": s > 1 and run["loss"][s] > run["loss"][s - 1],
            "gradient_below": run["norm"][s] < (number or 0) and not (s > 1 and run["norm"][s - 1] < (number or 0)),
            "gradient_above": run["norm"][s] > (number or 0) and not (s > 1 and run["norm"][s - 1] > (number or 0)),
            "sign_changes": np.sign(after) != np.sign(before) != 0,
            "prediction_flips": b[0] != b[1],
            "accuracy_reaches": run["accuracy"][s - 1] < (number or 0) <= run["accuracy"][s],
            "unit_dies": bool((a[0] & ~a[1]).any()),
            "not_finite": run["fault"][s] is not None and run["fault"][s - 1] is None,
        }[kind]

    plan, length = session.plan, session.timeline.length
    last_backward = max(i for i, op in enumerate(plan.events, 1) if op.phase == "backward")
    loss_op = next(i for i, op in enumerate(plan.events, 1) if plan["ℒ", None] in op.writes)
    inside = {"loss_rises": loss_op, "gradient_below": last_backward, "gradient_above": last_backward}
    if kind == "not_finite":
        return [run["fault"][s] for s in range(1, STEPS + 1) if holds(s)]
    return [(s - 1) * length + inside.get(kind, length) for s in range(1, STEPS + 1) if holds(s)]


def breakpoints_for(run: dict[str, list[Any]]) -> list[Breakpoint]:
    """One of every kind, with numbers in the midst of what the run goes through."""
    middle = float(np.median(run["norm"][1:]))
    reached = sorted(set(run["accuracy"]))[len(set(run["accuracy"])) // 2]
    numbers = {"gradient_below": middle, "gradient_above": middle, "accuracy_reaches": reached}
    return [Breakpoint(kind, numbers.get(kind)) for kind in KINDS]


Go = Callable[[Session, list[Breakpoint], int], Iterator[tuple[int, tuple[Hit, ...]]]]


def at_once(session: Session, breakpoints: list[Breakpoint], end: int) -> Iterator[tuple[int, tuple[Hit, ...]]]:
    watch = Watch(session, tuple(breakpoints), SPOTLIGHT)
    while session.count < end:
        assert watch.approach(end, 60)
        yield session.count, watch.hits


def in_slices(session: Session, breakpoints: list[Breakpoint], end: int) -> Iterator[tuple[int, tuple[Hit, ...]]]:
    watch = Watch(session, tuple(breakpoints), SPOTLIGHT)
    while session.count < end:
        watch.approach(end, 0)
        yield session.count, watch.hits


def at_full_speed(session: Session, breakpoints: list[Breakpoint], end: int) -> Iterator[tuple[int, tuple[Hit, ...]]]:
    """In whole steps, many between two looks at the clock; now and then from within a step."""
    watch = Watch(session, tuple(breakpoints), SPOTLIGHT)
    last, chance = session.timeline.at(end).step, random.Random(5)
    while session.count < end:
        session.chunk = chance.choice([1, 7, 60])
        if chance.random() < 0.2:
            watch.approach(min(session.count + chance.randrange(1, 9), end), 60)
        else:
            watch.play(chance.choice([0, 60]), last)
        yield session.count, watch.hits


def at_random(session: Session, breakpoints: list[Breakpoint], end: int) -> Iterator[tuple[int, tuple[Hit, ...]]]:
    """In all units, with watches that know nothing, and with ways back and forth that heed no breakpoint."""
    chance = random.Random(4)
    example = training_example(session, SPOTLIGHT)
    watch = Watch(session, tuple(breakpoints), SPOTLIGHT)
    while session.count < end:
        how = chance.random()
        here = session.count
        if how < 0.3:
            session.seek(chance.randrange(here + 1))
            session.seek(here)
        elif how < 0.5:
            watch = Watch(session, tuple(breakpoints), SPOTLIGHT)
            for check in watch.checks:
                if hasattr(check, "example"):
                    check.example = example
        target = min(session.timeline.after(session.count, chance.choice(UNITS)), end)
        assert watch.approach(target, 60)
        yield session.count, watch.hits
        if not watch.hits:
            assert session.count == target


@pytest.mark.parametrize("name", NETWORKS)
def test_every_kind_stops_where_a_straight_run_says(session_of: Any, name: str) -> None:
    table, edits = NETWORKS[name]
    fresh = session_of(table)

    def begin() -> Session:
        return Session(fresh.preset, fresh.dataset, None, edits)

    run = straight(begin())
    breakpoints = breakpoints_for(run)
    wanted = {b: expected(fresh, b.kind, b.number, run) for b in breakpoints}
    assert sum(bool(counts) for counts in wanted.values()) >= 5
    end = fresh.timeline.finish_of(STEPS)
    states = set()
    for go in (at_once, in_slices, at_full_speed, at_random):
        session = begin()
        found: dict[Breakpoint, list[int]] = {b: [] for b in breakpoints}
        for count, hits in go(session, breakpoints, end):
            for hit in hits:
                found[hit.breakpoint].append(count)
                assert hit.reason
        assert found == wanted, go.__name__
        states.add(session.trainer.state.vectors.tobytes())
        assert session.furthest == end
    for breakpoint in breakpoints:
        # Alone, so that many whole steps lie between two places where one holds.
        session = begin()
        counts = [count for count, hits in at_full_speed(session, [breakpoint], end) if hits]
        assert counts == wanted[breakpoint], breakpoint
        states.add(session.trainer.state.vectors.tobytes())
    plain = begin()
    plain.seek(end)
    assert states == {plain.trainer.state.vectors.tobytes()}


def test_every_kind_is_met_in_some_network(session_of: Any) -> None:
    met = set()
    for table, edits in NETWORKS.values():
        session = session_of(table)
        run = straight(Session(session.preset, session.dataset, None, edits))
        met |= {b.kind for b in breakpoints_for(run) if expected(session, b.kind, b.number, run)}
    assert met == set(KINDS) - {"not_finite"}


def test_a_number_not_reached_stops_nothing(session_of: Any) -> None:
    session = session_of(MINI)
    run = straight(session)
    norms = run["norm"][1:]
    reached = max(run["accuracy"])
    near = (
        Breakpoint("gradient_below", min(norms) * (1 - 1e-9)),
        Breakpoint("gradient_above", max(norms) * (1 + 1e-9)),
        *([Breakpoint("accuracy_reaches", reached + 1e-9)] if reached < 1 else []),
    )
    assert len(near) == 3
    fresh = session_of(MINI)
    watch = Watch(fresh, near, SPOTLIGHT)
    assert watch.approach(fresh.timeline.finish_of(STEPS), 60)
    assert (watch.hits, fresh.step) == ((), STEPS)
    above = Breakpoint("gradient_above", max(norms) * (1 - 1e-9))
    fresh = session_of(MINI)
    watch = Watch(fresh, (above,), SPOTLIGHT)
    watch.approach(fresh.timeline.finish_of(STEPS), 60)
    assert fresh.position.step == int(np.argmax(norms)) + 1
    assert fresh.op is fresh.plan.ops[[op.phase for op in fresh.plan.ops].index("update") - 1]


def first_stop(session: Session, kind: str, spotlight: Spotlight, steps: int = 20) -> tuple[int, str] | None:
    """The step and the reason of the first stop, None without one."""
    watch = Watch(session, (Breakpoint(kind),), spotlight)
    assert watch.approach(session.timeline.finish_of(steps), 60)
    return (session.position.step, watch.hits[0].reason) if watch.hits else None


def test_a_loss_rises_as_soon_as_the_learning_rate_is_too_high(session_of: Any) -> None:
    """The lesson of the preset: above 0.1848429 the loss grows with every step."""
    where = Spotlight(1, 0, 0)
    assert (
        first_stop(session_of("linear-neuron", changes={"optimizer.learning_rate": 0.184}), "loss_rises", where) is None
    )
    found = first_stop(session_of("linear-neuron", changes={"optimizer.learning_rate": 0.2}), "loss_rises", where)
    # The error is multiplied by 1 − 2 · 0.2 · (2.1² + 1) = −1.164, the loss of 3.61 by 1.354896.
    assert found == (2, "the loss is 4.89117 in step 2; in step 1 it was 3.61")


def one_weight(rate: float) -> dict[str, Any]:
    """ℒ = w², w = 1 at the start, no bias: each step multiplies w by 1 − 2η."""
    return {
        "title": "w",
        "data": {"kind": "inline", "inputs": [[1.0]], "targets": [[0.0]]},
        "layers": [{"units": 1, "activation": "identity", "bias": False, "weights": [[1.0]]}],
        "loss": {"kind": "mean_squared_error"},
        "optimizer": {"kind": "sgd", "learning_rate": rate},
    }


def test_a_weight_that_comes_to_zero_has_left_its_side(session_of: Any) -> None:
    where = Spotlight(1, 0, 0)
    assert first_stop(session_of(one_weight(0.49)), "sign_changes", where) is None
    assert first_stop(session_of(one_weight(0.5)), "sign_changes", where) == (1, "W⁽¹⁾₁,₁ went from 1 to 0 in step 1")
    session = session_of(one_weight(0.75))
    watch = Watch(session, (Breakpoint("sign_changes"),), where)
    for step, change in ((1, "1 to −0.5"), (2, "−0.5 to 0.25"), (3, "0.25 to −0.125")):
        assert watch.approach(session.timeline.finish_of(10), 60)
        assert watch.hits[0].reason == f"W⁽¹⁾₁,₁ went from {change} in step {step}"
        assert session.op is session.plan.finished


def one_unit(rate: float) -> dict[str, Any]:
    """x = 1, target −1, both weights 1: the first gradients are dA = 2 · 2 = 4 and 4 for either weight, by hand."""
    layer = {"units": 1, "bias": False, "weights": [[1.0]]}
    return one_weight(rate) | {
        "data": {"kind": "inline", "inputs": [[1.0], [-1.0]], "targets": [[-1.0], [0.0]]},
        "layers": [layer | {"activation": "relu"}, layer | {"activation": "identity"}],
    }


def test_a_unit_dies_when_its_only_example_comes_to_zero(session_of: Any) -> None:
    """The mean over two examples halves the 4: with η = ½ the weight is 1 − ½ · 2 = 0, and 0 is not above 0."""
    where = Spotlight(1, 0, 0)
    assert first_stop(session_of(one_unit(0.49)), "unit_dies", where) is None
    reason = "unit 1 of layer 1 gives 0 for all 2 training examples after step 1"
    assert first_stop(session_of(one_unit(0.5)), "unit_dies", where) == (1, reason)


def test_a_value_not_finite_stops_where_the_session_finds_its_fault(session_of: Any) -> None:
    changes = {"optimizer.learning_rate": 1e6}
    session, played = session_of("linear-neuron", changes=changes), session_of("linear-neuron", changes=changes)
    played.play(20)
    assert played.fault is not None
    watch = Watch(session, (Breakpoint("not_finite"),), Spotlight(1, 0, 0))
    assert not watch.approach(played.fault.count, 0)
    assert watch.approach(session.timeline.finish_of(60), 60)
    assert session.count == played.fault.count
    assert watch.hits[0].reason == f"{played.fault.quantity.name} is not finite in step {played.fault.step}"
    # Going on, everything stays not finite, and that is no news.
    for new in (False, True):
        if new:
            session.seek(session.count + 3)
            watch = Watch(session, (Breakpoint("not_finite"),), Spotlight(1, 0, 0))
        assert watch.approach(session.count + 40, 60)
        assert not watch.hits


def test_a_watch_is_not_deceived_where_the_session_moved_without_it(session_of: Any) -> None:
    """It saw the first ops of the step of the fault, and not the fault: the next step must be no news all the same.

    And a sign that changed on a way that it did not see is none that changes after it.
    """
    session = session_of("linear-neuron", changes={"optimizer.learning_rate": 1e6})
    session.play(20)
    assert session.fault is not None
    fault = session.fault.count
    session.seek(fault - 2)
    watch = Watch(session, (Breakpoint("not_finite"),), Spotlight(1, 0, 0))
    assert watch.approach(fault - 1, 60)
    assert not watch.hits
    session.seek(session.timeline.finish_of(session.fault.step))
    assert watch.approach(session.count + 30, 60)
    assert not watch.hits
    session = session_of(one_weight(0.75))
    watch = Watch(session, (Breakpoint("sign_changes"),), Spotlight(1, 0, 0))
    for start in (0, 3, 8, 4):
        session.seek(session.timeline.finish_of(start))
        assert watch.approach(session.timeline.finish_of(20), 60)
        assert [session.step] == [start + 1] * len(watch.hits)


def test_playing_stops_at_a_breakpoint_or_where_the_numbers_end(session_of: Any) -> None:
    changes = {"optimizer.learning_rate": 1e6}
    where = Spotlight(1, 0, 0)
    session = session_of("linear-neuron", changes=changes)
    watch = Watch(session, (Breakpoint("loss_rises"), Breakpoint("gradient_above", 1e300)), where)
    assert watch.play(20)
    assert (session.position.step, session.op and session.op.name) == (2, "ℒ")
    watch = Watch(session, (Breakpoint("gradient_below", 1e-300), Breakpoint("loss_rises", enabled=False)), where)
    assert not watch.play(20)
    assert session.fault is not None
    assert session.count == session.fault.count


def test_without_enabled_breakpoints_it_is_the_session_itself(session_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = session_of(MINI)
    watch = Watch(session, tuple(Breakpoint(kind, enabled=False) for kind in KINDS), SPOTLIGHT)
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(session, "approach", lambda *given: calls.append(given) or True)
    monkeypatch.setattr(session, "play", lambda *given: calls.append(given))
    assert watch.approach(17, 0.25)
    assert not watch.play(0.5)
    assert calls == [(17, 0.25), (0.5, None)]


def test_going_back_heeds_no_breakpoint(session_of: Any) -> None:
    session = session_of(one_weight(0.75))
    session.seek(session.timeline.finish_of(8))
    watch = Watch(session, (Breakpoint("sign_changes"),), Spotlight(1, 0, 0))
    session.back("step")
    assert watch.approach(session.count - 5, 60)
    assert not watch.hits
    assert session.step == 7


def test_the_example_followed_is_that_in_the_spotlights_column(session_of: Any) -> None:
    session = session_of(MINI)
    for column in (0, 3, 9):
        spotlight = Spotlight(1, 0, 0, example=column)
        for _ in range(7):
            session.forward("step")
            shown = session.plan["X", None].array[:, min(column, session.plan.examples - 1)]
            example = training_example(session, spotlight)
            assert (session.dataset.inputs[:, example] == shown).all()


def test_what_cannot_come_about_is_said_and_left_out(session_of: Any) -> None:
    session = session_of("linear-neuron")
    assert {kind for kind in KINDS if unavailable(kind, session)} == {
        *("prediction_flips", "accuracy_reaches", "unit_dies")
    }
    watch = Watch(session, tuple(map(Breakpoint, KINDS)), Spotlight(1, 0, 0))
    assert len(watch.checks) == len(KINDS) - 3
    assert not any(unavailable(kind, session_of(MINI)) for kind in KINDS)


def test_breakpoints_are_described_and_checked() -> None:
    assert Breakpoint("loss_rises").text() == "loss rises"
    assert Breakpoint("gradient_below").text() == "gradient norm falls below 1e-06"
    assert Breakpoint("accuracy_reaches", 0.95).text() == "accuracy reaches 0.95"
    with pytest.raises(ValueError, match=r'found "loss_rise".*loss_rises'):
        Breakpoint("loss_rise")
    with pytest.raises(ValueError, match="takes no number, found 3"):
        Breakpoint("loss_rises", 3)
    with pytest.raises(ValueError, match="above 0 and at most 1, found 90"):
        Breakpoint("accuracy_reaches", 90)
    for bad in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="expected a number above 0"):
            Breakpoint("gradient_above", bad)


def test_a_step_whose_forerunner_is_too_far_is_compared_with_nothing(
    session_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every step of this run has a higher loss and a larger gradient than the one before."""
    kinds = (Breakpoint("loss_rises"), Breakpoint("gradient_above", 1.0))
    stops = []
    for blink in (excursion.BLINK, 1):
        monkeypatch.setattr(excursion, "BLINK", blink)
        session = session_of("linear-neuron", changes={"optimizer.learning_rate": 0.2})
        session.seek(session.timeline.finish_of(5) + 2)
        watch = Watch(session, kinds, Spotlight(1, 0, 0))
        assert watch.approach(session.timeline.finish_of(8), 60)
        stops.append((session.position.step, [hit.breakpoint.kind for hit in watch.hits]))
    assert stops == [(6, ["loss_rises"]), (6, ["gradient_above"])]


@pytest.mark.parametrize("name", ["mini-batches", "batch norm, dropout, residual"])
def test_witnesses_find_the_living_as_the_whole_part_does(session_of: Any, name: str) -> None:
    session = session_of(NETWORKS[name][0])
    knowing, found = LivingUnits(), []
    for _ in range(STEPS):
        session.forward("step")
        found.append(knowing.find(session.evaluator))
        assert found[-1] == LivingUnits().find(session.evaluator)
    assert {len(units) for units in found[0].values()} <= {3, 4}
    # The plan of the witnesses alone was in use too.
    assert {session.dataset.size, sum(map(len, found[0].values()))} <= set(session.evaluator.plans)
