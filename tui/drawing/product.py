"""Small matrices side by side under their names, with signs between them: `[W | b] · [A ; 1] = Z`.

All rows and columns are there, or the whole drawing is not.
"""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.value_class import dataclass

from .glyphs import Look
from .matrix import GAP, matrix_lines
from .palette import FloatArray
from .strips import Part, line, style

DIGITS = (6, 5, 4, 3)
"""Significant digits of the numbers, in the order in which they are tried; fewer would say too little."""


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """An array (rows, columns) under a name; `lit` is the entry that stands out, None for none."""

    name: str
    array: FloatArray
    lit: tuple[int, int] | None = None


def product_lines(tokens: Sequence[Matrix | str], width: int, height: int, look: Look) -> list[Strip]:
    """The matrices and the signs between them, with as many digits as fit; none where it has no room with three."""
    matrices = [token for token in tokens if isinstance(token, Matrix)]
    rows = max((len(matrix.array) for matrix in matrices), default=0)
    if not rows or rows + 1 > height or min(matrix.array.size for matrix in matrices) == 0:
        return []
    if 2 * max(matrix.array.shape[1] for matrix in matrices) > width:
        return []
    for digits in DIGITS:
        columns = [column_of(token, rows, digits, look) for token in tokens]
        gaps = len(columns) - 1
        if sum(column[0].cell_length for column in columns) + gaps <= width:
            blank = Strip.blank(1)
            return [Strip.join(apart([column[row] for column in columns], blank)) for row in range(rows + 1)]
    return []


def apart(strips: Sequence[Strip], blank: Strip) -> list[Strip]:
    """The strips with a blank between each two."""
    return [strip for one in strips for strip in (one, blank)][:-1]


def column_of(token: Matrix | str, rows: int, digits: int, look: Look) -> list[Strip]:
    """One matrix with its name above, or a sign in the middle row: rows + 1 strips of one width."""
    palette = look.palette
    if isinstance(token, str):
        text = look.text(token)
        blank = Strip.blank(cell_len(text))
        sign = line([(text, style(palette.accent))], cell_len(text))
        return [sign if row == 1 + (rows - 1) // 2 else blank for row in range(rows + 1)]
    array = token.array
    natural = array.shape[1] * (digits + 6 + GAP) + 2
    block = matrix_lines(array, natural, len(array), look, digits=digits, spotlight=token.lit)
    name: list[Part] = [(look.text(token.name), style(palette.dim))]
    room = max(cell_len(name[0][0]), *(strip.cell_length for strip in block))
    above = (rows - len(block)) // 2
    lines = [Strip([])] * above + block + [Strip([])] * (rows - len(block) - above)
    return [strip.adjust_cell_length(room) for strip in (line(name, room), *lines)]
