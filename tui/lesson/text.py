"""The lesson of a run, whose numbers are filled in little by little while nobody waits for anything else."""

import asyncio
from collections.abc import Callable
from time import perf_counter

from backprop_tui.core.lessons.action import Action, actions
from backprop_tui.core.lessons.lesson import Lesson
from backprop_tui.core.lessons.passage import panes_of
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.session import Session
from backprop_tui.tui.panes.breath import breathe

SLICE = 0.008
"""Seconds of filling in at a time."""
REST = 0.1
"""Seconds between two looks whether there is time to fill in again."""
FRAME = 0.2
"""Seconds between two drawings while it is filled in."""


def preset_of(session: Session) -> Preset:
    """The preset as the run began with it."""
    return session.course.stretches[0].preset


class LessonText:
    """The lesson of the run that was opened. `problem` says why a number cannot be filled in, "" while all can.

    `actions` are its links, `panes` the pane that each of them is read beside.
    """

    def __init__(self, session: Session) -> None:
        self.start(preset_of(session), session)

    def start(self, preset: Preset, session: Session) -> None:
        self.preset, self.seed, self.dataset = preset, session.seed, session.dataset
        self.lesson = Lesson(preset, self.dataset, self.seed)
        self.actions: list[Action] = actions(preset.lesson, preset.id)
        self.panes = panes_of(preset.lesson)
        self.problem = ""

    def follow(self, session: Session) -> bool:
        """Be about another run from now on; whether that makes it another lesson.

        A variant and a branch have the lesson of the run that they were made from, which alone knows the variants.
        """
        preset = preset_of(session)
        same = (preset.id, preset.lesson) == (self.preset.id, self.preset.lesson)
        if same and session.seed == self.seed:
            return False
        if same:
            self.seed = session.seed
            self.lesson = Lesson(self.preset, self.dataset, self.seed)
        else:
            self.start(preset, session)
        return True

    @property
    def finished(self) -> bool:
        """Whether all that can be filled in is."""
        return self.lesson.done or bool(self.problem)

    def advance(self, seconds: float) -> None:
        """Go on filling in for about so long."""
        if self.finished:
            return
        try:
            self.lesson.advance(seconds)
        except PresetError as problem:
            self.problem = str(problem)

    def text(self) -> str:
        """The lesson, `…` where a number is still to come."""
        return self.lesson.text().strip()

    async def fill(self, busy: Callable[[], bool], show: Callable[[], None]) -> None:
        """Fill in what there is, with pauses while `busy`; `show` is called now and then, and at the end."""
        drawn = perf_counter()
        while not self.finished:
            if busy():
                await asyncio.sleep(REST)
                continue
            self.advance(SLICE)
            if perf_counter() - drawn > FRAME:
                show()
                drawn = perf_counter()
            await breathe()
        show()
