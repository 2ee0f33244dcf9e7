"""The data sets of TensorFlow Playground with the very points that it draws from a seed, in its order.

Source: `dataset.ts` and `playground.ts` of tensorflow/playground (Apache 2.0), commit 02469bd: each point's numbers are
drawn one after the other, and the points shuffled by the same stream, from which the start weights follow.
"""

from collections.abc import Callable
from math import cos, floor, pi, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from .data_table import PLAYGROUND_SETS
from .seedrandom import SeedRandom

Array = NDArray[np.float64]
Point = tuple[float, float, float]
"""x1, x2 and the label."""
BUMPS = ((-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1))


def circle(n: int, noise: float, chance: SeedRandom) -> list[Point]:
    points = []
    for low, high in ((0.0, 2.5), (3.5, 5.0)):
        for _ in range(halves(n)):
            radius, angle = chance.uniform(low, high), chance.uniform(0, 2 * pi)
            x, y = radius * sin(angle), radius * cos(angle)
            dx, dy = (chance.uniform(-5, 5) * noise for _ in range(2))
            points.append((x, y, 1.0 if distance(x + dx, y + dy) < 2.5 else -1.0))
    return points


def xor(n: int, noise: float, chance: SeedRandom) -> list[Point]:
    points = []
    for _ in range(n):
        x, y = (padded(chance.uniform(-5, 5)) for _ in range(2))
        dx, dy = (chance.uniform(-5, 5) * noise for _ in range(2))
        points.append((x, y, 1.0 if (x + dx) * (y + dy) >= 0 else -1.0))
    return points


def gauss(n: int, noise: float, chance: SeedRandom) -> list[Point]:
    variance = 0.5 + noise / 0.5 * 3.5
    return [
        (chance.normal(centre, variance), chance.normal(centre, variance), label)
        for centre, label in ((2.0, 1.0), (-2.0, -1.0))
        for _ in range(halves(n))
    ]


def spiral(n: int, noise: float, chance: SeedRandom) -> list[Point]:
    points = []
    half = n / 2
    for start, label in ((0.0, 1.0), (pi, -1.0)):
        for i in range(halves(n)):
            radius, angle = i / half * 5, 1.75 * i / half * 2 * pi + start
            x = radius * sin(angle) + chance.uniform(-1, 1) * noise
            y = radius * cos(angle) + chance.uniform(-1, 1) * noise
            points.append((x, y, label))
    return points


def plane(n: int, noise: float, chance: SeedRandom) -> list[Point]:
    return regression(n, noise, chance, slope)


def multigauss(n: int, noise: float, chance: SeedRandom) -> list[Point]:
    return regression(n, noise, chance, bump)


def regression(n: int, noise: float, chance: SeedRandom, label: Callable[[float, float], float]) -> list[Point]:
    points = []
    for _ in range(n):
        x, y = (chance.uniform(-6, 6) for _ in range(2))
        dx, dy = (chance.uniform(-6, 6) * noise for _ in range(2))
        points.append((x, y, label(x + dx, y + dy)))
    return points


def slope(x: float, y: float) -> float:
    """(x + y) / 10, rounded as a scale of d3 from ±10 to ±1 does."""
    share = (x + y + 10) / 20
    return share - (1 - share)


def bump(x: float, y: float) -> float:
    """The height of the largest of six bumps, alternately up and down, each falling linearly to 0 at distance 2."""
    height = 0.0
    for left, bottom, sign in BUMPS:
        found = sign * min(max(1 - distance(x - left, y - bottom) / 2, 0.0), 1.0)
        if abs(found) > abs(height):
            height = found
    return height


def halves(n: int) -> int:
    """How many points either class has: one more in all, where n is odd."""
    return (n + 1) // 2


def padded(value: float) -> float:
    """Moved away from the axis."""
    return value + (0.3 if value > 0 else -0.3)


def distance(x: float, y: float) -> float:
    return sqrt(x * x + y * y)


SETS: dict[str, Callable[[int, float, SeedRandom], list[Point]]] = {
    "circle": circle,
    "xor": xor,
    "gauss": gauss,
    "spiral": spiral,
    "plane": plane,
    "multigauss": multigauss,
}
assert tuple(SETS) == PLAYGROUND_SETS


def playground_points(kind: str, n: int, noise: float, seed: str) -> tuple[Array, Array, SeedRandom]:
    """The points (2, n) and labels (n,) of a set, in the order of the Playground, and the stream as they leave it."""
    chance = SeedRandom(seed)
    points = SETS[kind](n, noise, chance)
    chance.shuffle(points)
    found = np.array(points).reshape(-1, 3).T
    return found[:2].copy(), found[2].copy(), chance


def training_size(n: int, ratio: float) -> int:
    """How many of n points are the training part."""
    # A share of n that is whole but for its last bit is meant to be whole.
    return floor(n * ratio + 1e-9)
