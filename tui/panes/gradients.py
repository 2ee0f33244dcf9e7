"""The gradients pane: for each layer the norm of its gradient, the size of its update, a gauge, and a history."""

from math import ceil, floor, isfinite, log10

import numpy as np
from textual import events
from textual.strip import Strip

from backprop_tui.core.diagnosis.rule import LARGE_STEP, TINY_STEP
from backprop_tui.core.session.history import LayerMeasure
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.bars import log_bar, sparkline
from backprop_tui.tui.drawing.numbers import format_count, format_number
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines

from .gauge import LONG, SCALE, SHORT, bands, gauge, scale, shortened
from .messages import SpotlightWanted
from .pane import Pane
from .same_place import in_layer
from .view import View

LEAST_DECADES = 3
LONGEST_HISTORY, SHORTEST_HISTORY = 16, 5
LEAST_BAR = 5
NUMBER = 8
MOST_ROWS = 6
"""From more rows on one is the spotlight's, whatever the number of layers."""

MEANINGS = {
    "‖dW‖": "norm of ∂ℒ/∂W.",
    "bar": "its log₁₀.",
    "gauge": f"small where ‖ΔW‖/‖W‖ is below {TINY_STEP:g}, large above {LARGE_STEP:g}.",
    "update": "log₁₀ ‖ΔW‖/‖W‖, by rule of thumb −3.",
    "trend": "‖dW‖ over the run.",
}


def gradient_lines(session: Session, view: View, width: int, height: int, scroll: int) -> list[Strip]:
    """One row a layer, the last layer first, as the backward pass meets them; below the parameter in the spotlight.

    Where not all have room, both ends of the network are there, until one scrolls.
    """
    measures = session.measure()[::-1]
    look, palette = view.look, view.look.palette
    low, high = log_range(session, measures)
    columns = Columns.fitting(width, len(measures))
    rows = rows_of_layers(len(measures), height)
    shown = shown_layers(len(measures), rows, scroll)
    # Those above are not counted: one has scrolled past them.
    more = len(measures) - scroll - sum(place is not None for place in shown)
    lines = [columns.heading(view)]
    for place in shown:
        if place is None:
            told = fit(f"… {more} more layers: ↑ ↓, {look.keys.said('z')}", width, look)
            lines.append(line([(told, style(palette.dim))], width))
        else:
            lines.append(columns.row(measures[place], session, view, low, high))
    if rows < height - 1:
        lines += spotlight_lines(session, view, width)
    meanings = [f"{name}: {meaning}" for name, meaning in MEANINGS.items() if name not in columns.lost]
    return [*lines, *explanation_lines(session, measures, meanings, view, width, height - len(lines) - 1)][:height]


def rows_of_layers(layers: int, height: int) -> int:
    """How many lines may be layers: all but the heading, and one for the spotlight where that does not cost a layer."""
    rows = max(height - 1, 0)
    return rows - 1 if rows > MOST_ROWS or rows > layers else rows


def shown_layers(layers: int, rows: int, scroll: int) -> list[int | None]:
    """Which layers stand in the rows, counted from the last, 0; None is the line that says how many more there are."""
    if rows < 2 or scroll + rows >= layers:
        return list(range(scroll, min(scroll + rows, layers)))
    if scroll:
        return [*range(scroll, scroll + rows - 1), None]
    above = rows // 2
    return [*range(above), None, *range(layers - (rows - 1 - above), layers)]


def spotlight_lines(session: Session, view: View, width: int) -> list[Strip]:
    """`▸ |dW⁽¹⁾₁,₁| 0.0018`: the magnitude of the spotlight's gradient, blank until it is computed."""
    look, palette, spotlight = view.look, view.look.palette, view.spotlight
    quantity = session.plan.find(f"d{spotlight.parameter}", spotlight.layer)
    if quantity is None:
        return []
    value = abs(quantity.value(spotlight.index)) if session.computed(quantity) else None
    name = fit(f"{look.glyphs.cursor} |{quantity.entry(spotlight.index)}| ", width, look)
    number = format_number(value, NUMBER, 3, look.glyphs)
    return [line([(name, style(palette.accent)), (number, style(palette.backward, bold=True))], width)]


def explanation_lines(
    session: Session, measures: list[LayerMeasure], meanings: list[str], view: View, width: int, height: int
) -> list[Strip]:
    """What the columns are, or which op fills them: as many whole sentences as have room, below a blank line."""
    sentences = meanings
    if session.position.finished:
        sentences = [f"Of step {format_count(session.position.step)}, before its update.", *meanings]
    if all(measure.gradient is None for measure in measures):
        sentences = ["Gradients are blank until the backward pass of this step has computed them."]
    for count in range(len(sentences), 0, -1):
        lines = text_lines(" ".join(sentences[:count]), width, height + 1, view.look)
        if 0 < len(lines) <= height:
            return [Strip([]), *lines]
    return []


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


