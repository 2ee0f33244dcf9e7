"""An attached recording whose network this program can express, as a session: its kept steps, op by op.

Every number that is shown of a kept step is computed here, by the ops of any run, from what that step started from.
How far somebody's own gradients are from these is told.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from math import isfinite
from time import perf_counter
from typing import Any

import numpy as np

from backprop_tui.core.diagnosis.findings import Finding
from backprop_tui.core.network.network import build_layers
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.preset.datasets import Dataset, check_targets, of_arrays
from backprop_tui.core.preset.preset import from_table
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import OptimizerPreset, Preset
from backprop_tui.core.session.course import NewRunNeededError
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.evaluation import Evaluator

from .apart import Apart, apart
from .reader import Recording
from .recorded_course import RecordedCourse
from .recorded_records import RecordedRecords, recorded_history
from .recorded_timeline import RecordedTimeline
from .recorded_trainer import RecordedTrainer
from .thinning import superfluous
from .whole_step import MissingError, NamedParameter, WholeStep, named_parameters, whole_step

MOST_ENTRIES = 8 * 2**20
"""Numbers of all batches together: where kept steps have more, some of them are not gone through."""
MOST_TRAINERS = 8
FIXED = "this is a recording: its steps are those that somebody's own training did, and they cannot be changed"
WHOSE = {"torch": "PyTorch's own", "arrays": "your own"}
OF_A_LAYER = ("units", "activation", "slope", "bias", "batch_norm", "residual", "dropout")


class RebuiltSession(Session):
    """The kept steps of `recording` that are whole, as positions of one run, from the first on.

    Raises PresetError, with one line, where the network is none of ours, or no kept step is whole.
    """

    fixed = FIXED

    def __init__(self, recording: Recording, known: dict[int, WholeStep] | None = None) -> None:
        self.recording = recording
        preset, self.told_optimizer = preset_of(recording)
        self.whole, self.left_out = whole_steps(
            recording, layers_of(preset, recording), self.told_optimizer, known or {}
        )
        self.names = named_parameters(recording.meta, recording.meta["network"])
        steps = sorted(self.whole)
        self.places: dict[int, slice] = {}
        for step in steps:
            begin = self.places[steps[len(self.places) - 1]].stop if self.places else 0
            self.places[step] = slice(begin, begin + self.whole[step].X.shape[1])
        dataset = dataset_of([self.whole[step] for step in steps], preset, recording)
        largest = max(place.stop - place.start for place in self.places.values())
        training = replace(preset.training, batch_size=largest, dtype=dtype_of(recording, steps[0], self.names))
        preset = replace(preset, training=training, optimizer=self.whole[steps[0]].optimizer)
        super().__init__(preset, dataset, 0)
        self.trainers: dict[OptimizerPreset, RecordedTrainer] = {}
        self.course: RecordedCourse = RecordedCourse(self.trainer_of, steps[0])
        self.timeline: RecordedTimeline = RecordedTimeline(self.trainer.plan.events, steps)
        rows = [(step, self.norms(step)) for step in recording.steps]
        self.records = RecordedRecords(recorded_history(recording.losses, rows), self.records.diagnosis)
        self.evaluator = Evaluator(self.trainer, dataset)
        self.found_up_to: Callable[[int], list[Finding]] = lambda step: []
        self.count, self.furthest, self.op = self.timeline.first, self.timeline.last, None

    @property
    def kept(self) -> list[int]:
        """The kept steps that can be gone through."""
        return self.timeline.kept

    @property
    def end_count(self) -> int:
        """The count at the end of the last of them."""
        return self.timeline.last

    def trainer_of(self, step: int) -> RecordedTrainer:
        """The trainer with the optimizer's settings of a step; those used last are held."""
        optimizer = self.whole[step].optimizer
        trainer = self.trainers.pop(optimizer, None)
        if trainer is None:
            before = next(iter(self.trainers.values()), None)
            preset = replace(self.course_preset(), optimizer=optimizer)
            trainer = RecordedTrainer(preset, self.dataset, self.recording, self.names, self.whole, self.places, before)
        self.trainers[optimizer] = trainer
        while len(self.trainers) > MOST_TRAINERS:
            del self.trainers[next(iter(self.trainers))]
        return trainer

    def course_preset(self) -> Preset:
        return self.course.stretches[0].preset

    def norms(self, step: int) -> list[list[float | None]]:
        """‖W‖, ‖dW‖ and ‖ΔW‖ of each layer in a kept step."""
        norms = self.recording.facts(step).get("norms", {})
        return [norms.get(one.name, [None, None, None]) for one in self.names if one.symbol == "W"]

    # Moving

    def seek(self, count: int) -> None:
        """To the position after `count` events; where that lies between two kept steps, to the end of the first."""
        super().seek(self.timeline.nearest(count))

    def depart(self, count: int) -> None:
        """To the start of the kept step that `count` lies in, unless the way there leads on from here."""
        step = self.timeline.at(count).step
        if count < self.count or step != self.position.step:
            self.rewind(step - 1)

    def rewind(self, step: int) -> None:
        """To the start of kept step `step` + 1."""
        try:
            self.course.begin_step(step + 1)
        except MissingError:
            raise PresetError(f"{self.recording.path}: step {step + 1} is not kept any more") from None
        self.follow_course()
        self.op = None
        self.count = self.timeline.finish_of(step)

    def advance_steps(self, steps: int) -> None:
        """On to the finish of so many more kept steps, the one in hand counted as one."""
        for _ in range(steps):
            self.forward("step")

    def play(self, seconds: float, last: int | None = None) -> None:
        """From kept step to kept step for about so long, to the end of the recording at the most."""
        begin = perf_counter()
        while perf_counter() < begin + seconds and self.count < self.end_count:
            self.forward("step")

    @property
    def diverged(self) -> bool:
        """A recording is gone through to its end, whatever its numbers are."""
        return False

    def stop_at_fault(self) -> None:
        """Nothing is lost that could be trained on."""

    @property
    def at_end(self) -> bool:
        """Whether it stands at the end of the last kept step."""
        return self.count >= self.end_count

    def time_step(self) -> None:
        """On by one kept step. How long its ops take says nothing of somebody's own training."""
        self.forward("step")

    def twin(self) -> Session:
        """The same kept steps again, to be moved about as one likes."""
        return self.refreshed()

    @property
    def measured_step(self) -> int:
        """The last step all of which has run but its finish."""
        return self.step + (self.count >= self.timeline.finish_of(self.step + 1) - 1)

    # What cannot be

    def with_edits(self, edits: Any) -> Session:
        """Raises NewRunNeededError: what was recorded does not change."""
        raise NewRunNeededError(FIXED)

    # Questions

    def check_kept(self, step: int) -> None:
        """Raises PresetError, with the kept steps beside it, unless `step` is one that can be gone through."""
        place = bisect_left(self.kept, step)
        if self.kept[place : place + 1] != [step]:
            near = ", ".join(map(str, self.kept[max(place - 2, 0) : place + 2]))
            raise PresetError(
                f"{self.recording.path}: step {step} cannot be gone through; of {len(self.kept)} that can be, "
                f"next to it are {near}"
            )

    def extreme_step(self, *, highest: bool) -> int | None:
        """The kept step with the lowest or highest finite loss. Leaves this position."""
        losses = {
            step: loss for step in self.kept if (loss := self.recording.loss(step)) is not None and isfinite(loss)
        }
        if not losses:
            return None
        step = (max if highest else min)(losses, key=losses.__getitem__)
        self.seek(self.timeline.finish_of(step))
        return step

    def findings(self) -> list[Finding]:
        """What was found of the training up to here, by whoever looks for it."""
        return self.found_up_to(self.measured_step)

    @cached_property
    def scratch(self) -> RecordedTrainer:
        """A trainer beside the run, for gradients: no optimizer's settings change those."""
        trainer = next(iter(self.trainers.values()))
        return RecordedTrainer(
            trainer.preset, self.dataset, self.recording, self.names, self.whole, self.places, trainer
        )

    def apart(self, step: int) -> Apart | None:
        """How far the gradients that were recorded of a kept step are from ours; None if they are gone."""
        scratch, factor = self.scratch, self.whole[step].factor
        try:
            scratch.begin_step(step)
            theirs = {one.name: found for one in self.names if (found := self.recorded_gradient(step, one)) is not None}
        except MissingError:
            return None
        with np.errstate(all="ignore"):
            for op in scratch.walk().events:
                if op.phase == "update":
                    break
            ours = {
                one.name: scratch.layers[one.layer - 1].parameters(scratch.gradient)[one.symbol].copy()
                for one in self.names
                if one.name in theirs
            }
            return apart(theirs, ours, factor, WHOSE.get(self.recording.origin, "its own"))

    def recorded_gradient(self, step: int, parameter: NamedParameter) -> Any:
        return self.recording.array(step, f"g/{parameter.name}")

    def refreshed(self) -> "RebuiltSession":
        """The session of what has been written by now, at this position as far as it is kept; this one stays."""
        other = RebuiltSession(self.recording, self.whole)
        if self.count > self.timeline.first:
            other.seek(self.count)
        return other


