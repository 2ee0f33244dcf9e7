"""The part of the plane worth drawing."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Interval = tuple[float, float]
Domain = tuple[Interval, Interval]
"""(x1 from, to), (x2 from, to)."""


def surroundings(points: Array) -> Domain:
    """The box of points (2, n) with a margin of a fifth on each side, or of 1 where they do not differ."""
    low, high = points.min(axis=1), points.max(axis=1)
    # Kept within the numbers, so that the largest have a box too.
    with np.errstate(over="ignore"):
        span = np.where(np.isfinite(high - low), (high - low) / 5, high / 5 - low / 5)
    margin = np.where(high > low, span, 1.0)
    largest = np.finfo(np.float64).max / 4
    edges = np.clip(low - margin, -largest, largest), np.clip(high + margin, -largest, largest)
    (left, bottom), (right, top) = (edge.tolist() for edge in edges)
    return (left, right), (bottom, top)


def widened(domain: Domain, points: Array) -> Domain:
    """The domain, as far beyond its edges as points (2, n) lie that it has to hold."""
    if not points.size:
        return domain
    low, high = (edge.tolist() for edge in (points.min(axis=1), points.max(axis=1)))
    (left, right), (bottom, top) = domain
    return (min(left, low[0]), max(right, high[0])), (min(bottom, low[1]), max(top, high[1]))
