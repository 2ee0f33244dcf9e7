"""The update ops by themselves: what optimizers receive, what the ops say of their numbers, and extreme gradients."""

from collections.abc import Callable
from itertools import product
from math import inf, isclose, isfinite, nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from backprop_tui.core.network.applied_gradient import gradient_norm, trained_mask
from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.network.update import Steps, UpdateVectors, effective_rate, write_updates
from backprop_tui.core.ops.builder import Builder
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.expression import abridged
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.norm import norm
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.preset.tables import OptimizerPreset

Vector = NDArray[np.float64]

LAYERS = (
    Layer(1, 2, 3, "tanh", True, 0, batch_norm=True),
    Layer(2, 3, 2, "tanh", False, 15),
    Layer(3, 2, 2, "identity", True, 21),
)
SINGLE = (Layer(1, 1, 1, "identity", False, 0),)
SIZE = 27
KINDS = tuple(OPTIMIZERS)
TEXTBOOK = {"ema": True, "bias_correction": False, "epsilon_inside_sqrt": True}
STAGES: tuple[dict[str, Any], ...] = (
    {},
    {"train_biases": False},
    {"l1": 0.02},
    {"l2": 0.3},
    {"clip_value": 0.4},
    {"clip_norm": 0.7},
    {"weight_decay": 0.1},
    {"l1": 0.02, "l2": 0.3, "clip_value": 0.4, "clip_norm": 0.7, "weight_decay": 0.1, "train_biases": False},
)


def optimizer(kind: str, **settings: Any) -> OptimizerPreset:
    defaults = {"learning_rate": 0.1, "epsilon": 1e-10 if kind == "adagrad" else 1e-8}
    return OptimizerPreset(kind=kind, **(defaults | settings))


class Updates:
    """The update ops of a network that is not there: whoever tests gives the gradients."""

    def __init__(self, settings: OptimizerPreset, layers: tuple[Layer, ...] = LAYERS, dtype: Any = np.float64) -> None:
        size = sum(layer.size for layer in layers)
        self.layers, self.settings, self.step = layers, settings, 0
        self.parameters, self.gradient, self.delta = np.zeros((3, size), dtype)
        count = len(OPTIMIZERS[settings.kind].moments)
        moments = np.zeros((2, count, size), dtype)
        self.builders = []
        for before, after in ((0, 1), (1, 0)):
            builder = Builder(1, self.parameters, self.gradient)
            for layer in layers:
                for symbol, part in layer.parameters(self.gradient).items():
                    axes = ("unit", "input") if part.ndim == 2 else ("unit",)
                    builder.given(Quantity(f"d{symbol}", layer.number, part, axes, "gradient"))
            vectors = UpdateVectors(
                self.parameters, self.gradient, tuple(moments[before]), tuple(moments[after]), self.delta
            )
            write_updates(builder, layers, settings, vectors, Steps(lambda: self.step, lambda: self.step))
            self.builders.append(builder)

    @property
    def builder(self) -> Builder:
        """That of the step that ran last, or, before the first, of that."""
        return self.builders[max(self.step - 1, 0) % 2]

    def run(self, gradient: Any) -> Vector:
        """One step's update with that gradient; Δ, not applied yet."""
        self.gradient[:] = gradient
        self.step += 1
        with np.errstate(all="ignore"):
            for op in self.builder.ops:
                for call in op.calls:
                    call()
        return self.delta.copy()

    def apply(self) -> None:
        self.parameters += self.delta

    def array(self, symbol: str, layer: int | None = 1) -> Vector:
        return self.builder.quantities[symbol, layer].array


def single(
    kind: str, gradient: Callable[[float], float], steps: int, start: float = 0.0, **settings: Any
) -> list[float]:
    """The course of one weight."""
    updates = Updates(optimizer(kind, **settings), SINGLE)
    updates.parameters[:] = start
    course = []
    for _ in range(steps):
        updates.run(gradient(float(updates.parameters[0])))
        updates.apply()
        course.append(float(updates.parameters[0]))
    return course


