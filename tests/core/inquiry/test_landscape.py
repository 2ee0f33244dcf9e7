"""The loss over two parameters: its values, its valleys, and the path of a run over it."""

from collections.abc import Callable
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.ground import ParameterGround, companions, value_of
from backprop_tui.core.inquiry.landscape import Landscape, Reach, coarse_to_fine, reaches, rehearsed
from backprop_tui.core.inquiry.run_path import MOST, RunPath
from backprop_tui.core.session.session import Session

Sessions = Callable[..., Session]
W, B = Spotlight(1, 0, 0), Spotlight(1, 0, None)
LONG = 1e9


def on(*parameters: Spotlight) -> ParameterGround:
    return ParameterGround(parameters)


def test_the_linear_neuron_s_landscape_is_the_square_of_its_error(session_of: Sessions) -> None:
    found = Landscape(session_of("linear-neuron"), on(W, B), (Reach(-1, 3), Reach(-2, 2)), 20, 16)
    assert found.advance(LONG)
    assert (found.whole, found.examples, found.others) == (True, 1, 0)
    assert found.here == (1.0, 0.0)
    assert found.loss == pytest.approx(3.61)
    expected = (2.1 * found.across + found.up[:, None] - 4) ** 2
    np.testing.assert_allclose(found.values, expected, rtol=1e-12)
    assert found.up[0] > found.up[-1]
    place, lowest = found.lowest() or ((), 0.0)
    assert lowest == expected.min()
    assert (2.1 * place[0] + place[1] - 4) ** 2 == pytest.approx(lowest)


def test_a_local_minimum_is_one_of_two_valleys(session_of: Sessions) -> None:
    session = session_of("local-minimum")
    assert companions(session.trainer.layers, W) == []
    found = Landscape(session, on(W), (Reach(-3, 4),), 140, 30)
    assert found.advance(LONG)
    assert found.values.shape == (1, 140)

    def loss(w: float) -> float:
        return ((1 / (1 + exp(-10 * w))) ** 2 + (1 / (1 + exp(-w)) - 0.8) ** 2) / 2

    np.testing.assert_allclose(found.values[0], [loss(w) for w in found.across], rtol=1e-12)
    low, high = found.valleys
    for valley in (low, high):
        assert valley.loss == pytest.approx(loss(valley.place))
        assert all(loss(valley.place) <= loss(valley.place + step) for step in (-0.01, -1e-3, 1e-3, 0.01))
    assert low.place < 0.556 < high.place
    assert low.loss < 0.1 < 0.499 < high.loss


@pytest.mark.parametrize("name", ["xor", "batch-norm", "numpy-class"])
def test_a_landscape_has_the_loss_of_the_parameters_and_disturbs_nothing(name: str, session_of: Sessions) -> None:
    session = session_of(name)
    session.forward("step")
    spotlight = Spotlight(2, 0, 1)
    other = companions(session.trainer.layers, spotlight)[-1]
    before = session.trainer.state.parameters.copy()
    here = value_of(session, spotlight), value_of(session, other)
    reach = tuple(Reach(value - 1, value + 1) for value in here)
    found = Landscape(session, on(spotlight, other), reach, 5, 5)
    found.advance(LONG)
    # The middle is where the run stands.
    assert found.values[2, 2] == pytest.approx(found.loss, rel=1e-9)
    rehearsal, _ = rehearsed(session)
    for one, value in zip((spotlight, other), (found.across[4], found.up[0]), strict=True):
        session.trainer.layers[one.layer - 1].parameters(rehearsal.parameters)[one.parameter][one.index] = value
    assert found.values[0, 4] == rehearsal.loss()
    np.testing.assert_array_equal(session.trainer.state.parameters, before)


def test_where_the_whole_set_would_take_long_it_is_of_the_batch(session_of: Sessions) -> None:
    digits = session_of("digits")
    found = Landscape(digits, on(W, Spotlight(1, 0, 1)), (Reach(0, 1), Reach(0, 1)), 200, 100)
    assert (found.whole, found.examples) == (False, 64)
    assert found.values.size <= 8192
    assert not found.advance(0.0)


def test_before_it_is_finished_every_place_has_the_value_of_one_near_it(session_of: Sessions) -> None:
    found = Landscape(session_of("linear-neuron"), on(W, B), (Reach(-1, 3), Reach(-2, 2)), 40, 30)
    first = sum(apart == 8 for apart, _, _ in coarse_to_fine(30, 40))
    while np.isfinite(found.values).sum() < first + 16:
        found.advance(1e-9)
    assert np.isnan(found.values).any()
    assert np.isfinite(found.known()).all()
    found.advance(LONG)
    np.testing.assert_array_equal(found.known(), found.values)


