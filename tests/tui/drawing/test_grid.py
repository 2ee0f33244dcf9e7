"""Cells that are written over one another, wide characters among them: every row keeps its width."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from backprop_tui.tui.drawing.strips import Grid

TEXTS = st.text(alphabet="ab 日本é▀", max_size=6)


def test_a_wide_character_has_two_cells_and_leaves_a_blank_where_it_is_cut() -> None:
    grid = Grid(6, 1)
    grid.write(0, 0, "日本x")
    assert grid.lines()[0].text == "日本x "
    grid.write(1, 0, "a")
    assert grid.lines()[0].text == " a本x "
    grid.write(2, 0, "b")
    assert grid.lines()[0].text == " ab x "
    grid.write(5, 0, "日")
    assert grid.lines()[0].text == " ab x?"


@given(st.lists(st.tuples(st.integers(-2, 9), TEXTS), max_size=8))
def test_every_row_keeps_its_width(written: list[tuple[int, str]]) -> None:
    grid = Grid(8, 1)
    for x, text in written:
        grid.write(x, 0, text)
    strip = grid.lines()[0]
    assert cell_len(strip.text) == strip.cell_length == 8
