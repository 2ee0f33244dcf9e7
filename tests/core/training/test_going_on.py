"""Going on from a file that was saved: 7 and 8 steps are the 15 steps, bit for bit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.share import share

from backprop_tui.core.compare.findings_report import diagnose
from backprop_tui.core.compare.report import compare, comparison_of
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.tables import OPTIMIZERS
from backprop_tui.core.session.run import Goal, train
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.parameters_file import network_arrays, own_arrays, write_parameters

Table = dict[str, Any]
NORMED = {"units": 3, "activation": "tanh", "batch_norm": True, "dropout": 0.25}


def table(optimizer: Table | None = None, layer: Table = NORMED, **training: Any) -> Table:
    """Eleven points in batches of four: three steps an epoch, the last of three examples."""
    points = np.random.default_rng(5).normal(size=(11, 2))
    return {
        "title": "small",
        "data": {
            "kind": "inline",
            "inputs": points.tolist(),
            "targets": (points[:, :1] * points[:, 1:] > 0).astype(float).tolist(),
        },
        "layers": [layer, {"units": 1, "activation": "sigmoid"}],
        "optimizer": {"kind": "adam", "learning_rate": 0.05, **(optimizer or {})},
        "training": {"batch_size": 4, **training},
    }


def opened(written: Table, folder: Path | None = None, seed: int | None = None) -> Session:
    return Session(*load_preset(written, "small.toml", folder), seed)


def trained(session: Session, steps: int) -> Session:
    session.advance(session.timeline.finish_of(steps))
    return session


def saved(session: Session, folder: Path) -> Path:
    with (folder / "kept.npz").open("wb") as stream:
        write_parameters(session.trainer, stream)
    return folder / "kept.npz"


def started(written: Table, **training: Any) -> Table:
    return {**written, "training": {**written["training"], "start": "kept.npz", **training}}


def same_state(one: Session, other: Session) -> bool:
    """Bit for bit: parameters, running statistics, and what the optimizer keeps at this boundary."""
    first, second = own_arrays(one.trainer), own_arrays(other.trainer)
    return first.keys() == second.keys() and all(first[name].tobytes() == second[name].tobytes() for name in first)


def goes_on(written: Table, before: int, after: int, folder: Path) -> bool:
    whole = trained(opened(written), before + after)
    saved(trained(opened(written), before), folder)
    rest = trained(opened(started(written), folder), after)
    return same_state(whole, rest) and whole.trainer.losses[-after:] == rest.trainer.losses[-after:]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_two_parts_of_a_run_are_the_whole(tmp_path: Path, kind: str, dtype: str) -> None:
    assert goes_on(table({"kind": kind, "weight_decay": 0.01}, dtype=dtype), 7, 8, tmp_path)


SCHEDULES: list[Table] = [
    {"kind": "constant"},
    {"kind": "step", "step_size": 4, "gamma": 0.5},
    {"kind": "exponential", "gamma": 0.9, "warm_up": 5},
    {"kind": "cosine", "t_max": 12},
]


def tables() -> st.SearchStrategy[Table]:
    layer = st.fixed_dictionaries(
        {
            "units": st.just(2),
            "activation": st.sampled_from(["tanh", "relu", "identity"]),
            "batch_norm": st.booleans(),
            "dropout": st.sampled_from([0.0, 0.5]),
            "bias": st.booleans(),
            "residual": st.booleans(),
        }
    )
    optimizer = st.fixed_dictionaries(
        {
            "kind": st.sampled_from(OPTIMIZERS),
            "ema": st.booleans(),
            "bias_correction": st.booleans(),
            "train_biases": st.booleans(),
            "schedule": st.sampled_from(SCHEDULES),
        }
    )
    training = {"batch_size": st.integers(0, 11), "shuffle": st.booleans(), "drop_last": st.booleans()}
    return st.builds(table, optimizer, layer, **training)


@settings(max_examples=share(14, 400))
@given(tables(), st.integers(0, 9), st.integers(1, 7))
def test_so_they_are_whatever_the_settings(
    tmp_path_factory: pytest.TempPathFactory, written: Table, before: int, after: int
) -> None:
    assert goes_on(written, before, after, tmp_path_factory.mktemp("kept"))


def test_a_run_in_three_parts_is_the_whole(tmp_path: Path) -> None:
    written = table()
    whole = trained(opened(written), 14)
    saved(trained(opened(written), 4), tmp_path)
    saved(trained(opened(started(written), tmp_path), 6), tmp_path)
    assert same_state(whole, trained(opened(started(written), tmp_path), 4))


def test_its_first_epoch_is_what_was_left_of_the_one_it_was_saved_in(tmp_path: Path) -> None:
    saved(trained(opened(table()), 7), tmp_path)
    session = opened(started(table()), tmp_path)
    timeline = session.timeline
    assert [timeline.at(timeline.finish_of(step)).epoch for step in range(1, 7)] == [1, 1, 2, 2, 2, 3]
    ends = [timeline.finish_of(step) for step in (2, 5, 8)]
    assert timeline.after(0, "epoch") == ends[0]
    assert [timeline.after(count, "epoch") for count in ends[:2]] == ends[1:]
    assert [timeline.before(count, "epoch") for count in (ends[1], ends[0], 1)] == [ends[0], 0, 0]
    assert [timeline.finish_of_epoch(epoch) for epoch in range(4)] == [0, *ends]
    session.forward("epoch")
    assert (session.step, session.epoch, session.plan.examples) == (2, 1, 3)


def test_it_goes_back_and_takes_edits_like_any_other(tmp_path: Path) -> None:
    saved(trained(opened(table()), 7), tmp_path)
    session = trained(opened(started(table()), tmp_path), 9)
    there = own_arrays(session.trainer)
    kept = {name: array.copy() for name, array in there.items()}
    session.seek(session.timeline.finish_of(4) + 3)
    trained(session, 9)
    assert all(kept[name].tobytes() == array.tobytes() for name, array in own_arrays(session.trainer).items())
    session.seek(session.timeline.finish_of(5))
    slower = session.branch("optimizer.learning_rate", 0.01)
    # The same as a whole run whose rate was changed after 7 + 5 steps.
    whole = trained(opened(table()), 12).branch("optimizer.learning_rate", 0.01)
    assert same_state(trained(slower, 9), trained(whole, 16))


def test_an_edit_before_its_first_step_keeps_what_the_optimizer_has_kept(tmp_path: Path) -> None:
    saved(trained(opened(table()), 7), tmp_path)
    edited = opened(started(table()), tmp_path).branch("optimizer.learning_rate", 0.01)
    whole = trained(opened(table()), 7).branch("optimizer.learning_rate", 0.01)
    assert same_state(trained(whole, 10), trained(edited, 3))


def test_the_file_is_read_once(tmp_path: Path) -> None:
    kept = saved(trained(opened(table()), 7), tmp_path)
    session = trained(opened(started(table()), tmp_path), 2)
    kept.unlink()
    assert trained(session.branch("optimizer.learning_rate", 0.01), 4).step == 4


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({}, "goes on from kept.npz, after its 7 steps, with the state of adam"),
        (
            {"optimizer": {"kind": "sgd", "learning_rate": 0.1}},
            "7 steps, and sgd begins anew, since the file has the state of adam",
        ),
        ({"seed": 4}, "is of a run with seed 0, this one has 4"),
        (
            {"training": {"batch_size": 5, "start": "kept.npz"}},
            "with 11 examples in batches of 4, this one has 11 in batches of 5, so its epochs are others",
        ),
    ],
)
def test_how_it_goes_on_is_told(tmp_path: Path, changes: Table, note: str) -> None:
    saved(trained(opened(table()), 7), tmp_path)
    session = opened({**started(table()), **changes}, tmp_path)
    assert any(note in told for told in session.dataset.notes), session.dataset.notes


def test_the_seed_of_a_redrawn_run_can_be_said(tmp_path: Path) -> None:
    whole = trained(opened(table(), seed=9), 15)
    saved(trained(opened(table(), seed=9), 7), tmp_path)
    assert same_state(whole, trained(opened(started(table(), seed=9), tmp_path), 8))
    assert not same_state(whole, trained(opened(started(table()), tmp_path), 8))


def test_it_can_begin_anew_from_the_same_numbers(tmp_path: Path) -> None:
    saved(trained(opened(table()), 7), tmp_path)
    session = opened(started(table(), resume=False), tmp_path)
    assert session.dataset.notes == ()
    network = {name: array.copy() for name, array in network_arrays(session.trainer).items()}
    np.savez(tmp_path / "kept.npz", **network)
    assert same_state(trained(session, 3), trained(opened(started(table()), tmp_path), 3))


@pytest.mark.parametrize("what", ["train", "compare", "diagnose"])
def test_stop_conditions_count_what_is_left_of_an_epoch_as_one(tmp_path: Path, what: str) -> None:
    saved(trained(opened(table()), 7), tmp_path)
    session = opened(started(table(), stop={"epochs": 2, "loss_below": 1e-9}), tmp_path)
    if what == "train":
        trainer = session.trainer
        goal = Goal.of(session.preset.training.stop, trainer.steps_per_epoch, slots_before=trainer.slots_before)
        result = train(session, goal)
        assert (result.steps, result.epochs) == (5, 2)
    elif what == "compare":
        loaded = session.preset, session.dataset
        assert compare(comparison_of([loaded]), None).steps == 5
    else:
        assert diagnose(session).steps == 5


def test_a_variant_may_have_a_seed_of_its_own(tmp_path: Path) -> None:
    written = table() | {"variants": [{"name": "other", "set": {"training.seed": 9}}]}
    compared = comparison_of([load_preset(written, "small.toml", tmp_path)])
    one, other = (run.session for run in compared.runs)
    assert not same_state(one, other)
    assert same_state(other, opened(table(), seed=9))
