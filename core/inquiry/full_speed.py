"""Where training at full speed ends by itself: at the preset's stop, a finding of a new kind, or after some epochs.

Where it does depends on the run, on where it is gone on from and on what was asked for, never on how fast it goes.
"""

import re
from time import perf_counter
from typing import TYPE_CHECKING

from backprop_tui.core.diagnosis.findings import Finding
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.evaluation import Evaluation
from backprop_tui.core.value_class import dataclass

from .watch import Watch

if TYPE_CHECKING:
    from backprop_tui.core.session.run import Goal

STOP, FINDING, NEVER = "stop", "finding", "never"
EPOCHS = re.compile(r"(?:after )?(?P<count>[0-9][0-9,]*)(?: epochs?)?")
MOST_EPOCHS = 10**9
NO_STEP = 0
"""The step that a run is never at when it has been trained on."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What ends training at full speed, whichever comes first: nothing where none of it is asked for.

    `stop`: the preset's stop condition. `finding`: the first warning or error of a kind that the run has not had.
    `epochs`: so many more epochs.
    """

    stop: bool = False
    finding: bool = False
    epochs: int | None = None

    def __str__(self) -> str:
        """`stop or finding or 5 epochs`, as `limits` reads it again."""
        words = [STOP] * self.stop + [FINDING] * self.finding
        if self.epochs is not None:
            words.append(f"{self.epochs} epoch{'' if self.epochs == 1 else 's'}")
        return " or ".join(words) or NEVER


USUAL = Limits(stop=True, finding=True)


def limits(text: str) -> Limits:
    """What a text asks for. Raises PresetError for what it does not say."""
    stop = finding = never = False
    epochs: int | None = None
    for words in " ".join(text.lower().split()).split(" or "):
        if counted := EPOCHS.fullmatch(words):
            epochs = int(counted["count"].replace(",", ""))
        stop, finding, never = stop or words == STOP, finding or words == FINDING, never or words == NEVER
        if not (counted or words in (STOP, FINDING, NEVER)) or (epochs is not None and not 0 < epochs <= MOST_EPOCHS):
            raise PresetError(
                f'expected "{STOP}", "{FINDING}", "5 epochs", several of them with "or" between, or "{NEVER}", '
                f'found "{text}"'
            )
    if never and (stop or finding or epochs):
        raise PresetError(f'expected "{NEVER}" alone, or what ends it, found "{text}"')
    return Limits(stop, finding, epochs)


class FullSpeed:
    """Trains the session of `watch` on at full speed, until a breakpoint holds or a limit is reached.

    `reason` says which, empty as long as none is. A limit that is behind already when it begins ends nothing.
    """

    def __init__(self, watch: Watch, asked: Limits) -> None:
        session = self.session = watch.session
        self.watch, self.asked, self.reason = watch, asked, ""
        # A recording has the end that it has.
        self.free = not session.fixed
        self.kinds = {finding.rule for finding in grave(session.findings())} if asked.finding and self.free else set()
        self.goal = goal_of(session) if asked.stop and self.free else None
        self.holds_already = self.goal is not None and self.condition() is not None
        self.last: int | None = None
        if asked.epochs is not None and self.free:
            self.last = session.trainer.steps_of_epochs(session.epoch + asked.epochs)

    def play(self, seconds: float) -> bool:
        """Train for about so long; whether it has come to its end."""
        deadline = perf_counter() + seconds
        while True:
            if self.watch.play(max(deadline - perf_counter(), 0.0), self.next_look()):
                return True
            if self.session.diverged:
                return False
            self.reason = self.look() if self.free else ""
            if self.reason or perf_counter() >= deadline:
                return bool(self.reason)

    def next_look(self) -> int | None:
        """The step at whose end is looked next whether a limit is reached; None where there is none."""
        session = self.session
        places: list[int] = [] if self.last is None else [self.last]
        if self.asked.finding and self.free:
            known = [one.step for one in grave(session.diagnosis.all) if one.rule not in self.kinds]
            places += [*known, session.diagnosis.next_step()]
        if self.goal is not None:
            places.append(self.goal.steps)
            if self.goal.conditional and not self.holds_already:
                places.append(session.trainer.steps_of_epochs(session.epoch + 1))
        return min((place for place in places if place > session.step), default=None)

    def look(self) -> str:
        """Why it ends here; empty where it goes on. It goes back to where a new finding was made."""
        session = self.session
        if self.asked.finding:
            new = [finding for finding in grave(session.findings()) if finding.rule not in self.kinds]
            if new:
                first = min(new, key=lambda finding: finding.step)
                if first.step < session.step:
                    session.seek(session.timeline.finish_of(first.step))
                return f"a new finding in step {first.step:,}: {named(first)}"
        if self.goal is not None and session.step == self.goal.steps:
            limit = session.preset.training.stop
            count = f"{limit.epochs:,} epochs" if self.goal.limit == "epochs" else f"{self.goal.steps:,} steps"
            return f"the preset's stop, after {count}"
        at_end = session.trainer.place_of(session.step)[1] == 0
        if self.goal is not None and self.goal.conditional and at_end and not self.holds_already:
            reached = self.condition()
            if reached is not None:
                return f"the preset's stop: {reached}"
        return self.end_of_epochs()

    def end_of_epochs(self) -> str:
        """Why it ends where the epochs that were asked for are over; empty before."""
        if self.last is None or self.session.step < self.last:
            return ""
        return f"{self.asked.epochs:,} epoch{'' if self.asked.epochs == 1 else 's'} more, as asked"

    def condition(self) -> str | None:
        """The condition on loss or accuracy that holds for the training part as it stands, in words; None for none."""
        if self.goal is None or not self.goal.conditional:
            return None
        found: Evaluation = self.session.evaluate().training
        match self.goal.reached(found):
            case "loss_below":
                return f"the training loss, {found.loss:.4g}, is below {self.goal.loss_below:g}"
            case "accuracy_above":
                return f"the training accuracy, {found.accuracy:.4g}, is above {self.goal.accuracy_above:g}"
        return None


def goal_of(session: Session) -> "Goal | None":
    """Where the preset of a session stops; None where it does not say."""
    from backprop_tui.core.session.run import Goal  # Not needed to open.

    stop, trainer = session.preset.training.stop, session.trainer
    if stop.steps is None and stop.epochs is None and stop.loss_below is None and stop.accuracy_above is None:
        return None
    if stop.steps is None and stop.epochs is None:
        return Goal(NO_STEP, "steps", stop.loss_below, stop.accuracy_above)
    return Goal.of(stop, trainer.steps_per_epoch, slots_before=trainer.slots_before)


def grave(findings: list[Finding]) -> list[Finding]:
    """Those that are more than a remark."""
    return [finding for finding in findings if finding.severity != "info"]


def named(finding: Finding) -> str:
    """`vanishing gradient, layer 1`."""
    from backprop_tui.core.diagnosis.rules import RULES  # Not needed to open.

    return RULES[finding.rule].title + ("" if finding.layer is None else f", layer {finding.layer}")
