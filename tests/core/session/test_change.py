"""One way to change a run: on its way where it can take that, else as a new run."""

from typing import Any

import numpy as np
import pytest

from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.change import change
from backprop_tui.core.session.change_text import LABELS
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.session import Session

Table = dict[str, Any]


def table(**more: Any) -> Table:
    """Two hidden layers, batches of 3 of seven examples."""
    return {
        "title": "Changed",
        "data": {"kind": "spiral", "samples": 10, "train_ratio": 0.7, "noise": 0.1},
        "layers": [
            {"units": 3, "activation": "relu"},
            {"units": 2, "activation": "tanh"},
            {"units": 1, "activation": "sigmoid"},
        ],
        "optimizer": {"kind": "sgd", "learning_rate": 0.05},
        "training": {"batch_size": 3},
        **more,
    }


def run(steps: int = 0, **more: Any) -> Session:
    session = Session(*load_preset(table(**more), "test"))
    session.seek(session.timeline.finish_of(steps))
    return session


def test_a_change_on_the_way_goes_on_from_the_last_boundary() -> None:
    session = run(4)
    found = change(session, {"optimizer.learning_rate": 0.3, "W1[1, 2]": 2.0})
    assert found.session.step == 4
    assert not found.keeps
    assert found.session.edits == (Edit(4, "optimizer.learning_rate", 0.3), Edit(4, "W1[1,2]", 2.0))
    assert found.session.trainer.layers[0].parameters(found.session.trainer.state.parameters)["W"][0, 1] == 2.0


def test_one_made_further_back_keeps_the_run() -> None:
    session = run(4)
    session.seek(session.timeline.finish_of(2))
    assert change(session, {"optimizer.learning_rate": 0.3}).keeps


def test_one_that_takes_a_new_run_begins_it_with_the_same_chance() -> None:
    session = run(4)
    found = change(session, {"layers.1.units": 5, "b2[5]": 0.5})
    fresh = Session(*load_preset(table(), "test"))
    first = found.session.trainer.layers[0].parameters(found.session.trainer.state.parameters)["W"]
    assert found.keeps
    assert found.session.step == 0
    assert np.array_equal(first, fresh.trainer.layers[0].parameters(fresh.trainer.state.parameters)["W"])
    assert found.session.dataset is session.dataset


def test_a_new_run_in_place_of_one_that_has_not_begun_keeps_nothing() -> None:
    assert not change(run(), {"training.batch_size": 2}).keeps


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer.learning_rate": -1.0},
        {"W9[1,1]": 0.0},
        {"optimizer.nothing": 1},
        {"loss.kind": [1]},
        {"loss.kind": {"kind": []}},
        {"layers.0.activation": []},
        {"layers.1.activation": [1], "loss.kind": [1]},
    ],
)
def test_what_cannot_be_is_refused(changes: Table) -> None:
    with pytest.raises(PresetError):
        change(run(1), changes)


def test_a_change_to_what_is_there_already_is_the_run_itself() -> None:
    session = run(2)
    found = change(session, {"optimizer.learning_rate": 0.05, "optimizer.l2": 0.0})
    assert found.session is session
    assert (found.keeps, found.also) == (False, ())


# What has to change too

GIVEN = {
    "layers": [
        {"units": 2, "activation": "tanh", "weights": [[0.1, 0.2], [0.3, 0.4]], "biases": [0.5, 0.6]},
        {"units": 2, "activation": "tanh", "weights": [[0.1, 0.2], [0.3, 0.4]], "biases": [0.5, 0.6]},
        {"units": 1, "activation": "tanh", "weights": [[0.1, 0.2]]},
    ],
    "loss": {"kind": "half_squared_error"},
}
SQUARED = {"loss": {"kind": "mean_squared_error"}}


