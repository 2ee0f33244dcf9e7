"""Experiments as presets, held against what the Playground's own program gave."""

import numpy as np
import pytest

from backprop_tui.core.playground.experiment import Experiment, read_url
from backprop_tui.core.playground.preset_of import preset_table
from backprop_tui.core.preset.playground_points import SETS, playground_points, training_size
from backprop_tui.core.preset.preset import PresetError, from_table, load_preset
from backprop_tui.core.preset.toml_document import parse
from backprop_tui.core.preset.toml_text import toml_text
from backprop_tui.core.session.session import Session

from .runs import IDS, RUNS


@pytest.mark.parametrize("run", RUNS, ids=IDS)
def test_points_start_weights_and_losses_are_those_of_the_browser(run: dict) -> None:
    experiment, notes = read_url(run["url"])
    assert notes == ()
    preset, dataset = load_preset(parse(toml_text(preset_table(experiment)), "its TOML"), "its TOML")
    assert [dataset.size, dataset.test_size] == run["parts"]
    assert dataset.points is not None
    found = np.vstack([dataset.points, dataset.targets])[:, :3].T
    np.testing.assert_allclose(found, run["points"], rtol=0, atol=1e-12)
    for layer, W, b in zip(preset.layers, run["W"], run["b"], strict=True):
        np.testing.assert_array_equal(layer.weights, W)
        np.testing.assert_array_equal(layer.biases, b)
    session = Session(preset, dataset)
    for epoch, (training, test) in run["losses"].items():
        session.seek(session.timeline.finish_of_epoch(int(epoch)))
        found = session.evaluate()
        assert found.test is not None
        assert (found.training.loss, found.test.loss) == pytest.approx((training, test), rel=0, abs=1e-9)


def test_the_training_part_is_the_first_of_the_points_and_the_rest_is_held_out() -> None:
    table = preset_table(Experiment(class_set="gauss", training_share=33, seed="x"))
    _, dataset = load_preset(table, "")
    points, labels, _ = playground_points("gauss", 500, 0.0, "x")
    assert (dataset.size, dataset.test_size) == (165, 335)
    np.testing.assert_array_equal(dataset.points, points[:, :165])
    np.testing.assert_array_equal(dataset.test_targets[0], labels[165:])


@pytest.mark.parametrize(("share", "size"), [(0.1, 50), (0.29, 145), (0.57, 285), (0.58, 290), (1.0, 500), (0.003, 1)])
def test_a_share_that_is_whole_is_not_cut(share: float, size: int) -> None:
    assert training_size(500, share) == size


@pytest.mark.parametrize("kind", SETS)
def test_noise_moves_points_or_labels_and_no_more_points_are_drawn(kind: str) -> None:
    clean, noisy = (playground_points(kind, 100, noise, "3") for noise in (0.0, 0.5))
    assert clean[0].shape == noisy[0].shape == (2, 100)
    assert not (np.array_equal(clean[0], noisy[0]) and np.array_equal(clean[1], noisy[1]))


def test_an_odd_number_of_points_has_one_more_of_a_class_as_there() -> None:
    points, labels, _ = playground_points("spiral", 5, 0.0, "3")
    assert points.shape == (2, 6)
    assert labels.sum() == 0


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"kind": "moons", "playground_seed": "1"}, 'found kind = "moons"'),
        ({"kind": "xor", "noise": 0.6}, "from 0 to 0.5, found 0.6"),
        ({"kind": "xor", "noise": 0.9, "playground_seed": "1"}, "found 0.9"),
        ({"kind": "xor", "playground_seed": ""}, "playground_seed"),
    ],
)
def test_what_cannot_be_is_told(data: dict, message: str) -> None:
    table = {"title": "t", "data": data, "layers": [{"units": 1, "activation": "tanh"}]}
    with pytest.raises(PresetError, match=message):
        from_table(table, "")


def test_noise_beyond_its_control_is_possible() -> None:
    table = preset_table(read_url("noise=80&dataset=circle")[0])
    assert load_preset(table, "")[0].data.noise == 0.8
