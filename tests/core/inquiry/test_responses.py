"""What every unit answers over the plane: the same as asking for one place after another, at every state of a run."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui import presets
from backprop_tui.core.inquiry import responses
from backprop_tui.core.inquiry.responses import Responses, has_responses, places
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.session import Session

LAYERS = [
    {"units": 5, "activation": "tanh", "batch_norm": True},
    {"units": 5, "activation": "relu", "residual": True, "dropout": 0.25},
    {"units": 1, "activation": "sigmoid"},
]
LINEAR = [{"units": 1, "activation": "identity"}]


def by_hand(session: Session, number: int, x1: float, x2: float) -> list[float]:
    """The answers of a layer at one place, by the evaluator's pass over that place alone."""
    plan = session.evaluator.run(session.dataset.encode(np.array([[x1], [x2]])))
    array = plan["A", number].array if number else plan["X", None].array
    return [float(value) for value in array[:, 0]]


def check(session: Session, grid: Responses) -> None:
    assert session.dataset.domain is not None
    (left, right), (bottom, top) = session.dataset.domain
    for number in range(len(session.trainer.layers) + 1):
        found = grid.layer(session, number).copy()
        for row in range(grid.rows):
            for column in range(grid.columns):
                x1 = left + (right - left) * (column + 0.5) / grid.columns
                x2 = top - (top - bottom) * (row + 0.5) / grid.rows
                expected = by_hand(session, number, x1, x2)
                assert found[:, row, column].tolist() == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_a_linear_unit_by_hand_over_four_places(session_of: Any) -> None:
    # 2 x1 − 3 x2 + 0.5 at the middles of the quarters of the box round the points.
    session = session_of(
        {
            "data": {"kind": "inline", "inputs": [[1, 0.5], [3, 1.5], [2, 1]], "targets": [[0], [1], [1]]},
            "title": "Linear",
            "layers": [{**LINEAR[0], "weights": [[2, -3]], "biases": [0.5]}],
        }
    )
    assert session.dataset.domain == ((0.6, 3.4), (0.3, 1.7))
    grid = Responses(2, 2)
    low, high, down, up = 0.6 + 2.8 / 4, 3.4 - 2.8 / 4, 0.3 + 1.4 / 4, 1.7 - 1.4 / 4
    expected = [
        [2 * low - 3 * up + 0.5, 2 * high - 3 * up + 0.5],
        [2 * low - 3 * down + 0.5, 2 * high - 3 * down + 0.5],
    ]
    assert np.allclose(grid.layer(session, 1)[0], expected, rtol=0, atol=1e-14)
    assert np.allclose(grid.layer(session, 0)[0], [[low, high], [low, high]], rtol=0, atol=1e-14)


@pytest.mark.parametrize("normalize", [False, True])
def test_as_one_place_after_another_with_features_norm_residual_and_dropout(session_of: Any, normalize: bool) -> None:
    data = {"kind": "circle", "samples": 40, "features": ["x1", "x1*x2", "sin(x2)"], "normalize": normalize}
    session = session_of({"title": "Small", "data": data, "layers": LAYERS, "training": {"batch_size": 8}})
    grid = Responses(3, 4)
    check(session, grid)
    for unit in ("step", "op", "op", "step"):
        session.forward(unit)
        check(session, grid)
    session.back("step")
    check(session, grid)


def test_a_pass_is_made_once_a_state(session_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session, grid, made = session_of("circle"), Responses(2, 2), []
    real = responses.run
    monkeypatch.setattr(responses, "run", lambda *given: (made.append(1), real(*given)))
    grid.layer(session, 1)
    grid.layer(session, 2)
    session.forward("op")
    grid.layer(session, 1)
    assert len(made) == 1
    session.forward("step")
    grid.layer(session, 1)
    assert len(made) == 2
    # Another run at the same step has another trainer.
    other = session.with_edits((Edit(0, "W1[1,1]", 0.75),))
    assert other.step == session.step
    check(other, grid)


@given(rows=st.integers(1, 6), columns=st.integers(1, 6), most=st.integers(1, 60), first=st.integers(0, 7))
def test_in_portions_the_same(rows: int, columns: int, most: int, first: int) -> None:
    session = spiral()
    units = slice(first, first + 2)
    whole = Responses(rows, columns)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(responses, "NUMBERS_OF_A_PORTION", most)
        portions = Responses(rows, columns)
        for number in range(len(session.trainer.layers) + 1):
            found = portions.layer(session, number, units)
            assert found == pytest.approx(whole.layer(session, number)[units], rel=1e-9, abs=1e-12)


@cache
def spiral() -> Session:
    """A run of the spiral, made once; no test moves it."""
    return Session(*load_preset(parse(presets.text("spiral"), "test"), "test", presets.folder(), "test"))


def test_only_points_of_a_plane_have_responses(session_of: Any) -> None:
    assert has_responses(session_of("xor").dataset)
    assert not has_responses(session_of("digits").dataset)
    three = {"kind": "inline", "inputs": [[1, 2, 3], [3, 2, 1]], "targets": [[0], [1]]}
    assert not has_responses(session_of({"title": "Three", "data": three, "layers": LINEAR}).dataset)


def test_the_places_are_the_middles_of_equal_parts() -> None:
    found = places(((-6.0, 6.0), (0.0, 2.0)), 2, 3)
    assert found.tolist() == [[-4, 0, 4, -4, 0, 4], [1.5, 1.5, 1.5, 0.5, 0.5, 0.5]]
