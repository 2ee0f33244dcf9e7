"""The canvas of a plot: cells of 2 × 4 braille dots, or of one mark each in ASCII, in which curves lie over another."""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style

from .braille import BRAILLE, DOT_BITS
from .palette import FloatArray
from .plot_range import ValueRange
from .series import Columns

ACROSS, DOWN = 2, 4
"""Dots of a cell."""
UTF_32 = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
Ints = NDArray[np.signedinteger[Any]]


def bits_of_column(column: int) -> NDArray[np.uint8]:
    """The bits of a column of dots from the first to before the last, by five times the one and the other."""
    return np.array(
        [int(DOT_BITS[first:end, column].sum()) for first in range(DOWN + 1) for end in range(DOWN + 1)],
        dtype=np.uint8,
    )


LEFT, RIGHT = bits_of_column(0), bits_of_column(1)


class PlotCanvas:
    """`width` × `height` cells that show the values of `shown`; in ASCII (`marked`) each curve by a mark."""

    def __init__(self, width: int, height: int, shown: ValueRange, *, marked: bool) -> None:
        self.width, self.height, self.shown, self.marked = width, height, shown, marked
        self.bits = np.zeros((height, width), dtype=np.uint8)
        self.codes = np.full((height, width), ord(" "), dtype=np.uint32)
        self.styles = np.full((height, width), -1, dtype=np.intp)
        self.gives_way = np.zeros((height, width), dtype=bool)
        self.any_behind = False
        self.table: list[Style | None] = []
        self.numbers: dict[int, int] = {}

    @property
    def down(self) -> int:
        """Dots of a cell, one above the other."""
        return 1 if self.marked else DOWN

    def rows_of(self, values: FloatArray) -> Ints:
        """The rows of dots that values lie in, from the top; those outside in the first or the last."""
        low, high = self.shown.low, self.shown.high
        share = (high - np.minimum(np.maximum(values, low), high)) / (high - low)
        rows: Ints = (share * (self.down * self.height - 1) + 0.5).astype(np.int16)
        return rows

    def row_of(self, value: float) -> int:
        """The row of cells of one value."""
        low, high = self.shown.low, self.shown.high
        share = (high - min(max(value, low), high)) / (high - low)
        return int(share * (self.down * self.height - 1) + 0.5) // self.down

    def curve(self, columns: Columns, styles: Sequence[Style], cursor: int | None, mark: str, *, behind: bool) -> None:
        """Draw a curve in the first of two styles, right of the cell `cursor` in the second."""
        known = np.isfinite(columns.high)
        bottom = self.rows_of(np.where(known, columns.low, 0.0))
        top = self.rows_of(np.where(known, columns.high, 0.0))
        bottom[~known], top[~known] = -1, self.down * self.height
        # Where a curve goes on from a column to one that is farther off it is drawn half of the way in each.
        for sign in (1, -1):
            upper, lower = (bottom[:-1], top[1:]) if sign > 0 else (bottom[1:], top[:-1])
            apart = columns.joined & (lower - upper > 1)
            middle = (upper + lower)[apart] // 2
            upper[apart], lower[apart] = middle, middle + 1
        if self.marked:
            rows = np.arange(self.height)[:, None]
            drawn = (top <= rows) & (rows <= bottom)
            self.codes[drawn] = ord(mark)
        else:
            bits = self.bits_of(top[0::ACROSS], bottom[0::ACROSS], LEFT)
            bits |= self.bits_of(top[1::ACROSS], bottom[1::ACROSS], RIGHT)
            drawn = bits != 0
            if self.any_behind:
                # Where something gives way its dots would be taken for this curve's.
                self.bits[drawn & self.gives_way] = 0
            self.bits |= bits
        if behind or self.any_behind:
            self.gives_way[drawn] = behind
        self.any_behind |= behind
        split = self.width if cursor is None else cursor + 1
        for cells, of in ((slice(0, split), styles[0]), (slice(split, None), styles[1])):
            self.styles[:, cells][drawn[:, cells]] = self.numbered(of)

    def bits_of(self, top: Ints, bottom: Ints, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The bits of each cell for the dots from `top` to `bottom` in its left column, or its right one."""
        bits = np.zeros((self.height, self.width), dtype=np.uint8)
        columns = (bottom >= 0).nonzero()[0]
        top, bottom = top[columns], bottom[columns]
        highest, lowest = top // DOWN, bottom // DOWN
        first, last = top % DOWN, bottom % DOWN + 1
        within = highest == lowest
        bits[highest, columns] = table[(DOWN + 1) * first + np.where(within, last, DOWN)]
        over = (~within).nonzero()[0]
        if over.size:
            highest, lowest, columns = highest[over], lowest[over], columns[over]
            bits[lowest, columns] = table[last[over]]
            between = np.arange(self.height)[:, None]
            row, place = ((highest < between) & (between < lowest)).nonzero()
            bits[row, columns[place]] = table[DOWN]
        return bits

    def finish(self) -> None:
        """All curves are drawn: make characters of their dots."""
        if not self.marked:
            self.codes = np.where(self.bits != 0, np.uint32(BRAILLE) + self.bits, self.codes)

    def numbered(self, of: Style | None) -> int:
        """The number of a style."""
        number = self.numbers.get(id(of))
        if number is None:
            number = self.numbers[id(of)] = len(self.table)
            self.table.append(of)
        return number

    def put(self, column: int, row: int, character: str, of: Style | None) -> None:
        """One character in place of what is there."""
        self.codes[row, column] = ord(character)
        self.styles[row, column] = self.numbered(of)

    def rule(self, column: int, character: str, of: Style, over: str = " ") -> None:
        """A line down a column, where there is nothing but a character of `over`."""
        free = np.isin(self.codes[:, column], [ord(one) for one in over])
        self.codes[free, column] = ord(character)
        self.styles[free, column] = self.numbered(of)

    def rows(self) -> list[list[Segment]]:
        """The cells of each row, neighbours of one style together; every character is one cell wide."""
        styles = np.where(self.codes == ord(" "), -1, self.styles)
        changes = np.ones(styles.shape, dtype=bool)
        changes[:, 1:] = styles[:, 1:] != styles[:, :-1]
        starts = changes.ravel().nonzero()[0]
        of = styles.ravel()[starts].tolist()
        begins = starts.tolist()
        text = self.codes.tobytes().decode(UTF_32)
        table = [*self.table, None]
        parts = [
            Segment(text[begin:end], table[number])
            for begin, end, number in zip(begins, [*begins[1:], len(text)], of, strict=True)
        ]
        ends = np.searchsorted(starts, self.width * np.arange(1, self.height + 1)).tolist()
        return [parts[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
