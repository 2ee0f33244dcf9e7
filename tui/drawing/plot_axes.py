"""What stands around a curve over steps: the legend, the ticks of its values, the ends of its steps."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.value_class import dataclass

from .glyphs import Look
from .numbers import format_count, format_number
from .plot_range import ValueRange
from .round_ticks import round_log_ticks, round_ticks
from .series import MARKS, Columns, Series
from .strips import Part, fit, line, style

LABEL = 8
"""Cells of a number on the vertical axis."""
LEAST_DIGITS, MOST_DIGITS = 3, 6
MOST_TICKS = 7
LEAST_NAME = 4
"""Cells of a name that are worth reading."""
DOWN = 4
"""Dots of a cell, one above the other."""


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
        return math.floor((step - self.first) / (self.last - self.first) * (self.width - 1) + 0.5)

    @property
    def steps_of_column(self) -> float:
        """How many steps lie between two columns."""
        return (self.last - self.first) / max(1, self.width - 1)

    def step_at(self, column: int) -> float:
        """The step that a column, from the left of the plot, stands for; outside the nearest end."""
        share = column / max(1, self.width - 1)
        return self.first + (self.last - self.first) * min(max(share, 0.0), 1.0)


def value_ticks(shown: ValueRange, rows: int, log: bool, look: Look) -> list[tuple[int, str]]:
    """Rows and labels of the vertical axis: round numbers, or its ends where there are none.

    Where all points have one value it alone has a label.
    """
    if shown.only is not None:
        share = (shown.high - shown.only) / (shown.high - shown.low)
        return [(round(share * max(0, rows - 1)), _labels([shown.only], log, look)[0])]
    most = min(MOST_TICKS, rows // 2 + 1)
    found: dict[int, float] = {}
    # A round number at less than half a dot beyond an end stands at that end.
    margin = (shown.high - shown.low) / (2 * DOWN * rows)
    values = (round_log_ticks if log else round_ticks)(shown.low - margin, shown.high + margin, most)
    for value in reversed(values):
        found.setdefault(row_of(math.log10(value) if log else value, shown, rows), value)
    labels = [format_number(value, LABEL, MOST_DIGITS, look.glyphs) for value in found.values()]
    if len(labels) >= min(2, rows) and len(set(labels)) == len(labels):
        return list(zip(found, labels, strict=True))
    places = sorted({0, max(0, rows - 1)})
    ends = [shown.high, shown.low][: len(places)]
    return list(zip(places, _labels(ends, log, look), strict=True))


def row_of(value: float, shown: ValueRange, rows: int) -> int:
    """The row of cells in which a value of the axis lies."""
    share = (shown.high - value) / (shown.high - shown.low)
    return int(min(max(share, 0.0), 1.0) * (DOWN * rows - 1) + 0.5) // DOWN


def _labels(values: Sequence[float], log: bool, look: Look) -> list[str]:
    """The values, or ten to their powers, with as many digits as tell them apart, as far as there is room."""
    with np.errstate(all="ignore"):
        told = [float(np.power(10.0, value)) if log else value for value in values]
    for digits in range(LEAST_DIGITS, MOST_DIGITS + 1):
        labels = [format_number(value, LABEL, digits, look.glyphs) for value in told]
        if len(set(labels)) == len(labels):
            break
    return labels


def same_as(columns: Sequence[Columns]) -> list[int | None]:
    """For each curve the first before it that is the same in every column; None without one."""
    return [
        next((before for before in range(index) if one.values.size and one.same(columns[before])), None)
        for index, one in enumerate(columns)
    ]


def legend(
    series: Sequence[Series],
    same: Sequence[int | None],
    shown: ValueRange,
    log: bool,
    note: str,
    width: int,
    look: Look,
) -> Strip:
    """The name of each series in its colour, with its mark, and the scale; up to where curves go where it is cut.

    `same` has for each series an earlier one whose curve is the same, None where there is none. Names give way where
    there is no room.
    """
    names = []
    for index, one in enumerate(series):
        other = same[index]
        names.append(look.text(one.name if other is None else f"{one.name} (as {series[other].name})"))
    marks = [look.text(mark_of(index, one, look)) for index, one in enumerate(series)]
    lettered = tuple(bool(one.letter) for one in series)
    names = list(fitted_names(tuple(names), tuple(marks), lettered, width, look))
    parts: list[Part] = []
    for one, mark, name in zip(series, marks, names, strict=True):
        parts += [(f"{mark}{name}" if name else mark.rstrip(), style(one.color, bold=True)), ("  ", None)]
    used = sum(cell_len(text) for text, _ in parts)
    scale = "log" if log else "linear"
    greatest = f"{look.glyphs.up} to {_labels([shown.greatest], log, look)[0]}" if shown.cut else ""
    # The note tells more than the scale, which the axis shows, and where curves go more than either.
    candidates = ("  ".join(filter(None, told)) for told in ((greatest, note, scale), (greatest, note), (greatest,)))
    fitting = next((text for text in [*candidates, "" if greatest else scale] if width - used >= len(text)), "")
    if fitting:
        parts.append((look.text(fitting).rjust(width - used), style(look.palette.dim)))
    return line(parts, width)


@lru_cache(maxsize=256)
def fitted_names(
    names: tuple[str, ...], marks: tuple[str, ...], lettered: tuple[bool, ...], width: int, look: Look
) -> tuple[str, ...]:
    """The names as far as there is room for them behind their marks.

    Those with a letter are cut first, then the others keep their first word, then those with a letter have it alone.
    """

    def room(kept: Sequence[str]) -> int:
        shown = (f"{mark}{name}" if name else mark.rstrip() for mark, name in zip(marks, kept, strict=True))
        return width + 2 - sum(cell_len(text) + 2 for text in shown)

    found = list(names)
    for least in (LEAST_NAME, 0):
        for size in range(max(map(cell_len, names), default=0), least - 1, -1):
            if room(found) >= 0:
                return tuple(found)
            kept = size if size >= LEAST_NAME else 0
            found = [
                fit(name, kept, look) if own else one for name, one, own in zip(names, found, lettered, strict=True)
            ]
        if room(found) < 0:
            found = [one if own else one.partition(" ")[0] for one, own in zip(found, lettered, strict=True)]
    for size in range(max(map(cell_len, found), default=0), 0, -1):
        if room(found) >= 0:
            break
        found = [fit(name, size, look) for name in found]
    return tuple(found)


def mark_of(index: int, one: Series, look: Look) -> str:
    """What tells a series from others besides its colour: its letter, in ASCII what its line is drawn with."""
    if one.letter:
        return "" if one.letter == one.name else f"{one.letter} "
    return f"{MARKS[index % len(MARKS)]} " if look.glyphs.ascii else look.glyphs.horizontal


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
    for label, start in ((low, 0), (high, width - len(high))) if last > first else ((low, 0),):
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
