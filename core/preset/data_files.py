"""Reading examples from csv files, and the digits that come with the program.

Every reader returns arrays with one column an example. Whatever is wrong with a file is a PresetError at its place.
"""

import csv
from array import array
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from io import TextIOWrapper

import numpy as np
from numpy.typing import NDArray

from .examples import refuse_large
from .named_file import NamedFile
from .schema import suggestion

Array = NDArray[np.float64]
LONGEST_RECORD = 10**7
"""Characters of a line of a csv file with all that is in quotes."""


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
                refuse_large(len(values) // len(header), len(header), file.place, held=8 * len(values))
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
