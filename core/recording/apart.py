"""How far somebody's own gradients and those that this program computes of the same step are apart."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

ROUNDING = 1e-3


@dataclass(frozen=True, slots=True)
class Apart:
    """`worst`: the largest difference of an entry, relative to the largest entry of its parameter; in `parameter`."""

    worst: float
    parameter: str
    whose: str

    @property
    def matters(self) -> bool:
        """Whether it is more than roundings, of float32 too."""
        return not self.worst < ROUNDING

    @property
    def text(self) -> str:
        """One line."""
        if self.worst == 0:
            return f"{self.whose} gradients and those computed here are the same, bit for bit"
        return (
            f"{self.whose} gradients and those computed here differ by {self.worst:.1e} of the largest at most, "
            f"in {self.parameter}"
        )


def apart(theirs: Mapping[str, NDArray[Any]], ours: Mapping[str, NDArray[Any]], factor: float, whose: str) -> Apart:
    """The comparison; `factor`: what theirs were multiplied by before they were recorded, as clipping does.

    What is nothing but rounding beside the largest gradient of all, as that of a bias before batch norm, is held
    against that one.
    """
    everything = max((float(np.abs(array).max(initial=0.0)) for array in ours.values()), default=0.0)
    worst, parameter = 0.0, next(iter(ours), "")
    for name, array in ours.items():
        largest = float(np.abs(array).max(initial=0.0))
        beside = largest if largest > 1e-6 * everything else everything
        off = float(np.abs(theirs[name].reshape(array.shape) / factor - array).max(initial=0.0))
        relative = off / beside if beside else float(off > 0)
        if not relative <= worst:
            worst, parameter = relative, name
    return Apart(worst, parameter, whose)