@given(st.integers(1, 40), st.integers(1, 40))
def test_every_place_is_worked_out_once_the_far_apart_first(rows: int, columns: int) -> None:
    order = coarse_to_fine(rows, columns)
    assert sorted((row, column) for _, row, column in order) == [(r, c) for r in range(rows) for c in range(columns)]
    assert [apart for apart, _, _ in order] == sorted((apart for apart, _, _ in order), reverse=True)


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5), min_size=1, max_size=2), st.integers(-3, 3))
def test_the_whole_path_is_on_the_landscape_with_room_around(paths: list[list[float]], zoom: int) -> None:
    found = reaches([np.array(path) for path in paths], zoom)
    for path, reach in zip(paths, found, strict=True):
        assert reach.low < min(path) <= max(path) < reach.high
    wider = reaches([np.array(path) for path in paths], zoom - 1)
    assert all(w.high - w.low > r.high - r.low for w, r in zip(wider, found, strict=True))


def test_reaches_by_hand() -> None:
    # 1.5 × 2 beyond either end, out to the next multiple of ½.
    assert reaches([np.array([1.0, 2.0]), np.array([0.0, 0.3])]) == (Reach(-2, 5), Reach(-3, 3.5))
    assert reaches([np.array([np.nan])])[0].low < 0


def test_companions_begin_with_those_of_the_same_neuron(session_of: Sessions) -> None:
    layers = session_of("xor").trainer.layers
    found = companions(layers, Spotlight(1, 2, 1))
    assert [str(one.name) for one in found[:3]] == ["b1[3]", "W1[3,1]", "W1[1,2]"]
    assert len({str(one.name) for one in found}) == len(found)
    assert [one.layer for one in found][-1] == 2
    bias = companions(layers, Spotlight(1, 2, None))
    assert [str(one.name) for one in bias[:2]] == ["W1[3,1]", "W1[3,2]"]


def test_the_path_is_that_of_the_run(session_of: Sessions) -> None:
    session = session_of("linear-neuron")
    path = RunPath(session, on(W, B).here)
    assert path.advance(LONG)
    for _ in range(5):
        session.forward("step")
    before = session.count
    assert not path.finished
    assert path.advance(LONG)
    steps, values = path.steps, path.rows()
    assert steps.tolist() == [0, 1, 2, 3, 4, 5]
    # The error shrinks by the factor 0.8918 a step, and both move in the proportion of their derivatives.
    errors = 2.1 * values[:, 0] + values[:, 1] - 4
    np.testing.assert_allclose(errors[1:] / errors[:-1], 0.8918, rtol=1e-10)
    np.testing.assert_allclose((values[:, 0] - 1) * 1.0, values[:, 1] * 2.1, atol=1e-12)
    assert session.count == before
    session.back("step")
    assert path.steps[-1] == 5


def test_a_long_path_is_bounded_and_exact_where_it_is_kept(session_of: Sessions) -> None:
    session = session_of("linear-neuron")
    session.seek(session.timeline.finish_of(1500))
    path = RunPath(session, on(W).here)
    path.advance(LONG)
    steps, values = path.steps, path.rows()
    assert len(steps) < MOST
    assert set(np.diff(steps)) == {4.0}
    session.seek(session.timeline.finish_of(int(steps[20])))
    assert value_of(session, W) == values[20, 0]


def test_the_path_of_a_run_that_was_changed_on_its_way_has_the_change(session_of: Sessions) -> None:
    session = session_of("linear-neuron")
    session.seek(session.timeline.finish_of(3))
    branch = session.branch("optimizer.learning_rate", 0.05)
    branch.seek(branch.timeline.finish_of(6))
    path = RunPath(branch, on(W, B).here)
    path.advance(LONG)
    values = path.rows()
    errors = 2.1 * values[:, 0] + values[:, 1] - 4
    factors = [1 - 2 * rate * (2.1**2 + 1) for rate in (0.01, 0.01, 0.01, 0.05, 0.05, 0.05)]
    np.testing.assert_allclose(errors[1:] / errors[:-1], factors, rtol=1e-9)
    assert values[-1, 0] == value_of(branch, W)
