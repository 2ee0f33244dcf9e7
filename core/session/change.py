"""A change of a run: on its way where it can take that, else as a new run from the start with the same chance."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.parameter_name import read_name
from backprop_tui.core.preset.preset import from_table, load_preset, suiting
from backprop_tui.core.preset.schema import Place, PresetError
from backprop_tui.core.preset.start_file import check_acts
from backprop_tui.core.preset.tables import Preset

from .course import NewRunNeededError
from .edits import Edit, with_values
from .session import Session


@dataclass(frozen=True)
class Change:
    """A changed run at its place. `keeps`: the run before has steps that this one has not, and stays as a branch.

    `also` is what had to change too, beyond what was asked for; `text` says all of it in one line.
    """

    session: Session
    keeps: bool
    also: tuple[tuple[str, Any], ...]
    text: str


def change(session: Session, changes: Mapping[str, Any]) -> Change:
    """The run with `changes` made: dotted paths of its preset and parameters such as `W1[1,2]`, None for no value.

    A change that a run can take on its way is made at the last step boundary; any other begins a new run. Raises
    PresetError for what cannot be, and of a run that is `fixed`.
    """
    if session.fixed:
        raise PresetError(session.fixed)
    named = {written(name): value for name, value in changes.items()}
    for name in named:
        check_acts(session.preset, name, Place(name))
    try:
        other = session.changed(named)
    except NewRunNeededError:
        other, begun = begun_anew(session, named), True
    else:
        begun = False
    keeps = not loses_nothing(session, begun=begun)
    return Change(other, keeps, (), said(session, named, begun=begun, keeps=keeps))


def loses_nothing(session: Session, *, begun: bool) -> bool:
    """Whether a run that goes on from here, or with `begun` from the start, has all finished steps of this one."""
    return session.furthest < session.timeline.finish_of(1 if begun else session.step + 1)


def written(name: str) -> str:
    """A name as it is always written: `W1[1,2]`, `optimizer.l2`. Raises PresetError for what no parameter is called."""
    return str(read_name(name, Place(""))) if "[" in name else name.strip()


def begun_anew(session: Session, changes: Mapping[str, Any]) -> Session:
    """A new run from the start, with the settings as they are here and these changed. Raises PresetError."""
    settings = {name: value for name, value in changes.items() if "[" not in name}
    preset, dataset = loaded(session, settings)
    seed = None if {"seed", "training.seed"} & set(settings) else session.seed
    edits = tuple(Edit(0, name, value) for name, value in changes.items() if "[" in name)
    return Session(preset, dataset, seed, edits)


def loaded(session: Session, settings: Mapping[str, Any]) -> tuple[Preset, Dataset]:
    """The changed preset and its data, which are those that there are where nothing of them changes."""
    old = session.preset
    table = with_values(old, settings)
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


# In words


def said(session: Session, changes: Mapping[str, Any], *, begun: bool, keeps: bool) -> str:
    """What changed, and whether it is a new run, in one line."""
    told = ", ".join(f"{name} → {Edit(0, name, value).text()}" for name, value in changes.items())
    where = "; a new run from the start" if begun else ""
    return told + where + ("; the old one is kept as a branch" if keeps else "")
