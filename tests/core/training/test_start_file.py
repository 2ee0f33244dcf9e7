"""Training from parameters in a file."""

import numpy as np
import pytest

from backprop_tui.core.preset.preset import PresetError, load_preset
from backprop_tui.core.training.trainer import Trainer

START = {"W1": [[0.5, -0.25]], "b1": [0.125], "W2": [[2.0]], "b2": [-1.0]}


def trainer(folder, arrays):
    np.savez(folder / "weights.npz", **{name: np.array(array) for name, array in arrays.items()})
    table = {
        "title": "start",
        "data": {"kind": "inline", "inputs": [[1.0, 2.0]], "targets": [[1.0]]},
        "layers": [{"units": 1, "activation": "tanh", "init": "zeros"}, {"units": 1, "activation": "identity"}],
        "training": {"start": "weights.npz"},
    }
    return Trainer(*load_preset(table, "start.toml", folder), seed=0)


def test_every_parameter_comes_from_the_file(tmp_path):
    assert trainer(tmp_path, START).state.parameters.tolist() == [0.5, -0.25, 0.125, 2.0, -1.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"W1": [[0.5]]}, r'expected finite numbers of shape \(1, 2\) called "W1", found float64 \(1, 1\)'),
        ({"b2": [np.nan]}, 'called "b2"'),
        ({"W3": [[1.0]]}, 'no parameters "W3"'),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, change, message):
    with pytest.raises(PresetError, match=message):
        trainer(tmp_path, {**START, **change})


def test_a_missing_array_is_named(tmp_path):
    with pytest.raises(PresetError, match='called "b1", found none'):
        trainer(tmp_path, {name: array for name, array in START.items() if name != "b1"})


def table_of(**layer):
    return {
        "title": "start",
        "data": {"kind": "inline", "inputs": [[1.0, 2.0]], "targets": [[1.0]]},
        "layers": [{"units": 1, "activation": "tanh", **layer}, {"units": 1, "activation": "identity"}],
        "training": {"start": "weights.npz"},
    }


def saved(folder, **more):
    np.savez(folder / "weights.npz", **{name: np.array(array) for name, array in {**START, **more}.items()})


@pytest.mark.parametrize("key", [{"init": "zeros"}, {"weights": [[1.0, 1.0]]}, {"biases": [3.0]}])
def test_settings_that_do_nothing_are_told(tmp_path, key):
    saved(tmp_path)
    _, dataset = load_preset(table_of(**key), "start.toml", tmp_path)
    (name,) = key
    assert dataset.notes == (f"weights.npz gives the parameters, so these settings do nothing: layers.0.{name}",)


def test_a_variant_of_nothing_else_is_refused(tmp_path):
    saved(tmp_path)
    table = table_of() | {"variants": [{"name": "zeros", "set": {"layers.0.init": "zeros"}}]}
    with pytest.raises(PresetError, match=r'variants\.0\.set\."layers\.0\.init": would do nothing'):
        load_preset(table, "start.toml", tmp_path)
    table["variants"][0]["set"]["training.start_missing"] = "afresh"
    load_preset(table, "start.toml", tmp_path)


def test_a_file_without_running_statistics_is_told(tmp_path):
    saved(tmp_path, gamma1=[1.0], beta1=[0.0])
    _, dataset = load_preset(table_of(batch_norm=True), "start.toml", tmp_path)
    assert dataset.notes == ("weights.npz has no running statistics of batch norm: they begin at 0 and 1",)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"optimizer": "adamant"}, 'expected "optimizer" to be one of sgd'),
        ({"step": -1}, 'whole number of 0 or more called "step"'),
        ({"step": 1.5}, 'whole number of 0 or more called "step"'),
        ({"m_W1": [[1.0, 1.0]]}, 'called "optimizer", found none'),
        ({"m_W1": [[1.0]], "optimizer": "adam", "step": 1}, r'shape \(1, 2\) called "m_W1", found float64 \(1, 1\)'),
        ({"v_W1": [[-1.0, 1.0]], "optimizer": "adam", "step": 1}, 'numbers of 0 or more .*called "v_W1", found -1'),
        ({"v_W1": [[1e60, 1.0]], "optimizer": "adam", "step": 1}, '"v_W1" are too large for float32'),
        ({"m_W3": [[1.0]], "optimizer": "adam"}, 'no parameters "m_W3"'),
    ],
)
def test_state_that_cannot_be_is_refused(tmp_path, arrays, message):
    saved(tmp_path, **arrays)
    table = table_of()
    table["training"]["dtype"] = "float32"
    with pytest.raises(PresetError, match=message):
        load_preset(table, "start.toml", tmp_path)


def test_moments_that_are_missing_are_named(tmp_path):
    saved(tmp_path, optimizer="momentum", step=3, optimizer_step=3, v_W1=[[1.0, 1.0]])
    table = table_of() | {"optimizer": {"kind": "momentum", "learning_rate": 0.1}}
    with pytest.raises(PresetError, match='what momentum has kept of b1 called "v_b1", found none'):
        Trainer(*load_preset(table, "start.toml", tmp_path), seed=0)
