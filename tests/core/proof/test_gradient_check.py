"""The gradient check: it passes on every kind of network, and sees every mistake."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice, product
from math import isnan, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.core.network.activations import ACTIVATIONS
from backprop_tui.core.ops.event import Op
from backprop_tui.core.preset.preset import apply_changes, load_preset
from backprop_tui.core.proof.check_report import check_json, check_lines, check_text, curve_lines
from backprop_tui.core.proof.check_verdict import CheckResult, EntryVerdict, band, relative_error
from backprop_tui.core.proof.gradient_check import FINER_STEPS, GradientCheck, check_entry, error_curve, kind_of
from backprop_tui.core.proof.parameter_entry import all_entries, drawn_entries, entry_at, shares, sizes
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.rehearsal import Rehearsal

from ...share import share

HIDDEN = tuple(ACTIVATIONS)
PAIRS = (
    *product((*HIDDEN, "softmax"), ("mean_squared_error", "half_squared_error")),
    ("softmax", "cross_entropy"),
    ("sigmoid", "binary_cross_entropy"),
)

FORMS = tuple({"batch_norm": norm, "residual": residual} for norm, residual in product((False, True), repeat=2))


def session(table: dict[str, Any]) -> Session:
    return Session(*load_preset(apply_changes(table, {}), "test", None, "test"), None)


def check(rehearsal: Rehearsal, **options: Any) -> CheckResult:
    checked = GradientCheck(rehearsal, **options)
    assert checked.advance()
    return checked.result()


def second_step(table: dict[str, Any]) -> Session:
    """A run in its second step, before the parameters change."""
    made = session(table)
    made.seek(made.timeline.finish_of(2) - 1)
    return made


def rehearsal_of(table: dict[str, Any]) -> Rehearsal:
    """The batch of the second step."""
    return second_step(table).rehearse()


def verdicts(result: CheckResult) -> dict[str, EntryVerdict]:
    return {verdict.name: verdict for verdict in result.entries}


# Every kind of network passes


@pytest.mark.parametrize("hidden", HIDDEN)
def test_every_hidden_activation_with_every_output_and_loss_in_every_form_passes(
    network_table: Any, hidden: str
) -> None:
    for (output, loss), form in islice(product(PAIRS, FORMS), HIDDEN.index(hidden) % share(3, 1), None, share(3, 1)):
        made = session(network_table(hidden, output, loss, **form))
        inputs, targets = made.plan["X", None].array, made.plan["Y", None].array
        for m in (1, 3, 7):
            result = check(Rehearsal(made.trainer, inputs[:, :m], targets[:, :m], {}))
            assert result.passed, (output, loss, form, m, check_text(result))
            assert not result.kinks or m == 1, (output, loss, form, m, result.kinks)
        assert max(abs(verdict.analytic) for verdict in result.entries) > 1e-6, "seven examples do not silence it"


@pytest.mark.parametrize(("hidden", "output", "loss"), [("relu", "softmax", "cross_entropy"), ("tanh", "silu", "")])
def test_dropout_passes_with_its_masks_frozen(network_table: Any, hidden: str, output: str, loss: str) -> None:
    for batch, form in product((1, 3, 7), FORMS):
        table = network_table(hidden, output, loss or "mean_squared_error", batch=batch, dropout=0.4, **form)
        assert check(rehearsal_of(table)).passed, (batch, form)


@st.composite
def networks(draw: Any) -> dict[str, Any]:
    """Networks of up to three layers of up to four units, on up to five examples, of any mix of parts."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    examples, width = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    inputs = random.normal(size=(examples, width)).tolist()
    layers = []
    depth = draw(st.integers(1, 3))
    for number in range(1, depth + 1):
        residual = draw(st.booleans())
        units = width if residual else draw(st.integers(1, 4))
        last = number == depth
        layers.append(
            {
                "units": units,
                "activation": draw(
                    st.sampled_from((*HIDDEN, "softmax") if last and not residual and units > 1 else HIDDEN)
                ),
                "slope": draw(st.sampled_from((0.01, 0.3, -0.2))),
                "weights": random.normal(size=(units, width)).tolist(),
                "batch_norm": draw(st.booleans()),
                "residual": residual,
                "dropout": 0.0 if last else draw(st.sampled_from((0.0, 0.3))),
            }
        )
        layers[-1] |= {"biases": random.normal(size=units).tolist()} if draw(st.booleans()) else {"bias": False}
        width = units
    if width == 1 and layers[-1]["activation"] == "softmax":
        layers[-1]["activation"] = "sigmoid"  # Of one unit a softmax is 1 whatever it is given, and refused.
    targets = random.uniform(size=(examples, width))
    loss = draw(st.sampled_from(("mean_squared_error", "half_squared_error", "combined")))
    if loss == "combined":
        output = layers[-1]["activation"]
        plain = not layers[-1]["residual"]
        loss = "half_squared_error"
        if plain and output == "softmax":
            loss, targets = "cross_entropy", targets / targets.sum(axis=1, keepdims=True)
        elif plain and output == "sigmoid":
            loss = "binary_cross_entropy"
    return {
        "title": "Any",
        "seed": draw(st.integers(0, 99)),
        "data": {"kind": "inline", "inputs": inputs, "targets": targets.tolist()},
        "layers": layers,
        "loss": {"kind": loss},
        "training": {"batch_size": draw(st.integers(0, examples))},
    }


