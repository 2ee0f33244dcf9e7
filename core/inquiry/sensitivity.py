"""The weights of the whole network by the magnitude of their gradients: where a small change matters most.

That is sensitivity, not blame: a gradient says by how much ℒ changes for a small change of one weight while all others
stay, not which weight is wrong, nor by how much.
"""

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.session.excursion import in_view
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class SensitiveWeight:
    """A weight of `layer` from `input` to `unit`, both from 0: its `value` at the position, and its `gradient`.

    `share` is that of |gradient| in the sum over all weights ranked; None where the sum is 0 or no finite number.
    """

    layer: int
    unit: int
    input: int
    value: float
    gradient: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The weights with the largest |∂ℒ/∂w|, largest first, of those `layers` whose gradients this step has computed.

    `count` is how many weights these layers have; `largest` is the largest magnitude, 0 where none was asked for.
    """

    layers: tuple[int, ...]
    count: int
    largest: float
    weights: tuple[SensitiveWeight, ...]


def sensitivity(session: Session, first: int, last: int) -> Sensitivity:
    """The weights of ranks `first` (from 0) to `last` (not among them), by |∂ℒ/∂w|, as far as there are so many.

    NaN ranks first; of equal ones the first layer, unit and input. Takes one pass over the gradients, and sorts no more
    than are asked for.
    """
    known = [layer for layer in session.trainer.layers if is_known(session, layer)]
    if not known or first >= last:
        return Sensitivity(tuple(layer.number for layer in known), weights_known(session), 0.0, ())
    gradients = [session.plan["dW", layer.number].array for layer in known]
    sizes = np.abs(np.concatenate([gradient.ravel() for gradient in gradients]))
    sizes[np.isnan(sizes)] = np.inf
    order = largest_places(sizes, min(last, len(sizes)))
    largest = float(sizes[order[0]])
    shares = shares_of(sizes, largest)
    ends = np.cumsum([gradient.size for gradient in gradients])
    found = []
    for place in order[first:].tolist():
        which = int(np.searchsorted(ends, place, side="right"))
        layer, gradient = known[which], gradients[which]
        unit, column = divmod(place - int(ends[which]) + gradient.size, layer.inputs)
        value = layer.weights(session.trainer.state.parameters)[unit, column]
        share = None if shares is None else float(shares[place])
        found.append(SensitiveWeight(layer.number, unit, column, float(value), float(gradient[unit, column]), share))
    return Sensitivity(tuple(layer.number for layer in known), len(sizes), largest, tuple(found))


def weights_known(session: Session) -> int:
    """How many weights have a gradient by now."""
    return sum(layer.units * layer.inputs for layer in session.trainer.layers if is_known(session, layer))


def is_known(session: Session, layer: Layer) -> bool:
    """Whether this step has computed the gradient of a layer's weights."""
    return session.computed(session.plan["dW", layer.number]) and in_view(session)


def largest_places(sizes: Array, most: int) -> NDArray[np.intp]:
    """The places of the `most` largest, at least one, of the numbers (n,), largest first; of equal ones the first."""
    least = np.partition(sizes, len(sizes) - most)[len(sizes) - most]
    above = np.flatnonzero(sizes > least)
    found = np.concatenate([above, np.flatnonzero(sizes == least)[: most - len(above)]])
    order: NDArray[np.intp] = found[np.argsort(-sizes[found], kind="stable")]
    return order


def shares_of(sizes: Array, largest: float) -> NDArray[np.float64] | None:
    """Each of the numbers (n,) in shares of their sum, in double precision; None where that is 0 or infinite."""
    if not 0 < largest < np.inf:
        return None
    relative = sizes.astype(np.float64) / largest
    shares: NDArray[np.float64] = relative / relative.sum()
    return shares
