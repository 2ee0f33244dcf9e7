"""Which example of the training set stands at a place in the batch of a step, and where an example stands."""

from collections.abc import Iterable

import numpy as np

from backprop_tui.core.training.trainer import Trainer


def batch_example(trainer: Trainer, step: int, place: int) -> int:
    """The number, from 0, in the training set of the example at `place`, from 0, in the batch of `step`, from 1.

    Of a place behind the batch's last, the last.
    """
    epoch, slot = trainer.place_of(step - 1)
    examples = trainer.order(epoch)[trainer.slots[slot][1]] if trainer.batch_size < trainer.count else None
    if examples is None:
        return min(place, trainer.count - 1)
    return int(examples[min(place, len(examples) - 1)])


def place_of_example(trainer: Trainer, example: int, epochs: Iterable[int]) -> tuple[int, int] | None:
    """The step, from 1, whose batch has an example of the training set, from 0, and its place there, from 0.

    Looked for in `epochs`, from 0, in turn; None where none of them has it, since a smaller last batch is dropped.
    """
    for epoch in epochs:
        found = np.flatnonzero(trainer.order(epoch) == example)
        slot, place = divmod(int(found[0]), trainer.batch_size) if len(found) else (trainer.steps_per_epoch, 0)
        if slot < trainer.steps_per_epoch:
            return epoch * trainer.steps_per_epoch + slot + 1, place
    return None
