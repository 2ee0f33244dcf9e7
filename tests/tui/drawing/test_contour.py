"""Maps with contours and profiles, with a path over them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.tui.drawing.axes import PlotRange
from backprop_tui.tui.drawing.contour import (
    Mark,
    Way,
    contour_legend,
    contour_map,
    contours,
    ground_color,
    grounds,
    inside,
    profile,
)
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.palette import DARK
from backprop_tui.tui.drawing.strips import style

ACROSS, UP = PlotRange("w", -2.0, 2.0), PlotRange("b", -2.0, 2.0)
PLACES = (np.arange(60) + 0.5) / 15 - 2
BOWL = PLACES**2 + PLACES[::-1, None] ** 2
NOWHERE = Way(np.empty(0), np.empty(0), np.empty(0), 0)


def map_of(values=BOWL, way=NOWHERE, marks=(), look=None, width=48, height=21):
    levels = contours(np.asarray(values, dtype=float), width)
    return contour_map(np.asarray(values, dtype=float), levels, [way], marks, ACROSS, UP, width, height, look or Look())


def test_contours_by_hand():
    # Four contours: to the 0.95 quantile, 1/25, 4/25, 9/25 and 16/25 of it.
    assert contours(np.linspace(0, 100, 1001), 36).tolist() == pytest.approx([3.8, 15.2, 34.2, 60.8])
    assert contours(np.full((3, 3), 7.0), 36).size == 0
    assert contours(np.full((3, 3), np.nan), 36).size == 0


@given(st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=40), st.integers(1, 200))
def test_contours_rise_within_the_values(values, width):
    levels = contours(np.array(values), width)
    assert np.all(np.diff(levels) >= 0)
    assert all(min(values) <= level <= max(values) for level in levels.tolist())


def test_what_is_no_finite_number_is_above_all_contours():
    ground = grounds(np.array([[0.0, 5.0, np.inf, np.nan]]), np.array([1.0, 4.0]), 1, 4)
    assert ground.tolist() == [[0, 2, 2, 2]]


def test_without_colour_each_contour_of_a_bowl_is_a_ring_of_its_number():
    for look in (Look(color=False), Look(glyphs=ASCII)):
        lines = [strip.text for strip in map_of(look=look)]
        middle = lines[len(lines) // 2 - 1]
        ring = [character for character in middle if character.isdigit()]
        assert ring == [*reversed(ring)]
        inwards = "".join(dict.fromkeys(ring))
        assert inwards == "54321"
        assert lines[-1].split() == [look.text("−2"), "w", "2"]


def test_in_colour_the_middle_of_a_bowl_has_the_lowest_ground_and_its_corners_the_highest():
    levels = contours(BOWL, 48)
    lines = map_of()
    cells = [(piece.style, len(piece.text)) for piece in lines[10] if piece.text.strip("▀") == ""]
    assert style(*[ground_color(0, len(levels), Look())] * 2) in [of for of, _ in cells]
    corner = next(piece for piece in lines[0] if "▀" in piece.text)
    assert corner.style == style(*[ground_color(len(levels), len(levels), Look())] * 2)


def test_the_path_is_drawn_up_to_the_step_and_what_is_to_come_is_dim():
    steps = np.arange(5.0)
    way = Way(steps, np.linspace(-1.5, 1.5, 5), np.zeros(5), 2)
    assert way.done == 3
    look = Look(glyphs=ASCII)
    row = next(strip.text for strip in map_of(way=way, look=look) if "*" in strip.text)
    assert "*." in row
    done, left = row.index("*"), row.rindex("*")
    assert set(row[done : left + 1]) == {"*"}
    pieces = {piece.text.strip(): piece.style for strip in map_of(way=way, look=look) for piece in strip}
    assert any(text and set(text) == {"*"} and of.color.name == DARK.text for text, of in pieces.items())
    assert any(text and set(text) == {"."} and of.color.name == DARK.dim for text, of in pieces.items())


def test_marks_stand_at_their_places_and_outside_nowhere():
    marks = [Mark("S", -2.0, 2.0, DARK.text), Mark("O", 2.0, -2.0, DARK.warning), Mark("x", 9.0, 0.0, DARK.accent)]
    lines = [strip.text for strip in map_of(marks=marks, look=Look(glyphs=ASCII))]
    left = len(lines[0]) - 48 if len(lines[0]) > 48 else lines[0].index("S")
    assert lines[0].index("S") == left
    assert lines[-2].rindex("O") == len(lines[-2]) - 1
    assert "x" not in "".join(lines)


def test_a_path_with_gaps_and_values_beyond_all_bounds_is_drawn_as_far_as_it_goes():
    way = Way(np.arange(4.0), np.array([0.0, np.nan, 1e300, -1e300]), np.array([0.0, 1.0, np.inf, 1e300]), 3)
    assert len(map_of(way=way)) == 21


def test_the_legend_tells_levels_apart():
    for look in (Look(), Look(color=False)):
        text = contour_legend(np.array([0.0331, 0.0333, 0.0337]), 60, look).text
        assert all(number in text for number in ("0.0331", "0.0333", "0.0337"))
    assert contour_legend(np.array([1.0, 4.0]), 60, Look(color=False)).text == "1:1 2:4 "
    assert contour_legend(np.empty(0), 60, Look()).text == ""


def test_a_profile_is_low_where_the_values_are():
    x = np.linspace(-2, 2, 120)
    vertical = PlotRange("loss", 0.0, 4.0)
    marks = [Mark("O", 0.0, 0.0, DARK.warning)]
    lines = [strip.text for strip in profile(x, x**2, NOWHERE, marks, ACROSS, vertical, 50, 12, Look(glyphs=ASCII))]
    assert len(lines) == 12
    assert "O" in lines[-2]
    assert lines[0].split()[0] == "4"
    left = lines[0].index(".", 2)
    assert left < lines[-2].index("O") < lines[0].rindex(".")


coordinates = st.floats(-3, 4) | st.sampled_from([-1e6, 1e6, 0.0, 1.0])


@given(st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=6))
def test_a_line_is_cut_at_the_edges_and_keeps_its_direction(points):
    x, y = (np.array(values, dtype=float) for values in zip(*points, strict=True))
    cut = np.array(inside(x, y)).reshape(2, -1, 3)
    ends = cut[:, :, :2]
    assert np.all((ends >= -1e-6) & (ends <= 1 + 1e-6))
    assert np.isnan(cut[:, :, 2]).all()
    steps = np.diff(np.array([x, y]), axis=1)
    for begin, end in np.moveaxis(ends, 0, 2):
        way = end - begin
        assert any(abs(way[0] * dy - way[1] * dx) <= 1e-6 * np.hypot(dx, dy) for dx, dy in steps.T)


def test_lines_cut_by_hand():
    def cut(*points):
        pieces = np.array(inside(*(np.array(values, dtype=float) for values in zip(*points, strict=True))))
        return pieces.reshape(2, -1, 3)[:, :, :2].transpose(1, 2, 0).round(9).tolist()

    assert cut((-1, 0.5), (2, 0.5)) == [[[0, 0.5], [1, 0.5]]]
    assert cut((0.5, 0.5), (0.5, 3)) == [[[0.5, 0.5], [0.5, 1]]]
    assert cut((-1, 2), (2, 2)) == []
    assert cut((0.2, 0.2), (0.4, 0.6), (0.8, 1.4)) == [[[0.2, 0.2], [0.4, 0.6]], [[0.4, 0.6], [0.6, 1]]]
    assert cut((0.2, 0.2), (np.nan, 0.6), (0.8, 0.4)) == []
    assert cut((0, 0), (0, 0)) == [[[0, 0], [0, 0]]]


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (3, 2), (15, 3), (16, 4), (200, 60)])
def test_every_size_is_kept(size):
    width, height = size
    for lines in (
        map_of(width=width, height=height),
        profile(PLACES, PLACES**2, NOWHERE, (), ACROSS, UP, width, height, Look()),
    ):
        assert len(lines) <= height
        assert all(strip.cell_length <= width for strip in lines)
