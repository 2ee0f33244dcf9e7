"""`verify`: read what somebody's own code computed in one step, and say what of it is right."""

import os
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.preset import Preset
from backprop_tui.core.preset.schema import PresetError, suggestion
from backprop_tui.core.training.trainer import Trainer

from .accuracy import relative_error
from .conventions import variants
from .fitted import with_inferred_rate
from .names import Key
from .reading import Given, Reading, readings
from .report import Report, report_of
from .step import LETTERS, Array
from .submission import SETTINGS, Submission, read
from .trial import misfits
from .verdict import LOST, Verdict, explain, judge, rounding

MOST_READINGS = 400
JUDGED = 8
"""Readings, of those whose numbers fit best at a glance, that are judged."""
GRAVE = 1e-5
"""Relative errors above this are none of rounding to float32."""
GUESSED = ("activations", "loss_kind")
"""What of the network is found out where it is not told."""
EXPLAINED = 5
"""Readings, of those that leave the least wrong, in which mistakes are looked for."""


def verify(
    source: str | os.PathLike[str] | Mapping[str, Any],
    *,
    preset: tuple[Preset, Dataset] | None = None,
    sets: tuple[str, ...] = (),
    name: str = "the mapping",
    **settings: Any,
) -> Report:
    """The report on one training step: `source` is a `.npz` or `.json` file, a folder of csv, or a mapping of arrays.

    `settings`: activations, loss_kind, optimizer, learning_rate and the optimizer's own; `preset`: a preset and its
    data, which say all of them and what the file leaves out; `sets`: changes of the preset's table, KEY=VALUE; `name`:
    what a mapping is called.
    Raises PresetError, a ValueError of one line, for what cannot be read as a step.
    """
    found = read(source, name)
    found.settings |= checked(found, settings)
    given = Given() if preset is None else given_by(*preset)
    with np.errstate(all="ignore"):
        every = likeliest(found, given, (*found.sets, *sets))
        verdict = chosen(verdicts(every))
        verdict.reading.supposed = supposed(verdict, every)
        return report_of(found, verdict)


