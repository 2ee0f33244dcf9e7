"""What all pages over the panes share: lines that are drawn, scrolled and chosen from; escape closes.

← and → move through time here too; a page then shows the new position.
"""

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.strip import Strip

from backprop_tui.core.session.session import Session
from backprop_tui.tui.panes.keys_line import keys_line
from backprop_tui.tui.panes.own_screen import OwnScreen
from backprop_tui.tui.panes.pane import Pane
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.running.run_screen import RunScreen

PAGE = 10
"""Lines that page up and page down move by."""
LEAST = 24
"""Cells that every page makes its lines for; what a narrower window has no room for is cut."""
ARRIVAL = 0.05
"""Seconds between two looks whether a position is reached."""


class Page(Pane):
    """The lines of a tool screen from its first shown one on, its keys as the last.

    `longer`: there were more of them than there was room for when it was drawn last.
    """

    longer = False

    def __init__(self, screen: "ToolScreen") -> None:
        super().__init__("tool", screen.session, screen.view)
        self.border_title = self.heading = screen.heading
        self.tool = screen

    def draw(self, width: int, height: int) -> list[Strip]:
        lines = self.tool.lines(max(width, LEAST))
        room = max(height - 2, 0)
        self.longer = len(lines) > room
        first = self.tool.first_line(len(lines), room)
        shown = lines[first : first + room]
        shown += [Strip([])] * (room - len(shown))
        more = f"{first + room}/{len(lines)}" if self.longer else ""
        keys = [*self.tool.hints(), *([("↑↓", f"scroll {more}")] if more else []), ("escape", self.tool.leaving())]
        return [*shown, Strip([]), keys_line(keys, self.view.look, width)]


class ToolScreen(ModalScreen[None], OwnScreen[None]):
    """A page of lines about the run of `training`, with as many of them chosen from as `choices` says.

    A subclass gives `heading` and `lines`, and of `hints`, `choices`, `line_of`, `activate` and `moved` what it needs.
    """

    heading = ""
    moved_keys = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", priority=True),
        Binding("up", "choose(-1)", "up", show=False, priority=True),
        Binding("down", "choose(1)", "down", show=False, priority=True),
        Binding("pageup", "page(-1)", "page up; back, where all is in sight", show=False, priority=True),
        Binding("pagedown", "page(1)", "page down; forward, where all is in sight", show=False, priority=True),
        Binding("question_mark", "help", "help for what is on the screen", priority=True),
        Binding("enter", "activate", "open what is selected", show=False, priority=True),
        Binding("right", "through_time(1)", "forward by the chosen unit", show=False, priority=True),
        Binding("left", "through_time(-1)", "back by the chosen unit", show=False, priority=True),
    ]

    def __init__(self, training: RunScreen) -> None:
        super().__init__()
        self.training = training
        self.chosen = 0
        self.scrolled = 0
        self.sheet = Page(self)

    @property
    def session(self) -> Session:
        return self.training.session

    @property
    def view(self) -> View:
        return self.training.view

    def compose(self) -> ComposeResult:
        yield self.sheet

    def on_mount(self) -> None:
        self.sheet.focus()

    # What a subclass says

    def lines(self, width: int) -> list[Strip]:
        """All lines of the page."""
        raise NotImplementedError

    def hints(self) -> list[tuple[str, str]]:
        """The page's own keys and what they do."""
        return []

    def leaving(self) -> str:
        """What escape does."""
        return "close"

    def choices(self) -> int:
        """How many things can be chosen; with none ↑ ↓ scroll."""
        return 0

    def line_of(self, choice: int) -> int:
        """The line on which a choice stands."""
        return choice

    def activate(self, choice: int) -> None:
        """Enter on a choice."""

    def moved(self) -> None:
        """The position has changed under the page."""

    # What they share

    def first_line(self, lines: int, room: int) -> int:
        """The first line shown, such that the chosen one is among them."""
        if self.choices():
            at = self.line_of(self.chosen)
            self.scrolled = min(max(self.scrolled, at - room + 1), at)
        self.scrolled = max(0, min(self.scrolled, lines - room))
        return self.scrolled

    def update(self) -> None:
        """Draw again."""
        self.sheet.update()

    def action_choose(self, places: int) -> None:
        count = self.choices()
        if count:
            wanted = self.chosen + places
            self.chosen = wanted % count if abs(places) == 1 else max(0, min(wanted, count - 1))
        else:
            self.scrolled = max(0, self.scrolled + places)
        self.update()

    def action_page(self, pages: int) -> None:
        """So many lines on where there are more than are in sight; else through time, as with a presenter's remote."""
        if self.sheet.longer:
            self.action_choose(pages * PAGE)
        else:
            self.action_through_time(pages)

    def action_activate(self) -> None:
        if self.choices():
            self.activate(min(self.chosen, self.choices() - 1))

    def action_through_time(self, places: int) -> None:
        if places > 0:
            self.training.action_forward()
        else:
            self.training.action_back()
        if self.training.travelling is None:
            self.moved()
            self.update()
        else:
            self.await_arrival()

    @work(exclusive=True, group="arrival")
    async def await_arrival(self) -> None:
        """Show the new position when a long way to it is done."""
        while self.training.travelling is not None:
            self.update()
            await asyncio.sleep(ARRIVAL)
        self.moved()
        self.update()

    def action_help(self) -> None:
        self.training.open_help(page=self, heading=self.heading)

    def action_close(self) -> None:
        self.dismiss(None)
