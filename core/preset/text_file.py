"""A file of text, whatever its encoding: found out from its bytes, all of them, before the first line is read."""

import codecs
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import SEEK_END, TextIOWrapper
from typing import IO

from .named_file import NamedFile
from .packed_file import check_unpacked, unpacked

PORTION = 2**20
"""Bytes that are looked at at a time."""
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
NO_TEXT = (
    (b"PK\x03\x04", "a workbook or a zip archive; save the sheet as csv, or unpack the archive"),
    (b"\xd0\xcf\x11\xe0", "a workbook of an old Excel; save the sheet as csv"),
    (b"PAR1", "a Parquet file; save it as csv"),
    (b"\x89HDF", "an HDF5 file; save the table as csv, or its arrays as npz"),
    (b"\x93NUMPY", 'a NumPy array; use kind = "npz"'),
    (b"SQLite format 3", "an SQLite database; save the table as csv"),
    (b"%PDF", "a PDF; save the table as csv"),
)
"""How files begin that people take for tables of text."""
LATIN = "cp1252"
"""What Windows calls Latin-1: the same letters, and more signs."""


@contextmanager
def opened_text(file: NamedFile) -> Iterator[tuple[TextIOWrapper, str, Callable[[], float]]]:
    """The file's text, its line ends untouched, its encoding, and what gives the share of it that has been read.

    Raises PresetError where it is no text.
    """
    with unpacked(file) as stream:
        check_unpacked(stream, file)
        encoding = _encoding(stream, file)
        whole = stream.seek(0, SEEK_END) or 1
        stream.seek(0)
        with TextIOWrapper(stream, encoding=encoding, newline="") as text:
            try:
                yield text, encoding, lambda: stream.tell() / whole
            except UnicodeError:
                raise file.error(f"expected text in {encoding.upper()}, found other bytes") from None


def _encoding(stream: IO[bytes], file: NamedFile) -> str:
    """By the mark at its beginning, by the zeros of UTF-16; else UTF-8 where all bytes are, else Latin-1."""
    start = stream.read(4096)
    for beginning, found in NO_TEXT:
        if start.startswith(beginning):
            raise file.error(f"expected a table of text, found {found}")
    if start.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise file.error("expected a table of text, found a web page; download the file itself")
    for mark, encoding in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            return encoding
    if start.count(0):
        return _wide(start, file)
    return _narrow(stream, start, file)


def _wide(start: bytes, file: NamedFile) -> str:
    """UTF-16 without a mark, whose bytes for plain letters have a zero beside them, always on the same side."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if min(even, odd) * 20 < max(even, odd) and max(even, odd) * 4 > len(start):
        return "utf-16-le" if odd > even else "utf-16-be"
    raise file.error("expected a table of text, found other bytes (zeros)")


def _narrow(stream: IO[bytes], portion: bytes, file: NamedFile) -> str:
    decoders = {name: codecs.getincrementaldecoder(name)() for name in ("utf-8", LATIN)}
    while portion:
        if 0 in portion:
            raise file.error("expected a table of text, found other bytes (zeros)")
        for name, decoder in [*decoders.items()]:
            try:
                decoder.decode(portion)
            except UnicodeDecodeError:
                del decoders[name]
        if not decoders:
            raise file.error("expected text in UTF-8 or Latin-1, found other bytes")
        portion = stream.read(PORTION)
    if "utf-8" in decoders:
        try:
            decoders["utf-8"].decode(b"", final=True)
        except UnicodeDecodeError:
            del decoders["utf-8"]
    if not decoders:
        raise file.error("expected text in UTF-8 or Latin-1, found other bytes")
    return "utf-8" if "utf-8" in decoders else LATIN
