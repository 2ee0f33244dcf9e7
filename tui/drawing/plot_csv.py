"""Curves over steps as a table of text: a row a step, every number as it is, which spreadsheets and pandas read."""

import csv
from collections.abc import Sequence
from io import StringIO

import numpy as np

from .palette import FloatArray
from .plot_points import within
from .series import Series

FROM = "_from"


def plot_csv(series: Sequence[Series], *, first: float, last: float, across: str = "step") -> str:
    """The series over the steps `first` … `last` as comma-separated text under a line of names, in full precision.

    A curve of which the least and the greatest of several steps are known has three columns: `batch_from` is the first
    of the steps, that of the row the last, and `batch_low` and `batch_high` are the two losses. Empty: the curve has no
    value at that step. What is not finite is `nan`, `inf` or `-inf`.
    """
    columns = named([column for one in series for column in columns_of(within(one, first, last))], across)
    steps = np.unique(np.concatenate([np.empty(0), *(known for _, known, _ in columns)]))
    cells = [[""] * len(steps) for _ in columns]
    for cell, (name, known, values) in zip(cells, columns, strict=True):
        number_text = step_text if name.endswith(FROM) else repr
        for row, value in zip(np.searchsorted(steps, known).tolist(), values.tolist(), strict=True):
            cell[row] = number_text(value)
    table = StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow([across, *(name for name, _, _ in columns)])
    writer.writerows(zip(map(step_text, steps.tolist()), *cells, strict=True))
    return table.getvalue()


Column = tuple[str, FloatArray, FloatArray]
"""A name, steps and values."""


def columns_of(one: Series) -> list[Column]:
    """The columns of a series: one, or three."""
    high = one.low if one.high is None else one.high
    alone = one.begins is None or np.array_equal(one.begins, one.steps)
    if alone and np.array_equal(one.low, high, equal_nan=True):
        return [(one.name, one.steps, one.low)]
    begins = [] if alone or one.begins is None else [(f"{one.name}{FROM}", one.steps, one.begins)]
    return [*begins, (f"{one.name}_low", one.steps, one.low), (f"{one.name}_high", one.steps, high)]


def named(columns: Sequence[Column], across: str) -> list[Column]:
    """The columns with names that are on one line and differ, from each other and from that of the steps."""
    taken, found = {across}, []
    for name, steps, values in columns:
        name = " ".join(name.split())
        free = next(text for text in (name, *(f"{name} {n}" for n in range(2, len(columns) + 3))) if text not in taken)
        taken.add(free)
        found.append((free, steps, values))
    return found


def step_text(step: float) -> str:
    """A whole number as one."""
    return str(int(step)) if step == int(step) else repr(step)
