"""Whole numbers behind the words of plain mode: other digits, too many of them, and those before the first."""

import pytest

from backprop_tui.tui.plain.whole_number import whole_number

from .talk import Talk


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("1", 1), ("20", 20), ("007", 7), ("1,000", 1000), ("0" * 6000 + "3", 3)),
        *((text, None) for text in ("", "0", "1001", "-1", "+1", "1.0", "²", "٣", "½", "1 2", "9" * 6000, "a", "1\n")),
    ],
)
def test_a_number_is_read_or_is_none(text: str, number: int | None) -> None:
    assert whole_number(text, 1, 1000) == number


@pytest.mark.parametrize(
    "word",
    [
        *("op", "paths", "example", "estimate", "compare", "depth", "most wrong", "runs", "right", "play", "step"),
        *("what if W1[1,1] =", "set seed =", "break gradient_below", "a1"),
    ],
)
def test_no_word_falls_over_what_stands_behind_it(word: str) -> None:
    talk = Talk("moons")
    for number in ("²", "9" * 400, "9" * 5000, "00000000000000000009" * 2):
        said = talk(f"{word} {number}")
        assert "could not be answered" not in said, said


def test_what_is_wanted_is_what_is_done() -> None:
    """A number of which only the first digits were read would lead elsewhere."""
    talk = Talk("moons")
    assert talk("op 000000000002") == talk("op 2")
    assert "at most 100,000" in talk("compare 1000000000")
