"""The entries of an array, read in portions from a stream that holds them: as they stand, or as narrower numbers.

Numbers that are wider than a run computes with are made narrow portion by portion, so that they are never there as a
whole. Where they are to be normalized, the first row is taken off before, which keeps the digits of numbers that are
large and differ by little; it is told, to be added again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from .array_header import Header

CHUNK = 2**20
"""Bytes that are read at once."""
Tell = Callable[[float], None]
"""Takes in which share, from 0 to 1, has been read."""


def untold(share: float) -> None:
    """Of interest to nobody."""


@dataclass(slots=True, eq=False)
class HowToRead:
    """`dtype`: the type that numbers are made where theirs is wider, None for none.

    `shifted`: whether the first row is taken off then; it is left in `shift`, (columns,), once the array is read.
    """

    dtype: np.dtype[Any] | None = None
    shifted: bool = False
    shift: NDArray[np.float64] | None = field(default=None)


AS_IT_STANDS = HowToRead()
PLAINLY: Mapping[str, HowToRead] = {}


def read_array(
    stream: IO[bytes], header: Header, how: HowToRead = AS_IT_STANDS, tell: Callable[[int], None] = lambda done: None
) -> NDArray[Any]:
    """The array whose entries come next; `tell` takes in how many bytes of it are there. Raises EOFError."""
    count, itemsize = prod(header.shape), header.dtype.itemsize
    array = np.empty(count, type_of(header, how))
    shift = Shift(header) if array.dtype != header.dtype and how.shifted else None
    step, done = max(CHUNK // itemsize, 1), 0
    while done < count:
        taken = min(step, count - done)
        entries = np.frombuffer(_whole(stream, taken * itemsize), header.dtype)
        with np.errstate(over="ignore"):
            array[done : done + taken] = entries if shift is None else shift.less(entries, done)
        done += taken
        tell(done * itemsize)
    if shift is not None:
        how.shift = shift.row
    return array.reshape(header.shape, order="F" if header.fortran else "C")


def type_of(header: Header, how: HowToRead) -> np.dtype[Any]:
    """The type that an array has when it is read."""
    if how.dtype is None or header.dtype.kind not in "fiu" or how.dtype.itemsize >= header.dtype.itemsize:
        return header.dtype
    # Of more axes in Fortran's order no row is together.
    return header.dtype if how.shifted and header.fortran and len(header.shape) > 2 else how.dtype


def _whole(stream: IO[bytes], count: int) -> bytes:
    """So many bytes; raises EOFError where there are fewer."""
    portions = bytearray()
    while len(portions) < count:
        portion = stream.read(count - len(portions))
        if not portion:
            raise EOFError
        portions += portion
    return bytes(portions)


class Shift:
    """Takes the first row off entries in the order in which they come; `row` is that, (columns,)."""

    def __init__(self, header: Header) -> None:
        self.rows, self.columns = header.shape[0], prod(header.shape[1:])
        self.fortran = header.fortran
        self.row = np.zeros(self.columns)

    def less(self, entries: NDArray[Any], begin: int) -> NDArray[np.float64]:
        """The entries, of which the first is number `begin` of the array, less the first of their columns."""
        places = np.arange(begin, begin + len(entries))
        columns, rows = (
            (places // self.rows, places % self.rows)
            if self.fortran
            else (
                places % self.columns,
                places // self.columns,
            )
        )
        values = entries.astype(np.float64)
        first = rows == 0
        self.row[columns[first]] = np.where(np.isfinite(values[first]), values[first], 0.0)
        shifted: NDArray[np.float64] = values - self.row[columns]
        return shifted
