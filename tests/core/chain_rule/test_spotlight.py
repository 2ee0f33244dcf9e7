"""The spotlight: its way over all parameters, its names, and the entry it falls on in every quantity."""

from itertools import product
from math import isclose
from typing import Any

import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.chain_rule.statements import statements
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.preset.parameter_name import ParameterName

# 2 inputs, layers of 3, 1 (without bias) and 2 units.
LAYERS = (
    Layer(1, 2, 3, "tanh", True, 0),
    Layer(2, 3, 1, "tanh", False, 9),
    Layer(3, 1, 2, "identity", True, 12),
)


def walk(start: Spotlight, rows: int, columns: int, steps: int) -> list[str]:
    names, spotlight = [str(start.name)], start
    for _ in range(steps):
        spotlight = spotlight.moved(LAYERS, rows, columns)
        names.append(str(spotlight.name))
    return names


def test_to_the_right_through_all_layers_and_back() -> None:
    there = ["W1[1,1]", "W1[1,2]", "b1[1]", "W2[1,1]", "W2[1,2]", "W2[1,3]", "W3[1,1]", "b3[1]", "b3[1]"]
    assert walk(Spotlight(1, 0, 0), 0, 1, 8) == there
    assert walk(Spotlight(3, 0, None), 0, -1, 8) == [*there[-2::-1], "W1[1,1]"]


def test_up_and_down_stays_in_the_layer() -> None:
    assert walk(Spotlight(1, 0, 1), 1, 0, 3) == ["W1[1,2]", "W1[2,2]", "W1[3,2]", "W1[3,2]"]
    assert walk(Spotlight(1, 2, None), -1, 0, 3) == ["b1[3]", "b1[2]", "b1[1]", "b1[1]"]


def test_a_layer_with_fewer_units_takes_the_last_of_its_own() -> None:
    assert walk(Spotlight(1, 2, None), 0, 1, 1) == ["b1[3]", "W2[1,1]"]


def test_the_example_moves_along() -> None:
    assert Spotlight(1, 0, None, example=4).moved(LAYERS, 0, 1).example == 4


@pytest.mark.parametrize(
    ("name", "spotlight"),
    [
        (ParameterName("W", 2, 1, 3), Spotlight(2, 0, 2, 5)),
        (ParameterName("b", 1, 3), Spotlight(1, 2, None, 5)),
    ],
)
def test_names(name: ParameterName, spotlight: Spotlight) -> None:
    assert Spotlight.named(name, 5) == spotlight
    assert spotlight.name == name


def test_every_parameter_can_be_reached() -> None:
    reached = {str(Spotlight(1, 0, 0).name)}
    edge = [Spotlight(1, 0, 0)]
    while edge:
        spotlight = edge.pop()
        for rows, columns in ((0, 1), (0, -1), (1, 0), (-1, 0)):
            following = spotlight.moved(LAYERS, rows, columns)
            if str(following.name) not in reached:
                reached.add(str(following.name))
                edge.append(following)
    assert len(reached) == sum(layer.size for layer in LAYERS)


def test_entries_follow_the_weight_through_the_step(session_of: Any, network_table: Any) -> None:
    """The weight from unit 3 of layer 1 to unit 4 of layer 2, in example 2."""
    session = session_of(network_table("tanh", "identity", "half_squared_error"))
    spotlight = Spotlight.named(ParameterName("W", 2, 4, 3), 1)
    entries = {
        quantity.typed(): quantity.typed(spotlight.entry(quantity, 3)) for quantity in session.plan.quantities.values()
    }
    for name, entry in {
        "X": "X[1,2]",
        "W1": "W1[3,1]",
        "Z1": "Z1[3,2]",
        "A1": "A1[3,2]",
        "W2": "W2[4,3]",
        "b2": "b2[4]",
        "dZ2": "dZ2[4,2]",
        "dW2": "dW2[4,3]",
        "ΔW2": "ΔW2[4,3]",
        "W3": "W3[1,4]",
        "A3": "A3[1,2]",
        "Y": "Y[1,2]",
        "E": "E[1,2]",
        "ℒ": "ℒ",
    }.items():
        assert entries[name] == entry


def test_a_number_of_each_example_is_that_of_the_example(session_of: Any, network_table: Any) -> None:
    session = session_of(network_table("tanh", "softmax", "cross_entropy"))
    spotlight = Spotlight.named(ParameterName("W", 2, 4, 3), 1)
    for symbol, layer in (("ℓ", None), ("T", 3)):
        assert spotlight.entry(session.plan[symbol, layer], 3) == (1,)


def test_entries_are_there_wherever_the_spotlight_is(session_of: Any, network_table: Any) -> None:
    session = session_of(network_table("relu", "softmax", "cross_entropy", batch=3, optimizer="adam"))
    for layer, unit, column, example in product((1, 2, 3), range(3), (None, 0, 1), (0, 6)):
        spotlight = Spotlight(layer, unit, column, example)
        for plan in (plan for plans in session.trainer.plans.values() for plan in plans):
            for quantity in plan.quantities.values():
                quantity.value(spotlight.entry(quantity, 3))


def test_what_belongs_to_the_parameter_in_the_spotlight(session_of: Any, network_table: Any) -> None:
    plan = session_of(network_table("relu", "softmax", "cross_entropy", optimizer="adam")).plan

    def covered(spotlight: Spotlight) -> set[str]:
        return {quantity.typed() for quantity in plan.quantities.values() if spotlight.covers(quantity)}

    assert covered(Spotlight(2, 0, 0)) == {"W2", "dW2", "ΔW2", "m(W)2", "v(W)2", "m₀(W)2", "v₀(W)2"}
    assert covered(Spotlight(2, 0, None)) == {"b2", "db2", "Δb2", "m(b)2", "v(b)2", "m₀(b)2", "v₀(b)2"}


def test_a_long_sum_shows_the_spotlights_own_term_however_small(session_of: Any) -> None:
    session = session_of("digits")
    session.seek(session.timeline.finish_of(1) - 1)
    spotlight = Spotlight(1, 99, 300)
    own = {"Z1": "W⁽¹⁾₁₀₀,₃₀₁ ·", "Z2": "A⁽¹⁾₁₀₀,₁", "dW1": "dZ⁽¹⁾₁₀₀,₁"}
    for name, text in own.items():
        op = session.plan.writer(session.plan[name[:-1], int(name[-1])])
        (first, *_) = statements(op, spotlight, 2)
        assert text in first.expression.symbols()
        assert isclose(first.expression.value(), first.value, rel_tol=1e-4)
    op = session.plan.writer(session.plan["dA", 1])
    found = statements(op, Spotlight(2, 7, 12), 2)[0].expression.symbols()
    assert "dZ⁽²⁾₈,₁ · W⁽²⁾₈,₁₃" in found
