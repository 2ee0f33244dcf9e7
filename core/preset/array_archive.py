"""NumPy archives (`.npz`): zip files of arrays, of which every declared size is checked before anything is read.

NumPy's own reader makes room for whatever a header declares. Here all headers come first: what they declare has to be
arrays of plain entries, each as large as its entry in the zip file says, and all together not too large.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from os import SEEK_END
from typing import IO, Any

from numpy.typing import NDArray

from .array_entries import Tell, read_array, untold
from .array_header import Header, HeaderError, read_array_header
from .named_file import LARGEST, NamedFile, size
from .schema import PresetError

MOST_DIMENSIONS = 32
ENDING = ".npy"
ENCRYPTED = 1
PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How NumPy packs."""
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


def read_archive(file: NamedFile, names: Collection[str] | None = None, tell: Tell = untold) -> dict[str, NDArray[Any]]:
    """The arrays of a NumPy archive by name: all, or those of `names` that it has.

    Raises PresetError for what is no such archive, and for arrays of anything but numbers and texts, of sizes that are
    not there, or of more than 1 GB together.
    """
    with opened(file) as archive:
        entries = entries_of(archive, file, names)
        headers = {name: read_header(archive, entry, file, name) for name, entry in entries.items()}
        whole = max(sum(header.bytes for header in headers.values()), 1)
        # As they are read, and as they are copied to where they are used.
        if 2 * whole > LARGEST:
            raise file.error(f"its arrays would need {size(2 * whole)}, the limit is {size(LARGEST)}")
        before, arrays = 0, {}
        for name, header in headers.items():
            with archive.open(entries[name]) as stream:
                read_array_header(stream)
                arrays[name] = read_array(stream, header, partial(_tell_share, tell, before, whole))
                # Only beyond the last byte is the checksum looked at.
                stream.read(1)
            before += header.bytes
        return arrays


def _tell_share(tell: Tell, before: int, whole: int, done: int) -> None:
    tell((before + done) / whole)


def read_headers(file: NamedFile, needed: Callable[[str], bool]) -> dict[str, Header]:
    """What the arrays of a NumPy archive declare, by name, in their order.

    What is no plain array is left out, or refused where it is `needed` by its name.
    """
    headers = {}
    with opened(file) as archive:
        for name, entry in entries_of(archive, file, None).items():
            try:
                headers[name] = read_header(archive, entry, file, name, records=True)
            except PresetError:
                if needed(name):
                    raise
    return headers


@contextmanager
def opened(file: NamedFile) -> Iterator[zipfile.ZipFile]:
    """The archive; raises PresetError for what is none, and for what turns out to be damaged while it is read."""
    with file.opened() as stream:
        try:
            with zipfile.ZipFile(InPortions(stream)) as archive:
                yield archive
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


def entry_of(archive: zipfile.ZipFile, file: NamedFile, name: str) -> zipfile.ZipInfo:
    """The entry of one array; raises BadZipFile where it is not there any more."""
    found = entries_of(archive, file, [name])
    if name not in found:
        raise zipfile.BadZipFile(name)
    return found[name]


def entry_name(file: NamedFile, name: str) -> str:
    return f"the entry {file.quoted(name)}" if file.own else "one of its entries"


def read_header(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: NamedFile, name: str, records: bool = False
) -> Header:
    """What an entry declares, if that is an array that fills it; one of records only where these are asked for."""
    try:
        with archive.open(entry) as stream:
            header = read_array_header(stream, records)
    except HeaderError as problem:
        raise file.error(f"{entry_name(file, name)}{problem}") from None
    held = entry.file_size - header.start
    if header.bytes != held or len(header.shape) > MOST_DIMENSIONS:
        raise file.error(f"{entry_name(file, name)} declares {size(header.bytes)} of numbers, but holds {size(held)}")
    return header


def read_array_file(file: NamedFile, tell: Tell = untold) -> NDArray[Any]:
    """The array of a `.npy` file, of numbers, texts or records; raises PresetError where it is none, or breaks off."""
    with file.opened() as stream:
        header = array_file_header(file, stream)
        try:
            return read_array(stream, header, lambda done: tell(done / max(header.bytes, 1)))
        except EOFError:
            raise file.error("breaks off within its numbers") from None


def array_file_header(file: NamedFile, stream: IO[bytes]) -> Header:
    """What a `.npy` file declares, if that is what it holds; leaves the stream at its first number."""
    held = stream.seek(0, SEEK_END)
    stream.seek(0)
    try:
        header = read_array_header(stream, records=True)
    except HeaderError as problem:
        raise file.error(f"expected a NumPy array (.npy) or archive (.npz); it{problem}".replace("it:", "it")) from None
    except struct.error:
        raise file.error("expected a NumPy array (.npy) or archive (.npz), found another kind of file") from None
    held -= header.start
    if header.bytes != held or len(header.shape) > MOST_DIMENSIONS:
        raise file.error(f"declares {size(header.bytes)} of numbers, but holds {size(max(held, 0))}")
    return header