@given(networks())
@settings(max_examples=share(16, 80), deadline=None)
def test_any_network_passes(table: dict[str, Any]) -> None:
    result = check(rehearsal_of(table))
    assert result.passed, check_text(result)


@pytest.mark.parametrize("bias", [True, False])
def test_what_is_checked_is_what_trains(network_table: Any, bias: bool) -> None:
    for dropout, batch, form in product((0.0, 0.4), (1, 3, 7), FORMS):
        table = network_table("tanh", "softmax", "cross_entropy", batch=batch, bias=bias, dropout=dropout, **form)
        made = second_step(table)
        assert np.array_equal(made.trainer.gradient, made.rehearse().backward()), (dropout, batch, form)
        assert made.plan.loss() == made.rehearse().loss()


def test_a_bias_before_a_batch_norm_has_no_gradient_and_passes(network_table: Any) -> None:
    found = verdicts(check(rehearsal_of(network_table("tanh", "identity", "half_squared_error", batch_norm=True))))
    biases = [found[f"b1[{unit}]"] for unit in (1, 2, 3)]
    assert all(abs(verdict.analytic) < 1e-15 for verdict in biases)
    assert all(verdict.kind in ("below_resolution", "passed") for verdict in biases)


def test_a_run_in_float32_is_checked_in_float64(network_table: Any) -> None:
    table = network_table("tanh", "softmax", "cross_entropy", dtype="float32", batch_norm=True)
    result = check(rehearsal_of(table))
    assert result.passed
    assert result.worst is not None
    assert result.worst.relative_error < 1e-6
    made = session(table)
    with pytest.raises(ValueError, match="expected a rehearsal in float64, found float32"):
        GradientCheck(made.rehearse(np.float32))


def test_a_converged_network_passes() -> None:
    """ℒ = ½ (wx + b − y)² with an error of 1.4e-6 and x = 1e-3: loss 1e-12, gradient 1.4e-9; a parabola is exact."""
    table = {
        "title": "Converged",
        "data": {"kind": "inline", "inputs": [[1e-3]], "targets": [[1.0]]},
        "layers": [{"units": 1, "activation": "identity", "weights": [[0.0]], "biases": [1.0000014]}],
        "loss": {"kind": "half_squared_error"},
    }
    result = check(session(table).rehearse())
    assert result.loss == pytest.approx(1e-12, rel=0.03)
    assert verdicts(result)["W1[1,1]"].analytic == pytest.approx(1.4e-9, rel=1e-6)
    assert result.passed


def test_what_rounding_of_the_loss_hides_is_said_to_be_below_the_resolution() -> None:
    """Cross-entropy at its minimum, ln 2, but for 1e-9: a gradient of 1e-9 is far below eps/h relative to the loss."""
    table = {
        "title": "At the bottom",
        "data": {"kind": "inline", "inputs": [[0.37]], "targets": [[0.5, 0.5]]},
        "layers": [{"units": 2, "activation": "softmax", "weights": [[0.0], [0.0]], "biases": [0.0, 4e-9]}],
    }
    result = check(session(table).rehearse())
    assert result.passed
    assert result.below_resolution == 4
    assert result.worst is not None
    assert result.worst.kind == "below_resolution"
    assert "Below the resolution of the check: 4 entries" in check_text(result)


