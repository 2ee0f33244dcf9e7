"""A file that a preset or a person names: opened only if it is a regular one, quoted only if it is the preset's own.

A preset may be somebody else's, and name any file of the person who opens it. So no message shows what stands in a file
outside the preset's folder; and nothing is opened that could make the program wait, or read for ever.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import IO, Any

from backprop_tui.core.value_class import dataclass

from .files_read import FILES_READ
from .schema import Place, PresetError

LARGEST = 10**9
"""Bytes; what would need more is refused."""
HUGE = "more than a billion GB"
LONGEST_QUOTE = 12
"""Characters of a file's text that a message shows."""
IRREGULAR: tuple[tuple[Callable[[int], bool], str], ...] = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(frozen=True, slots=True)
class NamedFile:
    """`path`, named at `place` of a preset. `own`: whether its text may be shown in messages."""

    path: Traversable
    place: Place
    own: bool = False

    def error(self, message: str) -> PresetError:
        """The error that says `message` about the file."""
        return self.place.error(f"{self.path}: {message}")

    def quoted(self, text: str) -> str:
        """`"text"`, cut short; nothing for text that is not to be shown."""
        if not self.own:
            return ""
        return f'"{text}"' if len(text) <= LONGEST_QUOTE else f'"{text[: LONGEST_QUOTE - 1]}…"'

    @contextmanager
    def opened(self, largest: int = LARGEST) -> Iterator[IO[bytes]]:
        """The file's bytes; raises PresetError where it is none of at most `largest` bytes, or cannot be read."""
        try:
            if isinstance(self.path, Path):
                if not FILES_READ.lets(self.path):
                    raise self.error("in a browser no file of the server is read but those of its presets")
                self._check(self.path.stat(), largest)
            stream = self.path.open("rb")
        except PresetError:
            raise
        except FileNotFoundError:
            raise self.error("there is no such file") from None
        except OSError as problem:
            raise self.error(f"cannot be read: {problem.strerror or problem}") from None
        except ValueError:
            # What Python says of a path with a NUL in it.
            raise self.error("expected a path without NUL characters") from None
        with stream:
            try:
                yield stream
            except OSError as problem:
                raise self.error(f"cannot be read: {problem.strerror or problem}") from None

    def _check(self, found: os.stat_result, largest: int) -> None:
        for is_kind, kind in IRREGULAR:
            if is_kind(found.st_mode):
                raise self.error(f"expected a file, found {kind}")
        if found.st_size > largest:
            raise self.error(f"expected a file of at most {size(largest)}, found one of {size(found.st_size)}")


def beside(folder: Traversable | None, name: str, place: Place, own: bool = False) -> NamedFile:
    """The file that a preset in `folder`, by default the present one, names at `place`.

    `own`: whether its text may be shown wherever it stands, since the person in front has typed its name.
    """
    base = folder or Path()
    path = base / name
    if not isinstance(path, Path):
        return NamedFile(path, place, own=True)
    try:
        # With all links followed, since one in the folder may lead out of it.
        own = own or Path(os.path.realpath(path)).is_relative_to(os.path.realpath(str(base)))
    except ValueError:
        own = False
    return NamedFile(path, place, own)


def beside_file(file: NamedFile, names: Iterable[str]) -> NamedFile | None:
    """The first of the files of these names that stands in the folder of `file`; None where there is none."""
    folder: Any = file.path.parent  # type: ignore[attr-defined]
    for name in names:
        path = folder / name
        if name != file.path.name and path.is_file():
            return NamedFile(path, file.place, file.own)
    return None


def size(count: int) -> str:
    """So many bytes in words: `96 bytes`, `25 MB`, `3.2 GB`."""
    if count < 10**6:
        return f"{count:,} bytes"
    if count < 10**9:
        return f"{count / 1e6:.3g} MB"
    return f"{count / 1e9:,.3g} GB" if count < 10**11 else f"{count // 10**9:,} GB" if count < 10**18 else HUGE
