"""Expressions: values, symbols and numbers with their brackets and signs, and sums cut short."""

from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.ops.expression import (
    Apply,
    Constant,
    Expression,
    Negative,
    Product,
    Quotient,
    Reference,
    Sum,
    abridged,
    whole,
)
from backprop_tui.core.ops.quantity import Quantity

A = Quantity("A", 1, np.array([[0.5, -2.0], [3.0, 4.0]]), ("unit", "example"), "")
LOSS = Quantity("ℒ", None, np.array(0.25), (), "")
HALF, MINUS_TWO, THREE = (Reference(A, index) for index in ((0, 0), (0, 1), (1, 0)))


def form(value: float) -> str:
    return f"{value:g}".replace("-", "−")


CASES: list[tuple[Expression, float, str, str]] = [
    (HALF, 0.5, "A⁽¹⁾₁,₁", "0.5"),
    (Reference(LOSS), 0.25, "ℒ", "0.25"),
    (Constant("η", 0.1), 0.1, "η", "0.1"),
    (Constant("1/m", 1 / 3, "1/3"), 1 / 3, "1/m", "1/3"),
    (whole(1), 1.0, "1", "1"),
    (Product((HALF, MINUS_TWO)), -1.0, "A⁽¹⁾₁,₁ · A⁽¹⁾₁,₂", "0.5 · (−2)"),
    (Product((MINUS_TWO, HALF)), -1.0, "A⁽¹⁾₁,₂ · A⁽¹⁾₁,₁", "−2 · 0.5"),
    (Sum((HALF, MINUS_TWO, THREE)), 1.5, "A⁽¹⁾₁,₁ + A⁽¹⁾₁,₂ + A⁽¹⁾₂,₁", "0.5 − 2 + 3"),
    (Sum((MINUS_TWO, Negative(THREE))), -5.0, "A⁽¹⁾₁,₂ − A⁽¹⁾₂,₁", "−2 − 3"),
    (Sum((HALF, Negative(MINUS_TWO))), 2.5, "A⁽¹⁾₁,₁ − A⁽¹⁾₁,₂", "0.5 − (−2)"),
    (Negative(Product((HALF, MINUS_TWO))), 1.0, "−A⁽¹⁾₁,₁ · A⁽¹⁾₁,₂", "−0.5 · (−2)"),
    (Negative(Product((MINUS_TWO, HALF))), 1.0, "−A⁽¹⁾₁,₂ · A⁽¹⁾₁,₁", "−(−2 · 0.5)"),
    (Negative(Sum((HALF, THREE))), -3.5, "−(A⁽¹⁾₁,₁ + A⁽¹⁾₂,₁)", "−(0.5 + 3)"),
    (Product((HALF, Sum((whole(1), Negative(HALF))))), 0.25, "A⁽¹⁾₁,₁ · (1 − A⁽¹⁾₁,₁)", "0.5 · (1 − 0.5)"),
    (Product((THREE, Negative(HALF))), -1.5, "A⁽¹⁾₂,₁ · (−A⁽¹⁾₁,₁)", "3 · (−0.5)"),
    (Product((THREE, Quotient(HALF, MINUS_TWO))), -0.75, "A⁽¹⁾₂,₁ · (A⁽¹⁾₁,₁ / A⁽¹⁾₁,₂)", "3 · (0.5 / −2)"),
    (Quotient(Sum((HALF, THREE)), whole(7)), 0.5, "(A⁽¹⁾₁,₁ + A⁽¹⁾₂,₁) / 7", "(0.5 + 3) / 7"),
    (Quotient(whole(6), Product((HALF, THREE))), 4.0, "6 / (A⁽¹⁾₁,₁ · A⁽¹⁾₂,₁)", "6 / (0.5 · 3)"),
    (Apply("exp", exp, (MINUS_TWO,)), exp(-2), "exp(A⁽¹⁾₁,₂)", "exp(−2)"),
    (Apply("max", max, (HALF, THREE)), 3.0, "max(A⁽¹⁾₁,₁, A⁽¹⁾₂,₁)", "max(0.5, 3)"),
]


@pytest.mark.parametrize(("expression", "value", "symbols", "numbers"), CASES)
def test_value_symbols_and_numbers(expression: Expression, value: float, symbols: str, numbers: str) -> None:
    assert expression.value() == pytest.approx(value, rel=1e-15)
    assert expression.symbols() == symbols
    assert expression.numbers(form) == numbers


def test_references_in_reading_order() -> None:
    tree = Quotient(Negative(Product((THREE, HALF))), Sum((Apply("exp", exp, (MINUS_TWO,)), whole(1))))
    assert [reference.index for reference in tree.references()] == [(1, 0), (0, 0), (0, 1)]


def sum_of(numbers: list[float], over: str = "example") -> Sum:
    row = Quantity("x", None, np.array(numbers), (over,), "")
    return Sum(tuple(Product((whole(2), Reference(row, (i,)))) for i in range(len(numbers))), over)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=12), st.integers(2, 6), st.integers(0, 11))
def test_abridged_keeps_the_value_and_the_kept_term(numbers: list[float], limit: int, keep: int) -> None:
    whole_sum = Negative(Product((Constant("1/m", 0.5), sum_of(numbers))))
    short = abridged(whole_sum, limit, keep)
    assert short.value() == pytest.approx(whole_sum.value(), rel=1e-12, abs=1e-10)
    shown = [reference.index[0] for reference in short.references()]
    assert min(keep, len(numbers) - 1) in shown
    assert shown == sorted(shown)
    assert len(shown) == (len(numbers) if len(numbers) <= limit else limit - 1)


def test_abridged_shows_the_largest_terms_and_counts_the_rest() -> None:
    short = abridged(sum_of([1, -9, 2, 8, 3], over="input"), 3, keep=0)
    assert short.symbols() == "2 · x₂ + 2 · x₄ + [3 more]"
    assert short.numbers(form) == "2 · (−9) + 2 · 8 + 12"


def test_a_sum_within_the_limit_stays_whole() -> None:
    assert abridged(sum_of([1, 2, 3]), 3).symbols() == "2 · x₁ + 2 · x₂ + 2 · x₃"
