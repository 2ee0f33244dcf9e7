"""When the whole data are measured for a screen: paused at once, at full speed within a share of the time."""

from functools import cached_property
from math import inf, isnan
from time import perf_counter

from backprop_tui.core.session.session import Session
from backprop_tui.core.training.evaluation import EVALUATION_SHARE
from backprop_tui.core.training.measures import PARTS, Measured, Part, measured
from backprop_tui.core.training.trainer import Trainer
from backprop_tui.core.value_class import dataclass

Chosen = tuple[Part, int]
"""An example: its part, and its number there, from 0."""
LONGEST = 0.25
"""Seconds; what takes longer is not measured at full speed, since keys would wait for it."""
MOST_RANKED = 1_000
"""Examples of each part that are gone through, the most wrong first."""


@dataclass(frozen=True, eq=False)
class Found:
    """The measures of both parts, None of a part without examples, with the parameters after `step` steps."""

    step: int
    trainer: Trainer
    parts: dict[Part, Measured | None]

    @cached_property
    def most_wrong(self) -> list[Chosen]:
        """Examples of both parts, by their numbers from 0 in their part, those with the largest losses first."""
        ranked = [
            (of.losses[number], part, int(number))
            for part, of in self.parts.items()
            if of is not None
            for number in of.most_wrong(MOST_RANKED)
        ]
        # Within a part they are in order; what is no number comes first.
        ranked.sort(key=lambda one: inf if isnan(one[0]) else one[0], reverse=True)
        return [(part, number) for _, part, number in ranked]

    def loss(self, part: Part, number: int) -> float:
        of = self.parts[part]
        assert of is not None
        return float(of.losses[number])

    @property
    def examples(self) -> int:
        return sum(len(of.losses) for of in self.parts.values() if of is not None)


@dataclass(slots=True)
class Measuring:
    """Remembers what was measured last, and what it took."""

    last: Found | None = None
    ended: float = 0.0
    seconds: float = 0.0

    def look(self, session: Session, *, playing: bool) -> Found:
        """The measures at this position; at full speed, `playing`, those measured last until it is their turn."""
        last, begin = self.last, perf_counter()
        if last is not None and last.trainer is session.trainer:
            resting = begin < self.ended + self.seconds * (1 / EVALUATION_SHARE - 1) or self.seconds > LONGEST
            if last.step == session.step or (playing and resting):
                return last
        parts = {part: measured(session.evaluator, part) for part in PARTS}
        self.last = Found(session.step, session.trainer, parts)
        self.ended = perf_counter()
        self.seconds = self.ended - begin
        return self.last
