"""New rows for a trained network: its inputs from a file of any kind, as its training part has them.

A table of text is read with the categories and medians that the training part has settled; columns of targets that are
in it too, or others, are left out and told.
"""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

from .array_archive import read_archive, read_array_file, read_headers
from .array_files import as_rows
from .array_names import reading
from .data_table import DataPreset
from .datasets import DEFAULT_FEATURES, Dataset
from .examples import BYTE, Examples
from .idx_files import read_images
from .input_reader import InputColumn, InputReader
from .named_file import NamedFile
from .packed_file import GZIP
from .schema import PresetError

Array = NDArray[np.float64]
ZIP, ARRAY, IDX = b"PK\x03\x04", b"\x93NUMPY", b"\x00\x00"
MOST_TOLD = 12
"""Columns that a note lists."""
PIXELS = ("digits", "idx")
"""Kinds of data whose pixels are bytes, divided by 255."""


@dataclass(frozen=True, slots=True, eq=False)
class NewRows:
    """`raw` inputs, (raw inputs, n), which `Dataset.encode` makes what the network reads; `notes` are to be told."""

    raw: Array
    notes: tuple[str, ...] = ()


def read_inputs(file: NamedFile, dataset: Dataset) -> NewRows:
    """The rows of a file. Raises PresetError where they cannot be read, or are not what the network takes."""
    with file.opened() as stream:
        beginning = stream.read(len(ARRAY))
    notes: tuple[str, ...] = ()
    if beginning.startswith(ZIP):
        array, notes = of_archive(file)
    elif beginning == ARRAY:
        array = read_array_file(file)
    elif beginning.startswith((IDX, GZIP)):
        array = read_images(file)
    else:
        raw, unused, filled = of_table(file, dataset)
        more = f" and {len(unused) - MOST_TOLD} more" if len(unused) > MOST_TOLD else ""
        notes = (f"not used: {', '.join(unused[:MOST_TOLD])}{more}",) if unused else ()
        return NewRows(checked(raw, dataset, file), (*notes, *filled))
    return NewRows(checked(of_array(array, dataset, file), dataset, file), notes)


def of_table(file: NamedFile, dataset: Dataset) -> tuple[Array, tuple[str, ...], list[str]]:
    """Raw inputs of a table of text, the columns that are not used, and what was filled in.

    Of a set that was no table the columns are the raw inputs, by their names or, where those are others, in order.
    """
    if dataset.reader is not None:
        return dataset.reader.read(file)
    names = raw_names(dataset)
    columns = tuple(InputColumn(number, name) for number, name in enumerate(names, 1))
    by_name = InputReader(columns, DataPreset(kind="csv"), ".", named=True, file_width=len(names))
    try:
        return by_name.read(file)
    except PresetError as problem:
        with suppress(PresetError):
            return replace(by_name, named=False).read(file)
        raise problem from None


def raw_names(dataset: Dataset) -> tuple[str, ...]:
    """What the raw inputs are called; features that are computed of them are not asked for."""
    count = raw_inputs(dataset)
    if len(dataset.feature_names) == count and dataset.features == DEFAULT_FEATURES:
        return dataset.feature_names
    return tuple(f"x{number}" for number in range(1, count + 1))


def raw_inputs(dataset: Dataset) -> int:
    """How many numbers an example has before features are computed of it."""
    return 2 if dataset.points is not None else len(dataset.inputs)


def of_archive(file: NamedFile) -> tuple[NDArray[Any], tuple[str, ...]]:
    """The one array of inputs of an archive, and what is said of the others."""
    headers = read_headers(file, lambda name: False)
    names = [name for name, header in headers.items() if header.shape]
    inputs = [name for name in names if (found := reading(name)) is not None and found.role == "inputs"]
    if len(names) == 1:
        inputs = names
    if len(inputs) != 1:
        told = ", ".join(inputs or names) or "none" if file.own else f"{len(inputs or names)}"
        raise file.error(f"expected one array of inputs, called X or inputs, found {told}")
    others = [name for name in names if name not in inputs]
    told = f"not used: {', '.join(others)}" if file.own else f"arrays that are not used: {len(others)}"
    return read_archive(file, inputs)[inputs[0]], (told,) if others else ()


def of_array(array: NDArray[Any], dataset: Dataset, file: NamedFile) -> Array:
    """Raw inputs, (raw inputs, n), of an array with one row an example, such as images."""
    if array.ndim == 1 and raw_inputs(dataset) != 1:
        raise file.error(f"expected one row an example, found an array of {array.dtype} {array.shape}")
    examples = as_rows(Examples(array, np.zeros(max(len(array), 1))), {"inputs": "the inputs", "targets": ""}, file)
    raw = np.asarray(examples.inputs).T.astype(np.float64)
    divided = array.dtype.kind in "iu" and (dataset.kind in PIXELS or dataset.divisor != 1)
    return raw / BYTE if divided else raw


def checked(raw: Array, dataset: Dataset, file: NamedFile) -> Array:
    """The same; raises PresetError where there are no rows, too few or too many numbers in them, or one is none."""
    wanted = raw_inputs(dataset)
    if len(raw) != wanted:
        raise file.error(f"expected {wanted:,} inputs a row, as this network has, found {len(raw):,}")
    if not raw.shape[1]:
        raise file.error("holds no rows")
    finite = np.isfinite(raw)
    if not finite.all():
        column, row = np.argwhere(~finite)[0]
        raise file.error(f"row {row + 1:,}, input {column + 1:,}: expected a finite number, found {raw[column, row]:g}")
    return raw
