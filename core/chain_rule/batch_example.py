"""Which example of the training set stands at a place in the batch of a step."""

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
