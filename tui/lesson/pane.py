"""The lesson beside the panes: what to look at, in which order, and why; its links do what they say."""

from textual import events, work
from textual.message import Message
from textual.strip import Strip

from backprop_tui.core.lessons.action import Action
from backprop_tui.core.session.session import Session
from backprop_tui.tui.chain_rule.page import Page, Window, window_lines
from backprop_tui.tui.drawing.prose import Chosen, prose
from backprop_tui.tui.drawing.strips import text_lines
from backprop_tui.tui.panes.pane import Pane
from backprop_tui.tui.panes.view import View

from .text import LessonText

NONE = 'This preset has no lesson. A preset file gets one with lesson = "…"'
OWN_KEYS = ("up", "down", "enter", "pageup", "pagedown")
"""Keys that the pane itself answers while it has the focus."""
WHEEL = 3
"""Lines that one notch of the mouse wheel scrolls by."""


class LessonPane(Pane):
    """↑ ↓ choose the next link, or scroll to where it is; enter does what it says. A link of a key waits for the key.

    The lesson is that of the run that was `opened`, as `session` runs it.
    `chosen` is the number of a link, `done` are those that have been followed; `first` is the first row in sight,
    `sought` a link that the next drawing brings into the middle, as far as that leaves the one in sight which has
    `just` been done. `beside` is the pane that the screen was last asked to show.
    """

    class Acted(Message):
        """Do what a link says."""

        def __init__(self, action: Action) -> None:
            super().__init__()
            self.action = action

    class Reached(Message):
        """Show a pane, `Data`, or a view in it, `Weights/nudges`: what is read now is about that."""

        def __init__(self, target: str) -> None:
            super().__init__()
            self.target = target

    def __init__(self, opened: Session, session: Session, view: View) -> None:
        super().__init__("Lesson", session, view)
        self.lesson = LessonText(opened)
        self.lesson.follow(session)
        self.chosen, self.first = 0, 0
        self.sought: int | None = None
        self.just: int | None = None
        self.beside = ""
        self.done: frozenset[int] = frozenset()
        self.page, self.window = Page(), Window(0, 0, 0)
        self.key: object = None

    def on_mount(self) -> None:
        self.fill()

    def come(self) -> None:
        """It has come into sight: the pane that its place is about belongs there too."""
        self.beside = ""
        self.reach(self.chosen)

    def reach(self, link: int, *, again: bool = False) -> None:
        """Have the pane shown that a link is read beside, if it is another one, or `again`."""
        target = self.lesson.panes[link] if link < len(self.lesson.panes) else ""
        if target and (again or target != self.beside):
            self.beside = target
            self.post_message(self.Reached(target))

    @work(exclusive=True, group="lesson")
    async def fill(self) -> None:
        """Fill in its numbers, unless it is out of sight or the run needs all the time there is."""
        await self.lesson.fill(lambda: self.view.playing or not self.display, self.update)

    def follow(self, session: Session) -> None:
        super().follow(session)
        if self.lesson.follow(session):
            self.chosen, self.first, self.done, self.just = 0, 0, frozenset(), None
            self.fill()

    # Drawing

    def draw(self, width: int, height: int) -> list[Strip]:
        text = self.lesson.text()
        key = (text, self.lesson.problem, width, self.view.look, self.chosen, self.done)
        if key != self.key:
            self.key, self.page = key, self.page_of(text, width)
            self.entitle()
        window = Window.of(self.page, height, self.first)
        if self.sought is not None and self.sought < len(self.page.stops):
            window = self.centred(window, self.sought, height)
        self.window, self.first, self.sought, self.just = window, window.first, None, None
        return window_lines(self.page, window, width, self.view.look, whole=self.whole)

    def centred(self, window: Window, link: int, height: int) -> Window:
        """The window with a link in its middle, or as near to that as leaves the one just done in sight."""
        row = self.page.stops[link]
        found = Window.of(self.page, height, window.middle(row))
        if self.just is None:
            return found
        both = Window.of(self.page, height, min(found.first, max(self.page.stops[self.just] - 1, 0)))
        return both if row in both.seen[:-1] else found

    def entitle(self) -> None:
        """How far one has got, in the frame."""
        count = len(self.lesson.actions)
        self.heading = f"Lesson, {len(self.done)} of {count} done" if count else "Lesson"
        super().entitle()

    def page_of(self, text: str, width: int) -> Page:
        """What cannot be filled in, and the lesson."""
        look, page = self.view.look, Page()
        if self.lesson.problem:
            page.add(text_lines(self.lesson.problem, width, 6, look, look.palette.warning))
        if not text:
            others = "." if "open" in self.view.hide else f"; {look.keys.said('o')} opens another preset."
            page.add(text_lines(f"{NONE}{others}", width, 6, look))
        shown = prose(text, width, look, Chosen(self.chosen, self.done))
        page.stops = [len(page.rows) + stop for stop in shown.stops]
        page.add(shown.rows)
        return page

    # Choosing and doing

    def seen(self) -> list[int]:
        """The links that begin in sight."""
        return [link for link, stop in enumerate(self.page.stops) if stop in self.window.seen]

    def move(self, rows: int) -> None:
        """To the next link where it is in sight, which then stands in the middle, else a line on towards it."""
        hidden = self.chosen not in self.seen()
        if not self.take(rows):
            self.scroll(rows)
            if hidden and self.chosen in self.seen():
                self.sought = self.chosen
                self.reach(self.chosen)
            else:
                self.take(rows)
        self.update()

    def has_pages(self) -> bool:
        return True

    def turn(self, pages: int) -> None:
        """So many pages on; the link nearest to the middle is chosen then, where there is one."""
        self.scroll(self.window.turned(pages) - self.window.first)
        middle = self.window.first + self.window.height // 2
        if seen := self.seen():
            self.chosen = min(seen, key=lambda link: abs(self.page.stops[link] - middle))
            self.reach(self.chosen)
        self.update()

    def take(self, rows: int) -> bool:
        """Choose the next link, or the first in sight where the chosen one is not; whether there is one."""
        seen = self.seen()
        if not seen:
            return False
        wanted = self.chosen + rows if self.chosen in seen else seen[0 if rows > 0 else -1]
        if wanted in seen:
            self.chosen = self.sought = wanted
            self.reach(wanted)
        return wanted in seen

    def scroll(self, rows: int) -> None:
        self.window = Window.of(self.page, self.window.height, self.window.first + rows)
        self.first = self.window.first

    def activate(self) -> None:
        """Do what the chosen link says; bring it into sight first if it is not."""
        if self.chosen >= len(self.lesson.actions):
            return
        if self.chosen not in self.seen():
            self.sought = self.chosen
            self.update()
            return
        action = self.lesson.actions[self.chosen]
        self.reach(self.chosen, again=action.kind == "op")
        self.tick()
        if action.key not in OWN_KEYS:
            self.post_message(self.Acted(action))

    def tick(self) -> None:
        """The chosen link has been done: on to the next, which comes into sight, and what is between them with it.

        What the link has done stays in sight: the pane beside it changes only with the next one that is chosen or done.
        """
        self.done |= {self.chosen}
        self.just = self.chosen
        if self.chosen + 1 < len(self.lesson.actions):
            self.chosen += 1
        self.sought = self.chosen
        self.update()

    def pressed(self, key: str) -> None:
        """A key was pressed, wherever the focus is: the chosen link may have waited for it."""
        actions = self.lesson.actions
        if self.has_focus and key in OWN_KEYS:
            return
        if self.display and self.chosen < len(actions) and key == actions[self.chosen].key:
            self.reach(self.chosen)
            self.tick()

    def on_click(self, event: events.Click) -> None:
        """A line with a link is chosen, and done if it was chosen already."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        row = self.window.first + offset.y
        links = [link for link, stop in enumerate(self.page.stops) if stop == row]
        if row in self.window.seen and links:
            if self.chosen in links:
                self.activate()
            else:
                self.chosen = links[0]
                self.reach(self.chosen)
                self.update()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.scroll(WHEEL)
        self.update()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.scroll(-WHEEL)
        self.update()