TEXTBOOK_COURSES = [
    ("momentum", {"ema": True}, [4.9, 4.712000000000001, 4.4485600000000005, 3.7465824640000007, 1.5355988055057663]),
    ("momentum", {}, [4.0, 2.3, 0.30999999999999983, -2.902100000000001, 0.021999353000000443]),
    (
        "rmsprop",
        {"beta": 0.9, "epsilon_inside_sqrt": True},
        [4.683772234141276, 4.461584606406589, 4.279288725609529, 3.9761536195373424, 3.380842892540888],
    ),
    (
        "rmsprop",
        {"beta": 0.9},
        [4.683772234983162, 4.461584607692758, 4.27928872720579, 3.9761536215788174, 3.380842895309756],
    ),
    (
        "adam",
        {"bias_correction": False, "epsilon_inside_sqrt": True},
        [4.683772249794549, 4.259762566473773, 3.7685285021782344, 2.6733828703781795, -0.03849218903344148],
    ),
    ("adam", {}, [4.9000000001, 4.800057756868857, 4.700213291333392, 4.500982947818709, 4.007601621083933]),
]


@pytest.mark.parametrize(("kind", "settings", "expected"), TEXTBOOK_COURSES)
def test_minimizing_a_square_goes_as_in_other_programs(kind: str, settings: Any, expected: list[float]) -> None:
    """w² from 5 with η = 0.1, after 1, 2, 3, 5 and 10 steps; the published forms are PyTorch's numbers."""
    course = single(kind, lambda w: 2 * w, 10, 5.0, **settings)
    np.testing.assert_allclose([course[i - 1] for i in (1, 2, 3, 5, 10)], expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("kind", "settings", "gradient", "expected"),
    [
        # By hand, two steps with gradient 1 from 0, η = 0.1 and momentum 0.9: v = 1, 1.9.
        ("nesterov", {}, 1.0, [-0.19, -0.461]),
        # v = 0.1, 0.19; steps of η (0.9 v + 0.1).
        ("nesterov", {"ema": True}, 1.0, [-0.019, -0.0461]),
        # s = 4, 8: steps of η, η / √2.
        ("adagrad", {"epsilon": 1e-30}, 2.0, [-0.1, -0.17071067811865476]),
        # s + ε = 4 + 5 = 9, 8 + 5 = 13.
        ("adagrad", {"epsilon": 5.0, "epsilon_inside_sqrt": True}, 2.0, [-0.2 / 3, -0.2 / 3 - 0.2 / 13**0.5]),
    ],
)
def test_two_steps_by_hand(kind: str, settings: Any, gradient: float, expected: list[float]) -> None:
    np.testing.assert_allclose(single(kind, lambda w: gradient, 2, **settings), expected, rtol=1e-14)


def test_weight_decay_is_part_of_the_gradient_but_for_adamw() -> None:
    """By hand: Adam's first step is η against the sign of g + λθ; adamw's is η against that of g, and −ηλθ."""
    settings = {"weight_decay": 0.5, "epsilon": 1e-30}
    assert single("adam", lambda w: -1.0, 1, 4.0, **settings)[0] == pytest.approx(3.9, rel=1e-14)
    assert single("adamw", lambda w: -1.0, 1, 4.0, **settings)[0] == pytest.approx(4 - 0.1 * 0.5 * 4 + 0.1, rel=1e-14)
    assert single("momentum", lambda w: -1.0, 1, 4.0, **settings)[0] == pytest.approx(3.9, rel=1e-14)


