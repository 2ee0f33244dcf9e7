"""The course of a run: the trainers that it goes through, one for each stretch between two edits."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice

from backprop_tui.core.ops.event import Op
from backprop_tui.core.preset.data_table import TWO_CLASS_SETS
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.parameter_name import ParameterName
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.training.state import TrainingState
from backprop_tui.core.training.trainer import Trainer

from .edits import Edit, assignments, edited

START_KEYS = ("init", "init_scale", "weights", "biases", "gamma", "beta")
"""What a layer starts from."""


class NewRunNeededError(PresetError):
    """A change that a run cannot take on its way, only a new one from the start."""


@dataclass(slots=True, eq=False)
class Stretch:
    """From step boundary `first` on, `trainer` trains, after setting the parameters `assigned`."""

    first: int
    trainer: Trainer
    assigned: list[tuple[ParameterName, float]]


class Course:
    """The stretches of a run of `preset` on `dataset`, and the one in hand.

    Raises NewRunNeededError for edits that a run cannot take on its way: such as change its shapes, batches or ops.
    """

    def __init__(self, preset: Preset, dataset: Dataset, seed: int, edits: tuple[Edit, ...] = ()) -> None:
        self.stretches = [Stretch(0, Trainer(preset, dataset, seed), [])]
        for first, group in groupby(sorted(edits, key=lambda edit: edit.step), key=lambda edit: edit.step):
            made = list(group)
            before = self.stretches[-1].trainer
            changed = edited(before.preset, made, dataset)
            check_beginning(before.preset, changed)
            trainer = Trainer(changed, dataset, seed, before, first)
            check_continues(before, trainer)
            self.stretches.append(Stretch(first, trainer, assignments(changed, made, dataset)))
        self.place = 0
        self.stream: Iterator[Op] = self.trainer.begin()

    @property
    def trainer(self) -> Trainer:
        """The trainer of the stretch in hand."""
        return self.stretches[self.place].trainer

    @property
    def state(self) -> TrainingState:
        return self.trainer.state

    @property
    def begun(self) -> int:
        """The step boundary at which the stretch in hand began: the steps before it were another's."""
        return self.stretches[self.place].first

    @property
    def next_edit(self) -> int | None:
        """The step boundary at which the next stretch begins."""
        return self.stretches[self.place + 1].first if self.place + 1 < len(self.stretches) else None

    def take(self, events: int) -> Op:
        """Run so many events, none of them beyond the next edit; returns the last."""
        deque(islice(self.stream, events - 1), maxlen=0)
        return next(self.stream)

    def cross(self) -> bool:
        """Where the next edit stands, make it and go over to its stretch; whether there was one."""
        if self.next_edit != self.state.step:
            return False
        before = self.state
        self.place += 1
        self.trainer.take_over(before)
        for name, value in self.stretches[self.place].assigned:
            self.trainer.assign(name, value)
        self.stream = self.trainer.begin()
        return True

    def restore(self, state: TrainingState) -> None:
        """To a state that the run has had; one at an edit is taken for that after it."""
        self.place = max(i for i, stretch in enumerate(self.stretches) if stretch.first <= state.step)
        self.trainer.state.restore(state)
        self.trainer.losses.clear()
        self.stream = self.trainer.begin()


def check_continues(before: Trainer, after: Trainer) -> None:
    """Raises NewRunNeededError unless `after` can take over a run from `before`: same shapes, batches and ops."""
    same = (
        before.layout == after.layout
        and before.sizes == after.sizes
        and before.events_per_step == after.events_per_step
        and before.dtype == after.dtype
    )
    if not same:
        raise NewRunNeededError("this setting changes the network or its batches: it takes a new run from the start")


def check_beginning(before: Preset, after: Preset) -> None:
    """Raises NewRunNeededError where two presets begin otherwise: what a run begins with is over on its way."""
    if beginning(before) != beginning(after):
        raise NewRunNeededError("this setting is of what a run begins with: it takes a new run from the start")


def beginning(preset: Preset) -> tuple[object, ...]:
    """The data, the units and what they start from: as it was written, since defaults follow the activations."""
    written = [tuple(map(str, map(layer.get, START_KEYS))) for layer in preset.table["layers"]]
    # The classes of a two-class set are told by the numbers that the output can reach.
    signed = preset.data.kind in TWO_CLASS_SETS and preset.layers[-1].activation == "tanh"
    units = [layer.units for layer in preset.layers]
    training = preset.training
    start = training.start, training.start_missing, training.resume, training.seed
    return preset.seed, preset.data, start, units, written, signed
