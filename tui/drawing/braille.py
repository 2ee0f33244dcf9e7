"""Dots finer than cells: 2 × 4 braille dots in each, every cell in the colour of what was drawn there last.

Without braille, in ASCII, a cell shows the glyph of what was drawn there last.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from rich.style import Style

from .glyphs import Look
from .palette import FloatArray
from .strips import Grid

DOT_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint8)
"""The bit of each dot of a braille character, by row and column."""
BRAILLE = 0x2800


CHARACTERS = [chr(BRAILLE + bits) for bits in range(256)]


class Dots:
    """A canvas of (4·height, 2·width) dots; what is drawn belongs to an owner, an index into a list of styles."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(0, width), max(0, height)
        self.dots = np.zeros((4 * self.height, 2 * self.width), dtype=np.uint8)
        self.owners = np.full((self.height, self.width), -1, dtype=np.intp)

    def plot(self, x: FloatArray, y: FloatArray, owner: NDArray[np.intp] | int) -> None:
        """Set the dots at `x`, `y` (in dots, from the upper left, rounded); what falls outside is left out."""
        columns, rows = np.rint(x).astype(np.intp), np.rint(y).astype(np.intp)
        inside = (columns >= 0) & (columns < 2 * self.width) & (rows >= 0) & (rows < 4 * self.height)
        columns, rows = columns[inside], rows[inside]
        self.dots[rows, columns] = 1
        self.owners[rows // 4, columns // 2] = owner if isinstance(owner, int) else owner[inside]

    def cells(self) -> Iterator[tuple[int, int, str, int]]:
        """Column, row, braille character and owner of every cell that has a dot."""
        blocks = self.dots.reshape(self.height, 4, self.width, 2)
        bits = (blocks * DOT_BITS[None, :, None, :]).sum(axis=(1, 3), dtype=np.uint8)
        rows, columns = np.nonzero(bits)
        found = bits[rows, columns].tolist(), self.owners[rows, columns].tolist()
        for column, row, bit, owner in zip(columns.tolist(), rows.tolist(), *found, strict=True):
            yield column, row, CHARACTERS[bit], owner

    def draw(self, grid: Grid, x: int, y: int, styles: Sequence[Style], marks: Sequence[str], look: Look) -> None:
        """Write the cells into `grid` from (`x`, `y`), each owner in its style; in ASCII by its mark."""
        for column, row, character, owner in self.cells():
            grid.cell(x + column, y + row, marks[owner] if look.glyphs.ascii else character, styles[owner])


def polyline(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Points less than a dot apart along the line through (`x`, `y`) in dots; a gap at points that are not finite."""
    ends = np.column_stack([x[:-1], x[1:], y[:-1], y[1:]]).astype(float)
    ends = ends[np.isfinite(ends).all(axis=1)]
    if not len(ends):
        return np.empty(0), np.empty(0)
    counts = np.maximum(np.abs(ends[:, 1] - ends[:, 0]), np.abs(ends[:, 3] - ends[:, 2])).astype(np.intp) + 2
    piece = np.repeat(np.arange(len(ends)), counts)
    share = (np.arange(len(piece)) - np.repeat(counts.cumsum() - counts, counts)) / (counts[piece] - 1)
    start_x, end_x, start_y, end_y = ends[piece].T
    return start_x + (end_x - start_x) * share, start_y + (end_y - start_y) * share
