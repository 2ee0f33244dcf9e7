"""The loss curve: gaps, spikes, the future, and what stands around it."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.palette import DARK, mix
from backprop_tui.tui.drawing.plots import EMPTY, loss_plot
from backprop_tui.tui.drawing.series import Series, pieces, reduced
from backprop_tui.tui.drawing.strips import style

STEPS = np.arange(1.0, 1001.0)


def series(values, high=None, steps=STEPS):
    return Series("train", steps, np.asarray(values, dtype=float), high, DARK.train)


def texts(lines):
    return [strip.text for strip in lines]


def test_without_data_it_says_what_to_press():
    assert " ".join(texts(loss_plot([], 80, 3, Look()).lines)) == EMPTY
    assert texts(loss_plot([], 80, 3, Look(glyphs=ASCII)).lines)[0].isascii()


def test_a_falling_loss_falls_between_labelled_ends():
    lines = texts(loss_plot([series(1 - STEPS / 1001)], 60, 12, Look()).lines)
    assert len(lines) == 12
    assert lines[0].startswith("─train")
    assert lines[0].endswith("linear")
    assert lines[1].split()[0] == "0.999"
    assert lines[-1].split() == ["step", "1", "1,000"]
    first = [min(index for index, mark in enumerate(row) if mark > "⠀") for row in lines[1:-1]]
    assert first == sorted(first)


def test_the_logarithmic_scale_leaves_out_what_it_cannot_show():
    values = np.where(STEPS < 500, 0.0, 10.0 ** -(STEPS / 1000))
    lines = texts(loss_plot([series(values)], 60, 12, Look(), log=True).lines)
    assert lines[0].endswith("log")
    assert not any(mark > "⠀" for row in lines[1:-1] for mark in row[10:30])
    assert "press l" in " ".join(texts(loss_plot([series(-STEPS)], 60, 12, Look(), log=True).lines))


def test_what_is_not_finite_is_a_gap():
    values = np.ones(1000)
    values[400:600] = np.nan
    values[0] = 2.0
    rows = texts(loss_plot([series(values)], 60, 12, Look(glyphs=ASCII)).lines)[1:-1]
    assert rows[-1][7:].strip("* ").strip() == ""
    assert "*    " in rows[-1][10:]
    infinite = np.full(1000, np.inf)
    assert texts(loss_plot([series(infinite)], 60, 12, Look()).lines) == ["no finite value to show"]


def test_reduction_keeps_spikes_in_two_points_a_column():
    values = np.zeros(1000)
    values[617] = 9.0
    steps, kept = reduced(series(values), False, 1, 1000, 20)
    assert len(kept) <= 40
    assert kept.max() == 9.0
    assert np.all(np.diff(steps) >= 0)


def test_a_range_is_drawn_from_its_least_to_its_greatest():
    steps, kept = reduced(series([1.0, 2.0], np.array([3.0, 4.0]), np.array([1.0, 2.0])), False, 1, 2, 10)
    assert steps.tolist() == [1, 1, 2, 2]
    assert sorted(kept.tolist()) == [1, 2, 3, 4]


def test_pieces_end_at_gaps():
    steps, values = np.arange(5.0), np.array([1.0, np.nan, 2.0, 3.0, np.nan])
    assert list(pieces(steps, values)) == [([0.0], [1.0]), ([2.0, 3.0], [2.0, 3.0])]


def test_the_future_is_dim_and_the_cursor_is_marked():
    lines = loss_plot([series(1 - STEPS / 1001)], 60, 12, Look(), cursor_step=500).lines
    assert "↑500" in lines[-1].text
    styles = {segment.style for strip in lines[1:-1] for segment in strip if segment.text.strip()}
    assert style(DARK.train) in styles
    assert style(mix(DARK.train, DARK.background, 0.6)) in styles
    assert any("│" in strip.text for strip in lines[1:-1])


def test_the_furthest_step_leaves_room_on_the_right():
    lines = texts(loss_plot([series(1 - STEPS / 1001)], 60, 12, Look(), furthest_step=4000).lines)
    assert lines[-1].split()[-1] == "4,000"
    assert not any(mark > "⠀" for row in lines[1:-1] for mark in row[30:])


def test_plotext_is_imported_by_plots_alone():
    folder = Path(sys.modules["backprop_tui.tui"].__file__).parent
    named = [path.name for path in folder.rglob("*.py") if "import plotext" in path.read_text(encoding="utf-8")]
    assert named == ["plots.py"]
    code = "import sys, backprop_tui.tui.drawing.heatmap; print('plotext' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
