"""A number typed where it stands, over the panes, which stay in sight and go on."""

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.geometry import Offset
from textual.screen import ModalScreen
from textual.widgets import Label

from backprop_tui.tui.panes.own_screen import OwnScreen

from .field import Field

ROOM = 24
"""Cells of the field, in which a number of any size stands whole."""


class ValueField(ModalScreen[str | None], OwnScreen[str | None]):
    """Asks for a value of `name` at a cell of the screen, with the one that it has as a proposal.

    Dismissed with what was typed, or with None by escape, by a click elsewhere, and where it is as it was.
    """

    BINDINGS = [Binding("escape", "dismiss", "never mind")]  # noqa: RUF012

    def __init__(self, name: str, value: str, place: Offset) -> None:
        super().__init__()
        self.asked, self.value, self.place = f"{name} =", value, place

    def compose(self) -> ComposeResult:
        with Horizontal(id="value"):
            yield Label(self.asked, markup=False)
            yield Field(self.typed, self.value)

    def on_mount(self) -> None:
        self.put()

    def on_resize(self, event: events.Resize) -> None:
        self.put()

    def put(self) -> None:
        """To its place, as far as the screen has room there."""
        box = self.query_one("#value")
        width = len(self.asked) + 1 + ROOM
        box.styles.width = width
        x = max(0, min(self.place.x, self.app.size.width - width))
        box.styles.offset = (x, max(0, min(self.place.y, self.app.size.height - 1)))

    def typed(self, text: str) -> None:
        self.dismiss(text.strip() if text.strip() != self.value else None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)
