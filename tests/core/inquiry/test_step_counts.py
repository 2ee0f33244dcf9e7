"""Which gradients are exactly 0, and which way a step moves the weights: counted as one would count by hand."""

from typing import Any

import numpy as np
import pytest

from backprop_tui.core.inquiry.exact_zeros import ZeroCount, exact_zeros
from backprop_tui.core.inquiry.step_moves import step_moves


def test_the_zeros_of_three_or_eight_are_those_of_its_black_pixels(session_of: Any) -> None:
    session = session_of("three-or-eight")
    assert exact_zeros(session) == []
    session.forward("step")
    black = int(np.count_nonzero(session.plan["X", None].array == 0))
    assert black == 620
    assert exact_zeros(session) == [ZeroCount(1, 620 * 128, 784 * 128), ZeroCount(2, 0, 1280)]


def test_a_layer_counts_from_the_op_of_its_gradient_on(session_of: Any) -> None:
    """By-hand: relu silences unit 1, whose three weights have nothing to learn; and dW⁽²⁾ has zeros behind it."""
    session = session_of("by-hand")
    for op in session.plan.ops:
        session.forward("op")
        counted = {found.layer for found in exact_zeros(session)}
        assert counted == {number for number in (1, 2, 3) if op.place >= session.plan["dW", number].place}
    zeros = {found.layer: found.zeros for found in exact_zeros(session)}
    # dW⁽²⁾ is (1, −1) times (0, 3, 5, 3): its first column is 0.
    assert zeros == {1: 3, 2: 2, 3: 0}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("by-hand", {}),
        ("xor", {}),
        ("spiral", {}),
        ("mazur", {"optimizer.l2": 0.1}),
        ("by-hand", {"optimizer.l1": 1e-3}),
    ],
)
def test_ways_are_counted_as_the_step_goes_them(session_of: Any, name: str, changes: dict[str, Any]) -> None:
    session = session_of(name, changes=changes)
    assert step_moves(session).layers == ()
    session.forward("op")
    session.forward("step")
    layers = session.trainer.layers
    deltas = np.concatenate([layer.weights(session.trainer.delta).ravel() for layer in layers])
    found = step_moves(session)
    signs = np.sign(deltas)
    assert (found.up, found.down, found.still) == tuple(int(np.sum(signs == sign)) for sign in (1, -1, 0))
    assert found.layers == tuple(layer.number for layer in layers)
    assert found.up + found.down + found.still == sum(layer.units * layer.inputs for layer in layers)
