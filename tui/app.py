"""The app: which screen is shown, the theme, and leaving with the terminal as it was."""

import asyncio
import os
import signal
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.driver import Driver
from textual.errors import NoWidget
from textual.filter import LineFilter
from textual.screen import Screen
from textual.timer import Timer

from backprop_tui.core.preset.files_read import FILES_READ
from backprop_tui.core.preset.hidden import Hidden
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.leaving import INTERRUPTED
from backprop_tui.tui.command_line.loading import is_recording, load, recording_of
from backprop_tui.tui.config.config import THEME, Config
from backprop_tui.tui.drawing.ascii_filter import AsciiFilter
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.palette import DARK, DARK_16, LIGHT, LIGHT_16
from backprop_tui.tui.drawing.strips import WithoutControl
from backprop_tui.tui.panes import breath
from backprop_tui.tui.panes.own_screen import OwnScreen
from backprop_tui.tui.running.arranged_screen import ArrangedScreen
from backprop_tui.tui.running.chosen_view import choose_view
from backprop_tui.tui.running.memory import let_go, settle

from .output.pacing import usual_fps
from .screen_keys import OF_THE_APP
from .terminal_driver import better
from .training_screen import TrainingScreen
from .visited_app import VisitedApp

if TYPE_CHECKING:
    from backprop_tui.core.recording.reader import Recording
    from backprop_tui.core.recording.recorded_session import RecordedSession
    from backprop_tui.core.verify.handed_in import HandedIn

KEPT_AFTER = 1.0
"""Seconds after which what was chosen is written: more may be chosen meanwhile."""
WITHOUT_CONTROL = WithoutControl()
OWN_WORDS = ("Quit", "Maximize", "Minimize")
"""Commands of Textual's that a screen of panes has of its own."""
SCREENSHOT, PICTURE = "Screenshot", "Picture of the screen as SVG"
"""Textual's own, which fails where there is no folder of downloads, and what stands in its place."""
LONGEST_OPENING = 1.0
"""Seconds that a key waits for a screen that is being opened."""


@dataclass(frozen=True)
class AppRequest:
    """What was asked for on the command line; without a preset, the gallery. `config` are the settings that stay."""

    preset: str | None = None
    settings: tuple[str, ...] = ()
    seed: int | None = None
    fps: int | None = None
    ascii: bool = False
    hide: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    """What a visitor of a server may open; nothing: the built-in presets."""
    config: Config = field(default_factory=Config)


def fps_of(request: AppRequest) -> int:
    """Pictures a second at the most: as asked, as set, or as many as there usually are."""
    return int(request.fps or request.config.get("fps") or usual_fps())