# Every mistake fails


def everything(network_table: Any, output: str, loss: str) -> Session:
    """A network with every part: batch norm, dropout and residual in the hidden layers."""
    return second_step(network_table("tanh", output, loss, batch_norm=True, residual=True, dropout=0.3))


OUTPUTS = (("silu", "half_squared_error"), ("softmax", "mean_squared_error"), ("softmax", "cross_entropy"))
OUTPUTS += (("sigmoid", "binary_cross_entropy"), ("identity", "mean_squared_error"))


def backward_ops(rehearsal: Rehearsal) -> Iterator[Op]:
    return (op for op in rehearsal.plan.ops if op.phase == "backward")


def matters(op: Op, written: str, layers_with_norm: int = 2) -> bool:
    """Whether a change of that quantity, after its op has run, changes the gradient.

    Not a local slope, which has been used by then, and not a bias's before a batch norm, which is 0.
    """
    return written in ("dA", "dF", "dN", "dZ", "dW", "dγ", "dβ") or (
        written == "db" and op.layer is not None and op.layer > layers_with_norm
    )


@pytest.mark.parametrize(("output", "loss"), OUTPUTS)
@pytest.mark.parametrize("factor", [1.01, -1.0, 0.0])
def test_every_result_of_every_backward_op_broken_is_caught(
    network_table: Any, output: str, loss: str, factor: float
) -> None:
    rehearsal = everything(network_table, output, loss).rehearse()
    caught = set()
    for op in backward_ops(rehearsal):
        calls = op.calls
        for quantity in op.writes:
            if matters(op, quantity.symbol):
                op.calls = (*calls, partial(np.multiply, quantity.array, factor, quantity.array))
                assert not check(rehearsal).passed, (op.name, op.layer, quantity.name)
                caught.add(quantity.name)
        assert any(quantity.name in caught for quantity in op.writes), "each op has a result that matters"
        op.calls = calls
    assert check(rehearsal).passed
    assert len(caught) >= 15


@pytest.mark.parametrize(("output", "loss"), OUTPUTS)
def test_every_call_of_every_backward_op_left_out_is_caught(network_table: Any, output: str, loss: str) -> None:
    """A term dropped: a sum without one of its terms, a product without one of its factors."""
    made = everything(network_table, output, loss)
    dropped = 0
    for place, whole in enumerate(made.rehearse().plan.ops):
        for i in range(len(whole.calls) if whole.phase == "backward" else 0):
            # A new one, since what was once computed would still lie in the buffers.
            rehearsal = made.rehearse()
            op = rehearsal.plan.ops[place]
            op.calls = op.calls[:i] + op.calls[i + 1 :]
            assert not check(rehearsal).passed, (op.name, op.layer, i, op.calls)
            dropped += 1
    assert dropped >= 20


