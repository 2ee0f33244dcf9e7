"""The work of one run, wherever it is done: the numbers are those of `train`, whoever does it."""

from collections.abc import Callable
from dataclasses import dataclass

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.preset import data_key, dataset_of, from_table, with_data
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.run import Goal, TrainingResult, train
from backprop_tui.core.session.session import Session

from .job import Job, Outcome

SNAPSHOTS = 8 * 2**20
"""Bytes that a run may keep of its past."""
Tell = Callable[[float], None]
"""Takes in which share of a run is done, now and then; what it raises ends the run."""


class UnwantedError(Exception):
    """Nobody waits for this run any more."""


@dataclass
class LastData:
    """The data of the run before, since those of the next are mostly the same."""

    key: tuple[object, ...] = ()
    dataset: Dataset | None = None

    def of(self, preset: Preset, job: Job) -> Dataset:
        key = (job.source, data_key(preset))
        if self.dataset is None or key != self.key:
            self.dataset, self.key = dataset_of(preset, job.typed), key
        return self.dataset


LAST_DATA = LastData()


def done(job: Job, tell: Tell = lambda share: None, last_data: LastData | None = None) -> Outcome:
    """Do the run of a job. What cannot be, or goes wrong, is told in the outcome, since the other runs go on."""
    try:
        preset = from_table(job.table, job.source, job.folder(), job.id)
        dataset = (last_data or LastData()).of(preset, job)
        session = Session(*with_data(preset, dataset, job.typed))
        # It is gone back in only where its numbers end, and others are done beside it.
        session.snapshots.keep_to(SNAPSHOTS)
        trainer = session.trainer
        goal = Goal.of(preset.training.stop, trainer.steps_per_epoch, job.steps, slots_before=trainer.slots_before)
        result = train(session, goal, lambda step, loss: tell(step / goal.steps))
    except PresetError as problem:
        return Outcome(problem=f"cannot be: {problem}")
    except MemoryError:
        return Outcome(problem="needed more memory than there is")
    except UnwantedError:
        raise
    except Exception as fault:
        # A fault of this program in one run is no reason to lose the others.
        return Outcome(problem=f"failed: {type(fault).__name__}: {' '.join(str(fault).split())}")
    return outcome_of(result)


def outcome_of(result: TrainingResult) -> Outcome:
    last = result.last
    return Outcome(
        steps=result.steps,
        epochs=result.epochs,
        first_loss=result.first.training.loss,
        loss=last.training.loss,
        best_loss=result.best_loss,
        test_loss=None if last.test is None else last.test.loss,
        accuracy=last.training.accuracy,
        test_accuracy=None if last.test is None else last.test.accuracy,
        stopped_by=result.stopped_by,
    )