def preset_of(recording: Recording) -> tuple[Preset, OptimizerPreset | None]:
    """The network as a preset, on a batch of nothing; and the optimizer that the recording tells of, if it does."""
    meta = recording.meta
    if recording.origin not in WHOSE or not meta.get("network"):
        why = meta.get("not_expressed") or "nothing tells what it is"
        raise PresetError(f"{recording.path}: the network cannot be expressed here: {why}")
    try:
        table = meta.get("optimizer", {}).get("table")
        if table is None and meta.get("optimizer", {}).get("kind"):
            raise PresetError(f"{recording.path}: {meta['optimizer'].get('not_expressed')}")
        features = next(
            module["settings"]["in_features"]
            for module in meta["modules"]
            if module["number"] in meta["network"][0]["modules"] and "in_features" in module["settings"]
        )
        units = meta["network"][-1]["units"]
        target = [1.0] + [0.0] * (units - 1)
        written: dict[str, Any] = {
            "title": recording.title or recording.path.stem,
            "data": {"kind": "inline", "inputs": [[0.0] * features], "targets": [target]},
            "layers": [
                {name: layer[name] for name in OF_A_LAYER if layer.get(name) is not None} for layer in meta["network"]
            ],
            "loss": {"kind": meta["loss"]["kind"]},
            "training": {"shuffle": False},
        }
        if table is not None:
            written["optimizer"] = table
        preset = from_table(written, str(recording.path), id=recording.path.stem)
    except (KeyError, TypeError, StopIteration, AttributeError, IndexError):
        raise PresetError(f"{recording.path}: what it says of its network does not go together") from None
    return preset, preset.optimizer if table is not None else None


