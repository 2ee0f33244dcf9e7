"""The canvas of a plot: cells of 2 × 4 braille dots, or of one mark each in ASCII, in which curves lie over another."""

import sys
from collections.abc import Sequence
from functools import partial
from itertools import repeat
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
        self.styles = np.full((height, width), -1, dtype=np.int16)
        self.rows_down = np.arange(height, dtype=np.int16)[:, None]
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
            drawn = (top <= self.rows_down) & (self.rows_down <= bottom)
            np.copyto(self.codes, ord(mark), where=drawn)
        else:
            bits = self.bits_of(top[0::ACROSS], bottom[0::ACROSS], LEFT)
            bits |= self.bits_of(top[1::ACROSS], bottom[1::ACROSS], RIGHT)
            drawn = bits != 0
            if self.any_behind:
                # Where something gives way its dots would be taken for this curve's.
                np.copyto(self.bits, 0, where=drawn & self.gives_way)
            self.bits |= bits
        if behind or self.any_behind:
            np.copyto(self.gives_way, behind, where=drawn)
        self.any_behind |= behind
        split = self.width if cursor is None else cursor + 1
        for cells, of in ((slice(0, split), styles[0]), (slice(split, None), styles[1])):
            np.copyto(self.styles[:, cells], self.numbered(of), where=drawn[:, cells])

    def bits_of(self, top: Ints, bottom: Ints, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The bits of each cell for the dots from `top` to `bottom` in its left column, or its right one."""
        highest, lowest = top // DOWN, bottom // DOWN
        # Between the highest and the lowest cell of a column all are full.
        between = (highest < self.rows_down) & (self.rows_down < lowest)
        bits: NDArray[np.uint8] = between.view(np.uint8) * table[DOWN]
        columns = (bottom >= 0).nonzero()[0]
        highest, lowest = highest[columns], lowest[columns]
        first, last = top[columns] % DOWN, bottom[columns] % DOWN + 1
        over = highest < lowest
        bits[highest, columns] = table[(DOWN + 1) * first + np.where(over, DOWN, last)]
        bits[lowest[over], columns[over]] = table[last[over]]
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
        # Of a blank cell no colour is seen: it goes with what stands before it, unless that is a letter on a ground.
        table = [*self.table, None]
        grounded = np.array([of is not None and bool(of.reverse) for of in table])
        blank = self.codes == ord(" ")
        places = np.where(blank, 0, np.arange(self.width, dtype=np.int16))
        before = np.maximum.accumulate(places, axis=1) + self.width * self.rows_down.astype(np.intp)
        styles = self.styles.ravel()[before]
        np.copyto(styles, -1, where=blank & grounded[styles])
        changes = np.ones(styles.shape, dtype=bool)
        changes[:, 1:] = styles[:, 1:] != styles[:, :-1]
        starts = changes.ravel().nonzero()[0]
        begins = starts.tolist()
        text = self.codes.tobytes().decode(UTF_32)
        texts = [text[begin:end] for begin, end in zip(begins, [*begins[1:], len(text)], strict=True)]
        of_parts = [table[number] for number in styles.ravel()[starts].tolist()]
        # There may be a thousand: made as `Segment._make` makes them, without a call of Python's for each.
        made = map(partial(tuple.__new__, Segment), zip(texts, of_parts, repeat(None), strict=False))
        parts: list[Segment] = list(made)
        ends = np.searchsorted(starts, self.width * np.arange(1, self.height + 1)).tolist()
        return [parts[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
