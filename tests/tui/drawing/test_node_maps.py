"""A diagram whose nodes have maps: where these stand, that nothing covers anything, and what they show."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.tui.drawing.diagram import Diagram, laid_out
from backprop_tui.tui.drawing.diagram_layout import DiagramInput, DiagramLayer
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.node_map import draw_map
from backprop_tui.tui.drawing.palette import DARK, NAN_LEVEL, STEPS
from backprop_tui.tui.drawing.strips import Grid

from ...share import share

LOOKS = [Look(), Look(color=False), Look(glyphs=ASCII)]
COLOR_OF_ZERO = DARK.neutral


def network(sizes: list[int], *, biases: bool = True) -> tuple[DiagramInput, list[DiagramLayer]]:
    layers = []
    for inputs, units in pairwise(sizes):
        weights = np.linspace(-1, 1, units * inputs).reshape(units, inputs)
        own = np.linspace(-0.5, 0.5, units) if biases else None
        names = [f"a{unit + 1}" for unit in range(units)]
        layers.append(DiagramLayer(weights, own, np.full(units, 0.25), names, "W 2→3 tanh", before=np.full(units, 0.5)))
    return DiagramInput([f"x{unit + 1}" for unit in range(sizes[0])], np.ones(sizes[0])), layers


def mapped(sizes: list[int], width: int, height: int, look: Look, *, biases: bool = True) -> Diagram | None:
    return laid_out(*network(sizes, biases=biases), width, height, look, mapped=True)


def maps_of(diagram: Diagram) -> list[list[np.ndarray]]:
    return [
        [np.full(shape, STEPS, dtype=np.intp) for _ in column.names]
        for column, shape in zip(diagram.columns, diagram.map_shapes, strict=True)
    ]


@settings(max_examples=share(20, 60))
@given(
    st.lists(st.integers(1, 16), min_size=2, max_size=6),
    st.integers(1, 160),
    st.integers(1, 50),
    st.sampled_from(LOOKS),
    st.booleans(),
)
def test_nodes_stay_within_their_room_apart_from_one_another_and_are_found_again(
    sizes: list[int], width: int, height: int, look: Look, biases: bool
) -> None:
    diagram = mapped(sizes, width, height, look, biases=biases)
    if diagram is None:
        return
    lines = diagram.lines((1, 0, 0), None, maps_of(diagram) if diagram.layout.mapped else ())
    assert len(lines) <= height
    assert all(strip.cell_length <= width for strip in lines)
    if not diagram.layout.mapped:
        return
    for place, (node, rows) in enumerate(zip(diagram.layout.nodes, diagram.rows, strict=True)):
        left = diagram.lefts[place]
        assert left + node.width <= (diagram.lefts[place + 1] - 4 if place + 1 < len(sizes) else width)
        assert all(below - row >= node.lines for row, below in pairwise(rows))
        assert rows[0] >= diagram.layout.top
        assert rows[-1] + node.lines <= len(lines)
        # The map lies within its node.
        map_rows, map_columns = diagram.map_shapes[place]
        assert node.map_left + map_columns <= node.width
        assert node.above + (map_rows if look.ramps else (map_rows + 1) // 2) <= node.lines
        for unit, row in enumerate(rows):
            for y in (row, row + node.lines - 1):
                assert diagram.place_at(left + node.width - 1, y, None) == (place, unit, None)
            if place:
                x, y = diagram.number_at((place, unit, None))
                assert diagram.place_at(x, y, None) == (place, unit, None)


def test_there_is_more_in_a_node_the_more_room_there_is() -> None:
    found = [mapped([2, 8, 1], *size, Look()) for size in ((29, 11), (38, 11), (62, 17), (116, 27))]
    assert all(diagram is not None and diagram.layout.mapped for diagram in found)
    digits = [diagram.layout.nodes[1].digits for diagram in found if diagram is not None]
    lines = [diagram.layout.nodes[1].lines for diagram in found if diagram is not None]
    assert digits == [0, 2, 3, 4]
    assert lines == [1, 1, 2, 3]


def test_a_network_too_deep_for_maps_has_none_and_a_wide_one_only_with_them() -> None:
    deep = mapped([2, *[2] * 7, 1], 60, 20, Look())
    assert deep is None or not deep.layout.mapped
    wide = mapped([2, 16, 1], 60, 17, Look())
    assert wide is not None
    assert wide.layout.mapped
    assert mapped([2, 16, 1], 60, 15, Look()) is None
    # Three of them have 2 · 16 + 2 · 256 + 16 edges: more than can be told from one another.
    assert mapped([2, 16, 16, 1], 120, 40, Look()) is not None
    assert mapped([2, 16, 16, 16, 1], 120, 40, Look()) is None
    assert laid_out(*network([2, 16, 1]), 60, 17, Look()) is None


def test_numbers_and_biases_stand_in_the_nodes() -> None:
    diagram = mapped([2, 3, 1], 120, 24, Look())
    assert diagram is not None
    text = "\n".join(strip.text for strip in diagram.lines(None, None, maps_of(diagram)))
    assert text.count("z ") == 4
    assert re.search(r"b +−0\.5", text)
    assert re.search(r"b +\+0\.5", text)
    assert text.count("0.25") == 4


def test_a_bias_without_room_for_its_number_is_its_sign() -> None:
    for look, minus in ((Look(), "−"), (Look(glyphs=ASCII), "-")):
        diagram = mapped([2, 8, 1], 29, 11, look)
        assert diagram is not None
        lines = diagram.lines(None, None, maps_of(diagram))
        rows, x = diagram.rows[1], diagram.lefts[1] + diagram.layout.nodes[1].width - 1
        assert [lines[row].text[x] for row in rows] == [minus] * 4 + ["+"] * 4
    # The parameter in the spotlight stands for it.
    inputs, layers = network([2, 8, 1])
    chosen = DiagramLayer(**{**vars(layers[0]), "chosen": ("γ", 0, 2.0)})
    lit = laid_out(inputs, [chosen, layers[1]], 29, 11, Look(), mapped=True)
    assert lit is not None
    assert lit.lines(None, None, maps_of(lit))[rows[0]].text[x] == "+"


def colors(grid: Grid, row: int) -> list[tuple[str | None, str | None]]:
    return [
        (of.color.name if of.color else None, of.bgcolor.name if of.bgcolor else None)
        for of in grid.styles[row]
        if of is not None
    ]


def test_a_map_has_two_rows_a_line_and_leaves_the_half_under_an_odd_one() -> None:
    grid = Grid(2, 2)
    levels = np.array([[0, 2 * STEPS], [STEPS, STEPS], [NAN_LEVEL, 0]])
    draw_map(grid, 0, 0, levels, Look())
    assert colors(grid, 0) == [(DARK.negative, COLOR_OF_ZERO), (DARK.positive, COLOR_OF_ZERO)]
    assert colors(grid, 1) == [(DARK.warning, None), (DARK.negative, None)]


@pytest.mark.parametrize("look", LOOKS[1:])
def test_without_colours_a_map_is_signs_by_size(look: Look) -> None:
    grid = Grid(5, 1)
    draw_map(grid, 0, 0, np.array([[0, STEPS - 1, STEPS, STEPS + 1, 2 * STEPS]]), look)
    glyphs = look.glyphs
    assert "".join(grid.characters[0]) == (
        glyphs.negative_ramp[-1] + glyphs.negative_ramp[0] + " " + glyphs.positive_ramp[0] + glyphs.positive_ramp[-1]
    )
