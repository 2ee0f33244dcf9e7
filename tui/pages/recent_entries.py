"""What was opened last, as the gallery shows it: built-in presets as they are, files by what stands in them."""

import os
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.command_line.loading import RECORDING, GalleryEntry, entry_of
from backprop_tui.tui.command_line.own_words import is_own, is_url, own_words, url_of
from backprop_tui.tui.config.folder import read_text

TITLE = "Opened last"
LONGEST = 28
"""Characters of a file's name that stand in the place of an id."""


@dataclass(frozen=True, slots=True)
class RecentEntry:
    """An entry of the gallery, and the `argument` that opens it."""

    argument: str
    entry: GalleryEntry


def recent_entries(arguments: Sequence[str], known: Sequence[GalleryEntry]) -> list[RecentEntry]:
    """What was opened, in its order; `known` are the built-in presets."""
    by_id = {entry.id: entry for entry in known}
    return [RecentEntry(argument, by_id.get(argument) or entry_for(argument)) for argument in arguments]


def entry_for(argument: str) -> GalleryEntry:
    """An experiment, data, a recording or a preset of somebody's own; of a file that is none of these its place."""
    if is_url(argument):
        return GalleryEntry("--url", "An experiment of TensorFlow Playground", url_of(argument), (), "")
    if is_own(argument):
        path = own_words(argument).path
        return GalleryEntry(short(path), f"Your data: {os.path.basename(path)}", path, (), "")
    if argument.endswith(RECORDING):
        return GalleryEntry(short(argument), "A recording", argument, (), "")
    try:
        found = entry_of(short(argument), tomllib.loads(read_text(Path(argument)) or ""))
        return replace(found, summary=argument)
    except (OSError, ValueError, PresetError, RecursionError):
        return GalleryEntry(short(argument), "A file of your own", argument, (), "")


def short(path: str) -> str:
    """The name of a file, its end where it is long."""
    name = os.path.basename(path)
    return name if len(name) <= LONGEST else f"…{name[1 - LONGEST :]}"
