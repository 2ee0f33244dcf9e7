"""Up to six runs in lockstep: the same data, the same initial random numbers where shapes allow, at the same step.

Every run is a session of its own, so each is bit for bit what it would be alone.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf
from time import perf_counter
from typing import Any

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.settings import apply_changes
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.run import Goal
from backprop_tui.core.session.session import Session
from backprop_tui.core.session.snapshots import BUDGET
from backprop_tui.core.session.timeline import Position, Unit
from backprop_tui.core.training.limits import needed, refuse

from .compared_run import ComparedRun

MOST_RUNS = 7
LONGEST_CHUNK = 4096
"""Steps that all runs take between two looks at where the others are."""


class Comparison:
    """Runs beside each other, and the position that they are all at or on the way to.

    `lead` is the run in view: `target` is a count of its timeline. The others stand at the same step; within a step at
    the same op where they have the same ops, else behind the last phase that the lead has finished. A run that becomes
    non-finite stops there, the others go on. Raises PresetError for more than MOST_RUNS runs.
    """

    def __init__(self, runs: Iterable[tuple[str, Session]]) -> None:
        self.runs = [ComparedRun(name, session) for name, session in runs]
        check_number(len(self.runs))
        self.lead = self.runs[0]
        self.target = self.lead.session.count
        self.goal: Goal | None = None
        self.chunk = 1
        for run in self.runs[1:]:
            share_memory(run.session)

    # The runs

    @property
    def preset(self) -> Preset:
        """The preset of the first run as it was before any edit: what variants change."""
        return self.runs[0].session.course.stretches[0].preset

    def offered(self) -> list[str]:
        """The names of the preset's variants that are not among the runs."""
        names = {run.name for run in self.runs}
        return [variant.name for variant in self.preset.variants if variant.name not in names]

    def add_variant(self, name: str) -> ComparedRun:
        """The preset's variant of that name as one more run. Raises PresetError where there are six, LookupError."""
        for variant in self.preset.variants:
            if variant.name == name:
                return self.add_changes(name, variant.set)
        raise LookupError(f"there is no variant called {name}")

    def add_changes(self, name: str, changes: dict[str, Any]) -> ComparedRun:
        """The preset with `changes`, dotted paths and values, as one more run, from the same seed.

        Where they change the seed, from theirs. It stands before its first step; `approach` brings it to the others.
        Raises PresetError for changes that cannot be, and where there are six.
        """
        check_number(len(self.runs) + 1)
        first = self.runs[0].session
        preset, dataset = changed(first, name, changes)
        check_memory([*((run.session.preset, run.session.dataset) for run in self.runs), (preset, dataset)])
        seed = preset.run_seed if {"seed", "training.seed"} & changes.keys() else first.seed
        return self.enter(ComparedRun(name, Session(preset, dataset, seed), changes))

    def add_session(self, name: str, session: Session) -> ComparedRun:
        """A session that is there already as one more run. Raises PresetError where there are six."""
        check_number(len(self.runs) + 1)
        return self.enter(ComparedRun(name, session))

    def enter(self, run: ComparedRun) -> ComparedRun:
        share_memory(run.session)
        run.aim(self.goal)
        self.runs.append(run)
        return run

    def remove(self, run: ComparedRun) -> None:
        """Take a run out; the first and the one in view stay."""
        if run is not self.lead and run is not self.runs[0]:
            self.runs.remove(run)

    def aim(self, goal: Goal | None) -> None:
        """The goal that all runs are to be measured by, from their first epoch on."""
        self.goal = goal
        for run in self.runs:
            run.aim(goal)

    def run_of(self, session: Session) -> ComparedRun | None:
        return next((run for run in self.runs if run.session is session), None)

    def follow(self, run: ComparedRun) -> None:
        """Put a run in view, where it stands; the others are to come there.

        One that is in view already, and stands where it should or where its numbers ended, leaves the target alone.
        """
        if run is not self.lead or not self.there(run):
            self.lead, self.target = run, run.session.count

    def restarted(self, session: Session) -> "Comparison":
        """The same comparison of a new first run: its variants again, from its seed and its preset."""
        other = Comparison([(self.runs[0].name, session)])
        other.aim(self.goal)
        for run in self.runs[1:]:
            if run.changes is not None:
                other.add_changes(run.name, run.changes)
        return other

    # Where they are

    @property
    def position(self) -> Position:
        """The position that all runs are at or on the way to, in the timeline of the run in view."""
        return self.lead.session.timeline.at(self.target)

    @property
    def finished_steps(self) -> int:
        """How many steps are finished there."""
        position = self.position
        return position.step if position.finished else position.step - 1

    @property
    def furthest(self) -> int:
        """The furthest step that a run has finished."""
        return max(run.session.history.steps for run in self.runs)

    @property
    def over(self) -> bool:
        """Whether no run can go on."""
        return all(run.stopped for run in self.runs)

    def count_of(self, run: ComparedRun) -> int:
        """The count of `run` that answers to the target."""
        if run is self.lead:
            return self.target
        position, own, lead = self.position, run.session.timeline, self.lead.session.timeline
        if position.finished:
            return own.finish_of(position.step)
        begin = own.finish_of(position.step - 1)
        if same_ops(run.session, self.lead.session):
            return begin + position.events
        phases = bisect_right(lead.stops["phase"], position.events)
        return begin + own.stops["phase"][phases - 1] if phases else begin

    def there(self, run: ComparedRun) -> bool:
        """Whether a run is where it should be."""
        return run.there(self.count_of(run))

    def missing(self) -> list[ComparedRun]:
        """The runs that are on their way."""
        return [run for run in self.runs if not self.there(run)]

    # Moving

    def go(self, count: int) -> None:
        """Make a count of the lead's timeline the position that all are to come to."""
        self.target = max(count, 0)

    def move(self, unit: Unit, places: int) -> None:
        """Make the next stop of `unit` the target, or the one before for `places` below 0."""
        timeline = self.lead.session.timeline
        self.go((timeline.after if places > 0 else timeline.before)(self.target, unit))

    def approach(self, seconds: float) -> bool:
        """Bring the runs towards the target for about so long, the one in view first; whether all are there."""
        deadline = perf_counter() + seconds
        for run in [self.lead, *(run for run in self.runs if run is not self.lead)]:
            if not run.approach(self.count_of(run), max(deadline - perf_counter(), 0.0)):
                return False
        return True

    def advance(self, seconds: float) -> bool:
        """Train all of them, some steps each in turn, for about so long; whether they are at one step at the end."""
        deadline = perf_counter() + seconds
        together = self.approach(seconds)
        while together and not self.over and (now := perf_counter()) < deadline:
            self.go(self.lead.session.timeline.finish_of(self.finished_steps + self.chunk))
            together = self.approach(deadline - now)
            # A round of all runs is to take about a quarter of the time there is.
            fits = together and perf_counter() - now < seconds / 4
            self.chunk = min(2 * self.chunk, LONGEST_CHUNK) if fits else max(1, self.chunk // 2)
        return together

    def finish(self) -> None:
        """All to the target, however long it takes."""
        self.approach(inf)


def check_number(count: int) -> None:
    if count > MOST_RUNS:
        raise PresetError(f"expected at most {MOST_RUNS} runs beside each other, found {count}; take some out")


def check_memory(runs: Sequence[tuple[Preset, Dataset]]) -> None:
    """Raises PresetError where so many runs are too large to be beside each other."""
    together = sum(needed(preset, dataset) for preset, dataset in runs)
    refuse(together, f"{len(runs)} runs beside each other", "take some out, or take smaller ones")


def changed(session: Session, name: str, changes: dict[str, Any]) -> tuple[Preset, Dataset]:
    """The preset that `session` began with, changed, and its data. Raises PresetError."""
    preset = session.course.stretches[0].preset
    alone = {key: value for key, value in preset.table.items() if key != "variants"}
    source = f'{preset.source}: "{name}"'
    table = apply_changes(alone, changes, source)
    made, dataset = load_preset(table, source, preset.base, preset.id)
    # What it is of is the same file; the name was for what is wrong with the changes.
    return replace(made, source=preset.source), dataset


def share_memory(session: Session) -> None:
    """Let a run keep no more than its share of the snapshots that one alone may."""
    session.snapshots.keep_to(BUDGET // MOST_RUNS)


def same_ops(one: Session, other: Session) -> bool:
    """Whether the steps of two runs go through the same ops."""
    return [(op.phase, op.layer, op.name) for op in one.plan.ops] == [
        (op.phase, op.layer, op.name) for op in other.plan.ops
    ]
