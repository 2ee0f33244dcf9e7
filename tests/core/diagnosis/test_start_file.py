"""Remedies of a run that starts from a file: those that need parameters which it has not start them afresh."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.compare.comparison import changed
from backprop_tui.core.diagnosis.cures import AFRESH, Remedy, batch_norm, drawn_start, good_start, more_units
from backprop_tui.core.diagnosis.remedies import general_remedies, together, with_rate, with_start
from backprop_tui.core.preset.preset import PresetError, load_preset
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.parameters_file import network_arrays, write_parameters


@pytest.fixture
def session(tmp_path: Path) -> Session:
    table: dict[str, Any] = {
        "title": "small",
        "data": {"kind": "xor", "samples": 40},
        "layers": [
            {"units": 3, "activation": "tanh"},
            {"units": 2, "activation": "tanh"},
            {"units": 1, "activation": "sigmoid"},
        ],
        "optimizer": {"kind": "adam", "learning_rate": 0.1},
        "training": {"batch_size": 10},
    }
    run = Session(*load_preset(table, "small.toml", tmp_path))
    run.advance(run.timeline.finish_of(9))
    with (tmp_path / "kept.npz").open("wb") as stream:
        write_parameters(run.trainer, stream)
    table["training"]["start"] = "kept.npz"
    again = Session(*load_preset(table, "small.toml", tmp_path))
    again.advance(again.timeline.finish_of(8))
    return again


def test_more_units_keep_what_fits_and_draw_the_rest(session: Session) -> None:
    remedy = with_start(session.preset, Remedy("wider", {"layers.1.units": 5}))
    assert remedy == Remedy("wider" + AFRESH, {"layers.1.units": 5, "training.start_missing": "afresh"})
    preset, dataset = changed(session, "remedy", remedy.set)
    assert "not in kept.npz, so started afresh: W2, b2, W3" in dataset.notes[-1]
    wider = network_arrays(Session(preset, dataset).trainer)
    kept = np.load(Path(str(preset.base)) / "kept.npz")
    assert np.array_equal(wider["W1"], kept["W1"])
    assert np.array_equal(wider["b3"], kept["b3"])
    assert wider["W2"].shape == (5, 3)
    assert not wider["b2"].any()
    # What the optimizer has kept of those that fit stays; of those that are new it has kept nothing.
    trainer = Session(preset, dataset).trainer
    assert {name for moment, name, _ in ((*key, 0) for key in dataset.start.moments)} == {"W1", "b1", "b3"}
    assert trainer.optimizer_step() == 10


def test_it_is_refused_where_nobody_said_so(session: Session) -> None:
    with pytest.raises(PresetError, match='called "W2", found float64'):
        changed(session, "by hand", {"layers.1.units": 5})


def test_batch_norm_starts_afresh_and_says_so(session: Session) -> None:
    now = session.diagnosis.last
    assert now is not None
    remedy = with_start(session.preset, batch_norm(session.preset, now))
    assert remedy.text.endswith(AFRESH)
    preset, dataset = changed(session, "remedy", remedy.set)
    assert "so started afresh: gamma1, beta1, gamma2, beta2" in dataset.notes[-1]
    assert Session(preset, dataset).trainer.layers[0].batch_norm


def test_every_remedy_can_be_made_and_none_is_of_start_weights(session: Session) -> None:
    now = session.diagnosis.last
    assert now is not None
    offered = list(general_remedies(now, session.preset))
    assert more_units(session.preset).set
    for remedy in [*offered, with_rate(session.preset, offered[-1], 0.5), together(offered[0], offered[-1])]:
        changed(session, "remedy", remedy.set)
        assert not any(path.endswith((".init", ".weights", ".biases")) for path in remedy.set)
        assert remedy.text.count(AFRESH) == ("training.start_missing" in remedy.set)
    assert not good_start(session.preset).set
    assert not drawn_start(session.preset).set
