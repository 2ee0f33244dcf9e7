"""The loss of a recorded run: all of it, and the figures of the step in view."""

from dataclasses import replace

import numpy as np
from textual.strip import Strip

from backprop_tui.core.session.history import MEAN_SHARE
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.palette import mix
from backprop_tui.tui.drawing.plots import Plot, loss_plot
from backprop_tui.tui.drawing.series import Series
from backprop_tui.tui.drawing.strips import Part, line, style, text_lines
from backprop_tui.tui.panes.loss_window import Window, whole

from .kept_run import KeptRun, RecordedView

NOTHING = "No loss is recorded yet: it comes with run.step(loss) at the end of each step of your loop."
GAP = "   "
LEAST_MEAN = 2
"""Steps that a mean is worth drawing of."""


def loss_figures(run: KeptRun, view: RecordedView, width: int) -> list[Strip]:
    """The loss of the step in view and of the last one recorded, and the lowest of all."""
    look, palette, losses = view.look, view.look.palette, run.recording.losses
    dim, bold = style(palette.dim), style(palette.train, bold=True)

    def number(value: float | None) -> str:
        return format_number(value, 9, 5, look.glyphs)

    known: list[tuple[str, float | None]] = []
    if run.step is not None:
        known.append(("here", run.recording.loss(run.step.step)))
    finite = losses.lows[np.isfinite(losses.lows)]
    known.append(("last", float(losses.highs[-1]) if len(losses.highs) else None))
    known.append(("lowest", float(finite.min()) if finite.size else None))
    rows: list[list[Part]] = [[]]
    for name, value in known:
        parts: list[Part] = [(f"{name} ", dim), (number(value), bold)]
        if rows[-1] and sum(len(text) for text, _ in [*rows[-1], *parts]) + len(GAP) > width:
            rows.append([])
        rows[-1] += [(GAP, None), *parts] if rows[-1] else parts
    return [line(row, width) for row in rows]


def recorded_window(run: KeptRun, view: RecordedView) -> Window:
    """The steps whose losses are shown."""
    steps = run.recording.losses.count
    return (view.window or whole(steps)).of(steps)


def recorded_smoothings(run: KeptRun) -> list[int | None]:
    """Over how many steps a mean may go: as usual, none, and tens of steps up to half of all.

    Of losses of which the least and the greatest of several are known there is no other mean.
    """
    losses = run.recording.losses
    return [None, 0, *(10**power for power in range(1, 12) if losses.width == 1 and 10**power <= losses.count // 2)]


def recorded_curves(run: KeptRun, view: RecordedView, look: Look) -> list[Series]:
    """The recorded losses and, of many, the mean of the last of them; none where no loss is recorded yet."""
    losses = run.recording.losses
    steps, lows, highs = losses.series()
    if not len(steps):
        return []
    one = Series("loss", steps, lows, highs, look.palette.train, begins=losses.begins())
    window = losses.count // MEAN_SHARE if view.smoothing is None else view.smoothing
    if window < LEAST_MEAN:
        return [one]
    letters = ("l", "m") if not look.color and not look.glyphs.ascii else ("", "")
    noise = mix(look.palette.train, look.palette.background, 0.5)
    name = f"mean of {window:,}"
    mean = Series(name, *losses.mean_series(window), None, look.palette.train, letters[1])
    return [replace(one, color=noise, letter=letters[0], behind=True), mean]


def recorded_loss_plot(run: KeptRun, view: RecordedView, width: int, height: int) -> Plot:
    """The curve and the mean of its last steps, with the step in view marked."""
    series = recorded_curves(run, view, view.look)
    if not series:
        return Plot(text_lines(NOTHING, width, height, view.look), None)
    here = None if run.step is None else run.step.step
    shown = recorded_window(run, view)
    ends = (shown.first, shown.last)
    return loss_plot(series, width, height, view.look, log=view.log, cursor_step=here, window=ends)
