"""Reading examples from files: csv, npz, MNIST's idx, and the digits that come with the program.

Every reader returns arrays with one column an example. Whatever is wrong with a file is a PresetError at its place.
"""

import csv
import gzip
import struct
import zlib
from array import array
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from io import TextIOWrapper
from math import prod
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from .array_archive import CHUNK, read_archive
from .named_file import LARGEST, NamedFile
from .schema import Place, suggestion

Array = NDArray[np.float64]
COPIES = 2
"""Examples are there twice: as they were read and as they are split, then as they are split and as they are laid."""
LONGEST_RECORD = 10**7
"""Characters of a line of a csv file with all that is in quotes."""
SHIPPED = "digits-8x8-images-idx3-ubyte.gz"
"""Images that come with the program, with their labels, so that a copy of the preset that reads them works anywhere."""


def refuse_large(examples: int, values: int, place: Place, copies: int = COPIES) -> None:
    """Raises PresetError where `examples` of `values` numbers each would need more than 1 GB."""
    needed = examples * values * 8 * copies
    if needed > LARGEST:
        size = f"{examples:,} examples × {values:,} numbers would need {needed / 1e9:,.1f} GB"
        raise place.error(f"{size}, the limit is 1 GB; use fewer examples")


class Lines:
    """The lines of a text; raises csv.Error where more than LONGEST_RECORD characters are taken for one record."""

    def __init__(self, text: TextIOWrapper) -> None:
        self.text = text
        self.taken = 0

    def __iter__(self) -> Iterator[str]:
        while line := self.text.readline(LONGEST_RECORD + 1):
            self.taken += len(line)
            if self.taken > LONGEST_RECORD:
                raise csv.Error
            yield line

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """The records of these lines as csv, each with the number of its last line; empty ones are left out."""
        rows = csv.reader(self, strict=True)
        for row in rows:
            self.taken = 0
            if row:
                yield rows.line_num, row


