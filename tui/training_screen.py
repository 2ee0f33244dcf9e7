"""The training screen: its keys, and those of them that move through a run."""

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.strip import Strip

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.hidden import NOTHING_HIDDEN, Hidden
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.start_file import start_notes
from backprop_tui.core.session.session import Session
from backprop_tui.tui.panes.keys_line import Hint
from backprop_tui.tui.panes.majority import majority_note
from backprop_tui.tui.panes.pane import Pane
from backprop_tui.tui.panes.status import counters_line, rate_text, status_line
from backprop_tui.tui.running.arrangement import LESSON, SETTINGS
from backprop_tui.tui.running.chosen_view import lasting_speed
from backprop_tui.tui.running.hiding import refusal
from backprop_tui.tui.running.playback import FULL, speed_text
from backprop_tui.tui.running.until import remembered

from .key_hints import key_hints
from .looking_screen import first_view
from .making_screen import MakingScreen
from .screen_keys import KEYS, WITHOUT_KEY

if TYPE_CHECKING:
    from backprop_tui.core.recording.recorded_session import RecordedSession
    from backprop_tui.core.verify.handed_in import HandedIn
    from backprop_tui.tui.lesson.pane import LessonPane


SKEWED = 0.6
"""The share of the most frequent class from which it is told that the network is no better."""
POLL = 0.5
"""Seconds between two looks whether a recording has become longer."""
OF_OWN_RUNS = ("compare", "breakpoints", "estimate")
"""Pages that change a run, or train another beside it."""
TOUR = "tour"
"""The tag of presets that open with their lesson."""


