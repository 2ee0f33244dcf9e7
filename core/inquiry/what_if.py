"""What if: one parameter nudged, and the change of the loss that its gradient predicts beside the true one.

On the batch in view, in training mode with the step's own dropout masks, in double precision; the run itself is not
touched.
"""

import numpy as np

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.session.effort import BLINK, effort
from backprop_tui.core.session.excursion import in_view
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

POINTS = 41
FEWEST = 5
LEAST_SPAN = 0.1
ROUNDING = 8 * float(np.finfo(np.float64).eps)
"""About how far off a loss may be by rounding, as a share of it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of parameters: of the loss what the gradient predicts, and what is true; NaN or infinite where ℒ is.

    `nudge` is δ, the change of the one parameter, or the norm ‖Δθ‖ of a change of all of them.
    """

    nudge: float
    predicted: float
    true: float

    @property
    def remainder(self) -> float:
        """What the first order leaves out: curvature, and kinks that were passed."""
        return self.true - self.predicted


class WhatIf:
    """The parameter in the spotlight, as it stands at the position, to be nudged.

    `value` is the parameter w, `loss` ℒ and `gradient` ∂ℒ/∂w there; `update` is Δw of the step, None where it is not
    computed. They stay those of this position when the session moves on.
    """

    def __init__(self, session: Session, spotlight: Spotlight) -> None:
        layer = session.trainer.layers[spotlight.layer - 1]
        self.rehearsal = session.rehearse()
        self.array: Array = layer.parameters(self.rehearsal.parameters)[spotlight.parameter]
        self.index = spotlight.index
        gradient = layer.parameters(self.rehearsal.backward())[spotlight.parameter]
        self.value, self.gradient = float(self.array[self.index]), float(gradient[self.index])
        self.loss = self.rehearsal.plan.loss()
        quantity = session.plan[f"Δ{spotlight.parameter}", spotlight.layer]
        known = session.computed(quantity) and in_view(session)
        self.update = quantity.value(self.index) if known else None

    @property
    def rounding(self) -> float:
        """About how far off a true change may be by rounding; smaller ones say nothing."""
        return ROUNDING * abs(self.loss)

    @property
    def spans(self) -> tuple[float, ...]:
        """Reaches for a curve: the parameter's own size, at least 0.1; and that of the step's update, if known."""
        spans = [max(abs(self.value), LEAST_SPAN), abs(self.update or 0.0)]
        return tuple(span for span in spans if 0 < span < np.inf)

    @property
    def points(self) -> int:
        """How many points a curve can have that is drawn in a blink: an odd number, 5 to 41."""
        forward = effort(op for op in self.rehearsal.plan.ops if op.phase != "backward")
        return min(max(BLINK // forward, FEWEST) - 1, POINTS - 1) // 2 * 2 + 1

    def nudge(self, delta: float) -> Change:
        """The parameter `delta` larger, everything else as it is."""
        return Change(delta, self.gradient * delta, self.loss_at(delta) - self.loss)

    def loss_at(self, delta: float) -> float:
        """ℒ with the parameter `delta` larger: also where ℒ is infinite, and the change of it therefore NaN."""
        self.array[self.index] = self.value + delta
        return self.rehearsal.loss()

    def curve(self, span: float, points: int | None = None) -> tuple[Change, ...]:
        """Nudges at equal distances from −span to +span, `points` of them, an odd number, so that 0 is among them."""
        middle = (self.points if points is None else points) // 2
        return tuple(self.nudge(span * place / middle) for place in range(-middle, middle + 1))


def whole_step(session: Session) -> Change | None:
    """All parameters changed as this step's update does it: Σ ∂ℒ/∂θ · Δθ against the true change on the same batch.

    Both start from the parameters as the step began. None as long as the last update is not computed.
    """
    last = session.plan["ΔW", len(session.trainer.layers)]
    if not (session.computed(last) and in_view(session)):
        return None
    rehearsal = session.rehearse()
    delta = session.trainer.delta.astype(np.float64)
    with np.errstate(all="ignore"):
        if session.position.finished:
            rehearsal.parameters -= delta
        predicted = float(rehearsal.backward() @ delta)
        before = rehearsal.plan.loss()
        rehearsal.parameters += delta
        return Change(float(np.linalg.norm(delta)), predicted, rehearsal.loss() - before)
