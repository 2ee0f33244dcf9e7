"""Activation functions: values by hand, slopes against differences, and right numbers at the ends of the range."""

from math import erf, erfc, exp, isclose, log, pi, sqrt, tanh
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.network.activate import activate
from backprop_tui.core.network.activations import ACTIVATIONS, Activation, activation_of, leaky_relu
from backprop_tui.core.network.error_function import write_erfc
from backprop_tui.core.ops.builder import Builder, Mode
from backprop_tui.core.ops.expression import Reference
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Quantity

EVERY = {**ACTIVATIONS, **{f"leaky_relu {slope}": leaky_relu(slope) for slope in (-0.5, 0.0, 0.3, 1.0, 2.5)}}
every_activation = pytest.mark.parametrize("name", EVERY)
both_types = pytest.mark.parametrize("dtype", [np.float32, np.float64])
GRID = np.linspace(-45, 45, 9001)
EXTREMES = [sign * z for z in (1e308, 1e200, 745, 709, 120, 40, 39, 1, 1e-8, 1e-308, 5e-324, 0) for sign in (1, -1)]
EXTREMES_32 = [sign * z for z in (3e38, 1e30, 1e13, 104, 88, 40, 1, 1e-4, 1e-38, 1e-45, 0) for sign in (1, -1)]


def evaluate(f: Activation, points: Any, dtype: Any = np.float64) -> tuple[Any, Any, Any]:
    """z, f(z) and f′(z) as arrays (1, m), by the calls of a plan."""
    Z = np.array([points], dtype=dtype)
    builder = Builder(Z.size, np.zeros(1, dtype), np.zeros(1, dtype))
    A, D = np.full_like(Z, np.nan), np.full_like(Z, np.nan)
    calls = (*f.write(builder, Z, A), *f.write_derivative(builder, Z, A, D))
    # Twice, and from what a first batch left behind: nothing may depend on what a buffer held before.
    right = Z.copy()
    Z[:] = Z[:, ::-1]
    for call in calls:
        call()
    Z[:] = right
    for call in calls:
        call()
    assert np.array_equal(Z, right)
    return Z, A, D


def slope_expression(f: Activation, Z: Any, A: Any, index: tuple[int, int]) -> float:
    z, a = (Quantity(symbol, 1, array, ("unit", "example"), "") for symbol, array in (("Z", Z), ("A", A)))
    return f.derivative_of(Reference(z, index), Reference(a, index)).value()


PHI_OF_ONE = 0.8413447460685429
DENSITY_OF_ONE = exp(-0.5) / sqrt(2 * pi)
SIGMOID_OF_ONE = 1 / (1 + exp(-1))
U_OF_ONE = sqrt(2 / pi) * 1.044715

AT_ONE = {
    "identity": (1, 1),
    "sigmoid": (SIGMOID_OF_ONE, SIGMOID_OF_ONE * (1 - SIGMOID_OF_ONE)),
    "tanh": (tanh(1), 1 - tanh(1) ** 2),
    "relu": (1, 1),
    "leaky_relu": (1, 1),
    "elu": (1, 1),
    "gelu": (PHI_OF_ONE, PHI_OF_ONE + DENSITY_OF_ONE),
    "gelu_tanh": (
        0.5 * (1 + tanh(U_OF_ONE)),
        0.5 * (1 + tanh(U_OF_ONE)) + 0.5 * (1 - tanh(U_OF_ONE) ** 2) * sqrt(2 / pi) * (1 + 3 * 0.044715),
    ),
    "silu": (SIGMOID_OF_ONE, SIGMOID_OF_ONE * (1 + 1 - SIGMOID_OF_ONE)),
    "softplus": (log(1 + exp(1)), SIGMOID_OF_ONE),
}
# Of z = −1; by symmetry Φ(−1) = 1 − Φ(1), and so on.
AT_MINUS_ONE = {
    "identity": (-1, 1),
    "sigmoid": (1 - SIGMOID_OF_ONE, SIGMOID_OF_ONE * (1 - SIGMOID_OF_ONE)),
    "tanh": (-tanh(1), 1 - tanh(1) ** 2),
    "relu": (0, 0),
    "leaky_relu": (-0.01, 0.01),
    "elu": (exp(-1) - 1, exp(-1)),
    "gelu": (PHI_OF_ONE - 1, 1 - PHI_OF_ONE - DENSITY_OF_ONE),
    "gelu_tanh": (-0.5 * (1 - tanh(U_OF_ONE)), 1 - AT_ONE["gelu_tanh"][1]),
    "silu": (SIGMOID_OF_ONE - 1, 1 - AT_ONE["silu"][1]),
    "softplus": (log(1 + exp(-1)), 1 - SIGMOID_OF_ONE),
}
AT_ZERO = {
    "identity": (0, 1),
    "sigmoid": (0.5, 0.25),
    "tanh": (0, 1),
    "relu": (0, 0),
    "leaky_relu": (0, 0.01),
    "elu": (0, 1),
    "gelu": (0, 0.5),
    "gelu_tanh": (0, 0.5),
    "silu": (0, 0.5),
    "softplus": (log(2), 0.5),
}


