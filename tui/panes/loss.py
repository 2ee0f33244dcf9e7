"""The loss pane: the whole run's loss, of every batch and of the test set, with the figures of this position."""

from collections.abc import Callable
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING

from textual import events, work
from textual.strip import Strip

from backprop_tui.core.session.replayed import ReplayedLosses, entry_width
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.plot_canvas import ACROSS
from backprop_tui.tui.drawing.plots import Plot, loss_plot

from .breath import breathe
from .loss_curve import LossPicture, dated, laid_over, longest, loss_picture, wanted_replay, window_of
from .loss_figures import ROOMY, example_line, figure_lines
from .loss_places import Stretch, chosen_line, stretches
from .loss_window import Window, moved_by, showing, zoomed
from .messages import PositionWanted
from .overlay import Overlay
from .pane import Pane
from .view import LOSS_VIEWS, View, is_landscape

if TYPE_CHECKING:
    from .surveying import Surveying

SLICE = 0.01
"""Seconds that a landscape, or losses, are worked out for at a time."""
MOST_ZOOM = 20
LONGEST_REPLAY = 30
"""Seconds that working losses out again may take; of a nearer window it takes less."""
USUAL_SPEED = 2000
"""Steps a second, where none are known."""


def affordable(session: Session, first: int, last: int) -> bool:
    """Whether these steps can be gone through again while somebody waits for them."""
    steps = last - session.snapshots.nearest(first - 1).step
    return steps <= LONGEST_REPLAY * (session.timing.steps_per_second or USUAL_SPEED)


