"""The loss curve: plotext draws its lines in braille, everything around them is drawn here.

plotext has one figure for the whole process, raises on what is not finite, and colours by numbers 0 … 255; here a
number is an index into our own styles. The figure is cleared before and after each plot.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.style import Style
from textual.strip import Strip

from .glyphs import Look
from .palette import FloatArray, mix
from .plot_axes import PlotFrame, legend, step_axis, value_ticks
from .plot_letters import Reduced, lone, overwritten, put_letters, same_as
from .plot_range import ValueRange, value_range
from .series import MARKS, Series, pieces, reduced
from .strips import Part, line, style, text_lines

EMPTY = "no steps yet: press space to play or → to go on"
LEAST_WIDTH, LEAST_HEIGHT = 14, 4
"""Below this the lines have all the room, without axes."""
ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")
FIRST_COLOR = 16
"""plotext's number of the first of our styles; those below have names of their own in terminals."""


def prepare() -> None:
    """Import plotext ahead of the first plot, at a time when nobody waits."""
    import plotext  # noqa: F401


@dataclass(frozen=True, slots=True)
class Plot:
    """The lines, and the frame of the steps in them; None where there is nothing to plot."""

    lines: list[Strip]
    frame: PlotFrame | None


def loss_plot(
    series: Sequence[Series],
    width: int,
    height: int,
    look: Look,
    *,
    log: bool = False,
    cursor_step: int | None = None,
    furthest_step: int | None = None,
    chosen_step: int | None = None,
    across: str = "step",
) -> Plot:
    """The series over steps in at most `width` × `height` cells, with a legend, ticks and the cursor's column.

    Later series lie over earlier ones. What is later than `cursor_step` is dim; `furthest_step` sets the right end
    where it is later than the data. On the logarithmic scale values ≤ 0 are gaps, as everywhere what is not finite is.
    Where few values would flatten the rest the axis is cut, and arrows at its top tell where a curve goes on above.
    The plot needs two rows. `across` names what is counted along the horizontal axis; `chosen_step` has a line of its
    own.
    """
    if width <= 0 or height <= 0:
        return Plot([], None)
    first, last = _step_range(series, furthest_step)
    framed = width >= LEAST_WIDTH and height >= LEAST_HEIGHT
    reductions = [reduced(one, log, first, last, width) for one in series]
    values = np.concatenate([kept for _, kept in reductions]) if reductions else np.empty(0)
    finite = values[np.isfinite(values)]
    if not finite.size or height < 2:
        return Plot(text_lines(EMPTY if not values.size else _nothing(log), width, height, look), None)
    shown = value_range([kept for _, kept in reductions], log)
    ticks = value_ticks(shown, height - 2, log, look) if framed else []
    left = max(len(text) for text in (across, *(text for _, text in ticks))) + 1 if framed else 0
    if left + 6 > width:
        framed, ticks, left = False, [], 0
    canvas_width, canvas_height = width - left, height - 2 if framed else height
    place = PlotFrame(left, canvas_width, first, last)
    cursor, chosen = place.column_of(cursor_step), place.column_of(chosen_step)
    rows = _canvas(reductions, place, canvas_height, shown, cursor_step, look)
    styles = _styles(series, look)
    drawn = [_drawn(row, canvas_width, styles, cursor, look) for row in rows]
    drawn[0] = _arrows(drawn[0], series, reductions, place, shown, look)
    put_letters(drawn, series, reductions, place, shown, look)
    if chosen is not None:
        drawn = [_marked(parts, chosen, look) for parts in drawn]
    if not framed:
        return Plot([line(parts, width) for parts in drawn], place)
    labels = dict(ticks)
    dim = style(look.palette.dim)
    lines = [legend(series, same_as(reductions), shown, log, width, look)]
    lines += [line([(f"{labels.get(row, ''):>{left - 1}} ", dim), *parts], width) for row, parts in enumerate(drawn)]
    at = (cursor_step, cursor) if chosen is None else (chosen_step, chosen)
    ends = (first, _last_step(series, furthest_step))
    return Plot([*lines, step_axis(across, *ends, *at, left, canvas_width, look)], place)


def _nothing(log: bool) -> str:
    return "nothing above 0 to show on a logarithmic scale: press l" if log else "no finite value to show"


def _known_steps(series: Sequence[Series]) -> FloatArray:
    steps = [np.asarray(one.steps, dtype=float) for one in series]
    return np.concatenate([*(one[np.isfinite(one)] for one in steps), np.empty(0)])


