"""The map of each unit in the diagram: what it answers over the plane, from orange through nothing at 0 to blue."""

from collections.abc import Sequence

import numpy as np

from backprop_tui.core.inquiry.responses import Responses, has_responses
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.palette import FloatArray, LevelArray, diverging_levels

LEAST_POINTS = 3
"""Examples that make a plane worth a map: those of a step worked by hand are numbers."""
KEPT = 6
"""Grids of different sizes that are kept."""


def has_maps(data: Dataset) -> bool:
    """Whether the diagram has a map in each node."""
    return has_responses(data) and data.size >= LEAST_POINTS and data.image_shape is None


class NodeMaps:
    """The maps of a network's nodes; for each size of a map a grid with its buffers, worked out once a state."""

    def __init__(self) -> None:
        self.grids: dict[tuple[int, int], Responses] = {}

    def grid(self, shape: tuple[int, int]) -> Responses:
        if shape not in self.grids:
            if len(self.grids) >= KEPT:
                self.grids.clear()
            self.grids[shape] = Responses(*shape)
        return self.grids[shape]

    def levels(self, session: Session, shapes: Sequence[tuple[int, int]]) -> list[list[LevelArray]]:
        """For the inputs and each layer the map of each unit in the (rows, columns) of its column."""
        return [
            list(levels_of(session, number, np.asarray(self.grid(shape).layer(session, number), dtype=float)))
            for number, shape in enumerate(shapes)
        ]


def levels_of(session: Session, number: int, answers: FloatArray) -> LevelArray:
    """A layer's answers (units, rows, columns) as levels. An output's are about the middle of its targets, as in Data.

    Of all others 0 is in the middle, and the colours are full at the largest magnitude in the map.
    """
    known = np.where(np.isfinite(answers), np.abs(answers), 0.0).max(axis=(1, 2), initial=0.0)
    middle, limits = 0.0, np.where(known > 0, known, 1.0)[:, None, None]
    if number == len(session.trainer.layers):
        middle, limits = output_scale(session.dataset, limits)
    with np.errstate(all="ignore"):
        return diverging_levels((answers - middle) / limits, 1.0)


def output_scale(data: Dataset, limits: FloatArray) -> tuple[float, FloatArray]:
    """Where the colours of an output turn, and how far from there they are full; `limits` where targets do not say."""
    if data.target_kind == "real":
        largest = float(np.max(np.abs(data.targets), initial=0.0))
        return 0.0, np.full_like(limits, largest) if largest else limits
    return (0.0, np.ones_like(limits)) if data.target_kind == "signed" else (0.5, np.full_like(limits, 0.5))
