"""NumPy archives (`.npz`): zip files of arrays, of which every declared size is checked before anything is read.

NumPy's own reader makes room for whatever a header declares. Here all headers come first: what they declare has to be
arrays of plain entries, each as large as its entry in the zip file says, and all together not too large.
"""

import struct
import zipfile
import zlib
from collections.abc import Collection
from math import prod
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from .array_header import Header, HeaderError, read_array_header
from .named_file import LARGEST, NamedFile, size
from .schema import PresetError

MOST_DIMENSIONS = 32
ENDING = ".npy"
ENCRYPTED = 1
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How NumPy packs."""
CHUNK = 2**20
"""Bytes that are read at once."""
LARGEST_DIRECTORY = 2**22
"""Bytes of a zip file's directory: some tens of thousands of entries, each of which takes some hundreds more here."""
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
"""What reading a zip file raises where it is none, is damaged, or is packed as no NumPy packs."""


class InPortions:
    """A stream that refuses to be read in larger portions than a zip file of arrays takes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, count: int = -1) -> bytes:
        content = self.stream.read(LARGEST_DIRECTORY + 1 if count < 0 else min(count, LARGEST_DIRECTORY + 1))
        if len(content) > LARGEST_DIRECTORY:
            raise zipfile.BadZipFile("too many entries")
        return content


def read_archive(file: NamedFile, names: Collection[str] | None = None) -> dict[str, NDArray[Any]]:
    """The arrays of a NumPy archive by name: all, or those of `names` that it has.

    Raises PresetError for what is no such archive, and for arrays of anything but numbers and texts, of sizes that are
    not there, or of more than 1 GB together.
    """
    with file.opened() as stream:
        try:
            with zipfile.ZipFile(InPortions(stream)) as archive:
                entries = entries_of(archive, file, names)
                headers = {name: read_header(archive, entry, file, name) for name, entry in entries.items()}
                # As they are read, and as they are copied to where they are used.
                needed = 2 * sum(header.bytes for header in headers.values())
                if needed > LARGEST:
                    raise file.error(f"its arrays would need {size(needed)}, the limit is {size(LARGEST)}")
                return {name: read_array(archive, entries[name], header) for name, header in headers.items()}
        except PresetError:
            raise
        except BROKEN:
            raise file.error("expected a NumPy archive (.npz), found a damaged or another kind of file") from None


def entries_of(archive: zipfile.ZipFile, file: NamedFile, names: Collection[str] | None) -> dict[str, zipfile.ZipInfo]:
    """The entries of the arrays that are wanted, by name."""
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        name = entry.filename.removesuffix(ENDING)
        if names is not None and name not in names:
            continue
        if name in entries:
            raise file.error(f"expected arrays of different names, found two called the same {file.quoted(name)}")
        if entry.flag_bits & ENCRYPTED or entry.compress_type not in PACKED:
            raise file.error(f"{entry_name(file, name)} is encrypted, or packed in a way that NumPy does not")
        entries[name] = entry
    return entries


def entry_name(file: NamedFile, name: str) -> str:
    return f"the entry {file.quoted(name)}" if file.own else "one of its entries"


def read_header(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: NamedFile, name: str) -> Header:
    """What an entry declares, if that is an array that fills it."""
    try:
        with archive.open(entry) as stream:
            header = read_array_header(stream)
    except HeaderError as problem:
        raise file.error(f"{entry_name(file, name)}{problem}") from None
    held = entry.file_size - header.start
    if header.bytes != held or len(header.shape) > MOST_DIMENSIONS:
        raise file.error(f"{entry_name(file, name)} declares {size(header.bytes)} of numbers, but holds {size(held)}")
    return header


def read_array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, header: Header) -> NDArray[Any]:
    """The array of an entry, read in portions; raises EOFError where it breaks off, BadZipFile for a wrong checksum."""
    array = np.empty(prod(header.shape), header.dtype)
    room = array.view(np.uint8)
    with archive.open(entry) as stream:
        stream.read(header.start)
        done = 0
        while done < header.bytes:
            portion = stream.read(min(CHUNK, header.bytes - done))
            if not portion:
                raise EOFError
            room[done : done + len(portion)] = np.frombuffer(portion, np.uint8)
            done += len(portion)
        # Only beyond the last byte is the checksum looked at.
        stream.read(1)
    return array.reshape(header.shape, order="F" if header.fortran else "C")