@pytest.mark.parametrize(
    ("more", "changes", "also"),
    [
        ({}, {"loss.kind": "cross_entropy"}, {"layers.2.activation": "softmax", "layers.2.units": 2}),
        ({}, {"layers.2.activation": "identity"}, {"loss.kind": "mean_squared_error"}),
        (SQUARED, {"loss.kind": "binary_cross_entropy"}, {}),
        ({}, {"layers.2.dropout": 0.5}, {"loss.kind": "mean_squared_error"}),
        ({}, {"data.kind": "plane"}, {"layers.2.activation": "identity", "loss.kind": "mean_squared_error"}),
        ({}, {"layers.0.init": "uniform"}, {"layers.0.init_scale": 0.5}),
        ({}, {"layers.1.residual": True}, {"layers.1.units": 3}),
        ({"training": {"drop_last": True}}, {"training.batch_size": 100}, {"training.drop_last": False}),
        ({"view": {"spotlight": "W2[2,3]"}}, {"layers.0.units": 2}, {"view.spotlight": None}),
        ({"view": {"example": 7}}, {"data.samples": 8}, {"view.example": None}),
        (
            {"data": {"kind": "circle", "features": ["x1", "x2^2"]}},
            {"data.kind": "sine"},
            {"data.features": None, "layers.2.activation": "identity", "loss.kind": "mean_squared_error"},
        ),
        (GIVEN, {"layers.1.units": 3}, {"layers.1.weights": None, "layers.1.biases": None, "layers.2.weights": None}),
        (GIVEN, {"data.features": ["x1"]}, {"layers.0.weights": None}),
        (GIVEN, {"layers.1.activation": "relu"}, {}),
        ({"data": {"kind": "circle", "removed": [3], "added": [[0.0, 0.0, 1]]}}, {"seed": 5}, {"data.removed": None}),
        ({"data": {"kind": "circle", "removed": [3]}}, {"data.noise": 0.2}, {}),
    ],
)
def test_the_smallest_further_changes_make_it_possible(more: Table, changes: Table, also: Table) -> None:
    found = change(run(1, **more), changes)
    assert dict(found.also) == also
    for path in also:
        assert LABELS.get(path, path.rpartition(".")[2].replace("_", " ")) in found.text


def test_what_was_asked_for_always_stays() -> None:
    session = run(1)
    with pytest.raises(PresetError, match="leaves no batch"):
        change(session, {"training.batch_size": 100, "training.drop_last": True})
    with pytest.raises(PresetError, match="softmax stands only in the last layer"):
        change(session, {"layers.0.activation": "softmax"})


def test_digits_bring_an_output_for_ten_classes_and_lose_the_features() -> None:
    session = run(1, data={"kind": "circle", "features": ["x1", "x2^2"], "noise": 0.1})
    found = change(session, {"data.kind": "digits"})
    last = found.session.preset.layers[-1]
    assert (last.units, last.activation, found.session.preset.loss.kind) == (10, "softmax", "cross_entropy")
    assert {"data.features", "loss.kind", "layers.2.units", "layers.2.activation"} == {path for path, _ in found.also}


def test_variants_that_are_possible_no_longer_are_left_out() -> None:
    variants = [
        {"name": "tanh", "set": {"layers.1.activation": "tanh"}},
        {"name": "relu", "set": {"layers.0.activation": "relu"}},
    ]
    session = run(1, variants=variants)
    found = change(session, {"layers": [table()["layers"][2]]})
    assert [variant.name for variant in found.session.preset.variants] == ["relu"]
    assert "variants left out: 1" in found.text


# In words


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"optimizer.learning_rate": 0.03}, "learning rate 0.05 → 0.03"),
        ({"optimizer.clip_norm": 1.0}, "clip norm none → 1"),
        (
            {"layers.0.activation": "elu", "layers.1.activation": "elu"},
            "activation of layer 1 relu → elu, activation of layer 2 tanh → elu",
        ),
        ({"layers.0.dropout": 0.5, "layers.1.dropout": 0.5}, "dropout of layers 1 and 2 0 → 0.5"),
        ({"training.shuffle": False}, "shuffle on → off"),
        ({"data.features": ["x1"]}, "features x1, x2 → x1"),
        (
            {"layers": [{"units": 4, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}]},
            "network 3-2-1 → 4-1",
        ),
        ({"seed": 7}, "seed 0 → 7"),
    ],
)
def test_what_changed_is_said(changes: Table, what: str) -> None:
    found = change(run(1), changes)
    assert found.what == what
    assert found.text.startswith(found.what)


def test_the_value_of_a_parameter_is_said() -> None:
    found = change(run(0, **GIVEN), {"W1[1,2]": -0.25})
    assert found.text == "W1[1,2] 0.2 → −0.25"


def test_a_new_run_and_the_branch_are_said() -> None:
    text = change(run(2), {"layers.0.units": 4}).text
    assert text == "units of layer 1 3 → 4; a new run from the start; the one before stays as a branch"


def test_parameters_that_were_set_at_the_start_are_set_in_a_new_run_of_the_same_shape() -> None:
    session = change(run(), {"W1[2,1]": 9.0}).session
    kept = change(session, {"training.batch_size": 2})
    assert kept.session.edits == (Edit(0, "W1[2,1]", 9.0),)
    lost = change(session, {"layers.0.units": 5})
    assert lost.session.edits == ()
    assert "W1[2,1] is not set any more" in lost.text
