"""The plane of two inputs with its examples, and behind them the network's answer everywhere, or one neuron's."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from textual.strip import Strip

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.measures import classes_of
from backprop_tui.tui.drawing.color_bar import class_bar, color_bar
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.points import SurfaceScale

from .chosen_example import example_note
from .plane import Plane, scale_of
from .view import View

ROOMY = 12
"""The height from which the plane leaves a line for words."""
BARRED = 8
"""The height from which it leaves a line for what its colours mean."""


def plane_lines(session: Session, view: View, width: int, height: int, plane: Plane) -> list[Strip]:
    """The decision surface under the examples, what its colours mean, and where there is room the chosen example."""
    data = session.dataset
    note = example_note(session, view, width) if height >= ROOMY else []
    scale = replace(scale_of(data), discrete=view.discrete)
    bar = kept_bar(plane, data, scale, width, view.look) if height >= BARRED else []
    plane.prepare(data, view.look, width, height - len(note) - len(bar))
    answer = classes(plane.responses.layer(session, view.last(session)))
    return [*plane.surface.lines(answer, plane.examples(session, view), scale), *bar, *note]


def classes(predictions: FloatArray) -> FloatArray:
    """One number a place, of answers (outputs, …): the output itself, of two the share between them, of more the class.

    The class is that of the largest; NaN where an output is no finite number.
    """
    if len(predictions) == 1:
        only: FloatArray = predictions[0]
        return only
    with np.errstate(all="ignore"):
        if len(predictions) == 2:
            total = predictions.sum(axis=0)
            share: FloatArray = np.divide(predictions[1], total, out=np.full_like(total, 0.5), where=total != 0)
            return share
        return np.where(np.isfinite(predictions).all(axis=0), predictions.argmax(axis=0), np.nan)


def kept_bar(plane: Plane, data: Dataset, scale: SurfaceScale, width: int, look: Look) -> list[Strip]:
    """The bar of the answers, which stays the same from state to state."""
    key = (data, scale, width, look)
    if key != plane.bar_key:
        plane.bar_key, plane.bar = key, answer_bar(data, scale, width, look)
    return plane.bar


def answer_bar(data: Dataset, scale: SurfaceScale, width: int, look: Look) -> list[Strip]:
    """Which colour is which answer, numbers in the data's own units; nothing where it has no room."""
    if scale.classes > 2:
        return [class_bar(scale, classes_of(data), width, look)]
    return bar_of(ends_of(data, scale), scale, width, look)


def ends_of(data: Dataset, scale: SurfaceScale) -> list[float]:
    """The low end, the middle and the high end of a scale, of numbers in the data's own units."""
    ends = [scale.middle - scale.limit, scale.middle, scale.middle + scale.limit]
    return data.in_own_units(np.array([ends]))[0].tolist() if scale.regression else ends


def bar_of(ends: Sequence[float], scale: SurfaceScale, width: int, look: Look, *, letters: bool = True) -> list[Strip]:
    """The bar with the numbers at its low end, in its middle, and at its high end; nothing where it has no room."""
    low, middle, high = (format_number(end, 6, 3, look.glyphs) for end in ends)
    bar = color_bar(scale, (low, middle, high), width, look, letters=letters)
    return [] if bar is None else [bar]
