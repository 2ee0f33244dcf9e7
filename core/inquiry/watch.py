"""The watch: a session that runs forward until one of its breakpoints holds."""

from bisect import bisect_right
from time import perf_counter

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.living_units import cuts_to_zero
from backprop_tui.core.training.trainer import Trainer
from backprop_tui.core.value_class import dataclass

from .breakpoints import Breakpoint
from .checks import Check, GradientNorm, LossRises, NotFinite
from .transitions import AccuracyReaches, PredictionFlips, SignChanges, UnitDies

SIMPLE: dict[str, type[Check]] = {
    "loss_rises": LossRises,
    "not_finite": NotFinite,
    "gradient_below": GradientNorm,
    "gradient_above": GradientNorm,
    "unit_dies": UnitDies,
    "accuracy_reaches": AccuracyReaches,
}
"""Those that need nothing but the session."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A breakpoint that holds at the position: right behind the op that shows it. `reason`: a line with the numbers."""

    breakpoint: Breakpoint
    reason: str


class Watch:
    """Runs `session` forward under the breakpoints that are enabled and can come about in it.

    `hits` are those that ended the last run, all at the same op; going on from there does not meet them again.
    Where a run stops depends on the run alone, not on how it was gone through. Going back, and going to a place by way
    of a snapshot, is the session's own and heeds no breakpoints. `spotlight` is the parameter whose sign, and
    `example` the training example, from 0, whose prediction is followed: the one in its column of the batch when the
    watch is made. A new list of breakpoints, spotlight or session takes a new watch.
    """

    def __init__(self, session: Session, breakpoints: tuple[Breakpoint, ...], spotlight: Spotlight) -> None:
        self.session = session
        self.example = training_example(session, spotlight)
        self.checks = [
            check_of(session, breakpoint, spotlight, self.example)
            for breakpoint in breakpoints
            if breakpoint.enabled and unavailable(breakpoint.kind, session) is None
        ]
        self.hits: tuple[Hit, ...] = ()
        self.trainer: Trainer | None = None
        self.places: dict[int, list[int]] = {}
        self.offsets: list[int] = []

    def approach(self, count: int, seconds: float) -> bool:
        """Run on towards `count` for about so long; whether it is reached or a breakpoint holds (see `hits`)."""
        self.hits = ()
        if not self.checks:
            return self.session.approach(count, seconds)
        deadline = perf_counter() + seconds
        self.prepare(count)
        while self.session.count < count and not self.hits:
            self.move(count)
            # After a move: however long it took to prepare, each call gets on.
            if perf_counter() >= deadline:
                break
        return bool(self.hits) or self.session.count >= count

    def play(self, seconds: float, last: int | None = None) -> bool:
        """Train from step to step for about so long, or until the numbers are not finite; whether a breakpoint holds.

        No further than the end of step `last`, which lies ahead. Without any breakpoint it is the session's own full
        speed. With some no phases are timed.
        """
        self.hits = ()
        session = self.session
        if not self.checks:
            session.play(seconds, last)
            return False
        deadline = perf_counter() + seconds
        self.prepare(session.count + 1)
        while not self.hits and not session.diverged and not (session.at_boundary and session.step == last):
            if steps := self.whole_steps(last):
                self.scan(steps)
            else:
                self.move(session.timeline.after(session.count, "step"))
            if perf_counter() >= deadline:
                break
        if session.diverged and not self.hits:
            session.stop_at_divergence()
        return bool(self.hits)

    def whole_steps(self, last: int | None) -> int:
        """How many steps can be gone through whole from here, before the clock is looked at: none within a step.

        Nor the one that ends where an edit is made: what is looked at there is the state after the edit.
        """
        session = self.session
        if not session.at_boundary:
            return 0
        ends = [end for end in (last, session.course.next_edit and session.course.next_edit - 1) if end is not None]
        return min([session.chunk, *(end - session.step for end in ends)])

    def scan(self, steps: int) -> None:
        """Go through whole steps, and through one after which a check fires once more, from place to place."""
        session, begin, first = self.session, perf_counter(), self.session.step
        fired = session.advance(session.timeline.finish_of(first + steps), self.fires)
        session.adapt_chunk(perf_counter() - begin, session.step - first)
        if not fired:
            return
        end = session.count
        session.seek(session.timeline.finish_of(session.step - 1))
        self.prepare(end)
        while session.count < end and not self.hits and not session.diverged:
            self.move(end)

    def fires(self) -> bool:
        """Whether a check may hold in the step that has just been finished: all of them take note of it."""
        found = [check.fires() for check in self.checks]
        return any(found)

    def prepare(self, count: int) -> None:
        """Have every check find out about what is before, where there is a way to go."""
        if self.session.count < count:
            for check in self.checks:
                check.prepare()

    def move(self, count: int) -> None:
        """On to the next place where a check wants to look, or to `count` where that comes first."""
        session = self.session
        if self.trainer is not session.trainer:
            self.find_places()
        base, events = session.timeline.split(session.count)
        if events == session.timeline.length:
            base, events = base + events, 0
        following = bisect_right(self.offsets, events)
        offset = self.offsets[following] if following < len(self.offsets) else session.timeline.length
        session.advance(min(count, base + offset))
        checks = [i for i, check in enumerate(self.checks) if session.position.events in self.places[i]]
        reasons = [(self.checks[i].breakpoint, self.checks[i].look()) for i in checks]
        self.hits = tuple(Hit(breakpoint, reason) for breakpoint, reason in reasons if reason is not None)

    def find_places(self) -> None:
        """Where in a step of the trainer in hand each check wants to look."""
        self.trainer = self.session.trainer
        self.places = {i: list(check.places(self.trainer.plan)) for i, check in enumerate(self.checks)}
        self.offsets = sorted({place for places in self.places.values() for place in places})


def unavailable(kind: str, session: Session) -> str | None:
    """Why a kind of breakpoint cannot come about in this run; None where it can."""
    if kind in ("prediction_flips", "accuracy_reaches") and session.dataset.target_kind == "real":
        return "the targets are real numbers: there are no classes"
    if kind == "unit_dies" and not any(map(cuts_to_zero, session.trainer.layers)):
        return "no layer has relu: no unit can be silent for good"
    return None


def training_example(session: Session, spotlight: Spotlight) -> int:
    """The training example, from 0, that the spotlight's column of the batch in view shows."""
    trainer = session.trainer
    epoch, slot = trainer.place_of(session.position.step - 1)
    column = min(spotlight.example, trainer.sizes[slot] - 1)
    return column if trainer.batch_size == trainer.count else int(trainer.order(epoch)[trainer.slots[slot][1]][column])


def check_of(session: Session, breakpoint: Breakpoint, spotlight: Spotlight, example: int) -> Check:
    """The check of a breakpoint; `example` is the training example, from 0, whose prediction is followed."""
    if breakpoint.kind == "sign_changes":
        return SignChanges(session, breakpoint, spotlight)
    if breakpoint.kind == "prediction_flips":
        return PredictionFlips(session, breakpoint, example)
    return SIMPLE[breakpoint.kind](session, breakpoint)
