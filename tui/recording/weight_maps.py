"""The weights of recorded modules as maps, all that have room, or those of one module as numbers."""

from math import ceil

from textual.strip import Strip

from backprop_tui.core.recording.kept_step import Floats
from backprop_tui.core.recording.linear_rule import name_of
from backprop_tui.core.recording.recorded_modules import Module
from backprop_tui.tui.drawing.heatmap import heatmap_lines, legend_line
from backprop_tui.tui.drawing.matrix import matrix_lines
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.palette import symmetric_limit
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines
from backprop_tui.tui.drawing.titles import title_of

from .kept_run import KeptRun, RecordedView, in_view
from .module_lines import NO_STEP

LEAST_COLUMN, LEAST_ROWS = 14, 3
ROOMY = 36
"""Cells from which gradient and change are named in words."""


def recorded_weight_lines(run: KeptRun, view: RecordedView, width: int, height: int) -> list[Strip]:
    """The chosen view, and below it the entry in the spotlight."""
    if run.step is None:
        return text_lines(NO_STEP, width, height, view.look)
    foot = entry_lines(run, view, width)
    room = max(height - len(foot), 0)
    drawn = numbers if view.weights == "numbers" else maps
    shown = drawn(run, view, width, room)[:room]
    return [*shown, *[Strip([])] * (room - len(shown)), *foot]


def weight_of(run: KeptRun, module: Module) -> Floats | None:
    """The weight of a module as a matrix, one row an output; None where there is none, or it was not kept."""
    if run.step is None or module.weight is None:
        return None
    found = run.step.array(f"θ/{module.weight}")
    if found is None or not found.size:
        return None
    return found.reshape(1, 1) if found.ndim == 0 else found.reshape(len(found), -1)


def size_text(weight: Floats, view: RecordedView) -> str:
    return view.look.glyphs.times.join(map(str, weight.shape))


def maps(run: KeptRun, view: RecordedView, width: int, height: int) -> list[Strip]:
    """The weights of the modules that have some, side by side in rows, about the chosen one where not all fit."""
    with_weights = [place for place, module in enumerate(run.modules) if module.weight is not None]
    if not with_weights:
        return text_lines("No module has a weight.", width, height, view.look)
    across = max(1, min(len(with_weights), width // LEAST_COLUMN))
    down = max(1, min(ceil(len(with_weights) / across), height // LEAST_ROWS))
    room = across * down
    chosen = max((n for n, place in enumerate(with_weights) if place <= view.module), default=0)
    first = max(0, min(chosen - room // 2, len(with_weights) - room))
    shown = with_weights[first : first + room]
    column, each = width // across, max(height // down, 1)
    lines: list[Strip] = []
    for begin in range(0, len(shown), across):
        blocks = [map_of(run, place, view, column - 1, each) for place in shown[begin : begin + across]]
        rows = min(max(map(len, blocks)), each)
        padded = [block + [Strip([])] * (rows - len(block)) for block in blocks]
        lines += [Strip.join([block[y].adjust_cell_length(column) for block in padded]) for y in range(rows)]
    left = len(with_weights) - len(shown)
    if left and len(lines) == height:
        lines.pop()
    if left:
        text = fit(f"… {left} more with weights: ↑ ↓, {view.look.keys.said('z')}", width, view.look)
        lines.append(line([(text, style(view.look.palette.accent))], width))
    return lines


def map_of(run: KeptRun, place: int, view: RecordedView, width: int, height: int) -> list[Strip]:
    """One module: its name and the shape of its weight, and the map of it."""
    look, palette, module = view.look, view.look.palette, run.modules[place]
    lit = place == view.module
    weight = weight_of(run, module)
    about = [] if weight is None else [size_text(weight, view)]
    title = title_of([module.weight or module.name, *about], width, look)
    head = line([(title, style(palette.accent if lit else palette.text, bold=lit))], width)
    if weight is None:
        return [head, line([(fit("not kept", width, look), style(palette.dim))], width)]
    drawn = heatmap_lines(weight, width, height - 1, look, spotlight=(view.output, view.source) if lit else None)
    if len(drawn) < height - 2:
        drawn.append(legend_line(symmetric_limit(weight), width, look))
    return [head, *drawn]


def numbers(run: KeptRun, view: RecordedView, width: int, height: int) -> list[Strip]:
    """The weight of the chosen module as numbers, a row an output."""
    look, module = view.look, in_view(run, view)
    weight = None if module is None else weight_of(run, module)
    if module is None or weight is None:
        name = "No module is chosen" if module is None else f"{module.name} has no weight that was kept"
        return text_lines(f"{name}: ↑ ↓ choose another module.", width, height, look)
    title = title_of([module.weight or module.name, size_text(weight, view)], width, look)
    head = line([(title, style(look.palette.text, bold=True))], width)
    return [head, *matrix_lines(weight, width, height - 1, look, spotlight=(view.output, view.source))]


def entry_lines(run: KeptRun, view: RecordedView, width: int) -> list[Strip]:
    """`▸ net.0.weight₁,₂ 0.1512  gradient −0.0031  change 0.0001`: the entry before the step, on one line or two."""
    look, palette, module = view.look, view.look.palette, in_view(run, view)
    weight = None if module is None else weight_of(run, module)
    if run.step is None or module is None or weight is None:
        return []
    name = name_of(module.weight or "", (view.output, view.source))
    value = format_number(float(weight[view.output, view.source]), 9, 5, look.glyphs)
    first: list[Part] = [
        (look.text(f"{look.glyphs.cursor} {name} "), style(palette.accent)),
        (value, style(palette.text, bold=True)),
    ]
    second: list[Part] = []
    short = width < ROOMY
    for symbol, means in (("g", "g" if short else "gradient"), ("Δ", "Δ" if short else "change")):
        found = run.step.array(f"{symbol}/{module.weight}")
        if found is not None and found.size == weight.size:
            number = float(found.reshape(weight.shape)[view.output, view.source])
            second += [
                (f"  {means} ", style(palette.dim)),
                (format_number(number, 9, 4, look.glyphs), style(palette.text)),
            ]
    whole = line([*first, *second], 10 * width)
    return [whole] if whole.cell_length <= width or not second else [line(first, width), line(second, width)]