def test_a_broken_forward_op_is_caught(network_table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    right = ACTIVATIONS["sigmoid"]
    wrong = replace(right, write=lambda builder, Z, A: (*right.write(builder, Z, A), partial(np.multiply, A, 1.01, A)))
    monkeypatch.setitem(ACTIVATIONS, "sigmoid", wrong)
    result = check(rehearsal_of(network_table("sigmoid", "softmax", "cross_entropy")))
    assert [parameter.name for parameter in result.parameters if not parameter.passed] == ["W1", "b1", "W2", "b2"]


WRONG = {
    "tanh": lambda builder, Z, A, D: (partial(np.subtract, 1.0, A, D),),
    "sigmoid": lambda builder, Z, A, D: (partial(np.multiply, A, A, D),),
    "relu": lambda builder, Z, A, D: (partial(np.copyto, D, 1.0),),
    "leaky_relu": lambda builder, Z, A, D: (partial(np.greater, Z, 0.0, D),),
    "softplus": lambda builder, Z, A, D: (partial(np.tanh, Z, D),),
}
"""1 − a for 1 − a², a² for a (1 − a), 1 for 0 below 0, relu's for leaky relu's, tanh for σ."""


@pytest.mark.parametrize("activation", WRONG)
def test_a_wrong_formula_in_the_code_is_caught(
    network_table: Any, monkeypatch: pytest.MonkeyPatch, activation: str
) -> None:
    table = network_table(activation, "identity", "half_squared_error")
    assert check(rehearsal_of(table)).passed
    wrong = replace(ACTIVATIONS[activation], write_derivative=WRONG[activation])
    monkeypatch.setitem(ACTIVATIONS, activation, wrong)
    monkeypatch.setattr("backprop_tui.core.network.activations.leaky_relu", lambda slope: wrong)
    result = check(rehearsal_of(table))
    assert not result.passed
    assert result.worst is not None
    assert result.worst.kind == "failed"
    assert result.worst.relative_error == max(verdict.relative_error for verdict in result.of_kind("failed"))
    wrong_arrays = {parameter.name for parameter in result.parameters if not parameter.passed}
    assert wrong_arrays, "the layers behind the wrong slope"
    assert "W3" not in wrong_arrays, "the last layer's gradient has no such slope in it"


def without_variance(depth: int, activation: str = "elu") -> dict[str, Any]:
    """Weights of 0 into a batch norm: its variance is 0, and Z is divided by √ε = 0.003, `depth` times over."""
    zeros = {"units": 2, "activation": activation, "init": "zeros", "batch_norm": True}
    linear = {"units": 2, "activation": "identity", "init": "constant", "init_scale": 0.5}
    return {
        "title": "Flat",
        "data": {"kind": "inline", "inputs": [[0.4, 1.4], [1.7, -0.2], [0.3, 0.2]], "targets": [[1.0], [0.0], [0.6]]},
        "layers": [
            zeros,
            *[linear | {"batch_norm": True}] * (depth - 1),
            {"units": 1, "activation": "sigmoid", "weights": [[0.7, -0.3]]},
        ],
    }


@pytest.mark.parametrize(("depth", "activation"), [(1, "elu"), (2, "elu"), (3, "elu"), (2, "gelu"), (3, "gelu")])
def test_where_the_loss_bends_within_the_smallest_step_a_finer_one_decides(depth: int, activation: str) -> None:
    rehearsal = session(without_variance(depth, activation)).rehearse()
    result = check(rehearsal)
    assert result.passed, check_text(result)
    finer = [verdict for verdict in result.entries if verdict.h in FINER_STEPS]
    assert {verdict.symbol for verdict in finer} <= {"W", "beta"}
    assert any(verdict.name == "W1[1,1]" for verdict in finer)
    assert {verdict.kind for verdict in finer} == {"passed"}


@pytest.mark.parametrize("factor", [1.00003, -1.0, 0.0])
def test_at_a_finer_step_a_wrong_gradient_is_wrong_still(factor: float) -> None:
    rehearsal = session(without_variance(1)).rehearse()
    last = next(op for op in reversed(list(backward_ops(rehearsal))) if op.name == "dW db")
    dW = last.writes[0].array
    last.calls += (partial(np.multiply, dW, factor, dW),)
    assert not any(parameter.passed for parameter in check(rehearsal).parameters if parameter.name == "W1")


# Kinks


def on_the_kink(z: float, activation: str = "relu") -> dict[str, Any]:
    """ℒ = ½ (f(0·1 + z) + 1)² of one unit: df/dz matters, and z is the distance of its unit from 0."""
    return {
        "title": "Kink",
        "data": {"kind": "inline", "inputs": [[1.0]], "targets": [[-1.0]]},
        "layers": [
            {"units": 1, "activation": activation, "weights": [[0.0]], "biases": [z]},
            {"units": 1, "activation": "identity", "weights": [[1.0]]},
        ],
        "loss": {"kind": "half_squared_error"},
    }


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
@pytest.mark.parametrize("z", [0.0, 5e-8, -5e-8])
def test_within_reach_of_a_kink_an_entry_is_named_and_does_not_fail(activation: str, z: float) -> None:
    result = check(session(on_the_kink(z, activation)).rehearse())
    assert result.passed
    assert result.kinks == ("W1[1,1]", "b1[1]")
    assert check_json(result)["kinks"] == ["W1[1,1]", "b1[1]"]
    assert "At a kink: W1[1,1], b1[1]." in check_text(result)
    assert result.worst is not None
    assert result.worst.kind == "passed", "what was not compared is not the worst"


@pytest.mark.parametrize("z", [5e-7, -5e-6, 5e-5])
def test_a_kink_that_only_larger_steps_reach_is_no_excuse(z: float, monkeypatch: pytest.MonkeyPatch) -> None:
    result = check(session(on_the_kink(z)).rehearse())
    assert result.passed
    assert result.kinks == ()
    wrong = replace(ACTIVATIONS["relu"], write_derivative=lambda builder, Z, A, D: (partial(np.less, Z, 0.0, D),))
    monkeypatch.setitem(ACTIVATIONS, "relu", wrong)
    result = check(session(on_the_kink(z)).rehearse())
    assert [verdict.name for verdict in result.of_kind("failed")] == ["W1[1,1]", "b1[1]"]


def test_a_smooth_activation_has_no_kink_at_0() -> None:
    for activation in ("elu", "softplus", "gelu", "silu", "tanh"):
        result = check(session(on_the_kink(0.0, activation)).rehearse())
        assert result.passed
        assert result.kinks == ()


def test_behind_a_batch_norm_the_kink_is_in_what_the_activation_reads() -> None:
    """One example is its own mean, so N is β: with β = 0 right on the kink, wherever Z is, and only β moves it."""
    table = on_the_kink(0.7)
    table["layers"][0]["batch_norm"] = True
    result = check(session(table).rehearse())
    assert result.passed
    assert result.kinks == ("beta1[1]",)


def test_a_unit_that_stays_on_its_kink_excuses_no_other_entry() -> None:
    """Behind a silent relu without bias every preactivation is 0 for good; that is no kink for the output's bias."""
    table = on_the_kink(-1.0)
    table["layers"].insert(1, {"units": 1, "activation": "relu", "weights": [[1.0]], "bias": False})
    rehearsal = session(table).rehearse()
    assert check(rehearsal).passed
    last = next(op for op in backward_ops(rehearsal) if op.name == "dW db")
    db = last.writes[1].array
    last.calls += (partial(np.multiply, db, 1.01, db),)
    result = check(rehearsal)
    assert [verdict.name for verdict in result.of_kind("failed")] == ["b3[1]"]
    assert result.kinks == ()


def test_relu_has_slope_0_at_0_and_does_not_let_a_gradient_through(session_of: Any, network_table: Any) -> None:
    table = network_table("relu", "identity", "half_squared_error")
    table["layers"][0] |= {"weights": [[0.0, 0.0]] * 3, "biases": [0.0] * 3}
    made = session_of(table)
    made.seek(made.timeline.finish_of(1) - 1)
    assert (made.plan["Z", 1].array == 0).all()
    assert (made.plan["relu′(Z)", 1].array == 0).all()
    assert (made.plan["dZ", 1].array == 0).all()


# The verdict on one entry


@pytest.mark.parametrize(
    ("analytic", "numeric", "h", "loss", "kind"),
    [
        (1.0, 1.0 + 0.9e-6, 1e-5, 0.0, "passed"),
        (0.0, 0.0, 1e-5, 0.0, "passed"),
        # 1e-6 of 1 and 10 · 2.22e-16 / 1e-5 = 2.22e-10 more.
        (1.0, 1.0 + 1.0001e-6, 1e-5, 0.0, "below_resolution"),
        (1.0, 1.0 + 1.001e-6, 1e-5, 0.0, "failed"),
        (0.0, 2.2e-10, 1e-5, 0.5, "below_resolution"),
        (0.0, 2.3e-10, 1e-5, 0.5, "failed"),
        (0.0, 2.3e-10, 1e-5, -2.0, "below_resolution"),
        (0.0, 2.2e-8, 1e-7, 1.0, "below_resolution"),
        (1e-3, -1e-3, 1e-5, 1.0, "failed"),
        (float("nan"), 1.0, 1e-5, 1.0, "failed"),
        (float("inf"), 1.0, 1e-5, 1.0, "failed"),
        (float("inf"), float("inf"), 1e-5, 1.0, "failed"),
        (1.0, 2.0, 1e-5, float("inf"), "failed"),
    ],
)
def test_the_tolerance(analytic: float, numeric: float, h: float, loss: float, kind: str) -> None:
    assert kind_of(analytic, numeric, h, loss) == kind


def test_relative_error_and_bands() -> None:
    assert relative_error(0.0, 0.0) == 0
    assert relative_error(2.0, -1.0) == 1.5
    assert relative_error(0.0, 1e-300) == 1
    found = [band(error) for error in (0.0, 1e-7, 2e-7, 9e-5, 2e-4, 9e-3, 2e-2, 2.0, float("nan"))]
    words = ["happy"] * 2 + ["okay with kinks"] * 2 + ["uncomfortable"] * 2 + ["probably wrong"] * 2 + ["not a number"]
    assert found == words


def test_one_entry_is_checked_by_itself(network_table: Any) -> None:
    rehearsal = rehearsal_of(network_table("tanh", "softmax", "cross_entropy", batch_norm=True))
    found = verdicts(check(rehearsal))
    for symbol, layer, index, name in (
        ("W", 2, (3, 1), "W2[4,2]"),
        ("b", 3, (2,), "b3[3]"),
        ("γ", 1, (0,), "gamma1[1]"),
    ):
        one = check_entry(rehearsal, symbol, layer, index)
        assert one == found[name]
        assert (one.symbol, one.layer, one.index, one.name) == (symbol, layer, index, name)
        gradient = rehearsal.backward()
        assert one.analytic == rehearsal.layers[layer - 1].parameters(gradient)[symbol][index]


def test_the_error_curve_falls_with_h_squared_and_rises_again(network_table: Any) -> None:
    rehearsal = rehearsal_of(network_table("tanh", "identity", "half_squared_error"))
    points = error_curve(rehearsal, entry_at(rehearsal.layers, "W", 1, (0, 1)))
    assert [point.h for point in points] == [10.0**-k for k in range(1, 13)]
    errors = [point.absolute_error for point in points]
    assert errors[1] / errors[2] == pytest.approx(100, rel=0.02)
    assert errors[2] / errors[3] == pytest.approx(100, rel=0.02)
    best = min(range(12), key=lambda i: errors[i])
    assert 3 <= best <= 6, "where h² and eps/h meet"
    assert errors[11] > 1e3 * errors[best]
    lines = curve_lines(points)
    assert lines[0].split() == ["h", "numeric", "difference", "relative", "error"]
    assert [line.split()[0] for line in lines[1:3]] == ["1e-01", "1e-02"]
    assert len(lines) == 13


# A check of many entries


def wide() -> dict[str, Any]:
    """A 12-20-2 network: W1 240, b1 20, γ1 20, β1 20, W2 40, b2 2; 342 parameters."""
    random = np.random.default_rng(1)
    return {
        "title": "Wide",
        "data": {"kind": "inline", "inputs": random.normal(size=(4, 12)).tolist(), "targets": [[1, 0]] * 4},
        "layers": [
            {"units": 20, "activation": "tanh", "batch_norm": True},
            {"units": 2, "activation": "softmax"},
        ],
        "loss": {"kind": "cross_entropy"},
    }


def test_of_many_entries_a_random_sample_is_checked_with_some_of_every_array() -> None:
    rehearsal = session(wide()).rehearse()
    assert not GradientCheck(rehearsal).sampled
    result = check(rehearsal, seed=5, sample=60)
    assert result.passed
    assert result.sampled
    assert result.total == 342
    assert len({verdict.name for verdict in result.entries}) == 60
    checked = {parameter.name: (parameter.checked, parameter.total) for parameter in result.parameters}
    # b2 has only two; the other 58 are shared out by five.
    assert checked["b2"] == (2, 2)
    assert {name: total for name, (_, total) in checked.items()} == {
        "W1": 240, "b1": 20, "gamma1": 20, "beta1": 20, "W2": 40, "b2": 2,
    }  # fmt: skip
    assert all(count in (11, 12) for name, (count, _) in checked.items() if name != "b2")
    assert "60 of 342 entries, a random sample with some of every parameter array" in check_lines(result)
    layers = rehearsal.layers
    assert drawn_entries(layers, 5, 60) == drawn_entries(layers, 5, 60)
    assert drawn_entries(layers, 5, 60) != drawn_entries(layers, 6, 60)
    assert len(drawn_entries(layers, 5, 1)) == 6, "one of each, even where that is more"


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8), st.integers(1, 200))
def test_a_sample_is_shared_out_evenly(available: list[int], sample: int) -> None:
    found = shares(available, sample)
    assert sum(found) == min(max(sample, len(available)), sum(available))
    assert all(1 <= count <= most for count, most in zip(found, available, strict=True))
    cut = [count for count, most in zip(found, available, strict=True) if count < most]
    assert not cut or max(found) - min(cut) <= 1


