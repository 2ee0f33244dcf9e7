"""Runs in lockstep: each is bit for bit what it would be alone, and the result of `compare`."""

import json
from math import inf, isfinite
from typing import Any

import numpy as np
import pytest

from backprop_tui import presets
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.compare.comparison import MOST_RUNS, Comparison
from backprop_tui.core.compare.figures import SpotlightFigures, figures, gradient_ratio, in_spotlight
from backprop_tui.core.compare.goal import goal_text, preset_goal, read_goal
from backprop_tui.core.compare.report import compare, compare_json, compare_text, comparison_of
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.run import Goal, train
from backprop_tui.core.session.session import Session

CLOUDS: dict[str, Any] = {
    "title": "Two clouds",
    "seed": 5,
    "data": {"kind": "gauss", "samples": 40},
    "layers": [{"units": 4, "activation": "tanh", "repeat": 2}, {"units": 1, "activation": "sigmoid"}],
    "optimizer": {"kind": "sgd", "learning_rate": 0.5},
    "training": {"batch_size": 6},
    "variants": [
        {"name": "larger batches", "set": {"training.batch_size": 10}},
        {"name": "deeper", "set": {"layers.0.repeat": 4}},
        {"name": "momentum, dropout", "set": {"optimizer.kind": "momentum", "layers.0.dropout": 0.25}},
        {"name": "relu", "set": {"layers.0.activation": "relu"}},
    ],
}
"""Four steps an epoch, the variant with larger batches two."""
RATES: dict[str, Any] = {
    "title": "A linear unit, whose rate decides",
    "data": {"kind": "inline", "inputs": [[1.0], [2.0]], "targets": [[2.0], [4.0]]},
    "layers": [{"units": 1, "activation": "identity", "weights": [[0.0]], "bias": False}],
    "optimizer": {"kind": "sgd", "learning_rate": 0.1},
    "variants": [{"name": "diverges", "set": {"optimizer.learning_rate": 1e30}}],
}


def loaded(table: dict[str, Any], name: str = "own") -> Any:
    return load_preset(table, name, presets.folder(), name)


def comparison(table: dict[str, Any], **changes: Any) -> Comparison:
    return comparison_of([loaded({**table, **changes})])


def alone(of: Comparison, index: int, count: int) -> Session:
    """The same run by itself, at a position."""
    table = dict(of.preset.table)
    variant = [{}, *(variant["set"] for variant in table.pop("variants"))][index]
    from backprop_tui.core.preset.settings import apply_changes

    session = Session(*loaded(apply_changes(table, variant)))
    session.seek(count)
    return session


def assert_same(one: Session, other: Session) -> None:
    """Equal to the bit: state, every quantity of the step in hand, losses."""
    assert one.count == other.count
    assert one.trainer.state.vectors.tobytes() == other.trainer.state.vectors.tobytes()
    for key, quantity in one.plan.quantities.items():
        if one.computed(quantity):
            assert quantity.array.tobytes() == other.plan.quantities[key].array.tobytes(), key
    steps = one.step
    for mine, others in zip(one.history.losses.series(), other.history.losses.series(), strict=True):
        assert np.array_equal(mine[:steps], others[:steps])


def test_every_run_is_bit_for_bit_what_it_would_be_alone() -> None:
    beside = comparison(CLOUDS)
    lead = beside.lead.session
    for step in (7, 150, 149, 3, 400):
        beside.go(lead.timeline.finish_of(step))
        while not beside.approach(0.0005):
            pass
        for index, run in enumerate(beside.runs):
            assert run.session.step == step
            assert_same(run.session, alone(beside, index, run.session.timeline.finish_of(step)))


def test_training_in_slices_ends_with_all_at_one_step_and_the_same_numbers() -> None:
    beside = comparison(CLOUDS)
    while beside.finished_steps < 300:
        beside.advance(0.002)
    beside.finish()
    for index, run in enumerate(beside.runs):
        assert run.session.step == beside.finished_steps
        assert_same(run.session, alone(beside, index, run.session.count))