def _last_step(series: Sequence[Series], furthest: int | None) -> float:
    """The last step that there is."""
    known = _known_steps(series)
    last = float(known.max()) if known.size else 0.0
    return last if furthest is None else max(last, float(furthest))


def _step_range(series: Sequence[Series], furthest: int | None) -> tuple[float, float]:
    """The first and the last step of the axis, at least one apart."""
    known = _known_steps(series)
    first = float(known.min()) if known.size else 0.0
    return first, max(_last_step(series, furthest), first + 1)


def _styles(series: Sequence[Series], look: Look) -> list[Style]:
    """The style of each series, then, in the same order, those of their futures."""
    palette = look.palette
    return [style(one.color) for one in series] + [style(mix(one.color, palette.background, 0.6)) for one in series]


def _canvas(
    reductions: Sequence[Reduced],
    place: PlotFrame,
    height: int,
    shown: ValueRange,
    cursor: int | None,
    look: Look,
) -> list[str]:
    """plotext's drawing of the lines alone, as `height` rows with escape codes."""
    import plotext  # Here, since it takes a quarter of the time that opening the app does.

    plotext.clear_figure()
    plotext.limit_size(False, False)
    plotext.plot_size(place.width, height)
    plotext.frame(False)
    plotext.xaxes(False, False)
    plotext.yaxes(False, False)
    plotext.xticks([])
    plotext.yticks([])
    plotext.canvas_color("default")
    plotext.axes_color("default")
    plotext.xlim(place.first, place.last)
    plotext.ylim(shown.low, shown.high)
    for future in (True, False):
        for index, reduction in enumerate(reductions):
            if lone(reduction):
                continue
            marker = MARKS[index % len(MARKS)] if look.glyphs.ascii else "braille"
            for x, y in _part(*reduction, cursor, future, (shown.low, shown.high)):
                plotext.plot(x, y, marker=marker, color=FIRST_COLOR + index + future * len(reductions))
    built: str = plotext.build()
    plotext.clear_figure()
    return built.split("\n")[:height]


def _part(
    steps: FloatArray, values: FloatArray, cursor: int | None, future: bool, limits: tuple[float, float]
) -> list[tuple[list[float], list[float]]]:
    """The runs of points up to the cursor, or those from it on."""
    if cursor is None:
        chosen = np.full(steps.shape, not future)
    else:
        at = int(np.searchsorted(steps, cursor, side="right"))
        chosen = np.arange(steps.size) >= at - 1 if future else np.arange(steps.size) < at
        if future and at == steps.size:
            chosen[:] = False
    return list(pieces(steps[chosen], np.clip(values[chosen], *limits)))


def _arrows(
    parts: list[Part],
    series: Sequence[Series],
    reductions: Sequence[Reduced],
    place: PlotFrame,
    shown: ValueRange,
    look: Look,
) -> list[Part]:
    """The top row with an arrow in every column in which a curve goes on above it."""
    for one, (steps, values) in zip(series, reductions, strict=True):
        above = np.isfinite(values) & (values > shown.high)
        for column in {place.column_of(step) for step in steps[above].tolist()}:
            if column is not None:
                parts = overwritten(parts, column, (look.glyphs.up, style(one.color, bold=True)))
    return parts


def _marked(parts: list[Part], column: int, look: Look) -> list[Part]:
    """The parts with a mark at `column`, unless the curve passes there."""
    mark = (":", style(look.palette.accent, bold=True))
    text = "".join(text for text, _ in parts)
    return overwritten(parts, column, mark) if text[column : column + 1] in (" ", look.glyphs.vertical) else parts


def _drawn(row: str, width: int, styles: Sequence[Style], cursor: int | None, look: Look) -> list[Part]:
    """A row of plotext's output in our styles, with the cursor's line where nothing is drawn."""
    parts: list[Part] = []
    current: Style | None = None
    place = 0
    cut = ESCAPE.split(row)
    for index, text in enumerate(cut):
        if index % 2:
            current = _style_of(text, styles, current)
        elif text:
            start, place = place, place + len(text)
            if cursor is not None and start <= cursor < place and text[cursor - start] == " ":
                before, after = text[: cursor - start], text[cursor - start + 1 :]
                parts += [(before, current), (look.glyphs.vertical, style(look.palette.dim)), (after, current)]
            else:
                parts.append((text, current))
    return parts if place <= width else [(ESCAPE.sub("", row)[:width], None)]


def _style_of(code: str, styles: Sequence[Style], current: Style | None) -> Style | None:
    """The style after an escape code: `38;5;n` is one of ours, `0` none."""
    if code.startswith("38;5;"):
        return styles[int(code[5:]) - FIRST_COLOR]
    return None if code == "0" else current
