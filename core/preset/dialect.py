"""How a table of text is written: what separates its cells, and whether its first line has the names of its columns.

Found out by consistency over the first thousand lines: a separator is one that cuts all of them into as many cells. Of
several the one wins under which more cells are numbers; where two are as good, the file is refused with the key that
decides.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import field
from io import TextIOWrapper

from backprop_tui.core.value_class import dataclass

from .cells import TRUTHS, counts_up, has_blank_thousands, is_date, is_missing, is_number
from .csv_records import BLANK, LONGEST_RECORD, Records, over
from .schema import PresetError

CANDIDATES = (",", ";", "\t", "|", BLANK)
SAMPLE_LINES = 1000
SAMPLE_CHARACTERS = 300_000
FEWEST_LINES = 20
"""Lines of a sample, however long they are."""
SAMPLE_CELLS = 20_000
"""Cells of a sample that are looked at."""
EARLIEST_YEAR = 1000
MOST_COLUMNS = 100_000
"""What is looked at of each column takes a minute where there are many more: such a line is no example."""
MOSTLY = 0.9
"""The share of a column's cells that make it one of numbers."""
CALLED = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", BLANK: "blanks"}
Rows = list[list[str]]
MakeError = Callable[[str], PresetError]


@dataclass(frozen=True, slots=True)
class Form:
    """How a table is written. `names` are those of its columns, () where it has none; `rows` those of the sample.

    `skipped` lines stand before the first record; `header`: whether that record has the names.
    """

    delimiter: str
    header: bool
    width: int
    names: tuple[str, ...]
    rows: Rows = field(repr=False)
    skipped: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """A sample as one separator cuts it. `typed` and `loose` are the shares of its cells that are no words, the latter
    with numbers such as `1 234` among them; `consistent` whether all records but the first have the same `width`.
    """

    delimiter: str
    rows: Rows
    lines: list[int]
    width: int
    agreeing: float
    consistent: bool
    typed: float
    loose: float
    comment: str


def found_form(
    text: TextIOWrapper,
    delimiter: str | None,
    header: bool | None,
    wanted: Sequence[str],
    error: MakeError,
) -> Form:
    """The form of a text from its beginning; `delimiter` and `header` are as given, None to be found out.

    `wanted` are names of columns that the preset uses. Raises what `error` makes where it cannot be told.
    """
    lines, whole = _sample(text)
    skipped = 0
    if lines and lines[0].strip().lower().startswith("sep=") and len(lines[0].strip()) <= len("sep=") + 1:
        # What Excel writes above a table for Excel.
        delimiter, skipped, lines = delimiter or lines[0].strip("\r\n")[len("sep=") :] or None, 1, lines[1:]
    cuts = [_cut(lines, mark, whole) for mark in ([delimiter] if delimiter else CANDIDATES)]
    if not any(cut.rows for cut in cuts):
        raise error("is empty; expected a table of text")
    cut = cuts[0] if delimiter else _best(cuts, error)
    if cut.width > MOST_COLUMNS:
        raise error(f"expected at most {MOST_COLUMNS:,} columns, found {cut.width:,} cells in a line")
    notes = [] if cut.delimiter == "," or delimiter else [f"cells are separated by {CALLED[cut.delimiter]}"]
    names = _names(cut, header, wanted, error)
    if names:
        return Form(cut.delimiter, True, cut.width, names, cut.rows[1:], skipped, tuple(notes))
    _check_first(cut, error)
    names = _names_of_comment(cut)
    if names:
        notes.append("the names of the columns are those of the comment above the first row")
    elif header is None:
        notes.append("the first line is like the others, so the columns have no names and are counted")
    return Form(cut.delimiter, False, cut.width, names, cut.rows, skipped, tuple(notes))


def _sample(text: TextIOWrapper) -> tuple[list[str], bool]:
    """The first lines, and whether they are all there are."""
    lines: list[str] = []
    characters = 0
    while len(lines) < SAMPLE_LINES and (characters < SAMPLE_CHARACTERS or len(lines) < FEWEST_LINES):
        line = text.readline(LONGEST_RECORD + 1)
        if not line:
            return lines, True
        characters += len(line)
        lines.append(line)
    return lines, not text.read(1)