def test_within_a_step_runs_stand_at_the_same_op_or_behind_the_last_phase_that_the_one_in_view_has_finished() -> None:
    beside = comparison(CLOUDS)
    timeline = beside.lead.session.timeline
    loss = timeline.stops["phase"][1]
    beside.go(timeline.finish_of(5) + loss + 2)
    beside.finish()
    lead, batches, deeper, *_ = (run.session for run in beside.runs)
    assert batches.count == lead.count == timeline.finish_of(5) + loss + 2
    assert deeper.position.events == deeper.timeline.stops["phase"][1]
    assert deeper.op is not None
    assert (deeper.op.phase, deeper.step) == ("loss", 5)
    beside.go(timeline.finish_of(5) + 2)
    beside.finish()
    assert lead.position.events == 2
    # No phase is finished: the deeper run stands where its sixth step begins.
    assert deeper.count == deeper.timeline.finish_of(5)
    assert beside.approach(0.0)


def test_a_run_added_later_comes_to_the_step_of_the_others() -> None:
    preset, dataset = loaded(CLOUDS)
    beside = Comparison([("own", Session(preset, dataset, seed=9))])
    assert beside.offered() == [variant["name"] for variant in CLOUDS["variants"]]
    beside.go(beside.lead.session.timeline.finish_of(120))
    beside.finish()
    added = beside.add_variant("deeper")
    assert beside.missing() == [added]
    beside.finish()
    assert added.session.step == 120
    assert not beside.missing()
    assert "deeper" not in beside.offered()
    # The seed is that of the run in view, whatever the preset says: what has the same shape starts the same.
    assert added.session.seed == 9
    for run in beside.runs:
        run.session.seek(0)
    first, second = (run.session.plan["W", 1].array for run in beside.runs)
    assert first.tobytes() == second.tobytes()
    beside.remove(added)
    assert [run.name for run in beside.runs] == ["own"]
    beside.remove(beside.lead)
    assert [run.name for run in beside.runs] == ["own"]


def test_a_remedy_is_a_change_of_the_preset_and_a_wrong_one_is_refused() -> None:
    beside = Comparison([("own", Session(*loaded(CLOUDS)))])
    run = beside.add_changes("slower", {"optimizer.learning_rate": 0.01})
    assert run.session.preset.optimizer.learning_rate == 0.01
    assert run.session.dataset.inputs.tobytes() == beside.lead.session.dataset.inputs.tobytes()
    with pytest.raises(PresetError, match=r"own.*wrong.*learning_rat"):
        beside.add_changes("wrong", {"optimizer.learning_rat": 0.01})
    assert len(beside.runs) == 2


def test_no_more_than_a_preset_and_six_variants() -> None:
    beside = Comparison([("own", Session(*loaded(CLOUDS)))])
    for number in range(MOST_RUNS - 1):
        beside.add_changes(str(number), {"seed": number})
    with pytest.raises(PresetError, match="at most 7 runs beside each other, found 8"):
        beside.add_changes("one more", {})
    with pytest.raises(PresetError, match=r"at most 7 runs, found 8 \(presets\)"):
        comparison_of([loaded(CLOUDS)] * 8)
    many = [{"name": str(number), "set": {"seed": number}} for number in range(7)]
    with pytest.raises(PresetError, match=r"found 8 \(own and its 7 variants\)"):
        comparison(CLOUDS, variants=many)


def test_a_comparison_starts_again_with_another_first_run() -> None:
    beside = comparison(CLOUDS)
    beside.go(50)
    beside.finish()
    preset, dataset = loaded(CLOUDS)
    again = beside.restarted(Session(preset, dataset, seed=77))
    assert [run.name for run in again.runs] == [run.name for run in beside.runs]
    assert {run.session.seed for run in again.runs} == {77}
    assert {run.session.count for run in again.runs} == {0}


def test_another_run_in_view_leads() -> None:
    beside = comparison(CLOUDS)
    beside.go(beside.lead.session.timeline.finish_of(3))
    beside.finish()
    deeper = beside.runs[2]
    beside.follow(deeper)
    beside.move("op", 1)
    beside.finish()
    assert beside.runs[0].session.step == 3
    assert deeper.session.position.step == 4
    beside.move("epoch", 1)
    beside.finish()
    assert {run.session.step for run in beside.runs} == {4}
    beside.move("step", -1)
    beside.finish()
    assert {run.session.step for run in beside.runs} == {3}


# Runs that become non-finite


def test_a_run_that_is_no_longer_finite_stops_there_and_the_others_go_on() -> None:
    beside = comparison(RATES)
    fine, broken = beside.runs
    beside.go(beside.lead.session.timeline.finish_of(40))
    beside.finish()
    assert fine.session.step == 40
    assert broken.stopped
    assert broken.session.fault is not None
    assert broken.session.count == broken.session.fault.count < broken.session.timeline.finish_of(40)
    assert not beside.over
    at = broken.session.position.step
    beside.go(beside.lead.session.timeline.finish_of(at - 2))
    beside.finish()
    assert not broken.stopped
    assert broken.session.step == at - 2
    beside.advance(0.01)
    beside.finish()
    assert broken.session.count == broken.session.fault.count


