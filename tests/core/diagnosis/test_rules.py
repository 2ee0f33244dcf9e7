"""Every rule on measurements made by hand: what is just beyond a threshold shows, what is just short of it does not."""

from dataclasses import replace
from math import inf, log, nan
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.diagnosis.circumstances import Circumstances
from backprop_tui.core.diagnosis.findings import Symptom
from backprop_tui.core.diagnosis.held_out_trend import HeldOutTrend
from backprop_tui.core.diagnosis.loss_trend import Trend
from backprop_tui.core.diagnosis.measurement import Largest, Measurement, same_rows
from backprop_tui.core.diagnosis.rules import RULES, symptoms
from backprop_tui.core.diagnosis.statistics import LayerStatistics
from backprop_tui.core.network.network import build_layers
from backprop_tui.core.preset.preset import load_preset


def circumstances(**tables: Any) -> Circumstances:
    """Those of a small network, with other tables in place of its own."""
    own = {
        "title": "Small",
        "data": {"kind": "xor", "samples": 200},
        "layers": [{"units": 3, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
    }
    preset, dataset = load_preset({**own, **tables}, "test")
    layers = build_layers(preset.layers, len(dataset.inputs))
    return Circumstances(preset, dataset, layers, preset.training.batch_size or dataset.size)


LAYER = LayerStatistics(
    layer=1,
    inputs=10,
    units=10,
    activation="tanh",
    weights=10 * 0.1**0.5,
    gradient=1.0,
    mean_gradient=0.1,
    update=0.003,
    error=1.0,
    preactivations=(0.0, 1.0),
    activations=(0.0, 0.6),
    inactive=None,
    saturated=(),
    passed=0.7,
)
TREND = Trend(steps=100, period=10, first=1.0, now=0.9, whole=True, fall=0.1, stale=0, halving=200.0, rises=0)
WELL = Measurement(
    step=1,
    loss=0.6,
    level=0.9,
    layers=tuple(replace(LAYER, layer=number) for number in (1, 2, 3, 4)),
    trend=TREND,
    gradient=2.0,
    first_gradient=2.0,
    parameters=6.0,
    ratio=0.003,
    first_ratio=0.003,
    largest=Largest(0.003, 1, 1),
    silent={},
    twins={},
    test=None,
    circumstances=circumstances(),
    first_parameters=6.0,
    answered=None,
    at_optimum=False,
    gain_of_more=None,
    examples=100,
    batch=10,
)


def with_layer(number: int, now: Measurement = WELL, **changes: Any) -> Measurement:
    """The measurement with one layer changed."""
    layers = tuple(replace(layer, **changes) if layer.layer == number else layer for layer in now.layers)
    return replace(now, layers=layers)


def with_trend(measured: Measurement = WELL, /, **changes: Any) -> Measurement:
    return replace(measured, trend=replace(measured.trend, **changes))


def seen(now: Measurement) -> list[str]:
    return [symptom.rule for symptom in symptoms(now, set())]


def only(now: Measurement) -> Symptom:
    """The one symptom there is."""
    (symptom,) = symptoms(now, set())
    return symptom


def test_a_healthy_network_shows_nothing() -> None:
    assert seen(WELL) == []


def test_every_rule_says_in_a_line_what_it_is() -> None:
    names = (
        "vanishing_gradient exploding_gradient dead_units saturated_units poor_initialization symmetric_weights "
        "learning_rate_too_high learning_rate_too_low slow_convergence plateau overfitting not_finite "
        "inputs_not_scaled targets_not_scaled targets_out_of_range fixed_answer batch_norm_of_one sorted_examples "
        "penalty_too_strong dropout_too_strong linear_network too_few_units one_class_only symmetric_outputs"
    )
    assert set(RULES) == set(names.split())
    for rule in RULES.values():
        assert rule.title
        assert "\n" not in rule.definition
        assert len(rule.definition) > 20


@pytest.mark.parametrize("field", ["error", "gradient"])
def test_vanishing(field: str) -> None:
    fading = with_layer(2, with_layer(1, **{field: 0.9e-4}), **{field: 0.9e-3})
    symptom = only(fading)
    assert (symptom.rule, symptom.layer) == ("vanishing_gradient", 1)
    assert symptom.value == pytest.approx(0.9e-4)
    assert symptom.limit == 1e-3
    assert "9e-05" in symptom.evidence
    assert seen(with_layer(1, **{field: 1.1e-3})) == []


def test_vanishing_down_to_nothing_is_vanishing_and_a_gradient_cut_off_is_not() -> None:
    assert only(with_layer(1, with_layer(2, error=1e-5), error=0.0)).layer == 1
    assert seen(with_layer(1, error=0.0)) == []


def test_vanishing_has_a_direction_and_does_not_matter_when_all_is_learned() -> None:
    assert seen(with_layer(4, error=1e-2, gradient=1e-2)) == ["exploding_gradient"]
    assert seen(with_trend(with_layer(1, error=1e-5), now=0.009)) == []


def test_exploding() -> None:
    symptom = only(with_layer(2, with_layer(1, error=71.0), error=20.0))
    assert (symptom.rule, symptom.layer, symptom.value) == ("exploding_gradient", 1, 71.0)
    assert seen(with_layer(1, error=69.0)) == []
    assert seen(with_trend(with_layer(1, error=71.0), now=0.49)) == []


def test_dead_units() -> None:
    relu = with_layer(2, activation="relu", inactive=(1, 2, 3, 4, 5), saturated=None, passed=None, weights=14**0.5)
    in_the_batch = only(relu)
    assert (in_the_batch.severity, in_the_batch.layer, in_the_batch.units) == ("info", 2, (1, 2, 3, 4, 5))
    assert "batch" in in_the_batch.evidence
    assert "dead" not in in_the_batch.evidence
    assert only(replace(relu, silent={2: (1, 2, 3, 4)})).severity == "info"
    dead = only(replace(relu, silent={2: (1, 2, 3, 4, 5)}))
    assert (dead.rule, dead.severity) == ("dead_units", "warning")
    assert "all 100 training examples" in dead.evidence
    assert "for the one training example" in only(replace(relu, silent={2: (1, 2, 3, 4, 5)}, examples=1)).evidence
    # Where the others have learned what there is, no harm was done.
    made_up_for = with_trend(replace(relu, silent={2: (1, 2, 3, 4, 5)}), now=0.09)
    assert only(made_up_for).severity == "info"
    assert only(with_trend(made_up_for, now=0.11)).severity == "warning"
    everything = replace(with_layer(2, relu, inactive=tuple(range(1, 11))), silent={2: tuple(range(1, 11))})
    assert only(everything).severity == "error"
    assert seen(with_layer(2, relu, inactive=(1, 2))) == []


def test_saturated_units() -> None:
    half = with_layer(3, replace(WELL, step=20), saturated=(1, 2, 3, 4, 5), passed=0.24)
    symptom = only(half)
    assert (symptom.rule, symptom.layer, symptom.units) == ("saturated_units", 3, (1, 2, 3, 4, 5))
    assert seen(with_layer(3, half, saturated=(1, 2, 3, 4))) == []
    assert seen(with_layer(3, half, passed=0.26)) == []
    assert seen(with_layer(3, half, passed=None)) == []
    assert seen(with_trend(half, now=0.4)) == []
    # Of the sigmoid, whose slope is a quarter at the most.
    assert seen(with_layer(3, half, activation="sigmoid", passed=0.07)) == []
    assert seen(with_layer(3, half, activation="sigmoid", passed=0.06)) == ["saturated_units"]


def test_poor_initialization_by_the_size_of_the_weights() -> None:
    usual = WELL.layers[0].weights
    small = only(with_layer(2, weights=usual / 3.2))
    assert (small.rule, small.layer) == ("poor_initialization", 2)
    assert only(with_layer(2, weights=usual * 3.2)).layer == 2
    assert seen(with_layer(2, weights=usual / 3.1)) == []
    assert seen(with_layer(2, weights=usual * 3.1)) == []
    assert seen(replace(with_layer(2, weights=usual / 3.2), step=2)) == []
    # Of seven weights the mean square tells nothing.
    few = with_layer(2, inputs=7, units=1, weights=0.01)
    assert seen(few) == []


def test_poor_initialization_by_a_spread_that_changes() -> None:
    growing = with_layer(2, with_layer(3, preactivations=(0.0, 3.2)), preactivations=(0.0, 1.0))
    assert (only(growing).rule, only(growing).layer) == ("poor_initialization", 3)
    assert seen(with_layer(3, growing, preactivations=(0.0, 3.1))) == []
    # In eleven layers 1.4 times a layer in variance makes 29 times in all: that happens by chance.
    layers = [replace(LAYER, layer=i, preactivations=(0.0, 1.4 ** (i / 2))) for i in range(1, 13)]
    assert seen(replace(WELL, layers=tuple(layers))) == []
    layers = [replace(LAYER, layer=i, preactivations=(0.0, 2.1 ** (i / 2))) for i in range(1, 13)]
    assert seen(replace(WELL, layers=tuple(layers))) == ["poor_initialization"]


def test_poor_initialization_by_saturation_and_by_the_first_loss() -> None:
    assert only(with_layer(2, saturated=(1, 2, 3, 4, 5))).layer == 2
    assert seen(with_layer(2, saturated=(1, 2, 3, 4))) == []
    assert seen(with_layer(4, saturated=tuple(range(1, 11)))) == []
    # 10 ln 2 is the loss of ten answers that favour neither class, whatever the first level is.
    assert seen(replace(WELL, loss=101 * log(2))) == ["poor_initialization"]
    assert seen(replace(with_trend(first=5.9), loss=99 * log(2))) == []
    squared = circumstances(loss={"kind": "mean_squared_error"})
    assert seen(replace(WELL, loss=101 * log(2), circumstances=squared)) == []


def test_a_single_weight_before_batch_norm_has_no_gradient_at_any_depth() -> None:
    normed = [{"units": 3, "activation": "tanh", "batch_norm": True}, {"units": 1, "activation": "sigmoid"}]
    alone = circumstances(data=inline([[0.1], [0.5], [-1.0]], [[0], [1], [1]]), layers=normed)
    small = with_layer(1, gradient=1e-6)
    assert seen(small) == ["vanishing_gradient"]
    assert seen(replace(small, circumstances=alone)) == []
    # Of two inputs the weights still turn; and dZ is another matter.
    two = circumstances(data=inline([[0.1, 1], [0.5, 0], [-1.0, 2]], [[0], [1], [1]]), layers=normed)
    assert seen(replace(small, circumstances=two)) == ["vanishing_gradient"]
    assert seen(replace(with_layer(1, error=1e-6), circumstances=alone)) == ["vanishing_gradient"]


def test_symmetric_weights() -> None:
    symptom = only(replace(WELL, twins={2: (3, 4)}))
    assert (symptom.rule, symptom.layer, symptom.units) == ("symmetric_weights", 2, (3, 4))


def test_rows_are_the_same_up_to_rounding() -> None:
    rows = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0 + 1e-12], [1.0, 2.001], [3.0, 4.0]])
    assert same_rows(rows) == (1, 2, 3, 5)
    assert same_rows(rows[1:4]) == ()
    assert same_rows(np.zeros((3, 2))) == (1, 2, 3)
    assert same_rows(np.array([[nan, 1.0], [nan, 1.0]])) == ()


