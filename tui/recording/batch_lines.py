"""The batch of a kept step: points on a plane, an image with what the network says of it, or one example in numbers."""

import numpy as np
from textual.strip import Strip

from backprop_tui.core.recording.kept_batch import KeptBatch
from backprop_tui.core.recording.kept_step import Floats
from backprop_tui.tui.drawing.axes import PlotRange
from backprop_tui.tui.drawing.image import image_lines
from backprop_tui.tui.drawing.matrix import matrix_lines
from backprop_tui.tui.drawing.points import Points, SurfaceScale
from backprop_tui.tui.drawing.probabilities import probability_lines
from backprop_tui.tui.drawing.strips import fit, line, style, text_lines
from backprop_tui.tui.drawing.surface import surface_lines

from .kept_run import KeptRun, RecordedView
from .module_lines import NO_STEP

MARGIN = 0.05
SIDE = 18
"""Cells for the probabilities beside an image."""
NOT_KEPT = (
    "No inputs were kept of this step: give run.step(loss, inputs=X, targets=Y), or a loss function to watch, "
    "and they are; of large batches they are left out."
)


def batch_lines(run: KeptRun, view: RecordedView, width: int, height: int) -> list[Strip]:
    """The batch in the form that it has."""
    batch = run.batch
    if batch is None:
        return text_lines(NO_STEP, width, height, view.look)
    if not batch.rows:
        return text_lines(NOT_KEPT, width, height, view.look)
    row = view.row % batch.rows
    head = heading(batch, row, width, view)
    if batch.form == "points" and height > 4:
        return [head, *points(batch, row, width, height - 1, view)]
    if batch.form == "image" and height > 4:
        return [head, *picture(batch, row, width, height - 1, view)]
    return [head, *table(batch, row, width, height - 1, view)]


def heading(batch: KeptBatch, row: int, width: int, view: RecordedView) -> Strip:
    """`▸ example 3 of 32, class 4`."""
    known = "" if batch.classes is None else f", class {batch.classes[row]:.0f}"
    text = f"{view.look.glyphs.cursor} example {row + 1} of {batch.rows}{known}"
    return line([(fit(text, width, view.look), style(view.look.palette.dim))], width)


def points(batch: KeptBatch, row: int, width: int, height: int, view: RecordedView) -> list[Strip]:
    """The examples on the plane, the chosen one marked. What the network says elsewhere was not recorded."""
    assert batch.inputs is not None
    places = batch.inputs[: batch.rows]
    fine = np.atleast_1d(np.isfinite(places).all(axis=1))
    if not fine.any():
        return text_lines("No input of this batch is a finite number.", width, height, view.look)
    ranges = [range_of(f"x{axis + 1}", places[fine, axis]) for axis in (0, 1)]
    targets = batch.classes
    if targets is None:
        targets = np.zeros(batch.rows) if batch.targets is None else batch.targets[:, 0]
    targets = targets[: batch.rows]
    count = int(np.nanmax(targets, initial=0)) + 1 if batch.classes is not None else 0
    finite = targets[np.isfinite(targets)]
    scale = SurfaceScale(classes=count) if count > 2 else SurfaceScale()
    if batch.classes is None:
        scale = SurfaceScale(0.0, float(np.max(np.abs(finite), initial=1e-9)), regression=True)
    order = np.flatnonzero(fine)
    chosen = int(np.searchsorted(order, row)) if fine[row] else None
    seen = Points(places[fine, 0], places[fine, 1], targets[fine], np.zeros(len(order), dtype=bool), chosen)
    return surface_lines(None, seen, ranges[0], ranges[1], scale, width, height, view.look)


def range_of(name: str, values: Floats) -> PlotRange:
    """All values, with a margin."""
    low, high = float(values.min()), float(values.max())
    margin = MARGIN * (high - low) or 1.0
    return PlotRange(name, low - margin, high + margin)


def picture(batch: KeptBatch, row: int, width: int, height: int, view: RecordedView) -> list[Strip]:
    """The example as an image; beside it the probabilities of the classes, or its outputs and targets in numbers."""
    side = min(SIDE, width)
    image = batch.image(row)
    drawn = image_lines(image, width - side - 1, height, view.look) if width - side > 4 else []
    left = width - side if drawn else 0
    if batch.probabilities is not None:
        names = [str(number) for number in range(batch.probabilities.shape[1])]
        target = None if batch.classes is None else int(batch.classes[row])
        target = target if target is not None and 0 <= target < len(names) else None
        beside = probability_lines(batch.probabilities[row], target, names, width - left, height, view.look)
    else:
        beside = numbers(batch, row, width - left, height, view, inputs=False)
    rows = max(len(drawn), len(beside))
    drawn, beside = (block + [Strip([])] * (rows - len(block)) for block in (drawn, beside))
    return [Strip.join([one.adjust_cell_length(left), two]) for one, two in zip(drawn, beside, strict=True)][:height]


def table(batch: KeptBatch, row: int, width: int, height: int, view: RecordedView) -> list[Strip]:
    """The example in numbers."""
    return numbers(batch, row, width, height, view, inputs=True)


def numbers(batch: KeptBatch, row: int, width: int, height: int, view: RecordedView, *, inputs: bool) -> list[Strip]:
    """What goes in, what comes out and what should, each under its name."""
    named = [("outputs of the network", batch.outputs), ("targets", batch.targets)]
    if inputs:
        named.insert(0, ("inputs", batch.inputs))
    lines: list[Strip] = []
    for name, array in named:
        text = name if array is not None else f"{name}: not kept"
        lines.append(line([(fit(text, width, view.look), style(view.look.palette.dim))], width))
        if array is not None:
            lines += matrix_lines(array[row : row + 1], width, 1, view.look)
    return lines[:height]
