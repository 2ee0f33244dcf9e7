"""What an optimizer is: a rule from what it receives to the change of every parameter, over one flat vector.

A rule computes the whole vector's Δ at once, and the next values of its moments into buffers of their own: an update
reads the moments of the step's start and overwrites nothing.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from backprop_tui.core.ops.event import Call
from backprop_tui.core.ops.expression import Constant, Expression, Reference
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.tables import OptimizerPreset
from backprop_tui.core.value_class import dataclass

from .schedule import RATE, is_scheduled

Entry = Callable[[str], Reference]
"""Names one parameter's numbers: `g` (what the optimizer receives), `θ` (the parameter, before the step), a moment
(`v`), its value at the step's start (`v before`), and under a schedule the learning rate (`ηₖ`)."""
Constants = dict[str, Array]


@dataclass(frozen=True, slots=True)
class UpdateVectors:
    """The flat vectors of an update, each (size,): what it reads, and `next_moments` and `delta`, which it writes."""

    parameters: Array
    gradient: Array
    moments: tuple[Array, ...]
    next_moments: tuple[Array, ...]
    delta: Array


class Optimizer(ABC):
    """One optimizer with its settings. `moments` names what it remembers from step to step, whatever the settings."""

    moments: ClassVar[tuple[str, ...]] = ()
    why: ClassVar[str]

    def __init__(self, settings: OptimizerPreset) -> None:
        self.settings = settings

    @abstractmethod
    def rule(self, g: str, theta: str) -> tuple[str, ...]:
        """The formulas for a parameter `theta` that receives `g`, that of Δ last."""

    def constants(self) -> dict[str, float]:
        """Those of the numbers that the calls of `write` are bound to which are settings."""
        return {}

    def of_rate(self, rate: float) -> dict[str, float]:
        """Those that the learning rate is in."""
        return {"descent": -rate}

    def of_step(self, step: int, rate: float) -> dict[str, float]:
        """Those that depend on the number of the step, from 1, whatever the schedule of the rate."""
        return {}

    @abstractmethod
    def write(self, g: Array, vectors: UpdateVectors, constants: Constants, trained: Array | None) -> tuple[Call, ...]:
        """The calls that compute `next_moments` and `delta` from g: (size,).

        `trained`: (size,), 1 for trained parameters and 0 for the others; None where all are.
        """

    def explain_moment(self, name: str, entry: Entry) -> Expression:
        """How the value of a moment after the step came about."""
        raise LookupError(f"{type(self).__name__} has no moment {name}")

    @abstractmethod
    def explain_change(self, entry: Entry, step: int, *, trained: bool) -> Expression:
        """How Δ of a parameter came about."""

    def effective_rate(self, entry: Entry, step: int) -> Expression:
        """What the gradient, or its mean over the steps, is multiplied by: η, or η over the root of a moment."""
        return self.rate(entry)

    def rate(self, entry: Entry) -> Expression:
        """The learning rate: a setting, or under a schedule what the step made of it."""
        if is_scheduled(self.settings):
            return entry(RATE)
        return Constant("η", self.settings.learning_rate)

    @property
    def eta(self) -> str:
        """The learning rate as the rule writes it."""
        return RATE if is_scheduled(self.settings) else "η"
