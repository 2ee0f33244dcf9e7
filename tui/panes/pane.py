"""A pane of a run: what it shows is a function of the session and the view."""

from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import Look

from .drawn import Drawn
from .view import View


class Pane(Drawn):
    """Shows a session, as the view has chosen."""

    def __init__(self, title: str, session: Session, view: View) -> None:
        super().__init__(title)
        self.session, self.view = session, view

    @property
    def look(self) -> Look:
        return self.view.look

    def run(self) -> Session | None:
        return self.session

    def follow(self, session: Session) -> None:
        """Show another run from now on."""
        self.session, self.drawn = session, ()

    def pressed(self, key: str) -> None:
        """A key was pressed, wherever the focus is."""
