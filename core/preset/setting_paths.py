"""Every setting of a preset by the dotted path that `--set` takes, with the words that it may be."""

from collections.abc import Iterator
from dataclasses import Field, fields
from typing import Any

from backprop_tui.core.value_class import dataclass

from .schema import CHOICES, TABLES, WANTED, flag
from .tables import Preset

NOT_SET = ("title", "summary", "tags", "credit", "lesson", "variants")
"""Keys that tell of a run, or of other runs, and change nothing of it."""


@dataclass(frozen=True, slots=True)
class SettingPath:
    """`path` is dotted; `words` are all that it may be, empty where it is no word; `meaning` in a few words."""

    path: str
    meaning: str
    words: tuple[str, ...] = ()


def setting_paths(layers: int) -> Iterator[SettingPath]:
    """Those of a preset with so many `[[layers]]` tables, in the order of its file."""
    for item in keys_of(Preset):
        if item.name not in NOT_SET:
            yield from paths_of(item, item.name, layers)


def paths_of(item: Field[Any], path: str, count: int) -> Iterator[SettingPath]:
    """The path of a key; of a table those of its keys, of a list of `count` tables those of each."""
    reader = item.metadata["reader"]
    inner = TABLES.get(reader)
    if inner is None:
        words = ("true", "false") if reader is flag else tuple(CHOICES.get(reader, ()))
        yield SettingPath(path, item.metadata["meaning"], words)
        return
    places = [f"{path}.{number}" for number in range(count)] if WANTED[reader].startswith("list") else [path]
    for place in places:
        for key in keys_of(inner):
            yield from paths_of(key, f"{place}.{key.name}", count)


def keys_of(table: type[Any]) -> list[Field[Any]]:
    """The keys of a table, as they are declared."""
    return [item for item in fields(table) if "reader" in item.metadata]
