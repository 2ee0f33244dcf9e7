"""A trainer whose every step is a recorded one: it starts where somebody's own training was, on the batch it had.

What it computes from there is computed by the same ops as in any run. Where one recorded step ends it goes on as any
trainer would; to go on where the recording does, `begin_step` is called anew.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.training.laying import Lay, gather
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.training.trainer import Shared, Trainer

from .reader import Recording
from .whole_step import NamedParameter, WholeStep, start_of


class RecordedTrainer(Trainer):
    """Trains the network of `preset` on the batches of `steps`, by number, which lie in `dataset` one after the other.

    `places`: where the batch of each step lies. Each step is an epoch of its own: a recording tells of none.
    """

    def __init__(
        self,
        preset: Preset,
        dataset: Dataset,
        recording: Recording,
        names: list[NamedParameter],
        steps: Mapping[int, WholeStep],
        places: Mapping[int, slice],
        before: "RecordedTrainer | None" = None,
    ) -> None:
        super().__init__(preset, dataset, 0, None if before is None else Shared(before.examples, before.losses))
        self.recording, self.names = recording, names
        self.recorded, self.places = steps, places
        self.batch_size = self.sizes[0]
        wanted = {place.stop - place.start for place in places.values()}
        self.plans |= {size: self.build_plans(size) for size in wanted - set(self.plans)}
        self.sizes = [self.batch_size]
        self.slots = [(self.plans[self.batch_size], slice(None))]

    def begin_step(self, step: int) -> None:
        """Stand where recorded step `step` starts. Raises MissingError where it is not kept any more."""
        whole = self.recorded[step]
        start = start_of(self.recording, whole, self.names, self.layers)
        vectors = self.state.vectors
        vectors[:] = 0
        letters = OPTIMIZERS[self.preset.optimizer.kind].moments
        # The moments that a step starts from stand in the half that its parity says.
        half = 1 + (step - 1) % 2 * len(letters)
        for one in self.names:
            layer = self.layers[one.layer - 1]
            layer.parameters(vectors[0])[one.symbol][...] = start.parameters[one.name]
            for row, letter in enumerate(letters, half):
                if (letter, one.name) in start.moments:
                    layer.parameters(vectors[row])[one.symbol][...] = start.moments[letter, one.name]
        for number, (mean, variance) in start.statistics.items():
            own_mean, own_variance = self.layers[number - 1].running(self.state.statistics)
            own_mean[:], own_variance[:] = mean, variance
        self.state.step = step - 1
        self.optimizer_start = step - whole.number
        self.losses.clear()

    def fill_mask(self, layer: int, mask: Array, step: int) -> None:
        """Fill a mask (units, m) with what dropout kept in a recorded step."""
        kept = self.recorded[step].masks[layer]
        np.multiply(kept, 1 / (1 - self.layers[layer - 1].dropout), mask)

    def order(self, epoch: int) -> NDArray[np.intp]:
        """The examples of step `epoch` + 1, by their places in the data set; none of a step that is not recorded."""
        place = self.places.get(epoch + 1, slice(0, 0))
        return np.arange(place.start, place.stop)

    def schedule(self) -> Iterator[tuple[Plan, Lay | None]]:
        return self.batches(self.state.step, 0)

    def batches(self, epoch: int, slot: int) -> Iterator[tuple[Plan, Lay]]:
        """The plan of every step behind `epoch`, as far as they are recorded, and what lays its batch."""
        for step in count(epoch):
            chosen = self.order(step)
            if not len(chosen):
                return
            plan = self.plans[len(chosen)][step % len(self.plans[len(chosen)])]
            yield plan, partial(gather, self.examples, self.columns.axes, plan.batch, chosen)

    def batch_of(self, step: int) -> tuple[Array, Array]:
        """Inputs (features, m) and targets (outputs, m) of recorded step `step`; copies."""
        inputs, targets = self.columns.parts(self.examples)
        chosen = self.order(step - 1)
        return inputs[:-1, chosen].copy(), targets[:, chosen].copy()
