"""The preset's own optimizer on a rehearsal: what an update op does, with its penalties, clipping and moments."""

from dataclasses import replace

import numpy as np

from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.network.schedule import is_scheduled
from backprop_tui.core.network.update import Steps, UpdateVectors, write_updates
from backprop_tui.core.ops.event import Call
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.tables import OptimizerPreset
from backprop_tui.core.training.rehearsal import Rehearsal


def is_plain(settings: OptimizerPreset) -> bool:
    """Whether the optimizer is gradient descent and nothing else."""
    changes = settings.weight_decay, settings.l1, settings.l2, settings.clip_norm, settings.clip_value
    return settings.kind == "sgd" and not any(changes) and not is_scheduled(settings)


class OwnOptimizer:
    """The optimizer of `settings` at learning rate `rate`, which moves the parameters of `rehearsal`.

    `vectors` are what it remembers, (size,) each: its moments, which a copy of it has to bring along.
    """

    def __init__(self, rehearsal: Rehearsal, settings: OptimizerPreset, rate: float) -> None:
        self.rehearsal = rehearsal
        self.steps = 0
        count = len(OPTIMIZERS[settings.kind].moments)
        self.vectors, self.next_vectors = (
            tuple(np.zeros_like(rehearsal.parameters) for _ in range(count)) for _ in range(2)
        )
        self.delta: Array = np.zeros_like(rehearsal.parameters)
        vectors = UpdateVectors(rehearsal.parameters, rehearsal.gradient, self.vectors, self.next_vectors, self.delta)
        builder = rehearsal.builder.branch()
        before = len(builder.ops)
        rated = replace(settings, learning_rate=rate)
        write_updates(builder, rehearsal.layers, rated, vectors, Steps(self.running_step, self.running_step))
        self.calls: list[Call] = [call for op in builder.ops[before:] for call in op.calls]

    def running_step(self) -> int:
        """The number of the step to come, from 1."""
        return self.steps + 1

    def step(self) -> None:
        """Move the parameters by the gradient that the rehearsal has just worked out."""
        for call in self.calls:
            call()
        self.rehearsal.parameters[:] += self.delta
        for vector, following in zip(self.vectors, self.next_vectors, strict=True):
            vector[:] = following
        self.steps += 1
