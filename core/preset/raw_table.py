"""The examples of a table before they are split, and how both parts become arrays, by the training part alone."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

from .array_entries import Tell, untold
from .classes import Classes, classes_of, encoded, of_words, placed, quoted
from .data_table import DataPreset
from .input_reader import REMEDIES, InputColumn, InputReader, filled_cells, missing_error, reader_of, unknown_words
from .named_file import NamedFile
from .readers import Names
from .schema import Place, PresetError
from .table import Table, TableColumn
from .table_file import FoundTable, read_table

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
TRUTH_NAMES = ("false", "true")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some examples of a table: `rows` of it, with their input columns and their target columns."""

    table: Table
    inputs: Sequence[TableColumn]
    targets: Sequence[TableColumn]
    rows: Indices


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """Both parts as arrays, one column an example, and what they are called. `classes`: whether targets are classes."""

    inputs: Array
    targets: Array
    test_inputs: Array
    test_targets: Array
    classes: bool
    feature_names: Names
    class_names: Names
    target_names: Names
    notes: Names
    reader: InputReader


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """What was read, before it is split: `part` are the examples, without rows that `missing` leaves out.

    `test` is the file of the test part, where it is one of its own.
    """

    found: FoundTable
    part: Part
    data: DataPreset
    place: Place
    notes: Names
    test: NamedFile | None = None
    default_ratio: float = 0.8

    @property
    def size(self) -> int:
        """The number of examples that are to be split."""
        return len(self.part.rows)

    @property
    def train(self) -> int | None:
        """The number of leading examples that are the training part; None where it is to be drawn."""
        return self.size if self.test is not None else None

    def encoded(self, training: Indices, test: Indices, outputs: int, activation: str) -> Encoded:
        """The arrays of both parts, these examples counted from 0, for a last layer of so many `outputs`.

        Raises PresetError for whatever does not fit the outputs, or stands in the test part's file alone.
        """
        part = self.part
        reader = reader_of(self.found, part.rows[training], self.data)
        filled = filled_cells(reader, part.inputs, part.rows, part.table.file)
        notes = [*self.notes, *_categories(reader, part), *filled]
        other = Part(part.table, part.inputs, part.targets, part.rows[test])
        if self.test is not None:
            other = self._test_part(reader, notes)
        known = Part(part.table, part.inputs, part.targets, part.rows[training])
        targets, test_targets, names, are_classes = self._targets(known, other, outputs, activation)
        if are_classes:
            notes.append(_told_classes(part, names))
        notes += unknown_words(reader, other.inputs, other.rows, other.table.file)
        parts = [(part.table, part.inputs, part.rows) for part in (known, other)]
        inputs, test_inputs = reader.encode_parts(parts, strict=False)
        named = () if are_classes else tuple(column.name for column in self.found.targets)
        return Encoded(
            inputs,
            targets,
            test_inputs,
            test_targets,
            are_classes,
            reader.feature_names,
            names,
            named,
            tuple(notes),
            reader,
        )

    def _test_part(self, reader: InputReader, notes: list[str]) -> Part:
        assert self.test is not None
        targets = [InputColumn(column.number, column.name) for column in self.found.targets]
        table = reader.table(self.test, targets)
        inputs, last = table.columns[: len(reader.columns)], table.columns[len(reader.columns) :]
        return _complete(table, inputs, last, self.data.missing, notes, "test part: ")

    def _targets(self, known: Part, other: Part, outputs: int, activation: str) -> tuple[Array, Array, Names, bool]:
        """The targets of both parts, (outputs, n), the names of the classes, and whether they are such."""
        if len(known.targets) > 1:
            names = tuple(column.name or f"y{place}" for place, column in enumerate(known.targets, 1))
            return self._columns(known), self._columns(other), names, False
        try:
            return self._one_column(known, other, outputs, activation)
        except PresetError:
            if known.table.file.own:
                raise
            # What is in the file may not be told.
            raise (self.place / "targets").error(
                f"{known.table.file.path}: the target column does not fit the last layer of {outputs} unit(s)"
            ) from None

    def _one_column(self, known: Part, other: Part, outputs: int, activation: str) -> tuple[Array, Array, Names, bool]:
        place, wanted, signed = self.place / "targets", self.data.classes, activation == "tanh"
        whole, (column,) = self.part, known.targets
        classes = _classes(column, whole.rows, wanted, outputs, activation, place)
        if classes is None:
            if outputs > 1:
                found = f"{column.called(known.table.file)} has numbers such as {_values(column)[whole.rows[0]]:g}"
                hint = "" if column.name else "; targets = [1] takes the first column"
                raise place.error(
                    f"expected classes, since the last layer has {outputs} units, but {found}; give it units = 1, or "
                    f"say classes = true{hint}"
                )
            return self._columns(known), self._columns(other), (), False
        if self.test is None:
            in_part = np.zeros(len(column.missing()), dtype=np.int64)
            in_part[whole.rows] = classes.numbers
            one, two = (Classes(classes.names, in_part[part.rows]) for part in (known, other))
        else:
            settled = _classes(column, known.rows, wanted, outputs, activation, place)
            one = settled if settled is not None else classes
            two = _placed(other, one.names, place)
        targets = encoded(one, outputs, signed, place)
        return targets, encoded(two, outputs, signed, place), one.names, True

    def _columns(self, part: Part) -> Array:
        """Targets that are numbers, (columns, n)."""
        rows = np.empty((len(part.targets), len(part.rows)))
        for place, column in enumerate(part.targets):
            if column.values is None:
                raise part.table.file.error(
                    f"{column.called(part.table.file)}: expected a target of numbers, found words; words are classes "
                    "where one column is the target"
                )
            rows[place] = column.values[part.rows]
        return rows


