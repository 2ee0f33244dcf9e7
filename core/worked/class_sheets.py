"""Worksheets for a class: one for each student, all different, with its key and the preset that it is of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count, islice

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.parameter_name import parameter_name
from backprop_tui.core.preset.schema import Place, PresetError
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.halt import halted_by
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.limits import check_worked
from backprop_tui.core.value_class import dataclass

from .derivation import worked_derivation
from .exercise import FEWER_EXAMPLES, TooWideError
from .few_digits import few_digits
from .page_count import page_count
from .solution import Label, Part, Role, WorkedSolution
from .step_solution import worked_solution
from .worksheet import ALIKE, learns, redrawn

Load = Callable[[int], tuple[Preset, Dataset]]
"""The preset and its data for a seed."""
MOST_PAGES = 50
"""Of a sheet: more than that nobody works out by hand."""
TRIES = 20
MOST_ALIKE = 300
"""Seeds in a row whose sheets are there already."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a sheet asks for: a `step`, from 1, or in it one `weight` alone, as typed; `digits` of what is given."""

    step: int = 1
    weight: str | None = None
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class StudentSheet:
    """The sheet of one student, `number` from 1, with its key, which has what is given too, and its own `preset`."""

    number: int
    name: str | None
    seed: int
    preset: Preset
    sheet: WorkedSolution
    key: WorkedSolution


def class_sheets(load: Load, names: Sequence[str | None], seed: int, task: Task, form: str) -> Iterator[StudentSheet]:
    """The sheets of a class, whose seeds begin with `seed`; of those that draw the same sheet the first is taken.

    Seeds that would leave a layer without a gradient are passed over, as long as there are others. Raises TooWideError
    for sheets of more than MOST_PAGES pages, PresetError for what cannot be on a sheet, and where seeds draw too few.
    """
    seeds = count(seed)
    hopeless = not any(learns(*drawn(load(one), task)) for one in islice(count(seed), tries(load(seed)[0])))
    met: set[Part] = set()
    for number, name in enumerate(names, 1):
        for passed, one in enumerate(seeds):
            if passed == MOST_ALIKE:
                raise PresetError(
                    f"only {number - 1} different sheets can be drawn of this preset; take fewer students, more "
                    "--digits, or a preset whose start weights or data are drawn"
                )
            preset, dataset = drawn(load(one), task, hopeless=hopeless)
            if not hopeless and not learns(preset, dataset):
                continue
            session = Session(preset, dataset)
            made = worked(session, task, "exercise")
            # The same numbers given are the same sheet.
            if made.parts[0] not in met:
                break
        met.add(made.parts[0])
        if number == 1 and (pages := page_count(made, form)) > MOST_PAGES:
            of_all = f", and {len(names)} of them {len(names) * pages:,}" if len(names) > 1 else ""
            raise TooWideError(f"a sheet of this would be about {pages:,} pages{of_all}", FEWER_EXAMPLES)
        labels = (Label("Name", name), Label("Sheet", f"{number} of {len(names)}"), Label("Seed", str(one)))
        key = worked(session, task, "key")
        session.stop_at_fault()
        if session.diverged:
            raise PresetError(
                f"the answers of seed {one} are no numbers: {halted_by(session)}; take an earlier --step, or a smaller "
                "learning rate with --set optimizer.learning_rate"
            )
        yield StudentSheet(
            number,
            name,
            one,
            preset,
            replace(made, labels=labels),
            replace(key, title=f"Answers: {key.title}", labels=labels),
        )


def tries(preset: Preset) -> int:
    """Seeds after which it is taken that none leaves a gradient; of weights drawn for a sheet each tries DRAWS."""
    return 1 if any(layer.weights is not None or layer.init in ALIKE for layer in preset.layers) else TRIES


def drawn(loaded: tuple[Preset, Dataset], task: Task, *, hopeless: bool = False) -> tuple[Preset, Dataset]:
    """What one seed makes of a preset: start weights of its own, in few digits where that is asked for."""
    preset, dataset = loaded
    own = redrawn(preset, dataset, hopeless=hopeless)
    return (own, dataset) if task.digits is None else few_digits(own, dataset, task.digits)


def worked(session: Session, task: Task, role: Role) -> WorkedSolution:
    """The sheet or the key."""
    preset = session.preset
    check_worked(preset, session.dataset)
    weight = preset.view.spotlight if task.weight is None else task.weight
    name = parameter_name(weight, preset.layers, len(session.dataset.inputs), Place("--weight"))
    make = worked_solution if task.weight is None else worked_derivation
    return make(session, task.step, Spotlight.named(name, preset.view.example - 1), role)
