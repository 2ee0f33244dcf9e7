"""A rehearsal: one batch again, forward, loss and backward, on parameters of its own. It disturbs no run.

In training mode: batch norm by the batch's own statistics, dropout by masks that stay as they are.
"""

from collections.abc import Mapping
from itertools import chain
from typing import Self

import numpy as np
from numpy.typing import DTypeLike

from backprop_tui.core.network.network import write_network
from backprop_tui.core.ops.builder import Builder, Mode
from backprop_tui.core.ops.event import Call
from backprop_tui.core.ops.quantity import Array

from .plan import finish, start
from .trainer import Trainer


class Rehearsal:
    """The network of `trainer` on inputs (features, m) and targets (outputs, m), with its present parameters.

    `masks`: the dropout mask (units, m) of every layer that has dropout, by layer number.
    `parameters`: (size,), a copy, to be changed at will; `gradient`: (size,), what `backward` last gave. `builder` is
    what the plan was written with, for ops that go on from it on a branch.
    """

    def __init__(
        self,
        trainer: Trainer,
        inputs: Array,
        targets: Array,
        masks: Mapping[int, Array],
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.layers = trainer.layers
        self.parameters: Array = trainer.state.parameters.astype(dtype)
        self.gradient: Array = np.zeros_like(self.parameters)
        mode = Mode(keep=False)
        self.builder = builder = Builder(inputs.shape[1], self.parameters, self.gradient, mode)
        batch, X = start(builder, trainer.columns)
        write_network(builder, self.layers, trainer.preset.loss.kind, X, backward=True)
        self.plan = finish(builder, batch)
        self.plan["X", None].array[:] = inputs
        self.plan["Y", None].array[:] = targets
        for layer, mask in masks.items():
            self.plan["M", layer].array[:] = mask

        self.forward_calls: list[Call] = []
        self.begins: dict[int | None, int] = {}
        for op in self.plan.ops:
            if op.phase != "backward":
                self.begins.setdefault(op.layer, len(self.forward_calls))
                self.forward_calls += op.calls
        self.tried = 1

    def loss(self) -> float:
        """ℒ of the parameters as they are."""
        self.tried = 1
        return self._loss_from(1)

    def with_loss(self) -> Self:
        """The same, after its forward pass and its loss."""
        self.loss()
        return self

    def loss_of_trial(self, layer: int) -> float:
        """ℒ of a trial: the parameters of `layer` alone are others for now, and are put back before the next trial.

        What lies below the layer does not depend on them: the pass begins there, or where the trial before began.
        """
        begin, self.tried = min(layer, self.tried), layer
        return self._loss_from(begin)

    def _loss_from(self, layer: int) -> float:
        with np.errstate(all="ignore"):
            for call in self.forward_calls[self.begins[layer] :]:
                call()
        return self.plan.loss()

    def backward(self) -> Array:
        """∇ℒ of the parameters as they are, (size,)."""
        with np.errstate(all="ignore"):
            for call in chain.from_iterable(op.calls for op in self.plan.ops):
                call()
        return self.gradient
