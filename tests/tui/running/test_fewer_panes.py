"""Where the panes stand of which some are hidden."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.tui.running.arrangement import LESSON, PANES, SETTINGS, arrangement
from backprop_tui.tui.running.fewer_panes import with_hidden

SOME = [hidden for count in range(1, 5) for hidden in combinations(PANES, count)]


@given(
    st.integers(1, 220), st.integers(1, 60), st.sampled_from(SOME), st.sampled_from(["", LESSON, SETTINGS]), st.data()
)
def test_what_stays_is_shown_and_fills_the_grid(
    width: int, height: int, hidden: tuple[str, ...], side: str, data: st.DataObject
) -> None:
    shown = [name for name in PANES if name not in hidden]
    current = data.draw(st.sampled_from([*shown, *([side] if side else [])]))
    about = data.draw(st.sampled_from(["", *PANES])) if side else ""
    maximised = data.draw(st.booleans())
    usual = arrangement(width, height, current, maximised, side, about)
    found, rows = with_hidden(usual, width, height, current, about, hidden)
    assert not set(found.panes) & set(hidden)
    assert len(set(found.panes)) == len(found.panes)
    assert current in found.panes
    if usual.name == "single":
        assert found == usual
        return
    assert (side in found.panes) == bool(side)
    if rows is None:
        assert len(found.panes) == 2
        return
    spans = rows.spans()
    assert set(spans) == set(found.panes)
    of_side = spans[side][0] if side else 0
    assert all(sum(spans[name][0] for name in row) + of_side == rows.columns for row in rows.rows)
    if found.shared == "":
        assert set(found.panes) == {*shown, *([side] if side else [])}


@pytest.mark.parametrize(
    ("size", "hidden", "side", "panes"),
    [
        ((120, 36), ("loss",), "", ("weights", "chain-rule", "gradients", "data")),
        ((80, 24), ("loss",), "", ("chain-rule", "weights", "gradients", "data")),
        ((80, 24), ("chain-rule",), "", ("weights", "loss", "gradients", "data")),
        ((200, 50), ("weights", "chain-rule"), LESSON, ("loss", LESSON, "gradients", "data")),
        ((105, 36), ("weights", "loss"), SETTINGS, ("chain-rule", SETTINGS, "data")),
        ((80, 24), ("loss",), LESSON, ("data", LESSON)),
        ((80, 24), ("loss", "weights", "gradients", "data"), "", ("chain-rule",)),
    ],
)
def test_some_sizes(size: tuple[int, int], hidden: tuple[str, ...], side: str, panes: tuple[str, ...]) -> None:
    current = "data" if "data" not in hidden else "chain-rule"
    usual = arrangement(*size, current, maximised=False, side=side)
    found, _ = with_hidden(usual, *size, current, "", hidden)
    assert found.panes == panes