def layers_of(preset: Preset, recording: Recording) -> tuple[Layer, ...]:
    """The layers. Raises PresetError where parameters have no place in them."""
    try:
        named_parameters(recording.meta, recording.meta["network"])
    except MissingError as why:
        raise PresetError(f"{recording.path}: the network cannot be expressed here: {why}") from None
    except (KeyError, TypeError, ValueError):
        raise PresetError(f"{recording.path}: what it says of its network does not go together") from None
    assert preset.data.inputs is not None
    return build_layers(preset.layers, len(preset.data.inputs[0]))


def whole_steps(
    recording: Recording,
    layers: tuple[Layer, ...],
    optimizer: OptimizerPreset | None,
    known: dict[int, WholeStep],
) -> tuple[dict[int, WholeStep], int]:
    """The kept steps that are whole, and how many more there are; some are left out where they are too large."""
    found: dict[int, WholeStep] = {}
    why = "no step has been kept yet"
    for step in recording.steps:
        try:
            found[step] = known.get(step) or whole_step(recording, step, layers, optimizer)
        except MissingError as missing:
            why = f"step {step} is not whole: {missing}"
        except (KeyError, TypeError, ValueError, IndexError):
            why = f"step {step} is not as a recording has it"
    if not found:
        raise PresetError(f"{recording.path}: no kept step can be gone through: {why}")
    sizes = {step: whole.X.size + whole.Y.size for step, whole in found.items()}
    for step in superfluous(sizes, sum(sizes.values()) - MOST_ENTRIES):
        del found[step]
    return found, len(recording.steps) - len(found)


def dataset_of(steps: list[WholeStep], preset: Preset, recording: Recording) -> Dataset:
    """The batches of all steps one after the other, as a training set."""
    inputs = np.concatenate([whole.X for whole in steps], axis=1)
    targets = np.concatenate([whole.Y for whole in steps], axis=1)
    source = str(recording.path)
    dataset = of_arrays(inputs, targets, signed=preset.layers[-1].activation == "tanh", source=source)
    check_targets(dataset, preset.loss.kind, source)
    return dataset


def dtype_of(recording: Recording, step: int, names: list[NamedParameter]) -> str:
    """The type of number of a kept step's parameters."""
    kinds = recording.names(step)
    return "float64" if any(kinds[f"θ/{one.name}"][1] == np.float64 for one in names) else "float32"
