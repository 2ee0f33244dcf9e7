"""What a person makes in the data pane with keys and with the mouse: points of a plane, or an image."""

from textual import events
from textual.strip import Strip

from backprop_tui.core.session.session import Session

from .messages import EditingEnded
from .pane import Pane
from .plane import Plane

Cell = tuple[int, int]
"""Column and row inside a pane, from 0."""
RIGHT = 3
"""The button on the right."""


class Editing:
    """Keys and mouse while it is on; `actions` are those of the screen's keys that it answers itself, each by its name
    alone or as one call such as `tool('compare')`.

    `hints` are keys and what they do, for the line below the panes.
    """

    actions: frozenset[str] = frozenset(("activate", "leave", "spotlight"))
    hints: tuple[tuple[str, str], ...] = ()

    def suits(self, session: Session) -> bool:
        """Whether it can go on with another run."""
        raise NotImplementedError

    def fits(self, width: int, height: int) -> bool:
        """Whether so many cells are enough for it."""
        return True

    def lines(self, pane: "EditedPane", width: int, height: int) -> list[Strip]:
        """What the pane shows."""
        raise NotImplementedError

    def key(self, pane: "EditedPane", key: str) -> bool:
        """Answer a key; whether it was one of its own."""
        raise NotImplementedError

    def press(self, pane: "EditedPane", cell: Cell, *, right: bool) -> None:
        """A button of the mouse goes down."""

    def drag(self, pane: "EditedPane", cell: Cell) -> None:
        """The mouse moves."""

    def release(self, pane: "EditedPane", cell: Cell) -> None:
        """The button goes up; also where the pane ends."""


class EditedPane(Pane):
    """A pane in which something can be made, while there is an `editing`."""

    editing: Editing | None = None
    plane: Plane

    def picture_lines(self, width: int, height: int) -> list[Strip]:
        """What stands there without it."""
        raise NotImplementedError

    def follow(self, session: Session) -> None:
        super().follow(session)
        if self.editing is not None and not self.editing.suits(session):
            self.end_editing()

    @property
    def making(self) -> bool:
        """Whether something is being made, and in view."""
        return self.editing is not None and self.view.data == "picture"

    def takes(self, action: str, parameters: tuple[object, ...] = ()) -> bool:
        """Whether an action of the screen's keys is left to what is made here."""
        if self.editing is None or not self.making or not self.has_focus:
            return False
        call = f"{action}({', '.join(map(repr, parameters))})"
        return action in self.editing.actions or call in self.editing.actions

    def end_editing(self) -> None:
        self.editing = None
        self.post_message(EditingEnded())
        self.update()

    def on_key(self, event: events.Key) -> None:
        if self.editing is not None and self.making and self.editing.key(self, event.key):
            event.stop()
            event.prevent_default()
            self.update()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        cell = event.get_content_offset(self)
        if self.editing is None or not self.making or cell is None:
            return
        event.stop()
        self.capture_mouse()
        self.editing.press(self, (cell.x, cell.y), right=event.button == RIGHT)
        self.update()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.editing is not None and self.app.mouse_captured is self:
            self.editing.drag(self, self.cell_of(event))
            self.update()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self.editing is not None and self.app.mouse_captured is self:
            self.release_mouse()
            self.editing.release(self, self.cell_of(event))
            self.update()

    def cell_of(self, event: events.MouseEvent) -> Cell:
        """Where the mouse is, of the cells inside the frame the nearest one."""
        corner = self.content_region.offset - self.region.offset
        width, height = self.content_size
        return max(0, min(event.x - corner.x, width - 1)), max(0, min(event.y - corner.y, height - 1))
