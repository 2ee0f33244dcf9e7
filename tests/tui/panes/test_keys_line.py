"""The line of keys: what stands in it at which width, and what a click on it presses."""

import pytest

from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.palette import DARK
from backprop_tui.tui.panes.keys_line import key_at, keys_line, shown_hints

LOOK = Look(palette=DARK, color=True)
PLAIN = Look(palette=DARK, color=True, glyphs=ASCII)
HINTS = [
    *(("space", "play"), ("← →", "op"), ("+ -", "2 ops/s"), ("1-5", "unit"), ("↑↓ enter", "factors")),
    *(("tab", "pane"), ("shift+arrows", "spotlight"), (":", "step"), ("r R", "restart"), ("[ ]", "earlier, later")),
    *(("i", "lesson"), ("q", "quit"), ("?", "help")),
]


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_how_to_go_on_to_help_and_to_leave_stands_there_at_every_width(width: int) -> None:
    text = keys_line(HINTS, LOOK, width).text
    assert len(text) <= width
    assert all(part in text for part in ("tab pane", "i lesson", "q quit", "? help"))
    assert ("space play" in text) == (width >= 50)


def test_of_the_others_the_first_come_first_and_all_keep_their_order() -> None:
    for width in range(10, 200):
        shown = shown_hints(HINTS, LOOK, width)
        assert shown == [hint for hint in HINTS if hint in shown]
        free = [hint for hint in HINTS if hint[0] not in ("tab", "i", "q", "?")]
        assert [hint for hint in shown if hint in free] == free[: sum(hint in free for hint in shown)]


@pytest.mark.parametrize("look", [LOOK, PLAIN])
@pytest.mark.parametrize(
    ("sign", "key"),
    [
        ("space", "space"),
        ("play", "space"),
        ("←", "left"),
        ("→", "right"),
        ("+", "plus"),
        ("-", "minus"),
        ("↓", "down"),
        ("enter", "enter"),
        ("factors", "up"),
        ("R", "R"),
        ("restart", "r"),
        ("quit", "q"),
        (":", "colon"),
        ("[", "left_square_bracket"),
        ("]", "right_square_bracket"),
        ("help", "question_mark"),
        ("unit", None),
        ("spotlight", None),
    ],
)
def test_a_click_presses_the_key_that_stands_there(sign: str, key: str | None, look: Look) -> None:
    text = keys_line(HINTS, look, 200).text
    place = text.index(look.text(sign)) if sign != "-" else text.index(look.text("+ -")) + 2
    assert key_at(HINTS, look, 200, place) == key


def test_between_hints_and_behind_the_last_there_is_nothing_to_press() -> None:
    text = keys_line(HINTS, LOOK, 200).text
    assert key_at(HINTS, LOOK, 200, text.index("play") + len("play")) is None
    assert key_at(HINTS, LOOK, 200, len(text.rstrip()) + 5) is None