def test_entries_stand_where_the_layers_say(network_table: Any) -> None:
    rehearsal = rehearsal_of(network_table("tanh", "softmax", "cross_entropy", batch_norm=True))
    entries = all_entries(rehearsal.layers)
    assert sorted(entry.position for entry in entries) == list(range(rehearsal.parameters.size))
    assert sum(sizes(rehearsal.layers).values()) == rehearsal.parameters.size
    for entry in entries:
        parameters = rehearsal.layers[entry.layer - 1].parameters(rehearsal.parameters)
        assert parameters[entry.symbol][entry.index] == rehearsal.parameters[entry.position]
    with pytest.raises(KeyError):
        entry_at(rehearsal.layers, "γ", 3, (0,))


def test_it_runs_in_slices_and_comes_to_the_same(network_table: Any) -> None:
    table = network_table("tanh", "softmax", "cross_entropy")
    sliced = GradientCheck(rehearsal_of(table))
    assert sliced.result().worst is None
    assert sliced.result().passed
    total = sliced.progress[1]
    for done in range(1, total):
        assert not sliced.advance(0.0)
        assert sliced.progress == (done, total)
    assert sliced.advance(0.0)
    assert sliced.advance(0.0), "done is done"
    assert sliced.result() == check(rehearsal_of(table))


