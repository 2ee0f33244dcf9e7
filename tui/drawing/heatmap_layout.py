"""Where each entry of a matrix stands in its heatmap, and which entry a cell shows (for the mouse)."""

from dataclasses import dataclass

from .glyphs import Look

LARGEST_CELL = 3
"""Lines that one entry may take at most; it is twice as many cells wide."""


@dataclass(frozen=True)
class HeatmapLayout:
    """Which entries of a (rows, columns) matrix stand where; `dense` means two rows of entries a line."""

    rows: int
    columns: int
    shown_rows: int
    shown_columns: int
    cell_width: int
    cell_height: int
    dense: bool

    @property
    def width(self) -> int:
        return self.shown_columns * self.cell_width

    @property
    def height(self) -> int:
        return (self.shown_rows + 1) // 2 if self.dense else self.shown_rows * self.cell_height

    def cell_of(self, row: int, column: int) -> tuple[int, int]:
        """The leftmost, uppermost cell (x, y) of an entry."""
        block_row, block_column = (
            _block(row, self.rows, self.shown_rows),
            _block(column, self.columns, self.shown_columns),
        )
        return block_column * self.cell_width, block_row // 2 if self.dense else block_row * self.cell_height

    def entry_at(self, x: int, y: int) -> tuple[int, int] | None:
        """The entry that cell (x, y) shows, the first of those pooled into it; None outside."""
        if not (0 <= x < self.width and 0 <= y < self.height):
            return None
        block_row = 2 * y if self.dense else y // self.cell_height
        return block_row * self.rows // self.shown_rows, x // self.cell_width * self.columns // self.shown_columns


def _block(index: int, count: int, shown: int) -> int:
    return ((index + 1) * shown - 1) // count


def heatmap_layout(
    rows: int, columns: int, width: int, height: int, look: Look, signs: bool | None = None
) -> HeatmapLayout:
    """How a matrix fits into `width` × `height` cells; `signs` forces entries by the cell (True) or half blocks."""
    dense = not look.ramps and (not signs if signs is not None else rows > height or columns > width)
    if dense:
        return HeatmapLayout(rows, columns, min(rows, 2 * height), min(columns, width), 1, 1, True)
    shown_rows, shown_columns = min(rows, height), min(columns, width)
    scale = min(LARGEST_CELL, height // max(1, shown_rows), width // max(1, 2 * shown_columns))
    return HeatmapLayout(rows, columns, shown_rows, shown_columns, 2 * scale or 1, scale or 1, False)
