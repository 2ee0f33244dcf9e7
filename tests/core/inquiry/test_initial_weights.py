"""The formula of a scheme with its numbers, and the spread of the weights that it gave."""

from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest

from backprop_tui.core.inquiry.initial_weights import deviation, initial_weights, scheme_of
from backprop_tui.core.network.initializers import INITIALIZERS, weights
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.preset.chance import generator
from backprop_tui.core.session.session import Session

LAYER = Layer(number=1, inputs=300, units=100, activation="relu", has_bias=True, start=0)


@pytest.mark.parametrize("name", list(INITIALIZERS))
def test_a_scheme_aims_at_the_spread_that_it_draws(name: str) -> None:
    drawn = weights(name, generator(1, "initialization", 1), inputs=300, units=100, init_scale=0.3)
    expected = scheme_of(name, LAYER, 0.3).deviation
    assert np.std(drawn) == pytest.approx(expected, rel=0.02, abs=1e-15)


@pytest.mark.parametrize(
    ("name", "sign", "numbers", "scale"),
    [
        ("zeros", "", "0", 0.0),
        ("constant", "", "−0.3", -0.3),
        ("uniform", "±", "−0.3", -0.3),
        ("xavier_uniform", "±", "√(6 / (300 + 100))", sqrt(6 / 400)),
        ("xavier_normal", "sd = ", "√(2 / (300 + 100))", sqrt(2 / 400)),
        ("he_uniform", "±", "√(6 / 300)", sqrt(6 / 300)),
        ("he_normal", "sd = ", "√(2 / 300)", sqrt(2 / 300)),
        ("lecun_normal", "sd = ", "√(1 / 300)", sqrt(1 / 300)),
    ],
)
def test_the_formula_is_given_with_numbers(name: str, sign: str, numbers: str, scale: float) -> None:
    scheme = scheme_of(name, LAYER, -0.3)
    assert (scheme.sign, scheme.numbers, scheme.scale) == (sign, numbers, scale)


def test_the_spread_is_that_of_the_start_wherever_the_run_stands(session_of: Callable[..., Session]) -> None:
    session = session_of("xor")
    start = np.std(session.trainer.layers[0].weights(session.trainer.state.parameters))
    session.forward("epoch")
    found = initial_weights(session, 1)
    assert (found.layer, found.origin) == (1, "xavier_uniform")
    assert found.deviation == pytest.approx(start, rel=1e-12)


def test_given_weights_have_no_scheme(session_of: Callable[..., Session]) -> None:
    found = initial_weights(session_of("by-hand"), 1)
    assert (found.origin, found.scheme) == ("given", None)
    assert "npz" in initial_weights(session_of("three-or-eight"), 1).origin


def test_weights_beyond_the_root_of_the_largest_number_have_a_spread() -> None:
    assert deviation(np.array([[1e300, -1e300]])) == pytest.approx(1e300)
    assert deviation(np.zeros((2, 2))) == 0
