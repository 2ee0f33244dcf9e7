"""Numbers and arrays as strict JSON has them: a number that it cannot hold is a string."""

from math import isfinite, isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray


def number(value: float | None) -> float | str | None:
    """A number as JSON has it; `"nan"`, `"inf"` and `"-inf"` for what it has not."""
    if value is None or isfinite(value):
        return None if value is None else float(value)
    return "nan" if isnan(value) else "inf" if value > 0 else "-inf"


def nested(array: NDArray[Any] | None) -> Any:
    """An array as nested lists, in full precision."""
    if array is None:
        return None
    if np.isfinite(array).all():
        return array.tolist()
    return number(float(array)) if array.ndim == 0 else [nested(part) for part in array]
