"""Whatever the numbers and the room, a drawing stays inside its room, and is ASCII where ASCII is asked for."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.tui.drawing.axes import PlotRange
from backprop_tui.tui.drawing.bars import PhaseOps, bar, log_bar, sparkline, step_strip
from backprop_tui.tui.drawing.curve import curve_lines
from backprop_tui.tui.drawing.diagram import diagram_lines
from backprop_tui.tui.drawing.diagram_layout import DiagramInput, DiagramLayer
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.heatmap import heatmap_lines, legend_line
from backprop_tui.tui.drawing.image import image_lines, weight_image_lines
from backprop_tui.tui.drawing.matrix import matrix_lines
from backprop_tui.tui.drawing.palette import DARK, LIGHT
from backprop_tui.tui.drawing.plots import loss_plot
from backprop_tui.tui.drawing.points import Points, SurfaceScale
from backprop_tui.tui.drawing.probabilities import probability_lines
from backprop_tui.tui.drawing.series import Series
from backprop_tui.tui.drawing.surface import surface_lines

from ...share import share

LOOKS = st.sampled_from([Look(), Look(LIGHT), Look(color=False), Look(glyphs=ASCII)])
WIDTHS, HEIGHTS = st.integers(0, 200), st.integers(0, 60)
NUMBERS = st.floats(width=64)
NAMES = st.text(min_size=0, max_size=12) | st.sampled_from(["W⁽²⁾₁,₁", "ŷ", "損失", "a\nb"])
MATRICES = arrays.arrays(float, st.tuples(st.integers(0, 25), st.integers(0, 25)), elements=NUMBERS)
VECTORS = arrays.arrays(float, st.integers(0, 60), elements=NUMBERS)
RANGES = st.builds(PlotRange, NAMES, NUMBERS.filter(np.isfinite), NUMBERS.filter(np.isfinite))

quick = settings(max_examples=share(12, 25), deadline=None)


def check(lines: Sequence[Strip], width: int, height: int, look: Look) -> None:
    assert len(lines) <= height
    for strip in lines:
        assert cell_len(strip.text) <= width
        assert strip.cell_length == cell_len(strip.text)
        assert strip.text.isprintable()
        if look.glyphs.ascii:
            assert strip.text.isascii()


@quick
@given(
    MATRICES | VECTORS | st.none(),
    WIDTHS,
    HEIGHTS,
    LOOKS,
    st.none() | st.tuples(st.integers(-2, 50), st.integers(-2, 50)),
)
def test_matrices(array, width, height, look, spotlight):
    check(matrix_lines(array, width, height, look, shape=(3, 4), spotlight=spotlight), width, height, look)
    for signs in (None, True, False):
        check(heatmap_lines(array, width, height, look, signs=signs, spotlight=spotlight), width, height, look)
    check(image_lines(array, width, height, look), width, height, look)
    check(weight_image_lines(array, width, height, look), width, height, look)


@quick
@given(VECTORS, NUMBERS, NUMBERS, NUMBERS, WIDTHS, LOOKS)
def test_bars(values, value, low, high, width, look):
    check([sparkline(values, width, look)], width, 1, look)
    check([log_bar(value, low, high, width, look), log_bar(None, low, high, width, look)], width, 2, look)
    check([bar(value, width, look), legend_line(value, width, look)], width, 2, look)


@quick
@given(st.lists(st.integers(0, 30), min_size=4, max_size=4), st.none() | st.integers(-1, 130), WIDTHS, LOOKS)
def test_step_strip(counts, position, width, look):
    names = ("forward", "loss", "backward", "update")
    phases = [PhaseOps(name, ops) for name, ops in zip(names, counts, strict=True)]
    check([step_strip(phases, position, width, look)], width, 1, look)


@quick
@given(st.data(), WIDTHS, HEIGHTS, LOOKS)
def test_diagrams(data, width, height, look):
    sizes = data.draw(st.lists(st.integers(1, 12), min_size=1, max_size=5))
    layers = []
    for inputs, units in pairwise(sizes):
        weights = data.draw(arrays.arrays(float, (units, inputs), elements=NUMBERS))
        values = data.draw(st.none() | arrays.arrays(float, units, elements=NUMBERS))
        names = data.draw(st.lists(NAMES, min_size=units, max_size=units))
        layers.append(DiagramLayer(weights, values, values, names, data.draw(NAMES)))
    inputs = DiagramInput([f"x{index}" for index in range(sizes[0])], None)
    spotlight = data.draw(st.none() | st.tuples(*[st.integers(0, 5)] * 3))
    lines = diagram_lines(
        inputs, layers, width, height, look, spotlight=spotlight, in_view=data.draw(st.integers(0, 5))
    )
    check(lines or [], width, height, look)


@quick
@given(st.data(), RANGES, RANGES, WIDTHS, HEIGHTS, LOOKS)
def test_planes(data, horizontal, vertical, width, height, look):
    count = data.draw(st.integers(0, 20))
    x, y, targets = (data.draw(arrays.arrays(float, count, elements=NUMBERS)) for _ in range(3))
    points = Points(x, y, targets, data.draw(arrays.arrays(bool, count)))
    for scale in (SurfaceScale(), SurfaceScale(classes=12), SurfaceScale(0.0, 1e-300, regression=True)):
        predictions = data.draw(st.none() | MATRICES)
        lines = surface_lines(predictions, points, horizontal, vertical, scale, width, height, look)
        check(lines, width, height, look)
    check(curve_lines(x, y, points, horizontal, vertical, width, height, look), width, height, look)


@quick
@given(st.data(), st.integers(0, 12), WIDTHS, HEIGHTS, LOOKS)
def test_probabilities(data, count, width, height, look):
    probabilities = data.draw(st.none() | arrays.arrays(float, count, elements=NUMBERS))
    names = data.draw(st.lists(NAMES, min_size=count, max_size=count))
    target = data.draw(st.none() | st.integers(0, 12))
    check(probability_lines(probabilities, target, names, width, height, look), width, height, look)


@quick
@given(st.data(), WIDTHS, HEIGHTS, LOOKS, st.booleans())
def test_plots(data, width, height, look, log):
    series = []
    for _ in range(data.draw(st.integers(0, 3))):
        count = data.draw(st.integers(0, 40))
        first = data.draw(st.integers(0, 1000))
        steps = np.arange(first, first + count, dtype=float)
        low, high = (data.draw(arrays.arrays(float, count, elements=NUMBERS)) for _ in range(2))
        high = data.draw(st.sampled_from([None, high]))
        begins = data.draw(st.sampled_from([None, steps, steps - 0.75]))
        letter, behind = data.draw(st.sampled_from(["", "A"])), data.draw(st.booleans())
        series.append(Series(data.draw(NAMES), steps, low, high, DARK.train, letter, begins, behind))
    cursor, furthest, first = (data.draw(st.none() | st.integers(0, 2000)) for _ in range(3))
    window = None if first is None else (float(first), float(first + data.draw(st.integers(0, 1000))))
    shown = {"log": log, "cursor_step": cursor, "furthest_step": furthest, "window": window, "note": data.draw(NAMES)}
    check(loss_plot(series, width, height, look, **shown).lines, width, height, look)


def test_a_row_of_pixels_is_averaged_to_its_room() -> None:
    (strip,) = image_lines(np.array([0.0, 1.0]), 1, 1, Look(color=False))
    assert strip.text == image_lines(np.array([0.5]), 1, 1, Look(color=False))[0].text
