"""What stands in a cell of a table: a number in one of its spellings, nothing, a date, or a word."""

import re
from itertools import pairwise

MISSING_MARKS = frozenset(
    [
        *("", "?", "-", "--", ".", "*", "missing", "\\N"),
        *("NA", "na", "N/A", "n/a", "n.a.", "N.A.", "#N/A", "#NA", "<NA>"),
        *("nan", "NaN", "NAN", "+nan", "-nan", "-NaN", "NaT"),
        *("null", "NULL", "Null", "None", "none"),
    ]
)
"""How people write that a cell has no value."""
BLANKS = " \u00a0\u2009\u202f"
"""The blanks that stand between thousands, the plain one first."""
GROUPING = BLANKS + "'’"
OTHER_MARK = {".": ",", ",": "."}
_SIGN = "[-+\u2212]?"
PLAIN = {
    mark: re.compile(rf"{_SIGN}(?:[0-9]+(?:[{mark}][0-9]*)?|[{mark}][0-9]+)(?:[eE][-+]?[0-9]+)?") for mark in (".", ",")
}
GROUPED = {
    mark: re.compile(
        rf"{_SIGN}[1-9][0-9]{{0,2}}(?:([{other}{GROUPING}])[0-9]{{3}})(?:\1[0-9]{{3}})*(?:[{mark}][0-9]*)?"
    )
    for mark, other in OTHER_MARK.items()
}
"""Numbers whose thousands are separated, by the decimal mark."""
DATE = re.compile(
    r"(?:[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-/.])(?:[0-9]{1,2}|[A-Za-z]{3,9})\2(?:[0-9]{4}|[0-9]{2}))"
    r"(?:[T ]\s*[0-9]{1,2}:[0-9]{2}.*)?|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?"
)
MEASURE = re.compile(r"[$€£¥]\s*[-+]?[0-9][0-9.,]*|[-+]?[0-9][0-9.,]*\s*[%$€£¥]")
"""Numbers with a sign of percent or of money."""
TRUTHS = {"true": 1.0, "false": 0.0}


def with_nan(text: str, delimiter: str) -> str:
    """Lines cut at `delimiter`, with nan in the place of cells without a value that have no blanks about them."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    border = f"{delimiter}\n{delimiter}"
    text = delimiter + lines.replace("\n", border) + delimiter
    for mark in MISSING_MARKS:
        if mark in text:
            # Twice, since one of two that stand beside each other is left by the first.
            for _ in range(2):
                text = text.replace(delimiter + mark + delimiter, f"{delimiter}nan{delimiter}")
    return text[len(delimiter) : -len(delimiter)].replace(border, "\n")


def number_of(cell: str, decimal: str) -> float | None:
    """The number that a stripped `cell` holds, where `decimal` is the decimal mark; None where it holds none."""
    if PLAIN[decimal].fullmatch(cell):
        return float(cell.replace(decimal, ".").replace("\u2212", "-"))
    found = GROUPED[decimal].fullmatch(cell)
    if found is None:
        return None
    return float(cell.replace(found[1], "").replace(decimal, ".").replace("\u2212", "-"))


def is_number(cell: str) -> bool:
    """Whether a stripped cell is a number under either decimal mark."""
    return number_of(cell, ".") is not None or number_of(cell, ",") is not None


def marks_of(cell: str) -> str:
    """The decimal marks under which a stripped cell is a number: `.`, `,`, both, or neither.

    "" also for a number that is the same under both. Both marks are given where they give different numbers.
    """
    if "." not in cell and "," not in cell:
        return ""
    dot, comma = number_of(cell, "."), number_of(cell, ",")
    if dot == comma:
        return ""
    return ("." if dot is not None else "") + ("," if comma is not None else "")


def is_missing(cell: str) -> bool:
    return cell in MISSING_MARKS


def is_infinite(cell: str) -> bool:
    """Whether a stripped cell is a word for infinity, which is no number to learn from."""
    return cell.lstrip("+-").lower() in ("inf", "infinity")


def is_date(cell: str) -> bool:
    return DATE.fullmatch(cell) is not None


def has_blank_thousands(cell: str) -> bool:
    """Whether a number's thousands are separated by plain blanks, so that it may be two or more cells."""
    return " " in cell and is_number(cell)


def counts_up(numbers: list[str]) -> bool:
    """Whether cells are whole numbers, each one more than the one before, as names of columns may be."""
    if not all(re.fullmatch("[0-9]{1,9}", number) for number in numbers):
        return False
    return all(int(after) == int(before) + 1 for before, after in pairwise(numbers))
