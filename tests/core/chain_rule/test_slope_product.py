"""∏ |f′| against depth: by hand, and as the mean over all paths, walked one by one."""

from itertools import product
from math import exp, prod
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.chain_rule.slope_product import SlopeProduct, has_slopes, slope_of, slope_product
from backprop_tui.core.session.session import Session


def behind_backward(session: Session) -> Session:
    session.seek(session.timeline.finish_of(1) - 1)
    return session


def read(session: Session, example: int = 0, **options: Any) -> SlopeProduct:
    return slope_product(session.plan, session.trainer.layers, session.events, example, **options)


def test_one_unit_a_layer_by_hand(session_of: Any) -> None:
    """Of x = 0.25 and weights 2 and −3: the slopes of σ at 0.5 and at −3 σ(0.5)."""
    table = {
        "title": "Two in a row",
        "data": {"kind": "inline", "inputs": [[0.25]], "targets": [[1.0]]},
        "layers": [
            {"units": 1, "activation": "sigmoid", "weights": [[2.0]]},
            {"units": 1, "activation": "sigmoid", "weights": [[-3.0]]},
        ],
        "loss": {"kind": "half_squared_error"},
    }
    session = behind_backward(session_of(table))
    found = read(session)
    first = 1 / (1 + exp(-0.5))
    second = 1 / (1 + exp(3 * first))
    slopes = [second * (1 - second), first * (1 - first)]
    assert [layer.layer for layer in found.layers] == [2, 1]
    assert [layer.mean for layer in found.layers] == pytest.approx(slopes, rel=1e-12)
    assert [layer.product for layer in found.layers] == pytest.approx([slopes[0], prod(slopes)], rel=1e-12)
    assert [layer.weighted for layer in found.layers] == pytest.approx([slopes[0], 3 * prod(slopes)], rel=1e-12)
    # The gradient of a chain of single units is its one path.
    error = second - 1
    gradient = session.plan["dW", 1].value((0, 0))
    assert abs(gradient) == pytest.approx(abs(error) * 3 * prod(slopes) * 0.25, rel=1e-12)
    assert found.mean == pytest.approx(prod(slopes) ** 0.5, rel=1e-12)
    assert found.power(2) == pytest.approx(prod(slopes), rel=1e-12)
    assert found.power(7) == pytest.approx(prod(slopes) ** 3.5, rel=1e-12)
    assert found.best(10) == 0.25**10 == 9.5367431640625e-7
    assert [layer.weighted for layer in read(session, weights=False).layers] == [None, None]


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "silu"])
@pytest.mark.parametrize("example", [0, 4])
def test_products_are_means_over_all_paths(session_of: Any, network_table: Any, activation: str, example: int) -> None:
    session = behind_backward(session_of(network_table(activation, "tanh", "mean_squared_error")))
    plan, layers = session.plan, session.trainer.layers
    found = read(session, example)
    assert [layer.layer for layer in found.layers] == [3, 2, 1]
    slopes = [slope_of(plan, layer) for layer in reversed(layers)]
    for depth in (1, 2, 3):
        units = [range(layer.units) for layer in reversed(layers)][:depth]
        through, with_weights = [], []
        for path in product(*units):
            factors = [abs(slope.value((unit, example))) for slope, unit in zip(slopes, path, strict=False) if slope]
            weights = [abs(plan["W", 3 - i].value((path[i], path[i + 1]))) for i in range(depth - 1)]
            through.append(prod(factors))
            with_weights.append(prod(factors) * prod(weights))
        layer = found.layers[depth - 1]
        assert layer.product == pytest.approx(np.mean(through), rel=1e-12)
        assert layer.weighted == pytest.approx(np.mean(with_weights), rel=1e-12)
        assert found.product(depth) == layer.product
        assert layer.product is not None
        assert layer.product <= found.best(depth)


def test_it_grows_layer_by_layer_from_the_last_to_the_first(session_of: Any) -> None:
    session = session_of("vanishing")
    layers = session.trainer.layers
    places = [slope.place for layer in reversed(layers) if (slope := slope_of(session.plan, layer))]
    assert places == sorted(places)
    assert len(places) == 9
    session.seek(1)
    assert read(session).mean is None
    assert read(session).power(3) is None
    for known, place in enumerate(places, 1):
        session.seek(place)
        assert len(read(session).measured) == known - 1
        session.seek(place + 1)
        found = read(session)
        assert [layer.mean is not None for layer in found.layers] == [True] * known + [False] * (9 - known)
        assert found.mean is not None
        assert found.power(known) == pytest.approx(found.layers[known - 1].product, rel=1e-12)


def test_what_is_deeper_is_like_the_first_layer(session_of: Any, network_table: Any) -> None:
    found = read(behind_backward(session_of(network_table("sigmoid", "tanh", "mean_squared_error"))))
    assert [found.best(depth) for depth in (1, 2, 3, 5)] == [1.0, 0.25, 0.0625, 0.25**4]
    assert found.alike(1)
    assert not found.alike(2)
    assert found.product(4) is None


def test_a_dead_layer_lets_no_path_through(session_of: Any) -> None:
    table = {
        "title": "Dead",
        "data": {"kind": "inline", "inputs": [[1.0]], "targets": [[1.0]]},
        "layers": [
            {"units": 2, "activation": "relu", "weights": [[-1.0], [-2.0]]},
            {"units": 1, "activation": "identity"},
        ],
    }
    found = read(behind_backward(session_of(table)))
    assert (found.mean, found.power(5), found.layers[-1].weighted) == (0.0, 0.0, 0.0)


def test_output_and_loss_in_one_op_have_no_slope(session_of: Any) -> None:
    session = session_of("digits")
    assert slope_of(session.plan, session.trainer.layers[-1]) is None
    assert [layer.layer for layer in read(behind_backward(session)).layers] == [1]
    table = {
        "title": "Logistic regression",
        "data": {"kind": "inline", "inputs": [[1.0]], "targets": [[1.0]]},
        "layers": [{"units": 1, "activation": "sigmoid"}],
    }
    single = session_of(table)
    assert not has_slopes(single.plan, single.trainer.layers)


def test_slopes_beyond_one_overflow_to_infinity(session_of: Any, network_table: Any) -> None:
    table = network_table("leaky_relu", "identity", "mean_squared_error")
    for layer in table["layers"][:2]:
        layer["slope"] = -1e300
    found = read(session_of(table))
    assert found.best(50) == float("inf")
