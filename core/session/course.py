"""The course of a run: the trainers that it goes through, one for each stretch between two edits."""

from collections.abc import Callable, Sequence
from itertools import groupby

from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.data_table import TWO_CLASS_SETS
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.parameter_name import ParameterName
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.training.state import TrainingState
from backprop_tui.core.training.trainer import Shared, Trainer
from backprop_tui.core.training.walk import Fires, Walk

from .edits import Edit, assignments, edited

START_KEYS = ("init", "init_scale", "weights", "biases", "gamma", "beta")
"""What a layer starts from."""


class NewRunNeededError(PresetError):
    """A change that a run cannot take on its way, only a new one from the start."""


class Stretch:
    """From step boundary `first` on, `preset` holds, after setting the parameters `assigned`, as `edits` there made it.

    `optimizer_start` is the boundary at which its optimizer began, None where that is the one of the run's start. Its
    trainer is built when it is first asked for: a run with many edits stands in one stretch at a time.
    """

    def __init__(
        self,
        first: int,
        preset: Preset,
        edits: tuple[Edit, ...] = (),
        assigned: Sequence[tuple[ParameterName, float]] = (),
        optimizer_start: int | None = None,
    ) -> None:
        self.first, self.preset, self.edits, self.assigned = first, preset, edits, assigned
        self.optimizer_start = optimizer_start
        self.built: Trainer | None = None
        self.build: Callable[[Stretch], Trainer] | None = None

    @classmethod
    def of(cls, trainer: Trainer) -> "Stretch":
        """The one stretch of a run that has this trainer."""
        stretch = cls(0, trainer.preset)
        stretch.built = trainer
        return stretch

    def after(self, first: int, edits: tuple[Edit, ...], dataset: Dataset) -> "Stretch":
        """The one that begins with `edits` at `first`. Raises PresetError for edits that cannot be made."""
        preset = edited(self.preset, edits, dataset)
        check_beginning(self.preset, preset)
        same = preset.optimizer.kind == self.preset.optimizer.kind
        start = self.optimizer_start if same else first
        return Stretch(first, preset, edits, assignments(preset, edits, dataset), start)

    @property
    def trainer(self) -> Trainer:
        """Raises PresetError for a network that cannot be."""
        if self.built is None:
            assert self.build is not None
            self.built = self.build(self)
        return self.built


class Course:
    """The stretches of a run of `preset` on `dataset`, and the one in hand.

    `known` is the course of a run with the same preset, data and seed: the stretches that both have need no check, and
    the examples that it has laid are shared. Raises NewRunNeededError for edits that a run cannot take on its way: such
    as change its shapes, batches or ops.
    """

    def __init__(
        self,
        preset: Preset,
        dataset: Dataset,
        seed: int,
        edits: tuple[Edit, ...] = (),
        known: "Course | None" = None,
    ) -> None:
        self.dataset, self.seed = dataset, seed
        self.losses: list[float] = []
        self.examples: tuple[Array, ...] | None = None if known is None else known.trainer.examples
        self.before_edit: TrainingState | None = None
        self.stretches = [self.own(Stretch(0, preset))]
        others = [] if known is None else known.stretches[1:]
        for first, group in groupby(sorted(edits, key=lambda edit: edit.step), key=lambda edit: edit.step):
            made = tuple(group)
            there = others.pop(0) if others and (others[0].first, others[0].edits) == (first, made) else None
            if there is not None:
                stretch = Stretch(first, there.preset, made, there.assigned, there.optimizer_start)
                self.stretches.append(self.own(stretch))
                continue
            others = []
            reference = known.trainer if known is not None else self.stretches[-1].trainer
            self.stretches.append(self.own(self.stretches[-1].after(first, made, dataset)))
            check_continues(reference, self.stretches[-1].trainer)
        self.place = 0
        self.walk: Walk

    def own(self, stretch: Stretch) -> Stretch:
        """The same as one of this course, whose trainers share examples and losses."""
        stretch.build = self.build
        return stretch

    def build(self, stretch: Stretch) -> Trainer:
        """The trainer of a stretch."""
        examples = self.examples or ()
        shared = Shared(examples, self.losses, stretch.optimizer_start)
        trainer = Trainer(stretch.preset, self.dataset, self.seed, shared)
        self.examples = self.examples or trainer.examples
        return trainer

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

    def begin(self) -> None:
        """Stand at the start of the run."""
        self.walk = self.trainer.walk()

    def take(self, events: int, fires: Fires | None = None) -> tuple[Op, bool]:
        """Run so many events, none of them beyond the next edit, or until a step ends that `fires`.

        Returns the last event, and whether a step fired.
        """
        return self.walk.take(events, fires), self.walk.halted

    def cross(self) -> bool:
        """Where the next edit stands, make it and go over to its stretch; whether there was one."""
        if self.next_edit != self.state.step:
            return False
        self.before_edit = self.state.copy()
        self.place += 1
        self.make_edits(self.before_edit)
        return True

    def make_edits(self, before: TrainingState) -> None:
        """Begin the stretch in hand with the edits that are made where it begins, in the state `before` them."""
        self.trainer.take_over(before)
        for name, value in self.stretches[self.place].assigned:
            self.trainer.assign(name, value)
        self.walk = self.trainer.walk()

    def restore(self, state: TrainingState) -> None:
        """To a state that the run has had; one at an edit is taken for that after it."""
        self.place = self.place_at(state.step)
        self.before_edit = None
        self.trainer.state.restore(state)
        self.trainer.losses.clear()
        self.walk = self.trainer.walk()

    def take_up(self, before: TrainingState) -> None:
        """To the edits at the boundary of `before`, which is the state right before them; make them."""
        self.place = self.place_at(before.step)
        self.before_edit = before
        self.trainer.losses.clear()
        self.make_edits(before)

    def place_at(self, step: int) -> int:
        """The place of the stretch that a step boundary belongs to, after an edit made there."""
        return max(place for place, stretch in enumerate(self.stretches) if stretch.first <= step)

    def unedited(self) -> TrainingState | None:
        """The state at the last step boundary before any edit that was made there; None where it is not at hand."""
        if self.place == 0 or self.begun < self.state.step:
            return self.state.copy()
        return self.before_edit


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
