"""Matrices side by side: the drawing, its digits, and that nothing is drawn where it has no room."""

import numpy as np

from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.product import Matrix, product_lines
from backprop_tui.tui.drawing.strips import text_of

WEIGHTS = np.array([[1.0, -1.0, 1.0, -5.0], [1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 1.0, 1.0]])
INPUTS = np.array([[2.0], [1.0], [3.0], [1.0]])
LOOK = Look()


def texts(width: int, look: Look = LOOK, height: int = 9) -> list[str]:
    tokens = [Matrix("[W | b]", WEIGHTS, (0, 3)), "·", Matrix("[X ; 1]", INPUTS), "=", Matrix("Z", WEIGHTS @ INPUTS)]
    return [text_of(strip).rstrip() for strip in product_lines(tokens, width, height, look)]


def test_a_product_is_drawn_with_its_names_above() -> None:
    assert texts(60) == [
        "[W | b]          [X ; 1]   Z",
        "⎡1  −1  1  −5⎤   ⎡2⎤       ⎡−1⎤",
        "⎢1   1  0   0⎥ · ⎢1⎥     = ⎢ 3⎥",
        "⎣0   1  1   1⎦   ⎢3⎥       ⎣ 5⎦",
        "                 ⎣1⎦",
    ]


def test_every_entry_is_there_or_nothing_is() -> None:
    whole = texts(200)
    narrowest = next(width for width in range(200) if texts(width))
    assert texts(narrowest) == whole
    assert all(not texts(width) for width in range(narrowest))
    assert not texts(200, height=len(whole) - 1)


def test_digits_give_way_down_to_three() -> None:
    thirds = np.full((1, 3), 1 / 3)
    tokens = [Matrix("A", thirds), "−", Matrix("B", thirds), "=", Matrix("C", thirds - thirds + 2 / 3)]
    drawn = {width: product_lines(tokens, width, 2, LOOK) for width in range(40, 120)}
    digits = {width: text_of(lines[1]).split("  ")[0].count("3") for width, lines in drawn.items() if lines}
    assert set(digits.values()) == {3, 4, 5, 6}
    assert sorted(digits.values()) == list(digits.values())
    assert all(lines[0].cell_length <= width for width, lines in drawn.items() if lines)


def test_ascii_has_brackets_of_its_own() -> None:
    drawn = texts(60, Look(glyphs=ASCII))
    assert drawn
    assert all(line.isascii() for line in drawn)
