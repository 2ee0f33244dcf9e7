"""Which files may be read: all that are named, or, where the person in front is a stranger to this machine, no others
than those that were read before.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FilesRead:
    """The real paths of the files that were read. While it `is_shut` no other may be."""

    def __init__(self) -> None:
        self.paths: set[str] = set()
        self.is_shut = False

    def shut(self) -> None:
        """From now on no file may be read that was not read before."""
        self.is_shut = True

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Whatever is read meanwhile may be read again."""
        before, self.is_shut = self.is_shut, False
        try:
            yield
        finally:
            self.is_shut = before

    def lets(self, path: Path) -> bool:
        """Whether a file may be read."""
        real = os.path.realpath(path)
        if not self.is_shut:
            self.paths.add(real)
        return real in self.paths


FILES_READ = FilesRead()
"""Of this process."""
