"""Linear layers in a row multiplied out: the same outputs, whatever stands in the layers; none where there are none."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.core.inquiry.one_matrix import linear_stretches, one_matrix
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.session.session import Session

from ...share import share

Table = dict[str, Any]


def table_of(layers: list[Table], loss: str = "mean_squared_error") -> Table:
    outputs = layers[-1]["units"]
    data = {
        "kind": "inline",
        "inputs": [[1.0, -2.0], [0.5, 3.0], [-1.5, 0.25]],
        "targets": [[1.0] * outputs, [0.0] * outputs, [0.5] * outputs],
    }
    return {"title": "t", "data": data, "layers": layers, "loss": {"kind": loss}}


def session_from(table: Table) -> Session:
    return Session(*load_preset(table, "test", None, "test"))


def test_two_layers_by_hand() -> None:
    """W⁽²⁾W⁽¹⁾ = [1 −1]·[[1 2] [3 4]] = [−2 −2], and b = [1 −1]·[5 6] + 7 = 6; for x = (1, −2) that is 8."""
    layers = [
        {"units": 2, "activation": "identity", "weights": [[1.0, 2.0], [3.0, 4.0]], "biases": [5.0, 6.0]},
        {"units": 1, "activation": "sigmoid", "weights": [[1.0, -1.0]], "biases": [7.0]},
    ]
    found = one_matrix(session_from(table_of(layers)), 1)
    assert found is not None
    assert (found.first, found.last, found.factors) == (1, 2, ("W⁽²⁾", "W⁽¹⁾"))
    assert found.matrix.tolist() == [[-2.0, -2.0]]
    assert found.bias.tolist() == [6.0]
    assert found.by_matrix[0, 0] == found.by_layers[0, 0] == 8.0
    assert (found.difference, found.parameters, found.needed) == (0.0, 9, 3)


def test_a_residual_connection_adds_the_identity_but_not_to_the_last_z() -> None:
    """(W⁽¹⁾ + I) = [[2 2] [3 5]]: W⁽²⁾ times it is [−1 −3], and the last Z is without what goes past it."""
    layers = [
        {"units": 2, "activation": "identity", "weights": [[1.0, 2.0], [3.0, 4.0]], "residual": True},
        {"units": 2, "activation": "identity", "weights": [[1.0, -1.0], [0.0, 2.0]], "residual": True},
    ]
    found = one_matrix(session_from(table_of(layers)), 2)
    assert found is not None
    assert found.factors == ("W⁽²⁾", "(W⁽¹⁾ + I)")
    assert found.matrix.tolist() == [[-1.0, -3.0], [6.0, 10.0]]
    assert found.by_matrix.tolist() == found.by_layers.tolist()


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ("tt", []),
        ("it", [(1, 2)]),
        ("ti", []),
        ("iit", [(1, 3)]),
        ("tiit", [(2, 4)]),
        ("itit", [(1, 2), (3, 4)]),
        ("nit", [(2, 3)]),
        ("int", [(1, 2)]),
        ("dit", [(2, 3)]),
        ("lt", [(1, 2)]),
        ("t", []),
        ("iii", [(1, 3)]),
    ],
)
def test_stretches_end_at_what_no_matrix_does(kinds: str, expected: list[tuple[int, int]]) -> None:
    made = {
        "i": {"activation": "identity"},
        "t": {"activation": "tanh"},
        "n": {"activation": "identity", "batch_norm": True},
        "d": {"activation": "identity", "dropout": 0.5},
        "l": {"activation": "leaky_relu", "slope": 1.0},
    }
    session = session_from(table_of([{"units": 2, **made[kind]} for kind in kinds]))
    assert linear_stretches(session.trainer.layers) == expected
    assert (one_matrix(session, 1) is None) == (not expected)


@settings(max_examples=share(12, 25))
@given(
    kinds=st.lists(st.sampled_from(["identity", "tanh", "relu"]), min_size=1, max_size=5),
    units=st.lists(st.integers(1, 4), min_size=6, max_size=6),
    bias=st.booleans(),
    past=st.booleans(),
    near=st.integers(1, 6),
    steps=st.integers(0, 2),
)
def test_the_one_matrix_gives_what_the_layers_give(
    kinds: list[str], units: list[int], bias: bool, past: bool, near: int, steps: int
) -> None:
    """Whatever stands before and behind the stretch, with residual connections, and after updates."""
    widths = [2, *units]
    layers = [
        {
            "units": width,
            "activation": kind,
            "bias": bias,
            "residual": past and width == widths[place],
        }
        for place, (kind, width) in enumerate(zip([*kinds, "identity"], units, strict=False))
    ]
    session = session_from(table_of(layers))
    for _ in range(steps):
        session.forward("step")
    found = one_matrix(session, near)
    stretches = linear_stretches(session.trainer.layers)
    assert (found is None) == (not stretches)
    if found is not None:
        assert (found.first, found.last) in stretches
        assert found.by_matrix == pytest.approx(found.by_layers, rel=1e-9, abs=1e-12)
        rehearsal = session.rehearse()
        rehearsal.loss()
        assert np.array_equal(found.by_layers, rehearsal.plan["Z", found.last].array)
