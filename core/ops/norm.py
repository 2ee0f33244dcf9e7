"""The Frobenius norm of an array of any magnitude."""

from math import sqrt

import numpy as np

from .quantity import Array


def norm(array: Array) -> float:
    """The Frobenius norm, scaled first where its squares would overflow or vanish; not finite where an entry is not."""
    flat = np.asarray(array, dtype=np.float64).ravel()
    with np.errstate(all="ignore"):
        total = float(np.dot(flat, flat))
        if 1e-280 < total < 1e280:
            return sqrt(total)
        largest = float(np.max(np.abs(flat), initial=0.0))
        if largest == 0 or not np.isfinite(largest):
            return largest
        return largest * sqrt(float(np.sum((flat / largest) ** 2)))
