"""The gradients pane: for each layer the norm of its gradient on a log scale, the size of its update, and a history."""

from math import ceil, floor, isfinite, log10

import numpy as np
from textual.strip import Strip

from backprop_tui.core.history import LayerMeasure
from backprop_tui.core.session import Session

from .bars import log_bar, sparkline
from .drawing import Part, fit, line, style, text_lines
from .numbers import format_number
from .palette import FloatArray
from .pane import Pane
from .view import View

LEAST_DECADES = 3
LONGEST_HISTORY, SHORTEST_HISTORY = 16, 8
LEAST_BAR = 6


def gradient_lines(session: Session, view: View, width: int, height: int, scroll: int) -> list[Strip]:
    """One row a layer, the last layer first, as the backward pass meets them."""
    measures = session.measure()[::-1]
    look, palette = view.look, view.look.palette
    low, high = log_range(session, measures)
    columns = Columns.fitting(width, len(measures))
    rows = max(height - 1, 0)
    shown = measures[scroll : scroll + rows]
    below = len(measures) - scroll - rows
    lines = [columns.heading(view)]
    for measure in shown:
        lines.append(columns.row(measure, session, view, low, high))
    if below > 0 and rows > 1:
        text = fit(f"… {below + 1} more layers: ↑ ↓, z", width, look)
        lines[-1] = line([(text, style(palette.dim))], width)
    if len(lines) + 2 <= height:
        lines += [Strip([]), *text_lines(explanation(measures), width, height - len(lines) - 1, look)]
    return lines


def explanation(measures: list[LayerMeasure]) -> str:
    """What the columns are, or which op fills them."""
    if all(measure.gradient is None for measure in measures):
        return "Gradients are blank until the backward pass of this step has computed them."
    return "‖dW‖: norm of ∂ℒ/∂W. bar: its log₁₀. update: log₁₀ ‖ΔW‖/‖W‖, by rule of thumb −3. trend: ‖dW‖ over the run."


def log_range(session: Session, measures: list[LayerMeasure]) -> tuple[float, float]:
    """The ends of the bars' scale: whole decades around every norm shown and remembered, so that it does not jump."""
    norms = [measure.gradient for measure in measures if measure.gradient and isfinite(measure.gradient)]
    before = remembered(session)
    before = before[np.isfinite(before) & (before > 0)]
    if before.size:
        norms += [float(before.min()), float(before.max())]
    if not norms:
        return 1e-3, 1.0
    high = ceil(log10(max(norms)))
    low = min(floor(log10(min(norms))), high - LEAST_DECADES)
    return 10.0 ** max(low, -300), 10.0 ** min(high, 300)


def remembered(session: Session) -> FloatArray:
    """‖dW‖ of every layer (measurements, layers), at the steps that the history has it of."""
    rows, layers = session.history.gradients.rows, len(session.trainer.layers)
    return np.array(rows)[:, :layers] if rows else np.empty((0, layers))


class Columns:
    """The widths of the columns: layer, norm, bar, update ratio, history; the last ones go when there is no room."""

    def __init__(self, width: int, layer: int, number: int, bar: int, ratio: int, history: int) -> None:
        self.width, self.layer, self.number, self.bar, self.ratio, self.history = (
            width,
            layer,
            number,
            bar,
            ratio,
            history,
        )

    @classmethod
    def fitting(cls, width: int, layers: int) -> "Columns":
        layer, number = max(len(str(layers)), 2), 8
        rest = width - layer - number - 2
        ratio = 6 if rest >= LEAST_BAR + 7 else 0
        rest -= ratio + (1 if ratio else 0)
        history = min(LONGEST_HISTORY, rest // 2) if rest > 2 * SHORTEST_HISTORY else 0
        bar = max(rest - history - (1 if history else 0), 0)
        return cls(width, layer, number, bar, ratio, history)

    def heading(self, view: View) -> Strip:
        text = f"{'':>{self.layer}} {'‖dW‖':>{self.number}} " + f"{'log₁₀':<{self.bar}}"
        text += f" {'update':>{self.ratio}}" if self.ratio else ""
        text += f" {'trend':<{self.history}}" if self.history else ""
        return line([(fit(text.rstrip(), self.width, view.look), style(view.look.palette.dim))], self.width)

    def row(self, measure: LayerMeasure, session: Session, view: View, low: float, high: float) -> Strip:
        look, palette = view.look, view.look.palette
        in_view = session.op is not None and session.op.layer == measure.layer
        norm = format_number(measure.gradient, self.number, 3, look.glyphs)
        name: Part = (
            f"{measure.layer:>{self.layer}} ",
            style(palette.accent if in_view else palette.text, bold=in_view),
        )
        value: Part = (f"{norm:>{self.number}} ", style(palette.text))
        bar = log_bar(measure.gradient, low, high, self.bar, look, palette.backward)
        strips = [line([name, value], self.width), bar.adjust_cell_length(self.bar)]
        if self.ratio:
            ratio = measure.ratio
            exponent = None if ratio is None or not ratio > 0 else log10(ratio)
            text = format_number(exponent, self.ratio, 2, look.glyphs)
            strips.append(line([(f" {text:>{self.ratio}}", style(palette.text))], self.width))
        if self.history:
            strips += [line([(" ", None)], 1), self.sparkline(measure.layer, session, view)]
        return Strip.join(strips).crop(0, self.width)

    def sparkline(self, layer: int, session: Session, view: View) -> Strip:
        _, norms = session.history.gradients.series(layer - 1)
        norms = norms[np.isfinite(norms) & (norms > 0)]
        if not len(norms):
            return Strip([])
        return sparkline(np.log10(norms), self.history, view.look, view.look.palette.backward)


class GradientsPane(Pane):
    """↑ ↓ scroll where there are more layers than rows."""

    interval = 0.2
    scroll = 0

    def draw(self, width: int, height: int) -> list[Strip]:
        layers = len(self.session.trainer.layers)
        self.scroll = max(0, min(self.scroll, layers - height + 1))
        return gradient_lines(self.session, self.view, width, height, self.scroll)

    def move(self, rows: int) -> None:
        self.scroll = max(0, self.scroll + rows)
        self.update()
