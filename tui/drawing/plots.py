"""The loss curve: lines of braille dots over steps, with a legend, ticks and the cursor's column around them."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from rich.style import Style
from textual.strip import Strip

from backprop_tui.core.value_class import dataclass

from .glyphs import Look
from .keymap import Keymap
from .palette import mix
from .plot_axes import PlotFrame, legend, same_as, step_axis, value_ticks
from .plot_canvas import ACROSS, PlotCanvas
from .plot_letters import put_letters
from .plot_range import value_range
from .series import MARKS, Columns, Series, knots_of
from .strips import segment, style, text_lines

EMPTY = "no steps yet: → goes on"
LEAST_WIDTH, LEAST_HEIGHT = 14, 4
"""Below this the lines have all the room, without axes."""


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
    window: tuple[float, float] | None = None,
    note: str = "",
) -> Plot:
    """The series over steps in at most `width` × `height` cells, with a legend, ticks and the cursor's column.

    Later series lie over earlier ones. What is later than `cursor_step` is dim; `furthest_step` sets the right end
    where it is later than the data. On the logarithmic scale values ≤ 0 are gaps, as everywhere what is not finite is.
    Where few values would flatten the rest the axis is cut, and arrows at its top tell where a curve goes on above.
    The plot needs two rows. `across` names what is counted along the horizontal axis; `chosen_step` has a line of its
    own. With a `window` only the steps from its first to its last are shown, and the values of these.
    `note` stands in the legend where it has room.
    """
    if width <= 0 or height <= 0:
        return Plot([], None)
    first, end = window or _step_range(series, furthest_step)
    last = max(end, first + 1)
    framed = width >= LEAST_WIDTH and height >= LEAST_HEIGHT
    dots = 1 if look.glyphs.ascii else ACROSS
    knots = [knots_of(one, log, first, last) for one in series]
    some = [values for one in knots if (values := one.some).size]
    if not some or height < 2:
        return Plot(text_lines(_nothing(series, log, window, look.keys), width, height, look), None)
    rows = height - 2 if framed else height
    # How wide the labels are depends on what the columns show, which depends on the room that the labels leave.
    left = -1
    shown = value_range(some, log)
    while True:
        ticks = value_ticks(shown, rows, log, look) if framed else []
        wanted = max(len(text) for text in (across, *(text for _, text in ticks))) + 1 if framed else 0
        if framed and wanted + 6 > width:
            framed, ticks, wanted, rows, left = False, [], 0, height, -1
        # The room only grows, or goes altogether, so that this comes to an end.
        if wanted <= left:
            break
        left = wanted
        columns = [one.columns(width - left, dots) for one in knots]
        if not (known := [values for one in columns if (values := one.values).size]):
            # What there is lies beside the window.
            return Plot(text_lines(_nothing(series, log, window, look.keys), width, height, look), None)
        shown = value_range(known, log)
    place = PlotFrame(left, width - left, first, last)
    canvas = PlotCanvas(place.width, rows, shown, marked=look.glyphs.ascii)
    cursor, chosen = place.column_of(cursor_step), place.column_of(chosen_step)
    beyond = -1 if cursor is None and cursor_step is not None and cursor_step < first else cursor
    # What gives way to others is there before them.
    for index in sorted(range(len(series)), key=lambda index: not series[index].behind):
        one, its = series[index], columns[index]
        if not its.lone:
            styles = _styles(one.color, look.palette.background)
            mark = MARKS[index % len(MARKS)]
            canvas.curve(its, styles, beyond if one.fades else None, mark, behind=one.behind)
    canvas.finish()
    dim = style(look.palette.dim)
    if cursor is not None:
        canvas.rule(cursor, look.glyphs.vertical, dim)
    for one, its in zip(series, columns, strict=True):
        _put_arrows(canvas, one, its, look)
    put_letters(canvas, series, columns, look)
    if chosen is not None:
        canvas.rule(chosen, ":", style(look.palette.accent, bold=True), f" {look.glyphs.vertical}")
    drawn = canvas.rows()
    if not framed:
        return Plot([Strip(parts, width) for parts in drawn], place)
    labels = dict(ticks)
    lines = [legend(series, same_as(columns), shown, log, note, width, look)]
    for row, parts in enumerate(drawn):
        label = segment(f"{labels.get(row, ''):>{left - 1}} ", dim)
        lines.append(Strip([label, *parts], width))
    at = (cursor_step, cursor) if chosen is None else (chosen_step, chosen)
    return Plot([*lines, step_axis(across, first, end, *at, left, place.width, look)], place)


def _nothing(series: Sequence[Series], log: bool, window: tuple[float, float] | None, keys: Keymap) -> str:
    """Why there is nothing to plot."""
    if not any(len(one.steps) for one in series):
        return EMPTY
    if log and any(np.isfinite(values).any() for one in series for values in (one.low, one.high) if values is not None):
        return f"nothing above 0 to show on a logarithmic scale: press {keys.said('l')}"
    return "no finite value to show" if window is None else "no finite value to show at these steps"


def _step_range(series: Sequence[Series], furthest: int | None) -> tuple[float, float]:
    """The first and the last step that there is."""
    found = [steps for one in series for steps in (one.begins, one.steps) if steps is not None]
    steps = [np.asarray(one, dtype=float) for one in found]
    known = np.concatenate([*(one[np.isfinite(one)] for one in steps), np.empty(0)])
    first, last = (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
    return first, last if furthest is None else max(last, float(furthest))


@lru_cache(maxsize=256)
def _styles(color: str, background: str) -> tuple[Style, Style]:
    """The style of a curve, and that of its future."""
    return style(color), style(mix(color, background, 0.6))


def _put_arrows(canvas: PlotCanvas, one: Series, columns: Columns, look: Look) -> None:
    """In the top row an arrow in every column in which a curve goes on above it."""
    with np.errstate(invalid="ignore"):
        above = np.flatnonzero(columns.high > canvas.shown.high)
    dots = len(columns.high) // canvas.width
    for column in sorted({int(at) // dots for at in above.tolist()}):
        canvas.put(column, 0, look.glyphs.up, style(one.color, bold=True))
