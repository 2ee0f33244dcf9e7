"""A run in plain mode: the session, what is looked at, and what has been made of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.prediction import Question, Score
from backprop_tui.core.inquiry.watch import Watch
from backprop_tui.core.preset.hidden import NOTHING_HIDDEN, Hidden
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.branches import with_branch
from backprop_tui.core.session.journal import Journal
from backprop_tui.core.session.run_spotlight import fitted, own_spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.core.session.timeline import UNITS, Unit
from backprop_tui.core.training.divergence import not_finite
from backprop_tui.tui.config.config import Config
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.running.run_recorder import RunRecorder

from .wait import Wait

if TYPE_CHECKING:
    from backprop_tui.tui.lesson.text import LessonText

PLAIN = Look(color=False)
"""Numbers and signs as they are on the screen; `--ascii` reads them in the lines that are written."""
SLICE = 0.1
"""Seconds of a journey between two looks at whether it is over."""


class PlainRun:
    """`session` is the run in view, `view` what of it is looked at; `hide` is kept out of sight.

    `config` are the settings that stay. `question` waits for a guess, where one was asked; `branches` are all runs
    there are, `beside` those of the preset's variants by their names;
    `places` are the counts that were left to follow a number to the op that made it. `brief`: of an op the rule and its
    numbers alone are told. `told` are the findings that have been told of, by rule, layer and step.
    """

    def __init__(self, session: Session, hide: Hidden = NOTHING_HIDDEN, config: Config | None = None) -> None:
        self.config = config or Config()
        self.session = self.opened = session
        preset = session.preset
        self.view = View(own_spotlight(session), unit=unit_of(self.config.get("unit", preset.view.unit)), look=PLAIN)
        self.hide = Hidden(preset.view.hide) | hide
        self.journal = Journal()
        self.recorder = RunRecorder()
        self.question: Question | None = None
        self.score = Score()
        self.branches = [session]
        self.beside: dict[str, Session] = {"": session}
        self.variant = ""
        self.places: list[int] = []
        self.lesson: LessonText | None = None
        self.brief = False
        self.told: set[tuple[str, int | None, int]] = set()
        self.seeds = session.seed

    @property
    def spotlight(self) -> Spotlight:
        return self.view.spotlight

    @property
    def last(self) -> int:
        """The number of the output layer."""
        return self.view.last(self.session)

    def follow(self, session: Session) -> str:
        """Look at another run from now on; what there is to say of the recording that this ends."""
        if session not in self.branches:
            self.branches = with_branch(self.branches, session, self.session)
        self.session, self.question, self.places = session, None, []
        spotlight = fitted(self.view.spotlight, session)
        self.view.spotlight = replace(spotlight, example=min(spotlight.example, session.plan.examples - 1))
        self.view.wanted = None
        return self.recorder.follow(session)

    def go(self, count: int, *, watching: bool = False) -> str:
        """To a position, no further than a breakpoint where it is `watching`; what there is to say of the way."""
        session, self.question, self.view.wanted = self.session, None, None
        count = session.timeline.nearest(count)
        watch = Watch(session, self.view.breakpoints, self.spotlight) if watching else None
        if watch is None or not watch.checks:
            session.depart(count)
        wait = Wait(session, session.timeline.at(count).step)
        while not (session.approach(count, SLICE) if watch is None else watch.approach(count, SLICE)):
            wait.go_on()
        return "; ".join(filter(None, (self.arrived(watch), self.recorder.take())))

    def play(self, last: int) -> str:
        """Train at full speed to the end of step `last`, or to a breakpoint; what there is to say of the way."""
        session, self.question, self.view.wanted = self.session, None, None
        watch = Watch(session, self.view.breakpoints, self.spotlight)
        wait = Wait(session, last)
        while not session.diverged and not session.at_end and session.step < last:
            if watch.play(SLICE, last):
                break
            wait.go_on()
        return "; ".join(filter(None, (self.arrived(watch), self.recorder.take())))

    def arrived(self, watch: Watch | None) -> str:
        """Why the run stands where it does, where that is to be said."""
        session = self.session
        session.stop_at_fault()
        if session.diverged:
            from backprop_tui.core.session.halt import halted_by

            return f"The numbers are lost: {halted_by(session)}"
        if watch is not None and watch.hits:
            return "Stopped: " + "; ".join(hit.reason for hit in watch.hits)
        op = session.op
        if op is not None and (quantity := not_finite(op)) is not None:
            return f"{quantity.name} is not finite; the step's loss and parameters are, all the same"
        return ""

    def at(self, count: int, look: Callable[[], list[str]]) -> list[str]:
        """What `look` says at another position; the run is where it was afterwards."""
        here = self.session.count
        self.session.seek(count)
        try:
            return look()
        finally:
            self.session.seek(here)

    def example(self) -> int:
        """The place in the batch, from 0, of the example that is looked at."""
        return min(self.spotlight.example, self.session.plan.examples - 1)


def unit_of(word: str) -> Unit:
    """The unit of that name, `step` or `steps`. Raises PresetError for another word."""
    found = next((unit for unit in UNITS if word in (unit, f"{unit}s")), None)
    if found is None:
        raise PresetError(f"expected a unit, {', '.join(UNITS)}, found {word!r}")
    return found
