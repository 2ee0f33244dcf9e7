"""Reading a table of text, as large as the file is, as columns of numbers and of words.

Cells are turned into numbers by portions of rows, a column at a time, so that no object a cell is kept. What a column
is, is what all of its cells are; where a later row shows that a column is otherwise than it seemed, the file is read
again.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from .cells import (
    MEASURE,
    OTHER_MARK,
    PLAIN,
    TRUTHS,
    is_date,
    is_infinite,
    is_missing,
    is_number,
    marks_of,
    number_of,
    with_nan,
)
from .csv_records import BLANK, Records, Row, without_quoted
from .examples import refuse_large
from .named_file import NamedFile
from .table import MISSING, MOST_WORDS, Table, TableColumn, called

Array = NDArray[np.float64]
PORTION_CELLS = 200_000
"""Cells that are turned into numbers at a time."""
LONGEST_PLAIN = 1000
"""Characters of lines with words that are taken as plain: all words of a portion take the room of the longest."""
FEW = 20
"""Different values of a column of numbers that may have words among them, as "3+" stands among 0, 1, 2."""


class Again(Exception):  # noqa: N818 (no error: what was read tells how to read)
    """The file has to be read again: with another decimal mark, or with `words` in columns that had none so far."""

    def __init__(self, decimal: str, words: Iterable[int]) -> None:
        super().__init__()
        self.decimal, self.words = decimal, frozenset(words)


def _parsed(text: str, delimiter: str | None, columns: list[int] | None, rows: int) -> Array | None:
    """The numbers in columns of a text of plain lines, NaN where missing; None where there is another word."""
    if columns == []:
        return np.zeros((rows, 0))
    try:
        return _loaded(text, delimiter, columns)
    except ValueError:
        pass
    try:
        return _loaded(with_nan(text, delimiter), delimiter, columns) if delimiter else None
    except ValueError:
        return None


def _loaded(text: str, delimiter: str | None, columns: list[int] | None) -> Array:
    return np.loadtxt(text.splitlines(), comments=None, delimiter=delimiter, quotechar='"', usecols=columns, ndmin=2)


class Numbering(dict[str, int]):
    """The codes of words, in the order in which they come; those past MOST_WORDS share one."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def __missing__(self, word: str) -> int:
        word_as_kept = word.strip()
        if is_missing(word_as_kept):
            code = MISSING
        elif word_as_kept != word:
            code = self[word_as_kept]
        elif len(self.words) == MOST_WORDS:
            return MOST_WORDS
        else:
            code = len(self.words)
            self.words.append(word)
        self[word] = code
        return code


