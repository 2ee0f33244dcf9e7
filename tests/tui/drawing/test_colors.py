"""Heatmaps, images, surfaces and diagrams: that the right thing stands in the right cell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.tui.drawing.axes import PlotRange
from backprop_tui.tui.drawing.curve import curve_lines
from backprop_tui.tui.drawing.diagram import diagram_lines
from backprop_tui.tui.drawing.diagram_layout import DiagramInput, DiagramLayer
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.heatmap import heatmap_lines, pool_extreme
from backprop_tui.tui.drawing.heatmap_layout import heatmap_layout
from backprop_tui.tui.drawing.image import average_pool, image_lines
from backprop_tui.tui.drawing.palette import DARK, LIGHT, diverging, rgb, sequential
from backprop_tui.tui.drawing.points import Points, SurfaceScale
from backprop_tui.tui.drawing.strips import text_of
from backprop_tui.tui.drawing.surface import surface_lines


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_the_diverging_scale_has_its_colours_at_its_ends_and_middle(palette):
    colors = diverging(np.array([-2.0, 0.0, 2.0, 99.0, np.nan]), 2.0, palette)
    expected = [palette.negative, palette.neutral, palette.positive, palette.positive, palette.warning]
    assert [tuple(color) for color in colors.tolist()] == [rgb(color) for color in expected]


def test_the_sequential_scale_goes_from_black_to_white():
    assert sequential(np.array([0.0, 1.0])).tolist() == [[0, 0, 0], [255, 255, 255]]


def test_pooling_keeps_the_entry_of_largest_magnitude():
    array = np.array([[1.0, -5.0, 2.0, 3.0], [4.0, 0.0, -3.5, 1.0]])
    assert pool_extreme(array, 1, 2).tolist() == [[-5.0, -3.5]]
    assert average_pool(array, 1, 2).tolist() == [[0.0, 0.625]]


def test_each_entry_has_its_sign_as_a_glyph():
    lines = heatmap_lines(np.array([[1.0, -1.0], [0.0, 2.0]]), 2, 2, Look())
    assert [text_of(strip) for strip in lines] == ["+−", " +"]


def test_without_colour_ramps_tell_sign_and_magnitude():
    lines = heatmap_lines(np.array([[1.0, -1.0, 0.01, -0.01, 0.0, np.nan]]), 6, 1, Look(glyphs=ASCII))
    assert text_of(lines[0]) == "#%., !"


def test_a_dense_heatmap_has_two_rows_a_line():
    lines = heatmap_lines(np.array([[1.0], [-1.0]]), 1, 1, Look())
    style = next(iter(lines[0])).style
    assert text_of(lines[0]) == "▀"
    assert tuple(style.color.triplet) == rgb(DARK.positive)
    assert tuple(style.bgcolor.triplet) == rgb(DARK.negative)


@settings(deadline=None)
@given(st.data(), st.integers(1, 60), st.integers(1, 60), st.integers(1, 80), st.integers(1, 40))
def test_every_entry_has_a_cell_inside_in_the_order_of_the_entries(data, rows, columns, width, height):
    layout = heatmap_layout(rows, columns, width, height, Look())
    row, column = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    x, y = layout.cell_of(row, column)
    assert 0 <= x < layout.width <= width
    assert 0 <= y < layout.height <= height
    below_x, below_y = layout.cell_of(max(row - 1, 0), max(column - 1, 0))
    assert below_x <= x
    assert below_y <= y


def test_the_spotlight_is_marked():
    for shape in ((2, 2), (40, 90)):
        lines = heatmap_lines(np.ones(shape), 30, 10, Look(), spotlight=(1, 1))
        assert sum(text_of(strip).count("▸") for strip in lines) == 1


def test_a_digit_has_its_own_shape():
    assert [text_of(strip) for strip in image_lines(np.eye(2), 4, 4, Look(glyphs=ASCII))] == ["@@  ", "  @@"]


def test_points_stand_on_the_surface_where_they_are():
    points = Points(np.array([-0.9, 0.9]), np.array([0.9, -0.9]), np.array([0.0, 1.0]), np.array([False, True]))
    side = PlotRange("x", -1.0, 1.0)
    lines = surface_lines(np.full((4, 4), 0.5), points, side, side, SurfaceScale(), 4, 3, Look(glyphs=ASCII))
    assert [text_of(strip) for strip in lines] == ["O   ", "    ", "   x"]


def test_the_upper_half_of_the_surface_is_the_first_row_of_predictions():
    side = PlotRange("x", -1.0, 1.0)
    lines = surface_lines(np.array([[1.0], [0.0]]), None, side, side, SurfaceScale(), 1, 1, Look())
    style = next(iter(lines[0])).style
    blue, red = style.color.triplet.blue, style.bgcolor.triplet.red
    assert blue > style.color.triplet.red
    assert red > style.bgcolor.triplet.blue


def test_a_rising_curve_rises():
    x = np.array([0.0, 1.0])
    side = PlotRange("x", 0.0, 1.0)
    lines = curve_lines(x, x, None, side, side, 4, 2, Look(glyphs=ASCII))
    upper, lower = map(text_of, lines)
    assert (upper[0], upper[3], lower[0], lower[3]) == (" ", "*", "*", " ")


def network(weight):
    layer = DiagramLayer(np.array([[weight]]), np.array([0.1]), None, ["y"], "layer 1")
    return DiagramInput(["x"], np.array([0.5])), [layer]


def test_a_diagram_shows_values_weights_and_blanks():
    inputs, layers = network(-0.25)
    text = "\n".join(map(text_of, diagram_lines(inputs, layers, 60, 10, Look()) or []))
    assert "0.5" in text
    assert "−0.25" in text
    assert "+0.1" in text
    assert "·" in text


def test_the_sign_and_the_size_of_an_edge_are_glyphs():
    """Without colours: in ASCII a ramp for each sign, else solid or dashed, and thicker where it is larger."""
    for sign, ramp in ((1, ASCII.positive_ramp), (-1, ASCII.negative_ramp)):
        # A weak edge and the strongest one; values without a point, which would be taken for the weakest glyph.
        layer = DiagramLayer(np.array([[sign * 0.02, sign * 0.8]]), None, np.ones(1), ["y"])
        inputs = DiagramInput(["x1", "x2"], np.ones(2))
        drawn = "".join(map(text_of, diagram_lines(inputs, [layer], 24, 8, Look(glyphs=ASCII)) or []))
        assert drawn.count(ramp[0]) > 3
        assert drawn.count(ramp[-1]) > 3
        other = ASCII.negative_ramp if sign > 0 else ASCII.positive_ramp
        assert not set(other) & set(drawn)
    solid, dashed = (diagram_lines(*network(weight), 20, 1, Look()) or [] for weight in (0.3, -0.3))
    assert text_of(solid[0]) != text_of(dashed[0])


def dots(text):
    """How many braille dots are set."""
    return sum((ord(character) - 0x2800).bit_count() for character in text if 0x2800 <= ord(character) <= 0x28FF)


def test_an_edge_is_as_many_dots_thick_as_its_share_of_the_largest_weight():
    inputs = DiagramInput(["x"], None)
    counts = []
    for share in (0.3, 0.5, 0.9):
        # The other unit has the largest weight; the rows are far apart.
        layer = DiagramLayer(np.array([[share], [-1.0]]), None, None, ["a", "b"])
        lines = [text_of(strip) for strip in diagram_lines(inputs, [layer], 40, 8, Look(color=False)) or []]
        counts.append(sum(dots(text) for text in lines[: len(lines) // 2]))
    thin, thick, thicker = counts
    assert thick > 1.5 * thin
    assert thicker > 1.2 * thick


def test_a_diagram_that_does_not_fit_is_none():
    inputs, layers = network(1.0)
    assert diagram_lines(inputs, layers, 6, 10, Look()) is None
    wide = DiagramLayer(np.ones((30, 1)), None, None, ["a"] * 30)
    assert diagram_lines(inputs, [wide], 80, 40, Look()) is None
