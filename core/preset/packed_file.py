"""A file's bytes, unpacked where gzip has packed them: by what it begins with, not by its name."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from .named_file import LARGEST, NamedFile, size

GZIP = b"\x1f\x8b"
PORTION = 2**20
"""Bytes that are unpacked at a time."""


@contextmanager
def unpacked(file: NamedFile) -> Iterator[IO[bytes]]:
    """The bytes; raises PresetError where they cannot be read, or what is packed is damaged."""
    with file.opened() as stream:
        is_packed = stream.read(len(GZIP)) == GZIP
        stream.seek(0)
        if not is_packed:
            yield stream
            return
        try:
            with gzip.open(stream) as inner:
                yield cast(IO[bytes], inner)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise file.error("is damaged: expected a whole gzip file with the right checksum") from None


def check_unpacked(stream: IO[bytes], file: NamedFile) -> None:
    """Raises PresetError for what unpacks to more than LARGEST bytes; leaves the stream at its beginning."""
    if isinstance(stream, gzip.GzipFile):
        done = 0
        while portion := stream.read(PORTION):
            done += len(portion)
            if done > LARGEST:
                raise file.error(f"unpacks to more than {size(LARGEST)}, which is the limit")
        stream.seek(0)
