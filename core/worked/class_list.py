"""The students of a class: so many, or those of a list of names, which is a text file or a table of one."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.preset.named_file import NamedFile, size
from backprop_tui.core.preset.schema import Place, PresetError
from backprop_tui.core.preset.text_file import opened_text

MOST_STUDENTS = 500
LONGEST_NAME = 100
LARGEST_LIST = 10**6
"""Bytes of a list."""
TABLES = (".csv", ".tsv")
DELIMITERS = ",;\t"
WHOLE_NAMES = ("name", "student", "student name", "full name", "fullname", "names", "students")
"""What columns of names are called, in small letters."""
FIRST_NAMES = ("first name", "firstname", "given name", "given names", "first", "forename", "vorname")
LAST_NAMES = ("last name", "lastname", "surname", "family name", "last", "nachname")


def students(text: str) -> list[str | None]:
    """The class that `text` says: a number of students without names, or the path of a list of their names.

    Raises PresetError, one line, for what is neither.
    """
    if text.isascii() and text.isdigit():
        count = int(text[: len(str(MOST_STUDENTS)) + 1])
        if not 1 <= count <= MOST_STUDENTS:
            raise PresetError(f"--students: expected a class of 1 to {MOST_STUDENTS}, found {text[:20]}")
        return [None] * count
    return list(names_of(text))


def names_of(path: str) -> list[str]:
    """The names in a list: one a line, or of a table, by its ending, the column that its first line calls names."""
    file = NamedFile(Path(path), Place("--students"), own=True)
    if not Path(path).exists():
        raise file.error("there is no such file; expected a number of students, or a list of names, one a line")
    with file.opened(LARGEST_LIST), opened_text(file) as (stream, _, _):
        content = stream.read(LARGEST_LIST + 1)
    if len(content) > LARGEST_LIST:
        raise file.error(f"expected a list of at most {size(LARGEST_LIST)}")
    lines = content.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    found = table_names(lines, file) if path.lower().endswith(TABLES) else line_names(lines)
    names = []
    for number, written in found:
        name = shown(" ".join(written.split()))
        if len(name) > LONGEST_NAME:
            raise file.error(f"line {number}: expected a name of at most {LONGEST_NAME} characters, found {len(name)}")
        if not name:
            # Nobody is left out of a class without a word.
            raise file.error(f"line {number}: expected a name, found none; write it there, or take the line out")
        names.append(name)
    if not names:
        raise file.error("expected names, one a line, found none")
    if len(names) > MOST_STUDENTS:
        raise file.error(f"expected a class of at most {MOST_STUDENTS}, found {len(names)} names")
    return names


def line_names(lines: Sequence[str]) -> list[tuple[int, str]]:
    """The lines that are names, each with its number: a heading above them, *Name* for example, is none."""
    written = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    headed = len(written) > 1 and written[0][1].strip().rstrip(":").lower() in WHOLE_NAMES
    return written[headed:]


def table_names(lines: Sequence[str], file: NamedFile) -> list[tuple[int, str]]:
    """The names of a table, each with its line: of the columns that are called so, or else of the only column."""
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as problem:
        raise file.error(f"line {reader.line_num}: expected a table: {problem}") from None
    if not rows:
        return []
    heads = [cell.strip().lower().replace("_", " ") for cell in rows[0][1]]
    columns = name_columns(heads)
    if not columns and len(heads) > 1:
        raise file.error(f"expected a column called name, or first name and last name, found {', '.join(heads)[:80]}")
    return list(joined(rows[1:], columns) if columns else joined(rows, [0]))


def name_columns(heads: Sequence[str]) -> list[int]:
    """Where the names stand: in one column, or in two, the first name before the last."""
    for called in (WHOLE_NAMES, (*FIRST_NAMES, *LAST_NAMES)):
        found = [heads.index(name) for name in called if name in heads]
        if found:
            return found[:1] if called is WHOLE_NAMES else found
    return []


def joined(rows: Sequence[tuple[int, list[str]]], columns: Sequence[int]) -> Iterator[tuple[int, str]]:
    for number, row in rows:
        yield number, " ".join(row[column] for column in columns if column < len(row))
