"""What is read of a kept step: the rows of the modules, the rule of a linear one, the batch, the trend."""

from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.core.recording.gradient_trends import GradientTrends, of_trend
from backprop_tui.core.recording.kept_batch import kept_batch, probabilities
from backprop_tui.core.recording.kept_step import KeptStep, figures_of
from backprop_tui.core.recording.linear_rule import LinearStep, apart, linear_step, statements
from backprop_tui.core.recording.reader import Recording, open_recording
from backprop_tui.core.recording.recorded_modules import Module, modules_of
from backprop_tui.core.recording.writer import Writer

from ...share import share
from .linear_networks import LinearNetwork

BY_HAND = LinearStep(
    Module(1, "fc", "Linear", {"weight": "fc.weight", "bias": "fc.bias"}),
    A=np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
    dZ=np.array([[0.5], [-1.0], [2.0]]),
    W=np.array([[10.0, 20.0]]),
    gradients={"weight": np.array([[7.5, 9.0]]), "bias": np.array([1.5])},
)


def trained(path: Path, **more: Any) -> Recording:
    network = LinearNetwork(path / "run.backprop")
    network.train(3, **more)
    network.writer.close()
    return open_recording(path / "run.backprop")


def test_a_linear_module_by_hand() -> None:
    dW, db, dA = statements(BY_HAND, 0, 1, 2)
    assert (dW.name, dW.value, dW.recorded) == ("dW₁,₂", 0.5 * 2 - 1 * 4 + 2 * 6, 9.0)
    assert dW.expression.symbols() == "dZ₁,₁ · A₁,₂ + dZ₂,₁ · A₂,₂ + dZ₃,₁ · A₃,₂"
    assert (db.name, db.value, db.recorded) == ("db₁", 1.5, 1.5)
    assert (dA.name, dA.value, dA.recorded) == ("dA₃,₂", 2.0 * 20.0, None)
    assert dA.expression.symbols() == "dZ₃,₁ · W₁,₂"
    assert apart(BY_HAND) == 0


@settings(max_examples=share(12, 30))
@given(st.data())
def test_terms_add_up_whatever_is_left_out(data: st.DataObject) -> None:
    rows, outputs, inputs = (data.draw(st.integers(1, most)) for most in (40, 9, 9))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    A, dZ, W = rng.normal(size=(rows, inputs)), rng.normal(size=(rows, outputs)), rng.normal(size=(outputs, inputs))
    gradients = {"weight": dZ.T @ A, "bias": dZ.sum(axis=0)}
    linear = LinearStep(BY_HAND.module, A, dZ, W, gradients)
    place = [data.draw(st.integers(0, size - 1)) for size in (outputs, inputs, rows)]
    output, source, row = place
    found = statements(linear, output, source, row)
    wanted = [gradients["weight"][output, source], gradients["bias"][output], (dZ @ W)[row, source]]
    for one, value in zip(found, wanted, strict=True):
        assert one.value == pytest.approx(value, abs=1e-12)
        assert one.expression.value() == pytest.approx(value, abs=1e-12)
        assert len(list(one.expression.references())) <= 10
    # The chosen row's own term is told, however small it is.
    assert (row, output) in [reference.index for reference in found[0].expression.references()]
    assert apart(linear) == pytest.approx(0, abs=1e-12)


def test_recorded_steps_bear_the_rule_out(tmp_path: Path) -> None:
    recording = trained(tmp_path)
    modules = modules_of(recording.meta)
    step = KeptStep(recording, 2)
    for module in (modules[0], modules[2]):
        linear = linear_step(step, module)
        assert linear is not None
        assert apart(linear) == pytest.approx(0, abs=1e-12)
    assert linear_step(step, modules[1]) is None
    assert step.array("θ/nothing") is None


def test_clipping_is_undone_before_gradients_are_compared(tmp_path: Path) -> None:
    recording = trained(tmp_path, factor=0.25)
    linear = linear_step(KeptStep(recording, 3), modules_of(recording.meta)[0])
    assert linear is not None
    assert linear.factor == 0.25
    assert apart(linear) == pytest.approx(0, abs=1e-12)


def test_a_wrong_gradient_is_apart_by_as_much_as_it_is_wrong() -> None:
    halved = LinearStep(BY_HAND.module, BY_HAND.A, BY_HAND.dZ, None, {"weight": 2 * BY_HAND.gradients["weight"]})
    assert apart(halved) == pytest.approx(0.5)
    assert apart(LinearStep(BY_HAND.module, BY_HAND.A, BY_HAND.dZ)) is None
    zero = LinearStep(BY_HAND.module, BY_HAND.A, 0 * BY_HAND.dZ, None, {"weight": np.zeros((1, 2))})
    assert apart(zero) == 0
    assert [one.name for one in statements(zero, 0, 0, 0)] == ["dW₁,₁", "db₁"]