def test_compare_reports_a_run_that_is_no_longer_finite_as_its_last_step_left_it() -> None:
    result = compare(comparison(RATES), 30)
    fine, broken = result.runs
    assert result.steps == fine.steps == 30
    assert fine.not_finite is None
    assert broken.not_finite == broken.steps + 1
    assert broken.steps < 30
    assert "not_finite" in broken.last.findings
    assert "not_finite" not in fine.last.findings
    text = json.dumps(compare_json(result), allow_nan=False)
    assert [run["name"] for run in json.loads(text)["runs"]] == ["own", "diverges"]
    assert f"diverges: not finite in step {broken.not_finite}" in compare_text(result)


def test_compare_ends_where_no_run_can_go_on() -> None:
    both = {**RATES, "optimizer": {"kind": "sgd", "learning_rate": 1e40}}
    result = compare(comparison(both), 1000)
    assert result.steps == max(run.steps for run in result.runs) < 20
    assert all(run.not_finite for run in result.runs)


# Goals


def first_epoch_below(session: Session, loss: float, most: int) -> int | None:
    """The first epoch end at which the loss over the whole training set is below `loss`."""
    spe = session.trainer.steps_per_epoch
    for step in range(spe, most + 1, spe):
        session.seek(session.timeline.finish_of(step))
        if session.evaluate().training.loss < loss:
            return step
    return None


def test_the_first_step_at_which_a_goal_held_is_found_at_epoch_ends_also_afterwards() -> None:
    beside = comparison(CLOUDS)
    beside.go(beside.lead.session.timeline.finish_of(203))
    beside.finish()
    assert all(run.reached is None for run in beside.runs)
    goal = Goal(0, "steps", loss_below=0.1)
    expected = [first_epoch_below(alone(beside, i, 0), 0.1, 203) for i in range(len(beside.runs))]
    assert len(set(expected)) > 2
    assert all(step is not None for step in expected[:3])
    beside.aim(goal)
    while not beside.approach(0.001):
        pass
    assert [run.reached for run in beside.runs] == expected
    assert [run.session.step for run in beside.runs] == [203] * 5
    straight = comparison(CLOUDS)
    straight.aim(goal)
    while straight.finished_steps < 203:
        straight.advance(0.001)
    straight.finish()
    assert [run.reached for run in straight.runs] == expected


def test_the_first_stop_condition_that_holds_ends_all_runs_at_one_step() -> None:
    table = {**CLOUDS, "training": {"batch_size": 6, "stop": {"loss_below": 0.1}}}
    result = compare(comparison(table))
    reached = [run.last.reached for run in result.runs]
    assert result.steps == min(step for step in reached if step is not None)
    assert {run.steps for run in result.runs} == {result.steps}
    assert compare(comparison(table), 10).steps == 10
    limited = {**CLOUDS, "training": {"batch_size": 6, "stop": {"epochs": 3}}}
    # Three epochs are 12 steps of the preset, and 6 with the larger batches.
    assert compare(comparison(limited)).steps == 6
    assert compare(comparison(RATES, variants=[])).steps == 1000


def test_goals_are_typed_and_shown() -> None:
    assert read_goal("") is None
    assert goal_text(read_goal("loss 0.1")) == "loss < 0.1"
    assert goal_text(read_goal("accuracy > 0.95")) == "accuracy > 0.95"
    assert goal_text(None) == ""
    for wrong in ("0.1", "loss", "loss x", "accuracy 2", "loss nan", "error 0.1"):
        with pytest.raises(PresetError, match=r'expected "loss 0\.1" or "accuracy 0\.95"'):
            read_goal(wrong)
    stopping = {**CLOUDS, "training": {"stop": {"loss_below": 0.1, "accuracy_above": 0.9}}}
    assert goal_text(preset_goal(loaded(stopping)[0])) == "loss < 0.1 or accuracy > 0.9"
    assert preset_goal(loaded(CLOUDS)[0]) is None


# What is reported


