"""The losses of a run as rows of a table: blocks of entries, which become coarser as there are too many.

An entry is the minimum and the maximum of the losses of `width` steps, for the whole table a power of two; while it is
1 the entry is the loss itself. Behind the entries stand the losses that do not fill one yet, in a block of width 1.
"""

import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .form import BLOCK, LARGEST_ARRAY
from .packed import pack, unpack

Series = NDArray[np.float64]
WRITE = "INSERT OR REPLACE INTO losses (first, width, low, high) VALUES (?, ?, ?, ?)"


class LossBlocks:
    """What is written of the losses, at most `most` entries of them, a number of whole blocks that is even.

    `first`: the step of the first entry of the block that is not full; `low`, `high` its entries, `rest` what follows.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.width = 1
        self.first = 1
        self.low = self.high = self.rest = np.empty(0)

    @property
    def count(self) -> int:
        """How many losses there are."""
        return self.first - 1 + len(self.low) * self.width + len(self.rest)

    def copy(self) -> "LossBlocks":
        other = LossBlocks(self.most)
        other.take_from(self)
        return other

    def take_from(self, other: "LossBlocks") -> None:
        """Become equal to `other`. Arrays are shared: they are replaced as they change."""
        self.width, self.first = other.width, other.first
        self.low, self.high, self.rest = other.low, other.high, other.rest

    def add(self, losses: Sequence[float] | Series, connection: sqlite3.Connection) -> None:
        """Write the losses of the next steps."""
        connection.execute("DELETE FROM losses WHERE first >= ?", (self.first,))
        losses = np.concatenate([self.rest, np.asarray(losses, dtype=np.float64)])
        while True:
            number = min(len(losses) // self.width, BLOCK - len(self.low))
            entries = losses[: number * self.width].reshape(number, self.width)
            self.low = np.concatenate([self.low, entries.min(axis=1)])
            self.high = np.concatenate([self.high, entries.max(axis=1)])
            losses = losses[number * self.width :]
            if len(self.low) < BLOCK:
                break
            self.write(self.first, self.width, self.low, self.high, connection)
            self.first += BLOCK * self.width
            self.low = self.high = np.empty(0)
            if self.first > self.most * self.width:
                self.widen(connection)
        self.rest = losses
        if len(self.low):
            self.write(self.first, self.width, self.low, self.high, connection)
        if len(losses):
            self.write(self.first + len(self.low) * self.width, 1, losses, losses, connection)

    def begin_with(self, width: int, lows: Series, highs: Series, connection: sqlite3.Connection) -> None:
        """Write the first losses, of which only the extremes of `width` steps each are known."""
        self.width = width
        whole = len(lows) // BLOCK * BLOCK
        for begin in range(0, len(lows), BLOCK):
            low, high = lows[begin : begin + BLOCK], highs[begin : begin + BLOCK]
            self.write(1 + begin * width, width, low, high, connection)
        self.first, self.low, self.high = 1 + whole * width, lows[whole:], highs[whole:]

    def write(self, first: int, width: int, low: Series, high: Series, connection: sqlite3.Connection) -> None:
        connection.execute(WRITE, (first, width, pack(low), None if width == 1 else pack(high)))

    def widen(self, connection: sqlite3.Connection) -> None:
        """Make one entry of two. All blocks are full, and their number is even."""
        rows = connection.execute("SELECT first, low, high FROM losses ORDER BY first").fetchall()
        connection.execute("DELETE FROM losses")
        self.width *= 2
        for left, right in zip(rows[::2], rows[1::2], strict=True):
            lows = np.concatenate([unpacked(left[1]), unpacked(right[1])])
            highs = np.concatenate([unpacked(left[2] or left[1]), unpacked(right[2] or right[1])])
            low, high = lows.reshape(-1, 2).min(axis=1), highs.reshape(-1, 2).max(axis=1)
            self.write(left[0], self.width, low, high, connection)

    def cut(self, step: int, connection: sqlite3.Connection) -> None:
        """Forget what lies behind `step`, and where an entry lies on both sides of it, that entry too."""
        if step >= self.count:
            return
        self.first = step // (BLOCK * self.width) * BLOCK * self.width + 1
        # Of the last block there may be no entries but only losses that do not fill one.
        known = "SELECT low, high FROM losses WHERE first = ? AND width = ?"
        row = connection.execute(known, (self.first, self.width)).fetchone()
        connection.execute("DELETE FROM losses WHERE first >= ?", (self.first,))
        self.low = self.high = self.rest = np.empty(0)
        if row is not None and (number := (step - self.first + 1) // self.width):
            self.low = unpacked(row[0])[:number]
            self.high = unpacked(row[1] or row[0])[:number]
            self.write(self.first, self.width, self.low, self.high, connection)

    def go_on(self, connection: sqlite3.Connection) -> None:
        """Take up what stands in the table, to add to it."""
        rows = connection.execute("SELECT first, width, low, high FROM losses ORDER BY first").fetchall()
        for first, width, low, high in rows:
            lows, highs = unpacked(low), unpacked(high or low)
            self.width = max(self.width, width)
            if width < self.width:
                self.rest = lows
            elif len(lows) == BLOCK:
                self.first = first + BLOCK * width
            else:
                self.first, self.low, self.high = first, lows, highs


def unpacked(content: bytes) -> Series:
    """The entries of a block that this program has written."""
    left = memoryview(content)

    def read(count: int) -> bytes:
        nonlocal left
        portion, left = bytes(left[:count]), left[count:]
        return portion

    return unpack(read, len(content), LARGEST_ARRAY)
