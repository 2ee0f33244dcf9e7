"""What is sent makes the terminal show what is wanted, whatever it showed before."""

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from backprop_tui.tui.output.cells import Cells, Clusters
from backprop_tui.tui.output.changed_cells import codes_between
from backprop_tui.tui.output.style_codes import StyleCodes

WIDTH, HEIGHT = 12, 3
LOOKS = [
    None,
    Style(color="#ff8000"),
    Style(color="#ff8000", bgcolor="#102030"),
    Style(bgcolor="#102030"),
    Style(color="red", bold=True),
    Style(bold=True, dim=True),
    Style(dim=True),
    Style(color="bright_blue", reverse=True),
    Style(underline=True, bgcolor="#102030"),
    Style(italic=True, strike=True),
    Style(color="color(200)", blink=True),
    Style(bgcolor="bright_black"),
]


def cells() -> tuple[Cells, Cells]:
    """What is shown and what is wanted, both unknown."""
    codes, clusters = StyleCodes(ColorSystem.TRUECOLOR), Clusters()
    return Cells(WIDTH, HEIGHT, codes, clusters), Cells(WIDTH, HEIGHT, codes, clusters)


def strip(*parts: tuple[str, Style | None]) -> Strip:
    return Strip([Segment(text, style) for text, style in parts])


def fill(wanted: Cells) -> None:
    for y in range(HEIGHT):
        wanted.write(0, y, strip((" " * WIDTH, None)))


class Emulator:
    """A terminal of these cells."""

    def __init__(self) -> None:
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.screen.reset_mode(7, private=True)
        self.stream = pyte.Stream(self.screen)

    def feed(self, codes: str) -> None:
        self.stream.feed(codes)

    def seen(self) -> list[list[tuple[object, ...]]]:
        return [[tuple(self.screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


def whole(wanted: Cells) -> list[list[tuple[object, ...]]]:
    """What a terminal that is sent everything shows."""
    terminal, nothing = Emulator(), Cells(WIDTH, HEIGHT, wanted.codes, wanted.clusters)
    terminal.feed(codes_between(nothing, wanted))
    return terminal.seen()


TEXTS = st.text(alphabet="aab b─⣿é▀日", min_size=1, max_size=6)
WRITES = st.lists(
    st.tuples(
        st.integers(0, WIDTH - 1),
        st.integers(0, HEIGHT - 1),
        st.lists(st.tuples(TEXTS, st.sampled_from(LOOKS)), min_size=1, max_size=4),
    ),
    max_size=6,
)


@given(st.lists(WRITES, min_size=1, max_size=4))
@settings(max_examples=30)
def test_what_changed_is_what_all_of_it_would_be(
    pictures: list[list[tuple[int, int, list[tuple[str, Style | None]]]]],
) -> None:
    shown, wanted = cells()
    fill(wanted)
    terminal = Emulator()
    for writes in pictures:
        for x, y, parts in writes:
            wanted.write(x, y, strip(*parts).crop(0, WIDTH - x))
        terminal.feed(codes_between(shown, wanted))
        assert terminal.seen() == whole(wanted)
        assert codes_between(shown, wanted) == ""


def test_all_of_it_is_what_textual_would_write() -> None:
    _, wanted = cells()
    fill(wanted)
    rows = [strip(("ab─", LOOKS[1]), (" c", LOOKS[7])), strip(("日本", LOOKS[2]), ("⣿ x", LOOKS[8]))]
    terminal = Emulator()
    for y, row in enumerate(rows):
        wanted.write(0, y, row)
        terminal.feed(f"\x1b[{y + 1};1H" + "".join(style.render(text) for text, style, _ in row if style is not None))
    assert whole(wanted) == terminal.seen()


def test_one_changed_digit_is_one_move_and_one_digit() -> None:
    shown, wanted = cells()
    fill(wanted)
    wanted.write(0, 0, strip(("step 123", LOOKS[1])))
    codes_between(shown, wanted)
    wanted.write(0, 0, strip(("step 124", LOOKS[1])))
    assert codes_between(shown, wanted) == "\x1b[1;8H\x1b[38;2;255;128;0m4\x1b[m"


def test_a_few_cells_between_are_written_rather_than_moved_over() -> None:
    shown, wanted = cells()
    fill(wanted)
    wanted.write(0, 1, strip(("a b c d", None)))
    codes_between(shown, wanted)
    wanted.write(0, 1, strip(("A b c D", None)))
    assert codes_between(shown, wanted) == "\x1b[2;1HA b c D"
    wanted.write(0, 1, strip(("a", None), (" b", LOOKS[1]), (" c d", None)))
    assert codes_between(shown, wanted) == "\x1b[2;1Ha\x1b[38;2;255;128;0m b\x1b[7G\x1b[md"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [(4, 1, "\x1b[0;38;2;255;128;0m"), (5, 6, "\x1b[0;2m"), (2, 3, "\x1b[39m"), (10, 0, "\x1b[m")],
)
def test_the_shortest_code_from_style_to_style(old: int, new: int, code: str) -> None:
    codes = StyleCodes(ColorSystem.TRUECOLOR)
    assert codes.change(codes.number(LOOKS[old]), codes.number(LOOKS[new])) == code


def test_what_is_forgotten_is_sent_again() -> None:
    shown, wanted = cells()
    fill(wanted)
    first = codes_between(shown, wanted)
    shown.forget()
    assert codes_between(shown, wanted) == first != ""


def test_half_a_wide_character_leaves_a_blank() -> None:
    shown, wanted = cells()
    fill(wanted)
    wanted.write(0, 0, strip(("日日", None)))
    codes_between(shown, wanted)
    wanted.write(1, 0, strip(("xy", None)))
    assert wanted.text(0, 0, 5) == " xy  "
