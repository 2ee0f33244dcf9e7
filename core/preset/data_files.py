"""Reading examples from files: csv, npz, MNIST's idx, and the digits that come with the program.

Every reader returns arrays with one column an example. Whatever is wrong with a file is a PresetError at `place`.
"""

import csv
import gzip
import struct
import zipfile
import zlib
from array import array
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from .schema import Place, PresetError, suggestion

Array = NDArray[np.float64]
LARGEST = 10**9
"""Bytes; what would need more is refused."""
SHIPPED = "digits-8x8-images-idx3-ubyte.gz"
"""Images that come with the program, with their labels, so that a copy of the preset that reads them works anywhere."""


def refuse_large(examples: int, values: int, place: Place, item_bytes: int = 8) -> None:
    """Raises PresetError where `examples` of `values` numbers each would need more than 1 GB."""
    needed = examples * values * item_bytes
    if needed > LARGEST:
        size = f"{examples:,} examples × {values:,} numbers would need {needed / 1e9:,.1f} GB"
        raise place.error(f"{size}, the limit is 1 GB; use fewer examples")


def _unreadable(path: Traversable, problem: Exception, place: Place) -> PresetError:
    reason = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
    return place.error(f"cannot read {path}: {reason}")


def read_csv(path: Path, targets: tuple[str, ...], place: Place) -> tuple[Array, Array, tuple[str, ...]]:
    """Inputs and the columns `targets`, each (columns, n), and the names of the input columns.

    The first line names the columns; every other field is a finite number.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream)
            header = [name.strip() for name in next(rows, [])]
            if not header:
                raise place.error(f"{path} is empty; expected a line of column names")
            if len(set(header)) != len(header):
                raise place.error(f"{path}: two columns have the same name")
            for name in targets:
                if name not in header:
                    raise place.error(f'{path} has no column "{name}"{suggestion(name, header)}')
            values = array("d")
            for row in rows:
                if row:
                    values.extend(_numbers(row, len(header), f"{path} line {rows.line_num}", place))
                    refuse_large(len(values) // len(header), len(header), place)
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise _unreadable(path, problem, place) from None
    if not values:
        raise place.error(f"{path} has no examples below its line of column names")
    columns = np.array(values).reshape(-1, len(header)).T
    names = tuple(name for name in header if name not in targets)
    if not names:
        raise place.error(f"{path}: every column is a target; expected at least one input column")
    return columns[[header.index(name) for name in names]], columns[[header.index(name) for name in targets]], names


def _numbers(row: list[str], width: int, line: str, place: Place) -> list[float]:
    if len(row) != width:
        raise place.error(f"{line}: expected {width} fields, found {len(row)}")
    try:
        return [float(entry) for entry in row]
    except ValueError as problem:
        raise place.error(f"{line}: expected numbers only, {problem}") from None


def read_archive(path: Traversable, place: Place) -> dict[str, NDArray[Any]]:
    """Every array of a NumPy archive, by name."""
    try:
        with path.open("rb") as stream, zipfile.ZipFile(stream) as archive:
            refuse_large(1, sum(entry.file_size for entry in archive.infolist()), place, item_bytes=1)
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return dict(arrays)
    except PresetError:
        raise
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError) as problem:
        raise _unreadable(path, problem, place) from None


def read_npz(path: Path, place: Place) -> tuple[Array, Array]:
    """The arrays `inputs` and `targets` of a NumPy archive, one row an example there, one column an example here."""
    arrays = read_archive(path, place)
    inputs, targets = (_rows(arrays, name, path, place) for name in ("inputs", "targets"))
    if len(inputs) != len(targets):
        raise place.error(f"{path}: {len(inputs)} rows of inputs, but {len(targets)} of targets")
    return inputs.T, targets.T


def _rows(arrays: dict[str, NDArray[Any]], name: str, path: Path, place: Place) -> Array:
    if name not in arrays:
        raise place.error(f'{path}: expected an array "{name}", found {", ".join(arrays) or "none"}')
    rows = arrays[name]
    if rows.ndim == 1:
        rows = rows[:, np.newaxis]
    if rows.ndim != 2 or rows.dtype.kind not in "fiub" or not rows.size:
        raise place.error(f"{path}: {name}: expected numbers, one row an example, found {rows.dtype} {rows.shape}")
    refuse_large(rows.shape[0], rows.shape[1], place)
    return rows.astype(np.float64)


def read_idx(path: Path, place: Place) -> tuple[Array, NDArray[np.int64], tuple[int, int]]:
    """Images / 255, (pixels, n), their labels, (n,), and the shape of an image.

    `path` is the images file, named as MNIST's are, `…images-idx3-ubyte` or `.gz`; its labels stand beside it. SHIPPED,
    where there is no such file, are those that come with the program.
    """
    name = path.name.replace("images", "labels").replace("idx3", "idx1")
    if name == path.name:
        raise place.error(f"expected an images file such as train-images-idx3-ubyte, found {path.name}")
    folder = files(__package__) if path.name == SHIPPED and not path.exists() else path.parent
    images, labels = _idx(folder / path.name, 3, place), _idx(folder / name, 1, place)
    if len(images) != len(labels):
        raise place.error(f"{path.name} has {len(images)} images, but {name} has {len(labels)} labels")
    shape = (images.shape[1], images.shape[2])
    return images.reshape(len(images), -1).T / 255.0, labels.astype(np.int64), shape


def _idx(path: Traversable, dimensions: int, place: Place) -> NDArray[np.uint8]:
    """One idx file of unsigned bytes: two zeros, the type 8, the number of dimensions, these, big-endian, the bytes."""
    try:
        with path.open("rb") as file, _unpacked(file, path.name) as stream:
            header = stream.read(4 + 4 * dimensions)
            if header[:4] != bytes([0, 0, 8, dimensions]) or len(header) < 4 + 4 * dimensions:
                raise place.error(f"{path}: expected an idx file of unsigned bytes with {dimensions} dimension(s)")
            shape = struct.unpack(f">{dimensions}I", header[4:])
            size = int(np.prod(shape, dtype=object))
            if not size:
                raise place.error(f"{path} holds no examples")
            refuse_large(shape[0], size // shape[0], place)
            content = stream.read(size)
    except (OSError, EOFError, zlib.error) as problem:
        raise _unreadable(path, problem, place) from None
    if len(content) != size:
        raise place.error(f"{path} breaks off: expected {size} bytes of data, found {len(content)}")
    return np.frombuffer(content, dtype=np.uint8).reshape(shape)


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
