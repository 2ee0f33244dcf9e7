"""A table of names and numbers: names to the left, cut where they are long, numbers to the right under their titles."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.value_class import dataclass

from .glyphs import Look
from .numbers import format_number
from .palette import FloatArray
from .strips import Part, fit, line, padded, style
from .titles import told_apart

NUMBER, DIGITS = 9, 4
LEAST_NAME, MOST_NAME = 6, 20
GAP = 3
"""Cells between two tables side by side."""
Row = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Table:
    """`titles` of the names and of each column of numbers; `names`, and of each the numbers, None for blank."""

    titles: Sequence[str]
    names: Sequence[str]
    rows: Sequence[Row] | FloatArray
    more: str = "rows"
    """What there is more of, where not all have room."""


def table_lines(table: Table, width: int, height: int, look: Look) -> list[Strip]:
    """The table in `height` lines, in several parts side by side where one is too long for them.

    Columns that have no room are left out from the right, for which an ellipsis stands in the heading, and rows at the
    end, with a line that says how many.
    """
    if height <= 0 or width <= 0 or not len(table.names):
        return []
    # Of thousands only those count that may have room.
    near = table.names[: height * max(1, width // (NUMBER + 1))]
    longest = max(cell_len(look.text(name)) for name in (table.titles[0], *near))
    columns = min(len(table.titles) - 1, max(1, (width - min(LEAST_NAME, longest)) // (NUMBER + 1)))
    numbers = columns * (NUMBER + 1)
    name = max(1, min(longest, MOST_NAME, width - numbers))
    one = name + numbers
    across = max(1, (width + GAP) // (one + GAP))
    count, room = len(table.names), height - 1
    across = min(across, -(-count // max(room, 1)))
    seen = min(count, across * room)
    if seen < count:
        seen = max(0, across * (room - 1))
    parts = -(-seen // across) if seen else 0
    head = padded(table.titles[0], name, look) + "".join(
        f" {padded(title, NUMBER, look, right=True)}" for title in table.titles[1 : columns + 1]
    )
    dim = style(look.palette.dim)
    heads = (head + " " * GAP) * across
    if columns < len(table.titles) - 1:
        heads = fit(f"{heads.rstrip()} {look.glyphs.ellipsis}", width, look)
    lines = [line([(heads, dim)], width)]
    names = told_apart(table.names[:seen], name, look)
    for place in range(parts):
        cells: list[Part] = []
        for row in range(place, seen, parts):
            if cells:
                cells.append((" " * GAP, None))
            texts = "".join(f" {number_text(value, look):>{NUMBER}}" for value in list(table.rows[row])[:columns])
            cells += [(padded(names[row], name, look), dim), (texts, style(look.palette.text))]
        lines.append(line(cells, width))
    if seen < count:
        more = fit(f"{look.glyphs.ellipsis} {count - seen} more {table.more}", width, look)
        lines.append(line([(more, style(look.palette.accent))], width))
    return lines[:height]


def number_text(value: float | None, look: Look) -> str:
    return format_number(None if value is None else float(value), NUMBER, DIGITS, look.glyphs)