def test_it_disturbs_nothing(network_table: Any) -> None:
    table = network_table(
        "relu", "softmax", "cross_entropy", batch=3, optimizer="adam", batch_norm=True, residual=True, dropout=0.3
    )
    straight, checked = session(table), session(table)
    straight.advance_steps(12)
    for step in range(1, 13):
        checked.seek(checked.timeline.finish_of(step) - 3)
        rehearsal = checked.rehearse()
        before = rehearsal.parameters.tobytes()
        check(rehearsal)
        check_entry(rehearsal, "W", 1, (0, 0))
        error_curve(rehearsal, entry_at(rehearsal.layers, "b", 2, (1,)))
        assert rehearsal.parameters.tobytes() == before
    checked.seek(checked.timeline.finish_of(12))
    assert checked.trainer.state == straight.trainer.state
    assert checked.count == straight.count
    assert checked.trainer.gradient.tobytes() == straight.trainer.gradient.tobytes()


@pytest.mark.parametrize("residual", [False, True])
def test_a_trial_in_one_layer_comes_to_what_a_whole_pass_does(network_table: Any, residual: bool) -> None:
    table = network_table("tanh", "softmax", "cross_entropy", batch_norm=True, residual=residual, dropout=0.3)
    trials, whole = rehearsal_of(table), rehearsal_of(table)
    entries, chance = list(all_entries(trials.layers)), np.random.default_rng(3)
    for place in chance.integers(len(entries), size=200):
        entry, value = entries[place], chance.normal()
        before = trials.parameters[entry.position]
        trials.parameters[entry.position] = whole.parameters[entry.position] = value
        assert trials.loss_of_trial(entry.layer) == whole.loss()
        trials.parameters[entry.position] = whole.parameters[entry.position] = before
        if place % 7 == 0:
            assert trials.loss() == whole.loss()


