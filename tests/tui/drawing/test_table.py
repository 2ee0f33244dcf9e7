"""A table of names and numbers: what has no room is told of."""

import pytest

from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.table import Table, table_lines

TABLE = Table(["output", "answer", "target"], ["y1", "y2", "y3"], [[0.25, 1.0], [None, 0.0], [0.5, 2.0]], "outputs")


def texts(width: int, height: int, look: Look | None = None) -> list[str]:
    return [strip.text.rstrip() for strip in table_lines(TABLE, width, height, look or Look())]


def test_a_table_with_room_is_whole() -> None:
    assert texts(40, 6) == [
        "output    answer    target",
        "y1          0.25         1",
        "y2             ·         0",
        "y3           0.5         2",
    ]


@pytest.mark.parametrize(("look", "sign"), [(Look(), "…"), (Look(glyphs=ASCII), "~")])
def test_a_column_and_rows_without_room_are_told_of(look: Look, sign: str) -> None:
    assert texts(22, 3, look) == [
        f"output    answer {sign}",
        "y1          0.25",
        f"{sign} 2 more outputs",
    ]
    # Where the heading takes all the room the sign stands in its last cell.
    assert texts(16, 2, look)[0] == f"output    answe{sign}"
