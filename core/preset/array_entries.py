"""The entries of an array, read in portions from a stream that holds them."""

from collections.abc import Callable
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


def read_array(stream: IO[bytes], header: Header, tell: Callable[[int], None] = lambda done: None) -> NDArray[Any]:
    """The array whose entries come next; `tell` takes in how many bytes of it are there. Raises EOFError."""
    array = np.empty(prod(header.shape), header.dtype)
    room, done = array.view(np.uint8), 0
    while done < header.bytes:
        portion = stream.read(min(CHUNK, header.bytes - done))
        if not portion:
            raise EOFError
        room[done : done + len(portion)] = np.frombuffer(portion, np.uint8)
        done += len(portion)
        tell(done)
    return array.reshape(header.shape, order="F" if header.fortran else "C")


def read_entries(stream: IO[bytes], count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """So many entries, which come next, (count,). Raises EOFError where there are fewer."""
    wanted = count * dtype.itemsize
    portions = bytearray()
    while len(portions) < wanted:
        portion = stream.read(wanted - len(portions))
        if not portion:
            raise EOFError
        portions += portion
    return np.frombuffer(portions, dtype)
