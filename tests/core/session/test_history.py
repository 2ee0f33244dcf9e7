"""What is remembered of a run: bounded, and the same however the run was played."""

from math import ceil
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.ops.norm import norm
from backprop_tui.core.session.history import Extremes, LayerMeasure, Thinned, measure

losses = st.lists(st.floats(-1e6, 1e6), max_size=70)


@given(losses, st.lists(st.integers(0, 9), max_size=20), st.sampled_from([2, 4, 8]))
def test_extremes_are_the_same_in_whatever_portions_they_come(
    values: list[float], portions: list[int], buckets: int
) -> None:
    at_once, bit_by_bit = Extremes(buckets), Extremes(buckets)
    at_once.extend(values)
    start = 0
    for size in portions:
        bit_by_bit.extend(values[start : start + size])
        start += size
    bit_by_bit.extend(values[start:])
    assert at_once.count == bit_by_bit.count == len(values)
    assert at_once.width == bit_by_bit.width
    for one, two in zip(at_once.series(), bit_by_bit.series(), strict=True):
        assert one.tolist() == two.tolist()


@given(losses, st.sampled_from([2, 4, 8]))
def test_extremes_are_those_of_their_buckets(values: list[float], buckets: int) -> None:
    kept = Extremes(buckets)
    kept.extend(values)
    steps, lows, highs = kept.series()
    assert len(steps) <= buckets + 1
    assert kept.width == 1 or kept.width * buckets < 2 * len(values) + kept.width
    start = 0
    for step, low, high in zip(steps.astype(int), lows, highs, strict=True):
        assert (low, high) == (min(values[start:step]), max(values[start:step]))
        start = step
    assert start == len(values)


def test_extremes_by_hand() -> None:
    kept = Extremes(2)
    kept.extend([3.0, 1.0])
    assert [part.tolist() for part in kept.series()] == [[1, 2], [3, 1], [3, 1]]
    kept.extend([7.0])
    assert [part.tolist() for part in kept.series()] == [[2, 3], [1, 7], [3, 7]]
    kept.extend([5.0, 9.0])
    assert kept.width == 2
    assert [part.tolist() for part in kept.series()] == [[2, 4, 5], [1, 5, 9], [3, 7, 9]]
    kept.extend([2.0])
    assert kept.width == 4
    assert [part.tolist() for part in kept.series()] == [[4, 6], [1, 2], [7, 9]]


@given(losses, st.sampled_from([2, 4, 8]), st.integers(1, 20))
def test_means_are_those_of_the_steps_that_their_buckets_hold(values: list[float], buckets: int, steps: int) -> None:
    kept = Extremes(buckets)
    kept.extend(values)
    ends, means = kept.mean_series(steps)
    assert ends.tolist() == kept.series()[0].tolist()
    for place, (end, mean) in enumerate(zip(ends.astype(int).tolist(), means.tolist(), strict=True)):
        begin = int(ends[place - ceil(steps / kept.width)]) if place >= ceil(steps / kept.width) else 0
        assert mean == pytest.approx(float(np.mean(values[begin:end])), rel=1e-9, abs=1e-6)


def test_means_by_hand() -> None:
    kept = Extremes(8)
    kept.extend([3.0, 1.0, 8.0, 2.0])
    assert kept.mean_series(2)[1].tolist() == [3, 2, 4.5, 5]
    kept.extend([float("nan"), 4.0, 6.0])
    np.testing.assert_equal(kept.mean_series(2)[1], [3, 2, 4.5, 5, np.nan, np.nan, 5])
    kept = Extremes(2)
    kept.extend([3.0, 1.0, 8.0, 2.0, 9.0])
    assert kept.mean_series(1)[1].tolist() == [2, 5, 9]
    assert kept.mean_series(4)[1].tolist() == [2, 3.5, 19 / 3]
    assert kept.until(4).mean_series(1)[1].tolist() == [2, 5]


def test_a_mean_does_not_lose_small_losses_behind_one_that_is_huge() -> None:
    kept = Extremes(16)
    kept.extend([1e300, 1e-3, 2e-3, 3e-3])
    assert kept.mean_series(2)[1].tolist()[2:] == [1.5e-3, 2.5e-3]


def test_of_entries_with_several_steps_no_mean_is_made_up() -> None:
    lows, highs = np.array([1.0, 3.0]), np.array([2.0, 5.0])
    assert np.isnan(Extremes.of(np.array([2, 4]), lows, highs).mean_series(1)[1]).all()
    assert Extremes.of(np.array([1, 2]), lows, lows).mean_series(1)[1].tolist() == [1, 3]


