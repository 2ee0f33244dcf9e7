"""What a change of a run has changed, in words: `learning rate 0.1 → 0.03`."""

from collections.abc import Mapping
from typing import Any

from backprop_tui.core.preset.parameter_name import read_name
from backprop_tui.core.preset.schema import Place
from backprop_tui.core.preset.structure import EXACT
from backprop_tui.core.preset.tables import Preset

from .edits import Edit
from .session import Session

HIDE = "view.hide"
LABELS = {
    "optimizer.kind": "optimizer",
    "optimizer.schedule.kind": "schedule",
    "optimizer.schedule.gamma": "gamma of the schedule",
    "loss.kind": "loss",
    "data.kind": "data set",
    "data.train_ratio": "training share",
    "data.added": "added points",
    "data.removed": "removed examples",
    "data.playground_seed": "the Playground's seed",
    "training.seed": "seed of start weights and order",
    "training.dtype": "number type",
    "training.start": "start file",
    "view.spotlight": "spotlight",
    "view.example": "example",
    HIDE: "hidden",
}
LONGEST = 60
"""Characters of a value that is written out."""
MINUS = "−"
UNCHANGED = "nothing has changed"


def told_changes(
    before: Session, after: Session, asked: Mapping[str, Any], also: Mapping[str, Any], left: list[Edit]
) -> tuple[str, str]:
    """What was asked for, in words, and the same with what changed too; `left` are parameters that are set no more."""
    what = ", ".join(told(before, after, asked)) or UNCHANGED
    more = told(before, after, {path: value for path, value in also.items() if path not in asked})
    more += [f"{edit.name} is not set any more" for edit in left]
    return what, f"{what}; with that {', '.join(more)}" if more else what


def told(before: Session, after: Session, changes: Mapping[str, Any]) -> list[str]:
    """Each change in words, the same one of several layers as one; nothing of what is as it was."""
    found: dict[tuple[str, str], list[int]] = {}
    for path, value in changes.items():
        if path == "layers":
            found["network", network(before.preset, after.preset)] = []
        elif path == "variants":
            found["variants left out:", str(len(before.preset.variants) - len(after.preset.variants))] = []
        elif "[" in path:
            found[path, f"{shown(parameter(before, path))} → {shown(value)}"] = []
        elif (values := values_of(before.preset, after.preset, path, value)) and path.startswith("layers."):
            _, index, *keys = path.split(".")
            found.setdefault((".".join(keys), values), []).extend(numbers_of(after.preset, index))
        elif values:
            found[label(path), values] = []
    return [line(name, values, numbers) for (name, values), numbers in found.items()]


def line(name: str, values: str, numbers: list[int]) -> str:
    of = f" of layer {numbers[0]}" if len(numbers) == 1 else f" of layers {listed(numbers)}" if numbers else ""
    return f"{name.replace('_', ' ')}{of} {values}"


def listed(numbers: list[int]) -> str:
    """`1 to 4`, `1, 2 and 5`."""
    first, *_, last = ordered = sorted(numbers)
    if len(ordered) > 2 and last - first == len(ordered) - 1:
        return f"{first} to {last}"
    return f"{', '.join(map(str, ordered[:-1]))} and {last}"


def label(path: str) -> str:
    return LABELS.get(path, path.rpartition(".")[2])


def numbers_of(preset: Preset, index: str) -> list[int]:
    """The numbers of the layers of a table."""
    return [number for number, layer in enumerate(preset.layers, 1) if str(layer.table_index) == index]


def network(before: Preset, after: Preset) -> str:
    """The units of all layers, before and after; where these are the same, that their settings or order are others."""
    shapes = ["-".join(str(layer.units) for layer in preset.layers) for preset in (before, after)]
    if max(map(len, shapes)) > LONGEST:
        shapes = [f"{len(preset.layers)} layers" for preset in (before, after)]
    if shapes[0] == shapes[1]:
        kinds = [", ".join(layer.activation for layer in preset.layers) for preset in (before, after)]
        return f"{kinds[0]} → {kinds[1]}" if kinds[0] != kinds[1] else f"{shapes[0]}, its layers otherwise"
    return f"{shapes[0]} → {shapes[1]}"


def values_of(before: Preset, after: Preset, path: str, value: Any) -> str:
    """`0.1 → 0.03`, empty where nothing has changed; exact start values that are given no more are so called.

    Those may have stood at another place before: a layer that is put in moves the ones after it.
    """
    if path.rpartition(".")[2] in EXACT:
        return "no longer given" if value is None else "given"
    one, other = value_at(before, path), value_at(after, path)
    if one == other:
        return ""
    if path == HIDE:
        one, other = one or "nothing", other or "nothing"
    return f"{shown(one)} → {shown(other)}"


def value_at(preset: Preset, path: str) -> Any:
    """The value of a setting with its default; None where there is no such, as of a layer that has come or gone."""
    found: Any = preset
    for step in path.split("."):
        if isinstance(found, tuple) and step.isdecimal():
            same = [layer for layer in preset.layers if layer.table_index == int(step)]
            found = same[0] if found is preset.layers and same else None
        else:
            found = getattr(found, step, None)
    return found


def parameter(session: Session, name: str) -> float | None:
    """The value of a parameter as the run has it; None of one that it has not."""
    found = read_name(name, Place(""))
    layers = session.trainer.layers
    if not 1 <= found.layer <= len(layers):
        return None
    values = layers[found.layer - 1].parameters(session.trainer.state.parameters).get(found.symbol)
    inside = values is not None and all(i < size for i, size in zip(found.index, values.shape, strict=False))
    return float(values[found.index]) if values is not None and inside else None


def shown(value: Any) -> str:
    """A value as a person reads it; of a long list how many entries it has."""
    match value:
        case None:
            return "none"
        case bool():
            return "on" if value else "off"
        case float() | int():
            return f"{value:.6g}".replace("-", MINUS) if isinstance(value, float) else str(value)
        case tuple() | list():
            listed = ", ".join(shown(item) for item in value)
            nested = any(isinstance(item, tuple | list | dict) for item in value)
            return listed if len(listed) <= LONGEST and not nested and value else str(len(value))
        case dict():
            return f"{len(value)} settings"
    return str(value) if len(str(value)) <= LONGEST else f"{str(value)[: LONGEST - 1]}…"
