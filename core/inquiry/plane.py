"""The plane through where a run stands, along the gradient of the loss and a random direction: a landscape's ground.

Both directions have length 1 and are at right angles, so that a place is two distances ‖Δθ‖ on one scale.
"""

from collections.abc import Callable, Sequence

import numpy as np

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.norm import norm
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.chance import generator
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

from .ground import LEAST_SIZE
from .landscape import AROUND, rehearsed

RANDOM = 1000
"""How many random directions there are to choose from."""
LEAST_GRADIENT = 1e-300
"""The norm from which a gradient has a direction."""


@dataclass(frozen=True, eq=False, slots=True)
class Plane:
    """All θ = `origin` + x · `across` + y · `up`, each of them (parameters,).

    `across` is −∇ℒ/‖∇ℒ‖ at the origin, so that right is downhill; `slope` is ‖∇ℒ‖. Where that is 0 or no finite number,
    `slope` is None and `across` a random direction as well. `up` is the `number`-th random direction, from 1.
    """

    origin: Array
    across: Array
    up: Array
    slope: float | None
    number: int

    @property
    def axes(self) -> int:
        return 2

    @property
    def layer(self) -> int:
        return 1

    @property
    def moved(self) -> int:
        return self.origin.size

    def here(self, session: Session) -> Array:
        found: Array = self.shadow(session.trainer.state.parameters[None])[0]
        return found

    def size(self, session: Session) -> float:
        """As large as the parameters are: then it goes as far as they are long."""
        return max(LEAST_SIZE, norm(self.origin) / AROUND)

    def mover(self, layers: tuple[Layer, ...], parameters: Array) -> Callable[[Sequence[float]], None]:
        height, row = 0.0, self.origin

        def move(place: Sequence[float]) -> None:
            nonlocal height, row
            with np.errstate(all="ignore"):
                # Places are mostly worked out row by row.
                if place[1] != height:
                    height, row = place[1], self.origin + place[1] * self.up
                np.multiply(self.across, place[0], out=parameters)
                np.add(parameters, row, out=parameters)

        return move

    def shadow(self, parameters: Array) -> Array:
        """Where on the plane the nearest place to each of `parameters` (n, parameters) is, (n, 2)."""
        with np.errstate(all="ignore"):
            found: Array = (parameters - self.origin) @ np.stack([self.across, self.up], axis=1)
        return found

    def aside(self, parameters: Array) -> float:
        """How far from the plane `parameters` (parameters,) are: ‖Δθ‖ to the nearest place on it."""
        with np.errstate(all="ignore"):
            x, y = self.shadow(parameters[None])[0]
            return norm(parameters - self.origin - x * self.across - y * self.up)


def plane_of(session: Session, number: int) -> Plane:
    """The plane through the parameters as they stand, of the loss that a landscape there is of.

    The network has two parameters at least. The random direction is drawn with the seed of the run: every time the
    same, whatever the gradient is.
    """
    rehearsal, _ = rehearsed(session)
    origin = rehearsal.parameters.copy()
    gradient = rehearsal.backward()
    slope = norm(gradient)
    steep = bool(np.isfinite(slope)) and slope >= LEAST_GRADIENT
    across: Array = -gradient / slope if steep else drawn(session, 0, origin.size)
    up = drawn(session, number, origin.size)
    # Twice: what rounding leaves of the other direction after the first time is gone after the second.
    for _ in range(2):
        up = up - float(up @ across) * across
        up = up / norm(up)
    return Plane(origin, across, up, slope if steep else None, number)


def drawn(session: Session, number: int, size: int) -> Array:
    """A direction of length 1, (size,), every one of them equally likely."""
    direction: Array = generator(session.trainer.seed, "landscape", number).standard_normal(size)
    return direction / norm(direction)
