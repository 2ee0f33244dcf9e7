"""Making something in the data pane of a run: points put in, moved and taken out, or an image drawn (`a`)."""

from textual import on

from backprop_tui.core.session.session import Session
from backprop_tui.tui.panes.data import DataPane
from backprop_tui.tui.panes.messages import EditingEnded, PointWanted
from backprop_tui.tui.panes.plane import has_plane

from .looking_screen import LookingScreen

DATA = "data"
NOTHING_TO_MAKE = "points are put in where the data are a plane of two inputs, and drawn where they are images"


class MakingScreen(LookingScreen):
    """`pointed` is the run that the last change of points made; `widened` whether the pane was maximised for it."""

    pointed: Session | None = None
    widened = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that what is made in the pane answers itself are left to it."""
        if self.current == DATA and self.query_one(DataPane).takes(action, parameters):
            return False
        return super().check_action(action, parameters)

    def action_make(self) -> None:
        """Begin, or end it; where there is no room for an image among the panes, its pane has the whole screen."""
        pane, data = self.query_one(DataPane), self.session.dataset
        if pane.making:
            pane.end_editing()
            return
        if has_plane(data):
            from backprop_tui.tui.panes.point_editing import PointEditing  # Not needed to open.

            if self.refuses():
                return
            pane.editing = PointEditing(self.session)
        elif data.image_shape is not None:
            from backprop_tui.tui.panes.image_editing import ImageEditing  # Not needed to open.

            pane.editing = ImageEditing(self.session)
        else:
            self.notice = NOTHING_TO_MAKE
            self.show_all()
            return
        self.notice, self.pointed = "", None
        self.current, self.view.data = DATA, "picture"
        self.lay_out()
        pane.focus()
        self.call_after_refresh(self.give_room)

    def give_room(self) -> None:
        """The whole screen, where what is made has no room among the panes."""
        pane = self.query_one(DataPane)
        width, height = pane.content_size
        if pane.editing is not None and not self.maximised and not pane.editing.fits(width, height):
            self.widened = True
            self.action_maximise()

    @on(EditingEnded)
    def come_back(self) -> None:
        if self.widened and self.maximised:
            self.action_maximise()
        self.widened, self.pointed = False, None
        self.show_all()

    @on(PointWanted)
    def change_points(self, message: PointWanted) -> None:
        from .point_acts import change_points  # Not needed to open.

        self.pointed = change_points(self, message, self.pointed)
