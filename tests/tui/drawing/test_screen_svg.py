"""A screen as SVG: every character at its cell, shapes where a terminal has blocks, braille and frames."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from backprop_tui.tui.drawing.palette import DARK, LIGHT
from backprop_tui.tui.drawing.screen_svg import BASE, BLOCKS, FRAMES, HEIGHT, MARGIN, ROUND, WIDTH, screen_svg

from ...share import share

SVG = "{http://www.w3.org/2000/svg}"
RED = Style(color="#ff0000", bgcolor="#00ff00")


def picture(*lines, palette=DARK, title="a & b"):
    strips = [Strip([Segment(*part) if isinstance(part, tuple) else Segment(part) for part in line]) for line in lines]
    return ElementTree.fromstring(screen_svg(strips, title, palette).encode())


def letters(root):
    """Each letter by its column and row."""
    return {
        (float(x) / WIDTH, (float(element.get("y")) - BASE) / HEIGHT): letter
        for element in root.iter(f"{SVG}text")
        for x, letter in zip(element.get("x").split(), element.text, strict=True)
    }


def shapes(root, kind, color):
    """The path of a colour; empty where there is none."""
    found = [path.get("d") for path in root.iter(f"{SVG}path") if path.get(kind) == color]
    return "".join(found)


def test_letters_stand_in_their_cells_and_the_whole_text_is_there():
    root = picture(["ab  W⁽¹⁾₁,₁ ", ("ℒ<&", RED)], ["", (" x", RED)])
    assert letters(root) == {
        (0, 0): "a",
        (1, 0): "b",
        **{(4 + place, 0): letter for place, letter in enumerate("W⁽¹⁾₁,₁")},
        (12, 0): "ℒ",
        (13, 0): "<",
        (14, 0): "&",
        (1, 1): "x",
    }
    assert root.find(f"{SVG}desc").text == "ab  W⁽¹⁾₁,₁ ℒ<&\n x"
    assert root.find(f"{SVG}title").text == "a & b"
    assert root.get("width") == str(15 * WIDTH + 2 * MARGIN)
    assert root.get("height") == str(2 * HEIGHT + 2 * MARGIN)


def test_wide_letters_take_two_cells_and_marks_stay_on_theirs():
    root = picture(["数a e\u0301b 😀c"])
    places = {element.text: float(element.get("x").split()[0]) / WIDTH for element in root.iter(f"{SVG}text")}
    assert places == {"数a": 0, "e\u0301": 4, "b": 5, "😀": 7, "c": 9}


def test_styles_are_colours_weights_and_lines():
    looks = [
        Style(color="#112233", bold=True),
        Style(italic=True),
        Style(underline=True),
        Style(strike=True),
        Style(color="#ff0000", bgcolor="#0000ff", reverse=True),
        Style(color="#ffffff", bgcolor="#000000", dim=True),
    ]
    groups = picture([(f"{place}", look) for place, look in enumerate(looks)]).findall(f"{SVG}g/{SVG}g/{SVG}g")
    told = [{name: value for name, value in group.attrib.items() if value} for group in groups]
    assert told == [
        {"fill": "#112233", "font-weight": "bold"},
        {"fill": DARK.text, "font-style": "italic"},
        {"fill": DARK.text, "text-decoration": "underline"},
        {"fill": DARK.text, "text-decoration": "line-through"},
        {"fill": "#0000ff"},
        {"fill": "#999999"},
    ]


def test_the_commonest_background_is_the_pictures_and_the_others_lie_on_it():
    root = picture([("   ", Style(bgcolor="#121212")), (" x", Style(bgcolor="#808080"))], palette=LIGHT)
    assert root.find(f"{SVG}rect").get("fill") == "#121212"
    assert shapes(root, "fill", "#808080") == f"M{3 * WIDTH} 0h{2 * WIDTH}v{HEIGHT}h-{2 * WIDTH}z"
    assert not shapes(root, "fill", "#121212")


@pytest.mark.parametrize(
    ("block", "path"),
    [
        ("▀", "M0 0h8v8.5h-8z"),
        ("▄", "M0 8.5h8v8.5h-8z"),
        ("█", "M0 0h8v17h-8z"),
        ("▌", "M0 0h4v17h-4z"),
        ("▐", "M4 0h4v17h-4z"),
        ("▂", "M0 12.75h8v4.25h-8z"),
        ("▏", "M0 0h1v17h-1z"),
        ("▚", "M0 0h4v8.5h-4zM4 8.5h4v8.5h-4z"),
    ],
)
def test_blocks_are_rectangles(block, path):
    root = picture([(block, RED)])
    assert shapes(root, "fill", "#ff0000") == path
    assert not letters(root)


def test_shades_are_mixed_colours():
    root = picture([("▒", Style(color="#ffffff", bgcolor="#000000")), ("     ", Style(bgcolor="#123456"))])
    assert shapes(root, "fill", "#808080") == f"M0 0h{WIDTH}v{HEIGHT}h-{WIDTH}z"


def test_braille_is_a_dot_for_each_bit():
    everything = shapes(picture([("⣿", RED)]), "stroke", "#ff0000")
    dots = {(float(x), float(y)) for x, y in re.findall(r"M([\d.]+) ([\d.]+)h0.01", everything)}
    assert dots == {(x, y) for x in (2, 6) for y in (2.12, 6.38, 10.62, 14.88)}
    assert shapes(picture([("⢀", RED)]), "stroke", "#ff0000") == "M6 14.88h0.01"
    assert not shapes(picture([("⠀", RED)]), "stroke", "#ff0000")


def test_frames_meet_at_the_edges_of_their_cells():
    root = picture([("─│", RED)], [("╭╯", RED)])
    path = shapes(root, "stroke", "#ff0000")
    assert path.startswith("M4 8.5L0 8.5M4 8.5L8 8.5M12 8.5L12 0M12 8.5L12 17")
    assert path.endswith("M8 25.5Q4 25.5 4 34M8 25.5Q12 25.5 12 17")


@settings(max_examples=share(16, 50))
@given(
    st.lists(
        st.text(st.sampled_from(["x", " ", "é", "数", "\u0301", "\x1b", "\u202e", "<", *BLOCKS, *FRAMES, *ROUND, "⠿"]))
    )
)
def test_whatever_stands_there_it_is_a_picture_of_as_many_cells(lines):
    root = picture(*[[(text, RED)] for text in lines])
    assert float(root.get("width")) == 2 * MARGIN + WIDTH * max(map(cell_len, lines), default=0)
    for element in root.iter(f"{SVG}text"):
        assert all(0 <= float(x) <= float(root.get("width")) for x in element.get("x").split())