@every_activation
def test_no_slope_is_steeper_than_the_steepest(name: str) -> None:
    f = EVERY[name]
    slopes = np.abs(evaluate(f, GRID)[2])
    assert slopes.max() <= f.steepest * (1 + 1e-15)
    assert slopes.max() == pytest.approx(f.steepest, rel=1e-5)


@both_types
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_by_hand(name: str, dtype: Any) -> None:
    _, A, D = evaluate(ACTIVATIONS[name], [-1, 0, 1], dtype)
    assert A.dtype == D.dtype == dtype
    tolerance = 1e-15 if dtype == np.float64 else 2e-7
    for found, expected in zip(
        zip(A[0], D[0], strict=True), (AT_MINUS_ONE[name], AT_ZERO[name], AT_ONE[name]), strict=True
    ):
        assert found == pytest.approx(expected, rel=2 * tolerance, abs=2 * tolerance)


@every_activation
def test_scalar_and_array_agree(name: str) -> None:
    f = EVERY[name]
    for points in (GRID, EXTREMES):
        with np.errstate(over="ignore"):
            Z, A, _ = evaluate(f, points)
        for z, a in zip(Z[0], A[0], strict=True):
            if np.isfinite(a):
                assert isclose(f.scalar(float(z)), a, rel_tol=1e-14, abs_tol=1e-307), z


@every_activation
def test_slopes_are_those_of_their_expressions(name: str) -> None:
    f = EVERY[name]
    for points in (GRID, EXTREMES):
        with np.errstate(over="ignore"):
            Z, A, D = evaluate(f, points)
        for i, d in enumerate(D[0]):
            assert isclose(slope_expression(f, Z, A, (0, i)), d, rel_tol=1e-12, abs_tol=1e-15), Z[0, i]


@every_activation
def test_slopes_are_those_of_differences(name: str) -> None:
    """Central differences of sixth order: right to h⁶ and to the rounding of f over h."""
    f, h = EVERY[name], 2.0**-7
    points = np.linspace(-8, 8, 1601) + 0.003
    points = points[np.abs(points) > 4 * h] if f.symbol in ("relu", "leaky_relu", "elu") else points
    _, _, D = evaluate(f, points)
    total = np.zeros_like(points)
    for step, weight in ((1, 45), (2, -9), (3, 1)):
        above, below = (evaluate(f, points + sign * step * h)[1][0] for sign in (1, -1))
        total += weight * (above - below)
    assert np.abs(total / (60 * h) - D[0]).max() < 5e-12


def test_slopes_jump_at_the_kinks_and_nowhere_else() -> None:
    near = 1e-9
    for name, f in EVERY.items():
        _, _, D = evaluate(f, [-near, near])
        assert (abs(D[0, 1] - D[0, 0]) > 1e-6) == (0.0 in f.kinks), name
        assert f.kinks in ((), (0.0,))
    assert {name for name, f in ACTIVATIONS.items() if f.kinks} == {"relu", "leaky_relu"}


FAR_DOWN = {"identity": (None, 1), "sigmoid": (0, 0), "tanh": (-1, 0), "elu": (-1, 0)}
FAR_UP = {"sigmoid": (1, 0), "tanh": (1, 0)}
"""f and f′ of the largest numbers, None for z itself; of the others 0 and 0 below, z and 1 above."""


