"""Whether data ask for more than a linear network can give, or more than a network has made of them."""

import numpy as np

from backprop_tui.core.ops.quantity import Array

MOST = 400
"""Examples that are looked at: the first ones, whose order is by chance or the file's."""
FEW = 20
"""With fewer examples than this none can be held back, and only products of two inputs are tried."""
CLEAR, CLEAR_OF_FEW = 0.5, 0.9
"""The share that has to be explained; without examples that were held back much is explained by chance."""
RIDGE = 1e-3
NEAR = 0.2
"""Of the distance from 0: as near as this is another example to be at the mirror image of one."""


def asks_for_bends(gain: float, examples: int) -> bool:
    """Whether what is gained by an answer that is not linear is no chance."""
    return gain > (CLEAR_OF_FEW if examples < FEW else CLEAR)


def gain_of_bending(inputs: Array, targets: Array) -> float:
    """The share of what the best linear answer leaves over that an answer which is not linear explains; 0 to 1.

    inputs: (features, n), targets: (outputs, n).
    """
    _, line, bent = left_over(inputs, targets)
    return explained(line, bent)


def gain_of_more(inputs: Array, errors: Array) -> float:
    """The share of a network's errors, Y − A, that a further answer from the same inputs explains; 0 to 1.

    inputs: (features, n), errors: (outputs, n).
    """
    whole, _, bent = left_over(inputs, errors)
    return explained(whole, bent)


def left_over(inputs: Array, targets: Array) -> tuple[Array, Array, Array]:
    """What no answer, the best linear one, and one that is not linear leave of the targets, (n, outputs) each.

    Half of the examples are held back: what counts is what both answers, fitted to the other half, make of them. The
    second is kernel ridge regression on the residuals of the first, of Gaussians as wide as the examples are apart
    (Hastie, Tibshirani, Friedman 2009, section 5.8).
    """
    x, y = inputs[:, :MOST].astype(np.float64).T, targets[:, :MOST].astype(np.float64).T
    deviation = x.std(axis=0)
    x = (x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
    linear = np.column_stack([np.ones(len(x)), x])
    if len(x) < FEW:
        products = with_products(linear, x)
        return y, residuals(linear, linear, y, y), residuals(products, products, y, y)
    fitted, held = slice(0, None, 2), slice(1, None, 2)
    inside = residuals(linear[fitted], linear[fitted], y[fitted], y[fitted])
    outside = residuals(linear[fitted], linear[held], y[fitted], y[held])
    squares = np.square(x).sum(axis=1)
    distances = np.maximum(squares[:, np.newaxis] + squares[fitted] - 2 * x @ x[fitted].T, 0.0)
    width = float(np.median(distances[fitted])) / 4 or 1.0
    kernel = np.exp(-distances / width)
    weights = np.linalg.solve(kernel[fitted] + RIDGE * np.eye(len(inside)), inside)
    return y[held], outside, outside - kernel[held] @ weights


def even_part(inputs: Array, targets: Array) -> float:
    """The share of the targets' squares that the examples have in common with those at the mirror image of their own.

    inputs: (features, n), targets: (outputs, n). An example has a mirror image where another one is NEAR to −x; 0 where
    fewer than half of them have.
    """
    x, y = inputs[:, :MOST].astype(np.float64).T, targets[:, :MOST].astype(np.float64).T
    squares = np.square(x).sum(axis=1)
    distances = squares[:, np.newaxis] + squares + 2 * x @ x.T
    nearest = distances.argmin(axis=1)
    near = distances.min(axis=1) <= NEAR * NEAR * squares
    even = (y[near] + y[nearest[near]]) / 2
    total = float(np.square(y[near]).sum())
    return float(np.square(even).sum()) / total if total and near.mean() >= 1 / 2 else 0.0


def with_products(linear: Array, x: Array) -> Array:
    """The columns of `linear`, and the products of each two columns of x, (n, features), as far as n goes."""
    first, second = np.triu_indices(x.shape[1], 1)
    return np.column_stack([linear, x[:, first] * x[:, second]])[:, : len(x)]


def residuals(fit: Array, at: Array, known: Array, wanted: Array) -> Array:
    """What the least-squares fit of `known` (n, outputs) by the columns of `fit` leaves of `wanted` at `at`."""
    return wanted - at @ np.linalg.lstsq(fit, known, rcond=None)[0]


def explained(before: Array, after: Array) -> float:
    total = float(np.square(before).sum())
    return max(0.0, 1 - float(np.square(after).sum()) / total) if total > 1e-12 * before.size else 0.0
