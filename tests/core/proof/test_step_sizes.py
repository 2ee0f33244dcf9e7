"""Which step size is tried next, by hand, and that it finds the best of a valley."""

from collections.abc import Callable
from math import inf

import pytest

from backprop_tui.core.proof.step_sizes import FARTHEST, best_exponent, next_exponent, sizes_of


def tried(loss: Callable[[float], float], count: int) -> dict[float, float]:
    scores: dict[float, float] = {}
    while len(scores) < count:
        exponent = next_exponent(scores)
        assert exponent not in scores
        scores[exponent] = loss(exponent)
    return scores


def test_as_many_sizes_as_the_budget_pays_for() -> None:
    assert [sizes_of(budget) for budget in (1, 79, 80, 200, 320, 1000, 10**6)] == [1, 1, 2, 5, 8, 8, 8]


def test_downhill_it_goes_twice_as_far_each_time_and_then_into_the_wider_gap() -> None:
    """The lowest is at −3: 0, −1, −3, −7, and then −5 in the gap of 4 below −3; of the two gaps of 2 the upper."""
    assert list(tried(lambda exponent: abs(exponent + 3), 6)) == [0, -1, -3, -7, -5, -2]


def test_uphill_too() -> None:
    """Upwards from −1 to 0 is 1, so 2 is next; then 4 more, which is FARTHEST."""
    assert list(tried(lambda exponent: -exponent, 5)) == [0, -1, 2, 6, 10]
    assert FARTHEST == 4


def test_where_no_size_has_helped_a_smaller_one_is_next() -> None:
    assert list(tried(lambda exponent: inf, 5)) == [0, -1, -3, -7, -11]
    assert best_exponent({0.0: inf, -1.0: inf, -3.0: 2.0}) == -3


def test_of_equals_the_smallest_is_best() -> None:
    assert best_exponent({0.0: 1.0, 2.0: 1.0, -1.0: 3.0}) == 0


@pytest.mark.parametrize("place", [-5.5, -3.2, -1.0, -0.4, 0.0, 0.3, 1.7, 4.4])
def test_eight_sizes_come_within_a_factor_of_ten_of_the_best(place: float) -> None:
    scores = tried(lambda exponent: (exponent - place) ** 2, 8)
    assert abs(best_exponent(scores) - place) <= 1
