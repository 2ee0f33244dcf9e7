"""The diagnosis of real runs: each fault at its layer, healthy runs without any, the same however a run is played."""

import json
from collections.abc import Callable
from math import inf, log
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.compare.findings_report import diagnose, diagnose_json, diagnose_text
from backprop_tui.core.diagnosis.diagnosis import EARLY, Diagnosis, is_due
from backprop_tui.core.diagnosis.findings import Finding
from backprop_tui.core.diagnosis.loss_trend import LossTrend, period_of
from backprop_tui.core.diagnosis.roots import Joined, joined, root
from backprop_tui.core.diagnosis.rule import FIRST_STEPS
from backprop_tui.core.diagnosis.rules import RULES
from backprop_tui.core.preset.preset import apply_changes, from_table
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.baseline import Baseline, baseline

from ...share import share

Make = Callable[..., Session]
Table = dict[str, Any]
RATE = "optimizer.learning_rate"


def stack(activation: str, layers: int, **more: Any) -> Table:
    """A stack of hidden layers of 16 units, and a sigmoid output, on the spiral."""
    return {
        "title": "A stack",
        "data": {"kind": "spiral"},
        "layers": [
            {"units": 16, "activation": activation, "repeat": layers, **more},
            {"units": 1, "activation": "sigmoid"},
        ],
        "optimizer": {"kind": "sgd", "learning_rate": 0.1},
        "training": {"batch_size": 10},
    }


HE_TWICE: Table = {"init": "normal", "init_scale": 2 * (2 / 16) ** 0.5}
NEURON: Table = {
    "title": "A neuron far on the wrong side",
    "data": {"kind": "inline", "inputs": [[1.0]], "targets": [[0.0]]},
    "layers": [{"units": 1, "activation": "sigmoid", "weights": [[2.0]], "biases": [2.0]}],
    "loss": {"kind": "half_squared_error"},
    "optimizer": {"kind": "sgd", "learning_rate": 0.15},
}
FEW_EXAMPLES: Table = {
    "title": "Many parameters, few noisy examples",
    "data": {"kind": "gauss", "samples": 60, "noise": 0.5},
    "layers": [{"units": 32, "activation": "tanh", "repeat": 2}, {"units": 1, "activation": "sigmoid"}],
    "optimizer": {"kind": "adam", "learning_rate": 0.01},
}
CIRCLE: Table = {"data": {"kind": "circle"}}


def findings(session: Session, steps: int) -> list[Finding]:
    return list(diagnose(session, steps).findings)


def grave(session: Session, steps: int) -> set[tuple[str, int | None]]:
    """Rule and layer of what is found above info."""
    return {(finding.rule, finding.layer) for finding in findings(session, steps) if finding.severity != "info"}


# Healthy runs


@pytest.mark.parametrize("seed", range(share(2, 5)))
@pytest.mark.parametrize("name", ["xor", "circle", "spiral"])
def test_healthy_runs_show_nothing_above_info(session_of: Make, name: str, seed: int) -> None:
    session = session_of("xor", seed, CIRCLE) if name == "circle" else session_of(name, seed)
    assert grave(session, 1000) == set()


@pytest.mark.parametrize("seed", share([0], [0, 3]))
def test_healthy_digits_show_nothing_above_info(session_of: Make, seed: int) -> None:
    assert grave(session_of("digits", seed), 1000) == set()


# One network for each fault, and near misses

