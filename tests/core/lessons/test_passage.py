"""Which pane each link of a lesson is read beside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui import presets
from backprop_tui.core.lessons.action import actions
from backprop_tui.core.lessons.passage import panes_of
from backprop_tui.tui.command_line.loading import load

from ...share import share


@pytest.mark.parametrize(
    ("lesson", "panes"),
    [
        ("", []),
        ("[a](step:1)", [""]),
        ("[a](op:1/loss) [b](spotlight:W1[1,1])", ["Chain rule/op", "Chain rule"]),
        ("[a](pane:Data) and [b](step:1)", ["Data", "Data"]),
        ("[a](op:1/loss), and look at `Gradients`.", ["Gradients"]),
        ("[a](op:1/loss). Then look at `Gradients`.", ["Chain rule/op"]),
        ("[a](step:1). Then look at `Gradients`.", ["Gradients"]),
        ("`Data` stands here.\n\n[a](step:1)\n\n# Another chapter\n\n[b](step:1)", ["Data", ""]),
        ("See [a](pane:Loss/map).\n\n[b](op:1/loss)\n\n[c](key:space)", ["Loss/map", "Chain rule/op", "Chain rule/op"]),
        ("`Data` [a](key:w) `Loss` [b](key:w) [c](pane:Weights)", ["Data", "Loss", "Weights"]),
        ("`data` and `gradient` and Data name none [a](step:1)", [""]),
        ("[it. ends](step:1) with `Loss`", ["Loss"]),
        ("[out](https://a.b) [a](step:2) `Loss`", ["Loss"]),
    ],
)
def test_the_pane_of_a_link(lesson: str, panes: list[str]) -> None:
    assert panes_of(lesson) == panes


PIECES = [
    "[a](op:1/loss)", "[b. c](pane:Data)", "[d](https://x.y)", "`Data`", "`", "[", "](", ")", "\n\n", "\n# ", ". ",
    "[e]", "[f\n# g](step:1)", "[h\n\ni](key:w)", " ", "x",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_every_link_has_a_place(lesson: str) -> None:
    assert len(panes_of(lesson)) == len(actions(lesson))


@pytest.mark.parametrize("name", share(["tour", "xor", "three-or-eight", "vanishing"], presets.names()))
def test_no_lesson_that_comes_along_leaves_a_pane_that_it_names_without_a_link(name: str) -> None:
    lesson = load(name)[0].lesson
    assert len(panes_of(lesson)) == len(actions(lesson, name))
    for title in ("Weights", "Chain rule", "Loss", "Gradients", "Data"):
        assert f"`{title}`" not in lesson, "it is named and cannot be opened"
