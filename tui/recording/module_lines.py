"""One row a module: the norm of its gradient, the size of its update, and how the norm went."""

from math import isfinite, log10

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.diagnosis.rule import LARGE_STEP
from backprop_tui.core.recording.kept_step import ModuleFigures
from backprop_tui.core.recording.recorded_modules import Module
from backprop_tui.tui.drawing.bars import sparkline
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines

from .kept_run import KeptRun, RecordedView

NUMBER, RATIO = 8, 6
LEAST_NAME, MOST_NAME = 6, 24
MOST_TREND, LEAST_TREND = 20, 4
COLUMNS = (
    "‖g‖: norm of the gradient of a module's own parameters, as the optimizer got it.",
    "update: log₁₀ of ‖Δθ‖/‖θ‖, by rule of thumb −3.",
    "trend: log ‖g‖ over the kept steps. Modules without parameters have neither.",
)
NO_STEP = "No step is kept yet: the first comes with the first run.step(loss) of your loop."


def module_lines(run: KeptRun, view: RecordedView, width: int, height: int, first: int) -> list[Strip]:
    """A heading, and the modules from place `first` on, the last called first, as the backward pass meets them."""
    look = view.look
    if run.step is None:
        return text_lines(NO_STEP, width, height, look)
    if not run.modules:
        return text_lines("The recording names no modules and no parameters.", width, height, look)
    rows = max(height - 1, 0)
    order = list(range(len(run.modules)))[::-1]
    shown = order[first : first + rows]
    left = len(order) - first - rows
    widths = columns(run, width)
    figures = run.figures()
    lines = [heading(widths, width, view)]
    lines += [row(run, place, figures[place], widths, width, view) for place in shown]
    if left > 0 and rows > 1:
        more = fit(f"… {left + 1} more modules: ↑ ↓, {look.keys.said('z')}", width, look)
        lines[-1] = line([(more, style(look.palette.dim))], width)
    room = height - len(lines) - 1
    for count in range(len(COLUMNS), 0, -1):
        said = text_lines(" ".join(COLUMNS[:count]), width, room + 1, look)
        if 0 < len(said) <= room:
            return [*lines, Strip([]), *said]
    return lines


def columns(run: KeptRun, width: int) -> tuple[int, int, int]:
    """Cells for the name, the ratio and the trend; 0 where there is no room."""
    longest = max(cell_len(label(module)) for module in run.modules)
    rest = width - NUMBER - 1
    ratio = RATIO if rest - RATIO - 1 >= LEAST_NAME else 0
    rest -= ratio + (1 if ratio else 0)
    name = max(min(longest, MOST_NAME, rest - LEAST_TREND - 1), min(LEAST_NAME, rest))
    trend = min(rest - name - 1, MOST_TREND)
    return name, ratio, trend if trend >= LEAST_TREND else 0


def label(module: Module) -> str:
    """`net.0 Linear`."""
    return f"{module.name} {module.kind}"


def heading(widths: tuple[int, int, int], width: int, view: RecordedView) -> Strip:
    name, ratio, trend = widths
    text = f"{fit('module', name, view.look):<{name}} {'‖g‖':>{NUMBER}}"
    text += f" {'update':>{ratio}}" if ratio else ""
    text += f" {'trend':<{trend}}" if trend else ""
    return line([(fit(text.rstrip(), width, view.look), style(view.look.palette.dim))], width)


def row(
    run: KeptRun, place: int, figures: ModuleFigures, widths: tuple[int, int, int], width: int, view: RecordedView
) -> Strip:
    look, palette = view.look, view.look.palette
    name, ratio, trend = widths
    lit = place == view.module
    text = fit(label(run.modules[place]), name, look)
    padded = text + " " * (name - cell_len(text))
    norm = format_number(figures.gradient, NUMBER, 3, look.glyphs)
    parts: list[Part] = [
        (padded, style(palette.accent if lit else palette.text, bold=lit, reverse=lit)),
        (f" {norm:>{NUMBER}}", style(palette.accent if lit else palette.text, bold=lit)),
    ]
    if ratio:
        found = figures.ratio
        exponent = log10(found) if found is not None and found > 0 and isfinite(found) else None
        large = found is not None and found > LARGE_STEP
        said = format_number(exponent, ratio, 2, look.glyphs)
        parts.append((f" {said:>{ratio}}", style(palette.warning if large else palette.text)))
    strips = [line(parts, width)]
    norms = np.array([norm for norm in run.trends.gradients(place) if isfinite(norm) and norm > 0])
    if trend and len(norms):
        strips += [line([(" ", None)], 1), sparkline(np.log10(norms), trend, look, palette.backward)]
    return Strip.join(strips).crop(0, width)
