"""A small matrix with its numbers, in brackets, aligned on the point; a large one cut, with its shape."""

from collections.abc import Callable, Sequence

import numpy as np
from rich.style import Style
from textual.strip import Strip

from .glyphs import Look
from .numbers import format_column
from .palette import FloatArray
from .strips import Part, fit, line, style

GAP = 2
"""Spaces between columns."""
LEAST_WIDTH = 6
"""Cells that a column of numbers needs; below that columns are elided."""

Shape = tuple[int, int]
Mark = Callable[[int, int], Part]
"""What stands behind the number of a row and column: one character and its style."""


def matrix_lines(
    array: FloatArray | None,
    width: int,
    height: int,
    look: Look,
    *,
    shape: Shape = (1, 1),
    digits: int = 6,
    spotlight: Shape | None = None,
    mark: Mark | None = None,
) -> list[Strip]:
    """The matrix in at most `height` lines of `width` cells; a vector is a column, None is blank in the given `shape`.

    Rows and columns that do not fit are elided, never the one in the `spotlight` (row, column); the shape is then said.
    With `mark` each number has a mark behind it, in the first cell of the gap between columns.
    """
    if width <= 0 or height <= 0:
        return []
    cells = None if array is None else as_matrix(array)
    rows, columns = shape if cells is None else cells.shape
    marks = 0 if mark is None else 1
    shown_rows, shown_columns, column_room = _fitting(rows, columns, width - marks, height, digits, spotlight)
    if not shown_rows or not shown_columns:
        return [line([(fit(_size(rows, columns, look), width, look), style(look.palette.dim))], width)]
    texts = [_column_texts(cells, shown_rows, column, column_room, digits, look) for column in shown_columns]
    lines = _bracketed(texts, shown_rows, shown_columns, spotlight, mark, width, look)
    if None in shown_rows or None in shown_columns or len(shown_rows) < rows or len(shown_columns) < columns:
        lines.append(line([(fit(_size(rows, columns, look), width, look), style(look.palette.dim))], width))
    return lines[:height]


def matrix_entry_at(
    array: FloatArray,
    width: int,
    height: int,
    look: Look,
    x: int,
    y: int,
    *,
    digits: int = 6,
    spotlight: Shape | None,
    marked: bool = False,
) -> Shape | None:
    """The entry (row, column) whose number stands at cell (x, y) of the lines drawn with these, or None.

    `marked`: whether they were drawn with marks.
    """
    cells = as_matrix(array)
    rows, columns, room = _fitting(cells.shape[0], cells.shape[1], width - marked, height, digits, spotlight)
    if not rows or not columns or not 0 <= y < len(rows) or (row := rows[y]) is None:
        return None
    right = 1
    for column in columns:
        right += len(_column_texts(cells, rows, column, room, digits, look)[0]) + GAP
        if x < right:
            return None if column is None or x < 1 else (row, column)
    return None


def _fitting(
    rows: int, columns: int, width: int, height: int, digits: int, spotlight: Shape | None
) -> tuple[list[int | None], list[int | None], int]:
    """The rows and the columns that have room, None for an elision, and the cells for each column."""
    if rows == 0 or columns == 0:
        return [], [], 0
    column_room = _column_width(columns, width, digits)
    shown_columns = _shown(columns, _columns_that_fit(width, column_room), spotlight and spotlight[1])
    room = height if rows <= height and len(shown_columns) == columns else height - 1
    return _shown(rows, room, spotlight and spotlight[0]), shown_columns, column_room


def as_matrix(array: FloatArray) -> FloatArray:
    """The array in two dimensions: a vector as one column, a number as one entry."""
    array = np.asarray(array, dtype=float)
    return array.reshape(-1, 1) if array.ndim < 2 else array


def _size(rows: int, columns: int, look: Look) -> str:
    return f"{rows}{look.glyphs.times}{columns}"


def _column_width(columns: int, width: int, digits: int) -> int:
    """Cells for each column: all that there are for all columns, within what the digits need and a number's least."""
    room = (width - 2 - GAP * (columns - 1)) // columns
    return max(min(LEAST_WIDTH, width - 2), min(room, digits + 6), 1)


def _columns_that_fit(width: int, column_width: int) -> int:
    return max(0, (width - 2 + GAP) // (column_width + GAP))


def _shown(count: int, room: int, spotlight: int | None) -> list[int | None]:
    """The indices shown in `room` places, None for an elision: the first ones, the last, and the spotlight."""
    if count <= room:
        return list(range(count))
    if room < 3:
        start = min(spotlight, count - room) if spotlight is not None and 0 <= spotlight < count else 0
        return list(range(start, start + max(0, room)))
    first = list(range(room - 2))
    if spotlight is None or not room - 2 <= spotlight < count - 1:
        return [*first, None, count - 1]
    return [*first[: room - 3], None, spotlight, count - 1] if room > 3 else [0, None, spotlight]


def _column_texts(
    cells: FloatArray | None, rows: Sequence[int | None], column: int | None, width: int, digits: int, look: Look
) -> list[str]:
    """The texts of one column, of one length; elided rows and columns are an ellipsis."""
    if column is None:
        return [look.glyphs.ellipsis] * len(rows)
    values = [None if row is None or cells is None else float(cells[row, column]) for row in rows]
    texts = format_column(values, width, digits, look.glyphs)
    return [
        look.glyphs.ellipsis.center(len(text)) if row is None else text for row, text in zip(rows, texts, strict=True)
    ]


def _bracketed(
    texts: Sequence[Sequence[str]],
    rows: Sequence[int | None],
    columns: Sequence[int | None],
    spotlight: Shape | None,
    mark: Mark | None,
    width: int,
    look: Look,
) -> list[Strip]:
    plain, dim = style(look.palette.text), style(look.palette.dim)
    chosen = style(look.palette.accent, bold=True, reverse=True)
    gap = " " * (GAP if mark is None else GAP - 1)
    lines = []
    for place, row in enumerate(rows):
        kind = 0 if len(rows) == 1 else 1 if place == 0 else 3 if place == len(rows) - 1 else 2
        parts: list[Part] = [(look.glyphs.bracket_left[kind], dim)]
        for index, column in enumerate(columns):
            of: Style = chosen if spotlight is not None and (row, column) == spotlight else plain
            text = texts[index][place]
            parts += [(gap if index else "", None), (" " * (len(text) - len(text.lstrip())), None), (text.lstrip(), of)]
            if mark is not None:
                parts.append((" ", None) if row is None or column is None else mark(row, column))
        parts.append((look.glyphs.bracket_right[kind], dim))
        lines.append(line(parts, width))
    return lines
