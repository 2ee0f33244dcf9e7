"""What the first step of a run is given beside its data and its parameters.

A run draws its masks of dropout, and its optimizer starts with nothing kept. One that goes on from somebody else's
steps is given both.
"""

from collections.abc import Mapping
from dataclasses import field

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Beginning:
    """`kept`: by layer, which units dropout keeps in step 1, (units, m).

    An optimizer of this `kind` goes on: step 1 of the run is its step number `step`, and `moments` are what it has
    kept, in the shapes of the parameters, by name, symbol of the parameter and layer: `("v", "W", 1)`.
    `steps` steps of the run were done before its step 1: order, dropout and rates go on after them.
    """

    kept: Mapping[int, NDArray[np.bool_]] = field(default_factory=dict)
    kind: str = ""
    step: int = 1
    moments: Mapping[tuple[str, str, int], NDArray[np.float64]] = field(default_factory=dict)
    steps: int = 0


NOTHING_GIVEN = Beginning()
