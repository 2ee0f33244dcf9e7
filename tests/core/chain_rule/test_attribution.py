"""The attribution of decay telescopes, and names what was measured."""

from math import inf, isclose, isfinite, isnan, log10
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.core.chain_rule.attribution import Attribution, attribution, culprit
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.session.history import norm
from backprop_tui.core.session.session import Session

from ...share import share


def attributed(table: dict[str, Any]) -> tuple[Session, Attribution]:
    """A session with the numbers of its first step, and their attribution."""
    session = Session(*load_preset(table, "test", None, "test"))
    session.seek(session.timeline.finish_of(1) - 1)
    return session, attribution(session.plan, session.trainer.layers)


def network(layers: list[dict[str, Any]], loss: str = "mean_squared_error", seed: int = 1) -> dict[str, Any]:
    """Six random examples of three inputs for these layers."""
    chance = np.random.default_rng(seed)
    outputs = layers[-1]["units"]
    targets = chance.random((6, outputs)).round(3)
    if loss == "cross_entropy":
        targets = np.eye(outputs)[chance.integers(outputs, size=6)]
    data = {"kind": "inline", "inputs": chance.normal(size=(6, 3)).round(3).tolist(), "targets": targets.tolist()}
    return {"title": "Random", "seed": seed, "data": data, "layers": layers, "loss": {"kind": loss}}


@st.composite
def networks(draw: st.DrawFn) -> dict[str, Any]:
    """Two to six layers of every kind."""
    hidden = [
        {
            "units": 4,
            "activation": draw(st.sampled_from(["tanh", "relu", "sigmoid"])),
            "batch_norm": draw(st.booleans()),
            "dropout": draw(st.sampled_from([0.0, 0.2])),
            "residual": i > 0 and draw(st.booleans()),
        }
        for i in range(draw(st.integers(1, 5)))
    ]
    output, loss = draw(
        st.sampled_from(
            [
                ("identity", "mean_squared_error"),
                ("softmax", "half_squared_error"),
                ("softmax", "cross_entropy"),
                ("sigmoid", "binary_cross_entropy"),
            ]
        )
    )
    last = {"units": 3, "activation": output, "batch_norm": draw(st.booleans())}
    return network([*hidden, last], loss, draw(st.integers(0, 10_000)))


@settings(deadline=None, max_examples=share(12, 60))
@given(networks())
def test_the_links_of_any_way_add_up_to_the_ratio_of_its_ends(table: dict[str, Any]) -> None:
    session, found = attributed(table)
    number = len(session.trainer.layers)
    dZ = [norm(session.plan["dZ", layer].array) for layer in range(1, number + 1)]
    dW = [norm(session.plan["dW", layer].array) for layer in range(1, number + 1)]
    for lower in range(1, number + 1):
        for upper in range(lower, number + 1):
            for way, norms in ((found.between(lower, upper), dZ), (found.between_weights(lower, upper), dW)):
                low, high = norms[lower - 1], norms[upper - 1]
                if low > 0 and high > 0:
                    assert isclose(way.log10, log10(low / high), abs_tol=1e-12)
                # From 0 there is no ratio, even where a shortcut brings a gradient back below.
                if high > 0 and all(link.norm_below > 0 for link in way.links):
                    assert isclose(sum(link.log10 for link in way.links), way.log10, abs_tol=1e-11)
                    assert isclose(sum(group.log10 for group in way.groups), way.log10, abs_tol=1e-11)
                for above, below in zip(way.links[:-1], way.links[1:], strict=True):
                    assert (above.below, above.norm_below) == (below.above, below.norm_above)


@settings(deadline=None, max_examples=share(13, 40))
@given(networks())
def test_layers_are_split_into_the_parts_that_they_have(table: dict[str, Any]) -> None:
    session, found = attributed(table)
    layers = session.trainer.layers
    combined = table["loss"]["kind"] in ("cross_entropy", "binary_cross_entropy")
    for layer, decay in zip(layers, found.layers, strict=True):
        last = layer.number == len(layers)
        assert (decay.mask is not None) == (layer.dropout > 0)
        assert (decay.batch_norm is not None) == layer.batch_norm
        assert (decay.slope is None) == (last and combined)
        assert (decay.weights is None) == (layer.number == 1)
        assert decay.residual == (layer.residual and layer.number > 1)
        dZ, dW = session.plan["dZ", layer.number], session.plan["dW", layer.number]
        if not (last and combined) and norm(dZ.array) > 0:
            dA = session.plan["dA", layer.number]
            assert isclose(decay.activation, log10(norm(dZ.array) / norm(dA.array)), abs_tol=1e-11)
        if layer.number > 1 and norm(dZ.array) > 0 and decay.weights is not None:
            below = session.plan["dA", layer.number - 1]
            assert isclose(decay.weights, log10(norm(below.array) / norm(dZ.array)), abs_tol=1e-11)
        if norm(dW.array) > 0:
            assert isclose(decay.input, log10(norm(dW.array) / norm(dZ.array)), abs_tol=1e-11)
    assert found.layers[-1].total == 0