def test_penalties_and_clipping_by_hand_in_their_order() -> None:
    """Weights 2 and −2 and bias 10 of one neuron; each stage's number tells that it came in its turn."""
    layers = (Layer(1, 2, 1, "identity", True, 0),)
    settings = {"l1": 0.5, "l2": 0.25, "clip_value": 4.0, "clip_norm": 2.5, "weight_decay": 0.125}
    updates = Updates(optimizer("sgd", **settings), layers)
    updates.parameters[:] = [2.0, -2.0, 10.0]
    delta = updates.run([8.0, 1.0, 3.0])
    # 8 + ½ + ½ = 9 → 4; 1 − ½ − ½ = 0; 3: the bias is not penalised. ‖(4, 0, 3)‖ = 5 → halved; + λθ.
    assert updates.array("p(W)").tolist() == [[4.0, 0.0]]
    assert updates.array("p(b)").tolist() == [3.0]
    assert updates.array("‖p‖", None) == 5.0
    assert updates.array("g(W)").tolist() == [[2.25, -0.25]]
    assert updates.array("g(b)").tolist() == [2.75]
    np.testing.assert_allclose(delta, [-0.225, 0.025, -0.275], rtol=1e-15)


def test_penalties_are_of_weights_only() -> None:
    updates = Updates(optimizer("sgd", l1=0.5, l2=0.25))
    updates.parameters[:] = 2.0
    updates.run(1.0)
    for layer in LAYERS:
        for symbol in layer.parameters(updates.parameters):
            assert (updates.array(f"g({symbol})", layer.number) == (2.0 if symbol == "W" else 1.0)).all()


def test_a_weight_of_zero_has_no_sign() -> None:
    assert single("sgd", lambda w: 0.0, 3, 0.0, l1=0.5) == [0.0, 0.0, 0.0]
    assert single("sgd", lambda w: 0.0, 1, -1.0, l1=0.5) == [-0.95]


def test_untrained_are_biases_alone() -> None:
    mask = trained_mask(LAYERS, np.float64)
    for layer in LAYERS:
        for symbol, part in layer.parameters(mask).items():
            assert (part == (symbol != "b")).all()


@pytest.mark.parametrize("kind", KINDS)
def test_untrained_biases_stay_with_every_stage(kind: str) -> None:
    updates = Updates(optimizer(kind, **STAGES[-1]))
    updates.parameters[:] = 3.0
    for _ in range(3):
        delta = updates.run(np.linspace(-2, 2, SIZE))
        updates.apply()
        for layer in LAYERS:
            for symbol, part in layer.parameters(delta).items():
                assert (part == 0).all() if symbol == "b" else (part != 0).any()


def test_the_norm_of_the_gradient_leaves_out_what_is_not_trained() -> None:
    layers = (Layer(1, 2, 1, "identity", True, 0),)
    gradient = np.array([3.0, 4.0, 12.0])
    assert gradient_norm(gradient, layers, optimizer("sgd")) == 13
    assert gradient_norm(gradient, layers, optimizer("sgd", train_biases=False, clip_norm=1.0)) == 5


def test_what_changes_nothing_costs_nothing() -> None:
    """Plain sgd is one call and reads the gradient itself; Adam twelve, with the one for its corrections."""
    assert [len(op.calls) for op in Updates(optimizer("sgd")).builder.ops] == [1, 0, 0]
    assert [len(op.calls) for op in Updates(optimizer("adam")).builder.ops] == [12, 0, 0]
    assert [len(op.calls) for op in Updates(optimizer("adam", bias_correction=False)).builder.ops] == [11, 0, 0]
    for kind in KINDS:
        for op in Updates(optimizer(kind)).builder.ops:
            assert not any(quantity.symbol.startswith(("g", "p", "‖")) for quantity in op.writes)