def test_another_kind_is_linear_only_where_its_gradient_is(tmp_path: Path) -> None:
    recording = trained(tmp_path)
    step = KeptStep(recording, 1)
    names = {"weight": "net.0.weight", "bias": "net.0.bias"}
    assert linear_step(step, Module(1, "net.0", "MyDense", names)) is not None
    step.arrays["g/net.0.weight"] = np.ones((4, 3))
    assert linear_step(step, Module(1, "net.0", "MyDense", names)) is None
    assert linear_step(step, Module(1, "net.0", "Linear", names)) is not None
    assert linear_step(step, Module(1, "net.0", "Linear", {"weight": "net.2.weight"})) is None


def test_the_figures_of_a_module_are_over_all_its_parameters(tmp_path: Path) -> None:
    facts = {"norms": {"w": [3.0, 6.0, 0.3], "b": [4.0, 8.0, 0.4]}, "modules": {"1": {"zeros": 0.5, "shape": [2, 3]}}}
    found = figures_of(facts, Module(1, "fc", "Linear", {"weight": "w", "bias": "b"}))
    assert (found.weights, found.gradient, found.change) == (5.0, 10.0, hypot(0.3, 0.4))
    assert found.ratio == pytest.approx(0.1)
    assert (found.zeros, found.shape, found.mean) == (0.5, (2, 3), None)
    recording = trained(tmp_path)
    trends = GradientTrends()
    modules = modules_of(recording.meta)
    trends.take_in(recording, modules)
    assert trends.gradients(0) == [KeptStep(recording, step).figures(modules[0]).gradient for step in (1, 2, 3)]
    assert trends.gradients(1) == []


@given(st.integers(0, 5000))
def test_a_trend_takes_evenly_spaced_steps(count: int) -> None:
    steps = list(range(1, count + 1))
    found = of_trend(steps)
    assert len(found) <= 64
    assert len(found) >= min(count, 32)
    assert len({later - earlier for earlier, later in pairwise(found)}) <= 1


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["number", "name", "norms"]), inner),
)


@settings(max_examples=share(20, 60))
@given(ANYTHING, ANYTHING)
def test_whatever_a_file_says_of_modules_and_steps_is_read(modules: Any, facts: Any) -> None:
    for module in modules_of({"modules": modules, "parameters": [{"name": "w"}, modules]}):
        assert module.number > 0
        assert isinstance(module.name, str)
        figures_of({"norms": facts, "modules": facts}, module)
        figures_of({"norms": {"w": facts}, "modules": {"1": facts}}, module)


def test_parameters_stand_for_modules_where_none_are_named() -> None:
    found = modules_of({"modules": [], "parameters": [{"name": "theta"}, {"name": "phi"}]})
    assert [(module.name, module.kind, module.weight) for module in found] == [
        ("theta", "parameter", "theta"),
        ("phi", "parameter", "phi"),
    ]


def batch_of(folder: Path, **arrays: Any) -> Any:
    with Writer.create(folder / "batch.backprop", "torch", {}) as writer:
        writer.keep(1, 0.0, {}, arrays)
    return kept_batch(KeptStep(open_recording(folder / "batch.backprop"), 1), {"kind": "cross_entropy"})


def test_images_have_classes_and_probabilities(tmp_path: Path) -> None:
    outputs = np.log(np.array([[1.0, 3.0], [1.0, 1.0]]))
    inputs = np.stack([np.full(64, -1.0), np.full(64, 3.0)])
    batch = batch_of(tmp_path, inputs=inputs, outputs=outputs, targets=np.array([1, 0]))
    assert (batch.form, batch.rows) == ("image", 2)
    assert batch.classes.tolist() == [1, 0]
    assert batch.probabilities.tolist() == pytest.approx(np.array([[0.25, 0.75], [0.5, 0.5]]))
    assert (batch.image(0).shape, batch.image(0).max(), batch.image(1).min()) == ((8, 8), 0.0, 1.0)


def test_points_and_tables(tmp_path: Path) -> None:
    points = batch_of(tmp_path, inputs=np.ones((5, 2)), targets=np.eye(5)[:, :3])
    assert (points.form, points.classes, points.probabilities) == ("points", None, None)
    (tmp_path / "more").mkdir()
    table = batch_of(tmp_path / "more", inputs=np.ones((5, 3)), targets=np.eye(5))
    assert (table.form, table.classes.tolist()) == ("table", [0, 1, 2, 3, 4])


def test_probabilities_of_logits_that_are_huge() -> None:
    assert probabilities(np.array([[1e5, 1e5, 0.0]])).tolist() == [[0.5, 0.5, 0.0]]
