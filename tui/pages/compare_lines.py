"""Runs beside each other as lines: their loss curves in one plot, their gradients, a table, and the spotlight in all.

Each run has a letter as well as a colour; the letter stands on its curve, above its bars and before its row.
"""

from collections.abc import Sequence
from math import ceil, floor, isfinite, log10

import numpy as np
from textual.strip import Strip

from backprop_tui.core.compare.compared_run import ComparedRun
from backprop_tui.core.compare.comparison import Comparison
from backprop_tui.core.compare.figures import gradient_norms, in_spotlight
from backprop_tui.tui.drawing.bars import log_bar
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.plots import loss_plot
from backprop_tui.tui.drawing.series import Series
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines
from backprop_tui.tui.panes.view import View

LETTERS = "ABCDEFG"
COLORS = (0, 1, 6, 2, 3, 5, 4)
"""The places in the palette's colours of classes, neighbours far apart."""
SPOTLIGHT = 11
"""Cells of the parameter in the spotlight, and of its gradient."""
LEAST_DECADES = 3
NUMBERED = 17
"""Cells of a column of bars in which the norm has room as well."""


def run_color(index: int, look: Look) -> str:
    return look.palette.classes[COLORS[index]]


def letter(index: int, look: Look) -> Part:
    """A run's letter in its colour."""
    return LETTERS[index], style(run_color(index, look), bold=True)


# Loss curves


def curves(comparison: Comparison, view: View, width: int, height: int) -> list[Strip]:
    """The batch loss of every step of every run in one plot; the cursor stands at the common step."""
    look = view.look
    series = []
    for index, run in enumerate(comparison.runs):
        losses = run.session.history.losses
        begins = losses.begins() if losses.width > 1 else None
        series.append(Series(LETTERS[index], *losses.series(), run_color(index, look), LETTERS[index], begins))
    return loss_plot(
        series,
        width,
        height,
        look,
        log=view.log,
        cursor_step=comparison.finished_steps,
        furthest_step=comparison.furthest,
    ).lines


# Gradients


def gradient_columns(comparison: Comparison, look: Look, width: int, height: int) -> list[Strip]:
    """A column of bars for each run, a row for each layer, the last first; all on one logarithmic scale."""
    norms = [gradient_norms(run.session) for run in comparison.runs]
    layers = max(map(len, norms))
    shown = shown_layers(list(map(len, norms)), height - 2)
    label = max(len(str(layers)), 2) + 1
    column = (width - label) // len(norms)
    low, high = decades([norm for run in norms for norm in run])
    some = "" if len(shown) == layers else f"{len(shown)} of {layers} layers, "
    title = f"‖dW‖ by layer, {some}{low:.0e} to {high:.0e} on a log scale"
    lines = [line([(fit(title.replace("e-0", "e-").replace("e+0", "e"), width, look), style(look.palette.dim))], width)]
    heads: list[Part] = [(" " * label, None)]
    for index, run in enumerate(comparison.runs):
        name = fit(f" {run.name}", column - 2, look)
        heads += [letter(index, look), (name.ljust(column - 1), style(look.palette.dim))]
    lines.append(line(heads, width))
    for layer in shown:
        strips = [line([(f"{layer:>{label - 1}} ", style(look.palette.dim))], label)]
        for index, run_norms in enumerate(norms):
            strips.append(norm_bar(run_norms, layer, (low, high), column, look, run_color(index, look)))
        lines.append(Strip.join(strips).crop(0, width))
    return lines[: max(height, 0)]


def norm_bar(
    norms: list[float | None], layer: int, scale: tuple[float, float], column: int, look: Look, color: str
) -> Strip:
    """A layer's bar of one run, with the number where there is room; empty where the run has no such layer."""
    if layer > len(norms):
        return Strip.blank(column)
    norm = norms[layer - 1]
    number = 9 if column >= NUMBERED else 0
    bar = log_bar(norm, *scale, column - number - 1, look, color).adjust_cell_length(column - number)
    if not number:
        return bar
    text = format_number(norm, number - 1, 3, look.glyphs) if norm is not None else ""
    return Strip.join([line([(f"{text:>{number - 1}} ", style(look.palette.text))], number), bar])


def shown_layers(counts: Sequence[int], rows: int) -> list[int]:
    """The layers that so many rows have room for, the last first: all, or the ends of every run and some between."""
    layers = max(counts)
    if layers <= rows:
        return list(range(layers, 0, -1))
    ends = {1, *counts}
    between = [int(place) for place in np.rint(np.linspace(1, layers, max(rows, 1)))]
    shown = set(sorted(ends, reverse=True)[: max(rows, 1)])
    # Those that are farthest from what is shown already come first.
    while len(shown) < rows:
        left = [layer for layer in between if layer not in shown] or list(set(range(1, layers + 1)) - shown)
        shown.add(max(left, key=lambda layer: min(abs(layer - other) for other in shown)))
    return sorted(shown, reverse=True)


def decades(norms: Sequence[float | None]) -> tuple[float, float]:
    """Whole powers of ten around the norms, three decades at least."""
    usable = [norm for norm in norms if norm and isfinite(norm)]
    if not usable:
        return 1e-3, 1.0
    high = max(min(ceil(log10(max(usable))), 300), -290)
    low = max(min(floor(log10(min(usable))), high - LEAST_DECADES), -300)
    return 10.0**low, 10.0**high


# The spotlight in all


def spotlight_lines(comparison: Comparison, view: View, width: int, height: int) -> list[Strip]:
    """The parameter in the spotlight and its gradient, in every run."""
    look = view.look
    name = view.spotlight.name
    title = f"{name} and its gradient, in every run ({look.keys.written('shift+arrows')} move the spotlight)"
    lines = [line([(fit(title, width, look), style(look.palette.dim))], width)]
    for index, run in enumerate(comparison.runs):
        value, gradient = spotlight_texts(run, view, SPOTLIGHT)
        parts: list[Part] = [letter(index, look), (f"  {name} = {value}", style(look.palette.text))]
        if gradient:
            parts.append((f"   d{name} = {gradient}", style(look.palette.backward)))
        lines.append(line(parts, width))
    return lines[: max(height, 0)]


def spotlight_texts(run: ComparedRun, view: View, width: int) -> tuple[str, str]:
    """Value and gradient as text; `none` where the run has no such parameter."""
    found = in_spotlight(run.session, view.spotlight)
    if found is None:
        return "none", ""
    glyphs = view.look.glyphs
    return format_number(found.value, width, 6, glyphs), format_number(found.gradient, width, 6, glyphs)


def wrapped(text: str, width: int, look: Look, most: int = 2) -> list[Strip]:
    """A few lines of plain text, the last with an ellipsis where there is more."""
    lines = text_lines(text, width, most + 1, look, look.palette.text)
    if len(lines) > most:
        rest = f"{lines[most - 1].text} {lines[most].text}"
        lines = [*lines[: most - 1], line([(fit(rest, width, look), style(look.palette.text))], width)]
    return lines
