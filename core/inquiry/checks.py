"""How a breakpoint is found: after which events of a step to look, and what to compare with what.

Here are the breakpoints that compare a step with the one before it: losses, gradient norms, values not finite. Those
that compare the state after a step with that before it are in `transitions`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Generic, TypeVar

import numpy as np

from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.session.excursion import earliest, in_view, revisit
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.divergence import not_finite
from backprop_tui.core.training.plan import Plan

from .breakpoints import Breakpoint, written

T = TypeVar("T")


class Check(ABC):
    """One breakpoint on its way through a session.

    `prepare` is called wherever the way begins, before anything moves; `look` after every event that `places` names,
    and says why the breakpoint holds there, or None. Where whole steps are gone through, `fires` is called at the end
    of each instead.
    """

    def __init__(self, session: Session, breakpoint: Breakpoint) -> None:
        self.session, self.breakpoint = session, breakpoint

    @abstractmethod
    def places(self, plan: Plan) -> Iterable[int]:
        """After how many events of a step it wants to look."""

    @abstractmethod
    def prepare(self) -> None:
        """Find out about what is before, as far as looking needs it and it is not known."""

    @abstractmethod
    def look(self) -> str | None: ...

    @abstractmethod
    def fires(self) -> bool:
        """Whether it may hold somewhere in the step that has just been finished: never False where it does.

        The session's step is that one; its count may lie before.
        """


class Remembering(Check, Generic[T]):
    """Something of each step against the same of the step before; `known` is what the steps just gone through had."""

    def __init__(self, session: Session, breakpoint: Breakpoint) -> None:
        super().__init__(session, breakpoint)
        self.known: dict[int, T] = {}

    @abstractmethod
    def measure(self) -> T: ...


class Comparison(Remembering[T]):
    """A number that a step computes against that of the step before; it is measured at the last of the places.

    What is known is a function of the run; where it is missing, since somebody went here by another way, it is taken
    from the buffers or by an excursion. Only where that would take more than a blink, the step is compared with
    nothing, as step 1 is.
    """

    @abstractmethod
    def reason(self, before: T | None, now: T) -> str | None: ...

    def prepare(self) -> None:
        session, position = self.session, self.session.position
        there = position.events >= max(self.places(session.plan))
        step = position.step if there else position.step - 1
        if step == 0 or step in self.known:
            return
        if there and in_view(session):
            self.known = {step: self.measure()}
        elif earliest(session, step) == step:
            for _ in revisit(session, step, step):
                self.known = {step: self.measure()}

    def look(self) -> str | None:
        step, now = self.session.position.step, self.measure()
        before = self.known.get(step - 1)
        self.known = {step: now}
        return self.reason(before, now)

    def fires(self) -> bool:
        step, now = self.session.step, self.measure()
        before = self.known.get(step - 1)
        self.known = {step: now}
        return self.reason(before, now) is not None

    def against(self, before: float | None) -> str:
        return "" if before is None else f"; in step {self.session.position.step - 1} it was {written(before)}"


class LossRises(Comparison[float]):
    """ℒ of the step's batch is above ℒ of the batch before. It stops at the loss op."""

    def places(self, plan: Plan) -> Iterable[int]:
        return (plan["ℒ", None].place + 1,)

    def measure(self) -> float:
        return self.session.plan.loss()

    def reason(self, before: float | None, now: float) -> str | None:
        if before is None or not now > before:
            return None
        others = " for another batch" if self.session.trainer.steps_per_epoch > 1 else ""
        step = self.session.position.step
        return f"the loss is {written(now)} in step {step}{self.against(before)}{others}"


class GradientNorm(Comparison[float]):
    """‖∇ℒ‖ over all trained parameters, before penalties and clipping, comes to the other side of the number.

    With nothing before it, in step 1, it is enough to be there. It stops at the last backward op.
    """

    def places(self, plan: Plan) -> Iterable[int]:
        return (max(op.place for op in plan.ops if op.phase == "backward") + 1,)

    def measure(self) -> float:
        return self.session.gradient_norm()

    def beyond(self, norm: float) -> bool:
        limit = self.breakpoint.limit
        return norm < limit if self.breakpoint.kind == "gradient_below" else norm > limit

    def reason(self, before: float | None, now: float) -> str | None:
        if not self.beyond(now) or (before is not None and self.beyond(before)):
            return None
        return f"‖∇ℒ‖ is {written(now)} in step {self.session.position.step}{self.against(before)}"


Sieve = tuple[tuple[Array, Array], ...]
"""Pieces of memory, flat, each with as many zeros: a product that is not 0 tells of a number that is not finite."""


def sieve(plan: Plan) -> Sieve:
    """All memory that the ops of a step write into, and what lies beside it in the same arrays."""
    owners = {}
    for op in plan.ops:
        for array in (quantity.array for quantity in op.writes):
            owner = array if array.base is None else array.base
            owners[id(owner)] = owner
    return tuple((owner.ravel(), np.zeros(owner.size, owner.dtype)) for owner in owners.values())


class NotFinite(Comparison[bool]):
    """An op writes NaN or infinity, and no op before it in its step or in the step before did. It stops at the op."""

    def __init__(self, session: Session, breakpoint: Breakpoint) -> None:
        super().__init__(session, breakpoint)
        self.count = -1
        self.sieves: dict[Plan, Sieve] = {}

    def places(self, plan: Plan) -> Iterable[int]:
        return range(2, len(plan.ops) + 2)

    def measure(self) -> bool:
        """Whether any op of the step in view wrote such a number so far."""
        ops = self.session.plan.ops[: max(self.session.events - 1, 0)]
        return any(not_finite(op) is not None for op in ops)

    def prepare(self) -> None:
        position = self.session.position
        if self.session.count == self.count:
            return
        # What is known of a step that was left before its end is not of the whole of it.
        self.known = {}
        super().prepare()
        if 0 < position.events < position.total:
            self.known[position.step] = self.measure()
        self.count = self.session.count

    def look(self) -> str | None:
        step, op = self.session.position.step, self.session.op
        assert op is not None
        self.count = self.session.count
        quantity = not_finite(op)
        before = self.known.get(step - 1, False)
        known = self.known.get(step, False)
        self.known = {step - 1: before, step: known or quantity is not None}
        return None if before or known or quantity is None else self.reason(before, True)

    def fires(self) -> bool:
        session = self.session
        if session.plan not in self.sieves:
            self.sieves[session.plan] = sieve(session.plan)
        found = any(flat.dot(zeros) != 0 for flat, zeros in self.sieves[session.plan])
        self.known, self.count = {session.step: found}, session.timeline.finish_of(session.step)
        return found

    def reason(self, before: bool | None, now: bool) -> str:
        op = self.session.op
        quantity = None if op is None else not_finite(op)
        assert quantity is not None
        return f"{quantity.name} is not finite in step {self.session.position.step}"