class BackpropApp(VisitedApp):
    """See a neural network learn."""

    TITLE = "backprop-tui"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "quit, with status 130", show=False, priority=True),
        Binding("ctrl+q", "interrupt", "quit", show=False, priority=True),
        Binding("ctrl+l", "draw_again", "draw the whole screen again", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "stop, until the shell continues it", show=False, priority=True),
        *(Binding(*key, show=False, priority=True) for key in OF_THE_APP),
    ]

    def __init__(
        self,
        request: AppRequest,
        session: Session | None = None,
        handed_in: "HandedIn | None" = None,
        recording: "Recording | RecordedSession | None" = None,
    ) -> None:
        super().__init__(fps_of(request))
        self.request, self.session, self.handed_in, self.recording = request, session, handed_in, recording
        self.ascii_filter = AsciiFilter()
        self.opened = False
        self.config, self.offered = request.config, request.offered
        self.to_keep: Timer | None = None
        self.simulated: list[events.Key] = []
        self.take_theme()

    def take_theme(self) -> None:
        """The theme that was chosen; one that there is not is passed over, and said so."""
        if theme := self.config.check_theme(self.available_themes):
            self.theme = theme

    def keep(self, path: str, value: str | float) -> None:
        """What was chosen is so the next time, too, unless nothing is kept."""
        if self.config.choose(path, value):
            self.write_soon()

    def write_choices(self) -> None:
        self.to_keep = None
        self.config.write()

    def get_driver_class(self) -> type[Driver]:
        return better(super().get_driver_class())

    @property
    def look(self) -> Look:
        """How to draw under the present theme, in this terminal."""
        few = self.console.color_system in ("standard", "windows")
        dark, light = (DARK_16, LIGHT_16) if few else (DARK, LIGHT)
        palette = dark if self.current_theme.dark else light
        look = Look(palette=palette, color=not self.no_color, keys=self.config.keymap)
        return replace(look, glyphs=ASCII) if self.request.ascii else look

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every line goes through that is drawn: no control character is left in it, and ASCII where asked for."""
        filters = [*super().get_line_filters(), WITHOUT_CONTROL]
        return [*filters, self.ascii_filter] if self.request.ascii else filters

    def watch_theme(self) -> None:
        """Remember the theme, and have all drawn in it, once the styles of widgets are worked out."""
        if self.opened:
            self.keep(THEME, self.theme)
        self.call_next(self.tell_look)

    def tell_look(self) -> None:
        """Have every screen of panes drawn as the theme wants it, covered ones too.

        The app tells those on its stack. A screen that watched the app would be kept by it when it has gone.
        """
        for screen in self.screen_stack:
            if isinstance(screen, ArrangedScreen):
                screen.take_look()

    def on_ready(self) -> None:
        self.opened = True
        if not self.is_headless:
            settle()

    async def on_event(self, event: events.Event) -> None:
        """A key is told to the lesson, then answered; one that follows another fast waits for the page it opened."""
        if isinstance(event, events.InputEvent) and not event.is_forwarded:
            self.failures = max(0, self.failures - 1)
            if isinstance(event, events.Key) and self.opened:
                breath.unanswered.set()
                await self.page_is_there()
                if self.config.keymap and not self.means_something(event):
                    return
                if isinstance(self.screen, TrainingScreen):
                    self.screen.key_pressed(event.key)
            elif isinstance(event, events.MouseEvent) and self.hits_nothing(event):
                return
        await super().on_event(event)

    def means_something(self, event: events.Key) -> bool:
        """Have a key be the one that it means, where keys have been moved; False, and said so, where it means none."""
        if event in self.simulated:
            # A hint that was clicked names keys as this program does.
            self.simulated.remove(event)
            return True
        from backprop_tui.tui.running.moved_keys import meant_key  # Not needed where none is moved.

        key, said = meant_key(event, self.screen, self.config.keymap)
        if not key and isinstance(self.screen, ArrangedScreen):
            self.screen.remark(said)
        if key and key != event.key:
            event.key, event.character = key, None
        return bool(key)

    def simulate_key(self, key: str) -> None:
        event = events.Key(key, None)
        if self.config.keymap:
            self.simulated.append(event)
        self.post_message(event)

    def post_display_hook(self) -> None:
        """Something was painted."""
        breath.unanswered.clear()

    async def page_is_there(self) -> None:
        """Wait until the screen in view, if it is just being opened, can take a key."""
        while isinstance(screen := self.screen, OwnScreen) and not screen.there.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(screen.there.wait(), LONGEST_OPENING)
            screen.there.set()

    def hits_nothing(self, event: events.MouseEvent) -> bool:
        """Whether a mouse report lies beside the screen, as in a race with a resize, or on what has just gone.

        Textual would take the focus away for the one, and look for the parent of the other.
        """
        if self.mouse_captured is not None:
            return False
        with suppress(NoWidget):
            widget, _ = self.get_widget_at(event.x, event.y)
            if widget.parent is not None:
                return False
        if isinstance(event, events.MouseUp):
            self.screen.clear_selection()  # What was begun to be selected ends here.
        return True

    def on_mount(self) -> None:
        if self.request.ascii:
            self.add_class("ascii")
        self.begin_visit()
        if self.session is not None:
            # From now on it is the screen's: one that is closed should not be kept.
            session, handed_in = self.session, self.handed_in
            self.session = self.handed_in = None
            self.open_session(session, handed_in)
        elif self.recording is not None:
            recording, self.recording = self.recording, None
            self.open_recording(recording)
        elif self.request.preset is not None:
            self.open_session(self.load(self.request.preset))
        else:
            self.open_gallery()
        if self.request.preset is not None:
            self.note_opened(self.request.preset)
        self.tell_problems()

    def note_opened(self, argument: str) -> None:
        """What is in view has been opened: the gallery of the next time has it first."""
        self.config.note_opened(argument)
        self.write_soon()

    def write_soon(self) -> None:
        """Have what is to be kept written in a moment."""
        if self.to_keep is None and (self.config.opened or self.config.changed):
            self.to_keep = self.set_timer(KEPT_AFTER, self.write_choices)

    def tell_problems(self) -> None:
        """Say what is wrong with the settings, below the panes or in the gallery."""
        if problems := self.config.problems:
            more = f" (and {len(problems) - 1} more: backprop-tui config)" if problems[1:] else ""
            said = f"{problems[0]}{more}".removeprefix(f"{self.config.path.parent}{os.sep}" if self.config.path else "")
            self.call_after_refresh(self.screen.tell, said)  # type: ignore[attr-defined]

    def load(self, preset: str) -> Session:
        """A session of a preset, with the changes that the command line asked for. Raises PresetError."""
        return Session(*load(preset, settings=self.request.settings, seed=self.request.seed, hide=self.request.hide))

    def open_gallery(self, problem: str = "") -> None:
        """Let a preset be chosen; `problem` says what was wrong with the last one."""
        from backprop_tui.tui.pages.gallery import GalleryScreen  # Not needed to open a preset.

        gallery = GalleryScreen(self.look, problem, self.offered_entries(), self.config.recent())
        self.push_screen(gallery, self.open_chosen)

    start_over = open_gallery

    def open_chosen(self, preset: str | None) -> None:
        """Open what was chosen; leaving without goes back to the run, or ends the app where there is none."""
        offer = next((offer for offer in self.offers if offer.name == preset), None)
        try:
            with FILES_READ.opened():
                if offer is not None:
                    self.open_named(offer.entered())
                elif preset is not None:
                    self.open_named(preset)
        except (PresetError, OSError) as error:
            self.open_gallery(str(error) if offer is None else f"{offer.name} can no longer be opened")
            return
        if preset is not None:
            self.note_opened(preset)
        elif not any(isinstance(screen, ArrangedScreen) for screen in self.screen_stack):
            self.exit(return_code=0)

    def open_named(self, preset: str) -> None:
        """Open a preset, a file or a recording. Raises PresetError."""
        if is_recording(preset):
            from backprop_tui.core.recording.recorded_session import opened

            self.open_recording(opened(recording_of(preset)))
        else:
            self.open_session(self.load(preset))

    def open_session(
        self, session: Session, handed_in: "HandedIn | None" = None, recorded: "RecordedSession | None" = None
    ) -> None:
        """A training screen for the session, in place of the one there is; `handed_in`: the numbers beside it."""
        hide = Hidden(self.request.hide)
        screen = TrainingScreen(session, fps_of(self.request), handed_in, recorded, hide)
        choose_view(screen, self.config, handed_in is not None)
        self.show(screen)

    def open_recording(self, recording: "Recording | RecordedSession") -> None:
        """A screen for a recording, in place of what there is: for its run, or for its kept steps."""
        from backprop_tui.core.recording.recorded_session import RecordedSession

        from .recording.screen import RecordedScreen  # Not needed to open a preset.

        if isinstance(recording, RecordedSession):
            self.open_session(recording.session, recorded=recording)
        else:
            screen = RecordedScreen(recording, Hidden(self.request.hide))
            screen.view.log = self.config.get("loss_axis") == "log"
            self.show(screen)

    def show(self, screen: ArrangedScreen) -> None:
        """A screen of panes, in place of the one there is."""
        if isinstance(self.screen, ArrangedScreen):
            self.switch_screen(screen)
            self.call_after_refresh(let_go)
        else:
            self.push_screen(screen)

    def action_interrupt(self) -> None:
        self.exit(return_code=INTERRUPTED)

    def action_suspend_process(self) -> None:
        """Stop all programs of this job, as ctrl+z does where it is no key: one of them may have started this one."""
        if self._driver is not None and self._driver.can_suspend:
            os.kill(0, signal.SIGTSTP)

    @on(Driver.SignalResume)
    def action_draw_again(self) -> None:
        """The terminal has been another's meanwhile, or something else has written there."""
        self.forget_shown()
        self.refresh()

    def action_command_palette(self) -> None:
        """Open the palette, or close it again."""
        from backprop_tui.tui.pages.palette import Palette  # Not needed to open.

        if isinstance(self.screen, CommandPalette):
            self.screen.dismiss(None)
        else:
            self.push_screen(Palette(self.look, "Search for commands…"))

    def search_themes(self) -> None:
        from textual.theme import ThemeProvider

        from backprop_tui.tui.pages.palette import Palette

        self.push_screen(Palette(self.look, "Search for themes…", [ThemeProvider]))

    def commands_of(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """All that the screen of panes does, with its key where it has one, and Textual's own commands."""
        if isinstance(screen, ArrangedScreen):
            for binding in screen.BINDINGS:
                if isinstance(binding, Binding) and not screen.hides(binding.action):
                    key = self.config.keymap.sign(binding.key.split(",")[0])
                    yield SystemCommand(
                        as_title(binding.description),
                        f"key {key}" if key else "no key",
                        partial(self.call_later, screen.run_action, binding.action),
                    )
        if self.check_action("take_picture", ()):
            yield SystemCommand(PICTURE, "a new file, whatever is in view", partial(self.call_later, self.take_picture))
        own = (SCREENSHOT, *(OWN_WORDS if isinstance(screen, ArrangedScreen) else ()))
        yield from (command for command in super().commands_of(screen) if command.title not in own)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "take_picture":
            # Nothing of a run is taken out where sharing is hidden, from no page over it.
            return not any(isinstance(one, ArrangedScreen) and "share" in one.hide for one in self.screen_stack)
        return super().check_action(action, parameters)

    def action_take_picture(self) -> None:
        self.take_picture()

    def take_picture(self) -> None:
        """Ask for the file of a picture of the screen in view."""
        from .screen_picture import ask_for_picture  # Not needed to open.

        ask_for_picture(self, self.look)  # type: ignore[arg-type]


def as_title(text: str) -> str:
    """With a capital letter, and otherwise as it is: `W2[1,3]` is a name."""
    return text[:1].upper() + text[1:]
