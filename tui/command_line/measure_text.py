"""What the answers of a trained network are worth, as rows of a result: label and text."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from backprop_tui.core.ops.expression import signed
from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.training.measures import (
    PARTS,
    ClassMeasures,
    LabelMeasures,
    NumberMeasures,
    measured,
)

if TYPE_CHECKING:
    from backprop_tui.core.session.session import Session

MOST_CLASSES = 10
"""Of more the confusion matrix is for the screen and for JSON."""
MOST_OUTPUTS = 10
NAME = 16
"""Cells of a name at most."""
NONE = "–"
"""A share of nothing."""
Rows = Iterator[tuple[str, str]]


def measure_rows(session: "Session") -> Rows:
    """Of both parts: accuracy beside that of one answer for all, confusion, or R² and errors in the data's units."""
    for part in PARTS:
        found = measured(session.evaluator, part)
        label = "" if part == "training" else "test "
        match None if found is None else found.measures:
            case ClassMeasures() as classes:
                yield f"{label}constant", constant_text(classes)
                if classes.confusion is not None and len(classes.names) <= MOST_CLASSES:
                    yield from titled(f"{label}confusion", confusion_table(classes))
            case LabelMeasures() as labels:
                yield f"{label}constant", constant_text(labels)
            case NumberMeasures() as numbers:
                units = (
                    "   in the data's own units; losses are of normalized targets"
                    if session.dataset.target_std is not None
                    else ""
                )
                yield from titled(f"{label}errors", number_table(numbers, units))


def titled(label: str, lines: Sequence[str]) -> Rows:
    """Lines of which the first has a label."""
    for place, text in enumerate(lines):
        yield label if place == 0 else "", text


def constant_text(found: ClassMeasures | LabelMeasures) -> str:
    """The accuracy of one answer for all examples, and whether the network's is any better."""
    answer = "the same answer for every example"
    if isinstance(found, ClassMeasures):
        answer = f'"{cut(found.names[int(found.counts.argmax())])}" for every example'
    verdict = "; the network is no better" if found.no_better else ""
    return f"{form(found.most_frequent):>12}   the accuracy of {answer}{verdict}"


def confusion_table(found: ClassMeasures) -> list[str]:
    """Examples by true class, the row, and answer, the column; recall behind each row, precision under each column."""
    assert found.confusion is not None
    names = [cut(name) for name in found.names]
    table = [["truth \\ answer", *names, "recall"]]
    for name, row, recall in zip(names, found.confusion.tolist(), found.recall, strict=True):
        table.append([name, *(f"{count:,}" for count in row), form(recall)])
    return aligned([*table, ["precision", *map(form, found.precision), ""]])


def number_table(found: NumberMeasures, units: str) -> list[str]:
    """R², RMSE and MAE, a row an output; of many outputs the first."""
    rows = [["", "R²", "RMSE", "MAE"]]
    for name, r2, rmse, mae in zip(found.names, found.r2, found.rmse, found.mae, strict=True):
        rows.append([cut(name), form(r2), form(rmse), form(mae)])
    more = len(rows) - 1 - MOST_OUTPUTS
    lines = aligned(rows[: MOST_OUTPUTS + 1])
    lines[0] += units
    return [*lines, f"… {more} more outputs"] if more > 0 else lines


def aligned(table: list[list[str]]) -> list[str]:
    """Rows of cells, the first column to the left, the others to the right."""
    widths = [max(cell_len(row[column]) for row in table) for column in range(len(table[0]))]
    return [
        "  ".join(
            padded(cell, width, right=place > 0) for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in table
    ]


def padded(text: str, width: int, *, right: bool) -> str:
    blank = " " * (width - cell_len(text))
    return blank + text if right else text + blank


def cut(name: str) -> str:
    """A name with its control characters shown, cut where it is long."""
    name = shown(name)
    if cell_len(name) <= NAME:
        return name
    kept = sum(cells < NAME for cells in accumulate(map(cell_len, name)))
    return name[:kept].rstrip() + "…"


def cell_len(text: str) -> int:
    """The cells that a text takes on a terminal; what knows that better than Unicode's table draws screens."""
    return sum(2 if east_asian_width(one) in "WF" else not combining(one) for one in text)


def form(value: float | None) -> str:
    """Four significant digits; a dash for a share of nothing."""
    return NONE if value is None else signed(f"{value:.4g}")