def test_parameters_are_put_back_even_where_a_loss_breaks_off(network_table: Any) -> None:
    rehearsal = rehearsal_of(network_table("tanh", "softmax", "cross_entropy"))
    before = rehearsal.parameters.tobytes()
    checked = GradientCheck(rehearsal)

    def interrupted(layer: int) -> float:
        raise KeyboardInterrupt

    rehearsal.loss_of_trial = interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        checked.advance()
    assert rehearsal.parameters.tobytes() == before


def test_numbers_that_are_not_finite_fail_and_are_worst() -> None:
    table = on_the_kink(1.0)
    table["layers"][1]["weights"] = [[1e300]]
    result = check(session(table).rehearse())
    assert not result.passed
    document = check_json(result)
    assert document["worst"]["relative_error"] == "nan"
    assert document["worst"]["analytic"] == "inf"


# What is printed


def test_json_is_as_the_contract_has_it(network_table: Any) -> None:
    result = check(rehearsal_of(network_table("tanh", "softmax", "cross_entropy", batch_norm=True)))
    document = check_json(result)
    assert list(document) == ["passed", "checked", "of", "worst", "parameters", "kinks"]
    assert document["passed"] is True
    names = ["W1", "b1", "gamma1", "beta1", "W2", "b2", "gamma2", "beta2", "W3", "b3"]
    assert [parameter["name"] for parameter in document["parameters"]] == names
    assert all(list(parameter) == ["name", "relative_error", "passed"] for parameter in document["parameters"])
    worst = document["worst"]
    assert list(worst) == ["parameter", "index", "analytic", "numeric", "relative_error"]
    name = f"{worst['parameter']}[{','.join(map(str, worst['index']))}]"
    one = verdicts(result)[name]
    assert (worst["analytic"], worst["numeric"]) == (one.analytic, one.numeric)
    passed = [verdict.relative_error for verdict in result.of_kind("passed")]
    assert worst["relative_error"] == max(passed)
    assert document["kinks"] == []