FAULTS: dict[str, tuple[str | Table, Table, int, str, int | None]] = {
    "sigmoid, ten layers": ("vanishing", {}, 20, "vanishing_gradient", 1),
    "sigmoid, twenty layers": ("vanishing", {"layers.0.repeat": 19}, 20, "vanishing_gradient", 1),
    "sigmoid in float32, past the smallest number": (
        "vanishing",
        {"layers.0.repeat": 99, "training.dtype": "float32"},
        5,
        "vanishing_gradient",
        1,
    ),
    "tiny weights": ("tiny-weights", {}, 20, "vanishing_gradient", 1),
    "twice He": (stack("relu", 19, **HE_TWICE), {"optimizer.clip_norm": 1.0}, 20, "exploding_gradient", 1),
    "biases that silence relu": (
        stack("relu", 2),
        {"layers.0.repeat": 1, "layers.0.biases": [-40.0] * 16},
        20,
        "dead_units",
        1,
    ),
    "a saturated neuron": (NEURON, {}, 20, "saturated_units", 1),
    "too large": (stack("tanh", 3, init="normal", init_scale=3.0), {}, 5, "poor_initialization", 1),
    "too small": (stack("tanh", 3, init="normal", init_scale=0.01), {}, 5, "poor_initialization", 1),
    "zeros": (stack("tanh", 2, init="zeros"), {"layers.1.init": "zeros"}, 20, "symmetric_weights", 2),
    "constant": (
        stack("sigmoid", 1, init="constant", init_scale=0.1),
        {"layers.1.init": "zeros"},
        20,
        "symmetric_weights",
        1,
    ),
    "a rate of 50": ("xor", {RATE: 50.0}, 20, "learning_rate_too_high", None),
    "a rate that a line cannot bear": ("linear-neuron", {RATE: 0.2}, 20, "learning_rate_too_high", None),
    "a rate of 0.0005": ("xor", {RATE: 0.0005}, 400, "learning_rate_too_low", None),
    "a rate of 0.00001": ("spiral", {RATE: 1e-5}, 400, "learning_rate_too_low", None),
    "a rate of 0.005": ("xor", {RATE: 0.005}, 400, "slow_convergence", None),
    "flat": ("tiny-weights", {RATE: 1.0}, 300, "plateau", None),
    "few examples": (FEW_EXAMPLES, {}, 200, "overfitting", None),
    "numbers that overflow": (stack("relu", 19, **HE_TWICE), {}, 20, "not_finite", 7),
}
NEAR_MISSES: dict[str, tuple[str | Table, Table, int, str]] = {
    "tanh, ten layers": ("vanishing", {"layers.0.activation": "tanh"}, 50, "vanishing_gradient"),
    "relu and He": (
        "vanishing",
        {"layers.0.activation": "relu", "layers.0.init": "he_normal"},
        50,
        "vanishing_gradient",
    ),
    "batch norm": ("vanishing", {"layers.0.batch_norm": True}, 50, "vanishing_gradient"),
    "residual": ("vanishing", {"layers.0.residual": True}, 50, "vanishing_gradient"),
    "three sigmoid layers": ("vanishing", {"layers.0.repeat": 2}, 50, "vanishing_gradient"),
    "He": (stack("relu", 19), {}, 50, "exploding_gradient"),
    "twice He, batch norm": (stack("relu", 19, **HE_TWICE), {"layers.0.batch_norm": True}, 50, "exploding_gradient"),
    "twice He, three layers": (stack("relu", 2, **HE_TWICE), {}, 50, "exploding_gradient"),
    "leaky relu": (stack("leaky_relu", 1, biases=[-40.0] * 16), {}, 20, "dead_units"),
    "relu": (stack("relu", 1), {}, 200, "dead_units"),
    "cross-entropy": (NEURON, {"loss.kind": "binary_cross_entropy"}, 100, "saturated_units"),
    "a neuron on the right side": (NEURON, {"data.targets": [[1.0]]}, 100, "saturated_units"),
    "Xavier": (stack("tanh", 3), {}, 20, "poor_initialization"),
    "zeros below a drawn output": (stack("tanh", 1, init="zeros"), {}, 20, "symmetric_weights"),
    "a rate of 2": ("xor", {RATE: 2.0}, 300, "learning_rate_too_high"),
    "a rate that a line just bears": ("linear-neuron", {RATE: 0.18}, 300, "learning_rate_too_high"),
    "a rate ten times as high": ("xor", {RATE: 0.005}, 400, "learning_rate_too_low"),
    "a rate of 0.05": ("xor", {RATE: 0.05}, 400, "slow_convergence"),
    "at its floor": ("linear-neuron", {RATE: 0.1}, 600, "plateau"),
    "many examples": (FEW_EXAMPLES, {"data.samples": 2000, "data.noise": 0.1}, 200, "overfitting"),
    "twice He, a tiny rate": (stack("relu", 19, **HE_TWICE), {RATE: 1e-10}, 20, "not_finite"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_at_its_layer(session_of: Make, fault: str) -> None:
    preset, changes, steps, rule, layer = FAULTS[fault]
    report = diagnose(session_of(preset, changes=changes), steps)
    own = [finding for finding in report.findings if finding.rule == rule]
    assert layer in [finding.layer for finding in own]
    for finding in report.findings:
        assert 1 <= finding.step <= steps
        assert finding.cause.endswith(".")
        assert finding.evidence


@pytest.mark.parametrize("near_miss", NEAR_MISSES)
def test_a_near_miss_is_none(session_of: Make, near_miss: str) -> None:
    preset, changes, steps, rule = NEAR_MISSES[near_miss]
    assert rule not in {name for name, _ in grave(session_of(preset, changes=changes), steps)}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_remedy_is_a_change_that_the_preset_can_take(session_of: Make, fault: str) -> None:
    preset, changes, steps, _, _ = FAULTS[fault]
    session = session_of(preset, changes=changes)
    base = session.preset
    for finding in findings(session, steps):
        assert finding.remedies
        assert len({json.dumps(remedy.set, sort_keys=True) for remedy in finding.remedies}) == len(finding.remedies)
        for remedy in finding.remedies:
            changed = apply_changes(base.table, remedy.set)
            assert changed != base.table
            from_table(changed, "remedy", base.base)


@pytest.mark.parametrize(
    "fault",
    [
        "sigmoid, ten layers",
        "tiny weights",
        "biases that silence relu",
        "a saturated neuron",
        "too large",
        "zeros",
        "a rate of 50",
        "a rate of 0.0005",
        "a rate of 0.005",
        "numbers that overflow",
    ],
)
def test_the_first_remedy_cures(session_of: Make, fault: str) -> None:
    preset, changes, steps, rule, _ = FAULTS[fault]
    session = session_of(preset, changes=changes)
    found = next(finding for finding in findings(session, steps) if finding.rule == rule)
    cured = session_of(apply_changes(session.preset.table, found.remedies[0].set))
    assert rule not in {name for name, _ in grave(cured, steps)}


# Causes


def test_the_cause_of_vanishing_is_the_factor_that_did_it(session_of: Make) -> None:
    by_slopes = findings(session_of("vanishing"), 5)[0]
    assert "slopes of sigmoid weaken the gradient most, and multiply it by 0.2" in by_slopes.cause
    by_weights = next(f for f in findings(session_of("tiny-weights"), 5) if f.rule == "vanishing_gradient")
    assert "weights weaken the gradient most, and multiply it by 0.01" in by_weights.cause


def test_the_cause_of_exploding_is_the_weights(session_of: Make) -> None:
    first = findings(session_of(stack("relu", 19, **HE_TWICE)), 2)
    found = next(finding for finding in first if finding.rule == "exploding_gradient")
    assert "weights strengthen the gradient most, and multiply it by 2." in found.cause


def test_relu_that_is_silent_in_a_batch_is_not_called_dead(session_of: Make) -> None:
    # Batches of two out of 250: most units are silent for some of them and live for others.
    session = session_of(stack("relu", 1), changes={"training.batch_size": 2})
    for finding in findings(session, 200):
        assert finding.severity == "info"
        assert finding.rule == "dead_units"
    silent = [finding for finding in session.findings() if finding.symptom.form == "batch"]
    assert silent
    assert "2 examples of the batch" in silent[0].evidence
    assert "Other examples may wake them" in silent[0].cause


# Firing, clearing, and going back and forth


def test_a_finding_takes_three_measurements_and_stays_one(session_of: Make) -> None:
    session = session_of("vanishing")
    session.advance_steps(2)
    assert session.findings() == []
    session.advance_steps(1)
    assert [finding.step for finding in session.findings()] == [3]
    session.advance_steps(300)
    assert [f.rule for f in session.findings()].count("vanishing_gradient") == 1


def test_a_finding_clears_and_fires_again(session_of: Make) -> None:
    # The rate is lowered on the way, and raised again.
    session = session_of("linear-neuron", changes={RATE: 0.19})
    session = session.with_edits((Edit(600, RATE, 0.05), Edit(1000, "W1[1,1]", 40.0), Edit(1000, RATE, 0.19)))
    session.advance_steps(4000)
    found = [finding for finding in session.findings() if finding.rule == "learning_rate_too_high"]
    assert len(found) == 2
    assert 600 < found[0].cleared < 1000 < found[1].step
    assert found[1].cleared == inf
    session.seek(session.timeline.finish_of(590))
    assert [finding.active for finding in session.findings() if finding.rule == "learning_rate_too_high"] == [True]


def test_findings_are_those_up_to_the_position(session_of: Make) -> None:
    session = session_of("vanishing")
    session.advance_steps(400)
    assert [finding.rule for finding in session.findings() if finding.active] == ["vanishing_gradient", "plateau"]
    session.seek(session.timeline.finish_of(3) - 1)
    assert [finding.rule for finding in session.findings()] == ["vanishing_gradient"]
    session.back("op")
    assert session.findings() == []


@pytest.mark.parametrize("name", ["vanishing", "xor", share("digits-8x8", "digits")])
def test_findings_do_not_depend_on_how_a_run_is_played(session_of: Make, name: str) -> None:
    changes = {"xor": {RATE: 20.0}, "digits-8x8": {RATE: 3.0}, "digits": {RATE: 0.1}}.get(name)
    straight = session_of(name, changes=changes)
    straight.advance_steps(160)
    walked = session_of(name, changes=changes)
    for _ in range(40):
        walked.forward("op")
    walked.seek(walked.timeline.finish_of(30) + 3)
    walked.back("step")
    walked.back("phase")
    walked.seek(walked.timeline.finish_of(5))
    walked.forward("epoch")
    walked.seek(walked.timeline.finish_of(100) + 1)
    walked.seek(walked.timeline.finish_of(47))
    walked.play(0.0)
    walked.seek(walked.timeline.finish_of(160))
    assert walked.findings() == straight.findings()
    assert straight.findings()
    assert walked.diagnosis.trend.at(1.0) == straight.diagnosis.trend.at(1.0)
    assert walked.diagnosis.test == straight.diagnosis.test


@pytest.mark.parametrize("place", [2, 9, 60, 150, 151])
def test_a_branch_finds_what_a_straight_run_does(session_of: Make, place: int) -> None:
    session = session_of(FEW_EXAMPLES)
    session.advance_steps(300)
    session.seek(session.timeline.finish_of(place))
    branch = session.branch(RATE, 200.0)
    branch.advance(branch.timeline.finish_of(400))
    straight = session_of(FEW_EXAMPLES).with_edits((Edit(place, RATE, 200.0),))
    straight.advance_steps(400)
    assert branch.findings() == straight.findings()
    # Later it has learned what there is, and no rate can throw it.
    assert place > 100 or any(finding.step > place for finding in straight.findings())
    assert branch.diagnosis.test == straight.diagnosis.test


def test_what_is_kept_of_a_run_is_bounded(session_of: Make) -> None:
    session = session_of("linear-neuron")
    session.diagnosis.interval = session.diagnosis.early_interval = 1
    session.advance_steps(700)
    assert len(session.diagnosis.copies) <= 65
    for step in (0, 1, 350, 699):
        known = session.diagnosis.until(step)
        assert known.measured <= step
        assert known.steps == max(known.measured - 1, 0)


def test_what_is_measured_when_comes_from_the_preset_alone(session_of: Make) -> None:
    first, second = session_of("spiral"), session_of("spiral", seed=4)
    assert first.diagnosis.interval == second.diagnosis.interval > first.diagnosis.early_interval
    due = []
    diagnosis: Diagnosis = first.diagnosis
    while diagnosis.measured < EARLY:
        due.append(diagnosis.next_step())
        diagnosis.measured = due[-1]
    assert due[:FIRST_STEPS] == list(range(1, FIRST_STEPS + 1))
    assert set(np.diff(due[FIRST_STEPS - 1 :])) == {diagnosis.early_interval}
    assert diagnosis.next_step() - diagnosis.measured == diagnosis.interval


def test_the_training_part_is_run_through_ever_more_rarely() -> None:
    assert [row for row in range(1, 50) if is_due(row)] == [3, 6, 12, 24, 48]


def test_the_diagnosis_leaves_the_run_as_it_is(session_of: Make) -> None:
    diagnosed, plain = session_of(stack("relu", 1)), session_of(stack("relu", 1))
    plain.diagnosis.measured = 10**9
    diagnosed.advance_steps(100)
    plain.advance_steps(100)
    assert diagnosed.trainer.state == plain.trainer.state
    assert diagnosed.history.losses.series()[1].tolist() == plain.history.losses.series()[1].tolist()


# Numbers that are not finite


def test_not_finite_is_found_at_the_op_that_made_it(session_of: Make) -> None:
    session = session_of(stack("relu", 19, **HE_TWICE))
    session.play(10.0)
    assert session.fault is not None
    (found,) = [finding for finding in session.findings() if finding.rule == "not_finite"]
    assert (found.severity, found.step, found.layer) == ("error", session.fault.step, session.fault.op.layer)
    assert session.fault.quantity.name in found.evidence
    first = root(session.findings())
    assert first is not None
    assert first.rule == "poor_initialization"
    assert Joined(found, first) in joined(session.findings())
    session.back("op")
    assert "not_finite" not in [finding.rule for finding in session.findings()]


# The report


def test_the_json_is_that_of_the_contract(session_of: Make) -> None:
    report = diagnose(session_of("vanishing"), 5)
    (finding,) = json.loads(json.dumps(diagnose_json(report), allow_nan=False))["findings"]
    assert list(finding) == ["rule", "severity", "step", "layer", "evidence", "threshold", "cause", "remedies"]
    assert (finding["rule"], finding["severity"], finding["step"], finding["layer"]) == (
        "vanishing_gradient",
        "warning",
        3,
        1,
    )
    assert finding["threshold"] == 1e-3
    assert all(list(remedy) == ["text", "set", "measured", "helps"] for remedy in finding["remedies"])
    assert all(remedy["measured"] is remedy["helps"] is None for remedy in finding["remedies"])
    assert finding["remedies"][0]["set"] == {"layers.0.activation": "relu", "layers.0.init": "he_normal"}


def test_the_json_of_a_broken_run_is_strict(session_of: Make) -> None:
    report = diagnose(session_of("linear-neuron", changes={RATE: 0.5}), 400)
    assert not report.finite
    assert report.steps < 400
    last = json.loads(json.dumps(diagnose_json(report), allow_nan=False))["findings"][-1]
    assert (last["rule"], last["threshold"]) == ("not_finite", None)


def test_the_text_says_it_all(session_of: Make) -> None:
    report = diagnose(session_of("vanishing"), 5)
    text = diagnose_text(report)
    for part in (
        "5 steps, 1 finding",
        "warning: vanishing gradient · layer 1 · step 3",
        "--set layers.0.activation=relu",
    ):
        assert part in text
    assert RULES["vanishing_gradient"].definition in text
    assert max(map(len, diagnose_text(report, 80).splitlines())) <= 80
    assert "no findings" in diagnose_text(diagnose(session_of("xor"), 5))


# The loss as it goes


@given(st.lists(st.floats(-1e3, 1e3), max_size=200), st.lists(st.integers(0, 40), max_size=30), st.integers(1, 80))
def test_the_trend_is_the_same_in_whatever_portions_losses_come(
    losses: list[float], portions: list[int], epoch: int
) -> None:
    at_once, bit_by_bit = LossTrend(Baseline(1.0, 0.0), epoch), LossTrend(Baseline(1.0, 0.0), epoch)
    at_once.extend(losses)
    start = 0
    for size in (*portions, len(losses)):
        bit_by_bit.extend(losses[start : start + size])
        start += size
    assert at_once.at(0.5) == bit_by_bit.at(0.5)
    assert at_once.means == bit_by_bit.means


def test_the_trend_by_hand() -> None:
    trend = LossTrend(Baseline(2.0, 0.0), 1)
    assert trend.period == 10
    assert trend.at(3.0).first == trend.at(3.0).now == 1.5
    trend.extend([4.0, 2.0])
    assert (trend.at(0.0).first, trend.at(0.0).now, trend.at(0.0).whole, trend.at(0.0).fall) == (2.0, 1.5, False, None)
    trend = LossTrend(Baseline(2.0, 0.0), 1)
    for mean in (1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5):
        trend.extend([mean] * 10)
    now = trend.at(0.0)
    assert (now.steps, now.now, now.whole, now.fall, now.stale) == (80, 0.25, True, 0.5, 3)
    assert now.halving == pytest.approx(40)
    trend.extend([0.4999] * 10 + [0.49] * 10)
    assert trend.at(0.0).stale == 0


@pytest.mark.parametrize(("epoch", "period"), [(1, 10), (4, 12), (10, 10), (25, 25), (40, 40), (41, 40), (2000, 40)])
def test_periods_are_whole_epochs_where_these_are_short(epoch: int, period: int) -> None:
    assert period_of(epoch) == period


def test_baselines() -> None:
    halves = np.array([[0.0, 1.0, 0.0, 1.0]])
    assert baseline("binary_cross_entropy", halves, "sigmoid") == Baseline(pytest.approx(log(2)), 0.0)
    assert baseline("mean_squared_error", halves, "sigmoid") == Baseline(0.25, 0.0)
    assert baseline("cross_entropy", np.eye(10), "softmax") == Baseline(pytest.approx(log(10)), 0.0)
    two = np.array([[1.0, 3.0], [0.0, 4.0]])
    assert baseline("half_squared_error", two, "identity") == Baseline(pytest.approx((1 + 4) / 2), 0.0)
    assert baseline("mean_squared_error", two, "identity") == Baseline(pytest.approx((1 + 4) / 2), 0.0)
    assert Baseline(0.7, 0.2).level(0.45, 9.0) == pytest.approx(0.5)


def test_the_baseline_of_targets_that_are_too_large_to_square_is_infinite() -> None:
    assert baseline("mean_squared_error", np.array([[1e308, -1e308]]), "identity") == Baseline(inf, 0.0)


def test_baselines_of_targets_that_are_all_the_same() -> None:
    ones = np.array([[1.0, 1.0]])
    assert baseline("binary_cross_entropy", ones, "sigmoid") == Baseline(pytest.approx(log(2)), 0.0)
    assert baseline("half_squared_error", ones, "sigmoid") == Baseline(0.125, 0.0)
    assert baseline("mean_squared_error", ones, "tanh") == Baseline(1.0, 0.0)
    third = np.array([[0.0], [1.0], [0.0]])
    assert baseline("cross_entropy", third, "softmax") == Baseline(pytest.approx(log(3)), 0.0)
    # Of an output without bounds there is no middle: in shares of the first loss above what is right.
    unbounded = baseline("mean_squared_error", ones, "identity")
    assert unbounded == Baseline(0.0, 0.0)
    assert unbounded.level(0.5, 2.0) == 0.25
    assert unbounded.level(0.0, 0.0) == 0
    # Targets in the middle themselves.
    soft = baseline("cross_entropy", np.full((2, 3), 0.5), "softmax")
    assert soft.constant == soft.right == pytest.approx(log(2))
    assert soft.level(log(2) + 0.5, log(2) + 2.0) == pytest.approx(0.25)


def test_a_schedule_that_leaves_no_steps_is_named_and_taken_away_first(session_of: Make) -> None:
    """By hand: 0.5 · 0.9²⁴⁵ = 3.1e-12 in step 246, where the finding is first shown."""
    schedule = {"optimizer.schedule.kind": "exponential", "optimizer.schedule.gamma": 0.9}
    session = session_of("xor", changes=schedule)
    session.seek(session.timeline.finish_of(300))
    (finding,) = session.findings()
    assert finding.rule == "learning_rate_too_low"
    assert "The schedule has brought the learning rate to" in finding.cause
    assert finding.remedies[0].set == {"optimizer.schedule.kind": "constant"}
    assert finding.remedies[0].text == "no schedule: a learning rate of 0.5 to the end"
