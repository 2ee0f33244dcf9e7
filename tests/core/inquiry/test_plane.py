"""The plane along the gradient and a random direction: its slope, its right angle, what it is projected on."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.inquiry.landscape import Landscape, Reach
from backprop_tui.core.inquiry.plane import Plane, plane_of
from backprop_tui.core.inquiry.run_path import FEWEST, RunPath, all_parameters
from backprop_tui.core.session.session import Session

Sessions = Callable[..., Session]
LONG = 1e9


def test_the_linear_neuron_s_plane_by_hand(session_of: Sessions) -> None:
    """dW = −7.98 and db = −3.8, so that right is (2.1, 1)/√5.41: along it the error falls by √5.41 a unit."""
    session = session_of("linear-neuron")
    plane = plane_of(session, 1)
    assert plane.slope == pytest.approx(3.8 * 5.41**0.5)
    np.testing.assert_allclose(plane.across, np.array([2.1, 1]) / 5.41**0.5)
    np.testing.assert_allclose(np.abs(plane.up), np.array([1, 2.1]) / 5.41**0.5)
    assert plane.here(session).tolist() == [0.0, 0.0]
    found = Landscape(session, plane, (Reach(-1, 3), Reach(-2, 2)), 20, 16)
    assert found.advance(LONG)
    assert (found.others, found.loss) == (0, pytest.approx(3.61))
    # The loss does not change at right angles to the gradient of a single example.
    expected = (5.41**0.5 * found.across - 1.9) ** 2 + 0 * found.up[:, None]
    np.testing.assert_allclose(found.values, expected, rtol=1e-9)


@pytest.mark.parametrize("name", ["xor", "batch-norm", "numpy-class", "residual", "sine"])
@pytest.mark.parametrize("number", [1, 7])
def test_both_directions_are_of_length_1_at_right_angles_and_the_slope_is_that_of_the_loss(
    name: str, number: int, session_of: Sessions
) -> None:
    session = session_of(name)
    session.forward("step")
    before = session.trainer.state.parameters.copy()
    plane = plane_of(session, number)
    assert plane.slope is not None
    for first, second, expected in (
        (plane.across, plane.across, 1),
        (plane.up, plane.up, 1),
        (plane.across, plane.up, 0),
    ):
        assert first @ second == pytest.approx(expected, abs=1e-12)
    found = Landscape(session, plane, (Reach(-1, 1), Reach(-1, 1)), 5, 5)
    small = 1e-5
    slope = (found.loss_at(small, 0.0) - found.loss_at(-small, 0.0)) / (2 * small)
    assert slope == pytest.approx(-plane.slope, rel=1e-3)
    assert (found.loss_at(0.0, small) - found.loss_at(0.0, -small)) / (2 * small) == pytest.approx(
        0, abs=1e-3 * plane.slope
    )
    assert found.loss_at(0.0, 0.0) == pytest.approx(found.loss, rel=1e-12)
    np.testing.assert_array_equal(session.trainer.state.parameters, before)


def test_random_directions_are_those_of_the_seed_and_differ_by_their_number(session_of: Sessions) -> None:
    first, same, other = (plane_of(session_of("xor"), number).up for number in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert abs(first @ other) < 0.9
    seeded = plane_of(session_of("xor", seed=5), 1).up
    assert abs(first @ seeded) < 0.9


@given(st.integers(0, 2**32), st.integers(2, 30))
def test_what_is_aside_and_what_is_on_the_plane_make_up_the_distance(seed: int, size: int) -> None:
    draws = np.random.default_rng(seed)
    across, up = np.linalg.qr(draws.standard_normal((size, 2)))[0].T
    plane = Plane(draws.standard_normal(size), across, up, 1.0, 1)
    point = draws.standard_normal(size)
    x, y = plane.shadow(point[None])[0]
    assert x**2 + y**2 + plane.aside(point) ** 2 == pytest.approx(float(np.sum((point - plane.origin) ** 2)))
    on_it = plane.origin + 3 * across - 2 * up
    np.testing.assert_allclose(plane.shadow(on_it[None]), [[3, -2]], atol=1e-12)
    assert plane.aside(on_it) == pytest.approx(0, abs=1e-12)


def test_without_a_gradient_both_directions_are_random(session_of: Sessions) -> None:
    changes = {"layers.0.weights": [[0.0]], "data.inputs": [[0.0]], "data.targets": [[0.0]]}
    session = session_of("linear-neuron", changes=changes)
    plane = plane_of(session, 1)
    assert plane.slope is None
    assert plane.across @ plane.up == pytest.approx(0, abs=1e-12)


def test_a_path_of_all_parameters_is_bounded_in_bytes(session_of: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    session = session_of("xor")
    session.seek(session.timeline.finish_of(40))
    monkeypatch.setattr("backprop_tui.core.inquiry.run_path.BYTES", 1)
    path = RunPath(session, all_parameters)
    assert path.advance(LONG)
    assert len(path.steps) < FEWEST
    session.seek(session.timeline.finish_of(int(path.steps[-1])))
    np.testing.assert_array_equal(path.rows()[-1], session.trainer.state.parameters)
    # The projection of where the run stands is the middle.
    np.testing.assert_array_equal(plane_of(session, 1).shadow(path.rows()[-1:]), [[0.0, 0.0]])
