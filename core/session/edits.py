"""Edits: changes that a person makes to a run on its way, of a setting or of a parameter.

An edit is made at a step boundary and is a part of the run from there on: whoever replays the run replays it too.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from backprop_tui.core.preset.datasets import Dataset, check_targets
from backprop_tui.core.preset.parameter_name import ParameterName, parameter_name
from backprop_tui.core.preset.preset import fit, from_table
from backprop_tui.core.preset.schema import Place, number
from backprop_tui.core.preset.settings import apply_changes
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.preset.toml_text import inline
from backprop_tui.core.value_class import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """After `step` steps, `name` becomes `value`: a dotted path into the preset, or a parameter such as `W1[2,1]`.

    A setting that becomes None is no longer given: it has its default again.
    """

    step: int
    name: str
    value: Any

    @property
    def of_parameter(self) -> bool:
        return "[" in self.name

    def __str__(self) -> str:
        return f"{self.name} = {self.text()}"

    def text(self) -> str:
        """The value as a preset has it."""
        match self.value:
            case None:
                return "none"
            case float():
                return f"{self.value:g}"
            case str():
                return self.value
        return inline(self.value)


def with_changes(edits: Iterable[Edit], step: int, changes: Mapping[str, Any]) -> tuple[Edit, ...]:
    """The edits up to `step`, with `changes` made there; one of the same thing at the same place is replaced."""
    kept = [edit for edit in edits if edit.step <= step and not (edit.step == step and edit.name in changes)]
    return (*kept, *(Edit(step, name, value) for name, value in changes.items()))


def edited(preset: Preset, edits: Iterable[Edit], dataset: Dataset) -> Preset:
    """The preset with those edits made that are of settings. Raises PresetError for what cannot be."""
    changes = {edit.name: edit.value for edit in edits if not edit.of_parameter}
    if not changes:
        return preset
    changed = from_table(with_values(preset, changes), preset.source, preset.base, preset.id)
    check_targets(dataset, changed.loss.kind, changed.source)
    return fit(changed, len(dataset.inputs))


def assignments(preset: Preset, edits: Iterable[Edit], dataset: Dataset) -> list[tuple[ParameterName, float]]:
    """The parameters that the edits set, and to what.

    Raises PresetError for a name that the network has not, and for what is no finite number of the run's type.
    """
    features, found = len(dataset.inputs), []
    largest = float(np.finfo(preset.training.dtype).max)
    finite = number(
        f"of size {largest:.2g} or less, as {preset.training.dtype} has", lambda value: abs(value) <= largest
    )
    for edit in edits:
        if edit.of_parameter:
            name = parameter_name(edit.name, preset.layers, features)
            found.append((name, finite(edit.value, Place(str(name)))))
    return found


def with_values(preset: Preset, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The table of a preset with settings changed, those that become None left out. Raises PresetError."""
    table = preset.table
    if "optimizer" not in table and any(path.startswith("optimizer.") for path in changes):
        # A table that is there needs its learning rate: that which it had without.
        table = {**table, "optimizer": {"learning_rate": preset.optimizer.learning_rate}}
    for path, value in changes.items():
        # Set in any case, so that a path which leads nowhere is refused in the usual words.
        table = apply_changes(table, {path: value}, "settings")
        if value is None:
            *steps, last = path.split(".")
            container: Any = table
            for step in steps:
                container = container[int(step)] if isinstance(container, list) else container[step]
            del container[last]
    return table
