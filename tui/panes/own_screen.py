"""What all screens of this program have in common, those of panes and those over them."""

import asyncio
from contextvars import copy_context
from typing import ClassVar

from textual import events, on
from textual.await_complete import AwaitComplete
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.screen import Screen, ScreenResultType
from textual.widget import Widget

from backprop_tui.tui.command_line.fault_report import report
from backprop_tui.tui.output.dirty_widgets import SparingCompositor

from . import breath
from .contained import Contained


class OwnScreen(Contained, Screen[ScreenResultType]):
    """A screen that says when it can take keys, and that is dismissed once.

    `there` is set as soon as one of its widgets has had the focus, and stays so: a screen that has lost the focus
    answers keys all the same. `moved_keys`: keys that a person has moved are moved here too, as they are not where text
    is typed. Two keys or clicks that come in one read may both ask for it to be dismissed; it would be
    the screen below that Textual took away for the second.
    """

    moved_keys: ClassVar[bool] = False
    # The two widgets paint themselves anew; Textual would have the whole screen do so.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name, id, classes)
        self._compositor = SparingCompositor()
        self.there = asyncio.Event()

    @on(events.DescendantFocus)
    def came(self) -> None:
        self.there.set()

    def on_idle(self) -> None:
        """Paint at once what a key has changed; Textual would wait up to a 60th of a second since the last picture.

        Where more has been typed, or the panes are to be arranged anew, that comes first.
        """
        first = not (self._layout_required or self.app.message_queue_size)
        if breath.unanswered.is_set() and first and self._dirty_widgets and self.is_current:
            # In a context of its own, since it is noted there which screens are in view.
            copy_context().run(self._on_timer_update)

    async def _dispatch_message(self, message: Message) -> None:
        # What its widgets still say when it has been left is not answered any more.
        if message.control is None or self in self.app.screen_stack:
            await super()._dispatch_message(message)

    def _screen_resized(self, size: Size) -> None:
        # A screen tells itself of each new size; two sizes on their way at once would go round for ever.
        super()._screen_resized(self.app.size)

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Leave with a result, unless it has been left already."""
        if self.app.screen is not self:
            return AwaitComplete()
        problem = self.left()
        leaving = super().dismiss(result)
        if problem:
            for below in self.app.screen_stack:
                if isinstance(below, OwnScreen):
                    below.tell(f"page closed: {problem}")
        return leaving

    def abandon(self) -> None:
        """Leave without a result, with whatever stands over it: nobody is told."""
        stack = self.app.screen_stack
        for screen in reversed(stack[stack.index(self) :] if self in stack else []):
            if isinstance(screen, OwnScreen):
                screen.left()
            self.app.pop_screen()

    def left(self) -> str:
        """Put right what has to be; what went wrong with that, so that it is left all the same."""
        try:
            self.put_right()
        except Exception as error:
            self.there.set()
            return report(error, f"leaving {self}", None)
        return ""

    def put_right(self) -> None:
        """What has to be put right below when it is left, however that comes about."""
        self.there.set()

    def tell(self, problem: str) -> None:
        """Say in one line what has gone wrong, where it can."""
