"""A screen of panes around a run: moving through its time, playing it, and going over to its branches."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import work
from textual.screen import Screen
from textual.timer import Timer

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.watch import Watch
from backprop_tui.core.ops.expression import Reference
from backprop_tui.core.preset.hidden import NOTHING_HIDDEN, Hidden
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.history import History
from backprop_tui.core.session.journal import Journal
from backprop_tui.core.session.run_spotlight import fitted
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.divergence import not_finite
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.panes.breath import breathe
from backprop_tui.tui.panes.overlay import Overlay
from backprop_tui.tui.panes.pane import Pane
from backprop_tui.tui.panes.view import View

from .pane_screen import PaneScreen
from .playback import Playback, watch_of
from .run_recorder import INTERVAL, RunRecorder, shared_steps
from .until import remembered, stopped_text

PATIENCE = 0.05
"""Seconds that a move may take before it goes on in the background, with its progress shown."""


if TYPE_CHECKING:
    from backprop_tui.core.compare.comparison import Comparison
    from backprop_tui.core.session.journal import Moment


def began_like(one: Session, other: Session) -> bool:
    """Whether two runs are the same from the start on, with nothing changed on the way."""
    presets = [session.course.stretches[0].preset for session in (one, other)]
    return presets[0] == presets[1] and one.seed == other.seed and not one.edits and not other.edits


def has_all_of(one: Session, other: Session) -> bool:
    """Whether each step that the other run has finished is one of the first run's, too."""
    done = finished(other)
    if not done:
        return True
    presets = [session.course.stretches[0].preset for session in (one, other)]
    shared = shared_steps(one.edits, other.edits) if presets[0] == presets[1] and one.seed == other.seed else 0
    return done <= min(shared, finished(one))


def finished(session: Session) -> int:
    """How many steps a run has finished, wherever it stands."""
    furthest = session.timeline.at(session.furthest)
    return furthest.step if furthest.finished else furthest.step - 1


@dataclass(frozen=True, slots=True)
class Jump:
    """Where the chain-rule pane was before it followed a factor to the op that made it."""

    count: int
    wanted: Reference | None
    factor: int