def test_a_learning_rate_too_high_by_the_loss() -> None:
    worse = with_trend(now=1.11)
    assert only(worse).rule == "learning_rate_too_high"
    assert seen(with_trend(now=1.09)) == []
    # A first loss that was higher, steps that are small, or a few losses only.
    assert seen(with_trend(worse, first=1.5)) == []
    assert seen(replace(worse, ratio=0.9e-3)) == []
    few = with_trend(whole=False, steps=5, now=1.9)
    assert seen(few) == []
    assert seen(with_trend(few, now=2.1)) == ["learning_rate_too_high"]
    assert seen(with_trend(few, now=2.1, steps=4)) == []


def test_a_learning_rate_too_high_by_the_steps() -> None:
    layers = tuple(replace(layer, update=0.06 * layer.weights) for layer in WELL.layers)
    striding = with_trend(replace(WELL, ratio=0.06, layers=layers, step=20), fall=0.009)
    assert only(striding).rule == "learning_rate_too_high"
    assert only(striding).evidence.endswith("the loss fell by 0.9% only")
    assert only(with_trend(striding, fall=-0.014)).evidence.endswith("the loss rose by 1.4%")
    assert seen(replace(striding, ratio=0.049)) == []
    assert seen(with_trend(striding, fall=0.011)) == []
    assert seen(with_trend(striding, now=0.4)) == []
    # Tiny weights double at any step.
    tiny = replace(striding, layers=tuple(replace(layer, weights=0.01, update=0.006) for layer in WELL.layers))
    assert seen(tiny) == []


