"""From what was typed to a preset and its data; and the gallery of those that come with the program.

NumPy is imported only when data are loaded: the gallery reads the tables alone.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backprop_tui import presets
from backprop_tui.core.preset.schema import Place, PresetError, described, nearest, read
from backprop_tui.core.preset.settings import apply_setting
from backprop_tui.core.preset.tables import DataPreset, Preset
from backprop_tui.tui.drawing.shape import shape_text

if TYPE_CHECKING:
    from backprop_tui.core.preset.datasets import Dataset
    from backprop_tui.core.recording.reader import Recording

RECORDING = ".backprop"
"""How the names of recordings end."""
SQLITE = b"SQLite format 3\0"
FILES = (("training", "start"),)
"""The settings that name files."""
INPUTS = {"digits": 784, "sine": 1}
"""The raw inputs of the sets that have not the two of a plane."""


@dataclass(frozen=True, slots=True)
class PresetText:
    """A preset before it is checked: its TOML as it stands, and its table with the changes asked for."""

    id: str
    source: str
    base: Traversable | None
    text: str
    table: dict[str, Any]
    changed: bool


@dataclass(frozen=True, slots=True)
class GalleryEntry:
    """A built-in preset as the gallery and `list` show it."""

    id: str
    title: str
    summary: str
    tags: tuple[str, ...]
    shape: str


def load(argument: str, *, settings: Sequence[str] = (), seed: int | None = None) -> "tuple[Preset, Dataset]":
    """The preset that `argument` names, an id or a file, with its data.

    `settings` are KEY=VALUE changes, applied in turn; `seed` replaces the preset's own, for data and weights alike.
    Raises PresetError, one line, for whatever is wrong with any of them.
    """
    from backprop_tui.core.preset.preset import load_preset

    found = find(argument, settings=settings, seed=seed)
    return load_preset(found.table, found.source, found.base, found.id)


def find(argument: str, *, settings: Sequence[str] = (), seed: int | None = None) -> PresetText:
    """The TOML of a preset and its table with `settings` and `seed` in it; raises PresetError, as `load` does."""
    from backprop_tui.core.preset.preset import parse, read_file

    base: Traversable
    if argument in presets.names():
        name, source, base = argument, argument, presets.folder()
        text = presets.text(argument)
        table = parse(text, argument)
    elif is_recording(argument):
        from backprop_tui.core.recording.own_run import preset_text
        from backprop_tui.core.recording.preset_files import RecordedFolder

        recording = recording_of(argument)
        text = preset_text(recording)
        name, source, base = Path(argument).stem, argument, RecordedFolder(recording)
        table = parse(text, argument)
    elif is_file(argument):
        path = Path(argument)
        name, source, base = path.stem, str(path), path.parent
        text, table = read_file(path)
    else:
        raise PresetError(unknown(argument))
    for setting in settings:
        table = from_here(apply_setting(table, setting), setting)
    if settings and not any(setting.startswith("variants") for setting in settings):
        table = with_possible_variants(table, source)
    if seed is not None:
        table = {**table, "seed": seed}
    return PresetText(name, source, base, text, table, changed=bool(settings) or seed is not None)


def from_here(table: dict[str, Any], setting: str) -> dict[str, Any]:
    """The table with the file that was set found from where the person stands, not from where the preset does."""
    group, _, key = setting.partition("=")[0].strip().partition(".")
    if (group, key) not in FILES:
        return table
    name = table[group][key]
    if not isinstance(name, str) or not name.strip():
        return table
    return {**table, group: {**table[group], key: os.path.abspath(os.path.expanduser(name))}}


def with_possible_variants(table: dict[str, Any], source: str) -> dict[str, Any]:
    """The table without those of its variants that what was set has made impossible: nobody asked for them."""
    from backprop_tui.core.preset.preset import from_table
    from backprop_tui.core.preset.settings import with_variant
    from backprop_tui.core.preset.tables import VariantPreset

    def is_possible(variant: dict[str, Any]) -> bool:
        try:
            made = read(VariantPreset, variant, Place(source))
            from_table(with_variant(table, made), source)
        except PresetError:
            return False
        return True

    variants = table.get("variants")
    if not isinstance(variants, list) or not all(isinstance(variant, dict) for variant in variants):
        return table
    try:
        from_table({name: value for name, value in table.items() if name != "variants"}, source)
    except PresetError:
        # What is wrong then is not the variants, and is to be told.
        return table
    return {**table, "variants": [variant for variant in variants if is_possible(variant)]}


def is_recording(argument: str) -> bool:
    """Whether `argument`, which is no built-in preset, is a recording: by its name, or by what it begins with."""
    if argument in presets.names():
        return False
    return argument.endswith(RECORDING) or (os.path.isfile(argument) and begins_as_sqlite(argument))


def begins_as_sqlite(path: str) -> bool:
    try:
        with open(path, "rb") as stream:
            return stream.read(len(SQLITE)) == SQLITE
    except OSError:
        return False


def recording_of(argument: str) -> "Recording":
    """The recording that `argument` names; raises PresetError, one line, where it cannot be read."""
    from backprop_tui.core.recording.reader import open_recording

    return open_recording(argument)


def is_file(argument: str) -> bool:
    """Whether `argument`, which is no built-in preset, is meant as a file."""
    return "/" in argument or argument.endswith(".toml") or os.path.lexists(argument)


def unknown(argument: str) -> str:
    """The message for a name that no preset has."""
    near = nearest(argument, presets.names())
    hint = f'; did you mean "{near}"?' if near else " and no such file;"
    return f"there is no preset {described(argument)}{hint} backprop-tui list shows all presets"


def handed_in(argument: str) -> str | None:
    """The id of the built-in preset that `verify-1` or `verify-1.json` means; None where a file is meant."""
    name = argument.removesuffix(".json")
    return name if name in presets.hand_ins() and not os.path.lexists(argument) else None


def step_of(argument: str) -> tuple[str | dict[str, Any], str]:
    """What `verify` is to read, and its name: a file, or the step beside a built-in preset."""
    name = handed_in(argument)
    return (argument, argument) if name is None else (json.loads(presets.hand_in(name)), f"{name}.json")


def gallery() -> list[GalleryEntry]:
    """All built-in presets, sorted by id."""
    return [entry(name) for name in presets.names()]


def entry(name: str) -> GalleryEntry:
    """One built-in preset, from its table alone."""
    import tomllib

    preset = read(Preset, tomllib.loads(presets.text(name)), Place(name))
    layers = [layer for layer in preset.layers for _ in range(layer.repeat)]
    shape = shape_text(inputs(preset.data), [layer.units for layer in layers], [layer.activation for layer in layers])
    return GalleryEntry(name, preset.title, preset.summary, preset.tags, shape)


SHIPPED_INPUTS = {"digits-8x8-images-idx3-ubyte.gz": 64}
"""How many inputs the files have that come with the program."""


def inputs(data: DataPreset) -> int | None:
    """How many inputs a network has on these data; None where only a file knows."""
    if data.path is not None:
        return SHIPPED_INPUTS.get(data.path)
    raw = len(data.inputs[0]) if data.inputs else INPUTS.get(data.kind, 2)
    return len(data.features) if raw == 2 else raw
