"""A sweep that can be run: its settings and seeds as jobs, with all checked that can be before the first begins."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import field
from typing import Any

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.named_file import LARGEST, size
from backprop_tui.core.preset.preset import data_key, dataset_of, from_table, with_data
from backprop_tui.core.preset.raw_data import Source
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.training.limits import check_size, needed
from backprop_tui.core.value_class import dataclass

from .grid import Axis, Settings
from .job import Folder, Job, nowhere

KEPT_DATA = 8
"""Data sets that are kept while combinations are checked."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What is swept: its name, what messages call it, and where its files are; `read` is what stands in these."""

    id: str
    source: str
    folder: Folder = nowhere
    typed: Collection[str] = ()
    read: Source | None = None


@dataclass(frozen=True, slots=True)
class Sweep:
    """`settings` are those of every combination, each with every seed; `jobs` the runs, those of one seed in a row.

    `places` has for each job the place of its settings and its seed. `impossible` has for the place of settings that
    cannot be, why. `measure` is that by which they are ranked, None where nothing compares them; `why` says why it is
    not the loss. `bytes` are what the largest run needs, `notes` what was found out of the data.
    """

    id: str
    axes: tuple[Axis, ...]
    settings: tuple[Settings, ...]
    seeds: int
    steps: int | None
    jobs: tuple[Job, ...]
    places: tuple[tuple[int, int], ...]
    impossible: dict[int, str]
    measure: str | None
    why: str
    bytes: int
    notes: tuple[str, ...] = ()

    @property
    def most_at_once(self) -> int:
        """How many of these runs the memory that this program may take holds."""
        return max(1, LARGEST // self.bytes)

    def check_memory(self, number: int) -> None:
        """Raises PresetError where so many runs at once would need more memory than they may take."""
        if number > self.most_at_once:
            raise PresetError(
                f"--jobs {number}: so many runs at once would need {size(number * self.bytes)} of memory, the limit is "
                f"{size(LARGEST)}; use --jobs {self.most_at_once}"
            )


@dataclass(slots=True)
class Checked:
    """What is found out while every combination is looked at."""

    origin: Origin
    possible: set[str] = field(default_factory=set)
    problems: dict[int, PresetError] = field(default_factory=dict)
    kinds: set[tuple[str, bool]] = field(default_factory=set)
    tested: bool = True
    classes: bool = True
    bytes: int = 1
    notes: dict[str, None] = field(default_factory=dict)
    kept: list[tuple[tuple[object, ...], Dataset]] = field(default_factory=list)

    def take(self, index: int, settings: Settings, table: dict[str, Any]) -> None:
        """Look at one combination."""
        try:
            preset, dataset = self.loaded(table)
            check_size(preset, dataset)
        except PresetError as problem:
            self.problems[index] = problem
            return
        self.possible.update(settings)
        self.kinds.add((str(preset.loss.kind), preset.data.normalize_targets))
        self.tested &= dataset.test_size > 0
        self.classes &= dataset.target_kind != "real"
        self.bytes = max(self.bytes, needed(preset, dataset))
        self.notes.update(dict.fromkeys(dataset.notes))

    def loaded(self, table: dict[str, Any]) -> tuple[Preset, Dataset]:
        origin = self.origin
        preset = from_table(table, origin.source, origin.folder(), origin.id)
        key = data_key(preset)
        found = next((dataset for known, dataset in self.kept if known == key), None)
        if found is None:
            found = dataset_of(preset, origin.typed, source_read=origin.read)
            self.kept = [*self.kept[1 - KEPT_DATA :], (key, found)]
        return with_data(preset, found, origin.typed)

    def error(self, settings: Sequence[Settings]) -> PresetError | None:
        """What is wrong with the first of the settings that has a value which no combination can have."""
        problems = self.problems.items()
        return next((why for place, why in problems if not self.possible.issuperset(settings[place])), None)

    def measure(self, wanted: str | None) -> tuple[str | None, str]:
        """By what runs are ranked, and why it is not the loss: losses of two kinds say nothing about each other.

        Raises PresetError for one that is `wanted` and that these runs do not have.
        """
        if wanted is not None:
            if wanted.startswith("test_") and not self.tested:
                raise PresetError(f"--by {wanted}: there is no test part; data.train_ratio makes one of generated data")
            if wanted.endswith("accuracy") and not self.classes:
                raise PresetError(f"--by {wanted}: these targets are numbers, which have no accuracy; use a loss")
            return wanted, ""
        test = "test_" if self.tested else ""
        if len(self.kinds) == 1:
            return f"{test}loss", ""
        if self.classes:
            return f"{test}accuracy", "losses of different kinds cannot be compared"
        return None, "losses of different kinds cannot be compared"


def sweep_of(
    origin: Origin,
    axes: Sequence[Axis],
    settings: Sequence[Settings],
    tables: Sequence[dict[str, Any]],
    *,
    seeds: int = 1,
    steps: int | None = None,
    by: str | None = None,
    notes: Sequence[str] = (),
    tell: Callable[[int], None] = lambda done: None,
) -> Sweep:
    """The sweep over `settings`, whose tables are `tables`, each with `seeds` seeds from its own on.

    Some combinations may be impossible, others not. Raises PresetError where a value is in none that is possible,
    and for a measure `by` that the runs do not have. `notes` are what is known of the data, `tell` takes in how many
    combinations have been looked at.
    """
    if seeds > 1 and any(key == "seed" for axis in axes for key in axis.keys):
        raise PresetError("--seeds: seed is varied by --vary already; leave out one of them")
    checked = Checked(origin)
    for index, (chosen, table) in enumerate(zip(settings, tables, strict=True)):
        checked.take(index, chosen, table)
        tell(index + 1)
    if error := checked.error(settings) or (checked.problems.get(0) if not checked.kinds else None):
        raise error
    measure, why = checked.measure(by)
    places = [
        (place, tables[place].get("seed", 0) + later)
        for later in range(seeds)
        for place in range(len(settings))
        if place not in checked.problems
    ]
    jobs = tuple(
        Job({**tables[place], "seed": seed}, origin.source, origin.id, origin.folder, origin.typed, steps)
        for place, seed in places
    )
    return Sweep(
        id=origin.id,
        axes=tuple(axes),
        settings=tuple(settings),
        seeds=seeds,
        steps=steps,
        jobs=jobs,
        places=tuple(places),
        impossible={place: str(problem) for place, problem in checked.problems.items()},
        measure=measure,
        why=why,
        bytes=checked.bytes,
        notes=tuple(dict.fromkeys((*notes, *checked.notes))),
    )
