"""The generated data sets.

All but moons and sine are those of TensorFlow Playground (dataset.ts, Apache 2.0), drawn from our own
streams. Each function takes the number of samples n, the noise (0 … 0.5) and a generator, and returns the
points, (inputs, n), and their labels, (n,): −1 or 1 for two-class sets, real numbers for regression.
As there, noise in circle, xor, plane and multigauss moves the point for its label only, not on the plane.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Sample = tuple[Array, Array]

EDGE = 6.0
"""The playground's plane is [−EDGE, EDGE] on both axes."""


def _halves(n: int) -> tuple[int, int]:
    """How many of n samples are of the first and of the second class."""
    return n - n // 2, n // 2


def _labels(n: int) -> Array:
    first, second = _halves(n)
    return np.concatenate([np.ones(first), -np.ones(second)])


def gauss(n: int, noise: float, chance: np.random.Generator) -> Sample:
    """Two Gaussian clouds around (2, 2) and (−2, −2), their variance 0.5 … 4 with the noise."""
    labels = _labels(n)
    variance = 0.5 + noise / 0.5 * 3.5
    return 2 * labels + np.sqrt(variance) * chance.standard_normal((2, n)), labels


def circle(n: int, noise: float, chance: np.random.Generator) -> Sample:
    """A disc of radius 2.5 inside a ring from 3.5 to 5; a noisy point nearer than 2.5 to the centre has label 1."""
    inner, outer = _halves(n)
    radius = np.concatenate([chance.uniform(0, 2.5, inner), chance.uniform(3.5, 5, outer)])
    angle = chance.uniform(0, 2 * np.pi, n)
    points = radius * np.stack([np.sin(angle), np.cos(angle)])
    noisy = points + noise * chance.uniform(-5, 5, (2, n))
    return points, np.where(np.hypot(*noisy) < 2.5, 1.0, -1.0)


def xor(n: int, noise: float, chance: np.random.Generator) -> Sample:
    """A square, ±5, without a cross 0.6 wide; label 1 where the noisy coordinates have the same sign."""
    points = chance.uniform(-5, 5, (2, n))
    points += np.where(points > 0, 0.3, -0.3)
    noisy = points + noise * chance.uniform(-5, 5, (2, n))
    return points, np.where(noisy[0] * noisy[1] >= 0, 1.0, -1.0)


def spiral(n: int, noise: float, chance: np.random.Generator) -> Sample:
    """Two arms of 1.75 turns out to radius 5, each moved by up to ±noise."""
    arms = []
    for count, start in zip(_halves(n), (0.0, np.pi), strict=True):
        along = np.arange(count) / max(count, 1)
        angle = 1.75 * along * 2 * np.pi + start
        arms.append(5 * along * np.stack([np.sin(angle), np.cos(angle)]))
    return np.concatenate(arms, axis=1) + noise * chance.uniform(-1, 1, (2, n)), _labels(n)


def moons(n: int, noise: float, chance: np.random.Generator) -> Sample:
    """scikit-learn's make_moons, two half circles with Gaussian noise, centred and scaled by 10/3 to ±5 × ±2.5.

    The lower moon has label 1.
    """
    inner, outer = (np.linspace(0, np.pi, count) for count in _halves(n))
    lower = np.stack([1 - np.cos(inner), 0.5 - np.sin(inner)])
    upper = np.stack([np.cos(outer), np.sin(outer)])
    points = np.concatenate([lower, upper], axis=1) + noise * chance.standard_normal((2, n))
    return (points - np.array([[0.5], [0.25]])) * 10 / 3, _labels(n)


def _plane_points(n: int, noise: float, chance: np.random.Generator) -> tuple[Array, Array]:
    """Uniform points of the plane, and the same moved by noise."""
    points = chance.uniform(-EDGE, EDGE, (2, n))
    return points, points + noise * chance.uniform(-EDGE, EDGE, (2, n))


def plane(n: int, noise: float, chance: np.random.Generator) -> Sample:
    """The regression (x1 + x2) / 10."""
    points, noisy = _plane_points(n, noise, chance)
    return points, noisy.sum(axis=0) / 10


def multigauss(n: int, noise: float, chance: np.random.Generator) -> Sample:
    """The regression on six bumps, alternately up and down, each falling linearly to 0 at distance 2."""
    points, noisy = _plane_points(n, noise, chance)
    bumps = np.array([(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)])
    heights = np.zeros(n)
    for x, y, sign in bumps:
        height = np.clip(1 - np.hypot(noisy[0] - x, noisy[1] - y) / 2, 0, 1)
        heights = np.where(height > np.abs(heights), sign * height, heights)
    return points, heights


def sine(n: int, noise: float, chance: np.random.Generator) -> Sample:
    """The regression sin(x1), x1 uniform in ±6, with Gaussian noise on the value."""
    points = chance.uniform(-EDGE, EDGE, (1, n))
    return points, np.sin(points[0]) + noise * chance.standard_normal(n)


GENERATORS: dict[str, Callable[[int, float, np.random.Generator], Sample]] = {
    "xor": xor,
    "circle": circle,
    "gauss": gauss,
    "spiral": spiral,
    "moons": moons,
    "plane": plane,
    "multigauss": multigauss,
    "sine": sine,
}
