"""How many weights the update of the step in hand moves up, down, or not at all."""

import numpy as np

from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

from .step_change import step_change


@dataclass(frozen=True, slots=True)
class StepMoves:
    """Counts of weights: those whose ΔW is above 0, below 0 and exactly 0, in the `layers` where it is settled."""

    up: int
    down: int
    still: int
    layers: tuple[int, ...]


def step_moves(session: Session) -> StepMoves:
    """The counts over all layers whose change is settled by now; what is not a number counts nowhere."""
    up = down = still = 0
    layers = []
    for layer in session.trainer.layers:
        change = step_change(session, "W", layer.number)
        if change is None:
            continue
        layers.append(layer.number)
        up += int(np.count_nonzero(change > 0))
        down += int(np.count_nonzero(change < 0))
        still += change.size - int(np.count_nonzero(change))
    return StepMoves(up, down, still, tuple(layers))
