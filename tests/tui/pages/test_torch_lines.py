"""What PyTorch answered, as lines: both numbers, how far they are apart, and what of it is no difference."""

from dataclasses import replace

import pytest

from backprop_tui.core.worked.torch_answer import Compared, TorchAnswer
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.pages.torch_lines import answer_lines

SAME = Compared("dW⁽¹⁾₁,₁", 0.25, 0.25, 0.0, rounding=True)
ZERO = Compared("db⁽¹⁾₁", 1e-18, -2e-18, 1.5, rounding=True, as_zero=True)
OFF = Compared("dW⁽²⁾₁,₃", 0.5, -0.5, 1.0, rounding=False)
MADE = Compared("b⁽¹⁾₁", 0.1, -0.1, 0.0, rounding=True, left_out=3)


def text_of(answer: TorchAnswer, width: int = 100, look: Look | None = None) -> list[str]:
    return [strip.text.rstrip() for strip in answer_lines(answer, width, look or Look())]


def test_all_agree() -> None:
    lines = text_of(TorchAnswer("2.13.0+cpu", SAME, (SAME, ZERO), (MADE,)))
    assert lines[0] == "PyTorch 2.13.0 and this program agree: what differs is rounding."
    assert lines[2].split() == ["▸", "dW⁽¹⁾₁,₁", "0.25", "0.25", "0"]
    assert lines[4].split()[0] == "db⁽¹⁾₁"
    assert lines[4].endswith("both 0")
    text = " ".join(lines)
    assert "such is the gradient of a bias before batch norm" in text
    assert "3 new parameters are not compared: their gradient is 0 but for rounding" in text


def test_what_is_off_is_marked_and_told() -> None:
    lines = text_of(TorchAnswer("2.13.0", SAME, (SAME, OFF), ()))
    assert "differ by more than rounding mostly makes" in lines[0]
    assert [line for line in lines if line.startswith("! dW⁽²⁾₁,₃")]
    assert not any("after the update" in line for line in lines)


@pytest.mark.parametrize("look", [Look(), Look(glyphs=ASCII), Look(color=False)])
@pytest.mark.parametrize("width", [24, 60, 110])
def test_lines_stay_in_their_room(width: int, look: Look) -> None:
    answer = TorchAnswer("2.13.0", SAME, (SAME, ZERO, replace(OFF, name="dγ⁽¹⁰⁾₁₂₈")), (MADE,))
    lines = answer_lines(answer, width, look)
    assert all(strip.cell_length <= width for strip in lines)
    # A number stands there whole, or not at all.
    row = next(strip.text.split() for strip in lines if strip.text.startswith("!"))
    assert row[2:4] == ["0.5", look.text("−0.5")][: (width - 15) // 14]
    assert not look.glyphs.ascii or all(strip.text.isascii() for strip in lines)
