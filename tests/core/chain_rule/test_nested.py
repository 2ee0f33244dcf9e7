"""The network as one nested function: how it is written, and which function each op is about."""

from typing import Any

import pytest

from backprop_tui.core.chain_rule.nested import computed_stations, expression, station_of, stations
from backprop_tui.core.session.session import Session

PARTS = {"layers.0.batch_norm": True, "layers.0.dropout": 0.2, "layers.0.residual": True, "layers.0.repeat": 2}


def written(session: Session, *more: Any) -> str:
    return "".join(piece.text for piece in expression(stations(session.plan), "X", *more))


@pytest.mark.parametrize(
    ("preset", "changes", "expected"),
    [
        ("first-steps", {}, "σ(W⁽²⁾ σ(W⁽¹⁾ X + b⁽¹⁾) + b⁽²⁾)"),
        ("linear-neuron", {"layers.0.bias": False}, "id(W⁽¹⁾ X)"),
        ("by-hand", {}, "softmax(W⁽³⁾ relu(W⁽²⁾ relu(W⁽¹⁾ X + b⁽¹⁾) + b⁽²⁾) + b⁽³⁾)"),
        (
            "vanishing",
            PARTS,
            "σ(W⁽³⁾ (A⁽¹⁾ + M⁽²⁾ ⊙ σ(norm(W⁽²⁾ (M⁽¹⁾ ⊙ σ(norm(W⁽¹⁾ X + b⁽¹⁾))) + b⁽²⁾))) + b⁽³⁾)",
        ),
    ],
)
def test_a_network_is_one_function_in_another(session_of: Any, preset: str, changes: Any, expected: str) -> None:
    assert written(session_of(preset, changes=changes)) == expected


def test_of_a_deep_network_the_middle_is_left_out_on_both_sides(session_of: Any) -> None:
    session = session_of("vanishing")
    text = written(session, 0, {1, 10})
    assert text == "σ(W⁽¹⁰⁾ … σ(W⁽¹⁾ X + b⁽¹⁾) … + b⁽¹⁰⁾)"
    whole = written(session)
    assert whole.count("(W⁽") == 10
    assert whole.count("(") == whole.count(")")


def test_what_is_computed_is_put_in_for_what_is_inside(session_of: Any) -> None:
    session = session_of("first-steps")
    found = stations(session.plan)
    session.seek(3)
    done = computed_stations(found, session.events)
    assert done == 2
    inner = found[done - 1].made.name
    assert "".join(piece.text for piece in expression(found, inner, done)) == "σ(W⁽²⁾ A⁽¹⁾ + b⁽²⁾)"


@pytest.mark.parametrize("changes", [{}, PARTS])
def test_every_op_is_about_one_function_but_the_loss(session_of: Any, changes: Any) -> None:
    session = session_of("vanishing", changes=changes)
    found = stations(session.plan)
    about = {op: station_of(op, found) for op in session.plan.ops}
    assert [op.phase for op, one in about.items() if one is None] == ["loss"]
    assert all(one.op is op for op, one in about.items() if one and op.phase == "forward")
    assert all(one.op.layer == op.layer for op, one in about.items() if one)


def test_ops_that_go_back_are_about_the_function_that_they_go_through(session_of: Any) -> None:
    session = session_of("vanishing", changes=PARTS)
    found = stations(session.plan)
    back = [(op.name, op.layer) for op in session.plan.ops if op.phase == "backward"]
    about = [one.made.name for op in session.plan.ops if op.phase == "backward" and (one := station_of(op, found))]
    assert list(zip(back, about, strict=True)) == [
        (("dZ", 3), "A⁽³⁾"),
        (("dW db", 3), "Z⁽³⁾"),
        (("dA", 3), "Z⁽³⁾"),
        (("dF", 2), "D⁽²⁾"),
        (("dN", 2), "F⁽²⁾"),
        (("dγ dβ", 2), "N⁽²⁾"),
        (("dZ", 2), "N⁽²⁾"),
        (("dW db", 2), "Z⁽²⁾"),
        (("dA", 2), "Z⁽²⁾"),
        (("dF", 1), "A⁽¹⁾"),
        (("dN", 1), "F⁽¹⁾"),
        (("dγ dβ", 1), "N⁽¹⁾"),
        (("dZ", 1), "N⁽¹⁾"),
        (("dW db", 1), "Z⁽¹⁾"),
    ]


def test_the_slope_of_a_squared_error_is_about_no_function_of_the_network(session_of: Any) -> None:
    session = session_of("first-steps")
    found = stations(session.plan)
    about = [one.made.name if (one := station_of(op, found)) else None for op in session.plan.ops]
    assert about[:4] == ["Z⁽¹⁾", "A⁽¹⁾", "Z⁽²⁾", "A⁽²⁾"]
    assert about[4:6] == [None, None]
    assert about[6:] == ["A⁽²⁾", "Z⁽²⁾", "Z⁽²⁾", "A⁽¹⁾", "Z⁽¹⁾", "Z⁽¹⁾", "Z⁽²⁾"]
