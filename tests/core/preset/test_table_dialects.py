"""Tables written in any dialect come back as the same cells, or are refused with where or what to say."""

import re
import tempfile
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.share import share

from backprop_tui.core.preset.data_table import DataPreset
from backprop_tui.core.preset.named_file import NamedFile
from backprop_tui.core.preset.schema import Place, PresetError
from backprop_tui.core.preset.table_file import FoundTable, read_table
from backprop_tui.core.preset.table_reading import TableReading

NAMES = ("width", "Höhe", "x", "y", "a b", "price, net", "zip-code", "n°", "Group")
WORDS = (
    "red",
    "blue",
    "light green",
    "Łódź",
    "café",
    "a,b",
    "x;y",
    'say "no"',
    "1st",
    "3-5 days",
    "#7",
    "50%",
    "tab\tin",
)
MARKS = ("", "NA", "N/A", "nan", "NaN", "null", "?", "-")
DELIMITERS = (",", ";", "\t", "|", " ")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-16-le", "utf-16-be")
REFUSED = re.compile(
    r"line [0-9]+|delimiter =|header =|decimal =|drop =|has no examples|no value in any row|only input|one input"
)
"""What a refusal says: where, or which key decides."""

Cell = float | str | None


@dataclass(frozen=True)
class Written:
    """A table and the bytes that it is written in. `columns` are its cells, by column, None where missing."""

    names: tuple[str, ...]
    columns: list[list[Cell]]
    content: bytes


@st.composite
def tables(draw: st.DrawFn) -> Written:
    count, rows = draw(st.integers(2, 5)), draw(st.integers(1, 9))
    columns: list[list[Cell]] = []
    for place in range(count):
        kind = draw(st.sampled_from(("fraction", "whole", "large", "thousandth", "exponent", "word", "few")))
        # Targets are numbers, so that every column is told by one rule.
        columns.append(draw(st.lists(cells("whole" if place == count - 1 else kind), min_size=rows, max_size=rows)))
    names = tuple(draw(st.permutations(NAMES))[:count]) if draw(st.booleans()) else ()
    full = [row for row in range(rows) if any(column[row] is not None for column in columns)]
    if not full:
        columns[0][0], full = 7.0, [0]
    # A row of nothing is no example.
    columns, rows = [[column[row] for row in full] for column in columns], len(full)
    delimiter, decimal = draw(st.sampled_from(DELIMITERS)), draw(st.sampled_from(".,"))
    separators = ["", "", "'", "\u00a0", " "]
    if (delimiter, decimal) != (",", ","):
        # A point is no sign of thousands where commas separate cells.
        separators.append(OTHER[decimal])
    thousands = draw(st.sampled_from(separators))
    quoting = draw(st.sampled_from(("needed", "words", "all")))
    # A cell of nothing between blanks is none unless it is quoted.
    marks = MARKS if delimiter != " " else MARKS[1:]
    mark = draw(st.sampled_from(marks))

    def text(cell: Cell) -> str:
        if cell is None:
            written = mark
        elif isinstance(cell, str):
            written = cell
        else:
            written = number_text(cell, decimal, thousands)
        special = delimiter in written or '"' in written or written[:1] in ("#", "%")
        special = special or (delimiter == " " and re.search(r"\s", written) is not None)
        if quoting == "all" or special or (quoting == "words" and isinstance(cell, str)):
            return '"' + written.replace('"', '""') + '"'
        return written

    records = [[text(column[row]) for column in columns] for row in range(rows)]
    if names:
        records.insert(0, [text(name) for name in names])
    between = draw(st.sampled_from((" ", "   "))) if delimiter == " " else delimiter
    lines = [between.join(record) for record in records]
    if draw(st.booleans()):
        lines.insert(draw(st.sampled_from((0, len(lines)))), draw(st.sampled_from(("#handmade", "%1"))))
    end = draw(st.sampled_from(("\n", "\r\n", "\r")))
    content = end.join(lines) + draw(st.sampled_from(("", end, end * 3)))
    for encoding in (draw(st.sampled_from(ENCODINGS)), "utf-8"):
        try:
            return Written(names, columns, content.encode(encoding))
        except UnicodeEncodeError:
            continue
    raise AssertionError


OTHER = {".": ",", ",": "."}


def cells(kind: str) -> st.SearchStrategy[Cell]:
    numbers: dict[str, st.SearchStrategy[Cell]] = {
        "fraction": st.decimals(-999, 999, places=2, allow_nan=False).map(float),
        "whole": st.integers(-20, 2000).map(float),
        "large": st.integers(-(10**7), 10**7).map(float),
        "thousandth": st.decimals(-99, 9999, places=3, allow_nan=False).map(float),
        "exponent": st.sampled_from((1e-7, 2.5e12, -3e-20, 4.25e-5, 0.0)),
        "word": st.sampled_from(WORDS),
        "few": st.sampled_from(("yes", "no")),
    }
    return st.one_of(*[numbers[kind]] * 9, st.none())


def number_text(number: float, decimal: str, thousands: str) -> str:
    written = repr(number)
    if "e" in written:
        return written.replace(".", decimal)
    whole, _, part = written.partition(".")
    if thousands and abs(number) >= 1000:
        whole = f"{int(whole):,}".replace(",", thousands)
    return whole if part == "0" else whole + decimal + part


@given(tables())
@settings(max_examples=share(25, 5_000), deadline=None)
def test_a_table_comes_back_as_it_is_or_is_refused(table: Written) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(table.content)
        file = NamedFile(path, Place("a.toml", "data.path"), own=True)
        found = read(file)
        with mock.patch.object(TableReading, "_add_plain", return_value=False):
            slowly = read(file)
    if isinstance(found, PresetError):
        assert REFUSED.search(str(found).replace(str(path), "")), found
    else:
        assert_same(found, table)
        # NumPy's reader of plain portions says what looking at cell after cell says.
        assert isinstance(slowly, FoundTable)
        assert_same(slowly, table)
        assert slowly.notes == found.notes


def read(file: NamedFile) -> FoundTable | PresetError:
    try:
        return read_table(file, DataPreset(kind="csv", targets=(-1,)))
    except PresetError as problem:
        return problem


def assert_same(found: FoundTable, table: Written) -> None:
    assert found.table.rows == len(table.columns[0])
    assert found.header == bool(table.names)
    assert found.width == len(table.columns)
    read = {column.number: column for column in [*found.inputs, *found.targets]}
    for number, written in enumerate(table.columns, 1):
        if number not in read:
            # Left out, which is told.
            assert any(f"column {number}" in note for note in found.notes)
            continue
        column = read[number]
        assert column.name == (table.names[number - 1] if table.names else "")
        for row, cell in enumerate(written):
            if column.values is not None:
                value = column.values[row]
                assert isnan(value) if cell is None else value == cell
            else:
                assert column.codes is not None
                code = column.codes[row]
                assert code == -1 if cell is None else column.words[code] == cell
    assert np.array_equal(np.sort(found.table.lines), found.table.lines)
