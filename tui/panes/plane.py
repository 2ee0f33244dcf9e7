"""What pictures over the plane of two inputs keep from one state of a run to the next: the grid, placed examples."""

from dataclasses import replace

import numpy as np
from textual.strip import Strip

from backprop_tui.core.inquiry.responses import Responses
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.axes import PlotRange, frame
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.ground import Marks, marks_of
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.points import Points, SurfaceScale, placed
from backprop_tui.tui.drawing.surface import Surface

from .chosen_example import chosen_example
from .view import View

LEAST_POINTS = 3
"""Examples that make a picture of a plane; fewer are numbers."""


def has_plane(data: Dataset) -> bool:
    """Whether the examples are points of a plane that says something: not of one or two, nor of two answers at once."""
    if data.image_shape is not None or data.points is None or data.domain is None:
        return False
    return data.size >= LEAST_POINTS and (len(data.targets) == 1 or data.target_kind == "one_hot")


class Plane:
    """Of one dataset at one size: axes, the answers at the middle of each half of a cell, and the examples' cells."""

    def __init__(self) -> None:
        self.key: tuple[object, ...] = ()
        self.marks_key: tuple[object, ...] = ()
        self.bar_key: tuple[object, ...] = ()
        self.bar: list[Strip] = []

    def prepare(self, data: Dataset, look: Look, width: int, height: int) -> None:
        """Fit it to the data and to so many cells, axes included."""
        key = (data, look, width, height)
        if key == self.key:
            return
        # Whatever fails here is done again the next time.
        self.key = self.marks_key = ()
        self.horizontal, self.vertical = axes_of(data)
        place = frame(width, height, self.vertical, look)
        self.surface = Surface(place, self.horizontal, self.vertical, look)
        self.responses = Responses(max(2 * place.height, 1), max(place.width, 1))
        self.points = {tests: points(data, tests=tests) for tests in (True, False)}
        self.scale = scale_of(data)
        self.key = key

    def examples(self, session: Session, view: View) -> Marks:
        """What stands in which cell for the examples, the chosen one marked."""
        chosen = chosen_example(session, view)
        if self.marks_key != (view.test_points, chosen):
            seen, place = replace(self.points[view.test_points], chosen=chosen), self.surface.place
            width, height = place.width, place.height
            faces = placed(seen, self.horizontal, self.vertical, self.scale, width, height, view.look)
            self.marks, self.marks_key = marks_of(faces, view.look), (view.test_points, chosen)
        return self.marks


def axes_of(data: Dataset) -> tuple[PlotRange, PlotRange]:
    """The part of the plane that is drawn, across and upwards."""
    assert data.domain is not None
    names = data.feature_names if len(data.feature_names) == 2 else ("x1", "x2")
    return PlotRange(names[0], *data.domain[0]), PlotRange(names[1], *data.domain[1])


def points(data: Dataset, *, tests: bool = True) -> Points:
    """The training part, and with `tests` the test part, as points with classes."""
    assert data.points is not None
    parts = [(data.points, data.targets, False)]
    if tests and data.test_points is not None and data.test_points.size:
        parts.append((data.test_points, data.test_targets, True))
    places = np.concatenate([places for places, _, _ in parts], axis=1)
    known = known_classes(np.concatenate([targets for _, targets, _ in parts], axis=1), data)
    is_test = np.concatenate([np.full(places.shape[1], test) for places, _, test in parts])
    return Points(places[0], places[1], known, is_test)


def known_classes(targets: FloatArray, data: Dataset) -> FloatArray:
    """Of targets (outputs, n) the class of each, from 0, or the number that it is, (n,)."""
    known: FloatArray = targets.argmax(axis=0).astype(float) if len(targets) > 1 else targets[0]
    return (known > 0).astype(float) if data.target_kind == "signed" else known


def scale_of(data: Dataset) -> SurfaceScale:
    """Where the colours of answers turn: at ½ for 0/1, at 0 for −1/1 and for regression."""
    outputs = data.targets.shape[0]
    if outputs > 2:
        return SurfaceScale(classes=outputs)
    if data.target_kind == "signed":
        return SurfaceScale(0.0, 1.0)
    if data.target_kind == "real":
        return SurfaceScale(0.0, float(np.max(np.abs(data.targets), initial=1e-9)), regression=True)
    return SurfaceScale()
