"""One way to change a run: on its way where it can take that, else as a new run."""

from typing import Any

import numpy as np
import pytest

from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.change import change
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


@pytest.mark.parametrize("changes", [{"optimizer.learning_rate": -1.0}, {"W9[1,1]": 0.0}, {"optimizer.nothing": 1}])
def test_what_cannot_be_is_refused(changes: Table) -> None:
    with pytest.raises(PresetError):
        change(run(1), changes)
