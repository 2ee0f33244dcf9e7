"""Surfaces in runs of kept segments: each cell is what its number and its mark say; bars say what colours mean."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from backprop_tui.tui.drawing.axes import PlotRange
from backprop_tui.tui.drawing.color_bar import class_bar, color_bar, letter_bar
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.ground import ground_of, marks_of, painted
from backprop_tui.tui.drawing.palette import LIGHT, NAN_LEVEL, STEPS
from backprop_tui.tui.drawing.points import Face, Points, SurfaceScale, placed
from backprop_tui.tui.drawing.surface import surface_levels, surface_lines

from ...share import share

LOOKS = [Look(), Look(palette=LIGHT), Look(color=False), Look(glyphs=ASCII)]
SIDE = PlotRange("x", -1.0, 1.0)


@settings(max_examples=share(12, 30), deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 9), st.integers(1, 5), st.sampled_from(LOOKS))
def test_every_cell_is_its_levels_and_its_mark(seed: int, columns: int, rows: int, look: Look) -> None:
    chance = np.random.default_rng(seed)
    levels = chance.integers(0, 3, (2 * rows, columns)) * STEPS
    faces = {(0, columns - 1): Face("X", "#ff0000", bold=True), (rows - 1, 0): Face("@", "#00ff00", "#000000")}
    strips = painted(levels, marks_of(faces, look), look)
    ground = ground_of(look)
    for row, strip in enumerate(strips):
        assert strip.cell_length == columns
        cells = [(character, segment.style) for segment in strip for character in segment.text]
        for column, (character, style) in enumerate(cells):
            upper, lower = levels[2 * row, column], levels[2 * row + 1, column]
            face = faces.get((row, column))
            assert style is not None
            if face is not None:
                assert character == face.character
                assert style.color is not None
                assert style.color.name == face.color
                behind = face.behind or (None if look.ramps else ground.colors[upper])
                assert (None if style.bgcolor is None else style.bgcolor.name) == behind
            elif look.ramps:
                assert character == ground.character(upper)
            else:
                assert style.color is not None
                assert style.bgcolor is not None
                assert (style.color.name, style.bgcolor.name) == (ground.colors[upper], ground.colors[lower])


@pytest.mark.parametrize("middle", [0.0, 0.5])
def test_discrete_answers_have_two_colours_and_a_side(middle: float) -> None:
    values = np.array([middle - 1e-9, middle, middle + 1e-9, np.nan, np.inf, -np.inf])
    scale = SurfaceScale(middle, 0.5, discrete=True)
    # The middle itself is no more than the middle: as `answered_classes` counts it.
    assert surface_levels(values, scale).tolist() == [0, 0, 2 * STEPS, NAN_LEVEL, 2 * STEPS, 0]


def test_of_classes_the_level_is_the_class_and_nothing_of_no_number() -> None:
    levels = surface_levels(np.array([0.0, 2.0, 11.0, np.nan]), SurfaceScale(classes=12))
    first, third, twelfth, none = levels.tolist()
    assert (third - first, twelfth - first, none) == (2, 1, NAN_LEVEL)


def test_the_training_set_stands_over_the_test_set_and_the_chosen_one_over_all() -> None:
    points = Points(np.zeros(3), np.zeros(3), np.array([0.0, 1.0, 1.0]), np.array([False, False, True]), 0)
    faces = placed(points, SIDE, SIDE, SurfaceScale(), 6, 4, Look())
    assert {cell: face.character for cell, face in faces.items()} == {(2, 3): "O", (2, 2): "▸"}


def test_a_point_on_the_left_edge_has_its_mark_behind_it() -> None:
    points = Points(np.array([-1.0]), np.array([1.0]), np.ones(1), np.zeros(1, bool), 0)
    lines = surface_lines(None, points, SIDE, SIDE, SurfaceScale(), 5, 2, Look(glyphs=ASCII))
    assert [strip.text for strip in lines] == ["X<   ", "     "]


# Bars


@pytest.mark.parametrize("look", LOOKS)
def test_the_bar_has_its_numbers_and_its_colours_turn_in_the_middle(look: Look) -> None:
    bar = color_bar(SurfaceScale(0.0, 1.0), ("-1", "0", "1"), 36, look)
    assert bar is not None
    assert bar.text.startswith("-1 ")
    assert bar.text.endswith(" 1")
    assert " O 0 X " in bar.text
    assert bar.cell_length <= 36
    left, right = bar.text.split(" O 0 X ")
    if look.ramps:
        assert set(left[3:]) == {".", " "}
        assert set(right[:-2]) == {":", " "}
    else:
        colors = [segment.style.color.name for segment in bar if segment.style and segment.text == "█"]
        ground = ground_of(look)
        below, above = ground.colors[: STEPS + 1], ground.colors[STEPS : 2 * STEPS + 1]
        half = len(colors) // 2
        assert all(color in below for color in colors[:half])
        assert all(color in above for color in colors[half:])


def test_a_discrete_bar_has_two_colours() -> None:
    bar = color_bar(SurfaceScale(discrete=True), ("0", "0.5", "1"), 40, Look())
    assert bar is not None
    colors = {segment.style.color.name for segment in bar if segment.style and segment.text == "█"}
    assert colors == {ground_of(Look()).colors[0], ground_of(Look()).colors[2 * STEPS]}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("width", range(1, 60))
def test_bars_keep_to_their_room(look: Look, width: int) -> None:
    classes = SurfaceScale(classes=3)
    names = ("Iris-setosa", "Iris-versicolor", "Iris-virginica")
    bars = [
        color_bar(SurfaceScale(), ("−1e−05", "0.5", "123456"), width, look),
        class_bar(classes, names, width, look),
        letter_bar(SurfaceScale(regression=True), (), "0.25", width, look),
        letter_bar(SurfaceScale(), names[:2], "0.5", width, look),
    ]
    for bar in bars:
        assert bar is None or cell_len(bar.text) <= width
        assert bar is None or not look.glyphs.ascii or bar.text.isascii()


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (40, "A setosa  B versicolor  C virginica"),
        (30, "A setosa  B versi…  C virgi…"),
        (20, "A se…  B ve…  C vi…"),
        (12, "A B C"),
    ],
)
def test_class_names_give_way(width: int, expected: str) -> None:
    bar = class_bar(SurfaceScale(classes=3), ("setosa", "versicolor", "virginica"), width, Look())
    assert bar.text == expected


def test_digits_stand_at_their_letters_where_there_is_little_room() -> None:
    names = tuple("0123456789")
    assert class_bar(SurfaceScale(classes=10), names, 36, Look()).text == "A0 B1 C2 D3 E4 F5 G6 H7 I8 J9"
    assert class_bar(SurfaceScale(classes=10), names, 60, Look()).text.startswith("A 0  B 1  C 2")