def test_a_learning_rate_too_low() -> None:
    creeping = with_trend(replace(WELL, ratio=0.9e-4), fall=0.001, halving=50_000.0)
    assert only(creeping).rule == "learning_rate_too_low"
    assert seen(replace(creeping, ratio=1.1e-4)) == ["slow_convergence"]
    assert seen(with_trend(creeping, fall=0.06, halving=300.0)) == []
    # Where the gradient is gone, small steps are not the cause.
    assert "learning_rate_too_low" not in seen(replace(creeping, gradient=0.4))
    assert "learning_rate_too_low" not in seen(replace(creeping, parameters=0.01))
    assert seen(with_trend(creeping, now=0.4)) == []
    assert seen(with_trend(creeping, fall=None, halving=None)) == []


def test_slow_convergence() -> None:
    slow = with_trend(replace(WELL, ratio=0.5e-3), fall=0.02, halving=501.0)
    assert only(slow).rule == "slow_convergence"
    assert seen(with_trend(slow, halving=499.0)) == []
    assert seen(replace(slow, ratio=1.1e-3)) == []
    assert seen(with_trend(slow, now=0.49)) == []
    assert seen(with_trend(slow, halving=None)) == []


def test_a_plateau() -> None:
    flat = with_trend(stale=10, fall=0.0, halving=None)
    assert only(flat).rule == "plateau"
    assert seen(with_trend(flat, stale=9)) == []
    # At its floor a loss is flat too, and well.
    assert seen(with_trend(flat, now=0.49)) == []
    assert seen(with_trend(flat, now=1.2)) == ["learning_rate_too_high"]