def test_text_says_what_failed(network_table: Any) -> None:
    rehearsal = rehearsal_of(network_table("tanh", "identity", "half_squared_error"))
    good = check_lines(check(rehearsal))
    assert good[0] == "Gradient check: passed"
    assert "all 40 entries" in good
    op = next(op for op in backward_ops(rehearsal) if op.name == "dW db" and op.layer == 3)
    op.calls += (partial(np.multiply, op.result.array, 1.01, op.result.array),)
    result = check(rehearsal)
    lines = check_lines(result)
    assert lines[0] == "Gradient check: FAILED"
    row = next(line for line in lines if line.startswith("W3"))
    assert row.split()[:3] == ["W3", "12", "12"]
    assert row.endswith("uncomfortable  FAILED")
    assert next(line for line in lines if line.startswith("b3")).endswith("passed")
    assert any(line.startswith("Failed: W3[1,1], W3[1,2]") and line.endswith("and 2 more") for line in lines)


# The loss itself


@pytest.mark.parametrize("size", [40.0, 800.0, 1e4])
def test_losses_stay_finite_where_a_probability_underflows(session_of: Callable[..., Session], size: float) -> None:
    """−ln of a probability of e^−size is size, however small the probability is."""
    for activation, weights, targets in (
        ("softmax", [[1.0], [0.0]], [[0.0, 1.0]]),
        ("sigmoid", [[1.0]], [[0.0]]),
    ):
        made = session_of(
            {
                "title": "Sure and wrong",
                "data": {"kind": "inline", "inputs": [[size]], "targets": targets},
                "layers": [{"units": len(weights), "activation": activation, "weights": weights}],
            }
        )
        made.seek(made.timeline.finish_of(1) - 1)
        assert made.plan.loss() == pytest.approx(size, rel=1e-12)
        assert made.plan["dZ", 1].array[0, 0] == pytest.approx(1.0, rel=1e-12)
        assert check(made.rehearse()).passed


@pytest.mark.parametrize(("analytic", "numeric"), [(0.0, nan), (nan, 0.0), (nan, nan), (1.0, nan)])
def test_the_relative_error_of_what_is_no_number_is_none_either(analytic: float, numeric: float) -> None:
    assert isnan(relative_error(analytic, numeric))


def test_where_the_loss_is_not_finite_the_check_fails_and_says_why(network_table: Any) -> None:
    rehearsal = rehearsal_of(network_table("tanh", "sigmoid", "binary_cross_entropy"))
    # Opposite infinities meet in the layer above; what stands below it has a derivative of 0 there.
    rehearsal.parameters[:] = 1.7e308
    result = check(rehearsal)
    assert not result.passed
    assert any("loss of this batch is not finite" in line for line in check_lines(result))
