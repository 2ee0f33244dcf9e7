"""Which steps are kept: so many that what keeping them costs stays a small share of the time that has gone by.

The share is of what was measured, so a step that took long to keep is followed by a longer pause. Times are seconds
since the first step.
"""

from dataclasses import field
from statistics import median

from backprop_tui.core.value_class import dataclass

SHARE, SHARE_OF_LARGE = 0.005, 0.0015
"""Of the time that has gone by, what keeping steps may have cost; of large networks, what either kind of them may."""
DENSEST = 256
"""Of so many steps that are done at most one more is kept: a long run has some thousand kept steps, not millions."""
REMEMBERED = 5
"""Costs that the next one is told from."""


GRANTED, GRANTED_OF_LARGE = 0.04, 0.02
"""Seconds that the first kept steps may cost beyond their share, each twice as late as the one before: so a training
that is soon over has a beginning, a middle and an end."""
SPEED = 1e8
"""Bytes a second, that a step is expected to be kept at before one has been measured."""


@dataclass(slots=True)
class Account:
    """What one kind of kept step has cost together, and the last few costs; `expected`: what the next is to cost."""

    expected: float = 0.0
    spent: float = 0.0
    costs: list[float] = field(default_factory=list)

    def pay(self, cost: float) -> None:
        self.spent += cost
        self.costs = [*self.costs[1 - REMEMBERED :], cost]
        self.expected = median(self.costs)

    def affords(self, share: float, elapsed: float, granted: float = 0.0) -> bool:
        """Whether one more stays within this share of `elapsed`, and what is granted beyond."""
        return self.spent + self.expected <= share * elapsed + granted


@dataclass(slots=True)
class Spacing:
    """`every`: each so-many-th step whatever it costs, where the person wants it so.

    `large`: the bytes that a whole kept step holds and a light one leaves out. Where there are some, either kind has
    a share of its own, so that the small numbers of many steps are there between the arrays of few. `last`: the step
    that was kept last.
    """

    every: int | None = None
    large: int = 0
    last: int = 0
    light: Account = field(default_factory=Account)
    whole: Account = field(default_factory=Account)

    def __post_init__(self) -> None:
        self.whole.expected = self.large / SPEED

    def choice(self, done: int, elapsed: float) -> str | None:
        """How to keep the step after `done` steps: "whole", "light", or None for not at all.

        The first is kept always: lightly, while nothing is known of how long the training takes.
        """
        if self.every:
            return "whole" if done == 0 or (done + 1) % self.every == 0 else None
        if done == 0:
            return "light" if self.large else "whole"
        if done + 1 <= self.last + self.last // DENSEST:
            return None
        share = SHARE_OF_LARGE if self.large else SHARE
        if self.whole.affords(share, elapsed):
            return "whole"
        light = self.light if self.large else self.whole
        allowance = GRANTED_OF_LARGE if self.large else GRANTED
        granted = allowance if is_power_of_two(done + 1) else 0.0
        return ("light" if self.large else "whole") if light.affords(share, elapsed, granted) else None

    def kept(self, step: int, kind: str, cost: float) -> None:
        """Note what keeping a step has cost. The first also pays for what is done once, and counts for nothing."""
        account = self.whole if kind == "whole" else self.light
        first = self.last == 0
        account.pay(cost)
        self.last = step
        if first:
            account.spent = 0.0

    def when(self) -> float:
        """The elapsed time from which one more is affordable."""
        share = SHARE_OF_LARGE if self.large else SHARE
        accounts = (self.light, self.whole) if self.large else (self.whole,)
        return min(account.spent + account.expected for account in accounts) / share

    def wanted(self, done: int) -> int:
        """The number of steps after which the next is to be looked at, whatever the clock says."""
        return ((done + 1) // self.every + 1) * self.every - 1 if self.every else (1 << (done + 1).bit_length()) - 1


def is_power_of_two(number: int) -> bool:
    return number & (number - 1) == 0
