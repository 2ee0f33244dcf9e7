"""The loss curve: gaps, spikes, the future, and what stands around it."""

from dataclasses import replace

import numpy as np
import pytest

from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.palette import DARK, mix
from backprop_tui.tui.drawing.plots import EMPTY, loss_plot
from backprop_tui.tui.drawing.series import Series, knots_of
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
    labels = [line.split()[0] for line in lines[1:-1] if line[:5].strip()]
    assert labels == ["0.8", "0.6", "0.4", "0.2"]
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


def columns(one, first, last, cells, log=False, dots=2):
    return knots_of(one, log, first, last).columns(cells, dots)


def test_every_spike_stays_in_its_column():
    values = np.zeros(1000)
    values[616] = 9.0
    found = columns(series(values), 1, 1000, 20)
    assert len(found.high) == 40
    # Step 617 lies in dot ⌊2 · (616/999 · 19 + ½)⌋.
    assert int(np.nanargmax(found.high)) == 24
    assert found.high[24] == 9.0
    assert set(found.low[1:].tolist()) == {0.0}


def test_an_entry_of_several_steps_is_all_between_its_least_and_its_greatest():
    one = series([1.0, 2.0], np.array([3.0, 4.0]), np.array([50.0, 100.0]))
    one = replace(one, begins=np.array([1.0, 51.0]))
    found = columns(one, 1, 100, 10)
    assert set(found.low[1:10].tolist()) == {1.0}
    assert set(found.high[1:9].tolist()) == {3.0}
    assert set(found.low[11:].tolist()) == {2.0}
    assert set(found.high[11:].tolist()) == {4.0}


def test_a_line_goes_from_each_column_to_the_next_and_none_over_a_gap():
    found = columns(series([0.0, 8.0, np.nan, 4.0], steps=np.array([1.0, 5.0, 6.0, 9.0])), 1, 9, 9, dots=1)
    assert found.low.tolist()[:5] == found.high.tolist()[:5] == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert np.isnan(found.high[5:8]).all()
    assert found.low[8] == found.high[8] == 4.0
    assert found.joined.tolist() == [True] * 4 + [False] * 4


def test_lines_lead_to_the_edges_of_a_window_and_no_farther_than_the_data():
    one = series([0.0, 10.0], steps=np.array([0.0, 100.0]))
    found = columns(one, 40, 60, 11, dots=1)
    assert found.low[0] == found.high[0] == pytest.approx(4.0)
    assert found.low[-1] == found.high[-1] == pytest.approx(6.0)
    assert found.joined.all()
    assert np.isnan(columns(one, 90, 110, 11, dots=1).high[6:]).all()


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