@pytest.mark.parametrize("kind", KINDS)
def test_an_op_shows_what_its_layer_has(kind: str) -> None:
    moments = OPTIMIZERS[kind].moments
    for stage in STAGES:
        ops = Updates(optimizer(kind, **stage)).builder.ops
        assert [op.name for op in ops] == ["ΔW Δb Δγ Δβ", "ΔW", "ΔW Δb"]
        assert [op.multiply_adds for op in ops] == [layer.size for layer in LAYERS]
        assert [op.result.name for op in ops] == ["ΔW⁽¹⁾", "ΔW⁽²⁾", "ΔW⁽³⁾"]
        for op, own in zip(ops, (("W", "b", "γ", "β"), ("W",), ("W", "b")), strict=True):
            names = {quantity.symbol for quantity in op.writes}
            wanted = {f"Δ{symbol}" for symbol in own} | {f"{name}({s})" for name, s in product(moments, own)}
            assert names - wanted <= {f"{name}({s})" for name, s in product("gp", own)} | {"‖p‖"}
            assert wanted <= names


def check_explanations(op: Op) -> None:
    known = {id(quantity) for quantity in (*op.reads, *op.writes)}
    for quantity in op.writes:
        for index in np.ndindex(quantity.array.shape):
            expression = op.explain(quantity, index)
            value = expression.value()
            assert isclose(value, quantity.value(index), rel_tol=1e-12, abs_tol=1e-15), quantity.entry(index)
            assert isclose(abridged(expression, 2).value(), value, rel_tol=1e-12, abs_tol=1e-15)
            assert {id(reference.quantity) for reference in expression.references()} <= known
            assert expression.symbols()
            assert expression.numbers(str)


@pytest.mark.parametrize("textbook", [{}, TEXTBOOK])
@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_explanations_make_the_numbers(kind: str, stage: dict[str, Any], textbook: dict[str, Any]) -> None:
    updates = Updates(optimizer(kind, **(stage | textbook)))
    chance = np.random.default_rng(5)
    updates.parameters[:] = chance.normal(size=SIZE)
    for _ in range(3):
        updates.run(chance.normal(size=SIZE))
        for op in updates.builder.ops:
            check_explanations(op)
        updates.apply()


@pytest.mark.parametrize("textbook", [{}, TEXTBOOK])
@pytest.mark.parametrize("kind", KINDS)
def test_effective_rate_times_the_direction_is_the_step(kind: str, textbook: dict[str, Any]) -> None:
    updates = Updates(optimizer(kind, **textbook))
    gradient = np.linspace(-2, 3, SIZE)
    for _ in range(3):
        delta = updates.run(gradient)
    op = updates.builder.ops[0]
    change = updates.builder.quantities["ΔW", 1]
    rate = effective_rate(op, change, (2, 1)).value()
    g, (first, *_) = gradient[7], (*OPTIMIZERS[kind].moments, "g")
    moment = float(updates.array(f"{first}(W)")[2, 1]) if first != "g" else g
    fresh = 0.1 * g if textbook else g
    direction = {"momentum": moment, "nesterov": 0.9 * moment + fresh}.get(kind, g)
    if kind in ("adam", "adamw"):
        direction = moment if textbook else moment / (1 - 0.9**3)
    assert -rate * direction == pytest.approx(delta[7], rel=1e-12)


def test_only_updates_have_an_effective_rate() -> None:
    quantity = Quantity("Z", 1, np.zeros(1), ("unit",), "")
    with pytest.raises(LookupError, match="no update"):
        effective_rate(Op("forward", "Z", 1, "", ""), quantity, (0,))


