"""A file with a table of text, as the keys of `[data]` have it read: which columns are targets, which are left out."""

import re
from collections.abc import Callable, Sequence
from io import TextIOWrapper

import numpy as np

from backprop_tui.core.value_class import dataclass

from .array_entries import Tell, untold
from .cells import is_infinite, is_missing, is_number, marks_of
from .csv_records import BLANK, Records
from .data_table import DataPreset
from .dialect import SAMPLE_CELLS, Form, found_form
from .named_file import NamedFile
from .readers import Column
from .schema import suggestion
from .table import Table, TableColumn
from .table_reading import Again, TableReading
from .text_file import LATIN, opened_text

INDEX_NAMES = frozenset(
    ["", "id", "index", "row", "rows", "rownames", "row.names", "nr", "no", "no.", "#", "unnamed: 0"]
)
"""What columns are called that count the rows, in small letters."""
ID_NAME = re.compile(r"(?:.*[ _.-])?(?:id|ID|Id)|.*[a-z]I[dD]")
TARGET_NAMES = ("target", "targets", "class", "label", "labels", "species", "y", "outcome", "diagnosis", "survived")
"""What columns of targets are called, in small letters, the surest first."""


@dataclass(frozen=True, slots=True, eq=False)
class FoundTable:
    """A table with its columns told apart, and what was found out of it, one sentence each.

    `header`: whether its columns have names; `width`: how many the file has, those left out among them.
    """

    table: Table
    inputs: list[TableColumn]
    targets: list[TableColumn]
    notes: tuple[str, ...]
    header: bool
    width: int
    delimiter: str = ","


def read_table(file: NamedFile, data: DataPreset, tell: Tell = untold) -> FoundTable:
    """The table of a file, as `data` says; what it does not say is found out, and told; `tell` takes in the progress.

    Raises PresetError, with line and column, for whatever cannot be read surely.
    """
    asked = data.targets if data.targets is not None else ()
    wanted = [key for key in (*asked, *data.drop) if isinstance(key, str)]
    targets: list[int] = []
    notes: list[str] = []

    def choose(form: Form) -> list[int]:
        targets.extend(_targets(form, data, file, notes))
        left_out = {place_of(key, form, file) for key in data.drop}
        for column in left_out.intersection(targets):
            raise file.error(f"column {column + 1} is a target and left out by drop; expected one or the other")
        return [column for column in range(form.width) if column not in left_out]

    table, form, told = read_columns(file, data, wanted, choose, tell=tell)
    notes = [*told, *notes]
    _refuse_empty(table, targets)
    chosen = [column for column in table.columns if column.number - 1 in targets]
    chosen.sort(key=lambda column: targets.index(column.number - 1))
    inputs = _inputs([column for column in table.columns if column.number - 1 not in targets], form, file, notes)
    return FoundTable(table, inputs, chosen, tuple(notes), bool(form.names), form.width, form.delimiter)


def read_columns(
    file: NamedFile,
    data: DataPreset,
    wanted: Sequence[str],
    choose: Callable[[Form], list[int]],
    decimal: str | None = None,
    tell: Tell = untold,
) -> tuple[Table, Form, list[str]]:
    """The columns of a file that `choose` takes, by their places from 0, its form, and what was found out.

    `wanted` are names that its first line may have; `decimal` is the mark where neither `data` nor the file tells it;
    `tell` takes in which share of it has been read.
    """
    with opened_text(file) as (text, encoding, share):
        form = found_form(text, data.delimiter, data.header, wanted, file.error)
        notes = list(form.notes)
        if encoding == LATIN:
            notes.insert(0, "the text is no UTF-8 and is read as Latin-1 (cp1252)")
        _check_names(form, file)
        table, records = _read(text, form, choose(form), data.decimal, decimal, file, lambda: tell(share()))
    _refuse_doubtful_comments(table, records, form)
    if not table.rows:
        extra = f" besides {records.comments} line(s) that begin with # or %" if records.comments else ""
        raise file.error("has no examples" + (" below its line of column names" if form.header else "") + extra)
    return table, form, notes + _told(table, records, data)


