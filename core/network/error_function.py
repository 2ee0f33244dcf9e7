"""The complementary error function erfc and the normal distribution made of it, as array calls and as scalars.

NumPy has no error function. Here (1 + 2x) e^(x²) erfc(x) for x ≥ 0 is a polynomial in t = (x − k) / (x + k), which
maps 0 … ∞ to −1 … 1: M. M. Shepherd and J. G. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x²) erfc x in
0 ≤ x < ∞", Mathematics of Computation 36 (1981), 249-253. One formula serves every x, so there are no branches.
Arrays are float64 throughout, whatever the type of the plan.
"""

from functools import partial
from math import erfc, exp, pi, sqrt

import numpy as np

from backprop_tui.core.ops.event import Call
from backprop_tui.core.ops.quantity import Array

Calls = tuple[Call, ...]

K = 3.75
COEFFICIENTS = (
    1.2375126308378275, -0.14024059858554697, 0.0035854154854644445, 0.0822767384901451, -0.10880393014174965,
    0.09230432116038068, -0.05869339858962106, 0.02836227741891517, -0.009746579558191151, 0.001755625853188961,
    0.00029371366657135765, -0.0002901540818136224, 5.1649095144818944e-05, 2.2384242685275204e-05,
    -1.144413683241123e-05, -9.735662947928188e-07, 1.7516219482800033e-06, -5.721069159932097e-08,
    -2.5865123974870454e-07, 2.3257944892081896e-08, 3.866331876081949e-08, -3.741874901954197e-09,
    -5.169197184086981e-09, 3.107180913179e-10, 4.243122435223637e-10,
)  # fmt: skip
"""Of t⁰ … t²⁴: the Chebyshev series, computed with 50 digits, cut where its rest sums to less than 2e-17."""

ZERO_BEYOND = 28.0
"""erfc(28) is less than the smallest number there is."""

SQRT_HALF = sqrt(0.5)
DENSITY_AT_ZERO = 1 / sqrt(2 * pi)
DENSITY_ZERO_BEYOND = 40.0
"""φ(40) is less than the smallest number there is."""


def normal_cdf(z: float) -> float:
    """Φ(z), the share of a standard normal distribution below z; with full relative precision far below 0."""
    return 0.5 * erfc(-SQRT_HALF * z)


def normal_density(z: float) -> float:
    """φ(z) = e^(−z²/2) / √(2π) = Φ′(z)."""
    return exp(-0.5 * (z * z)) * DENSITY_AT_ZERO


def write_erfc(x: Array, out: Array) -> Calls:
    """Calls that fill `out` with erfc(x), both float64 of one shape, and leave `x` changed.

    Within 1e-15 of it and, where it is not subnormal, within 1e-14 times it.
    """
    t, h, below_zero = np.empty_like(x), np.empty_like(x), np.empty(x.shape, dtype=bool)
    return (
        partial(np.less, x, constant(0), below_zero),
        partial(np.absolute, x, x),
        partial(np.minimum, x, constant(ZERO_BEYOND), out=x),
        partial(np.subtract, x, constant(K), t),
        partial(np.add, x, constant(K), h),
        partial(np.divide, t, h, t),
        *write_polynomial(COEFFICIENTS, t, out),
        partial(np.add, x, x, t),
        partial(np.add, t, constant(1), t),
        partial(np.divide, out, t, out),
        *write_times_gaussian(x, out, t, h),
        # erfc(−x) = 2 − erfc(x)
        partial(np.subtract, constant(2), out, out=out, where=below_zero),
    )


def write_polynomial(coefficients: tuple[float, ...], t: Array, out: Array) -> Calls:
    """Calls that fill `out` with Σ cₖ tᵏ, by Horner's rule."""
    calls: list[Call] = [partial(out.fill, coefficients[-1])]
    for coefficient in reversed(coefficients[:-1]):
        calls += [partial(np.multiply, out, t, out), partial(np.add, out, constant(coefficient), out)]
    return tuple(calls)


def write_times_gaussian(x: Array, out: Array, t: Array, h: Array) -> Calls:
    """Calls that multiply `out` by e^(−x²) for 0 ≤ x ≤ 28, changing x, t and h.

    x² rounded would cost three digits far out. With h, x rounded to sixteenths, h² is exact and x² = h² + (x−h)(x+h).
    """
    return (
        partial(np.multiply, x, constant(16), h),
        partial(np.rint, h, h),
        partial(np.multiply, h, constant(1 / 16), h),
        partial(np.subtract, h, x, t),
        partial(np.add, h, x, x),
        partial(np.multiply, t, x, t),
        partial(np.exp, t, t),
        partial(np.multiply, out, t, out),
        partial(np.square, h, h),
        partial(np.negative, h, h),
        partial(np.exp, h, h),
        partial(np.multiply, out, h, out),
    )


def write_normal_cdf(Z: Array, out: Array) -> Calls:
    """Calls that fill `out` (float64) with Φ(Z) = ½ erfc(−Z/√2)."""
    x = np.empty_like(out)
    return (
        partial(np.multiply, Z, constant(-SQRT_HALF), x),
        *write_erfc(x, out),
        partial(np.multiply, out, constant(0.5), out),
    )


def write_density_slope(Z: Array, out: Array) -> Calls:
    """Calls that fill `out` (float64) with Z ⊙ φ(Z)."""
    z = np.empty_like(out)
    return (
        # Beyond, φ is 0; cut there, nothing overflows.
        partial(np.maximum, Z, constant(-DENSITY_ZERO_BEYOND), out=z),
        partial(np.minimum, z, constant(DENSITY_ZERO_BEYOND), out=z),
        partial(np.square, z, out),
        partial(np.multiply, out, constant(-0.5), out),
        partial(np.exp, out, out),
        partial(np.multiply, out, constant(DENSITY_AT_ZERO), out),
        partial(np.multiply, z, out, out),
    )


def constant(number: float) -> Array:
    """`number` as a 0-d array, which a ufunc takes faster than a Python float; it makes float32 operands float64."""
    return np.array(number, dtype=np.float64)