def checked(found: Submission, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by their names; raises PresetError for one that is not known."""
    for name in settings:
        if name not in SETTINGS:
            raise PresetError(f"{found.source}: there is no setting {name}{suggestion(name, list(SETTINGS))}")
    return {name: value for name, value in settings.items() if value is not None}


def given_by(preset: Preset, dataset: Dataset) -> Given:
    """What a preset gives: its network, and the batch and the parameters of its first step."""
    trainer = Trainer(preset, dataset, preset.seed)
    X, Y = trainer.batch_of(1)
    arrays: dict[Key, Array] = {("X", None): X, ("Y", None): Y}
    for layer in trainer.layers:
        for symbol, array in layer.parameters(trainer.state.parameters).items():
            arrays[LETTERS.get(symbol, symbol), layer.number] = array.copy()
    for number, mask in trainer.masks(1, X.shape[1]).items():
        arrays["mask", number] = mask
    return Given(preset, arrays)


def likeliest(found: Submission, given: Given, sets: tuple[str, ...]) -> list[Reading]:
    """The readings of a hand-in whose numbers fit best at a glance."""
    every = list(islice(readings(found, given, sets), MOST_READINGS))
    return sorted(every, key=misfits)[:JUDGED] if len(every) > JUDGED else every


def verdicts(every: list[Reading]) -> list[Verdict]:
    """The verdicts on readings of a hand-in, as far as the first of which all is right.

    Each is read with what its numbers tell of its learning rate and its conventions.
    """
    judged: list[Verdict] = []
    for reading in every:
        for variant in variants(with_inferred_rate(reading)):
            judged.append(judge(variant))
            if judged[-1].all_passed:
                return judged
    return judged


def chosen(judged: list[Verdict]) -> Verdict:
    """The verdict of the reading that leaves least wrong, and of several such the first."""
    judged = sorted(judged, key=plausibility)
    if judged[0].all_passed:
        return judged[0]
    for verdict in judged[:EXPLAINED]:
        rounded = held_to_rounding(verdict)
        if rounded is not None and rounded.all_passed:
            return rounded
    tried: list[Verdict] = []
    for verdict in shortlist(judged):
        if not any(settles(other, verdict) for other in tried):
            tried.append(explain(verdict))
    order = {id(verdict): place for place, verdict in enumerate(tried)}
    best = min(tried, key=lambda verdict: (*verdict.cost[:2], len(verdict.reading.conventions), order[id(verdict)]))
    if best.unexplained:
        rounded = within_rounding(best)
        if rounded is not None:
            return rounded
    for other in tried:
        add_alternatives(best, other)
    return best


def supposed(best: Verdict, every: list[Reading]) -> list[str]:
    """What of the network the numbers do not tell: with something else there, another reading fits them as well."""
    guessed = [name for name in GUESSED if name in best.reading.inferred]
    others = [reading for reading in every if any(reading.inferred.get(name) != value(best, name) for name in guessed)]
    fitting = [reading for reading in others if plausibility(judge(with_inferred_rate(reading))) <= plausibility(best)]
    return [name for name in guessed if any(reading.inferred.get(name) != value(best, name) for reading in fitting)]


def value(verdict: Verdict, name: str) -> Any:
    """A setting that was found out."""
    return verdict.reading.inferred[name]


def shortlist(judged: list[Verdict]) -> list[Verdict]:
    """The readings in which mistakes are looked for: the one that leaves least wrong, what differs from it in its
    conventions alone, and those that leave hardly more wrong.
    """
    best = judged[0]
    most = len(best.own) + 1
    near = [
        verdict
        for verdict in judged[1:]
        if same_network(verdict, best) or (against_loss(verdict) == against_loss(best) and len(verdict.own) <= most)
    ]
    return [best, *near][:EXPLAINED]


def settles(explained: Verdict, other: Verdict) -> bool:
    """Whether a verdict leaves nothing to be said by another reading; by other conventions alone it may."""
    if explained.unexplained:
        return False
    return not same_network(explained, other) or any(found.mistake is LOST for found in explained.mistakes)


def plausibility(verdict: Verdict) -> tuple[bool, int, int, int]:
    """How little is wrong in a reading; first of all not the loss that it was guessed from, and not by much."""
    theirs = verdict.reading.theirs
    grave = sum(relative_error(theirs[key], verdict.follows[key]) > GRAVE for key in verdict.own)
    return against_loss(verdict), grave, len(verdict.own), len(verdict.wrong)


def against_loss(verdict: Verdict) -> bool:
    """Whether the reading guesses a loss that the one handed in is not."""
    return "loss_kind" in verdict.reading.inferred and ("loss", None) in verdict.own


def same_network(one: Verdict, other: Verdict) -> bool:
    return one.reading.layout == other.reading.layout and one.reading.preset == other.reading.preset


def within_rounding(verdict: Verdict) -> Verdict | None:
    """The verdict on numbers that were written with few digits, held to those; None where that explains no more."""
    again = held_to_rounding(verdict)
    if again is None or again.all_passed:
        return again
    explain(again, rounding(verdict.reading))
    return again if len(again.unexplained) < len(verdict.unexplained) else None


def held_to_rounding(verdict: Verdict) -> Verdict | None:
    """The reading judged by the digits that its numbers were written with; None where they have all of them."""
    few = rounding(verdict.reading)
    if few is None:
        return None
    conventions = [*verdict.reading.conventions, "rounded"]
    return judge(replace(verdict.reading, conventions=conventions), few)


def add_alternatives(best: Verdict, other: Verdict) -> None:
    """The mistakes of another reading that gives the same numbers with as few."""
    if (
        other is best
        or not same_network(best, other)
        or other.unexplained
        or len(other.primary) != 1
        or len(best.primary) != 1
    ):
        return
    known = {found.mistake.id for found in best.mistakes}
    best.mistakes += [found for found in other.mistakes if found.mistake.id not in known]


__all__ = ["Key", "Report", "verify"]