def test_too_few_units() -> None:
    # Three hidden units.
    few = with_trend(replace(WELL, gain_of_more=0.51), fall=0.009)
    assert (only(few).rule, only(few).layer, only(few).value) == ("too_few_units", 1, 10)
    assert seen(replace(few, gain_of_more=0.49)) == []
    assert seen(with_trend(few, fall=0.011)) == []
    assert seen(with_trend(few, now=0.49)) == []
    # What has not begun to fall may yet; units that are dead are few for another reason.
    assert seen(with_trend(few, now=0.995)) == []
    assert seen(replace(few, silent={1: (1,)})) == []
    # Of few examples anything but what contradicts itself is explained: nearly all has to be.
    assert seen(replace(few, examples=19, gain_of_more=0.89)) == []
    assert seen(replace(few, examples=19, gain_of_more=0.91)) == ["too_few_units"]


def inline(inputs: Any, targets: Any) -> dict[str, Any]:
    return {"kind": "inline", "inputs": np.asarray(inputs).tolist(), "targets": np.asarray(targets).tolist()}


@pytest.mark.parametrize("offset", [0.0, 0.5])
def test_inputs_that_hardly_differ_are_not_scaled(offset: float) -> None:
    def stuck(deviation: float) -> Measurement:
        # ±1 and 0, of the deviation √½, and an input that is always the same.
        rows = [[offset + deviation * 2**0.5 * (i % 2) * (i % 4 - 2), 0.7] for i in range(40)]
        about = circumstances(data=inline(rows, [[i % 3 // 2] for i in range(40)]))
        return with_trend(replace(WELL, circumstances=about), fall=0.049)

    symptom = only(stuck(0.09))
    assert (symptom.rule, symptom.severity, symptom.form) == ("inputs_not_scaled", "warning", "small")
    assert symptom.value == pytest.approx(0.09)
    assert "x1, which differs most" in symptom.evidence
    assert seen(stuck(0.11)) == []
    # As long as the loss falls, or is low, they do no harm; of examples that are all alike there is nothing to scale.
    assert seen(with_trend(stuck(0.09), fall=0.051)) == []
    assert seen(with_trend(stuck(0.09), now=0.49)) == []
    assert seen(stuck(0.0)) == []


def test_a_last_batch_of_one_is_no_more_than_info_while_the_run_does_well() -> None:
    normed = [{"units": 3, "activation": "tanh", "batch_norm": True}, {"units": 1, "activation": "sigmoid"}]

    def left_over(examples: int, **training: Any) -> Measurement:
        data = inline([[float(i), 1.0] for i in np.linspace(-1, 1, examples)], [[i % 2] for i in range(examples)])
        about = circumstances(data=data, layers=normed, training={"batch_size": 7, **training})
        return replace(WELL, circumstances=about, examples=examples, batch=7)

    symptom = only(left_over(29))
    assert (symptom.rule, symptom.severity, symptom.layer) == ("batch_norm_of_one", "info", 1)
    assert "of 29 training examples, 7 a batch, 1 is left" in symptom.evidence
    assert only(with_trend(left_over(29), fall=0.04)).severity == "warning"
    # Two that are left, one that is left out, none that is left; and in the step that has the one alone it is the same.
    assert seen(left_over(30)) == seen(left_over(28)) == seen(left_over(29, drop_last=True)) == []
    assert only(replace(left_over(29), batch=1)) == symptom
    assert only(left_over(29, batch_size=1)).severity == "warning"


def test_an_answer_that_cannot_move_says_how_much_of_the_loss_it_is() -> None:
    free = [{"units": 3, "activation": "tanh", "bias": False}, {"units": 1, "activation": "identity", "bias": False}]

    def fixed(target: float) -> Symptom:
        # The others are 1 and −1: the best constant answer is target/5, and leaves 4/5 + 4/25 target² of squares.
        data = inline([[0, 0], [1, 0], [0, 1], [1, 1], [1, 2]], [[target], [1], [-1], [1], [-1]])
        return only(replace(WELL, circumstances=circumstances(data=data, layers=free)))

    assert (fixed(1.0).rule, fixed(1.0).form) == ("fixed_answer", "")
    # target²/5 is fixed, which is half of that where target² is 10/3.
    assert fixed(1.82).form == ""
    assert fixed(1.83).form == "much"
    assert "that alone leaves 56% of the loss" in fixed(2.0).evidence


def test_overfitting() -> None:
    trend = HeldOutTrend(10, 0.5, 0.4, 0.5, 0.4)
    for step in (20, 30):
        trend = trend.after(step, 0.63, 0.35)
        assert seen(replace(WELL, test=trend)) == []
    third = trend.after(40, 0.63, 0.35)
    assert only(replace(WELL, test=third)).rule == "overfitting"
    assert "step 10" in only(replace(WELL, test=third)).evidence
    # No gap, a training loss that did not fall, a new lowest.
    assert trend.after(40, 0.62, 0.35).overfit == 0
    assert trend.after(40, 0.63, 0.37).overfit == 0
    assert trend.after(40, 0.49, 0.1) == HeldOutTrend(40, 0.49, 0.1, 0.49, 0.1)


@pytest.mark.parametrize(
    ("now", "name", "layer"),
    [
        (replace(WELL, loss=inf), "ℒ", None),
        (with_layer(3, preactivations=(nan, nan)), "Z⁽³⁾", 3),
        (with_layer(1, with_layer(3, gradient=inf, update=nan), error=inf), "dW⁽³⁾", 3),
        (with_layer(2, update=nan), "ΔW⁽²⁾", 2),
    ],
)
def test_not_finite(now: Measurement, name: str, layer: int | None) -> None:
    symptom = only(now)
    assert (symptom.rule, symptom.severity, symptom.layer) == ("not_finite", "error", layer)
    assert symptom.evidence == f"{name} is not finite"


def test_numbers_that_are_large_are_finite() -> None:
    assert "not_finite" not in seen(
        replace(WELL, loss=1e308, layers=tuple(replace(x, error=1e308) for x in WELL.layers))
    )
