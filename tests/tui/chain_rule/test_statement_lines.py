"""Text broken between words: every word is there in order, and no row is wider than its room."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from backprop_tui.tui.chain_rule.statement_lines import wrapped_rows
from backprop_tui.tui.drawing.glyphs import Look


@given(st.lists(st.text("ab∂漢₁", max_size=9), max_size=20), st.integers(20, 60), st.integers(0, 6))
def test_all_words_stand_in_rows_that_fit(words: list[str], width: int, indent: int) -> None:
    rows = wrapped_rows(" ".join(words), width, Look(), indent)
    assert " ".join(rows).split() == " ".join(words).split()
    assert all(cell_len(row) <= width for row in rows)
    assert all(row.startswith(" " * indent) for row in rows[1:])
    # A row is broken where the next word has no room, and nowhere else.
    for row, following in pairwise(rows):
        if row.strip() and following.strip():
            assert cell_len(row) + 1 + cell_len(following.split()[0]) > width