@dataclass(frozen=True, slots=True)
class Columns:
    """The widths of the columns: layer, norm, gauge and its scale, bar, update ratio, history.

    0 where there is no room for it.
    """

    width: int
    layer: int
    number: int
    gauge: int
    scale: int
    bar: int
    ratio: int
    history: int

    @classmethod
    def fitting(cls, width: int, layers: int) -> "Columns":
        layer, number = max(len(str(layers)), 2), NUMBER
        rest = width - layer - number - 2
        gauge = SHORT if rest >= LEAST_BAR + 1 + SHORT else 0
        rest -= gauge + (1 if gauge else 0)
        ratio = 6 if rest >= LEAST_BAR + 7 else 0
        rest -= ratio + (1 if ratio else 0)
        if rest > 2 * LONGEST_HISTORY:
            rest, gauge = rest - (LONG - gauge), LONG
        history = min(LONGEST_HISTORY, rest // 2) if rest > 2 * SHORTEST_HISTORY else 0
        bar = max(rest - history - (1 if history else 0), 0)
        scale = SCALE if bar > 2 * SCALE else 0
        return cls(width, layer, number, gauge, scale, bar - scale - (1 if scale else 0), ratio, history)

    @property
    def lost(self) -> tuple[str, ...]:
        """The titles of the columns that have no room."""
        columns = {"gauge": self.gauge, "update": self.ratio, "trend": self.history}
        return tuple(title for title, cells in columns.items() if not cells)

    def heading(self, view: View) -> Strip:
        text = f"{'':>{self.layer}} {'‖dW‖':>{self.number}} "
        text += f"{'gauge':<{self.gauge}} " if self.gauge else ""
        text += f"{bands()} " if self.scale else ""
        text += f"{'log₁₀':<{self.bar}}"
        text += f" {'update':>{self.ratio}}" if self.ratio else ""
        text += f" {'trend':<{self.history}}" if self.history else ""
        return line([(fit(text.rstrip(), self.width, view.look), style(view.look.palette.dim))], self.width)

    def row(self, measure: LayerMeasure, session: Session, view: View, low: float, high: float) -> Strip:
        look, palette = view.look, view.look.palette
        in_view = session.op is not None and session.op.layer == measure.layer
        norm = format_number(measure.gradient, self.number, 3, look.glyphs)
        lit = view.spotlight.layer == measure.layer
        color = style(palette.accent if in_view or lit else palette.text, bold=in_view or lit, reverse=lit)
        name: list[Part] = [(f"{measure.layer:>{self.layer}}", color), (" ", None)]
        value: Part = (f"{norm:>{self.number}} ", style(palette.accent if lit else palette.text, bold=lit))
        bar = log_bar(measure.gradient, low, high, self.bar, look, palette.backward)
        gauged = [self.gauged(measure, view)] if self.gauge else []
        gauged += scaled(measure, view) if self.scale else []
        strips = [line([*name, value, *gauged], self.width), bar.adjust_cell_length(self.bar)]
        if self.ratio:
            ratio = measure.ratio
            exponent = None if ratio is None or not ratio > 0 else log10(ratio)
            text = format_number(exponent, self.ratio, 2, look.glyphs)
            strips.append(line([(f" {text:>{self.ratio}}", style(palette.text))], self.width))
        if self.history:
            strips += [line([(" ", None)], 1), self.sparkline(measure.layer, session, view)]
        return Strip.join(strips).crop(0, self.width)

    def gauged(self, measure: LayerMeasure, view: View) -> Part:
        palette, said = view.look.palette, gauge(measure)
        color = {"moderate": palette.text, "large": palette.warning}.get(said or "", palette.dim)
        text = view.look.glyphs.blank if said is None else shortened(said, self.gauge)
        return f"{text:<{self.gauge}} ", style(color)

    def sparkline(self, layer: int, session: Session, view: View) -> Strip:
        _, norms = session.history.gradients.series(layer - 1)
        norms = norms[np.isfinite(norms) & (norms > 0)]
        if not len(norms):
            return Strip([])
        return sparkline(np.log10(norms), self.history, view.look, view.look.palette.backward)


def scaled(measure: LayerMeasure, view: View) -> list[Part]:
    """The scale of the gauge with its needle."""
    text, needle = scale(measure, view.look)
    dim, bold = style(view.look.palette.dim), style(view.look.palette.accent, bold=True)
    if needle is None:
        return [(f"{text} ", dim)]
    return [(text[:needle], dim), (text[needle], bold), (f"{text[needle + 1 :]} ", dim)]


class GradientsPane(Pane):
    """↑ ↓ scroll where there are more layers than rows; a click on a layer puts the spotlight there."""

    interval = 0.3
    scroll = 0

    def draw(self, width: int, height: int) -> list[Strip]:
        layers = len(self.session.trainer.layers)
        self.scroll = max(0, min(self.scroll, layers - rows_of_layers(layers, height)))
        lost = ", ".join(Columns.fitting(width, layers).lost)
        # Where it has the whole screen, z shows no more.
        said = (
            f"{self.look.keys.said('z')}: {lost}"
            if lost and self.is_attached and self.outer_size.width < self.screen.size.width
            else ""
        )
        self.tell_below(said)
        return gradient_lines(self.session, self.view, width, height, self.scroll)

    def move(self, rows: int) -> None:
        self.scroll = max(0, self.scroll + rows)
        self.update()

    def has_pages(self) -> bool:
        layers = len(self.session.trainer.layers)
        return layers > rows_of_layers(layers, self.content_size.height)

    def on_click(self, event: events.Click) -> None:
        place, layers = event.get_content_offset(self), self.session.trainer.layers
        shown = shown_layers(len(layers), rows_of_layers(len(layers), self.content_size.height), self.scroll)
        if place is None or not 1 <= place.y <= len(shown) or (chosen := shown[place.y - 1]) is None:
            return
        self.post_message(SpotlightWanted(in_layer(self.view.spotlight, layers[len(layers) - 1 - chosen])))