@pytest.mark.parametrize(
    ("kind", "settings", "formulas"),
    [
        ("momentum", {}, ["v = β v₀ + dθ", "Δθ = −η v"]),
        ("momentum", {"ema": True}, ["v = β v₀ + (1 − β) dθ", "Δθ = −η v"]),
        ("nesterov", {}, ["v = β v₀ + dθ", "Δθ = −η (β v + dθ)"]),
        ("nesterov", {"ema": True}, ["v = β v₀ + (1 − β) dθ", "Δθ = −η (β v + (1 − β) dθ)"]),
        ("rmsprop", {}, ["s = β s₀ + (1 − β) dθ²", "Δθ = −η dθ / (√s + ε)"]),
        ("rmsprop", {"epsilon_inside_sqrt": True}, ["s = β s₀ + (1 − β) dθ²", "Δθ = −η dθ / √(s + ε)"]),
        ("adagrad", {}, ["s = s₀ + dθ²", "Δθ = −η dθ / (√s + ε)"]),
        (
            "adam",
            {},
            [
                "m = β₁ m₀ + (1 − β₁) dθ",
                "v = β₂ v₀ + (1 − β₂) dθ²",
                "Δθ = −η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)",
            ],
        ),
        ("adam", {"bias_correction": False}, ["Δθ = −η m / (√v + ε)"]),
        ("adam", TEXTBOOK, ["Δθ = −η m / √(v + ε)"]),
        ("adam", {"epsilon_inside_sqrt": True}, ["Δθ = −η (m / (1 − β₁ᵗ)) / √(v / (1 − β₂ᵗ) + ε)"]),
        ("adamw", {"weight_decay": 0.1}, ["Δθ = −η λ θ − η (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε)"]),
        ("sgd", {"l1": 0.1, "l2": 0.1}, ["g = dθ + λ₁ sign(W⁽³⁾) + λ₂ W⁽³⁾", "Δθ = −η g"]),
        ("sgd", {"clip_value": 1.0, "weight_decay": 0.1}, ["g = clip(dθ, −a, a) + λ θ", "Δθ = −η g"]),
        ("sgd", {"clip_norm": 1.0}, ["p = dθ", "g = p · min(1, c / ‖p‖)", "Δθ = −η g"]),
        ("sgd", {"l2": 0.1, "clip_norm": 1.0}, ["p = dθ + λ₂ W⁽³⁾", "g = p · min(1, c / ‖p‖)", "Δθ = −η g"]),
        ("sgd", {"train_biases": False}, ["g = dθ", "g = 0 for b⁽³⁾", "Δθ = −η g"]),
    ],
)
def test_rule_is_that_of_the_settings(kind: str, settings: dict[str, Any], formulas: list[str]) -> None:
    *found, where = Updates(optimizer(kind, **settings)).builder.ops[2].rule.split("   ")
    assert found[-len(formulas) :] == formulas
    assert where == "for θ = W⁽³⁾, b⁽³⁾"


def test_rule_of_plain_descent_names_each_parameter() -> None:
    assert Updates(optimizer("sgd")).builder.ops[2].rule == "ΔW⁽³⁾ = −η dW⁽³⁾   Δb⁽³⁾ = −η db⁽³⁾"


def test_lines_are_short_enough_to_read() -> None:
    updates = Updates(optimizer("sgd", l1=0.5, l2=0.25, clip_value=4.0, clip_norm=2.5, weight_decay=0.125), SINGLE)
    updates.parameters[:] = 2.0
    updates.run(8.0)
    op = updates.builder.ops[0]
    told = {q.symbol: op.explain(q, (0, 0) if q.axes else ()).symbols() for q in op.writes}
    W = "W⁽¹⁾₁,₁"
    assert told == {
        "ΔW": "−η · g(W⁽¹⁾)₁,₁",
        "g(W)": f"p(W⁽¹⁾)₁,₁ · min(1, c / ‖p‖) + λ · {W}",
        "p(W)": f"clip(d{W} + λ₁ · sign({W}) + λ₂ · {W}, −a, a)",
        "‖p‖": f"√({told['p(W)']} · {told['p(W)']})",
    }


