"""What this machine can do at best: what one NumPy call costs, and how fast it multiplies matrices.

A step of a small network takes at least its calls times the cost of the cheapest; that of a large one, besides, its
multiply-adds at the rate of one large product.
"""

from collections.abc import Callable

import numpy as np

CALLS, SIDE = 100, 512
MULTIPLY_ADDS = SIDE**3


def cheapest_calls() -> Callable[[int], None]:
    """Makes CALLS calls on arrays of one number, as many times as asked."""
    one, into, add = np.ones(1, np.float32), np.ones(1, np.float32), np.add

    def make(times: int) -> None:
        for _ in range(times * CALLS):
            add(one, one, into)

    return make


def large_products() -> Callable[[int], None]:
    """Makes a product of SIDE × SIDE matrices, as many times as asked."""
    left, right, into = (np.ones((SIDE, SIDE), np.float32) for _ in range(3))

    def make(times: int) -> None:
        for _ in range(times):
            np.dot(left, right, into)

    return make