@both_types
@every_activation
def test_the_ends_of_the_range(name: str, dtype: Any) -> None:
    f = EVERY[name]
    points = EXTREMES if dtype == np.float64 else EXTREMES_32
    # The sigmoid alone lets a power overflow, of which the reciprocal is 0; a slope above 1 goes beyond the range.
    with np.errstate(all="raise", under="ignore", over="ignore" if name in ("sigmoid", "leaky_relu 2.5") else "raise"):
        Z, A, D = evaluate(f, points, dtype)
    assert np.isfinite(D).all()
    assert np.isfinite(A).all() or name == "leaky_relu 2.5"
    for z, a, d in list(zip(Z[0], A[0], D[0], strict=True))[:4]:
        if f.symbol == "leaky_relu":
            slope = 0.01 if name == "leaky_relu" else float(name.split()[1])
            with np.errstate(over="ignore"):
                expected = (z, 1) if z > 0 else (z * dtype(slope), dtype(slope))
        elif z > 0:
            expected = FAR_UP.get(name, (None, 1))
        else:
            expected = FAR_DOWN.get(name, (0, 0))
        assert a == (z if expected[0] is None else expected[0])
        assert d == expected[1]


def test_slopes_on_the_kink() -> None:
    assert evaluate(ACTIVATIONS["relu"], [0.0, -0.0])[2].tolist() == [[0, 0]]
    for slope in (-0.5, 0.0, 0.3, 2.5):
        assert evaluate(leaky_relu(slope), [0.0, -0.0])[2].tolist() == [[slope, slope]]


@pytest.mark.parametrize("slope", [-0.5, 0.0, 0.3, 1.0, 2.5])
def test_leaky_relu_has_the_slope_of_its_layer(slope: float) -> None:
    f = activation_of(Layer(2, 3, 4, "leaky_relu", True, 0, slope=slope))
    _, A, D = evaluate(f, [-2.0, 3.0])
    assert A.tolist() == [[-2 * slope, 3]]
    assert D.tolist() == [[slope, 1]]
    assert f"{slope:g}".replace("-", "−") in f.formula
    assert activation_of(Layer(2, 3, 4, "relu", True, 0, slope=slope)) is ACTIVATIONS["relu"]


@given(st.floats(-60, 60))
def test_gelu_is_exact(z: float) -> None:
    _, A, D = evaluate(ACTIVATIONS["gelu"], [z])
    share = 0.5 * erfc(-z / sqrt(2))
    assert isclose(A[0, 0], z * share, rel_tol=1e-12, abs_tol=1e-307)
    assert abs(A[0, 0] - 0.5 * z * (1 + erf(z / sqrt(2)))) < 1e-12
    assert abs(D[0, 0] - (share + z * exp(-z * z / 2) / sqrt(2 * pi))) < 1e-15


@given(st.floats(-40, 40))
def test_soft_relus_mirror(z: float) -> None:
    """Where f(z) = z h(z) with h(z) + h(−z) = 1, f(z) − f(−z) = z; so too ln(1 + e^z) = z + ln(1 + e^−z)."""
    for name in ("gelu", "gelu_tanh", "silu", "softplus"):
        _, A, D = evaluate(ACTIVATIONS[name], [z, -z])
        assert isclose(A[0, 0] - A[0, 1], z, rel_tol=1e-14, abs_tol=1e-15)
        assert isclose(D[0, 0] + D[0, 1], 1, rel_tol=1e-13)


def error_function(points: Any) -> Any:
    x, out = np.array(points, dtype=np.float64), np.empty(len(points))
    for call in write_erfc(x, out):
        call()
    return out


def check_error_function(points: Any) -> None:
    with np.errstate(all="raise", under="ignore"):
        found = error_function(points)
    for x, value in zip(points, found, strict=True):
        assert abs((1 - value) - erf(x)) < 1e-15, x
        assert isclose(value, erfc(x), rel_tol=1e-14, abs_tol=1e-320), x


