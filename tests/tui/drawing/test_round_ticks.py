"""Round ticks: 1, 2 and 5 times powers of ten, never more than there is room for, never outside."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.tui.drawing.round_ticks import round_log_ticks, round_ticks, tick_labels


@pytest.mark.parametrize(
    ("ends", "most", "labels"),
    [
        ((0, 1), 5, "0.0 0.5 1.0"),
        ((0.013, 0.97), 6, "0.2 0.4 0.6 0.8"),
        ((1, 1000), 6, "200 400 600 800 1000"),
        ((-3.2, 7), 5, "−2 0 2 4 6"),
        ((0.69314, 0.69316), 5, "0.693140 0.693145 0.693150 0.693155 0.693160"),
        ((-1e308, 1e308), 5, "−1e308 −5e307 0 5e307 1e308"),
        ((-1.7e308, 1.7e308), 1, "0"),
        ((3, 3), 4, "3"),
        ((0, 5e-324), 4, "0 5e-324"),
    ],
)
def test_of_a_linear_axis(ends: tuple[float, float], most: int, labels: str) -> None:
    assert tick_labels(round_ticks(*ends, most)) == labels.split()


@pytest.mark.parametrize(
    ("ends", "most", "labels"),
    [
        ((-3, 0), 6, "0.001 0.01 0.1 1"),
        ((-12, 3), 6, "1e-10 1e-5 1"),
        ((0, 1), 5, "1 2 5 10"),
        ((-2.5, -0.5), 6, "0.005 0.01 0.02 0.05 0.1 0.2"),
        # Where 2 and 5 have no room: no step of which all multiples stand in the last decade.
        ((-2.408, -0.14), 4, "0.01 0.1"),
        ((-1.699, -0.14), 4, "0.05 0.1 0.5"),
        # Less than a decade: the multiples of one step.
        ((-0.3, 0.2), 5, "0.6 0.8 1.0 1.2 1.4"),
        ((-0.16, -0.158), 5, "0.692 0.693 0.694 0.695"),
        ((-323, 308), 6, "1e-200 1 1e200"),
        ((0, 0), 4, "1"),
    ],
)
def test_of_a_logarithmic_axis(ends: tuple[float, float], most: int, labels: str) -> None:
    assert tick_labels(round_log_ticks(*ends, most)) == labels.split()


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(FINITE, FINITE, st.integers(1, 12))
def test_no_more_than_asked_for_rising_and_inside(one: float, other: float, most: int) -> None:
    low, high = sorted((one, other))
    ticks = round_ticks(low, high, most)
    assert len(ticks) <= most
    assert ticks == sorted(set(ticks))
    assert all(low <= tick <= high for tick in ticks)
    assert [float(text.replace("−", "-")) for text in tick_labels(ticks)] == ticks
    gaps = {round(math.log10(b - a) % 1, 6) for a, b in itertools.pairwise(ticks) if 0 < b - a < math.inf}
    # All of one step, but where neighbouring numbers are as far apart as that.
    if high - low < math.inf and high - low > 1e-9 * max(abs(low), abs(high)) and high - low > 1e-300:
        assert gaps <= {0.0, 1.0, 0.30103, 0.69897}
        assert len(ticks) >= most // 3


@given(st.floats(-330, 320), st.floats(0, 700), st.integers(1, 12))
def test_logarithms_too(low: float, span: float, most: int) -> None:
    ticks = round_log_ticks(low, low + span, most)
    assert len(ticks) <= most
    assert ticks == sorted(set(ticks))
    assert all(0 < tick < math.inf for tick in ticks)
    assert all(low - 1e-9 <= math.log10(tick) <= low + span + 1e-9 for tick in ticks if tick > 1e-300)


def test_of_no_numbers_there_are_none() -> None:
    for ends in ((math.nan, 1.0), (0.0, math.inf), (2.0, 1.0)):
        assert round_ticks(*ends, 5) == round_log_ticks(*ends, 5) == []
    assert round_ticks(0, 1, 0) == []