def test_extremes_bear_what_is_not_finite() -> None:
    kept = Extremes(2)
    kept.extend([1.0, float("nan"), float("inf"), 2.0, 3.0])
    steps, lows, highs = kept.series()
    # Of several steps those that are numbers count: no spike is lost beside what is none.
    assert steps.tolist() == [2, 4, 5]
    assert lows.tolist() == [1.0, 2.0, 3.0]
    assert highs.tolist() == [1.0, 2.0, 3.0]
    assert kept.extreme(highest=True) == (range(5, 6), 3.0)
    alone = Extremes(2)
    alone.extend([float("inf"), float("nan")])
    assert alone.series()[1][0] == float("inf")
    alone.extend([float("nan")])
    assert np.isnan(alone.series()[1]).all()


@pytest.mark.parametrize("first", [0, 1])
def test_thinned_keeps_an_even_grid_from_the_first(first: int) -> None:
    kept = Thinned(first, stride=3, most=8)
    for step in range(first, 1000):
        if step == kept.next_step():
            kept.add(step, np.array([float(step), 0.5]))
        assert len(kept.steps) <= 8
    assert kept.steps[0] == first
    assert set(np.diff(kept.steps)) == {kept.stride}
    assert kept.stride % 3 == 0
    assert kept.steps[-1] + kept.stride >= 1000
    steps, values = kept.series(0)
    assert steps.tolist() == values.tolist() == kept.steps


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([[3.0, 0.0], [0.0, 4.0]], 5.0),
        ([], 0.0),
        ([0.0, 0.0], 0.0),
        ([3e200, -4e200], 5e200),
        ([3e-200, 4e-200], 5e-200),
        ([float("inf"), 1.0], float("inf")),
        ([-float("inf"), 1.0], float("inf")),
    ],
)
def test_norm(numbers: Any, expected: float) -> None:
    assert norm(np.array(numbers)) == pytest.approx(expected, rel=1e-14)


def test_norm_of_what_is_no_number() -> None:
    assert np.isnan(norm(np.array([1.0, np.nan])))
    assert norm(np.array([3e30, 4e30], dtype=np.float32)) == pytest.approx(5e30, rel=1e-6)


def test_the_ratio_of_a_layer() -> None:
    assert LayerMeasure(1, 4.0, 1.0, 0.5).ratio == 0.125
    assert LayerMeasure(1, 4.0, 1.0, None).ratio is None
    assert LayerMeasure(1, 0.0, 1.0, 0.5).ratio is None


def test_a_run_is_remembered(session_of: Any) -> None:
    """The losses of first-steps are those of its article's network; its norms those of the very step."""
    session = session_of("first-steps")
    session.seek(session.timeline.finish_of(10))
    steps, lows, highs = session.history.losses.series()
    assert steps.tolist() == list(range(1, 11))
    assert (lows == highs).all()
    assert lows[:3] == pytest.approx([0.02705812864623804, 0.025454960097992977, 0.024005417654492784], rel=1e-12)
    assert session.history.gradients.steps == list(range(1, 11))
    assert session.history.evaluations.steps == []
    # By hand, of step 1: ‖dW⁽¹⁾‖ and ‖dW⁽²⁾‖ from the article's gradients, ‖ΔW⁽²⁾‖/‖W⁽²⁾‖ = 0.5 ‖dW⁽²⁾‖ / √0.41.
    first = session.history.gradients.rows[0]
    squares = 0.001886098610844755**2 + 0.0030177577773516082**2 + 0.002309485651392688**2 + 0.003695177042228301**2
    assert first[0] == pytest.approx(squares**0.5, rel=1e-12)
    assert first[1] == pytest.approx((0.02704897357936999**2 + 0.02765577227350523**2) ** 0.5, rel=1e-12)
    assert first[3] == pytest.approx(0.5 * first[1] / 0.41**0.5, rel=1e-12)
    session.seek(session.count - 1)
    assert measure(session.plan, session.trainer.layers).tolist() == session.history.gradients.rows[9].tolist()


def test_the_test_part_is_measured_from_the_start_on(session_of: Any) -> None:
    session = session_of("xor", changes={"data": {"kind": "xor", "samples": 40}, "training.batch_size": 20})
    session.seek(session.timeline.finish_of(40))
    steps = session.history.evaluations.steps
    assert steps == list(range(0, 41, session.history.evaluations.stride))
    session.seek(session.timeline.finish_of(steps[2]))
    test = session.evaluator.test()
    assert session.history.evaluations.rows[2].tolist() == [test.loss, test.accuracy]


def test_the_update_ratio_is_of_the_weights_that_the_update_was_worked_out_for(session_of: Any) -> None:
    session = session_of("first-steps", changes={"optimizer.learning_rate": 50.0})
    session.seek(session.timeline.finish_of(1) - 1)
    before = [measure.ratio for measure in session.measure()]
    session.forward("step")
    assert [measure.ratio for measure in session.measure()] == pytest.approx(before, rel=1e-12)
    assert session.history.gradients.rows[0][2:] == pytest.approx(before, rel=1e-12)
