"""What trying all weights would cost, against the numbers of the source and by hand."""

from math import isclose, log10

import pytest

from backprop_tui.core.proof.exhaustive import (
    Enumeration,
    cost_lines,
    hopeless_from,
    numerical_gradient_passes,
    power_of_ten,
)


def test_a_million_parameters_as_the_source_has_them() -> None:
    found = Enumeration(1_000_000)
    assert isclose(found.log_choices, 301029.995663981, abs_tol=1e-6)
    assert int(found.log_years) == 301013
    assert isclose(found.log_years - found.log_ages, log10(13.8e9))


def test_89_weights_already_exceed_the_age_of_the_universe() -> None:
    assert hopeless_from() == 89
    assert 2**89 / 1e9 / (365.25 * 86400) > 13.8e9 > 2**88 / 1e9 / (365.25 * 86400)
    assert Enumeration(88).log_ages < 0 < Enumeration(89).log_ages


def test_two_passes_a_parameter() -> None:
    assert numerical_gradient_passes(101_770) == 203_540


@pytest.mark.parametrize(
    ("exponent", "text"),
    [
        (0.0, "1"),
        (log10(512), "512"),
        (log10(4096), "4,096"),
        (9.0, "10^9"),
        (log10(2**33), "8.59 × 10^9"),
        (301029.9956639812, "9.9 × 10^301,029"),
        (log10(9.999) + 7, "10^8"),
        (-6.0, "10^−6"),
    ],
)
def test_powers_of_ten(exponent: float, text: str) -> None:
    assert power_of_ten(exponent) == text


def test_lines_of_a_tiny_and_of_a_large_network() -> None:
    tiny, large = " ".join(cost_lines(9)), " ".join(cost_lines(101_770))
    assert "2^9 = 512 networks" in tiny
    assert "5.12 × 10^−7 seconds" in tiny
    assert "which 89 parameters would exceed" in tiny
    assert "2N = 18 forward passes" in tiny
    assert "2^101,770 = 6.65 × 10^30,635" in large
    assert "times the age of the universe" in large
