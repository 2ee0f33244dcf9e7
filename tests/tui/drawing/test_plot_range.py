"""Which values a plot shows, and the letters, arrows and labels that say so."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.palette import DARK
from backprop_tui.tui.drawing.plot_axes import same_as
from backprop_tui.tui.drawing.plot_letters import APART, spread
from backprop_tui.tui.drawing.plot_range import value_range
from backprop_tui.tui.drawing.plots import loss_plot
from backprop_tui.tui.drawing.series import Columns, Series

STEPS = np.arange(1.0, 101.0)
FALLING = 1 / STEPS
GROWING = 0.9 * 1.5**STEPS


def one(values, name="A", steps=STEPS, letter=""):
    return Series(name, steps, np.asarray(values, dtype=float), None, DARK.train, letter)


def texts(*series, width=60, height=14, look=None, **options):
    return [strip.text for strip in loss_plot(series, width, height, look or Look(), **options).lines]


def test_one_run_that_diverges_does_not_flatten_the_others():
    shown = value_range([FALLING, GROWING], False)
    assert shown.low == 0.01
    assert shown.high == 0.01 + 1.25 * 0.99
    assert shown.greatest == GROWING[-1]
    alone = value_range([GROWING], False)
    assert alone.high > 1e5


def test_a_loss_that_falls_from_its_start_is_never_cut():
    shown = value_range([np.concatenate([[80.0], np.full(99, 0.01)])], False)
    assert (shown.low, shown.high, shown.cut) == (0.01, 80.0, False)


def test_a_short_peak_is_cut_on_either_axis_and_a_plain_fall_is_not():
    peak = FALLING.copy()
    peak[50] = 1e6
    assert value_range([peak], False).high < 2
    assert value_range([np.log10(peak)], True).high < 1
    assert value_range([peak], False).greatest == 1e6
    assert not value_range([np.log10(FALLING)], True).cut


@given(st.lists(st.lists(st.floats(0, 1e300), min_size=1, max_size=30), min_size=1, max_size=4))
def test_the_axis_is_never_empty_and_never_below_what_a_loss_can_be(values):
    shown = value_range([np.array(curve) for curve in values], False)
    everything = [value for curve in values for value in curve]
    assert 0 <= shown.low < shown.high
    assert shown.low <= min(everything)
    assert shown.greatest == max(everything)
    assert shown.cut or shown.high >= shown.greatest
    # What begins below the end of the axis is seen to begin.
    assert any(curve[0] <= shown.high for curve in values)


def test_arrows_say_where_a_curve_goes_on_above_and_the_legend_how_far():
    lines = texts(one(FALLING), one(GROWING, "B"))
    assert "↑ to 3.66e+17" in lines[0]
    assert lines[1].rstrip().endswith("↑")
    assert "↑" not in "".join(lines[2:-1])
    plain = texts(one(FALLING), one(FALLING / 2, "B"), look=Look(glyphs=ASCII))
    assert "^" not in "".join(plain[:-1])


def test_one_point_has_one_label_on_each_axis():
    for value, label in ((0.25, "0.25"), (0.0, "0")):
        lines = texts(one([value], steps=np.array([1.0])))
        assert [row.split() for row in lines[1:-1] if row.split()] == [[label, "•"]]
        assert lines[-1].split() == ["step", "1"]


def test_a_loss_that_stays_has_one_label_and_none_below_nought():
    lines = texts(one(np.zeros(100)))
    assert [row.split()[0] for row in lines[1:-1] if row[:1] != " " or row.split()[:1] == ["0"]] == ["0"]
    assert "−" not in "".join(lines)
    same = texts(one(np.full(100, 0.693147)))
    assert sum(row.strip().startswith("0.693") for row in same) == 1


def test_labels_tell_values_apart_that_are_nearly_the_same():
    labels = [row[:8].split()[0] for row in texts(one(1 + FALLING / 1000))[1:-1] if row[:1].isdigit()]
    assert len(labels) > 2
    assert len(set(labels)) == len(labels)


def test_curves_that_coincide_keep_letters_of_their_own_and_the_legend_says_so():
    lines = texts(one(FALLING, "A", letter="A"), one(FALLING, "B", letter="B"), one(FALLING / 2, "C", letter="C"))
    assert lines[0].split()[:5] == ["A", "B", "(as", "A)", "C"]
    drawn = "".join(lines[1:-1])
    assert all(letter in drawn for letter in "ABC")


def test_gaps_belong_to_what_is_the_same():
    gap = np.where(STEPS < 50, np.nan, FALLING)
    nothing = np.full(100, np.nan)
    curves = [Columns(one, one, np.full(99, True)) for one in (gap, gap.copy(), FALLING, nothing, nothing)]
    assert same_as(curves) == [None, 0, None, None, None]


def test_letters_are_spread_along_a_curve_and_its_end_has_one():
    assert spread(list(range(100)), 100, 8) == [8, 32, 56, 80, 99]
    assert spread([0, 1, 2], 100, 8) == [2]
    assert all(after - before < 2 * APART for before, after in pairwise(spread(list(range(200)), 200, 5)))


def test_without_colour_the_legend_has_the_mark_of_each_line():
    lines = texts(one(FALLING), one(FALLING / 2, "B"), look=Look(glyphs=ASCII))
    assert lines[0].split()[:4] == ["*", "A", "o", "B"]
    assert "o" in "".join(lines[1:-1])


def test_later_series_lie_over_earlier_ones():
    below = one(np.ones(100), "A")
    above = Series("B", STEPS, np.ones(100), None, DARK.test)
    pieces = [piece for strip in loss_plot([below, above], 60, 12, Look()).lines[1:-1] for piece in strip]
    colors = {piece.style.color.name for piece in pieces if piece.style and any(mark > "⠀" for mark in piece.text)}
    assert colors == {DARK.test}
