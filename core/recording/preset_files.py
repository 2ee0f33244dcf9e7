"""The files that a preset names, taken into a recording and read from it: a run in a file has its data with it."""

import io
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import IO, Any

from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.tables import Preset

from .reader import Recording

PREFIX = "preset/"
"""Of the names of these files in a recording."""


class File(Traversable):
    """A file called `name` in a folder of its own kind."""

    def __init__(self, folder: "Folder", name: str) -> None:
        self.folder, self.path = folder, name

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def parent(self) -> "Folder":
        return self.folder.under(self.path.rpartition("/")[0])

    def __str__(self) -> str:
        return f"{self.folder}: {self.path}"

    def open(self, mode: str = "r", *arguments: Any, **options: Any) -> IO[Any]:
        """The file's bytes; raises FileNotFoundError where there is none."""
        return io.BytesIO(self.folder.content(self.path))

    def read_bytes(self) -> bytes:
        return self.folder.content(self.path)

    def read_text(self, encoding: str | None = None) -> str:
        return self.read_bytes().decode(encoding or "utf-8")

    def is_file(self) -> bool:
        try:
            self.folder.content(self.path)
        except OSError:
            return False
        return True

    def is_dir(self) -> bool:
        return False

    def iterdir(self) -> Iterator[Traversable]:
        return iter(())

    def joinpath(self, *descendants: Any) -> Traversable:
        return self.parent.joinpath(*descendants)


class Folder(Traversable):
    """A folder whose files' contents come from elsewhere; `prefix` is the part of it that names are in."""

    name = ""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix

    def content(self, name: str) -> bytes:
        """What stands in the file of that name. Raises FileNotFoundError, or another OSError."""
        raise NotImplementedError

    def under(self, prefix: str) -> "Folder":
        """The same, with names in a folder of it."""
        raise NotImplementedError

    def joinpath(self, *descendants: Any) -> Traversable:
        return File(self.under(""), "/".join([*filter(None, [self.prefix]), *map(str, descendants)]))

    def __truediv__(self, child: Any) -> Traversable:
        return self.joinpath(child)

    def is_dir(self) -> bool:
        return True

    def is_file(self) -> bool:
        return False

    def iterdir(self) -> Iterator[Traversable]:
        return iter(())

    def open(self, mode: str = "r", *arguments: Any, **options: Any) -> IO[Any]:
        raise IsADirectoryError(self.prefix)

    def read_bytes(self) -> bytes:
        raise IsADirectoryError(self.prefix)

    def read_text(self, encoding: str | None = None) -> str:
        raise IsADirectoryError(self.prefix)


class NotingFolder(Folder):
    """The folder `base`, which notes in `noted` what was read from it."""

    def __init__(self, base: Traversable, noted: dict[str, bytes], prefix: str = "") -> None:
        super().__init__(prefix)
        self.base, self.noted = base, noted

    def content(self, name: str) -> bytes:
        if name not in self.noted:
            self.noted[name] = (self.base / name).read_bytes()
        return self.noted[name]

    def under(self, prefix: str) -> Folder:
        return NotingFolder(self.base, self.noted, prefix)

    def __str__(self) -> str:
        return str(self.base)


class RecordedFolder(Folder):
    """The files in a recording."""

    def __init__(self, recording: Recording, prefix: str = "") -> None:
        super().__init__(prefix)
        self.recording = recording

    def content(self, name: str) -> bytes:
        found = self.recording.file(PREFIX + name)
        if found is None:
            raise FileNotFoundError(name)
        return found

    def under(self, prefix: str) -> Folder:
        return RecordedFolder(self.recording, prefix)

    def __str__(self) -> str:
        return str(self.recording.path)


def files_of(preset: Preset) -> dict[str, bytes]:
    """The contents of all files that a preset reads, its data and its start weights, by the name that it gives them.

    Raises PresetError where they cannot be read any more.
    """
    noted: dict[str, bytes] = {}
    if preset.data.path is not None or preset.training.start is not None:
        folder = NotingFolder(preset.base or Path(), noted)
        changed, _ = load_preset(preset.table, preset.source, folder, preset.id)
        if changed.training.start is not None:
            folder.content(changed.training.start)
    return noted