class LossPane(Pane):
    """The plot is drawn again only when the run, the position or the axis has changed.

    ↑ ↓ choose a place on the curve, a column earlier or later; enter or a click goes there. In the view "map" they
    choose the second parameter, in "plane" the random direction, and `survey` works the landscape out in slices,
    between which keys are answered.
    """

    interval = 0.35
    plotted: Plot
    pictured: LossPicture
    chosen: Stretch | None = None
    above = 0
    """The lines above the plot."""
    dragged: tuple[int, Window] | None = None
    """Where the mouse took hold of the plot, and what it showed then; `moved` says whether it has been moved since."""
    moved = False

    def __init__(self, title: str, session: Session, view: View) -> None:
        super().__init__(title, session, view)
        self.at_work = False
        self.replaying = False
        self.begun: object = None

    def follow(self, session: Session) -> None:
        super().follow(session)
        self.chosen = self.begun = None
        if self.view.replayed is not None and not self.view.replayed.of(session):
            # It would keep the run that has gone.
            self.view.replayed = None

    @property
    def views(self) -> tuple[str, ...]:
        """Those that there are: a network of one parameter has no plane."""
        present = LOSS_VIEWS if self.session.trainer.state.parameters.size > 1 else LOSS_VIEWS[:-1]
        return tuple(name for name in present if not self.view.hide.view("loss", name))

    def next_view(self) -> None:
        """Show the curve, or a landscape."""
        self.view.loss = self.views[(self.views.index(self.view.loss) + 1) % len(self.views)]
        self.chosen = None
        self.update()

    def zoom(self, places: int, about: float | None = None) -> None:
        """Half of what is shown, or twice as much: of the landscape, as far as its numbers can be told apart.

        Of the curve about step `about`, or the chosen place, or where the run stands.
        """
        if is_landscape(self.view):
            self.view.zoom = max(-MOST_ZOOM, min(self.view.zoom + places, MOST_ZOOM))
        else:
            if about is None:
                about = self.session.step if self.chosen is None else self.chosen.last
            self.view.window = zoomed(self.view.window, self.steps, places, about)
        self.update()

    def pan(self, halves: float) -> None:
        """The curve so many halves of what is shown later, or earlier."""
        shown = window_of(self.session, self.view, self.overlays)
        self.view.window = moved_by(self.view.window, self.steps, round(halves * (shown.last - shown.first) / 2))
        self.update()

    @property
    def overlays(self) -> list[Overlay]:
        """The other runs that are laid over."""
        return laid_over(self.view)

    @property
    def steps(self) -> int:
        """How many there are to show."""
        return longest(self.session, self.overlays)

    def draw(self, width: int, height: int) -> list[Strip]:
        session, view = self.session, self.view
        if view.loss not in self.views:
            # A run with another network has come into view.
            view.loss = self.views[-1]
        self.name_view("L", view.loss, self.views)
        if is_landscape(view):
            return self.landscape(width, height)
        if view.playing:
            self.chosen = None
        lines = figure_lines(session, view, width, height)
        share = None if view.playing else example_line(session, view, width)
        if share is not None and height >= ROOMY:
            lines.append(share)
        if self.chosen is not None:
            # In the place of a line, so that the plot stays where it is.
            lines = [*lines[:-1], chosen_line(self.chosen, self.picture(), view, width)]
        self.above = len(lines)
        plot = self.plot(width, height - len(lines))
        if self.is_running and not self.replaying and self.losses_wanted(width) is not None and self.begins():
            self.replay()
        return lines + plot.lines

    def landscape(self, width: int, height: int) -> list[Strip]:
        from .landscape_lines import landscape_lines  # Not needed to open.

        found = self.surveying.look(self.session, self.view, width, 2 * height)
        if self.landscape_wanted() is not None and self.is_running and not self.at_work and self.begins():
            self.survey()
        return landscape_lines(found, self.surveying, self.session, self.view, width, height)

    @cached_property
    def surveying(self) -> "Surveying":
        """The landscape that was worked out last."""
        from .surveying import Surveying  # Not needed to open.

        return Surveying()

    def begins(self) -> bool:
        """Whether what is in view is worked out now: where that has failed it is not begun again."""
        view = self.view
        place = (self.session, self.session.count, view.loss, view.window, view.zoom, view.companion, view.direction)
        begins, self.begun = place != self.begun, place
        return begins

    def landscape_wanted(self) -> "Surveying | None":
        """The landscape in view as long as it is not worked out, which waits at full speed."""
        wanted = is_landscape(self.view) and not self.view.playing and not self.surveying.finished
        return self.surveying if wanted else None

    @work(exclusive=True, group="survey")
    async def survey(self) -> None:
        """Work out what the landscape in view is short of."""
        self.at_work = True
        try:
            await self.work_out(self.landscape_wanted)
            self.begun = None
        finally:
            self.at_work = False

    async def work_out(self, wanted: "Callable[[], Surveying | ReplayedLosses | None]") -> None:
        """Work out what is wanted in slices, between which keys are answered, and show how far that has got."""
        drawn = perf_counter()
        while (work := wanted()) is not None:
            work.advance(SLICE)
            if work.finished or perf_counter() - drawn >= self.interval:
                self.update()
                drawn = perf_counter()
            await breathe()

    # The curve

    def picture(self) -> LossPicture:
        """What the plot of the losses shows now."""
        return loss_picture(self.session, self.view)

    def plot(self, width: int, height: int) -> Plot:
        session, view = self.session, self.view
        chosen = None if self.chosen is None else self.chosen.last
        others = tuple((other.name, other.history.steps) for other in self.overlays)
        replayed = 0 if view.replayed is None else view.replayed.step
        chosen_things = (view.log, view.window, view.smoothing, others, replayed)
        key = (session.history.steps, session.step, view.look, width, height, chosen, *chosen_things)
        if key != self.drawn:
            self.drawn = key
            self.pictured = picture = self.picture()
            self.plotted = loss_plot(
                dated(picture.series, picture.log, width),
                width,
                height,
                view.look,
                log=picture.log,
                cursor_step=session.step,
                furthest_step=session.history.steps,
                chosen_step=chosen,
                window=(picture.first, picture.last),
                note=self.note(picture, width),
            )
        return self.plotted

    def note(self, picture: LossPicture, width: int) -> str:
        """How many steps are known as one, where that is seen, and how far they are worked out one by one."""
        known, replayed = stretches(picture), self.view.replayed
        if replayed is not None and replayed.of(self.session) and not replayed.finished:
            return f"step by step: {replayed.share:.0%}"
        inside = known.within(picture.first, picture.last)
        seen = inside > 1 and inside * ACROSS * width > picture.last - picture.first
        return f"{inside:,} steps as one" if seen else ""

    def losses_wanted(self, width: int) -> ReplayedLosses | None:
        """The losses in view that are to be worked out again one by one, which waits at full speed."""
        session, view = self.session, self.view
        if view.window is None:
            view.replayed = None
        if view.playing or is_landscape(view) or view.window is None:
            return None
        wanted = wanted_replay(session, view, window_of(session, view, self.overlays), ACROSS * width)
        if wanted is None:
            return None
        replayed, finest = view.replayed, entry_width(wanted[1] - wanted[0] + 1)
        if finest >= session.history.losses.width or not affordable(session, *wanted):
            return None
        if replayed is None or not (replayed.of(session) and replayed.covers(*wanted, finest)):
            replayed = view.replayed = ReplayedLosses(session, *wanted)
        return None if replayed.finished else replayed

    @work(exclusive=True, group="replay")
    async def replay(self) -> None:
        """Work out the losses of the steps in view again, where many of them are known as one."""
        self.replaying = True
        try:
            await self.work_out(lambda: self.losses_wanted(self.content_size.width))
            self.begun = None
        finally:
            self.replaying = False

    def move(self, rows: int) -> None:
        if is_landscape(self.view):
            if self.view.loss == "map":
                self.view.companion += rows
            else:
                self.view.direction += rows
            self.update()
            return
        if not self.drawn or self.plotted.frame is None or not (known := stretches(self.pictured)):
            return
        here = self.session.step if self.chosen is None else self.chosen.last
        self.chosen = known.moved(self.plotted.frame, here, rows)
        self.view.window = showing(self.view.window, self.steps, self.chosen.last)
        self.update()

    def leave(self) -> bool:
        """From the chosen place, then from a window to the whole run."""
        if is_landscape(self.view) or (self.chosen is None and self.view.window is None):
            return False
        if self.chosen is not None:
            self.chosen = None
        else:
            self.view.window = None
        self.update()
        return True

    def activate(self) -> None:
        if self.chosen is not None:
            self.go_to(self.chosen.last)

    def go_to(self, step: int) -> None:
        self.chosen = None
        self.post_message(PositionWanted(self.session.timeline.finish_of(step)))

    # The mouse

    def column_at(self, event: events.MouseEvent) -> int | None:
        """The column of the plot that the mouse is at; None elsewhere."""
        place = event.get_content_offset(self)
        frame = self.plotted.frame if self.drawn and not is_landscape(self.view) else None
        if place is None or frame is None or place.y < self.above or not 0 <= place.x - frame.left < frame.width:
            return None
        return place.x - frame.left

    def on_click(self, event: events.Click) -> None:
        column = self.column_at(event)
        if column is None or self.moved or self.plotted.frame is None or not (known := stretches(self.pictured)):
            return
        self.go_to(known[known.nearest(self.plotted.frame.step_at(column))].last)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self.turn_wheel(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self.turn_wheel(event, -1)

    def turn_wheel(self, event: events.MouseEvent, places: int) -> None:
        """Nearer or wider, about where the mouse is."""
        column = self.column_at(event)
        if column is not None and self.plotted.frame is not None:
            self.zoom(places, self.plotted.frame.step_at(column))
        elif is_landscape(self.view):
            self.zoom(places)
        event.stop()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.moved, column = False, self.column_at(event)
        if column is not None and self.view.window is not None:
            self.dragged = column, window_of(self.session, self.view, self.overlays)
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The steps go along with the mouse."""
        if self.dragged is None or self.plotted.frame is None:
            return
        column, window = self.dragged
        place = event.get_content_offset_capture(self).x - self.plotted.frame.left
        if place != column or self.moved:
            self.moved = True
            by = (column - place) * self.plotted.frame.steps_of_column
            self.view.window = moved_by(window, self.steps, by)
            self.update()

    def on_mouse_up(self) -> None:
        if self.dragged is not None:
            self.dragged = None
            self.release_mouse()
