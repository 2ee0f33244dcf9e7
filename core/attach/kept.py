"""A kept step, and what a step of somebody's loop was given with."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class Given:
    """What `run.step` was called with; None where it was not."""

    loss: Any = None
    gradients: Any = None
    inputs: Any = None
    targets: Any = None
    parameters: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What a recording keeps of a step: small numbers, and arrays by name."""

    facts: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]