def _cut(lines: list[str], delimiter: str, whole: bool) -> Cut:
    records = Records(over(lines), delimiter, PresetError)
    found: list[tuple[int, list[str]]] = []
    broken = False
    try:
        for record in records:
            found.append(record)
    except PresetError:
        # A quote that does not end may do so behind the sample.
        broken = whole or records.began <= len(lines) // 2
    rows = [[cell.strip() for cell in row] for _, row in found]
    numbers = [line for line, _ in found]
    body = rows[1:] or rows
    # Of two that are as frequent the one that comes first.
    width = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    agreeing = sum(len(row) == width for row in body) / (len(body) or 1)
    cells = [cell for row in body[: 1 + SAMPLE_CELLS // (width or 1)] for cell in row]
    loose = sum(is_typed(cell) for cell in cells)
    apart = sum(has_blank_thousands(cell) for cell in cells)
    total = len(cells) or 1
    consistent = agreeing == 1 and not broken
    comment = records.last_comment
    return Cut(delimiter, rows, numbers, width, agreeing, consistent, (loose - apart) / total, loose / total, comment)


def is_typed(cell: str) -> bool:
    """Whether a stripped cell is something other than a word: a number, true or false, a date, or nothing."""
    return is_missing(cell) or is_number(cell) or cell.lower() in TRUTHS or is_date(cell)


def _best(cuts: list[Cut], error: MakeError) -> Cut:
    several = [cut for cut in cuts if cut.width > 1]
    if not several:
        return next(cut for cut in cuts if cut.rows)
    consistent = [cut for cut in several if cut.consistent]
    if not consistent:
        return max(several, key=lambda cut: (cut.agreeing, cut.typed))
    best = max(consistent, key=lambda cut: (cut.typed, cut.loose))
    for other in consistent:
        if _as_good(other, best):
            raise error(
                f"may be separated by {CALLED[best.delimiter]} or by {CALLED[other.delimiter]}; say which by "
                f'delimiter = "{_typed(best.delimiter)}" or "{_typed(other.delimiter)}" in [data]'
            )
    return best


def _as_good(other: Cut, best: Cut) -> bool:
    """Whether another separator gives another table that is as likely."""
    if other is best or other.loose < best.loose:
        return False
    if {other.delimiter, best.delimiter} == {BLANK, "\t"} and other.width == best.width:
        return False
    # Words have blanks in them.
    return other.delimiter != BLANK or other.loose > 0


def _typed(delimiter: str) -> str:
    return delimiter.replace("\t", "\\t")


def _check_first(cut: Cut, error: MakeError) -> None:
    if len(cut.rows[0]) != cut.width:
        raise error(
            f"line {cut.lines[0]}: expected {cut.width} fields, as the lines below have, found {len(cut.rows[0])}; "
            "take out what is not of the table, or mark it by #"
        )


# The line of names


def _names(cut: Cut, header: bool | None, wanted: Sequence[str], error: MakeError) -> tuple[str, ...]:
    """The names in the first record, one a column; () where it has none."""
    first, body = cut.rows[0], cut.rows[1:]
    if header is False:
        return ()
    if body and 1 < len(first) == cut.width - 1 and not any(map(is_number, first)):
        # One name less: R's rows have names in a column that has none, or every row ends with a separator.
        return (*first, "") if all(row[-1] == "" for row in body) else ("", *first)
    if header is None and len(first) == cut.width and not any(name in first for name in wanted):
        header = _has_names(first, [row for row in body if len(row) == cut.width])
        if header is None:
            raise error(
                f"line {cut.lines[0]}: may be names of columns or an example; say header = true or header = false "
                "in [data]"
            )
        if not header:
            return ()
    _check_first(cut, error)
    return tuple(first)


def _has_names(first: list[str], body: Rows) -> bool | None:
    """Whether a table's first row has names, by what is below it; None where it cannot be told."""
    if not body:
        return not any(is_number(cell) or is_missing(cell) for cell in first) and len(set(first)) == len(first)
    columns = list(zip(*body[: 1 + SAMPLE_CELLS // len(first)], strict=True))
    found = _seem_names(first, columns)
    named = all(_may_name(cell, place, column) for place, (cell, column) in enumerate(zip(first, columns, strict=True)))
    return found if found is not True or named else None


def _may_name(cell: str, place: int, column: tuple[str, ...]) -> bool:
    """Whether a cell may be a name: one of nothing is that of a column of nothing, or of the first, which has all."""
    if not is_missing(cell):
        return True
    empty = all(map(is_missing, column))
    return cell == "" and (empty or (place == 0 and len(set(column)) == len(column) and "" not in column))


def _seem_names(first: list[str], columns: list[tuple[str, ...]]) -> bool | None:
    kinds = [_kind(column) for column in columns]
    numbers = [cell for cell in first if is_number(cell)]
    other = any(
        kind is not None and cell and not is_missing(cell) and not kind(cell)
        for cell, kind in zip(first, kinds, strict=True)
    )
    if other:
        return True if not numbers else None
    if numbers:
        return _counts(first, columns, kinds)
    named = [(cell, column) for cell, column in zip(first, columns, strict=True) if not is_typed(cell)]
    if not named or any(cell in column for cell, column in named):
        return False
    repeats = any(len(set(column)) < len(column) for column in columns)
    return True if repeats else None


def _counts(first: list[str], columns: list[tuple[str, ...]], kinds: list[Callable[[str], bool] | None]) -> bool | None:
    """Whether a first row with numbers where numbers stand below has names nevertheless: 0, 1, 2, …, or years."""
    if first[0] == "" and len(first) > 2 and counts_up(first[1:]) and int(first[1]) <= 1:
        return True
    if counts_up(first) and int(first[0]) <= 1:
        if None in kinds:
            return True
        fractions = all(not cell.lstrip("+-").isdigit() for column in columns for cell in column)
        return None if len(first) > 4 or fractions else False
    if counts_up(first) and int(first[0]) >= EARLIEST_YEAR and len(first) > 2:
        return None
    counted = [cell for cell in first if is_number(cell)]
    words = [(cell, column) for cell, column in zip(first, columns, strict=True) if not is_typed(cell)]
    years = len(counted) > 1 and counts_up(counted) and words and not any(cell in column for cell, column in words)
    return None if years else False


def _is_truth(cell: str) -> bool:
    return cell.lower() in TRUTHS


def _kind(column: Sequence[str]) -> Callable[[str], bool] | None:
    """What most cells of a column are, but for words; None for words, and for columns of nothing."""
    cells = [cell for cell in column if not is_missing(cell)]
    tests: tuple[Callable[[str], bool], ...] = (is_number, _is_truth, is_date)
    for test in tests:
        if cells and sum(map(test, cells)) >= MOSTLY * len(cells):
            return test
    return None


def _names_of_comment(cut: Cut) -> tuple[str, ...]:
    """The names in a comment above the first row, as NumPy's savetxt writes them; () where it has none."""
    lines = [cut.comment.lstrip().lstrip("#% \t")]
    names = next((row for _, row in Records(over(lines), cut.delimiter, PresetError)), []) if cut.comment else []
    names = [name.strip() for name in names]
    fitting = len(names) == cut.width > 1 and len(set(names)) == len(names)
    return tuple(names) if fitting and not any(map(is_typed, names)) else ()
