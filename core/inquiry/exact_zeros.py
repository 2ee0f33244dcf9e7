"""How many gradients of weights are exactly 0: about those weights the examples of this step have nothing to say."""

import numpy as np

from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

from .sensitivity import is_known


@dataclass(frozen=True, slots=True)
class ZeroCount:
    """`zeros` of the `count` entries of dW⁽ˡ⁾ of `layer` (from 1) are exactly 0."""

    layer: int
    zeros: int
    count: int


def exact_zeros(session: Session) -> list[ZeroCount]:
    """The count of each layer whose gradient this step has computed, the first layer first."""
    found = []
    for layer in session.trainer.layers:
        if is_known(session, layer):
            gradient = session.plan["dW", layer.number].array
            found.append(ZeroCount(layer.number, gradient.size - int(np.count_nonzero(gradient)), gradient.size))
    return found
