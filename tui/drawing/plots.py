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
from .series import Series, pieces, reduced
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

    What is later than `cursor_step` is dim; `furthest_step` sets the right end where it is later than the data. On the
    logarithmic scale values ≤ 0 are gaps, as everywhere what is not finite is. The plot needs two rows. `across` names
    what is counted along the horizontal axis; `chosen_step` has a line of its own.
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
    low, high = _value_range(finite)
    ticks = value_ticks(low, high, height - 2, log, look) if framed else []
    left = max((len(text) for _, text in ticks), default=-1) + 1
    if left + 6 > width:
        framed, ticks, left = False, [], 0
    canvas_width, canvas_height = width - left, height - 2 if framed else height
    styles = _styles(series, look)
    rows = _canvas(reductions, canvas_width, canvas_height, (first, last), (low, high), cursor_step, look)
    place = PlotFrame(left, canvas_width, first, last)
    cursor, chosen = place.column_of(cursor_step), place.column_of(chosen_step)
    drawn = [_drawn(row, canvas_width, styles, cursor, look) for row in rows]
    _put_letters(drawn, series, reductions, (first, last), (low, high), canvas_width)
    if chosen is not None:
        drawn = [_marked(parts, chosen, look) for parts in drawn]
    if not framed:
        return Plot([line(parts, width) for parts in drawn], place)
    labels = dict(ticks)
    dim = style(look.palette.dim)
    lines = [legend(series, log, width, look)]
    lines += [line([(f"{labels.get(row, ''):>{left - 1}} ", dim), *parts], width) for row, parts in enumerate(drawn)]
    at = (cursor_step, cursor) if chosen is None else (chosen_step, chosen)
    return Plot([*lines, step_axis(across, first, last, *at, left, canvas_width, look)], place)


def _nothing(log: bool) -> str:
    return "nothing above 0 to show on a logarithmic scale: press l" if log else "no finite value to show"


def _step_range(series: Sequence[Series], furthest: int | None) -> tuple[float, float]:
    """The first and the last step shown, at least one apart."""
    steps = [np.asarray(one.steps, dtype=float) for one in series]
    known = np.concatenate([*(one[np.isfinite(one)] for one in steps), np.empty(0)])
    first = float(known.min()) if known.size else 0.0
    last = max(float(known.max()) if known.size else 0.0, float(furthest if furthest is not None else 0))
    return first, max(last, first + 1)


def _value_range(finite: FloatArray) -> tuple[float, float]:
    """The range of the vertical axis, never empty; within what plotext can subtract."""
    low, high = float(np.clip(finite.min(), -1e300, 1e300)), float(np.clip(finite.max(), -1e300, 1e300))
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        margin = abs(high) * 0.1 or 1.0
        return low - margin, high + margin
    return low, high


def _styles(series: Sequence[Series], look: Look) -> list[Style]:
    """The style of each series, then, in the same order, those of their futures."""
    palette = look.palette
    return [style(one.color) for one in series] + [style(mix(one.color, palette.background, 0.6)) for one in series]


def _canvas(
    reductions: Sequence[tuple[FloatArray, FloatArray]],
    width: int,
    height: int,
    steps: tuple[float, float],
    values: tuple[float, float],
    cursor: int | None,
    look: Look,
) -> list[str]:
    """plotext's drawing of the lines alone, as `height` rows with escape codes."""
    import plotext  # Here, since it takes a quarter of the time that opening the app does.

    plotext.clear_figure()
    plotext.limit_size(False, False)
    plotext.plot_size(width, height)
    plotext.frame(False)
    plotext.xaxes(False, False)
    plotext.yaxes(False, False)
    plotext.xticks([])
    plotext.yticks([])
    plotext.canvas_color("default")
    plotext.axes_color("default")
    plotext.xlim(*steps)
    plotext.ylim(*values)
    marks = ["*", "o", "+", "x", "#", "@", "%", "&"]
    for future in (True, False):
        for index in range(len(reductions) - 1, -1, -1):
            for x, y in _part(*reductions[index], cursor, future, values):
                color = FIRST_COLOR + index + future * len(reductions)
                plotext.plot(x, y, marker=marks[index % len(marks)] if look.glyphs.ascii else "braille", color=color)
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


def _put_letters(
    drawn: list[list[Part]],
    series: Sequence[Series],
    reductions: Sequence[tuple[FloatArray, FloatArray]],
    steps: tuple[float, float],
    values: tuple[float, float],
    width: int,
) -> None:
    """Write the letter of each series at its last point and halfway, where no other letter stands."""
    taken: set[tuple[int, int]] = set()
    for one, (places, heights) in zip(series, reductions, strict=True):
        known = np.flatnonzero(np.isfinite(heights))
        if not one.letter or not known.size:
            continue
        for index in {int(known[-1]), int(known[known.size // 2])}:
            column = round((float(places[index]) - steps[0]) / (steps[1] - steps[0]) * (width - 1))
            down = (values[1] - float(np.clip(heights[index], *values))) / (values[1] - values[0])
            row = round(down * (len(drawn) - 1))
            while (row, column) in taken:
                column -= 1
            if 0 <= column < width and 0 <= row < len(drawn):
                taken.add((row, column))
                drawn[row] = _overwritten(drawn[row], column, (one.letter, style(one.color, bold=True, reverse=True)))


def _overwritten(parts: list[Part], column: int, letter: Part) -> list[Part]:
    """The parts with `letter` in the place of the one character at `column`."""
    result: list[Part] = []
    place = 0
    for text, of in parts:
        if place <= column < place + len(text):
            at = column - place
            result += [part for part in ((text[:at], of), letter, (text[at + 1 :], of)) if part[0]]
        else:
            result.append((text, of))
        place += len(text)
    return result


def _marked(parts: list[Part], column: int, look: Look) -> list[Part]:
    """The parts with a mark at `column`, unless the curve passes there."""
    mark = (":", style(look.palette.accent, bold=True))
    text = "".join(text for text, _ in parts)
    return _overwritten(parts, column, mark) if text[column : column + 1] in (" ", look.glyphs.vertical) else parts


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
