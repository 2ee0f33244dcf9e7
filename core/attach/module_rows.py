"""The calls of a module in a kept step as matrices, one row an example or position, and what they are on the whole."""

import sys
from collections.abc import Iterable, Sequence
from math import ceil, isfinite, prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .calls import Call, flat_range
from .numbers import own_array

Array = NDArray[Any]
CHANNELS_FIRST = ("Conv", "BatchNorm", "InstanceNorm", "GroupNorm", "MaxPool", "AvgPool", "AdaptiveAvgPool")
CHANNELS_FIRST_TOO = ("AdaptiveMaxPool", "Dropout2d", "Dropout3d", "PReLU", "PixelShuffle", "Upsample")
"""Beginnings of the names of modules whose second axis holds the features."""
EXAMPLES_ONLY = ("Flatten", "Unflatten")
MOST_COMPARED = 2**16
"""Entries of a weight's gradient that dZᵀA is held against."""


def rows(array: Array, kind: str) -> Array:
    """(rows, features) of what a module of that kind takes or gives: examples, and positions where there are some."""
    if array.ndim <= 1:
        return array.reshape(1, -1)
    if kind in EXAMPLES_ONLY:
        return array.reshape(len(array), -1)
    if array.ndim > 2 and kind.startswith((*CHANNELS_FIRST, *CHANNELS_FIRST_TOO)):
        array = np.moveaxis(array, 1, -1)
    return array.reshape(prod(array.shape[:-1]), array.shape[-1])


def examples(array: Array) -> Array:
    """(examples, numbers) of the inputs or outputs of a whole network; one axis stays one axis."""
    return array.reshape(len(array), -1) if array.ndim > 2 else array


def joined(arrays: Sequence[Array]) -> Array | None:
    """All of them under one another; None where there are none, or they are not of the same width."""
    if not arrays or len({array.shape[1:] for array in arrays}) != 1:
        return None
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def of_calls(tensors: Iterable[Any], kind: str) -> Array | None:
    """The rows of all calls; None where one was left out."""
    found = list(tensors)
    if any(tensor is None for tensor in found):
        return None
    return joined([rows(own_array(tensor), kind) for tensor in found])


def whole(tensors: Any) -> Array | None:
    """The examples of all passes under one another; None where one is missing."""
    found = list(tensors)
    if any(tensor is None for tensor in found):
        return None
    arrays = [own_array(tensor) for tensor in found]
    return joined([examples(array if array.ndim else array.reshape(1)) for array in arrays])


def gradient(call: Call, tasks: range) -> Any:
    """The gradient that came back to a call in these backward passes, added up; None where it is not known."""
    found = [back.gradient for back in call.back if back.task in tasks]
    if not found or any(one is None for one in found):
        return None
    return found[0] if len(found) == 1 else sum(found[1:], found[0])


def mask(call: Call, tasks: range) -> Any:
    """Which units a dropout kept in a call. Of an input of 0 the output tells nothing, and its gradient is asked."""
    if call.A is None or call.Z is None:
        return None
    kept = (call.Z != 0) | (call.A == 0)
    came_back = gradient(call, tasks)
    if call.dropped is None or came_back is None:
        return kept
    silent = (call.A == 0) & (came_back != 0) & (call.dropped == 0)
    return kept & ~silent


def figures(calls: list[Call], Z: Array | None) -> dict[str, Any]:
    """Mean, standard deviation, share of zeros and share of flat entries of what a module gave."""
    if Z is not None and Z.size and Z.dtype.kind == "f":
        low, high = flat_range(calls[0].module)
        with np.errstate(all="ignore"):
            z = Z.astype(np.float64).reshape(-1)
            mean = z.sum() / z.size
            z -= mean
            found: dict[str, Any] = {
                "mean": float(mean),
                "std": float(np.square(z, out=z).sum() / z.size) ** 0.5,
                "zeros": 1 - np.count_nonzero(Z) / Z.size,
            }
            if high is not None:
                found["saturated"] = np.count_nonzero((low > Z) | (high < Z)) / Z.size
        return found
    if calls[0].figures is None:
        return {}
    mean, std, zeros, flat = (float(value) for value in calls[0].figures)
    found = {"mean": mean, "std": std, "zeros": zeros}
    return found | ({"saturated": flat} if flat_range(calls[0].module)[1] is not None else {})


def apart(dZ: Array, A: Array, weight: Array) -> tuple[float, float]:
    """How far dZᵀA is from the gradient of a weight (outputs, inputs): a factor, and what is left relative to it.

    Of a large weight by some of its outputs, from the first to the last. PyTorch multiplies, in the threads that the
    person gives it: those of NumPy's own would come on top.
    """
    torch = sys.modules["torch"]
    every = ceil(weight.size / MOST_COMPARED) or 1
    with torch.no_grad():
        rows, columns, given = (torch.from_numpy(array) for array in (dZ[:, ::every], A, weight[::every]))
        if not rows.dtype == columns.dtype == given.dtype:
            rows, columns, given = rows.double(), columns.double(), given.double()
        product = rows.T @ columns
        square = float((given * given).sum())
        if not isfinite(square) or square == 0 or product.shape != given.shape:
            return 1.0, float("nan")
        factor = float((product * given).sum()) / square
        left = float(torch.linalg.vector_norm(product - factor * given))
        size = float(torch.linalg.vector_norm(product))
    return factor, left / size if size else float("nan")
