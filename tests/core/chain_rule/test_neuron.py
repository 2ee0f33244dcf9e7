"""One neuron with all that it has to do with: its gradients follow from that alone."""

from math import prod
from typing import Any

import pytest

from backprop_tui.core.chain_rule.neuron import Neuron, needs, neuron
from backprop_tui.core.session.session import Session

KINDS = [
    {},
    {"batch_norm": True},
    {"dropout": 0.4},
    {"residual": True},
    {"batch_norm": True, "dropout": 0.4, "residual": True},
]
OUTPUTS = [("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy"), ("tanh", "mean_squared_error")]


def behind_backward(session: Session) -> Session:
    session.seek(session.timeline.finish_of(1) - 1)
    return session


def neuron_of(session: Session, layer: int, unit: int, example: int) -> Neuron:
    return neuron(session.plan, session.trainer.layers, layer, unit, example)


@pytest.mark.parametrize("extra", KINDS, ids=["plain", "batch norm", "dropout", "residual", "all"])
@pytest.mark.parametrize("output", OUTPUTS)
def test_its_numbers_follow_from_each_other(
    session_of: Any, network_table: Any, output: tuple[str, str], extra: dict[str, Any]
) -> None:
    session = behind_backward(session_of(network_table("tanh", *output, **extra)))
    for layer in session.trainer.layers:
        for unit in range(layer.units):
            of_examples = [neuron_of(session, layer.number, unit, example) for example in range(7)]
            for found in of_examples:
                sources = [1.0 if one.source is None else one.source.value() for one in found.incoming]
                weighted = [source * one.weight.value() for source, one in zip(sources, found.incoming, strict=True)]
                assert found.z.value() == pytest.approx(sum(weighted), rel=1e-12, abs=1e-14)
                if found.outgoing:
                    assert found.arriving is not None
                    back = sum(one.delta.value() * one.weight.value() for one in found.outgoing)
                    past = 0.0 if found.shortcut is None else found.shortcut.value()
                    assert found.arriving.value() == pytest.approx(back + past, rel=1e-12, abs=1e-14)
                assert found.backward[-1].quantity is found.delta.quantity
                if found.arriving is not None and not layer.batch_norm:
                    own = {reference.quantity.symbol: reference.value() for reference in found.backward}
                    mask = [one.value() for one in found.forward if one.quantity.symbol == "M"]
                    slope = [value for symbol, value in own.items() if "′" in symbol]
                    expected = found.arriving.value() * prod(mask) * prod(slope)
                    assert found.delta.value() == pytest.approx(expected, rel=1e-12, abs=1e-15)
            for place, one in enumerate(of_examples[0].incoming):
                parts = []
                for found in of_examples:
                    source = found.incoming[place].source
                    parts.append(found.delta.value() * (1.0 if source is None else source.value()) / 7)
                assert one.gradient.value() == pytest.approx(sum(parts), rel=1e-12, abs=1e-14)


def test_it_names_its_neighbours(session_of: Any) -> None:
    session = behind_backward(session_of("first-steps"))
    found = neuron_of(session, 1, 1, 0)
    assert [one.weight.symbols() for one in found.incoming] == ["W⁽¹⁾₂,₁", "W⁽¹⁾₂,₂", "b⁽¹⁾₂"]
    assert [one.gradient.symbols() for one in found.incoming] == ["dW⁽¹⁾₂,₁", "dW⁽¹⁾₂,₂", "db⁽¹⁾₂"]
    assert [(one.delta.symbols(), one.weight.symbols()) for one in found.outgoing] == [("dZ⁽²⁾₁,₁", "W⁽²⁾₁,₂")]
    assert [one.symbols() for one in found.forward] == ["A⁽¹⁾₂,₁"]
    assert [one.symbols() for one in found.backward] == ["σ′(Z⁽¹⁾)₂,₁", "dZ⁽¹⁾₂,₁"]
    # 0.5 · 0.2 + 0.8 · 0.3 + 0.35
    assert found.z.value() == pytest.approx(0.69, rel=1e-12)
    output = neuron_of(session, 2, 0, 0)
    assert output.outgoing == ()
    assert output.arriving is not None
    assert output.arriving.symbols() == "dA⁽²⁾₁,₁"


@pytest.mark.parametrize(
    ("output", "extra", "layer", "said"),
    [
        (("tanh", "mean_squared_error"), {}, 1, "its own z, δ of the 4 neurons that it feeds and the weights there."),
        (("tanh", "mean_squared_error"), {}, 3, "its own z, and the slope of the loss at its own output."),
        (("sigmoid", "binary_cross_entropy"), {}, 3, "its own inputs, its own output and its own target."),
        (("softmax", "cross_entropy"), {}, 3, "which is a share of their sum."),
        (("softmax", "half_squared_error"), {}, 3, "suffices for the layer, not for the neuron"),
        (("tanh", "mean_squared_error"), {"dropout": 0.4}, 2, "its own z and mask, δ of the 3 neurons"),
        (("tanh", "mean_squared_error"), {"batch_norm": True}, 2, "its own z and γ, δ of the 3 neurons"),
        (("tanh", "mean_squared_error"), {"batch_norm": True}, 2, "Batch norm couples the examples"),
        (("tanh", "mean_squared_error"), {"residual": True}, 1, "and dA of the one that the shortcut leads to."),
    ],
)
def test_what_it_needs_is_said_as_it_is(
    session_of: Any, network_table: Any, output: tuple[str, str], extra: dict[str, Any], layer: int, said: str
) -> None:
    session = session_of(network_table("tanh", *output, **extra))
    text = needs(neuron_of(session, layer, 0, 0), 3, output[1])
    assert said in text
    assert text.startswith("Local information suffices")
    assert ("shortcut" in text) == bool(extra.get("residual"))