def read_csv(file: NamedFile, targets: tuple[str, ...]) -> tuple[Array, Array, tuple[str, ...]]:
    """Inputs and the columns `targets`, each (columns, n), and the names of the input columns.

    The first line names the columns; every other field is a finite number.
    """
    values = array("d")
    with file.opened() as stream, TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        records = Lines(text).records()
        try:
            header = _header(next(records, (1, []))[1], targets, file)
            for line, row in records:
                values.extend(_numbers(row, header, line, file))
                refuse_large(len(values) // len(header), len(header), file.place)
        except UnicodeDecodeError:
            raise file.error("expected text in UTF-8, found other bytes") from None
        except csv.Error:
            raise file.error("expected fields in lines; a quote does not end, or a line is very long") from None
    if not values:
        raise file.error("has no examples below its line of column names")
    columns = np.frombuffer(values).reshape(-1, len(header)).T
    names = tuple(name for name in header if name not in targets)
    return columns[[header.index(name) for name in names]], columns[[header.index(name) for name in targets]], names


def _header(fields: list[str], targets: tuple[str, ...], file: NamedFile) -> list[str]:
    """The names of the columns, among them all targets and at least one other."""
    header = [name.strip() for name in fields]
    if not header:
        raise file.error("is empty; expected a line of column names")
    if len(set(header)) != len(header):
        raise file.error("two columns have the same name")
    for name in targets:
        if name not in header:
            raise file.error(f'has no column "{name}"' + (suggestion(name, header) if file.own else ""))
    if set(header) == set(targets):
        raise file.error("every column is a target; expected at least one input column")
    return header


def _numbers(row: list[str], header: list[str], line: int, file: NamedFile) -> list[float]:
    if len(row) != len(header):
        raise file.error(f"line {line}: expected {len(header)} fields, found {len(row)}")
    try:
        return [float(entry) for entry in row]
    except ValueError:
        column = next(number for number, entry in enumerate(row, 1) if not _is_number(entry))
        found = f", found {file.quoted(row[column - 1])}" if file.own else ""
        raise file.error(f"line {line}, column {column}: expected a number{found}") from None


def _is_number(entry: str) -> bool:
    try:
        float(entry)
    except ValueError:
        return False
    return True


def read_npz(file: NamedFile) -> tuple[Array, Array]:
    """The arrays `inputs` and `targets` of a NumPy archive, one row an example there, one column an example here."""
    arrays = read_archive(file, ("inputs", "targets"))
    inputs, targets = (_rows(arrays, name, file) for name in ("inputs", "targets"))
    if len(inputs) != len(targets):
        raise file.error(f"{len(inputs)} rows of inputs, but {len(targets)} of targets")
    refuse_large(len(inputs), inputs.shape[1] + targets.shape[1], file.place)
    return inputs.astype(np.float64).T, targets.astype(np.float64).T


def _rows(arrays: dict[str, NDArray[Any]], name: str, file: NamedFile) -> NDArray[Any]:
    if name not in arrays:
        raise file.error(f'expected an array "{name}", found {", ".join(arrays) or "none"}')
    rows = arrays[name]
    if rows.ndim == 1:
        rows = rows[:, np.newaxis]
    if rows.ndim != 2 or rows.dtype.kind not in "fiub" or not rows.size:
        raise file.error(f"{name}: expected numbers, one row an example, found {rows.dtype} {rows.shape}")
    return rows


def read_idx(file: NamedFile) -> tuple[Array, NDArray[np.int64], tuple[int, int]]:
    """Images / 255, (pixels, n), their labels, (n,), and the shape of an image.

    `file` is the images file, named as MNIST's are, `…images-idx3-ubyte` or `.gz`; its labels stand beside it. SHIPPED,
    where there is no such file, are those that come with the program.
    """
    path: Any = file.path
    name = path.name.replace("images", "labels").replace("idx3", "idx1")
    if name == path.name:
        raise file.place.error(f"expected an images file such as train-images-idx3-ubyte, found {path.name}")
    folder = files(__package__) if path.name == SHIPPED and not path.is_file() else path.parent
    images = _idx(NamedFile(folder / path.name, file.place), 3)
    labels = _idx(NamedFile(folder / name, file.place), 1)
    if len(images) != len(labels):
        raise file.place.error(f"{path.name} has {len(images)} images, but {name} has {len(labels)} labels")
    shape = (images.shape[1], images.shape[2])
    return images.reshape(len(images), -1).T / 255.0, labels.astype(np.int64), shape


def _idx(file: NamedFile, dimensions: int) -> NDArray[np.uint8]:
    """One idx file of unsigned bytes: two zeros, the type 8, the number of dimensions, these, big-endian, the bytes."""
    with file.opened() as packed:
        try:
            with _unpacked(packed, file.path.name) as stream:
                header = stream.read(4 + 4 * dimensions)
                if header[:4] != bytes([0, 0, 8, dimensions]) or len(header) < 4 + 4 * dimensions:
                    raise file.error(f"expected an idx file of unsigned bytes with {dimensions} dimension(s)")
                shape = struct.unpack(f">{dimensions}I", header[4:])
                size = prod(shape)
                if not size:
                    raise file.error("holds no examples")
                refuse_large(shape[0], size // shape[0], file.place)
                return _bytes(stream, size, file).reshape(shape)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise file.error("is damaged: expected a whole gzip file with the right checksum") from None


def _bytes(stream: IO[bytes], size: int, file: NamedFile) -> NDArray[np.uint8]:
    """So many bytes, which are the rest of the stream; read in portions, so that they take no room before they come."""
    content, done = np.empty(size, np.uint8), 0
    while portion := stream.read(CHUNK):
        if done + len(portion) > size:
            raise file.error(f"expected {size:,} bytes of data, found more")
        content[done : done + len(portion)] = np.frombuffer(portion, np.uint8)
        done += len(portion)
    if done < size:
        raise file.error(f"breaks off: expected {size:,} bytes of data, found {done:,}")
    return content


def _unpacked(file: IO[bytes], name: str) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(file)) if name.endswith(".gz") else file


@cache
def read_digits() -> tuple[NDArray[np.uint8], NDArray[np.int64], int]:
    """The 2,000 training and then 500 test digits as bytes, (2500, 784), their labels, and the number of the former."""
    with (
        (files(__package__) / "digits.npz").open("rb") as stream,
        np.load(stream, allow_pickle=False) as arrays,
    ):
        train, test = arrays["x_train"], arrays["x_test"]
        labels = np.concatenate([arrays["y_train"], arrays["y_test"]]).astype(np.int64)
    return np.concatenate([train, test]).reshape(len(labels), -1), labels, len(train)
