"""Which classes are taken for which: examples by truth and answer, cells coloured by their share of the row."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from backprop_tui.core.training.measures import ClassMeasures, LabelMeasures, Part
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.palette import mix
from backprop_tui.tui.drawing.strips import Part as Piece
from backprop_tui.tui.drawing.strips import fit, line, padded, style, text_lines
from backprop_tui.tui.drawing.table import Table, table_lines
from backprop_tui.tui.drawing.titles import told_apart

from .measure_lines import accuracy_lines
from .measuring import Found

LEAST_NAME, MOST_NAME = 3, 16
"""Cells of the name before a row."""
MOST_COLUMN = 12
MOST_ROW = 3
"""Lines of a row, where there is room."""
MOST_MISTAKES = 6
STRONG = 0.6
"""How much of its colour is in a cell that has all of its row."""
EMPTY = "·"
"""A cell without examples."""


def confusion_lines(found: Found, part: Part, width: int, height: int, look: Look) -> list[Strip]:
    """The matrix of a part, under its accuracy."""
    of = found.parts[part]
    assert of is not None
    if of.measures is None:
        return text_lines("An answer is no finite number.", width, height, look, look.palette.warning)
    assert isinstance(of.measures, ClassMeasures | LabelMeasures)
    head = accuracy_lines(of.measures, width, look)
    if isinstance(of.measures, LabelMeasures):
        return [*head, *label_lines(of.measures, width, height - len(head), look)][:height]
    return [*head, *matrix(of.measures, width, height - len(head), look)][:height]


def matrix(found: ClassMeasures, width: int, height: int, look: Look) -> list[Strip]:
    """Rows are the truth, columns the answers; numbers where they have room, else colours or glyphs alone."""
    count, counts = len(found.names), found.confusion
    if counts is None or count + LEAST_NAME + 1 > width or count + 1 > height:
        wrong = [] if counts is None else mistakes(found, width, height, look)
        text = f"{count} × {count} have no room: {look.keys.said('z')}." + (
            " The most frequent mistakes:" if wrong else ""
        )
        return [*text_lines(text, width, height, look), *wrong][:height]
    longest = max(cell_len(look.text(name)) for name in found.names)
    digits = max(len(f"{int(counts.max()):,}"), 1)
    name = max(LEAST_NAME, min(longest, MOST_NAME, width - count * (digits + 1) - 1))
    column = min(MOST_COLUMN, (width - name - 1) // count)
    row = max(1, min(MOST_ROW, (height - 2) // count))
    numbered = column > digits
    if row == 2:
        # Numbers stand in the middle of a cell.
        row = 1
    dim = style(look.palette.dim)
    titles = told_apart(found.names, max(column - 1, 1), look) if column > 1 else [""] * count
    above = " " * (name + 1) + "".join(
        padded(one, column - numbered, look, right=True) + " " * numbered for one in titles
    )
    about = ["row: truth, column: answer"] if height > count * row + 1 else []
    lines = [line([(fit(text, width, look), dim)], width) for text in (*about, above)]
    names = told_apart(found.names, name, look)
    for place, label in enumerate(names):
        for part_of_row in range(row):
            said = part_of_row == row // 2
            before = padded(label if said else "", name, look) + " "
            cells = cells_of(counts[place].tolist(), place, column, look, numbered=numbered, said=said)
            lines.append(line([(before, style(look.palette.text)), *cells], width))
    return [*lines, Strip([]), *mistakes(found, width, height - len(lines) - 1, look)][:height]


def mistakes(found: ClassMeasures, width: int, height: int, look: Look) -> list[Strip]:
    """`5 of 50 "3" are taken for "2"`: the most frequent mistakes, as many as there are lines for."""
    assert found.confusion is not None
    wrong = found.confusion.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[: max(0, min(height, MOST_MISTAKES))]
    lines = []
    for truth, answer in zip(*np.unravel_index(order, wrong.shape), strict=True):
        if wrong[truth, answer]:
            count, of = int(wrong[truth, answer]), int(found.counts[truth])
            are = "is" if count == 1 else "are"
            text = f'{count:,} of {of:,} "{found.names[truth]}" {are} taken for "{found.names[answer]}"'
            lines.append(line([(fit(text, width, look), style(look.palette.dim))], width))
    return lines


def cells_of(counts: Sequence[int], truth: int, column: int, look: Look, *, numbered: bool, said: bool) -> list[Piece]:
    """One line of a row: the numbers where it has them, on the colour of their share."""
    total = max(sum(counts), 1)
    cells: list[Piece] = []
    for answer, count in enumerate(counts):
        share = count / total
        text = (f"{count:,}" if count else look.text(EMPTY)) if said and numbered else ""
        if not numbered and look.ramps:
            ramp = look.glyphs.grey_ramp
            text = ramp[max(1, round(share * (len(ramp) - 1)))] * column if count else ""
        shown = f"{text:>{column - 1}} " if numbered else f"{text:>{column}}"
        cells.append((shown, cell_style(share, answer == truth, look)))
    return cells


def cell_style(share: float, right: bool, look: Look) -> Style:
    """Of what is right blue, of what is wrong orange; without colours the right ones are bold."""
    palette = look.palette
    color = palette.positive if right else palette.negative
    if look.ramps or not share:
        return style(palette.text if share else palette.dim, bold=right)
    # The root lets a few mistakes among many right answers be seen.
    return style(palette.text, mix(palette.background, color, STRONG * sqrt(share)), bold=right)


def label_lines(found: LabelMeasures, width: int, height: int, look: Look) -> list[Strip]:
    """A line a label: how many examples without it, and with it, are answered no and yes."""
    rows = np.asarray(found.confusion.reshape(-1, 4), dtype=float)
    titles = ["label", "no: no", "no: yes", "yes: no", "yes: yes"]
    head = line([(fit("truth: answer", width, look), style(look.palette.dim))], width)
    return [head, *table_lines(Table(titles, found.names, rows, "labels"), width, height - 1, look)]
