"""Rows of a large array that stay in their file: read in portions, one after the other, as often as they are needed.

So that a data set takes no more memory than the examples that are laid of it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import prod
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from .array_archive import array_file_header, entry_of, opened
from .array_entries import CHUNK, Tell, read_entries, untold
from .array_header import Header, read_array_header
from .named_file import NamedFile

READINGS = 3
"""How often rows are read: for their statistics, and for each part."""
LARGE = 2**23
"""Bytes from which an array stays in its file."""


@dataclass(frozen=True, eq=False)
class StoredRows:
    """The array called `name` in an archive, or that of a `.npy` file where it is "", as rows (n, features).

    The axes of an example are flattened in the order `axes`, counted from 0; `kept` are the columns that are left then.
    """

    file: NamedFile
    name: str
    header: Header
    tell: Tell = untold
    axes: tuple[int, ...] | None = None
    kept: slice | Sequence[int] = field(default_factory=lambda: slice(None))
    told: list[int] = field(default_factory=lambda: [0])
    """How many rows have been read until now, over all readings."""

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.header.dtype

    @property
    def ndim(self) -> int:
        return len(self.header.shape) if self.axes is None else 2

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the array in the file, or (n, features) once it is flattened."""
        if self.axes is None:
            return self.header.shape
        return self.header.shape[0], len(np.arange(prod(self.header.shape[1:]))[self.kept])

    @property
    def size(self) -> int:
        return prod(self.shape)

    def __len__(self) -> int:
        return self.header.shape[0]

    def flattened(self, axes: tuple[int, ...]) -> "StoredRows":
        """The same with the axes of an example in this order, as one."""
        return replace(self, axes=axes)

    def columns(self, kept: slice | Sequence[int]) -> "StoredRows":
        """Some columns of the flattened rows."""
        return replace(self.flattened(tuple(range(len(self.header.shape) - 1))), kept=kept)

    def portions(self) -> Iterator[tuple[int, NDArray[Any]]]:
        """All rows, (k, features) at a time, each with the number of its first, from 0.

        Raises PresetError where the file breaks off, or is not what it was.
        """
        shape, count = self.header.shape[1:], max(CHUNK // max(self.header.bytes // len(self), 1), 1)
        axes = self.axes if self.axes is not None else tuple(range(len(shape)))
        with self.stream() as stream:
            for begin in range(0, len(self), count):
                taken = min(count, len(self) - begin)
                block = read_entries(stream, taken * prod(shape), self.dtype).reshape(taken, *shape)
                self.told[0] += taken
                self.tell(min(self.told[0] / (READINGS * len(self)), 1.0))
                yield begin, block.transpose(0, *(1 + axis for axis in axes)).reshape(taken, -1)[:, self.kept]
            # Only beyond the last byte is the checksum looked at.
            stream.read(1)

    @contextmanager
    def stream(self) -> Iterator[IO[bytes]]:
        """The file at the array's first entry."""
        if not self.name:
            with self.file.opened() as stream:
                array_file_header(self.file, stream)
                try:
                    yield stream
                except EOFError:
                    raise self.file.error("breaks off within its numbers") from None
            return
        with opened(self.file) as archive, archive.open(entry_of(archive, self.file, self.name)) as stream:
            read_array_header(stream)
            yield stream

    def first(self, count: int) -> NDArray[Any]:
        """As many of the first rows as come at once, at most `count`."""
        for _, block in self.portions():
            return block[:count]
        raise EOFError

    def whole(self) -> NDArray[Any]:
        """All rows, (n, features)."""
        array = np.empty((len(self), self.shape[1]), self.dtype)
        for begin, block in self.portions():
            array[begin : begin + len(block)] = block
        return array


def stays(header: Header) -> bool:
    """Whether an array of that header is left in its file: large, of numbers, and row after row."""
    return header.bytes >= LARGE and header.dtype.kind in "fiub" and len(header.shape) > 1 and not header.fortran
