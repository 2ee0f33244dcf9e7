"""A change of a run: on its way where it can take that, else as a new run from the start with the same chance."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.parameter_name import parameter_name, read_name
from backprop_tui.core.preset.preset import from_table, load_preset, suiting
from backprop_tui.core.preset.schema import Place, PresetError
from backprop_tui.core.preset.start_file import check_acts
from backprop_tui.core.preset.tables import Preset

from .amended import amended
from .change_text import UNCHANGED, told_changes
from .edits import Edit
from .session import Session

Changes = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """A changed run at its place. `keeps`: the run before has steps that this one has not, and stays as a branch.

    `what` is what was asked for, in words: `learning rate 0.1 → 0.03`; `also` is what had to change too; `text` says
    all of it in one line, and whether it is a new run.
    """

    session: Session
    keeps: bool
    also: tuple[tuple[str, Any], ...]
    what: str
    text: str


def change(session: Session, changes: Mapping[str, Any]) -> Change:
    """The run with `changes` made: dotted paths of its preset and parameters such as `W1[1,2]`, None for no value.

    What the rules of a preset refuse is amended by the smallest further changes. A change that a run can take on its
    way is made at the last step boundary; any other begins a new run; where nothing changes it is the run itself.
    Raises PresetError for what nothing amends, and of a run that is `fixed`.
    """
    if session.fixed:
        raise PresetError(session.fixed)
    asked = {written(name): value for name, value in changes.items()}
    settings = {name: value for name, value in asked.items() if "[" not in name}
    old = session.preset
    preset, dataset = old, session.dataset
    also = acting(old, settings)
    if settings:
        preset, dataset, more = amended(old, session.dataset, settings | also, partial(load, session))
        also |= more
    if preset.loss.kind != old.loss.kind and "loss.kind" not in asked:
        # One that is not given follows the output.
        also["loss.kind"] = preset.loss.kind
    if asked == settings and replace(preset, table={}) == replace(old, table={}):
        return Change(session, False, (), UNCHANGED, UNCHANGED)
    try:
        other = session.changed({**asked, **also})
    except PresetError:
        other, left = begun_anew(session, preset, dataset, asked)
        begun = True
    else:
        begun, left = False, []
    keeps = session.furthest >= session.timeline.finish_of(1 if begun else session.step + 1)
    what, text = told_changes(session, other, asked, also, left)
    if begun:
        text += "; a new run from the start"
    if keeps:
        text += "; the one before stays as a branch"
    return Change(other, keeps, tuple(also.items()), what, text)


def written(name: str) -> str:
    """A name as it is always written: `W1[1,2]`, `optimizer.l2`. Raises PresetError for what no parameter is called."""
    return str(read_name(name, Place(""))) if "[" in name else name.strip()


def acting(old: Preset, settings: Mapping[str, Any]) -> Changes:
    """What has to change so that the settings act: of what a layer starts from no file gives, where it is asked for."""
    try:
        for name in settings:
            check_acts(old, name, Place(name))
    except PresetError:
        return {} if "training.start" in settings else {"training.start": None}
    return {}


def begun_anew(
    session: Session, preset: Preset, dataset: Dataset, asked: Mapping[str, Any]
) -> tuple[Session, list[Edit]]:
    """A new run from the start, and which of the parameters that were set there before are not set in it.

    These are kept where layers and inputs are as they were. Raises PresetError for parameters that cannot be set.
    """
    old, seeds = session.preset, {"seed", "training.seed"}
    seed = None if seeds & set(asked) and preset.run_seed != old.run_seed else session.seed
    same = [layer.units for layer in old.layers] == [layer.units for layer in preset.layers]
    same = same and len(session.dataset.inputs) == len(dataset.inputs)
    edits: list[Edit] = []
    left: list[Edit] = []
    for edit in session.edits:
        if edit.of_parameter and edit.step == 0 and edit.name not in asked:
            (edits if same and exists(edit.name, preset, dataset) else left).append(edit)
    edits += [Edit(0, name, value) for name, value in asked.items() if "[" in name]
    return Session(preset, dataset, seed, tuple(edits)), left


def exists(name: str, preset: Preset, dataset: Dataset) -> bool:
    try:
        parameter_name(name, preset.layers, len(dataset.inputs))
    except PresetError:
        return False
    return True


def load(session: Session, table: dict[str, Any]) -> tuple[Preset, Dataset]:
    """The preset of a table and its data, which are those of the run where nothing of them changes."""
    old = session.preset
    preset = from_table(table, old.source, old.base, old.id)
    if preset.training.start is None and same_data(old, preset):
        return suiting(preset, session.dataset), session.dataset
    return load_preset(table, old.source, old.base, old.id)


def same_data(one: Preset, other: Preset) -> bool:
    """Whether two presets have the same examples, laid in the same way."""
    outputs = [(preset.layers[-1].units, preset.layers[-1].activation) for preset in (one, other)]
    return (
        one.data == other.data
        and one.seed == other.seed
        and outputs[0] == outputs[1]
        and one.training.dtype == other.training.dtype
        and one.training.start == other.training.start
    )