class TableReading:
    """One reading of a file from its first row to its last, with one `decimal` mark and a choice of columns of words.

    `fixed`: whether the mark was given, `settled` whether it is sure. A number that is one under this mark alone makes
    it so, and one that is one under the other alone contradicts it. `commas`: whether these separate cells.
    """

    def __init__(
        self,
        file: NamedFile,
        names: Sequence[str],
        kept: Sequence[int],
        words: frozenset[int],
        decimal: str,
        *,
        fixed: bool,
        settled: bool,
        commas: bool,
    ) -> None:
        self.file, self.names, self.kept, self.decimal = file, names, kept, decimal
        self.settled, self.fixed, self.commas = settled, fixed, commas
        self.lines = array("q")
        self.numbers = {column: array("d") for column in kept if column not in words}
        self.codes = {column: array("i") for column in kept if column in words}
        self.numberings = {column: Numbering() for column in self.codes}
        self.first_lines: dict[int, list[int]] = {column: [] for column in self.codes}
        self.late: dict[int, tuple[int, str]] = {}
        self.open: dict[int, list[tuple[int, str]]] = {}
        self.grouped = ""

    def read(self, records: Records, width: int, header: bool, go_on: Callable[[], object]) -> Table:
        """The table of `records` of `width` cells, the first of which may be the `header`.

        `go_on` is called now and then. Raises Again where it has to be read otherwise, or PresetError.
        """
        rows = iter(records)
        if header:
            next(rows)
        count = max(1, PORTION_CELLS // width)
        while True:
            plain = records.plain_lines(count)
            if plain and self._add_plain(plain, records.line, width, records.delimiter):
                records.begun = True
            else:
                records.put_back(plain)
                portion = list(islice(rows, count))
                if not portion:
                    break
                self._add_rows(portion, width)
            held = 8 * len(self.lines) * len(self.kept)
            refuse_large(len(self.lines), len(self.kept), self.file.place, held=held)
            go_on()
        if self.late:
            raise Again(self.decimal, self.late)
        self._check_settled()
        columns = [self._column(column) for column in self.kept]
        return Table(self.file, columns, self._lines(), self.decimal, self.grouped)

    def _add_plain(self, lines: list[str], last: int, width: int, delimiter: str) -> bool:
        """Adds lines, the last of which is number `last`, by NumPy's own reader of numbers; False where it cannot.

        It is strict, and many times faster than looking at cell after cell.
        """
        found = self._plain_table(lines, width, delimiter)
        if found is None:
            return False
        numbers, words = found
        numbered = list(range(last - len(lines) + 1, last + 1))
        self.lines.extend(numbered)
        for place, values in enumerate(self.numbers.values()):
            values.frombytes(np.ascontiguousarray(numbers[:, place]).tobytes())
        for place, column in enumerate(self.codes):
            self._add_words(column, words[:, place].tolist(), numbered)
        return True

    def _plain_table(self, lines: list[str], width: int, delimiter: str) -> tuple[Array, NDArray[np.str_]] | None:
        """The cells of the columns of numbers and of those of words, each (lines, columns)."""
        together = "".join(lines)
        bare = without_quoted(together, delimiter)
        # NumPy takes blanks of all scripts for such as stand between cells.
        if bare is None or (delimiter == BLANK and not together.isascii()):
            return None
        if not self.settled and ("." in together or ("," in together and not self.commas)):
            return None
        if self.codes and max(map(len, lines)) > LONGEST_PLAIN:
            return None
        if self.decimal == ",":
            if "." in together or self.commas:
                return None
            together = together.replace(",", ".")
        cut = None if delimiter == BLANK else delimiter
        everything = len(self.numbers) == width
        counts = (len(line.split()) if cut is None else line.count(cut) + 1 for line in bare.splitlines())
        if not everything and set(counts) != {width}:
            return None
        numbers = _parsed(together, cut, None if everything else [*self.numbers], len(lines))
        if numbers is None or numbers.shape != (len(lines), len(self.numbers)) or np.isinf(numbers).any():
            return None
        words = np.zeros((0, 0), dtype=np.str_)
        if self.codes:
            words = np.loadtxt(
                lines, np.str_, comments=None, delimiter=cut, quotechar='"', usecols=[*self.codes], ndmin=2
            )
            if len(words) != len(lines):
                return None
        return numbers, words

    def _add_rows(self, portion: list[Row], width: int) -> None:
        """Adds records cell by cell."""
        lines = [line for line, _ in portion]
        cells = [row for _, row in portion]
        if set(map(len, cells)) != {width}:
            self._refuse_ragged(portion, width)
        self.lines.extend(lines)
        by_column = list(zip(*cells, strict=True))
        for column in [*self.numbers]:
            self._add_numbers(column, by_column[column], lines)
        for column in self.codes:
            self._add_words(column, by_column[column], lines)

    def error_at(self, line: int, column: int, message: str, cell: str | None = None) -> NoReturn:
        """Raises the error about a cell, which is quoted where that is allowed."""
        found = f", found {self.file.quoted(cell)}" if cell is not None and self.file.own else ""
        where = called(column + 1, self.names[column] if self.names else "", self.file)
        raise self.file.error(f"line {line}, {where}: {message}{found}")

    def _lines(self) -> NDArray[np.int64]:
        return np.frombuffer(self.lines, dtype=np.int64) if self.lines else np.zeros(0, dtype=np.int64)

    def _refuse_ragged(self, portion: list[Row], width: int) -> NoReturn:
        line, row = next((line, row) for line, row in portion if len(row) != width)
        raise self.file.error(f"line {line}: expected {width} fields, found {len(row)}")

    # Numbers

    def _add_numbers(self, column: int, cells: Sequence[str], lines: Sequence[int]) -> None:
        values = self.numbers[column]
        found = self._plain_numbers(column, cells, lines)
        if found is None:
            found = self._numbers_one_by_one(column, cells, lines)
        if found is None:
            del self.numbers[column]
            return
        beyond = np.isinf(found)
        if beyond.any():
            row = int(beyond.argmax())
            self.error_at(lines[row], column, "expected a finite number", cells[row].strip())
        values.frombytes(found.tobytes())

    def _plain_numbers(self, column: int, cells: Sequence[str], lines: Sequence[int]) -> Array | None:
        """The numbers of cells that are plain ones, all of them; None where they have to be looked at one by one."""
        together = "".join(cells)
        # Python takes 1_000 for a number, and digits of all scripts.
        if not together.isascii() or "_" in together:
            return None
        if self.decimal == ",":
            if "." in together:
                return None
            if "," in together:
                cells = [cell.replace(",", ".") for cell in cells]
        try:
            found = np.array([float(cell) for cell in cells])
        except ValueError:
            return None
        if not self.settled and ("." in together or "," in together):
            for line, cell in zip(lines, cells, strict=True):
                self._weigh(line, column, cell.strip().replace(".", self.decimal))
        return found

    def _weigh(self, line: int, column: int, cell: str) -> None:
        """Takes a number for the mark that it speaks for, or keeps it in mind as one that is open."""
        marks = "" if self.settled else marks_of(cell)
        if marks == self.decimal:
            self.settled = True
        elif len(marks) == 2:
            self.open.setdefault(column, []).append((line, cell))

    def _numbers_one_by_one(self, column: int, cells: Sequence[str], lines: Sequence[int]) -> Array | None:
        """The numbers of cells; None where a word is among them, which makes the column one of words."""
        found = np.empty(len(cells))
        for row, (line, entry) in enumerate(zip(lines, cells, strict=True)):
            cell = entry.strip()
            if is_missing(cell):
                found[row] = np.nan
                continue
            number = number_of(cell, self.decimal)
            if number is None:
                self._other(column, cell, line, found[:row])
                return None
            found[row] = number
            self._weigh(line, column, cell)
            if not self.grouped and PLAIN[self.decimal].fullmatch(cell) is None:
                self.grouped = cell
        return found

    def _other(self, column: int, cell: str, line: int, before: Array) -> None:
        """What a cell does that is no number under the decimal mark: settle another mark, make a word, or be wrong."""
        if is_infinite(cell):
            self.error_at(line, column, "expected a finite number", cell)
        other = OTHER_MARK[self.decimal]
        if number_of(cell, other) is not None:
            if not self.settled and self.decimal == ".":
                raise Again(other, ())
            kind = {".": "point", ",": "comma"}[self.decimal]
            why = "" if self.fixed else ", as other rows have"
            hint = "" if self.fixed else f'; say decimal = "{other}" in [data] if that is meant'
            self.error_at(line, column, f"expected a number with a decimal {kind}{why}{hint}", cell)
        seen = np.concatenate([self.numbers[column][-10_000:], before])
        if len(np.unique(seen)) > FEW:
            self.error_at(line, column, "expected a number", cell)
        self.late[column] = line, cell

    def _check_settled(self) -> None:
        """Refuses numbers such as 1,234 where nothing in the table tells thousands from decimals."""
        if self.settled:
            return
        for column, cells in self.open.items():
            line, cell = cells[0]
            points = self.commas and not any("," in cell for _, cell in cells)
            if column in self.numbers and points and len(cells) == np.isfinite(self.numbers[column]).sum():
                # Where commas separate cells, and all have three digits behind a point, it is that of decimals.
                continue
            self.error_at(
                line,
                column,
                "expected numbers whose decimal mark is clear; thousands or decimals may be meant: say "
                'decimal = "." or decimal = "," in [data]',
                cell,
            )

    # Words

    def _add_words(self, column: int, cells: Sequence[str], lines: Sequence[int]) -> None:
        numbering, firsts = self.numberings[column], self.first_lines[column]
        codes = [numbering[cell] for cell in cells]
        self.codes[column].extend(codes)
        if len(firsts) < len(numbering.words):
            for line, code in zip(lines, codes, strict=True):
                if code == len(firsts) < len(numbering.words):
                    firsts.append(line)

    def _column(self, column: int) -> TableColumn:
        name = self.names[column] if self.names else ""
        if column in self.numbers:
            values = np.frombuffer(self.numbers[column]) if self.lines else np.zeros(0)
            return TableColumn(column + 1, name, values=values)
        words = self.numberings[column].words
        codes = np.frombuffer(self.codes[column], dtype=np.int32)
        if words and all(word.lower() in TRUTHS for word in words):
            values = np.array([*(TRUTHS[word.lower()] for word in words), np.nan])[codes]
            return TableColumn(column + 1, name, values=values, truth=True)
        self._check_words(column, words, codes)
        return TableColumn(column + 1, name, codes=codes, words=tuple(words))

    def _check_words(self, column: int, words: list[str], codes: NDArray[np.int32]) -> None:
        """Refuses dates, numbers with signs, and words that stand among numbers by mistake."""
        lines = self.first_lines[column]
        if words and all(map(is_date, words)):
            key = f'"{self.names[column]}"' if self.names and self.names[column] and self.file.own else column + 1
            advice = f"leave the column out by drop = [{key}], or give its day, month or hour as numbers"
            self.error_at(lines[0], column, f"expected a number or a word, not a date; {advice}", words[0])
        if words and all(map(MEASURE.fullmatch, words)):
            self.error_at(lines[0], column, "expected a number without a sign of percent or money", words[0])
        numbers = np.array([is_number(word) for word in words], dtype=bool)
        if not numbers.any() or numbers.all():
            return
        counts = np.bincount(codes[codes >= 0], minlength=len(words))[: len(words)]
        few = len(words) <= FEW and (counts[~numbers] > 1).all()
        if not few and counts[numbers].sum() * 2 >= counts.sum():
            wrong = int(np.argmin(numbers))
            self.error_at(lines[wrong], column, "expected a number", words[wrong])
