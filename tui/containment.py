"""Exceptions: a page that fails is closed with one line, the run under it stays, and a report is written."""

from collections.abc import Iterable
from io import StringIO

from rich.console import Console, RenderableType
from textual._context import active_message_pump
from textual.app import ScreenStackError, SystemCommand
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import WorkerFailed, get_current_worker

from .command_line.fault_report import report
from .output.sparing_app import SparingApp
from .panes.contained import Contained
from .panes.own_screen import OwnScreen
from .running.arranged_screen import ArrangedScreen
from .running.run_screen import RunScreen

MOST = 20
"""Failures beyond one for each key or click: what fails so often by itself cannot be gone on with."""


class PanicError(Exception):
    """What Textual ends an app with where there is no exception to be had, such as its reading of the keyboard."""


class ContainingApp(Contained, SparingApp):
    """An app that goes on without the page that failed; `ended_by` is the line about what it could not go on after."""

    ended_by = ""
    failures = 0

    def start_over(self, problem: str) -> None:
        """Choose what to run anew, after a problem."""
        raise NotImplementedError

    def commands_of(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette of commands has over a screen: Textual's own."""
        return super().get_system_commands(screen)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The commands of a screen; Textual's palette would keep to itself what goes wrong with them."""
        try:
            yield from self.commands_of(screen)
        except Exception as error:
            self._handle_exception(error)

    @property
    def run_screen(self) -> RunScreen | None:
        """The run that is open."""
        stack = self.screen_stack if self._screen_stacks else []
        return next((screen for screen in reversed(stack) if isinstance(screen, RunScreen)), None)

    def _handle_exception(self, error: Exception) -> None:
        failed, during = self.failed_widget(error)
        being_left = self._exit or not self._running
        if being_left and (failed is not self or isinstance(error, ScreenStackError)):
            return  # Widgets miss each other, and the app its screens.
        cause = error.error if isinstance(error, WorkerFailed) else error
        run = self.run_screen
        problem = report(cause, during, None if run is None else run.session)
        self.failures += 1
        if self._exit or self.failures > MOST or not self.can_go_on(failed, problem):
            self.end(cause, problem)

    def panic(self, *renderables: RenderableType) -> None:
        """End, since Textual says that it cannot go on."""
        console = Console(file=StringIO(), width=120)
        console.print(*renderables)
        text = console.file.getvalue()  # type: ignore[attr-defined]
        error = PanicError(text.strip().splitlines()[-1].strip() if text.strip() else "no reason given")
        error.add_note(text)
        self.end(error, report(error, "reading the keyboard", None))

    def end(self, error: BaseException, problem: str) -> None:
        """End with status 1; the terminal is restored as ever."""
        self.ended_by = self.ended_by or problem
        self._return_code = 1
        if self._exception is None and isinstance(error, Exception):
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def failed_widget(self, error: Exception) -> tuple[object, str]:
        """Whose message, timer or worker it was that an exception came out of, and which."""
        if isinstance(error, WorkerFailed):
            worker = get_current_worker()
            return worker.node, f"{worker.node} in the background, {worker.name}"
        pump = active_message_pump.get(self)
        return pump, str(pump)

    def can_go_on(self, failed: object, problem: str) -> bool:
        """Whether it could be gone on without what failed; telling of it may fail for the same reason."""
        try:
            return self.goes_on_without(failed, problem)
        except Exception as error:
            report(error, f"telling of {problem}", None)
            return self.run_screen is not None

    def goes_on_without(self, failed: object, problem: str) -> bool:
        """Close the page that failed, or stop the run, and say so; whether that could be done."""
        screen = self.screen_of(failed)
        if screen is not None and screen not in self.screen_stack:
            return True  # It has gone already.
        if isinstance(screen, ArrangedScreen):
            screen.tell(f"stopped: {problem}")
            return True
        if not isinstance(screen, OwnScreen):
            return False
        screen.abandon()
        closed = f"page closed: {problem}"
        if len(self.screen_stack) == 1:
            self.start_over(closed)
        for below in self.screen_stack:
            if isinstance(below, OwnScreen):
                below.tell(closed)
        return True

    def screen_of(self, failed: object) -> object:
        """The screen of a widget, None for one that has gone; what the app itself was doing was for the one in view."""
        if not isinstance(failed, Widget):
            return self.screen if self._screen_stacks and self.screen_stack else self
        here = [node for node in failed.ancestors_with_self if isinstance(node, Widget)]
        return here[-1] if here[-1] in self.screen_stack else None
