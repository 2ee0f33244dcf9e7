"""From the columns of a table to the inputs of a network: words one-hot, gaps filled, as the training part has it.

An `InputReader` keeps what the training part settled, the order of categories and the medians, so that a test part and
files that come later are read alike.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

from .classes import natural, number_name, quoted
from .data_table import DataPreset
from .dialect import Form
from .named_file import NamedFile
from .readers import Names
from .schema import PresetError
from .table import MISSING, MOST_WORDS, Table, TableColumn, called
from .table_file import FoundTable, place_of, read_columns

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
MOST_CATEGORIES = 100
"""Different words of a column that become inputs of their own."""
FEW_CATEGORIES = 10
"""As many are never too many; more are where most rows have words of their own."""
WORDS_TOLD = 12
REMEDIES = 'add missing = "drop" (leave such rows out) or missing = "median" (fill in what is usual) to [data]'


@dataclass(frozen=True, slots=True)
class InputColumn:
    """One column as the training part has it: `words` in their order, none for numbers; `fill` for a missing cell,
    None where a missing cell is refused; a word's place, or a number.
    """

    number: int
    name: str
    words: Names = ()
    fill: float | None = None

    @property
    def width(self) -> int:
        """The number of inputs that it becomes."""
        return len(self.words) or 1


@dataclass(frozen=True, slots=True)
class InputReader:
    """How the input columns of a file become raw inputs, which `Dataset.encode` makes what the network reads.

    `file_width` is the number of columns of the file that it was made from, `named` whether these have names.
    """

    columns: tuple[InputColumn, ...]
    data: DataPreset
    decimal: str
    named: bool
    file_width: int

    @property
    def feature_names(self) -> Names:
        """One a raw input: `age`, `colour=red`; x1, x2, … where columns have no names."""
        names: list[str] = []
        for column in self.columns:
            name = column.name or (f"column {column.number}" if column.words else f"x{len(names) + 1}")
            names += [f"{name}={word}" for word in column.words] or [name]
        return tuple(names)

    def encode(self, table: Table, columns: Sequence[TableColumn], rows: Indices, *, strict: bool) -> Array:
        """Raw inputs, (inputs, len(rows)), of these rows of a table whose `columns` are in the order of `self.columns`.

        Missing cells are filled in. Words that the training part has not are 0 in every category; where `strict`, and
        where a cell is missing and nothing fills it in, PresetError.
        """
        (inputs,) = self.encode_parts([(table, columns, rows)], strict=strict)
        return inputs

    def encode_parts(
        self, parts: Sequence[tuple[Table, Sequence[TableColumn], Indices]], *, strict: bool
    ) -> list[Array]:
        """The raw inputs of several parts, each as `encode` gives it. The columns are used up on the way."""
        width = sum(column.width for column in self.columns)
        inputs = [np.empty((width, len(rows))) for _, _, rows in parts]
        start = 0
        for place, known in enumerate(self.columns):
            for array, (table, columns, rows) in zip(inputs, parts, strict=True):
                column = columns[place]
                self._check_missing(known, column, rows, table)
                block = array[start : start + known.width]
                if known.words:
                    block[:] = self._one_hot(known, column, rows, table, strict=strict)
                else:
                    block[0] = _numbers(known, column, rows, table)
            for _, columns, _ in parts:
                columns[place].release()
            start += known.width
        return inputs

    def read(self, file: NamedFile) -> tuple[Array, Names, list[str]]:
        """Raw inputs, (inputs, n), of a file with the same columns, targets among them or not, one row an example.

        With them the columns that are not used, as messages call them, and what was filled in, a sentence a column.
        Columns are found by their names, where both files have them, else by their places; how the file is written is
        found out, and need not be as the other is.
        Raises PresetError for what the training part does not know: another word, a missing cell that nothing fills in.
        """
        problems: list[PresetError] = []
        for data in (replace(self.data, delimiter=None, header=None, decimal=None), replace(self.data, header=None)):
            try:
                return self._read(file, data)
            except PresetError as problem:
                problems.append(problem)
        with suppress(PresetError):
            return self._read(file, self.data)
        raise problems[0]

    def _read(self, file: NamedFile, data: DataPreset) -> tuple[Array, Names, list[str]]:
        table, form = self._found(file, self.columns, data)
        used = {column.number for column in table.columns}
        unused = [number for number in range(1, form.width + 1) if number not in used]
        rows = np.arange(table.rows)
        # Encoding makes room for what it makes.
        notes = list(filled_cells(self, table.columns, rows, file))
        raw = self.encode(table, table.columns, rows, strict=True)
        names = tuple(called(number, form.names[number - 1] if form.names else "", file) for number in unused)
        return raw, names, notes

    def table(self, file: NamedFile, targets: Sequence[InputColumn] = ()) -> Table:
        """The table of these columns, and then of `targets`, of a file like the one it was made from."""
        return self._found(file, (*self.columns, *targets), self.data)[0]

    def _found(self, file: NamedFile, asked: Sequence[InputColumn], data: DataPreset) -> tuple[Table, Form]:
        """The columns that are asked for, in this order, and the form of the file."""
        places: list[int] = []
        names = [column.name for column in asked if column.name]

        def choose(form: Form) -> list[int]:
            places.extend(self._places(form, asked, file))
            return sorted(places)

        table, form, _ = read_columns(file, data, names, choose, self.decimal)
        by_number = {column.number - 1: column for column in table.columns}
        table.columns = [by_number[place] for place in places]
        return table, form

    def _places(self, form: Form, asked: Sequence[InputColumn], file: NamedFile) -> list[int]:
        """The places of the columns that are asked for, found by name, or by place."""
        if self.named and form.names:
            return [place_of(column.name, form, file) if column.name else column.number - 1 for column in asked]
        if form.width == self.file_width:
            return [column.number - 1 for column in asked]
        if form.width == len(asked):
            return [*range(form.width)]
        raise file.error(f"expected {len(asked)} columns, one an input, or all {self.file_width}, found {form.width}")

    def _check_missing(self, known: InputColumn, column: TableColumn, rows: Indices, table: Table) -> None:
        if known.fill is None:
            missing = column.missing()[rows]
            if missing.any():
                raise missing_error(table, column, int(rows[missing.argmax()]), int(missing.sum()) - 1)

    def _one_hot(self, known: InputColumn, column: TableColumn, rows: Indices, table: Table, *, strict: bool) -> Array:
        codes, words = as_words(column)
        places = {word: place for place, word in enumerate(known.words)}
        rank = np.array([*(places.get(word, MISSING) for word in words), MISSING, MISSING])
        # The last but one is that of words past MOST_WORDS, the last that of missing cells.
        of_rows = rank[codes[rows]]
        missing = codes[rows] == MISSING
        if known.fill is not None:
            of_rows[missing] = int(known.fill)
        unknown = (of_rows == MISSING) & ~missing
        if strict and unknown.any():
            row = int(rows[unknown.argmax()])
            word = table.file.quoted(words[codes[row]]) if codes[row] < len(words) else ""
            raise table.file.error(
                f"line {table.lines[row]}, {column.called(table.file)}: expected one of {quoted(known.words)}"
                + (f", found {word}" if word else "")
            )
        result: Array = (of_rows == np.arange(len(known.words))[:, np.newaxis]).astype(np.float64)
        return result


def _numbers(known: InputColumn, column: TableColumn, rows: Indices, table: Table) -> Array:
    if column.values is None:
        assert column.codes is not None
        wrong = int((column.codes[rows] != MISSING).argmax())
        row = int(rows[wrong])
        raise table.file.error(f"line {table.lines[row]}, {column.called(table.file)}: expected a number, found a word")
    values: Array = column.values[rows]
    if known.fill is not None:
        values[np.isnan(values)] = known.fill
    return values


def as_words(column: TableColumn) -> tuple[NDArray[np.int32], Sequence[str]]:
    """The codes and words of a column; numbers, where a file has only such in it, as the words that they are."""
    if column.codes is not None:
        return column.codes, column.words
    assert column.values is not None
    found, places = np.unique(column.values, return_inverse=True)
    words = [number_name(value) for value in found.tolist() if value == value]
    codes: NDArray[np.int32] = places.astype(np.int32)
    codes[np.isnan(column.values)] = MISSING
    return codes, words


def missing_error(table: Table, column: TableColumn, row: int, more: int, where: str = "this column") -> Exception:
    """The error about a cell that has no value, as so many more of `where` have none."""
    others = f" (and {more:,} more of {where})" if more else ""
    return table.file.error(
        f"line {table.lines[row]}, {column.called(table.file)}: the cell has no value{others}; {REMEDIES}"
    )


# From the training part


def reader_of(found: FoundTable, training: Indices, data: DataPreset) -> InputReader:
    """The reader that the training part of a table, these rows of it, settles.

    Raises PresetError for columns with too many words to be categories, and for a column without any value in it.
    """
    refuse_many_words(found)
    columns = tuple(_settled(column, training, data.missing == "median", found.table) for column in found.inputs)
    return InputReader(columns, data, found.table.decimal, found.header, found.width)


def _settled(column: TableColumn, training: Indices, filled: bool, table: Table) -> InputColumn:
    if column.missing()[training].all():
        raise table.file.error(f"{column.called(table.file)} has no value in the training part; leave it out by drop")
    if column.values is not None:
        fill = float(np.nanmedian(column.values[training])) if filled else None
        return InputColumn(column.number, column.name, fill=fill)
    assert column.codes is not None
    counts = np.bincount(column.codes[training][column.codes[training] >= 0], minlength=len(column.words))
    words = sorted((word for word, count in zip(column.words, counts, strict=True) if count), key=natural)
    most = column.words[int(counts.argmax())]
    return InputColumn(column.number, column.name, tuple(words), float(words.index(most)) if filled else None)


def refuse_many_words(found: FoundTable) -> None:
    """Raises PresetError for columns whose words are too many to be categories, all of them at once."""
    file = found.table.file
    many = [column for column in found.inputs if _too_many(column)]
    if not many:
        return
    told = ", ".join(f"{column.called(file)} has {_count(column)}" for column in many[:WORDS_TOLD])
    more = f", and {len(many) - WORDS_TOLD} more columns" if len(many) > WORDS_TOLD else ""
    keys = ", ".join(f'"{column.name}"' if column.name and file.own else str(column.number) for column in many)
    raise file.error(f"{told} different words{more}, too many to be categories; leave out by drop = [{keys}] in [data]")


def _too_many(column: TableColumn) -> bool:
    count, rows = len(column.words), len(column.codes) if column.codes is not None else 0
    return count > MOST_CATEGORIES or (count > FEW_CATEGORIES and count * 2 > rows)


def _count(column: TableColumn) -> str:
    return f"more than {MOST_WORDS:,}" if len(column.words) == MOST_WORDS else f"{len(column.words):,}"


def filled_cells(reader: InputReader, columns: Sequence[TableColumn], rows: Indices, file: NamedFile) -> Iterator[str]:
    """What to say of missing cells in these rows that are filled in, one sentence a column."""
    for known, column in zip(reader.columns, columns, strict=True):
        gaps = int(column.missing()[rows].sum())
        if known.fill is None or not gaps:
            continue
        value = f"its median, {known.fill:g}"
        if known.words:
            value = "its most frequent word" + (f": {quoted([known.words[int(known.fill)]])}" if file.own else "")
        yield f"{gaps:,} missing cell(s) of {column.called(file)} are filled in by {value} (of the training part)"


def unknown_words(reader: InputReader, columns: Sequence[TableColumn], rows: Indices, file: NamedFile) -> list[str]:
    """What to say of words in these rows that the training part has not, one sentence a column."""
    notes = []
    for known, column in zip(reader.columns, columns, strict=True):
        if known.words:
            codes, words = as_words(column)
            found = [words[code] for code in np.unique(codes[rows]) if 0 <= code < len(words)]
            others = [word for word in found if word not in known.words]
            if others:
                which = quoted(others) if file.own else f"{len(others)} word(s)"
                notes.append(f"{column.called(file)}: {which} is not in the training part, and is 0 in all its inputs")
    return notes
