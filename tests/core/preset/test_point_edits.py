"""Points put in, moved and taken out by changes of a preset: each lands where it was put, and the others stay."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.core.preset.point_edits import (
    choices,
    placed_at,
    rounded,
    target_of,
    with_example_at,
    with_point,
    without_example,
)
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.settings import apply_changes
from backprop_tui.core.session.change import change
from backprop_tui.core.session.session import Session

from ...share import share

CORNERS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]


def table(outputs: int = 1, activation: str = "sigmoid", **data):
    return {"title": "a", "data": data, "layers": [{"units": outputs, "activation": activation}]}


SETS = {
    "two classes": table(kind="spiral", samples=6),
    "two sides": table(1, "tanh", kind="circle", samples=6),
    "two outputs": table(2, "softmax", kind="xor", samples=6),
    "Playground's": table(1, "tanh", kind="gauss", samples=6, playground_seed="0.7"),
    "numbers": table(1, "identity", kind="multigauss", samples=8),
    "normalized": table(1, "identity", kind="plane", samples=8, normalize=True, normalize_targets=True),
    "words": table(3, "softmax", kind="inline", inputs=CORNERS, targets=["no", "yes", "maybe", "no"]),
    "labels": table(2, "softmax", kind="inline", inputs=CORNERS, targets=[7, 3, 3, 7]),
    "rows": table(2, "softmax", kind="inline", inputs=CORNERS, targets=[[0, 1], [1, 0], [0, 1], [0, 1]]),
    "answers": table(2, "sigmoid", kind="inline", inputs=CORNERS, targets=[[1, 1], [1, 0], [0, 0], [0, 1]]),
}


@pytest.mark.parametrize("name", SETS)
@given(data=st.data())
@settings(max_examples=share(10, 200))
def test_a_walk_of_edits_is_what_a_list_of_points_would_be(name, data) -> None:
    """Against a model: the training part as a list of (x1, x2, targets), each edit made in it by hand."""
    now = SETS[name]
    preset, dataset = load_preset(now, "a.toml")
    points = [(*place, *target) for place, target in zip(dataset.points.T.tolist(), own(dataset), strict=True)]
    free = choices(dataset, preset.data)
    for _ in range(data.draw(st.integers(1, 5))):
        kind = data.draw(st.sampled_from(["add", "move", "take"] if free else ["move", "take"]))
        x1, x2 = placed_at(dataset, data.draw(st.floats(-1, 1)), data.draw(st.floats(-1, 1)))
        example = data.draw(st.integers(0, dataset.size - 1))
        if kind == "take" and len(points) < 3:
            continue
        if kind == "add":
            chosen = data.draw(st.sampled_from(free))
            changes = with_point(preset.data, x1, x2, chosen.target)
        elif kind == "move":
            changes = with_example_at(dataset, preset.data, example, x1, x2)
        else:
            changes = without_example(dataset, preset.data, example)
        was_own = dataset.numbers[example] > 0
        now = apply_changes(now, changes)
        preset, dataset = load_preset(now, "a.toml")
        if kind == "add":
            points.append((x1, x2, *own(dataset)[-1]))
            assert target_of(dataset, preset.data, dataset.size - 1) == chosen.target
        elif kind == "take":
            points.pop(example)
        elif was_own:
            points.append((x1, x2, *points.pop(example)[2:]))
        else:
            points[example] = (x1, x2, *points[example][2:])
        found = [(*place, *target) for place, target in zip(dataset.points.T.tolist(), own(dataset), strict=True)]
        assert np.allclose(found, points, rtol=0, atol=1e-12)


def own(dataset):
    """The targets in the data's own units, a row an example."""
    return dataset.in_own_units(dataset.targets).T.tolist()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("two classes", [("0", (0,)), ("1", (1,))]),
        ("two sides", [("0", (0,)), ("1", (1,))]),
        ("words", [("maybe", ("maybe",)), ("no", ("no",)), ("yes", ("yes",))]),
        ("labels", [("3", (3,)), ("7", (7,))]),
        ("rows", [("0", (1, 0)), ("1", (0, 1))]),
        ("answers", []),
    ],
)
def test_what_a_new_point_may_be(name, wanted) -> None:
    preset, dataset = load_preset(SETS[name], "a.toml")
    assert [(choice.name, choice.target) for choice in choices(dataset, preset.data)] == wanted


def test_numbers_are_ten_notches_from_the_lowest_to_the_highest() -> None:
    made = table(1, "identity", kind="inline", inputs=CORNERS, targets=[[-1.5], [0.25], [3.0], [1.0]])
    preset, dataset = load_preset(made, "a.toml")
    assert [choice.target[0] for choice in choices(dataset, preset.data)] == [
        *(-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
    ]


@pytest.mark.parametrize(
    ("value", "span", "wanted"), [(1.23456, 12.0, 1.23), (1.23456, 1.4, 1.235), (-0.0001, 12.0, 0.0), (7.0, 0.0, 7.0)]
)
def test_coordinates_have_the_decimals_that_the_plane_asks_for(value, span, wanted) -> None:
    assert rounded(value, span) == wanted


def test_a_run_with_a_point_more_is_that_of_a_preset_with_it() -> None:
    """Through the one way to change a run: bit for bit a fresh session of the preset that has the point."""
    preset, dataset = load_preset(SETS["two classes"], "a.toml")
    session = Session(preset, dataset)
    session.play(0.001)
    made = change(session, with_point(preset.data, 0.5, -1.25, (1,)))
    assert (made.session.step, made.keeps) == (0, True)
    fresh = Session(*load_preset(apply_changes(SETS["two classes"], {"data.added": [[0.5, -1.25, 1]]}), "a.toml"))
    for run in (made.session, fresh):
        run.advance_steps(7)
    assert np.array_equal(made.session.trainer.state.parameters, fresh.trainer.state.parameters)
    assert made.session.dataset.size == session.dataset.size + 1
