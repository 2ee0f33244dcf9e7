"""Which quantities are wrong, and which mistakes give exactly those numbers.

Each quantity is held against the right one, and against what follows from somebody's own numbers before it: so what is
wrong again is told apart from what only follows from a mistake. Where something is wrong in itself, every mistake of
the catalogue is tried wherever it could stand; those that give the numbers are the verdict.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field

import numpy as np

from backprop_tui.core.value_class import dataclass

from .accuracy import HALF, SINGLE, Accuracy, Rounding, error_of_terms, measured, relative_error, rounding_of, terms
from .catalogue import CATALOGUE
from .fitted import accumulated_suspects, rate_suspects
from .mistake import Mistake, Suspect, suspects
from .names import Key
from .reading import Reading
from .step import UPDATE, Array, Step, Values, Varied
from .trial import UPDATED_SYMBOLS, Trial

LOST = Mistake("float_precision", "the formulas are right, but the numbers have fewer digits than their type holds", ())
MOST_MISTAKES, MOST_UNEXPLAINED = 12, 6
NEAR_SINGLE, NEAR_HALF = 1e-3, 2e-2
"""Relative errors that may come of a coarser type of number."""


@dataclass(slots=True)
class Found:
    """A mistake that gives the numbers: where, what it explains, and how near it comes."""

    suspect: Suspect | None
    mistake: Mistake
    layer: int | None
    explains: list[Key]
    relative_error: float
    formula: str = ""


@dataclass(slots=True)
class Verdict:
    """What came of one reading.

    `right`: every quantity as it should be; `passed` and `errors` of those that were handed in, in the order of a
    step; `own`: those that are wrong in themselves, whatever was wrong before; `follows`: what they should be from
    somebody's own numbers before them.
    """

    reading: Reading
    step: Step
    right: Values
    follows: Values
    order: list[Key]
    passed: dict[Key, bool]
    errors: dict[Key, float]
    own: list[Key]
    mistakes: list[Found] = field(default_factory=list)
    unexplained: list[Key] = field(default_factory=list)
    accuracy: Accuracy | None = None
    scaled: list[Key] = field(default_factory=list)

    @property
    def all_passed(self) -> bool:
        return all(self.passed.values())

    @property
    def wrong(self) -> list[Key]:
        return [key for key in self.order if not self.passed[key]]

    @property
    def cost(self) -> tuple[int, int, int]:
        """How much is left unexplained, how many mistakes it takes, and how much is wrong."""
        return len(self.unexplained), len({id(found.suspect) for found in self.primary}), len(self.wrong)

    @property
    def primary(self) -> list[Found]:
        """One mistake for each thing that is wrong: the first of those that give the same numbers."""
        chosen: list[Found] = []
        seen: set[tuple[Key, ...]] = set()
        for found in self.mistakes:
            explained = tuple(found.explains)
            if explained not in seen:
                chosen.append(found)
                seen.add(explained)
        return chosen


def judge(reading: Reading, rounding: Rounding | None = None) -> Verdict:
    """The verdict on one reading, its mistakes not yet looked for."""
    trial = Trial(reading, rounding)
    follows, own = trial.local()
    passed = trial.passes()
    errors = {key: relative_error(trial.theirs[key], trial.right[key]) for key in trial.order}
    return Verdict(reading, trial.step, trial.right, follows, trial.order, passed, errors, own, accuracy=trial.accuracy)


def explain(verdict: Verdict, rounding: Rounding | None = None) -> Verdict:
    """Look for the mistakes that give the numbers."""
    trial = Trial(verdict.reading, rounding)
    if rounding is None and coarse(trial, verdict, verdict.own):
        return verdict
    adopted: list[Suspect] = []
    groups: list[list[Suspect]] = []
    unexplained: list[Key] = []
    while len(adopted) < MOST_MISTAKES:
        varied = [part for suspect in adopted for part in suspect.varied]
        _, wrong = trial.local(varied)
        wrong = [key for key in wrong if key not in unexplained]
        if not wrong:
            break
        group = best(trial, wrong, varied, unexplained)
        if group:
            adopted.append(group[0])
            groups.append(group)
        else:
            # Where so many are not explained, it is no mistake that is known: to try each on the others takes long.
            unexplained += wrong[:1] if len(unexplained) < MOST_UNEXPLAINED else wrong
    verdict.unexplained = unexplained
    verdict.mistakes = told(trial, verdict, groups, unexplained)
    coarse(trial, verdict, unexplained)
    return verdict


def best(trial: Trial, wrong: list[Key], varied: list[Varied], unexplained: list[Key]) -> list[Suspect]:
    """The suspects that make the first wrong quantity right and none wrong, and of those the ones that mend most."""
    found: list[tuple[int, int, Suspect]] = []
    first = wrong[0]
    for suspect in list(candidates(trial, wrong, unexplained)):
        if not trial.gives(first, [*varied, *suspect.varied]):
            continue
        _, left = trial.local([*varied, *suspect.varied])
        if first not in left and set(left) <= {*wrong, *unexplained}:
            found.append((len(left), len(found), suspect))
    if not found:
        return []
    fewest = min(left for left, _, _ in found)
    return [suspect for left, _, suspect in sorted(found, key=lambda entry: entry[:2]) if left == fewest]


def candidates(trial: Trial, wrong: list[Key], unexplained: list[Key]) -> Iterator[Suspect]:
    """Suspects that may have made the first wrong quantity, and would change nothing that is right as it stands."""
    step = trial.step
    step.run([], trial.theirs)
    fixed = {key for key in trial.order if key not in wrong and key not in unexplained}
    places = {key: place for place, key in enumerate([*step.order()])}
    first = places[wrong[0]]
    for mistake in CATALOGUE:
        for suspect in suspects(mistake, step):
            touched = [key for part in suspect.varied for key in part.places]
            if not touched or (touched[0] != UPDATE and all(places.get(key, 0) > first for key in touched)):
                continue
            if touched[0] == UPDATE and wrong[0][0] not in UPDATED_SYMBOLS:
                continue
            if any(key in fixed for key in touched) and len(touched) == 1:
                continue
            if touched[0] != UPDATE and not stands(step, suspect):
                continue
            yield suspect
    yield from rate_suspects(trial, wrong)
    yield from accumulated_suspects(trial, wrong)


def stands(step: Step, suspect: Suspect) -> bool:
    """Whether the mistake makes anything of the first quantity that it varies."""
    part = suspect.varied[0]
    with np.errstate(all="ignore"):
        return any(part.compute(step, key) is not None for key in part.places)


def told(trial: Trial, verdict: Verdict, groups: list[list[Suspect]], unexplained: list[Key]) -> list[Found]:
    """What each mistake explains: what is wrong and comes out as it was handed in once the mistake is made."""
    replaced = {key: trial.theirs[key] for key in unexplained}
    found: list[Found] = []
    before: set[Key] = set()
    adopted: list[Suspect] = []
    for group in groups:
        main = explained(trial, verdict, [*adopted, group[0]], replaced)
        mine = [key for key in main if key not in before]
        for suspect in unique(group):
            values = run(trial, [*adopted, suspect], replaced)
            again = explained(trial, verdict, [*adopted, suspect], replaced)
            if suspect is not group[0] and set(again) != set(main):
                continue
            worst = max((relative_error(trial.theirs[key], values[key]) for key in mine), default=0.0)
            found.append(Found(suspect, suspect.mistake, suspect.layer, mine, worst, suspect.formula(trial.step)))
        adopted.append(group[0])
        before |= set(main)
    order = {id(entry): place for place, entry in enumerate(found)}
    return sorted(found, key=lambda entry: (-len(entry.explains), order[id(entry)]))


def unique(group: list[Suspect]) -> list[Suspect]:
    """One suspect for each mistake and layer."""
    seen: set[str] = set()
    kept = []
    for suspect in group:
        if suspect.mistake.id not in seen:
            kept.append(suspect)
            seen.add(suspect.mistake.id)
    return kept


def run(trial: Trial, made: list[Suspect], replaced: Mapping[Key, Array]) -> Values:
    return trial.step.run([part for suspect in made for part in suspect.varied], replaced)


def explained(trial: Trial, verdict: Verdict, made: list[Suspect], replaced: Mapping[Key, Array]) -> list[Key]:
    """The wrong quantities that come out as they were handed in."""
    varied = [part for suspect in made for part in suspect.varied]
    exact, single = trial.step.run(varied, replaced), trial.single.run(varied, replaced)
    accuracy = trial.measure(exact, single)
    return [key for key in verdict.wrong if accuracy.agrees(key, trial.theirs[key], exact[key])]


def coarse(trial: Trial, verdict: Verdict, keys: list[Key]) -> bool:
    """Whether these quantities are right to fewer digits than their type holds; then that is told as what happened."""
    exact, single = trial.step.run((), trial.theirs), trial.single.run((), trial.theirs)
    for unit, name in ((SINGLE, "float32"), (HALF, "float16")):
        if not keys or unit <= trial.unit:
            continue
        accuracy = measured(unit, exact, single, trial.start)
        if all(is_coarse(trial, accuracy, key, exact) for key in keys):
            known = {key for found in verdict.mistakes for key in found.explains}
            explains = [key for key in verdict.wrong if key not in known]
            worst = max((verdict.errors[key] for key in explains), default=0.0)
            verdict.mistakes.append(Found(None, LOST, None, explains, worst, f"computed in {name}"))
            verdict.unexplained = []
            return True
    return False


def is_coarse(trial: Trial, accuracy: Accuracy, key: Key, exact: Values) -> bool:
    """Whether an array is right to a coarser type: one of its numbers throughout, or off by no more than its roundings.

    How near is near goes by the terms of its sums where they cancel, as for a bias before batch norm.
    The numbers of a parameter hold its change to few digits, so that nearly anything would agree: only if they are of
    the coarser type.
    """
    theirs, right = trial.theirs[key], exact[key]
    handed_in = theirs / trial.reading.scales.get(key, 1.0)
    kind = np.float32 if accuracy.unit == SINGLE else np.float16
    with np.errstate(all="ignore"):
        off = np.abs(handed_in - handed_in.astype(kind))
    of_kind = bool((off <= 1e-14 * np.abs(handed_in)).all())
    if not of_kind and (key[0] in UPDATED_SYMBOLS or kind is np.float16):
        return False
    near = NEAR_SINGLE if kind is np.float32 else NEAR_HALF
    error = error_of_terms(theirs, right, terms(key, exact, trial.start))
    return accuracy.agrees(key, theirs, right) and error <= near


def rounding(reading: Reading) -> Rounding | None:
    """How the numbers that were computed were rounded when they were written."""
    found = rounding_of(reading.raw[key] for key in reading.theirs)
    return None if found is None else found.times(max([1.0, *reading.scales.values()]))