def test_the_norm_of_many_is_explained_by_the_largest() -> None:
    layers = (Layer(1, 30, 10, "identity", True, 0),)
    updates = Updates(optimizer("sgd", clip_norm=1.0, train_biases=False), layers)
    updates.run(np.linspace(-3, 5, 310))
    op = updates.builder.ops[0]
    expression = op.explain(updates.builder.quantities["‖p‖", None], ())
    assert isclose(expression.value(), float(updates.array("‖p‖", None)), rel_tol=1e-12)
    assert expression.value() == pytest.approx(norm(layers[0].weights(updates.gradient)), rel=1e-12)
    shown = [reference.symbols() for reference in expression.references()]
    # Of the last row's 30 weights the last four are the largest; each stands in a square.
    assert shown == [f"dW⁽¹⁾₁₀,{i}" for i in ("₂₇", "₂₈", "₂₉", "₃₀") for _ in range(2)]
    assert "[296 more]" in expression.symbols()


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e-20, 1.0, 1e155, 1e300, 1e307])
def test_clipping_by_norm_at_any_magnitude(size: float) -> None:
    direction = np.linspace(-1, 1, SIZE)
    length = float(np.sqrt(direction @ direction))
    updates = Updates(optimizer("sgd", clip_norm=0.5))
    updates.run(size * direction)
    applied = -updates.delta / 0.1
    expected = direction * (min(size * length, 0.5) / length)
    np.testing.assert_allclose(applied, expected, rtol=1e-12, atol=1e-323)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_clipping_a_gradient_of_zero_leaves_it(dtype: Any) -> None:
    updates = Updates(optimizer("sgd", clip_norm=0.5), dtype=dtype)
    assert (updates.run(0.0) == 0).all()
    check_explanations(updates.builder.ops[0])


def test_a_large_gradient_in_single_precision_is_clipped() -> None:
    updates = Updates(optimizer("sgd", clip_norm=1.0), dtype=np.float32)
    updates.run(3e38)
    np.testing.assert_allclose(updates.delta, -0.1 / SIZE**0.5, rtol=1e-5)


@pytest.mark.parametrize("bad", [nan, inf, -inf])
@pytest.mark.parametrize("kind", KINDS)
def test_a_gradient_that_is_not_finite_stays_so(kind: str, bad: float) -> None:
    updates = Updates(optimizer(kind, clip_norm=0.5))
    gradient = np.ones(SIZE)
    gradient[4] = bad
    updates.run(gradient)
    assert not isfinite(norm(updates.array("g(W)")))
    assert not isfinite(updates.delta[4])


numbers = st.sampled_from([0.0, 1e-300, -1e-300, 1e300, -1e300, 1.0, -0.5]) | st.floats(-1e6, 1e6)


@given(st.data(), st.sampled_from(KINDS), st.sampled_from(STAGES), st.sampled_from([{}, TEXTBOOK]))
def test_no_finite_gradient_makes_a_nan(data: st.DataObject, kind: str, stage: Any, textbook: Any) -> None:
    layers = (Layer(1, 2, 1, "identity", True, 0),)
    updates = Updates(optimizer(kind, **(stage | textbook)), layers)
    updates.parameters[:] = data.draw(st.lists(st.floats(-10, 10), min_size=3, max_size=3))
    for _ in range(3):
        updates.run(data.draw(st.lists(numbers, min_size=3, max_size=3)))
        assert np.isfinite(updates.delta).all()
        updates.apply()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stage", STAGES)
def test_a_learning_rate_beyond_the_type_warns_nobody(kind: str, stage: dict[str, Any]) -> None:
    updates = Updates(optimizer(kind, **(stage | {"learning_rate": 1e308})), dtype=np.float32)
    updates.run(1.0)
    assert not np.isfinite(updates.delta).all()


def test_penalties_beyond_the_type_leave_biases_alone() -> None:
    updates = Updates(optimizer("sgd", l1=1e308, l2=1e308, weight_decay=1e308, train_biases=False), dtype=np.float32)
    updates.parameters[:] = 1.0
    updates.run(1.0)
    for layer in LAYERS:
        for symbol in layer.parameters(updates.parameters):
            assert (updates.array(f"g({symbol})", layer.number) == (0 if symbol == "b" else inf)).all()