def test_a_vanishing_gradient_is_the_doing_of_the_slopes(session_of: Any) -> None:
    session = session_of("vanishing")
    session.seek(session.timeline.finish_of(1) - 1)
    found = attribution(session.plan, session.trainer.layers)
    slopes = [norm(session.plan["dZ", n].array) / norm(session.plan["dA", n].array) for n in range(1, 10)]
    assert culprit(found) == f"slopes of sigmoid: {np.exp(np.mean(np.log(slopes))):.2g} a layer"
    assert all(slope < 0.25 for slope in slopes)
    assert found.layers[-1].slope is None  # sigmoid and binary cross-entropy are one op


def test_a_gradient_that_small_weights_shrink_is_their_doing() -> None:
    small = {"activation": "identity", "init": "constant", "init_scale": 0.01}
    _, found = attributed(network([{"units": 4, **small}] * 4 + [{"units": 2, **small}]))
    # Of weights w the gradient of four equal units is w times the sum of four.
    assert found.between(1, 4).groups[0].title == "weights"
    assert found.between(1, 4).groups[0].extent == "0.04 a layer"
    assert all(layer.slope == 0 for layer in found.layers)
    assert [round(layer.weights or 0, 6) for layer in found.layers[1:4]] == [round(log10(0.04), 6)] * 3


def test_a_growing_gradient_is_the_doing_of_the_weights() -> None:
    large = {"activation": "identity", "init": "constant", "init_scale": 5.0}
    _, found = attributed(network([{"units": 4, **large}] * 4 + [{"units": 2, **large}]))
    assert found.between(1, 5).log10 > 3
    assert found.between(1, 5).groups[-1].title == "weights"


def test_what_made_a_gradient_zero_is_named() -> None:
    dead = {"units": 4, "activation": "relu", "biases": [-100.0] * 4}
    _, found = attributed(network([{"units": 4, "activation": "tanh"}, dead, {"units": 2, "activation": "identity"}]))
    way = found.between(1, 3)
    assert way.log10 == -inf
    assert way.stopped_by is not None
    assert (way.stopped_by.layer, way.stopped_by.kind, way.stopped_by.log10) == (2, "slope", -inf)
    assert [link.log10 for link in way.links] == [way.links[0].log10, -inf, 0, 0]
    assert culprit(found) == "slopes of relu in layer 2: dZ⁽²⁾ is 0"
    assert isnan(found.between(1, 2).log10)
    assert found.between(1, 2).stopped_by is None
    assert culprit(found, 1, 2) == "dZ⁽²⁾ is 0: there is no gradient to begin with"


def test_past_a_dead_layer_a_shortcut_brings_the_gradient_down() -> None:
    dead = {"units": 4, "activation": "relu", "biases": [-100.0] * 4, "residual": True}
    _, found = attributed(network([{"units": 4, "activation": "tanh"}, dead, {"units": 2, "activation": "identity"}]))
    way = found.between(1, 3)
    assert isfinite(way.log10)
    assert way.stopped_by is None
    assert [link.log10 for link in way.links][1:3] == [-inf, inf]
    assert culprit(found) == "slopes of relu in layer 2: dZ⁽²⁾ is 0, only the shortcut passes them"


def test_inputs_of_zero_stop_the_gradient_of_weights_alone() -> None:
    table = network([{"units": 4, "activation": "tanh"}, {"units": 2, "activation": "identity"}])
    table["data"]["inputs"] = [[0.0] * 3] * 6
    table["layers"][0]["biases"] = [0.3] * 4
    _, found = attributed(table)
    assert isfinite(found.between(1, 2).log10)
    assert culprit(found) == "inputs of the weights in layer 1: dW⁽¹⁾ is 0"


def test_without_an_error_there_is_no_gradient_to_attribute() -> None:
    zero = {"activation": "identity", "init": "zeros"}
    table = network([{"units": 4, **zero}, {"units": 2, **zero}])
    table["data"]["targets"] = [[0.0, 0.0]] * 6
    _, found = attributed(table)
    assert culprit(found) == "dZ⁽²⁾ is 0: there is no gradient to begin with"
    assert all(link.log10 == 0 for link in found.links)


@pytest.mark.parametrize("number", [np.inf, np.nan])
def test_a_gradient_that_is_no_number_is_named(number: float) -> None:
    session, _ = attributed(network([{"units": 4, "activation": "tanh"}, {"units": 2, "activation": "identity"}]))
    session.plan["dA", 1].array[0, 0] = number
    found = attribution(session.plan, session.trainer.layers)
    assert culprit(found) == "dA⁽¹⁾ is not finite, behind the weights in layer 2"
    session.plan["dW", 2].array[0, 0] = number
    assert culprit(attribution(session.plan, session.trainer.layers)) == "dW⁽²⁾ is not finite"


def test_of_one_layer_there_is_nothing_to_say() -> None:
    _, found = attributed(network([{"units": 2, "activation": "identity"}]))
    assert found.between(1, 1).log10 == 0
    assert culprit(found) == "there is nothing between a layer and itself"