def test_every_run_is_reported_as_train_reports_it() -> None:
    beside = comparison(CLOUDS)
    document = compare_json(compare(beside, 50))
    assert set(document) == {"steps", "runs"}
    assert document["steps"] == 50
    assert [run["name"] for run in document["runs"]] == ["own", *(v["name"] for v in CLOUDS["variants"])]
    for index, run in enumerate(document["runs"]):
        assert set(run) == {"name", "loss", "accuracy", "test_accuracy", "gradient_ratio", "findings"}
        result = train(alone(beside, index, 0), Goal(50, "steps"))
        assert run["loss"] == {
            "first": result.first.training.loss,
            "last": result.last.training.loss,
            "best": result.best_loss,
        }
        assert run["accuracy"] == result.last.training.accuracy
        assert result.last.test is not None
        assert run["test_accuracy"] == result.last.test.accuracy
        norms = result.last_gradient_norms
        assert norms[0] is not None
        assert norms[-1] is not None
        assert run["gradient_ratio"] == norms[0] / norms[-1]
        single = alone(beside, index, 0)
        single.seek(single.timeline.finish_of(50))
        rules = [finding.rule for finding in single.findings()]
        assert run["findings"] == sorted(set(rules), key=rules.index)
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_several_presets_are_named_by_their_ids() -> None:
    several = comparison_of([loaded(parse(presets.text(name), name), name) for name in ("xor", "mazur")])
    document = compare_json(compare(several, 5))
    # The variants of mazur are not run then.
    assert [run["name"] for run in document["runs"]] == ["xor", "mazur"]
    assert document["runs"][1]["accuracy"] is None


def test_the_text_leaves_out_what_no_run_has() -> None:
    text = compare_text(compare(comparison(RATES, variants=[]), 3))
    assert text.startswith("1 run in lockstep, 3 steps")
    assert "accuracy" not in text
    # By hand: w = 0, gradient of mean (wx − 2x)² is 2·mean(x²)·(w − 2) = 5(w − 2), so w − 2 halves each step; the loss
    # is 2.5·(w − 2)².
    row = text.splitlines()[3].split()
    assert row == ["own", "10", "0.15625", "0.15625", "1"]


def test_the_ratio_of_gradients_is_blank_until_both_are_computed() -> None:
    session = Session(*loaded(CLOUDS))
    session.seek(4)
    assert gradient_ratio(session) is None
    session.seek(session.timeline.finish_of(1))
    first, last = (np.linalg.norm(session.plan["dW", layer].array) for layer in (1, 3))
    assert gradient_ratio(session) == pytest.approx(first / last, rel=1e-12)


@pytest.mark.parametrize(("scales", "expected"), [((0.0, 1.0), 0.0), ((1.0, 0.0), inf), ((0.0, 0.0), None)])
def test_the_ratio_of_gradients_that_vanish(scales: tuple[float, float], expected: float | None) -> None:
    session = Session(*loaded(CLOUDS))
    session.seek(session.timeline.finish_of(1))
    for layer, scale in zip((1, 3), scales, strict=True):
        session.plan["dW", layer].array[:] = scale
    assert gradient_ratio(session) == expected


def test_inactive_units_are_those_of_layers_that_cut_to_zero() -> None:
    beside = comparison(CLOUDS)
    beside.go(beside.lead.session.timeline.finish_of(1))
    beside.finish()
    assert figures(beside.runs[0]).inactive is None
    relu = beside.runs[4].session
    silent = sum(int((relu.plan["A", layer].array == 0).all(axis=1).sum()) for layer in (1, 2))
    assert figures(beside.runs[4]).inactive == (silent, 8)


# One spotlight in all


def test_the_spotlight_is_shown_in_every_run_that_has_such_a_parameter() -> None:
    beside = comparison(CLOUDS)
    own, deeper = beside.runs[0].session, beside.runs[2].session
    spotlight = Spotlight(layer=4, unit=2, input=1)
    assert in_spotlight(own, spotlight) is None
    before = in_spotlight(deeper, spotlight)
    assert before == SpotlightFigures(float(deeper.plan["W", 4].array[2, 1]), None)
    deeper.seek(deeper.timeline.finish_of(1))
    after = in_spotlight(deeper, spotlight)
    assert after is not None
    assert after.gradient == deeper.plan["dW", 4].array[2, 1]
    assert isfinite(after.value)
    assert in_spotlight(own, Spotlight(layer=3, unit=2, input=1)) is None
    assert in_spotlight(own, Spotlight(layer=1, unit=2, input=None, symbol="γ")) is None
