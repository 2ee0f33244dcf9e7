"""Bars, sparklines, the step strip, and probabilities."""

import math

import numpy as np

from backprop_tui.tui.drawing.bars import PhaseOps, bar, least_and_greatest, log_bar, sparkline, step_strip
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.probabilities import probability_lines

LOOK = Look()
PHASES = [PhaseOps("forward", 4), PhaseOps("loss", 1), PhaseOps("backward", 6), PhaseOps("update", 2)]


def test_a_bar_is_measured_in_eighths():
    assert [bar(share, 2, LOOK).text for share in (0.0, 1 / 16, 0.5, 0.75, 1.0, 3.0)] == [
        "",
        "▏",
        "█",
        "█▌",
        "██",
        "██",
    ]


def test_a_logarithmic_bar():
    texts = [log_bar(value, 1e-8, 1.0, 8, LOOK).text for value in (1.0, 1e-4, 1e-8, 1e-20, 0.0, None, math.nan)]
    assert texts == ["████████", "████", "▏", "▏", "", "·", "nan"]


def test_a_sparkline_shows_each_value_at_its_level():
    assert sparkline(np.array([0.0, 7.0, 3.0, np.nan]), 10, LOOK).text == "▁█▄!"


def test_a_reduced_sparkline_keeps_its_spikes():
    values = np.zeros(1000)
    values[617] = 1.0
    assert "█" in sparkline(values, 20, LOOK).text
    kept = least_and_greatest(np.array([1.0, 5.0, 2.0, 0.0, 9.0, 3.0]), 4)
    assert kept.tolist() == [1.0, 5.0, 0.0, 9.0]


def test_the_strip_names_the_phases_and_shows_one_cursor():
    for position in range(13):
        text = step_strip(PHASES, position, 70, LOOK).text
        assert text.count("█") == 1
    text = step_strip(PHASES, None, 70, LOOK).text
    assert "█" not in text
    assert [name.strip("▁▔") for name in text.split()] == ["forward", "loss", "backward", "update"]


def test_the_cursor_moves_on_with_every_op():
    places = [step_strip(PHASES, position, 70, LOOK).text.index("█") for position in range(13)]
    assert places == sorted(set(places))


def test_the_cursor_goes_round_the_names_of_the_phases_which_stay_where_they_are():
    for width in (34, 40, 48, 60):
        still = step_strip(PHASES, None, width, LOOK).text
        for position in range(13):
            text = step_strip(PHASES, position, width, LOOK).text
            here = text.index("█")
            assert still[here] in "▁▔"
            assert text[:here] + text[here + 1 :] == still[:here] + still[here + 1 :]


def test_a_narrow_strip_has_initials():
    assert step_strip(PHASES, None, 16, Look(glyphs=ASCII)).text.replace("_", "").replace("~", "") == "f l b u"


def test_probabilities_mark_the_predicted_and_the_true_class():
    lines = probability_lines(np.array([0.1, 0.7, 0.2]), 2, ["a", "b", "c"], 30, 3, LOOK)
    assert [strip.text[:4] for strip in lines] == ["   a", "▸  b", " ✓ c"]
    assert [strip.text.split()[-1] for strip in lines] == ["0.1", "0.7", "0.2"]


def test_too_many_classes_leave_the_likeliest_and_the_true_one():
    lines = probability_lines(np.array([0.1, 0.7, 0.2, 0.0]), 3, ["a", "b", "c", "d"], 30, 2, LOOK)
    assert [strip.text[3] for strip in lines] == ["b", "d"]


def test_classes_that_have_no_line_are_counted_and_the_true_one_has_a_line() -> None:
    shares = np.array([0.3, 0.01, 0.02, 0.25, 0.05, 0.06, 0.07, 0.08, 0.09, 0.07])
    names = [str(digit) for digit in range(10)]
    lines = [strip.text for strip in probability_lines(shares, 1, names, 30, 6, LOOK)]
    assert len(lines) == 6
    assert lines[-1].strip() == "… 5 more: z"
    assert any(row.startswith(f" {LOOK.glyphs.mark} 1 ") for row in lines)
    assert len(probability_lines(shares, 1, names, 30, 10, LOOK)) == 10
    assert "more" not in "".join(strip.text for strip in probability_lines(shares, 1, names, 30, 2, LOOK))