class RunScreen(PaneScreen):
    """`session` is the branch in view, one of `branches`; `travelling` the count that a move is on its way to.

    `hide`, what the command line hides, is so in every run, beside what the preset of the one in view hides.
    `lookout` heeds the breakpoints on that way; `comparison` are the runs beside this one, where there are any;
    `recorder` takes the run in view along into a file, while it is asked to; `journal` are the changes made here;
    `last_run` are the curves of the run that was in view before, where that had steps of its own.
    """

    def __init__(self, session: Session, view: View, fps: int, hide: Hidden = NOTHING_HIDDEN) -> None:
        super().__init__(session, view, fps, Hidden(session.preset.view.hide) | hide)
        self.hidden_by_option, view.hide = hide, self.hide
        self.branches = [session]
        self.journal = Journal()
        self.playback = Playback(session, view, self.show_due, self.show_stop)
        self.travelling: int | None = None
        self.departure = 0
        self.notice = ""
        self.jumps: list[Jump] = []
        self.lookout: Watch | None = None
        self.comparison: Comparison | None = None
        self.recorder = RunRecorder()
        self.last_run: History | None = None
        view.others = self.other_runs
        self.recording_due: Timer | None = None

    # Moving

    def go(self, count: int, *, watching: bool = False) -> None:
        """To a position; at once if that is quick, else in the background. `watching`: no further than a breakpoint."""
        self.pause()
        self.notice = ""
        count = self.session.timeline.nearest(count)
        self.view.factor, self.view.wanted, self.jumps = 0, None, []
        self.lookout = watch_of(self.session, self.view) if watching else None
        if self.lookout is None or not self.lookout.checks:
            self.session.depart(count)
        if self.approach(count, PATIENCE):
            self.arrived()
        else:
            self.travel(count)

    def approach(self, count: int, seconds: float) -> bool:
        """On towards a position for about so long; whether the journey is over."""
        if self.lookout is not None:
            return self.lookout.approach(count, seconds)
        return self.session.approach(count, seconds)

    @work(exclusive=True, group="travel")
    async def travel(self, count: int) -> None:
        self.travelling, self.departure = count, self.session.count
        while self.travelling == count and not self.approach(count, PATIENCE / 5):
            self.show_due()
            await breathe()
        self.travelling = None
        self.arrived()

    def action_forward(self) -> None:
        self.go(self.session.timeline.after(self.session.count, self.view.unit), watching=True)

    def action_back(self) -> None:
        self.go(self.session.timeline.before(self.session.count, self.view.unit))

    def through_time(self, direction: int) -> None:
        if direction > 0:
            self.action_forward()
        else:
            self.action_back()

    def action_home(self) -> None:
        self.go(0)

    def action_end(self) -> None:
        self.go(self.session.furthest)

    def set_spotlight(self, spotlight: Spotlight) -> None:
        self.view.spotlight = spotlight
        self.notice = ""
        self.view.factor, self.view.wanted = 0, None
        self.show_all()

    def progress(self) -> str:
        """How far a move has got; empty where there is none."""
        if self.travelling is None:
            return ""
        share = (self.session.count - self.departure) / max(self.travelling - self.departure, 1)
        return f"going to step {self.session.timeline.at(self.travelling).step:,}: {share:.0%}, escape stops"

    def arrived(self, reason: str = "") -> None:
        """Say where the run stands, if there is anything to say: such as why full speed has ended here, `reason`."""
        if reason:
            self.notice = stopped_text(reason, self.view.look.keys)
        self.session.stop_at_fault()
        op = self.session.op
        if not self.session.diverged and op is not None and (quantity := not_finite(op)) is not None:
            self.notice = f"{quantity.name} is not finite; the step's loss and parameters are, all the same"
        if self.lookout is not None and self.lookout.hits:
            self.notice = "stopped: " + "; ".join(hit.reason for hit in self.lookout.hits)
        self.show_stop()

    def tell(self, problem: str) -> None:
        """Something has gone wrong: stop, and say so; the run is as far as it was."""
        self.pause()
        self.notice = problem
        self.show_all()

    def remark(self, text: str) -> None:
        self.notice = text
        self.show_all()

    # Playing

    def pause(self) -> None:
        """Stop playing and travelling; what the panes show is then of the position alone."""
        self.stop_travelling()
        if self.playback.running:
            self.playback.stop()
            self.workers.cancel_group(self, "play")
            self.playback.running = self.view.playing = False

    def stop_travelling(self) -> None:
        self.travelling = None
        self.workers.cancel_group(self, "travel")

    def play(self) -> None:
        """Play on; it runs from now on, so that a second key, pressed before the first slice, finds it running."""
        asked = remembered(self.app.config)  # type: ignore[attr-defined]
        # What is found is told by nothing else either, where the diagnosis is hidden.
        self.playback.asked = replace(asked, finding=False) if "diagnosis" in self.hide else asked
        self.playback.running = True
        self.show_all()
        self.play_on()

    @work(exclusive=True, group="play")
    async def play_on(self) -> None:
        await self.playback.play()
        self.lookout = self.playback.watch
        self.arrived(self.playback.reason)
        if self.behind:
            self.show_all()

    def refuses(self, why: str = "") -> bool:
        """Whether the run cannot be changed or begun anew; then it says so, or `why`."""
        if self.session.fixed:
            self.tell(why or self.session.fixed)
        return bool(self.session.fixed)

    # Recording

    def action_record(self) -> None:
        """Record the run in view, from its first step on, or stop that."""
        if self.refuses("it is a recording already"):
            return
        if self.recorder.running:
            self.notice = self.recorder.stop()
        else:
            self.notice = self.recorder.start(self.session, self.view.look.keys)
            if self.recording_due is not None:
                self.recording_due.stop()
            self.recording_due = self.every(INTERVAL, self.take_along)
        self.show_all()

    def take_along(self) -> None:
        """Record what is new."""
        if problem := self.recorder.take():
            self.notice = problem
            self.show_all()

    def on_unmount(self) -> None:
        self.recorder.stop()

    # Help

    def open_help(self, term: str = "", page: Screen[Any] | None = None, heading: str = "") -> None:
        """Help for this screen or a page over it; with a `term`, what the glossary says of that."""
        from backprop_tui.tui.lesson.help_screen import HelpScreen, Subject, keys_of  # Not needed to open.
        from backprop_tui.tui.lesson.pane import LessonPane
        from backprop_tui.tui.lesson.text import LessonText

        self.pause()
        self.show_all()
        shown = self.query(LessonPane)
        lesson = shown.first().lesson if shown else LessonText(self.opened)
        lesson.follow(self.session)
        keys = keys_of(type(page or self), self.hides, self.view.look.keys)
        subject = Subject(heading, keys, self.session, lesson, self.hide, self.hidden_keys())
        self.app.push_screen(HelpScreen(subject, self.view.look, term))

    # Runs and their branches

    def follow(self, session: Session) -> None:
        """Show another run, or another branch of this one."""
        self.pause()
        self.take_over(session)
        self.show_all()

    def take_over(self, session: Session) -> None:
        """Show another run; where one plays, that one plays on in its place."""
        if not session.fixed and not has_all_of(session, self.session):
            self.last_run = self.session.history
        self.session = session
        self.playback.follow(session)
        self.jumps, self.lookout = [], None
        self.view.factor, self.view.wanted = 0, None
        self.view.spotlight = fitted(self.view.spotlight, session)
        for pane in self.query(Pane):
            pane.follow(session)
        self.view.hide = Hidden(session.preset.view.hide) | self.hidden_by_option
        self.hide_now(self.view.hide)
        if self.side in self.hide:
            self.close_side()
        self.notice = self.recorder.follow(session)

    def begin(self, session: Session) -> None:
        """A run of its own, before all others. Those that have come somewhere are kept, but one that began like it."""
        from backprop_tui.core.session.branches import kept  # Not needed to open.

        others = [other for other in self.branches if other.furthest and not began_like(other, session)]
        self.branches = kept([session, *others])
        self.follow(session)

    def branch(self, session: Session) -> None:
        """A new branch, beside those there are."""
        self.pause()
        self.add(session)
        self.take_over(session)
        self.show_all()

    @property
    def has_other_runs(self) -> bool:
        """Whether there are any whose losses can be laid over."""
        compared = [] if self.comparison is None else self.comparison.runs
        others = any(run.session is not self.session for run in compared)
        return self.last_run is not None or len(self.branches) > 1 or others

    def other_runs(self) -> list[Overlay]:
        """Those whose losses can be laid over those of the run in view."""
        from .other_runs import other_runs  # Not needed to open.

        return other_runs(self.session, self.branches, self.comparison, self.last_run)

    def add(self, session: Session) -> None:
        """Keep one more run; of too many the oldest goes that is neither the first nor in view."""
        from backprop_tui.core.session.branches import with_branch  # Not needed to open.

        self.branches = with_branch(self.branches, session, self.session)

    # Changes

    def change(self, changes: Mapping[str, Any]) -> str:
        """Change settings and parameters of the run, by their dotted paths and names, and go on with the changed one.

        Nothing pauses. Says in one line what has become of it, or why it cannot be.
        """
        from backprop_tui.core.session.branches import kept  # Not needed to open.
        from backprop_tui.core.session.change import change  # Not needed to open.

        if self.refuses():
            return self.notice
        self.stop_travelling()
        old = self.session
        try:
            made = change(old, changes)
        except PresetError as problem:
            # Which preset it is of is to be seen; there is one line for what is wrong with the change.
            self.notice = str(problem).removeprefix(f"{old.preset.source}: ")
            self.show_all()
            return self.notice
        if made.session is old:
            self.notice = made.text
            self.show_all()
            return self.notice
        self.journal.record(old, made.what)
        if made.keeps:
            self.add(made.session)
        else:
            self.branches = kept([made.session if run is old else run for run in self.branches])
        self.go_on_with(made.session, made.text)
        return self.notice

    def go_on_with(self, session: Session, text: str) -> None:
        """Another run in view, playing if the one before played, and what to say of it."""
        self.take_over(session)
        self.notice = "; ".join(filter(None, (text, self.notice)))
        self.show_all()

    def action_undo(self) -> None:
        """Back to the run before the last change, where it was left."""
        self.turn_back(self.journal.undo, "undone", "no change to undo")

    def action_redo(self) -> None:
        """On to the run with the change that was undone last, where it was left."""
        self.turn_back(self.journal.redo, "done again", "no change to do again")

    def turn_back(self, turned: Callable[[Session], "Moment | None"], done: str, nothing: str) -> None:
        if self.refuses():
            return
        self.stop_travelling()
        old = self.session
        moment = turned(old)
        if moment is None:
            self.notice = nothing
            self.show_all()
            return
        self.exchange(old, moment.session)
        self.go_on_with(moment.session, f"{done}: {moment.text}")

    def exchange(self, old: Session, new: Session) -> None:
        """`new` among the runs; `old` stays where it has steps that the other has not."""
        from backprop_tui.core.session.branches import kept  # Not needed to open.

        if has_all_of(new, old):
            others = [run for run in self.branches if run is not new]
            self.branches = kept([new if run is old else run for run in others])
        elif new not in self.branches:
            self.add(new)
