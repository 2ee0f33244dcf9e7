"""What a finished step has come to: by hand, against the step that follows, and against the run's own arrays."""

from itertools import product
from math import isinf
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.inquiry.step_result import largest_moves, move, step_result
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.session import Session

VARIED: list[dict[str, Any]] = [
    {},
    {"batch_norm": True, "dropout": 0.4, "batch": 4},
    {"residual": True, "batch": 3, "dtype": "float32"},
    {"dropout": 0.3, "optimizer": {"kind": "adam", "clip_norm": 0.1, "l2": 0.01}},
    {"bias": False, "optimizer": "nesterov"},
    {"optimizer": "frozen biases"},
]


def finished(session: Session, step: int) -> Session:
    session.seek(session.timeline.finish_of(step))
    return session


def test_the_linear_neuron_by_hand(session_of: Any) -> None:
    """w 1 → 1.0798, b 0 → 0.038: ŷ = 2.1 · 1.0798 + 0.038 = 2.30558, ℒ = 1.69442² = 2.8710591364."""
    session = finished(session_of("linear-neuron"), 1)
    result = step_result(session)
    assert result is not None
    assert (result.before, result.after) == pytest.approx((3.61, 2.8710591364), rel=1e-13)
    assert result.saved == pytest.approx(0.7389408636, rel=1e-12)
    assert result.share == pytest.approx(-0.20469276, rel=1e-12)
    assert [float(array[0, 0]) for array in (result.outputs_before, result.outputs_after, result.targets)] == (
        pytest.approx([2.1, 2.30558, 4.0])
    )
    # −7.98 · 0.0798 − 3.8 · 0.038, and the length of (−7.98, −3.8).
    assert result.foretold == pytest.approx(-0.781204)
    assert (result.given.gradient, result.given.applied) == (pytest.approx(78.1204**0.5), None)
    assert (result.given.change, result.given.rate) == (pytest.approx(0.01 * 78.1204**0.5), 0.01)
    weight, bias = largest_moves(session, 5)
    assert (weight.name, bias.name) == ("W⁽¹⁾₁,₁", "b⁽¹⁾₁")
    assert (weight.before, weight.change, weight.after) == pytest.approx((1, 0.0798, 1.0798))
    assert (bias.before, bias.change, bias.after) == pytest.approx((0, 0.038, 0.038))


def test_there_is_none_within_a_step_and_where_an_edit_was_made(session_of: Any) -> None:
    session = session_of("linear-neuron")
    for _ in range(session.timeline.length):
        assert step_result(session) is None
        session.advance(session.count + 1)
    assert step_result(session) is not None
    session.forward("op")
    assert step_result(session) is None
    changed = finished(session, 2).branch("W1[1,1]", 0.5)
    assert isinstance(changed.edits[0], Edit)
    assert changed.at_boundary
    assert step_result(changed) is None


@pytest.mark.parametrize("varied", VARIED)
def test_what_comes_after_is_what_the_next_step_would_begin_with(
    session_of: Any, network_table: Any, varied: dict[str, Any]
) -> None:
    """The batch again with the new parameters: another run with these parameters and these masks computes it."""
    session = finished(session_of(network_table("tanh", "softmax", "cross_entropy", **varied)), 3)
    result = step_result(session)
    again = session.batch_again()
    assert result is not None
    assert again is not None
    inputs, targets = session.trainer.batch_of(3)
    assert np.array_equal(result.targets, targets)
    assert np.array_equal(again.plan["X", None].array, inputs)
    assert np.array_equal(again.parameters, session.trainer.state.parameters)
    for layer in session.trainer.layers:
        if layer.dropout:
            assert np.array_equal(again.plan["M", layer.number].array, session.plan["M", layer.number].array)
    whole = session.trainer.steps_per_epoch == 1
    if whole and not any(layer.dropout for layer in session.trainer.layers):
        session.advance(session.timeline.finish_of(4))
        assert session.plan.loss() == result.after


def test_it_is_worked_out_once_and_stays_when_one_comes_back(session_of: Any) -> None:
    session = finished(session_of("first-steps"), 2)
    first = session.batch_again()
    assert session.batch_again() is first
    after = step_result(session)
    state = session.trainer.state.copy()
    session.forward("step")
    other = step_result(session)
    session.back("step")
    assert session.trainer.state == state
    again = step_result(session)
    assert after is not None
    assert other is not None
    assert again is not None
    assert (again.before, again.after) == (after.before, after.after)
    assert other.before == after.after


@pytest.mark.parametrize("varied", VARIED)
def test_the_moves_are_the_changes_of_all_parameters_largest_first(
    session_of: Any, network_table: Any, varied: dict[str, Any]
) -> None:
    session = finished(session_of(network_table("relu", "softmax", "cross_entropy", **varied)), 1)
    count = session.trainer.delta.size
    moves = largest_moves(session, count)
    sizes = [abs(one.change) for one in moves]
    assert sizes == sorted(sizes, reverse=True)
    assert len(moves) == np.count_nonzero(session.trainer.delta)
    assert len({one.name for one in moves}) == len(moves)
    for one in moves:
        assert one.after == one.parameter.array[one.index]
        assert one.before == pytest.approx(one.after - one.change, rel=1e-6, abs=1e-12)
    assert largest_moves(session, 3) == moves[:3]


def test_every_entry_of_every_parameter_has_its_own_place(session_of: Any, network_table: Any) -> None:
    table = network_table("tanh", "identity", "half_squared_error", batch_norm=True)
    session = finished(session_of(table), 1)
    names = {one.name for one in largest_moves(session, session.trainer.delta.size)}
    expected = set()
    for layer in session.trainer.layers:
        for symbol, array in layer.parameters(session.trainer.delta).items():
            quantity = session.plan[symbol, layer.number]
            places = product(*map(range, array.shape))
            expected |= {quantity.entry(place) for place in places if array[place] != 0}
    assert names == expected


def test_what_the_optimizer_received_after_clipping(session_of: Any) -> None:
    """The gradient (−7.98, −3.8) of norm 8.8386 cut to norm 2: Δθ is a hundredth of that."""
    session = finished(session_of("linear-neuron", changes={"optimizer.clip_norm": 2.0}), 1)
    result = step_result(session)
    assert result is not None
    assert (result.given.gradient, result.given.applied) == pytest.approx((78.1204**0.5, 2.0))
    assert result.given.change == pytest.approx(0.02)
    one = move(session, session.plan["b", 1], (0,))
    assert one.change == pytest.approx(0.01 * 2 * 3.8 / 78.1204**0.5)


def test_a_loss_that_is_lost_has_no_share(session_of: Any) -> None:
    session = session_of("linear-neuron", changes={"optimizer.learning_rate": 1e200})
    result = step_result(finished(session, 1))
    assert result is not None
    assert isinf(result.after)
    assert result.share is None
