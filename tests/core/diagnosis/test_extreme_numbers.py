"""The diagnosis on numbers at the ends of what a float holds, where ratios, sums and powers leave its range."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backprop_tui.core.compare.findings_report import diagnose, diagnose_json
from backprop_tui.core.diagnosis.circumstances import Circumstances
from backprop_tui.core.diagnosis.findings import Symptom
from backprop_tui.core.diagnosis.held_out_trend import HeldOutTrend
from backprop_tui.core.diagnosis.loss_trend import LossTrend, Trend
from backprop_tui.core.diagnosis.measurement import Largest, Measurement
from backprop_tui.core.diagnosis.remedies import REMEDIES
from backprop_tui.core.diagnosis.rules import RULES
from backprop_tui.core.diagnosis.statistics import LayerStatistics
from backprop_tui.core.network.network import build_layers
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.baseline import Baseline

from ...share import share

EXAMPLES = share(24, 100)
SIZES = st.one_of(
    st.sampled_from([0.0, 5e-324, 1e-308, 1e-200, 1e-4, 0.5, 1.0, 2.0, 1e200, 1.7e308]),
    st.floats(0, allow_nan=False, allow_infinity=False),
)
RATIOS = SIZES | st.sampled_from([float("inf")])
MAYBE = st.none() | SIZES
SPREADS = st.none() | st.tuples(SIZES, SIZES)

LAYERS = st.builds(
    LayerStatistics,
    layer=st.just(1),
    inputs=st.integers(1, 5),
    units=st.integers(1, 5),
    activation=st.sampled_from(["tanh", "sigmoid", "relu"]),
    weights=SIZES,
    gradient=MAYBE,
    mean_gradient=MAYBE,
    update=MAYBE,
    error=MAYBE,
    preactivations=SPREADS,
    activations=SPREADS,
    inactive=st.sampled_from([None, (), (1,)]),
    saturated=st.sampled_from([None, (), (1,)]),
    passed=MAYBE,
)
TRENDS = st.builds(
    Trend,
    steps=st.integers(1, 10**6),
    period=st.integers(1, 40),
    first=RATIOS,
    now=RATIOS,
    whole=st.booleans(),
    fall=st.none() | RATIOS,
    stale=st.integers(0, 20),
    halving=st.none() | RATIOS,
    rises=st.integers(0, 40),
)
HELD_OUT = st.builds(
    HeldOutTrend,
    step=st.integers(0, 100),
    lowest=SIZES,
    training_then=SIZES,
    last=SIZES,
    training=SIZES,
    overfit=st.integers(0, 5),
)


PRESET, DATASET = load_preset(
    {
        "title": "Small",
        "data": {"kind": "xor", "samples": 20},
        "layers": [{"units": 3, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
        "optimizer": {"learning_rate": 1e-300},
    },
    "test",
)
CIRCUMSTANCES = Circumstances(PRESET, DATASET, build_layers(PRESET.layers, 2), 5)


@st.composite
def measurements(draw: st.DrawFn) -> Measurement:
    """A measurement of a few layers, each of its numbers of any size."""
    layers = draw(st.lists(LAYERS, min_size=1, max_size=5))
    return Measurement(
        step=draw(st.integers(1, 20)),
        loss=draw(SIZES),
        level=draw(RATIOS),
        layers=tuple(replace(layer, layer=number) for number, layer in enumerate(layers, 1)),
        trend=draw(TRENDS),
        gradient=draw(SIZES),
        first_gradient=draw(SIZES),
        parameters=draw(SIZES),
        ratio=draw(RATIOS),
        first_ratio=draw(RATIOS),
        largest=Largest(draw(RATIOS), 1, 1),
        silent={},
        twins={},
        test=draw(st.none() | HELD_OUT),
        circumstances=CIRCUMSTANCES,
        first_parameters=draw(SIZES),
        answered=None,
        at_optimum=draw(st.booleans()),
        gain_of_more=draw(st.none() | st.floats(0.0, 1.0)),
        examples=10,
        batch=5,
    )


@given(measurements())
def test_every_rule_says_something_about_numbers_of_any_size(now: Measurement) -> None:
    for rule in RULES.values():
        for symptom in rule.see(now):
            assert symptom.rule == rule.id
            assert symptom.evidence


@settings(max_examples=EXAMPLES)
@given(measurements(), st.sampled_from(sorted(REMEDIES)))
def test_every_remedy_can_be_worked_out_from_numbers_of_any_size(now: Measurement, rule: str) -> None:
    offered = list(REMEDIES[rule](Symptom(rule, "warning", "", 0.0, None, 1), now, PRESET))
    assert all(remedy.text or not remedy.set for remedy in offered)


@given(st.lists(SIZES, min_size=1, max_size=50))
@example([1.7e308] * 40)
def test_the_mean_of_finite_losses_lies_among_them(losses: list[float]) -> None:
    trend = LossTrend(Baseline(1.0, 0.0), 100)
    trend.extend(losses)
    known = losses[-trend.period :]
    assert trend.recent is not None
    assert min(known) * (1 - 1e-9) <= trend.recent <= max(known) * (1 + 1e-9)


@settings(max_examples=EXAMPLES)
@given(st.lists(SIZES, min_size=80, max_size=80))
@example([1.7e308] * 80)
@example([1.9999999999999998] * 40 + [1.9999999999999996] * 40)
def test_the_trend_of_finite_losses_has_its_numbers(losses: list[float]) -> None:
    trend = LossTrend(Baseline(1.0, 0.0), 10)
    trend.extend(losses)
    found = trend.at(losses[-1])
    assert found.fall is None or found.fall <= 1
    assert found.halving is None or found.halving >= 0


@pytest.mark.parametrize(
    "start", [{}, {"init": "constant", "init_scale": 1e-3}, {"init": "normal", "init_scale": 30.0}]
)
def test_a_signal_that_leaves_the_range_of_floats_on_its_way_is_diagnosed(
    session_of: Callable[..., Session], start: dict[str, Any]
) -> None:
    layer = {"units": 1, "activation": "leaky_relu", "repeat": 200, **start}
    session = session_of("xor", changes={"layers.0": layer})
    report = diagnose_json(diagnose(session, 3))
    assert all(finding["evidence"] for finding in report["findings"])
