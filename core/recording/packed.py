"""Arrays as a recording has them: the bytes of a `.npy` file without pickles, packed by zlib.

Unpacking makes room for an array only when its header is read, and never unpacks a byte more than that declares. So
what is only claimed, or packed a thousand times over, costs nothing.
"""

import io
import struct
import zlib
from collections.abc import Callable
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.preset.array_header import LONGEST_HEADER, Header, HeaderError, read_array_header

FIRST_PIECE = 2**12
"""Bytes that are packed first, to see whether packing is of any use."""
LEAST = 2**12
"""Bytes that it takes longer to pack than it saves."""
OF_USE = 0.5
"""The share that a first piece has to become, for the rest to be packed as well: packing takes twenty times as long as
copying."""
STORED_BLOCK = 2**16 - 1
"""Bytes that a block of a zlib stream holds as they are."""
PORTION = 2**18
"""Bytes that are read or unpacked at once."""
STORED = b"\x78\x01"
"""What a zlib stream begins with: its window, no dictionary, packed with the least effort."""
KINDS = "fiub"
"""The types of numbers that are kept: floats, integers, truth values."""

Read = Callable[[int], bytes]


class PackedError(ValueError):
    """What cannot be unpacked; the message says why, in a few words."""


def pack(array: NDArray[Any]) -> bytes:
    """An array of numbers as a recording has it. Raises ValueError for an array of anything else."""
    if array.dtype.kind not in KINDS or array.dtype.itemsize > 8:
        raise ValueError(f"expected an array of numbers, found one of {array.dtype}")
    # Of an array that lies column by column the bytes are those of its transpose.
    by_columns = array.flags.f_contiguous and not array.flags.c_contiguous
    header = npy_header(array.dtype.str, array.shape, by_columns)
    return pack_bytes(header + (array.T if by_columns else array).tobytes())


@lru_cache(1024)
def npy_header(dtype: str, shape: tuple[int, ...], by_columns: bool) -> bytes:
    """What stands before the numbers in a `.npy` file of version 1.0."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": dtype, "fortran_order": by_columns, "shape": shape})
    return stream.getvalue()


def pack_bytes(content: bytes) -> bytes:
    """Bytes as a zlib stream, of which nothing is packed where that would be of no use."""
    if len(content) < LEAST:
        return stored(content)
    first = zlib.compress(content[:FIRST_PIECE], 1)
    if len(first) >= OF_USE * min(len(content), FIRST_PIECE):
        return stored(content)
    return first if len(content) <= FIRST_PIECE else zlib.compress(content, 1)


def stored(content: bytes) -> bytes:
    """A zlib stream (RFC 1950) of blocks that hold the bytes as they are (RFC 1951, 3.2.4).

    zlib makes the same at its level 0, but first makes room for packing, which takes longer than all the rest.
    """
    parts = [STORED]
    last = max(0, len(content) - 1) // STORED_BLOCK * STORED_BLOCK
    for begin in range(0, last + 1, STORED_BLOCK):
        block = content[begin : begin + STORED_BLOCK]
        parts += [struct.pack("<BHH", begin == last, len(block), len(block) ^ 0xFFFF), block]
    return b"".join([*parts, struct.pack(">I", zlib.adler32(content))])


class Unpacking:
    """A zlib stream, `length` bytes that `read` gives in portions, read as what was packed in it."""

    def __init__(self, read: Read, length: int) -> None:
        self.source, self.left = read, length
        self.zlib = zlib.decompressobj()
        self.waiting = b""

    def read(self, count: int) -> bytes:
        """The next bytes, fewer than `count` only at the end. Raises PackedError where it is damaged or breaks off."""
        parts: list[bytes] = []
        missing = count
        while missing and not self.zlib.eof:
            if not self.waiting:
                self.waiting = self.source(min(PORTION, self.left))
                self.left -= len(self.waiting)
                if not self.waiting:
                    raise PackedError("breaks off")
            try:
                part = self.zlib.decompress(self.waiting, missing)
            except zlib.error:
                raise PackedError("is damaged") from None
            self.waiting = self.zlib.unconsumed_tail
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def finish(self) -> None:
        """Raises PackedError unless all has been read: nothing more in it, its checksum right, nothing behind."""
        if self.read(1) or not self.zlib.eof or self.left or self.waiting or self.zlib.unused_data:
            raise PackedError("holds more than it declares")


def header_of(packed: Unpacking, largest: int) -> Header:
    """The header that an unpacking begins with; raises PackedError unless it is of numbers of `largest` bytes or fewer.

    Shapes have at most eight dimensions.
    """
    # Ten bytes are magic, version and length; the header itself is longer than any that NumPy writes for numbers.
    opening = packed.read(10)
    if len(opening) < 10:
        raise PackedError("is no array")
    length = struct.unpack("<H", opening[8:10])[0]
    content = opening + packed.read(min(length, LONGEST_HEADER))
    try:
        header = read_array_header(io.BytesIO(content))
    except (HeaderError, struct.error) as problem:
        raise PackedError(str(problem).lstrip(": ") if isinstance(problem, HeaderError) else "breaks off") from None
    if header.start != len(content) or header.dtype.kind not in KINDS or header.dtype.itemsize > 8:
        raise PackedError("expected an array of numbers, found another kind of array")
    if len(header.shape) > 8 or header.bytes > largest:
        raise PackedError(f"declares {prod(header.shape):,} numbers, more than are read")
    return header


def unpack(read: Read, length: int, largest: int) -> NDArray[Any]:
    """The array that was packed into `length` bytes, which `read` gives; raises PackedError where there is none.

    One of more than `largest` bytes is refused before room is made for it.
    """
    packed = Unpacking(read, length)
    header = header_of(packed, largest)
    array = np.empty(prod(header.shape), header.dtype)
    room = array.view(np.uint8)
    done = 0
    while done < header.bytes:
        portion = packed.read(min(PORTION, header.bytes - done))
        if not portion:
            raise PackedError("holds less than it declares")
        room[done : done + len(portion)] = np.frombuffer(portion, np.uint8)
        done += len(portion)
    packed.finish()
    if array.dtype.kind == "b":
        # A truth value may be any byte in a file, which NumPy would count wrong.
        array = room != 0
    try:
        return array.reshape(header.shape, order="F" if header.fortran else "C")
    except ValueError:
        raise PackedError("declares a shape that no array has") from None


def unpack_bytes(read: Read, length: int, largest: int) -> bytes:
    """What `pack_bytes` packed; raises PackedError for damage and for more than `largest` bytes."""
    packed = Unpacking(read, length)
    parts: list[bytes] = []
    done = 0
    while portion := packed.read(min(PORTION, largest + 1 - done)):
        parts.append(portion)
        done += len(portion)
        if done > largest:
            raise PackedError(f"is of more than {largest:,} bytes")
    packed.finish()
    return b"".join(parts)
