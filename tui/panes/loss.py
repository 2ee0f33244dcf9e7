"""The loss pane: the whole run's loss, of every batch and of the test set, with the figures of this position."""

from dataclasses import dataclass
from math import isnan
from time import perf_counter

from rich.cells import cell_len
from textual import events, work
from textual.strip import Strip

from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_count, format_number, format_precise
from backprop_tui.tui.drawing.plot_axes import PlotFrame
from backprop_tui.tui.drawing.plots import Plot, loss_plot
from backprop_tui.tui.drawing.strips import Part, fit, line, style

from .breath import breathe
from .landscape_lines import landscape_lines
from .loss_curve import LossPicture, dated, loss_picture
from .messages import PositionWanted
from .moment import answering_plan, answers_moment, parameters_moment
from .pane import Pane
from .surveying import Surveying
from .view import LOSS_VIEWS, View, is_landscape

ONE_LINE = 52
"""Cells for the figures of both parts side by side."""
ROOMY = 11
"""The height from which the chosen example and the chosen place have lines of their own."""

SLICE = 0.01
"""Seconds that a landscape is worked out for at a time."""
MOST_ZOOM = 20
PRECISE = 9
"""Digits of a loss where there is room."""


def figure_lines(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """Paused: loss and accuracy over the whole parts. While training: of the last batch, and the last test measured.

    With the moment that they are of: behind them where there is room, else in a line of its own in a high pane.
    """
    found, when = figures(session, view)
    # The loss is in the network's units, unlike the errors in Data.
    units = " normalized" if session.dataset.target_std is not None else ""
    dim = style(view.look.palette.dim)
    dated = [(digits, f"{gap}{when}") for digits in (PRECISE, 5, 4) for gap in ("  ", " ")]
    wanted = [*dated, (PRECISE, ""), (5, "")]
    for digits, moment, accuracy in [(*one, word) for one in wanted for word in ("accuracy", "acc")]:
        parts = [part_of(one, digits, accuracy, view.look) for one in found]
        parts[0].append((units, dim))
        if width >= ONE_LINE:
            # At full speed the test loss is of another moment than that of the batch.
            parts[0].append((moment if view.playing else "", dim))
            parts = [[piece for part in parts for piece in (*part, ("   ", None))][:-1]]
        if not (view.playing and width >= ONE_LINE):
            parts[0].append((moment, dim))
        if all(sum(cell_len(text) for text, _ in part) <= width for part in parts):
            break
    lines = [line(part, width) for part in parts]
    return lines if moment or height < ROOMY else [*lines, line([(fit(when, width, view.look), dim)], width)]


@dataclass(frozen=True, slots=True)
class Figure:
    """A loss and an accuracy, if there is one, of the part `name` of the data."""

    name: str
    loss: float
    accuracy: float | None
    color: str


def figures(session: Session, view: View) -> tuple[list[Figure], str]:
    """Of the training and the test part, and the moment that they are of.

    Paused that is the parameters' as they stand; at full speed the loss of the last batch is from before its update.
    """
    palette = view.look.palette
    if view.playing:
        found = [Figure("batch", session.plan.loss(), None, palette.train)]
        if session.dataset.test_size:
            loss, accuracy = session.history.evaluations.rows[-1]
            found.append(Figure("test", float(loss), None if isnan(accuracy) else float(accuracy), palette.test))
        return found, f"before update {format_count(session.position.step)}"
    known = session.evaluate()
    # Of a recording of somebody else's training no more than the batches of its kept steps is known.
    name = "kept" if session.fixed else "train"
    found = [Figure(name, known.training.loss, known.training.accuracy, palette.train)]
    if known.test is not None:
        found.append(Figure("test", known.test.loss, known.test.accuracy, palette.test))
    return found, parameters_moment(session)


def part_of(figure: Figure, digits: int, accuracy: str, look: Look) -> list[Part]:
    """`train 0.0271 acc 0.95`, the loss in so many digits, or as precisely as can be; `accuracy` is the word for it."""
    dim = style(look.palette.dim)
    precise = format_precise(figure.loss, look.glyphs)
    loss = precise if digits == PRECISE else format_number(figure.loss, 9, digits, look.glyphs)
    parts: list[Part] = [(f"{figure.name:<5} ", dim), (loss, style(figure.color, bold=True))]
    if figure.accuracy is not None:
        parts += [(f" {accuracy} ", dim), (format_number(figure.accuracy, 6, 3, look.glyphs), style(figure.color))]
    return parts


def example_line(session: Session, view: View, width: int) -> Strip | None:
    """The share of the chosen example in the loss of this step, blank until it is computed; None where it has no name.

    At the end of the step it is that after the update. A batch of one has none besides the loss itself.
    """
    quantity, look = answering_plan(session, view).find("ℓ"), view.look
    if quantity is None or session.plan.examples == 1:
        return None
    example = min(view.spotlight.example, session.plan.examples - 1)
    value = quantity.value((example,)) if session.computed(quantity) else None
    parts: list[Part] = [
        (look.text(f"{look.glyphs.cursor} {quantity.entry((example,))} "), style(look.palette.dim)),
        (format_number(value, 9, 5, look.glyphs), style(look.palette.loss, bold=True)),
    ]
    used = sum(cell_len(text) for text, _ in parts)
    named = f"  example {example + 1}"
    dated = f"{named}, {answers_moment(session, view)}" if value is not None else named
    return line([*parts, (dated if used + len(dated) <= width else named, style(look.palette.dim))], width)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The steps `first` … `last` that the history knows as one, and the least and greatest loss among them."""

    first: int
    last: int
    low: float
    high: float


def stretches(session: Session) -> list[Stretch]:
    """All that the history knows of the losses, in order."""
    steps, lows, highs = session.history.losses.series()
    ends = steps.astype(int).tolist()
    begins = [end + 1 for end in [0, *ends][: len(ends)]]
    return [Stretch(*one) for one in zip(begins, ends, lows.tolist(), highs.tolist(), strict=True)]


def nearest(known: list[Stretch], step: float) -> int:
    """The place of the stretch that ends nearest to a step."""
    return min(range(len(known)), key=lambda place: abs(known[place].last - step))


def moved(known: list[Stretch], frame: PlotFrame, step: int, columns: int) -> Stretch:
    """The stretch so many plotted columns on from the one that ends nearest to `step`, and at least the next one."""
    if step < known[0].first:
        return known[0]
    here = nearest(known, step)
    column = frame.column_of(known[here].last) or 0
    place = nearest(known, frame.step_at(column + columns))
    place = max(place, here + columns) if columns > 0 else min(place, here + columns)
    return known[max(0, min(place, len(known) - 1))]


def chosen_line(chosen: Stretch, view: View, width: int) -> Strip:
    """`▸ before update 12  ℒ 0.6931  enter: go there`; of updates known as one the least and the greatest loss."""
    look = view.look

    def number(value: float) -> str:
        return format_number(value, 9, 5, look.glyphs)

    mark = look.glyphs.cursor
    which = f" {chosen.last}" if chosen.first == chosen.last else f"s {chosen.first} to {chosen.last}"
    value = number(chosen.low) if chosen.low == chosen.high else f"{number(chosen.low)} to {number(chosen.high)}"
    texts = [f"{mark} before update{which}  ℒ {value}  enter: go there", f"{mark} step{which} ℒ {value}"]
    texts = [look.text(text) for text in texts]
    text = texts[0] if cell_len(texts[0]) <= width else fit(texts[1], width, look)
    return line([(text, style(look.palette.accent, bold=True))], width)


class LossPane(Pane):
    """The plot is drawn again only when the run, the position or the axis has changed.

    ↑ ↓ choose a place on the curve, a column earlier or later; enter or a click goes there. In the view "map" they
    choose the second parameter, in "plane" the random direction, and `survey` works the landscape out in slices,
    between which keys are answered.
    """

    interval = 0.35
    plotted: Plot
    chosen: Stretch | None = None
    above = 0
    """The lines above the plot."""

    def __init__(self, title: str, session: Session, view: View) -> None:
        super().__init__(title, session, view)
        self.surveying = Surveying()
        self.at_work = False

    def follow(self, session: Session) -> None:
        super().follow(session)
        self.chosen = None

    @property
    def views(self) -> tuple[str, ...]:
        """Those that there are: a network of one parameter has no plane."""
        return LOSS_VIEWS if self.session.trainer.state.parameters.size > 1 else LOSS_VIEWS[:-1]

    def next_view(self) -> None:
        """Show the curve, or a landscape."""
        self.view.loss = self.views[(self.views.index(self.view.loss) + 1) % len(self.views)]
        self.chosen = None
        self.update()

    def zoom(self, places: int) -> None:
        """Half the reach of the landscape, or twice; as far as its numbers can be told apart."""
        self.view.zoom = max(-MOST_ZOOM, min(self.view.zoom + places, MOST_ZOOM))
        self.update()

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
            lines = [*lines[:-1], chosen_line(self.chosen, view, width)]
        self.above = len(lines)
        return lines + self.plot(width, height - len(lines)).lines

    def landscape(self, width: int, height: int) -> list[Strip]:
        found = self.surveying.look(self.session, self.view, width, 2 * height)
        if self.short_of_it and self.is_running and not self.at_work:
            self.survey()
        return landscape_lines(found, self.surveying, self.session, self.view, width, height)

    @property
    def short_of_it(self) -> bool:
        """Whether there is a landscape to be worked out: at full speed that waits."""
        return is_landscape(self.view) and not self.view.playing and not self.surveying.finished

    @work(exclusive=True, group="survey")
    async def survey(self) -> None:
        """Work out what the landscape in view is short of."""
        self.at_work = True
        drawn = perf_counter()
        try:
            while self.short_of_it:
                self.surveying.advance(SLICE)
                if self.surveying.finished or perf_counter() - drawn >= self.interval:
                    self.update()
                    drawn = perf_counter()
                await breathe()
        finally:
            self.at_work = False

    def picture(self) -> LossPicture:
        """What the plot of the losses shows now."""
        return loss_picture(self.session, self.view)

    def plot(self, width: int, height: int) -> Plot:
        session, view = self.session, self.view
        chosen = None if self.chosen is None else self.chosen.last
        key = (session.history.steps, session.step, view.log, view.look, width, height, chosen)
        if key != self.drawn:
            self.drawn = key
            picture = self.picture()
            self.plotted = loss_plot(
                dated(picture.series, picture.log, width),
                width,
                height,
                view.look,
                log=picture.log,
                cursor_step=session.step,
                furthest_step=session.history.steps,
                chosen_step=chosen,
            )
        return self.plotted

    def move(self, rows: int) -> None:
        if is_landscape(self.view):
            if self.view.loss == "map":
                self.view.companion += rows
            else:
                self.view.direction += rows
            self.update()
            return
        known = stretches(self.session)
        if not known or not self.drawn or self.plotted.frame is None:
            return
        here = self.session.step if self.chosen is None else self.chosen.last
        self.chosen = moved(known, self.plotted.frame, here, rows)
        self.update()

    def activate(self) -> None:
        if self.chosen is not None:
            self.go_to(self.chosen.last)

    def go_to(self, step: int) -> None:
        self.chosen = None
        self.post_message(PositionWanted(self.session.timeline.finish_of(step)))

    def on_click(self, event: events.Click) -> None:
        place, known = event.get_content_offset(self), stretches(self.session)
        frame = self.plotted.frame if self.drawn and self.view.loss == "curve" else None
        if place is None or frame is None or not known or place.y < self.above:
            return
        if 0 <= place.x - frame.left < frame.width:
            self.go_to(known[nearest(known, frame.step_at(place.x - frame.left))].last)
