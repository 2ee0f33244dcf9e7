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
