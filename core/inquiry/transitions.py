"""Breakpoints on the state, after a step against before it: signs, predictions, dead units, accuracy.

The state changes in a step's finish, and that is where they stop. An edit made at that boundary belongs to the state
after it.
"""

from abc import abstractmethod
from collections.abc import Iterable
from math import isfinite
from typing import TypeVar

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.living_units import LivingUnits
from backprop_tui.core.training.plan import Plan

from .breakpoints import Breakpoint, written
from .checks import Remembering
from .spotlight_history import read

T = TypeVar("T")
MOST_UNITS = 5
"""Units that a reason names."""
BORDERS = {"binary": 0.5, "signed": 0.0}
"""Between the two classes of an output."""


class Transition(Remembering[T]):
    """Something about the state after a step against the same before it. It stops at the step's finish."""

    @abstractmethod
    def reason(self, before: T, now: T) -> str | None: ...

    def places(self, plan: Plan) -> Iterable[int]:
        return (len(plan.events),)

    def prepare(self) -> None:
        # Up to its finish a step leaves the state as it was: it can be measured wherever the way begins.
        if self.session.step not in self.known:
            self.known = {self.session.step: self.measure()}

    def look(self) -> str | None:
        step = self.session.step
        before, now = self.known[step - 1], self.measure()
        self.known = {step: now}
        return self.reason(before, now)

    def fires(self) -> bool:
        return self.look() is not None


class SignChanges(Transition[float]):
    """The parameter in the spotlight goes from above 0 to 0 or below, or from below 0 to 0 or above.

    So a way from one side to the other is seen once, be there steps on 0 or not.
    """

    def __init__(self, session: Session, breakpoint: Breakpoint, spotlight: Spotlight) -> None:
        super().__init__(session, breakpoint)
        self.spotlight = spotlight

    def measure(self) -> float:
        return read(self.session, self.spotlight, self.session.trainer.state.parameters)

    def reason(self, before: float, now: float) -> str | None:
        if not (before > 0 >= now or before < 0 <= now):
            return None
        spotlight = self.spotlight
        name = self.session.plan[spotlight.parameter, spotlight.layer].entry(spotlight.index)
        return f"{name} went from {written(before)} to {written(now)} in step {self.session.step}"


class PredictionFlips(Transition[tuple[int, ...] | None]):
    """The network, in evaluation mode, gives one training example, from 0, another class than before the step.

    One-hot targets: the output that is largest. Otherwise for every output whether it is above ½, or 0 for −1 and 1.
    Outputs that are not finite are no class, and no flip.
    """

    def __init__(self, session: Session, breakpoint: Breakpoint, example: int) -> None:
        super().__init__(session, breakpoint)
        self.example = example

    def measure(self) -> tuple[int, ...] | None:
        data = self.session.dataset
        outputs = self.session.evaluator.answer(data.inputs[:, self.example : self.example + 1])[:, 0]
        if not all(map(isfinite, outputs.tolist())):
            return None
        if data.target_kind == "one_hot":
            return (int(outputs.argmax()),)
        return tuple(int(output > BORDERS[data.target_kind]) for output in outputs)

    def reason(self, before: tuple[int, ...] | None, now: tuple[int, ...] | None) -> str | None:
        if before is None or now is None or before == now:
            return None
        change = f"from {self.name(before)} to {self.name(now)}"
        return f"training example {self.example + 1} went {change} in step {self.session.step}"

    def name(self, found: tuple[int, ...]) -> str:
        names = self.session.dataset.class_names
        if len(found) == 1 and found[0] < len(names):
            return names[found[0]]
        if self.session.dataset.target_kind == "one_hot":
            return f"class {found[0] + 1}"
        return ", ".join("above the border" if above else "below the border" for above in found)


class UnitDies(Transition[dict[int, list[bool]]]):
    """A unit whose activation has slope 0 below 0 gave something for some training example, and now 0 for every one.

    In evaluation mode, over the whole training set: of such a unit no example changes the weights any more.
    """

    def __init__(self, session: Session, breakpoint: Breakpoint) -> None:
        super().__init__(session, breakpoint)
        self.living = LivingUnits()

    def measure(self) -> dict[int, list[bool]]:
        return self.living.find(self.session.evaluator)

    def reason(self, before: dict[int, list[bool]], now: dict[int, list[bool]]) -> str | None:
        died = [
            f"unit {unit} of layer {layer}"
            for layer in before.keys() & now.keys()
            for unit, (was, lives) in enumerate(zip(before[layer], now[layer], strict=True), 1)
            if was and not lives
        ]
        if not died:
            return None
        more = f" and {len(died) - MOST_UNITS} more" if len(died) > MOST_UNITS else ""
        examples = self.session.dataset.size
        verb = "gives" if len(died) == 1 else "give"
        whom = "the one training example" if examples == 1 else f"all {examples} training examples"
        return f"{', '.join(died[:MOST_UNITS])}{more} {verb} 0 for {whom} after step {self.session.step}"


class AccuracyReaches(Transition[float]):
    """The accuracy over the whole training set, in evaluation mode, was below the number and is no longer."""

    def measure(self) -> float:
        found = self.session.evaluator.training().accuracy
        assert found is not None, "checked before"
        return found

    def reason(self, before: float, now: float) -> str | None:
        if not before < self.breakpoint.limit <= now:
            return None
        return f"accuracy went from {written(before)} to {written(now)} in step {self.session.step}"