class TrainingScreen(MakingScreen):
    """A run of one preset, with its playback and its panes, drawn `fps` times a second at the most.

    `handed_in`: somebody's own numbers of the step that the session is opened in. `recorded`: the recording that it is,
    which is followed while it is being written. `hide` is kept out of sight beside what the preset hides. `other_data`:
    the data set that a change of the problem type left, by whether its targets are numbers.
    """

    # All of them are seen to by the app itself: so keys that are typed fast keep their order.
    BINDINGS: ClassVar[list[BindingType]] = [Binding(*key, priority=True) for key in (*KEYS, *WITHOUT_KEY)]

    def __init__(
        self,
        session: Session,
        fps: int,
        handed_in: "HandedIn | None" = None,
        recorded: "RecordedSession | None" = None,
        hide: Hidden = NOTHING_HIDDEN,
    ) -> None:
        super().__init__(session, first_view(session, handed_in), fps, hide)
        self.recorded, self.followed, self.next_look = recorded, False, 0.0
        self.all_read = recorded is None or recorded.recording.ended
        self.seeds = session.seed
        self.other_data: dict[bool, str] = {}
        if handed_in is not None:
            self.notice = handed_in.summary
        elif session.trainer.beginning.steps and session.dataset.start is not None:
            self.notice = next(start_notes(session.preset, session.dataset.start, session.dataset.size), "")

    # The lines above and below

    def on_mount(self) -> None:
        super().on_mount()
        if self.recorded is not None:
            # What the first picture says of the writer may no longer hold at the first look.
            self.followed = self.following
            self.every(POLL, self.follow_recording)
        elif TOUR in self.session.preset.tags and "lesson" not in self.hide:
            self.call_later(self.action_lesson)

    def status(self, width: int) -> Strip:
        name = ""
        if len(self.branches) > 1 or self.session is not self.opened:
            from backprop_tui.tui.running.run_name import only_text, run_text  # Not needed to open.

            name = run_text(self.session, self.branches, self.comparison) or only_text(self.session, self.opened)
        running, recording = self.running_text(), self.recorder.running
        return status_line(self.session, self.view, running, width, recording=recording, name=name)

    def counters(self, width: int) -> Strip:
        recorded = self.recorded
        known = recorded is not None and self.session is recorded.session and not self.playback.running
        note = recorded.note if recorded is not None and known else ""
        if not (note or self.playback.running) and (majority := majority_note(self.session, SKEWED)):
            note = (
                majority
                if "data_views" in self.hide
                else f"{majority} ({self.view.look.keys.said('m')} in Data: measures)"
            )
        return counters_line(self.session, self.view.look, width, self.notice, note, self.hide)

    def hints(self) -> list[Hint]:
        return self.in_sight(key_hints(self))

    @property
    def at_recorded_end(self) -> bool:
        """Whether it stands where a recording ends, as far as that has been read."""
        recorded, session = self.recorded, self.session
        return (
            recorded is not None
            and session is recorded.session
            and session.count == session.furthest == recorded.count
            and not self.playback.running
            and self.travelling is None
        )

    @property
    def following(self) -> bool:
        """Whether it stands where a recording ends that is still being written."""
        return self.at_recorded_end and self.recorded is not None and self.recorded.recording.live

    def follow_recording(self) -> None:
        """Show what has been added to the recording, as long as one stands at its end.

        Once more when nobody writes any more, since something may have been written after the last look.
        """
        recorded, begin = self.recorded, perf_counter()
        was_followed, self.followed = self.followed, self.following
        if was_followed != self.followed:
            self.show_all()
        if recorded is None or self.all_read or begin < self.next_look or not self.at_recorded_end:
            return
        self.all_read = not recorded.recording.live
        try:
            if recorded.refresh():
                self.branches = [recorded.session]
                self.follow(recorded.session)
        except PresetError as problem:
            self.recorded = None
            self.tell(f"no longer followed: {problem}")
        # Of the time a tenth at most: large runs are looked at less often.
        self.next_look = perf_counter() + 9 * (perf_counter() - begin)

    def running_text(self) -> str:
        """How it plays, or how far a journey has got; empty while paused."""
        if not self.playback.running:
            return self.progress() or ("live" if self.following else "")
        rate = self.session.timing.steps_per_second
        if self.view.playing and rate is not None:
            return rate_text(rate)
        return speed_text(self.view, self.playback.pace)

    # Moving through time

    def action_play(self) -> None:
        if self.playback.running or self.travelling is not None:
            self.pause()
            self.show_all()
        else:
            self.notice = "here the recording ends: ← goes back" if self.session.at_end else ""
            if self.session.at_end:
                self.show_all()
            else:
                self.play()

    def action_unit(self, unit: str) -> None:
        self.view.unit = unit  # type: ignore[assignment]
        self.keep("unit", unit)
        self.show_lines()

    def action_faster(self, places: int) -> None:
        """Play faster; in the settings the next value of what is chosen there."""
        if self.current == SETTINGS:
            self.pane(SETTINGS).notch(places)
            return
        self.view.speed = max(0, min(FULL, self.view.speed + places))
        if (speed := lasting_speed(self.view)) is not None:
            self.keep("speed", speed)
        self.show_lines()

    def action_until(self) -> None:
        from backprop_tui.tui.running.until import FINDINGS, QUESTION, remember  # Not needed to open.

        quiet = "diagnosis" in self.hide
        question = QUESTION.replace(FINDINGS, "") if quiet else QUESTION
        config = self.app.config  # type: ignore[attr-defined]
        asked = remembered(config)

        def choose(typed: str) -> str:
            said = remember(config, typed, config.keymap)
            self.app.write_soon()  # type: ignore[attr-defined]
            return said

        self.ask_for(question, str(replace(asked, finding=False) if quiet else asked), choose)

    def action_go_to(self) -> None:
        from backprop_tui.tui.pages.prompt import Prompt, ask
        from backprop_tui.tui.running.going import HINT  # Not needed to open.

        self.notice = ""
        self.show_all()
        ask(self.app, Prompt("go to, or set", HINT), self.go_to)

    def go_to(self, typed: str) -> None:
        """To where the typed text leads, or with NAME = VALUE the change that it says; or say why it leads nowhere."""
        from backprop_tui.tui.running.going import assignment, destination
        from backprop_tui.tui.running.hiding import hidden_change  # Not needed to open.

        try:
            if (changes := assignment(typed, self.session.preset)) is not None:
                if name := next((name for key in changes if (name := hidden_change(self.hide, key))), ""):
                    raise PresetError(refusal(typed.strip(), name))
                self.change(changes)
                return
            found = destination(typed, self.session, self.view.spotlight)
        except PresetError as problem:
            self.notice = str(problem)
            self.show_all()
            return
        if isinstance(found, Spotlight):
            self.set_spotlight(found)
        else:
            self.go(found)

    def action_restart(self) -> None:
        if self.refuses():
            return
        self.restart(self.session.seed)

    def action_redraw(self) -> None:
        if self.refuses():
            return
        self.seeds += 1
        self.restart(self.seeds)
        drawn = "start weights and order" if self.session.preset.training.start is None else "order"
        self.notice = f"seed {self.seeds}: new {drawn}, the same data"
        self.show_all()

    def restart(self, seed: int) -> None:
        """A new run from the start, with the settings that the one in view began with; the others are kept."""
        session = self.session
        preset = session.course.stretches[0].preset
        self.begin(Session(preset, session.dataset, seed))

    def action_open(self) -> None:
        self.pause()
        self.show_all()
        self.app.open_gallery()  # type: ignore[attr-defined]

    def action_tool(self, name: str) -> None:
        """A page over the panes; its code is not needed to open."""
        from backprop_tui.core.recording.rebuilt import RebuiltSession  # Not needed to open.
        from backprop_tui.tui.pages.tools import tool

        if name in OF_OWN_RUNS and self.refuses():
            return
        self.pause()
        self.show_all()
        if name == "diagnosis" and isinstance(self.session, RebuiltSession):
            from backprop_tui.tui.recording.findings import FindingsScreen  # Not needed to open.

            self.app.push_screen(FindingsScreen(self.session.findings(), self.session.measured_step, self.view.look))
            return
        self.app.push_screen(tool(name, self))

    # The settings

    async def action_settings(self) -> None:
        """Open the settings beside the panes, put the focus there, or close them."""
        if self.refuses():
            return
        if self.side == SETTINGS and self.current == SETTINGS:
            self.close_side()
        elif self.side == SETTINGS:
            self.pane(SETTINGS).focus()
        else:
            from .settings.pane import SettingsPane  # Not needed to open.

            await self.open_side(SETTINGS, lambda: SettingsPane(self))

    def action_problem_type(self) -> None:
        """From classes to numbers as targets, or back, with the data, the output and the loss for it."""
        from backprop_tui.core.preset.structure import problem_type

        if self.refuses():
            return
        numbers, kind = self.session.dataset.target_kind == "real", self.session.preset.data.kind
        try:
            changes = problem_type(self.session.preset, numbers=numbers, back_to=self.other_data.get(not numbers))
            self.other_data[numbers] = kind
            self.change(changes)
        except PresetError as problem:
            self.notice = str(problem)
            self.show_all()

    # The lesson

    def on_lesson_pane_acted(self, message: "LessonPane.Acted") -> None:
        """A link of the lesson was followed."""
        from .lesson_acts import act  # It is there since the lesson was opened.

        self.call_later(act, self, message.action)

    def on_lesson_pane_reached(self, message: "LessonPane.Reached") -> None:
        """The lesson is about a pane now."""
        from .lesson_acts import show_beside

        show_beside(self, message.target)

    def key_pressed(self, key: str) -> None:
        """Any key, before it is answered: the lesson may wait for it."""
        if LESSON in self.panes and not self.hides_key(key):
            self.query_one(f"#{LESSON}", Pane).pressed(key)

    def action_help(self) -> None:
        self.open_help()

    def action_quit(self) -> None:
        self.app.exit(return_code=0)
