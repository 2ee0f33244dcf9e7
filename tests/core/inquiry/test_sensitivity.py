"""All weights by |∂ℒ/∂w|: the same as sorting them one by one, at every position, and nothing that is not computed."""

from math import isnan, nan
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.inquiry.sensitivity import largest_places, sensitivity, weights_known
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.session import Session


def one_by_one(session: Session) -> list[tuple[int, int, int, float]]:
    """Layer, unit, input and gradient of every weight whose gradient is computed, by its magnitude."""
    found = []
    for layer in session.trainer.layers:
        gradient = session.plan["dW", layer.number]
        if session.computed(gradient):
            for unit in range(layer.units):
                for column in range(layer.inputs):
                    found.append((layer.number, unit, column, gradient.value((unit, column))))
    return sorted(found, key=lambda weight: -abs(weight[3]))


@pytest.mark.parametrize("name", ["first-steps", "xor", "mazur"])
def test_the_list_is_that_of_all_computed_weights_at_every_position_of_a_step(session_of: Any, name: str) -> None:
    session = session_of(name)
    for count in range(session.timeline.finish_of(2) + 1):
        session.seek(count)
        expected = one_by_one(session)
        assert weights_known(session) == len(expected)
        found = sensitivity(session, 0, 1000)
        assert found.count == len(expected)
        assert [(w.layer, w.unit, w.input, w.gradient) for w in found.weights] == expected
        assert found.layers == tuple(sorted({layer for layer, *_ in expected}))
        if expected:
            total = sum(abs(weight[3]) for weight in expected)
            assert found.largest == abs(expected[0][3])
            assert [w.share for w in found.weights] == pytest.approx([abs(w[3]) / total for w in expected])
            assert sum(w.share or 0 for w in found.weights) == pytest.approx(1)
            state = session.trainer.state.parameters
            for weight in found.weights:
                layer = session.trainer.layers[weight.layer - 1]
                assert weight.value == layer.weights(state)[weight.unit, weight.input]
            assert sensitivity(session, 1, 4).weights == found.weights[1:4]
        assert sensitivity(session, 3, 3).weights == ()


def test_the_most_sensitive_of_a_hundred_thousand_weights(session_of: Any) -> None:
    session = session_of("digits")
    session.forward("step")
    assert sensitivity(session, 0, 5).count == 784 * 128 + 128 * 10
    every = [(layer.number, session.plan["dW", layer.number].array) for layer in session.trainer.layers]
    flat = np.concatenate([gradient.ravel() for _, gradient in every])
    order = np.argsort(-np.abs(flat), kind="stable")
    for first, last in ((0, 7), (50_000, 50_004), (101_631, 101_640)):
        found = sensitivity(session, first, last)
        assert [w.gradient for w in found.weights] == flat[order[first:last]].tolist()
        places = [(w.layer - 1) * 784 * 128 + w.unit * (784, 128)[w.layer - 1] + w.input for w in found.weights]
        assert places == order[first:last].tolist()


def test_of_one_linear_neuron_the_whole_sensitivity_is_that_of_its_weight(session_of: Any) -> None:
    session = session_of("linear-neuron")
    session.forward("step")
    (weight,) = sensitivity(session, 0, 3).weights
    assert (weight.layer, weight.unit, weight.input, weight.share) == (1, 0, 0, 1.0)
    assert weight.gradient == pytest.approx(-7.98)
    assert weight.value == pytest.approx(1.0798)


def test_of_equal_ones_the_first_and_what_is_no_number_before_all() -> None:
    assert largest_places(np.array([1.0, 3.0, 2.0, 3.0, 2.0, 2.0]), 4).tolist() == [1, 3, 2, 4]
    assert largest_places(np.zeros(5), 3).tolist() == [0, 1, 2]
    assert largest_places(np.array([1.0, np.inf, 2.0]), 3).tolist() == [1, 2, 0]


def test_without_finite_gradients_there_are_no_shares(session_of: Any) -> None:
    session = session_of("first-steps")
    session.seek(session.timeline.finish_of(1) - 1)
    gradient = session.plan["dW", 1].array
    gradient[0, 1] = nan
    found = sensitivity(session, 0, 6)
    assert isnan(found.weights[0].gradient)
    assert (found.weights[0].layer, found.weights[0].unit, found.weights[0].input) == (1, 0, 1)
    assert {weight.share for weight in found.weights} == {None}
    for layer in session.trainer.layers:
        session.plan["dW", layer.number].array[...] = 0
    assert {weight.share for weight in sensitivity(session, 0, 6).weights} == {None}


def test_at_an_edit_the_step_before_it_is_not_in_view(session_of: Any) -> None:
    base = session_of("linear-neuron")
    edited = Session(base.preset, base.dataset, None, (Edit(2, "optimizer.learning_rate", 0.05),))
    edited.seek(edited.timeline.finish_of(2))
    assert (sensitivity(edited, 0, 5).weights, weights_known(edited)) == ((), 0)
