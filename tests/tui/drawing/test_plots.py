"""The loss curve: gaps, spikes, the future, and what stands around it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.tui.drawing.glyphs import ASCII, UNICODE, Look
from backprop_tui.tui.drawing.palette import DARK, mix
from backprop_tui.tui.drawing.plots import EMPTY, loss_plot
from backprop_tui.tui.drawing.series import Series, knots_of
from backprop_tui.tui.drawing.strips import style

from ...share import share

STEPS = np.arange(1.0, 1001.0)
quick = settings(max_examples=share(20, 60))


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
    # 0.999 and 0.001 lie nearer to 1 and 0 than half a dot.
    assert labels == ["1", "0.8", "0.6", "0.4", "0.2", "0"]
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


# Every spike, wherever it is


def cell(plot, step, row):
    """The character in the column of a step, in a row of the plot."""
    column = plot.frame.column_of(step)
    return plot.lines[1 + row].text[plot.frame.left + column]


@quick
@given(st.data())
def test_no_spike_is_lost_in_any_window_at_any_width(data):
    count = data.draw(st.integers(2, 3000))
    values = np.random.default_rng(data.draw(st.integers(0, 99))).uniform(0.5, 1.0, count)
    spikes = data.draw(st.lists(st.integers(0, count - 1), min_size=1, max_size=5, unique=True))
    # As high as the axis goes, so that it is not cut: the first is where it begins.
    values[[0, *spikes]] = 1.7
    width, log = data.draw(st.integers(20, 150)), data.draw(st.booleans())
    first = data.draw(st.integers(1, count - 1))
    last = data.draw(st.integers(first + 1, count))
    size = data.draw(st.sampled_from([1, 4]))
    steps = np.arange(1.0, count + 1)
    if size > 1:
        ends = np.unique(np.append(np.arange(size, count + 1, size), count)).astype(float)
        starts = np.concatenate([[0], ends[:-1]]).astype(int)
        low, high = (of.reduceat(values, starts) for of in (np.minimum, np.maximum))
        one = replace(series(low, high, ends), begins=starts + 1.0)
    else:
        one = series(values, steps=steps)
    look = Look(glyphs=data.draw(st.sampled_from([ASCII, UNICODE])))
    plot = loss_plot([one], width, 12, look, log=log, window=(first, last))
    if np.ptp(values[first - 1 : last]) == 0:
        # The axis is made around the one value.
        return
    seen = [step + 1 for step in [0, *spikes] if first <= step + 1 <= last]
    for step in seen:
        assert cell(plot, step, 0) not in " │|", (step, first, last)


def test_of_a_run_of_zeros_and_falling_numbers_the_logarithm_shows_what_there_is():
    values = np.where(STEPS % 2 == 0, 0.0, 10.0 ** -(STEPS / 200))
    plot = loss_plot([series(values)], 60, 14, Look(), log=True)
    drawn = "".join(text[plot.frame.left :] for text in texts(plot.lines)[1:-1])
    # Points between two gaps: no line, but none is lost.
    assert sum(mark > "⠀" for mark in drawn) > 40
    labels = [text[: plot.frame.left].strip() for text in texts(plot.lines)[1:-1]]
    assert {"1", "0.1", "0.01", "0.001", "0.0001"} <= set(labels)


def test_windows_of_few_steps_have_their_points_and_their_ends():
    values = np.array([3.0, 1.0, 4.0, 1.5, np.nan, np.inf, 2.0])
    one = series(values, steps=np.arange(1.0, 8.0))
    plot = loss_plot([one], 40, 8, Look(), window=(2.0, 4.0))
    assert texts(plot.lines)[-1].split() == ["step", "2", "4"]
    assert cell(plot, 3, 0) > "⠀"
    assert cell(plot, 2, 5) > "⠀"
    alone = loss_plot([one], 40, 8, Look(), window=(7.0, 7.0))
    assert "•" in "".join(texts(alone.lines))
    assert texts(alone.lines)[-1].split() == ["step", "7"]
    gap = loss_plot([one], 40, 8, Look(), window=(5.0, 6.0))
    assert gap.frame is None or not any("•" in text for text in texts(gap.lines))


def test_where_a_run_has_diverged_what_was_before_is_drawn_to_its_last_finite_step():
    values = np.concatenate([1 / np.arange(1.0, 901.0), 10.0 ** np.arange(0, 100), [np.inf, np.nan]])
    one = series(values, steps=np.arange(1.0, 1003.0))
    lines = loss_plot([one], 60, 12, Look()).lines
    assert "↑ to 1e+99" in texts(lines)[0]
    assert texts(lines)[-1].split() == ["step", "1", "1,002"]
    both = loss_plot([one], 60, 12, Look(), log=True)
    labels = [text[: both.frame.left].strip() for text in texts(both.lines)[1:-1]]
    assert {float(label) for label in labels if label} <= {10.0**power for power in range(-10, 100)}
    assert sum(map(bool, labels)) > 1


def test_what_is_behind_gives_way_where_another_curve_goes():
    noise = replace(series(np.full(1000, 0.0), np.full(1000, 1.0)), behind=True, color=DARK.test)
    line = series(np.full(1000, 0.5))
    plot = loss_plot([noise, line], 60, 11, Look())
    rows = plot.lines[1:-1]
    middle = {piece.style.color.name for piece in rows[4] if piece.style and piece.text.strip()[:1] >= "⠉"}
    assert middle == {DARK.train}
    assert all("⣿" not in piece.text for piece in rows[4] if piece.style and piece.style.color.name == DARK.train)
    assert "⣿" in rows[2].text
