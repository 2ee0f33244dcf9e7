"""The loss pane: the whole run's loss, of every batch and of the test part, with the figures of this position."""

from math import isnan

from textual.strip import Strip

from backprop_tui.core.session import Session

from .drawing import Part, line, style
from .glyphs import Look
from .numbers import format_number
from .pane import Pane
from .plots import loss_lines
from .series import Series
from .view import View

ONE_LINE = 52
"""Cells for the figures of both parts side by side."""


def figure_lines(session: Session, view: View, width: int) -> list[Strip]:
    """Paused: loss and accuracy over the whole parts. While training: of the last batch, and the last test measured."""
    look, palette = view.look, view.look.palette
    if view.playing:
        parts = [part_of("batch", session.plan.loss(), None, palette.train, look)]
        if session.has_test_part:
            loss, accuracy = session.history.evaluations.rows[-1]
            parts.append(part_of("test", float(loss), None if isnan(accuracy) else float(accuracy), palette.test, look))
    else:
        found = session.evaluate()
        parts = [part_of("train", found.training.loss, found.training.accuracy, palette.train, look)]
        if found.test is not None:
            parts.append(part_of("test", found.test.loss, found.test.accuracy, palette.test, look))
    if width < ONE_LINE:
        return [line(part, width) for part in parts]
    return [line([piece for part in parts for piece in (*part, ("   ", None))], width)]


def part_of(name: str, loss: float, accuracy: float | None, color: str, look: Look) -> list[Part]:
    """`train 0.0271 acc 0.95`."""
    dim = style(look.palette.dim)
    parts: list[Part] = [(f"{name:<5} ", dim), (format_number(loss, 9, 5, look.glyphs), style(color, bold=True))]
    if accuracy is not None:
        parts += [(" acc ", dim), (format_number(accuracy, 6, 3, look.glyphs), style(color))]
    return parts


def series(session: Session, look: Look) -> list[Series]:
    """The batch loss of every step and the test loss where it was measured."""
    steps, lows, highs = session.history.losses.series()
    whole = session.trainer.steps_per_epoch == 1
    found = [Series("train" if whole else "batch", steps, lows, highs, look.palette.train)] if len(steps) else []
    if session.has_test_part and len(steps):
        tested, losses = session.history.evaluations.series(0)
        found.append(Series("test", tested, losses, None, look.palette.test))
    return found


class LossPane(Pane):
    """The plot is drawn again only when the run, the position or the axis has changed."""

    interval = 0.25

    def draw(self, width: int, height: int) -> list[Strip]:
        figures = figure_lines(self.session, self.view, width)
        return figures + self.plot(width, height - len(figures))

    lines_of_plot: list[Strip]

    def plot(self, width: int, height: int) -> list[Strip]:
        session, view = self.session, self.view
        key = (session.history.steps, session.step, view.log, view.look, width, height)
        if key != self.drawn:
            self.drawn = key
            self.lines_of_plot = loss_lines(
                series(session, view.look),
                width,
                height,
                view.look,
                log=view.log,
                cursor_step=session.step,
                furthest_step=session.history.steps,
            )
        return self.lines_of_plot