def raw_table(
    file: NamedFile, data: DataPreset, place: Place, test: NamedFile | None = None, tell: Tell = untold
) -> RawTable:
    """The examples of a file, and of that of its test part; `place` is that of `[data]`.

    `tell` takes in which share of the file has been read.

    Raises PresetError where they cannot be read, or a cell is missing and `data` does not say what then.
    """
    found = read_table(file, data, tell)
    if isinstance(data.classes, tuple) and len(found.targets) > 1:
        raise (place / "classes").error(f"expected one target column for classes, found {len(found.targets)}")
    notes: list[str] = []
    part = _complete(found.table, found.inputs, found.targets, data.missing, notes)
    return RawTable(found, part, data, place, (*found.notes, *notes), test)


def _complete(
    table: Table,
    inputs: Sequence[TableColumn],
    targets: Sequence[TableColumn],
    missing: str,
    notes: list[str],
    which: str = "",
) -> Part:
    """The rows of a table without those that `missing` leaves out, which is told; raises PresetError for "refuse"."""
    everything = [*inputs, *targets] if missing != "median" else targets
    gaps = np.zeros(table.rows, dtype=bool)
    for column in everything:
        gaps |= column.missing()
    if missing == "refuse" and gaps.any():
        row = int(gaps.argmax())
        first = min((column for column in everything if column.missing()[row]), key=lambda column: column.number)
        more = sum(int(column.missing().sum()) for column in everything) - 1
        raise missing_error(table, first, row, more, "the table")
    rows = np.flatnonzero(~gaps)
    if not len(rows):
        raise table.file.error(f"no row has a value in every column; {REMEDIES}")
    if gaps.any():
        what = "without a target" if missing == "median" else "with missing cells"
        notes.append(f"{which}{int(gaps.sum()):,} of {table.rows:,} rows {what} are left out")
    return Part(table, inputs, targets, rows)


# Classes


def _classes(
    column: TableColumn, rows: Indices, wanted: bool | Names | None, outputs: int, activation: str, place: Place
) -> Classes | None:
    """The classes of these rows of a target column; None where they are numbers."""
    if column.truth:
        assert column.values is not None
        if wanted is False:
            return None
        names: Names = TRUTH_NAMES
        if isinstance(wanted, tuple) and sorted(name.lower() for name in wanted) == [*TRUTH_NAMES]:
            names = tuple(wanted)
        numbers = np.array([[name.lower() for name in names].index(name) for name in TRUTH_NAMES])
        return Classes(names, numbers[column.values[rows].astype(np.int64)])
    if column.values is not None:
        return classes_of(column.values[rows], wanted, outputs, activation, place)
    assert column.codes is not None
    # Only the words of these rows.
    seen, codes = np.unique(column.codes[rows], return_inverse=True)
    if seen[-1] == len(column.words):
        raise place.error(f"more than {len(column.words):,} different words are too many to be classes")
    return of_words([column.words[code] for code in seen], codes, wanted, place)


def _placed(part: Part, names: Names, place: Place) -> Classes:
    """The classes of a test part of its own, which are among `names`."""
    (column,) = part.targets
    if column.truth:
        return placed([TRUTH_NAMES[int(value)] for value in _values(column)[part.rows]], names, place)
    if column.values is not None:
        return placed(column.values[part.rows], names, place)
    assert column.codes is not None
    return placed([column.words[code] for code in column.codes[part.rows]], names, place)


def _values(column: TableColumn) -> Array:
    assert column.values is not None
    return column.values


# What is told


def _told_classes(part: Part, names: Names) -> str:
    (column,) = part.targets
    told = f"the target, {column.called(part.table.file)}, has {len(names)} classes{_listed(names, part)}"
    alike = len({name.casefold() for name in names}) < len(names)
    return f"{told}; some of them differ in capital and small letters alone" if alike else told


def _categories(reader: InputReader, part: Part) -> Iterable[str]:
    for known, column in zip(reader.columns, part.inputs, strict=True):
        if known.words:
            yield f"{column.called(part.table.file)} is words, with an input for each{_listed(known.words, part)}"


def _listed(words: Sequence[str], part: Part) -> str:
    """`: "red", "blue"`; nothing where the file's text is not to be shown."""
    return f": {quoted(words)}" if part.table.file.own else ""