def _check_names(form: Form, file: NamedFile) -> None:
    numbers: dict[str, int] = {}
    for number, name in enumerate(form.names, 1):
        if name and name in numbers:
            both = f"{numbers[name]} and {number}"
            called = f' ("{name}")' if file.own else ""
            raise file.error(f"columns {both} have the same name{called}; expected different names")
        numbers[name] = number


# Which columns


def place_of(key: Column | float, form: Form, file: NamedFile) -> int:
    """The place, from 0, of a column that a preset names or counts."""
    if isinstance(key, str):
        if key in form.names:
            return form.names.index(key)
        if not form.names:
            raise file.error(
                f'has no line of names, and so no column "{key}"; count its columns, as in targets = [{form.width}], '
                "or say header = true"
            )
        names = [name for name in form.names if name]
        raise file.error(f'has no column "{key}"' + (suggestion(key, names) if file.own else ""))
    number = int(key)
    if number != key or not 1 <= abs(number) <= form.width:
        raise file.error(f"has columns 1 to {form.width} (-1 is the last), expected one of them, found {key:g}")
    return number - 1 if number > 0 else form.width + number


def _targets(form: Form, data: DataPreset, file: NamedFile, notes: list[str]) -> list[int]:
    """The places of the targets; of a table without names the last column takes the only name that is asked for."""
    if data.targets is None:
        return [_usual_target(form, notes)]
    keys = [key for key in data.targets if not isinstance(key, tuple)]
    if not form.names and len(keys) == 1 and isinstance(keys[0], str):
        notes.append(
            f'the last column, {form.width}, is taken for the target "{keys[0]}"; targets = [1] takes the first'
        )
        return [form.width - 1]
    places = [place_of(key, form, file) for key in keys]
    if len(set(places)) != len(places):
        raise file.error(f"column {places[0] + 1} is a target twice; expected different columns")
    return places


def _usual_target(form: Form, notes: list[str]) -> int:
    names = [name.lower() for name in form.names]
    place = next((names.index(name) for name in TARGET_NAMES if name in names), form.width - 1)
    called = f', "{form.names[place]}",' if form.names else ""
    notes.append(f"column {place + 1}{called} is taken for the target")
    return place


def _inputs(columns: list[TableColumn], form: Form, file: NamedFile, notes: list[str]) -> list[TableColumn]:
    """The columns but those that count the rows or hold nothing, which is told."""
    useful = []
    for column in columns:
        if column.missing().all():
            notes.append(f"{column.called(file)} is empty and is left out")
        else:
            useful.append(column)
    for column in [*useful]:
        if not form.names or column.truth or not _names_rows(column):
            continue
        if len(useful) == 1:
            notes.append(f"{column.called(file)} counts the rows; it is the only input")
        elif _counts_rows(column, from_any=True):
            useful.remove(column)
            notes.append(f"{column.called(file)} counts the rows and is left out")
        elif column.number == 1 and not column.name and _all_different(column):
            useful.remove(column)
            notes.append(f"{column.called(file)} names the rows and is left out")
        elif column.values is not None and _all_different(column):
            notes.append(
                f"{column.called(file)} is another number in each row; drop leaves it out if it only names them"
            )
    if not useful:
        raise file.error(
            "every column is a target or left out; expected at least one input column (cells are separated by "
            "comma, semicolon, tab, bar or blanks)"
        )
    constant = [column for column in useful if _always_the_same(column)]
    if len(constant) == 1:
        notes.append(f"{constant[0].called(file)} is the same in every row: it tells nothing")
    elif constant:
        which = f"{len(constant):,} columns, {constant[0].called(file)} and others,"
        notes.append(f"{which} are the same in every row: they tell nothing")
    if not form.names:
        for column in useful:
            if _counts_rows(column) and len(useful) > 1:
                advice = f"drop = [{column.number}] leaves it out if it only names them"
                notes.append(f"{column.called(file)} counts the rows; {advice}")
    return useful


def _names_rows(column: TableColumn) -> bool:
    return column.name.lower() in INDEX_NAMES or ID_NAME.fullmatch(column.name) is not None


