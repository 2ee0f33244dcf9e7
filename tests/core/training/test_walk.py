"""The two ways to walk a plan, op by op and in whole steps, give the same numbers to the last bit."""

from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.core.network.optimizers import OPTIMIZERS as RULES
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.tables import LOSSES, OPTIMIZERS, RELU_FAMILY
from backprop_tui.core.training import walk as walk_module
from backprop_tui.core.training.straight_line import straight_line
from backprop_tui.core.training.trainer import Trainer
from backprop_tui.core.training.walk import Walk

from ...share import share

Table = dict[str, Any]
HIDDEN = ("identity", "sigmoid", "tanh", *RELU_FAMILY)
OUTPUTS = {"cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}
SAMPLES = 24
SCHEDULES = ({}, {"kind": "step", "step_size": 3}, {"kind": "cosine", "t_max": 9, "warm_up": 2})


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Presets of small networks with any parts, optimizers, batches and orders."""
    layers = []
    for _ in range(draw(st.integers(1, 3))):
        layer: Table = {"units": draw(st.integers(1, 4)), "activation": draw(st.sampled_from(HIDDEN))}
        width = layers[-1]["units"] if layers else 2
        layer |= {"bias": draw(st.booleans()), "batch_norm": draw(st.booleans())}
        layer |= {"residual": layer["units"] == width and draw(st.booleans())}
        layer |= {"dropout": draw(st.sampled_from([0.0, 0.3]))}
        layers.append(layer)
    loss = draw(st.sampled_from(sorted(LOSSES)))
    output = {"units": 2, "activation": OUTPUTS.get(loss, "tanh")}
    optimizer: Table = {"kind": draw(st.sampled_from(sorted(OPTIMIZERS))), "learning_rate": 0.03}
    for key, value in (("l1", 0.01), ("l2", 0.02), ("weight_decay", 0.03), ("clip_norm", 0.5), ("clip_value", 0.2)):
        if draw(st.booleans()):
            optimizer[key] = value
    if schedule := draw(st.sampled_from(SCHEDULES)):
        optimizer["schedule"] = schedule
    training = {"batch_size": draw(st.integers(0, SAMPLES)), "dtype": draw(st.sampled_from(["float32", "float64"]))}
    training |= {"shuffle": draw(st.booleans()), "drop_last": draw(st.booleans())}
    return {
        "title": "Walked",
        "seed": draw(st.integers(0, 99)),
        "data": {"kind": "gauss", "samples": SAMPLES, "train_ratio": 1.0, "noise": 0.2},
        "layers": [*layers, output],
        "loss": {"kind": loss},
        "optimizer": optimizer,
        "training": training,
    }


def trainer_of(table: Table) -> Trainer:
    preset, dataset = load_preset(table, "walked")
    return Trainer(preset, dataset, preset.seed)


def everything(trainer: Trainer) -> dict[str, Any]:
    """All arrays of a training, whatever they are for."""
    arrays = {"state": trainer.state.vectors, "statistics": trainer.state.statistics, "delta": trainer.delta}
    arrays |= {f"{key} {q.entry}": q.array for key, q in trainer.plan.quantities.items()}
    # One NaN is like another: which of two a processor hands on is nobody's number.
    found = {name: np.where(np.isnan(array), np.nan, array).tobytes() for name, array in arrays.items()}
    return found | {"losses": np.array(trainer.losses).tobytes(), "step": trainer.state.step}


def op_by_op(walk: Walk, count: int) -> None:
    for _ in walk.ops(count):
        pass


@pytest.fixture(scope="module", autouse=True)
def short_vectors() -> Iterator[None]:
    """As in networks of many parameters: vectors are longer than a block; and calls are written out soon."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk_module, "straight_line", partial(straight_line, block=3))
        patch.setattr(walk_module, "WORTH", 3)
        yield


@settings(max_examples=share(12, 300))
@given(tables(), st.lists(st.integers(1, 240), min_size=1, max_size=6))
def test_whole_steps_and_single_ops_are_the_same_bit_for_bit(table: Table, moves: list[int]) -> None:
    whole, single = trainer_of(table), trainer_of(table)
    walks = whole.walk(), single.walk()
    with np.errstate(all="ignore"):
        for move in moves:
            last = walks[0].take(move)
            op_by_op(walks[1], move)
            assert everything(whole) == everything(single)
            assert last.place == single.plan.events[(walks[1].within - 1) % walks[1].length].place


def test_a_walk_counts_the_events_of_the_step_in_hand() -> None:
    trainer = trainer_of(
        {"title": "t", "data": {"kind": "xor", "samples": 8}, "layers": [{"units": 1, "activation": "sigmoid"}]}
    )
    walk = trainer.walk()
    assert walk.length == trainer.events_per_step
    for taken, within, steps in ((1, 1, 0), (walk.length - 1, 0, 1), (3 * walk.length + 2, 2, 4), (walk.length, 2, 5)):
        walk.take(taken)
        assert (walk.within, trainer.state.step) == (within, steps)


@pytest.mark.parametrize("batch", [0, 5])
def test_nothing_is_yielded_of_whole_steps(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    table = {"title": "t", "data": {"kind": "xor", "samples": 24}, "layers": [{"units": 1, "activation": "sigmoid"}]}
    walk = trainer_of(table | {"training": {"batch_size": batch}}).walk()
    monkeypatch.setattr(walk, "events", iter(()))
    assert walk.take(7 * walk.length).phase == "finish"
    assert walk.trainer.state.step == 7
    deque(walk.ops(0), maxlen=0)


@pytest.mark.parametrize("kind", sorted(OPTIMIZERS))
def test_what_an_optimizer_keeps_is_written_over_where_nobody_looks(kind: str) -> None:
    table = {"title": "t", "data": {"kind": "xor", "samples": 8}, "layers": [{"units": 1, "activation": "sigmoid"}]}
    trainer = trainer_of(table | {"optimizer": {"kind": kind, "learning_rate": 0.1}})
    walk = trainer.walk()
    walk.take(4 * walk.length)
    assert len(walk.overwriting) == (2 if RULES[kind].moments else 0)