def test_erfc_on_a_dense_grid() -> None:
    check_error_function(np.linspace(-30, 30, 60_001))
    check_error_function(np.geomspace(1e-320, 1e308, 5_000))
    check_error_function(-np.geomspace(1e-320, 1e308, 5_000))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_erfc_of_any_number(points: list[float]) -> None:
    check_error_function(points)


@pytest.mark.parametrize("name", ["leaky_relu", "gelu", "gelu_tanh", "silu", "softplus", "elu"])
def test_float32_is_float64_rounded(name: str) -> None:
    points = np.linspace(-12, 12, 2_001).astype(np.float32)
    _, A, D = evaluate(ACTIVATIONS[name], points, np.float32)
    _, exact, slope = evaluate(ACTIVATIONS[name], points)
    tolerance = 1e-7 if name == "gelu" else 2e-6
    assert np.allclose(A, exact, rtol=tolerance, atol=tolerance)
    assert np.allclose(D, slope, rtol=tolerance, atol=tolerance)


def layer_of(activation: str, **more: Any) -> Layer:
    return Layer(number=2, inputs=3, units=3, activation=activation, has_bias=True, start=0, **more)


def written(layer: Layer, symbol: str = "Z", *, training: bool = True) -> tuple[Builder, Quantity]:
    """A plan of nothing but this layer's activation, forward and backward, that has run on fixed numbers."""
    rng = np.random.default_rng(1)
    builder = Builder(4, np.zeros(12), np.zeros(12), Mode(training=training))
    value = builder.given(Quantity(symbol, 2, rng.normal(size=(3, 4)), ("unit", "example"), ""))
    output, backward = activate(builder, layer, value)
    upstream = Quantity(f"d{output.symbol}", 2, rng.normal(size=(3, 4)), ("unit", "example"), "")
    backward(builder.given(upstream))
    for op in builder.ops:
        for call in op.calls:
            call()
    return builder, output


@pytest.mark.parametrize("activation", [*ACTIVATIONS, "softmax"])
@pytest.mark.parametrize("symbol", ["Z", "N"])
@pytest.mark.parametrize(
    ("more", "training", "expected"),
    [
        ({}, True, "A"),
        ({"dropout": 0.5}, True, "F"),
        ({"dropout": 0.5}, False, "A"),
        ({"residual": True}, True, "F"),
        ({"residual": True}, False, "F"),
        ({"residual": True, "dropout": 0.5}, False, "F"),
    ],
)
def test_what_it_writes_and_reads(
    activation: str, symbol: str, more: dict[str, Any], training: bool, expected: str
) -> None:
    builder, output = written(layer_of(activation, **more), symbol, training=training)
    assert [op.name for op in builder.ops] == [expected, f"d{symbol}"]
    assert output.symbol == expected
    assert (output.with_ones is not None) == (expected == "A")
    forward, backward = builder.ops
    assert forward.rule.startswith(f"{expected}⁽²⁾ = ")
    assert f"({symbol}⁽²⁾)" in forward.rule
    assert backward.rule.startswith(f"d{symbol}⁽²⁾ = ")
    assert backward.upstream is builder.quantities[f"d{expected}", 2]
    if activation != "softmax":
        assert (f"{activation_of(layer_of(activation)).symbol}′({symbol})", 2) in builder.quantities
    for op in builder.ops:
        for quantity in op.writes:
            for index in np.ndindex(quantity.array.shape):
                found = op.explain(quantity, index).value()
                assert isclose(found, quantity.value(index), rel_tol=1e-12, abs_tol=1e-15), quantity.entry(index)


@pytest.mark.parametrize("activation", [*ACTIVATIONS, "softmax"])
def test_gradient_is_that_of_the_output_weighted_by_what_arrives(activation: str) -> None:
    builder, output = written(layer_of(activation))
    value, upstream = builder.quantities["Z", 2].array, builder.quantities["dA", 2].array
    gradient = builder.quantities["dZ", 2].array.copy()
    for index in np.ndindex(value.shape):
        values = []
        for step in (1e-6, -2e-6):
            value[index] += step
            for call in builder.ops[0].calls:
                call()
            values.append(float((output.array * upstream).sum()))
        value[index] += 1e-6
        assert gradient[index] == pytest.approx((values[0] - values[1]) / 2e-6, rel=1e-7, abs=1e-8)
