"""What a finished step has come to: the same batch before and after it, and what moved the parameters, and how far."""

import numpy as np

from backprop_tui.core.ops.norm import norm
from backprop_tui.core.ops.quantity import Array, Index, Quantity
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

from .sensitivity import largest_places


@dataclass(frozen=True, slots=True)
class Move:
    """One entry of a parameter: what it was before the step, what the update added to it, and what it is now."""

    parameter: Quantity
    index: Index
    before: float
    change: float
    after: float

    @property
    def name(self) -> str:
        return self.parameter.entry(self.index)


@dataclass(frozen=True, slots=True)
class Given:
    """What the optimizer made the step of: norms over all trained parameters.

    `gradient` is ‖∇ℒ‖, `applied` that of what the optimizer received, after penalties, clipping and decay; None where
    it received the gradient itself. `change` is ‖Δθ‖, `rate` the learning rate of the step.
    """

    gradient: float
    applied: float | None
    change: float
    rate: float


@dataclass(frozen=True, slots=True, eq=False)
class StepResult:
    """The batch of a step before and after it, with the same dropout masks, in training mode.

    `before`, `after`: ℒ. `outputs_before`, `outputs_after`, `targets`: (outputs, m). `foretold` is what the gradient
    alone says of the change of ℒ, Σ ∂ℒ/∂θ · Δθ.
    """

    before: float
    after: float
    outputs_before: Array
    outputs_after: Array
    targets: Array
    foretold: float
    given: Given

    @property
    def saved(self) -> float:
        """By how much ℒ has fallen; below 0 where it has risen."""
        return self.before - self.after

    @property
    def share(self) -> float | None:
        """The change of ℒ as a share of what it was; None of 0 and of what is not finite."""
        found = (self.after - self.before) / self.before if self.before and np.isfinite(self.before) else np.nan
        return float(found) if np.isfinite(found) else None


def step_result(session: Session) -> StepResult | None:
    """What the step has come to at whose finish the session stands; None elsewhere, and where an edit was made there.

    The arrays are views: they are those of this position until the session moves on.
    """
    again = session.batch_again()
    if again is None:
        return None
    plan, last = session.plan, len(session.trainer.layers)
    gradient, delta = (vector.astype(np.float64) for vector in (session.trainer.gradient, session.trainer.delta))
    with np.errstate(all="ignore"):
        foretold = float(gradient @ delta)
    return StepResult(
        before=plan.loss(),
        after=again.plan.loss(),
        outputs_before=plan["A", last].array,
        outputs_after=again.plan["A", last].array,
        targets=plan["Y", None].array,
        foretold=foretold,
        given=given(session),
    )


def given(session: Session) -> Given:
    """What moved the parameters in the step that is finished."""
    trainer, plan = session.trainer, session.plan
    applied = [quantity.array for (symbol, _), quantity in plan.quantities.items() if symbol.startswith("g(")]
    return Given(
        gradient=session.gradient_norm(),
        applied=norm(np.concatenate([array.ravel() for array in applied])) if applied else None,
        change=norm(trainer.delta),
        rate=trainer.learning_rate(session.position.step),
    )


def largest_moves(session: Session, most: int) -> list[Move]:
    """So many entries of the parameters that the finished step has moved furthest, the furthest first.

    Of equal ones the first layer's, W before b; those that are not finite before all. None that did not move.
    """
    delta = session.trainer.delta
    sizes = np.abs(delta)
    sizes[np.isnan(sizes)] = np.inf
    places = largest_places(sizes, min(most, len(sizes)))
    return [move(session, *entry_at(session, int(place))) for place in places if delta[place] != 0]


def entry_at(session: Session, place: int) -> tuple[Quantity, Index]:
    """The parameter and its entry at a place of the flat vector of all parameters."""
    layer = next(layer for layer in session.trainer.layers if place < layer.start + layer.size)
    inside = place - layer.start
    if inside >= layer.block_size:
        row, unit = divmod(inside - layer.block_size, layer.units)
        return session.plan["γβ"[row], layer.number], (unit,)
    unit, column = divmod(inside, layer.columns)
    if column < layer.inputs:
        return session.plan["W", layer.number], (unit, column)
    return session.plan["b", layer.number], (unit,)


def move(session: Session, parameter: Quantity, index: Index) -> Move:
    """How far the finished step has moved one entry of a parameter."""
    change = session.plan[f"Δ{parameter.symbol}", parameter.layer].value(index)
    after = parameter.value(index)
    return Move(parameter, index, after - change, change, after)