def _counts_rows(column: TableColumn, *, from_any: bool = False) -> bool:
    """Whether a column holds 0, 1, 2, … or 1, 2, 3, …, each once, in whatever order; or such numbers from any on."""
    if column.values is None or np.isnan(column.values).any() or len(column.values) < 2:
        return False
    first = column.values.min()
    return bool(
        (first in (0, 1) or from_any) and (np.sort(column.values) == first + np.arange(len(column.values))).all()
    )


def _always_the_same(column: TableColumn) -> bool:
    """Whether every row of several has the same there, and none has nothing."""
    held = column.codes if column.values is None else column.values
    return held is not None and len(held) > 1 and not column.missing().any() and bool((held == held[0]).all())


def _all_different(column: TableColumn) -> bool:
    if column.values is not None:
        return len(column.values) > 2 and len(np.unique(column.values)) == len(column.values)
    assert column.codes is not None
    return len(np.unique(column.codes)) == len(column.codes)


def _refuse_empty(table: Table, targets: Sequence[int]) -> None:
    for column in table.columns:
        if column.number - 1 in targets and column.missing().all():
            raise table.file.error(f"{column.called(table.file)} is the target, and has no value in any row")


# Reading


def _read(
    text: TextIOWrapper,
    form: Form,
    kept: list[int],
    given: str | None,
    otherwise: str | None,
    file: NamedFile,
    go_on: Callable[[], None],
) -> tuple[Table, Records]:
    """The table, read once more for whatever a reading finds to be otherwise than it seemed."""
    rows = [row for row in form.rows[: 1 + SAMPLE_CELLS // form.width] if len(row) == form.width]
    columns = [[row[column] for row in rows] for column in range(form.width)]
    words = frozenset(
        column
        for column in kept
        if not all(is_number(cell) or is_missing(cell) or is_infinite(cell) for cell in columns[column])
    )
    seen = given or _decimal([columns[column] for column in kept if column not in words])
    decimal, fixed = seen or otherwise or ".", given is not None or (seen is None and otherwise is not None)
    settled = fixed or seen is not None
    while True:
        text.seek(0)
        for _ in range(form.skipped):
            text.readline()
        records = Records(text.readline, form.delimiter, file.error)
        records.line = form.skipped
        reading = TableReading(
            file, form.names, kept, words, decimal, fixed=fixed, settled=settled, commas=form.delimiter == ","
        )
        try:
            return reading.read(records, form.width, form.header, go_on), records
        except Again as again:
            words, decimal = words | again.words, again.decimal


def _decimal(columns: Sequence[Sequence[str]]) -> str | None:
    """The mark that the numbers of columns speak for; None where they speak for neither or for both."""
    marks = {marks_of(cell) for column in columns for cell in column}
    found = marks & {".", ","}
    return found.pop() if len(found) == 1 else None


def _refuse_doubtful_comments(table: Table, records: Records, form: Form) -> None:
    """Refuses a line among the rows that begins with # and may be one of them, since rows begin with words."""
    if not table.columns or table.columns[0].number != 1 or table.columns[0].codes is None:
        return
    for line, text in records.inner_comments:
        cells = text.split(None if form.delimiter == BLANK else form.delimiter)
        if len(cells) == form.width > 1:
            raise table.file.error(
                f"line {line}, column 1: begins with {text.lstrip()[0]}, as a comment does, and may be a row; put its "
                "first field in quotes, or take the line out"
            )


def _told(table: Table, records: Records, data: DataPreset) -> list[str]:
    notes = []
    if table.decimal == "," and data.decimal is None:
        notes.append("numbers have a decimal comma")
    if table.grouped:
        quoted = f', as in "{table.grouped}"' if table.file.own else ""
        notes.append(f"thousands are separated in some numbers{quoted}")
    if records.comments:
        first = f"the first of them line {records.first_comment}"
        several = f"{records.comments:,} lines begin with # or %, {first}, and are taken for comments"
        one = f"line {records.first_comment} begins with # or %, and is taken for a comment"
        notes.append(several if records.comments > 1 else one)
    if records.hollow:
        notes.append(f"{records.hollow:,} row(s) without any value are left out")
    return notes
