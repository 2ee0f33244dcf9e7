"""Numbers and symbols as text, by hand and by property."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.tui.drawing.glyphs import ASCII, UNICODE, Look
from backprop_tui.tui.drawing.matrix import matrix_lines
from backprop_tui.tui.drawing.numbers import (
    format_change,
    format_column,
    format_count,
    format_number,
    format_percent,
    format_precise,
    format_rate,
)
from backprop_tui.tui.drawing.symbols import ascii_symbols


@pytest.mark.parametrize(
    ("x", "width", "text"),
    [
        (0.5, 9, "0.5"),
        (-0.041527, 9, "−0.041527"),
        (-0.041527, 7, "−0.0415"),
        (-8.1e-9, 9, "−8.1e-09"),
        (2 / 3, 9, "0.666667"),
        (2 / 3, 5, "0.667"),
        (0.00012345, 12, "0.00012345"),
        (0.000012345, 12, "1.2345e-05"),
        (123456.789, 9, "123457"),
        (99999.96, 9, "100000"),
        (1e6, 9, "1e+06"),
        (0.0, 3, "0"),
        (-0.0, 3, "0"),
        (None, 5, "·"),
        (math.nan, 5, "nan"),
        (-math.inf, 5, "−inf"),
        (-math.inf, 3, "###"),
        (-0.041527, 3, "###"),
    ],
)
def test_format_number(x, width, text):
    assert format_number(x, width) == text


def test_ascii_numbers_have_an_ascii_minus_and_blank():
    assert format_number(-0.5, 9, 6, ASCII) == "-0.5"
    assert format_number(None, 9, 6, ASCII) == "."


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 20), st.integers(1, 10))
def test_a_number_that_is_shown_is_the_number_rounded(x, width, digits):
    text = format_number(x, width, digits)
    assert len(text) <= width
    if not text.startswith("#"):
        shown = float(text.replace("−", "-"))
        # Half a unit of the first significant digit is at most half the number.
        assert abs(shown - x) <= 0.5 * abs(x) * (1 + 1e-9) or math.isinf(shown)
        assert (shown == 0) == (x == 0)


@settings(deadline=None)
@given(st.floats(1e-4, 1e5), st.integers(1, 9))
def test_a_number_with_room_has_the_digits_asked_for(x, digits):
    assert float(format_number(x, 30, digits)) == pytest.approx(x, rel=0.51 * 10.0 ** (1 - digits))


def test_a_column_is_aligned_on_the_point():
    assert format_column([1.5, -0.25, None, 200.125], 12) == ["  1.500", " −0.250", "  ·    ", "200.125"]


def test_a_column_of_very_different_sizes_shares_an_exponent():
    assert format_column([1e-9, -0.5], 9, 3) == [" 1.00e-09", "−5.00e-01"]


def test_one_tiny_number_does_not_take_the_digits_of_its_column():
    assert format_column([0.145, -0.2214, 0.00312, 0.0], 6, 3) == [" 0.145", "−0.221", "0.0031", " 0.000"]
    assert format_column([0.145, 3.2e-7, None, 0.5], 6, 3) == ["0.145", "3e-07", "·    ", "0.500"]
    # Where a common exponent leaves two digits it is common, and where nothing else has room too.
    assert format_column([0.145, 3.2e-7], 7, 3) == ["1.4e-01", "3.2e-07"]
    assert format_column([1e7, 3.2e-7], 6, 3) == ["1e+07", "3e-07"]


@settings(deadline=None)
@given(st.lists(st.floats(-1e7, 1e7), min_size=1, max_size=8), st.integers(1, 20), st.integers(1, 8))
def test_in_a_column_a_number_is_right_in_the_digits_that_it_shows(values, width, digits):
    for value, text in zip(values, format_column(values, width, digits), strict=True):
        plain = text.strip().replace("−", "-")
        if not plain.startswith("#"):
            mantissa, _, exponent = plain.partition("e")
            decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
            assert abs(float(plain) - value) <= 0.5 * 10.0**-decimals * (1 + 1e-6)


@settings(deadline=None)
@given(st.lists(st.none() | st.floats(), max_size=8), st.integers(1, 20), st.integers(1, 8))
def test_a_column_never_shows_zero_for_what_is_not(values, width, digits):
    texts = format_column(values, width, digits)
    assert len({len(text) for text in texts}) <= 1
    for value, text in zip(values, texts, strict=True):
        assert len(text) <= width
        plain = text.strip().replace("−", "-")
        if value and math.isfinite(value) and not plain.startswith("#"):
            assert float(plain) != 0


def test_counts_and_rates():
    assert format_count(101770) == "101,770"
    assert [format_rate(rate) for rate in (5123.0, 0.5, 12, 512.4, 999.96, 123456, 1.2e6)] == [
        "5.1k", "0.5", "12", "512", "1.0k", "123k", "1.2M",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("symbols", "plain"),
    [
        ("dW⁽²⁾₁,₁", "dW2[1,1]"),
        ("W⁽²⁾", "W2"),
        ("b⁽¹⁾₂", "b1[2]"),
        ("x₁²", "x1^2"),
        ("A⁽ˡ⁻¹⁾", "A(l-1)"),
        ("∂ℒ/∂W", "dL/dW"),
        ("dZ⁽³⁾ = dA⁽³⁾ ⊙ σ′(Z⁽³⁾)", "dZ3 = dA3 * sigmoid'(Z3)"),
        ("(A⁽¹⁾)ᵀ", "(A1)^T"),
        ("−0.5 · 2", "-0.5 * 2"),
        ("Σᵢ ℓ(ŷ, y)", "sum_i l(y_hat, y)"),
        ("ηλθ", "eta lambda theta"),
        ("10⁻³", "10^-3"),
    ],
)
def test_ascii_symbols(symbols, plain):
    assert ascii_symbols(symbols) == plain


@given(st.text())
def test_ascii_symbols_are_always_printable_ascii(text):
    plain = ascii_symbols(text)
    assert plain.isascii()
    assert plain.isprintable()


def test_glyphs_are_one_character_each_and_ascii_where_promised():
    for glyphs in (UNICODE, ASCII):
        for name, value in vars(glyphs).items():
            lengths = {"eighths": 8, "levels": 8, "bracket_left": 4, "bracket_right": 4}
            if name != "ascii" and not name.endswith("ramp"):
                assert len(value) == lengths.get(name, 1), name
    assert all(value.isascii() for name, value in vars(ASCII).items() if name != "ascii")


def test_a_small_matrix_is_written_whole():
    array = np.array([[0.15, -0.25], [10.0, 0.5]])
    assert [strip.text for strip in matrix_lines(array, 30, 5, Look())] == ["⎡ 0.15  −0.25⎤", "⎣10.00   0.50⎦"]


def test_a_matrix_not_computed_yet_is_blank():
    assert [strip.text for strip in matrix_lines(None, 30, 5, Look(), shape=(1, 2))] == ["[·  ·]"]


def test_a_large_matrix_keeps_its_spotlight_and_says_its_shape():
    array = np.zeros((50, 60))
    array[20, 30] = 7.0
    lines = [strip.text for strip in matrix_lines(array, 40, 8, Look(), spotlight=(20, 30))]
    assert lines[-1] == "50×60"
    assert sum("7" in text for text in lines) == 1
    assert any("…" in text for text in lines)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0254549595731, "0.025454960"),
        (2.8710591364000004, "2.8710591364"),
        (0.7389408635999997, "0.7389408636"),
        (0.15000000000000002, "0.15"),
        (3.510188137654e-5, "0.0000351019"),
        (-1.0798, "−1.0798"),
        (1 - 5.961e-9, "0.999999994"),
        (5.961028991e-9, "5.96102899e-09"),
        (0.0, "0"),
        (-0.0, "0"),
        (1e6, "1e+06"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_a_precise_number_has_nine_decimals_or_ends(value: float, text: str) -> None:
    assert format_precise(value) == text


@given(st.floats(1e-6, 999_999.0), st.booleans())
def test_a_precise_number_is_right_to_its_last_digit(magnitude: float, negative: bool) -> None:
    value = -magnitude if negative else magnitude
    text = format_precise(value, ASCII)
    decimals = len(text.partition(".")[2])
    assert abs(float(text) - value) <= 0.500001 * 10.0**-decimals + 1e-15 * magnitude
    assert decimals <= 11 or magnitude < 1e-3


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (-0.0592491, "−5.9 %"),
        (0.333, "+33 %"),
        (2.43, "+243 %"),
        (-0.9995, "−99.95 %"),
        (-0.99999999839, "−99.9999998 %"),
        (-1.0, "−100 %"),
        (-0.00019, "−0.019 %"),
        (-1e-9, "−1e-07 %"),
        (0.0, "0 %"),
    ],
)
def test_a_percentage_of_a_change_has_its_sign(share: float, text: str) -> None:
    assert format_percent(share) == text


def test_a_change_is_told_in_one_form() -> None:
    assert format_change(0.00000100682, 9.73246529e-07) == ("1.00682000e-06", "9.73246529e-07")
    assert format_change(-0.00000100682, 9.73246529e-07)[0] == "−1.00682000e-06"
    assert format_change(0.5, 9.73246529e-07) == ("0.5", "9.73246529e-07")
    assert format_change(0.0, 9.73246529e-07)[0] == "0"
    assert format_change(0.15, 0.150943049) == ("0.15", "0.150943049")
