"""A frame for a drawing over a plane: its ranges at the ends of the axes, and from numbers to cells."""

from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from .glyphs import Look
from .numbers import format_number
from .palette import FloatArray
from .strips import fit, segment, style

LEAST_WIDTH, LEAST_HEIGHT = 16, 4
"""Below this the axes are left out and the drawing has all the room."""
FAR = 1e6


@dataclass(frozen=True)
class PlotRange:
    """What one axis shows: its name and its ends, both finite."""

    name: str
    low: float
    high: float

    def share(self, values: FloatArray) -> FloatArray:
        """Where `values` lie between low (0) and high (1); what is very far outside is at ± FAR."""
        with np.errstate(all="ignore"):
            half = np.asarray(values, dtype=float) / 2 - self.low / 2
            shares: FloatArray = np.clip(half / ((self.high / 2 - self.low / 2) or 1.0), -FAR, FAR)
        return shares


@dataclass(frozen=True)
class Frame:
    """Room for a drawing of `width` × `height` cells, `left` cells from the left; `labelled` where axes are drawn."""

    width: int
    height: int
    left: int
    labelled: bool


def frame(width: int, height: int, vertical: PlotRange, look: Look) -> Frame:
    """The room that axes leave for a drawing in `width` × `height` cells."""
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        return Frame(max(0, width), max(0, height), 0, False)
    left = 1 + max(cell_len(label) for label in _side_labels(vertical, look))
    return Frame(width - left, height - 1, left, True)


def _end(value: float, look: Look) -> str:
    return format_number(value, 6, 3, look.glyphs)


def _side_labels(vertical: PlotRange, look: Look) -> tuple[str, str, str]:
    return _end(vertical.high, look), fit(vertical.name, 6, look), _end(vertical.low, look)


def with_axes(lines: list[Strip], place: Frame, horizontal: PlotRange, vertical: PlotRange, look: Look) -> list[Strip]:
    """The drawing with the ends of its axes: the vertical one at the left, the horizontal one below."""
    if not place.labelled or not lines:
        return lines
    framed = [
        Strip([label, *strip], place.left + strip.cell_length)
        for label, strip in zip(left_axis(place, vertical, look), lines, strict=True)
    ]
    return [*framed, bottom_axis(place, horizontal, look)]


def left_axis(place: Frame, vertical: PlotRange, look: Look) -> list[Segment]:
    """What stands to the left of each line of the drawing: the ends of the axis and its name; nothing without axes."""
    if not place.labelled:
        return []
    high, name, low = _side_labels(vertical, look)
    labels = {place.height // 2: name, place.height - 1: low, 0: high}
    texts = (labels.get(row, "") for row in range(place.height))
    return [segment(" " * (place.left - 1 - cell_len(text)) + text + " ", style(look.palette.dim)) for text in texts]


def bottom_axis(place: Frame, horizontal: PlotRange, look: Look) -> Strip:
    """The line below the drawing: the ends of the axis, and its name."""
    low, high = _end(horizontal.low, look), _end(horizontal.high, look)
    room = place.width - len(low) - len(high)
    name = fit(horizontal.name, max(0, room - 2), look)
    before = max(0, room - cell_len(name)) // 2
    middle = " " * before + name + " " * (room - before - cell_len(name))
    text = low + middle + high if room >= 0 else low[: place.width]
    made: Segment = segment(" " * place.left + text, style(look.palette.dim))
    return Strip([made])
