"""What stands around a curve over steps: the legend, the ticks of its values, the ends of its steps."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from .glyphs import Look
from .numbers import format_count, format_number
from .series import Series
from .strips import Part, fit, line, style


@dataclass(frozen=True, slots=True)
class PlotFrame:
    """Which steps the columns of a plot stand for: `width` columns from cell `left` on, from step `first` to `last`."""

    left: int
    width: int
    first: float
    last: float

    def column_of(self, step: float | None) -> int | None:
        """The column of a step, from the left of the plot; None outside."""
        if step is None or not self.first <= step <= self.last:
            return None
        return round((step - self.first) / (self.last - self.first) * (self.width - 1))

    def step_at(self, column: int) -> float:
        """The step that a column, from the left of the plot, stands for; outside the nearest end."""
        share = column / max(1, self.width - 1)
        return self.first + (self.last - self.first) * min(max(share, 0.0), 1.0)


def value_ticks(low: float, high: float, rows: int, log: bool, look: Look) -> list[tuple[int, str]]:
    """Rows and labels of the vertical axis: its ends, and as many between as have two rows each."""
    count = 2 if rows < 5 else min(5, (rows + 1) // 3 + 1)
    places = sorted({round(share * (rows - 1) / (count - 1)) for share in range(count)})
    ticks = []
    for row in places if rows > 1 else [0]:
        value = high - (high - low) * row / max(1, rows - 1)
        with np.errstate(all="ignore"):
            shown = float(np.power(10.0, value)) if log else value
        ticks.append((row, format_number(shown, 8, 3, look.glyphs)))
    return ticks


def legend(series: Sequence[Series], log: bool, width: int, look: Look) -> Strip:
    """The name of each series in its colour, with its letter where it has one, and the scale."""
    parts: list[Part] = []
    for one in series:
        mark = f"{one.letter} " if one.letter else look.glyphs.horizontal
        parts += [(look.text(f"{mark}{one.name}"), style(one.color, bold=True)), ("  ", None)]
    used = sum(cell_len(text) for text, _ in parts)
    scale = "log" if log else "linear"
    if width - used >= len(scale):
        parts.append((scale.rjust(width - used), style(look.palette.dim)))
    return line(parts, width)


def step_axis(
    name: str,
    first: float,
    last: float,
    cursor_step: int | None,
    cursor: int | None,
    left: int,
    width: int,
    look: Look,
) -> Strip:
    """The steps, or what `name` says, at the ends, in whole numbers, and that of the cursor below its column."""
    low, high = format_count(math.floor(first)), format_count(math.ceil(last))
    text = [" "] * width
    for label, start in ((low, 0), (high, width - len(high))):
        if (
            start >= 0
            and len(label) <= width
            and all(character == " " for character in text[max(0, start - 1) : start + len(label)])
        ):
            text[start : start + len(label)] = label
    if cursor is not None and cursor_step is not None:
        label = look.glyphs.up + format_count(cursor_step)
        start = min(cursor, width - len(label))
        if start >= 0:
            around = text[max(0, start - 1) : start + len(label) + 1]
            if all(character == " " for character in around):
                text[start : start + len(label)] = label
            elif text[cursor] == " ":
                text[cursor] = look.glyphs.up
    name = fit(name, max(0, left - 1), look)
    dim = style(look.palette.dim)
    return line([(f"{name:>{left - 1}} ", dim), ("".join(text), dim)], left + width)
