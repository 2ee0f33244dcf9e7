"""A run that goes on: given what another has kept, its step 1 is that run's next step, bit for bit."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.preset.beginning import Beginning
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.tables import OPTIMIZERS as KINDS
from backprop_tui.core.training.trainer import Trainer

STEPS = 3
KEYS = {"W": "weights", "b": "biases"}


def run(trainer: Trainer, steps: int) -> Trainer:
    for op in trainer.walk().events:
        if op.phase == "finish" and trainer.state.step == steps:
            return trainer
    raise AssertionError


def going_on(trainer: Trainer, table: dict[str, Any], kind: str) -> Trainer:
    """A trainer that begins with the parameters, moments and masks of the next step of another."""
    state, names = trainer.state, OPTIMIZERS[kind].moments
    begin = 1 + len(names) * (state.step % 2 if names else 0)
    layers = [
        written | {KEYS[symbol]: array.tolist() for symbol, array in layer.parameters(state.parameters).items()}
        for written, layer in zip(table["layers"], trainer.layers, strict=True)
    ]
    moments = {
        (name, symbol, layer.number): array.copy()
        for place, name in enumerate(names, begin)
        for layer in trainer.layers
        for symbol, array in layer.parameters(state.vectors[place]).items()
    }
    kept = {layer: mask > 0 for layer, mask in trainer.masks(state.step + 1, trainer.count).items()}
    preset, dataset = load_preset(table | {"layers": layers}, "again")
    beginning = Beginning(kept, kind, state.step + 1, moments)
    return Trainer(preset, replace(dataset, beginning=beginning), trainer.seed + 1)


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_step_is_the_next_of_the_run_that_it_goes_on_from(
    network_table: Callable[..., dict[str, Any]], kind: str
) -> None:
    table = network_table("tanh", "softmax", "cross_entropy", batch=0, dropout=0.4)
    table["optimizer"] = {"kind": kind, "learning_rate": 0.05}
    table["training"] = {"shuffle": False}
    first = run(Trainer(*load_preset(table, "first"), 3), STEPS)
    again = going_on(first, table, kind)
    np.testing.assert_array_equal(again.state.parameters, first.state.parameters)
    # Without dropout the steps behind it would agree too; its later masks are drawn from another seed.
    run(first, STEPS + 1)
    run(again, 1)
    np.testing.assert_array_equal(again.state.parameters, first.state.parameters)
    assert again.running_step() == 2
    assert again.optimizer_step() == first.optimizer_step() == STEPS + 2


def test_what_is_kept_is_of_its_own_kind_of_optimizer_and_of_step_1_alone(
    network_table: Callable[..., dict[str, Any]],
) -> None:
    table = network_table("tanh", "softmax", "cross_entropy", batch=0, dropout=0.4)
    table["optimizer"] = {"kind": "momentum", "learning_rate": 0.05}
    preset, dataset = load_preset(table, "mine")
    trainer = Trainer(preset, dataset, 0)
    shape = (trainer.layers[0].units, trainer.count)
    given = Beginning({1: np.ones(shape, bool)}, "nesterov", 5, {("v", "W", 1): np.ones(trainer.layers[0].units)})
    other = Trainer(preset, replace(dataset, beginning=given), 0)
    assert not other.state.vectors[1:].any()
    assert other.optimizer_step() == 1
    assert (other.masks(1, trainer.count)[1] == 1 / 0.6).all()
    np.testing.assert_array_equal(other.masks(2, trainer.count)[1], trainer.masks(2, trainer.count)[1])
    np.testing.assert_array_equal(other.masks(1, 2)[1], trainer.masks(1, 2)[1])
