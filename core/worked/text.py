"""A worked solution as text."""

from math import isfinite

from backprop_tui.core.ops.expression import signed

from .solution import BLANK, Done, Extent, Label, Line, Matrix, Section, WorkedSolution

DIGITS = 9
"""Significant digits of every number, in every form of the document."""

LINE = "_" * 32
"""To write a name on."""


def form(value: float | None) -> str:
    """A number of the text: nine significant digits, with a true minus sign; blank where it is to be found."""
    # Adding 0 makes 0 of −0.
    return BLANK if value is None else signed(f"{value + 0.0:.{DIGITS}g}")


def solution_text(solution: WorkedSolution, answers: WorkedSolution | None = None, done: Done | None = None) -> str:
    """The whole document; `answers` are those of a worksheet."""
    done = done or Done()
    lines = [solution.title, "=" * len(solution.title), solution.subject]
    lines += [label_text(solution.labels)] if solution.labels else []
    lines += part_lines(solution, done)
    if answers is not None:
        lines += ["", "", "Answers", "=======", *part_lines(answers, done)]
    return "\n".join(lines) + "\n"


def label_text(labels: tuple[Label, ...]) -> str:
    """`Name: ________   Sheet: 7 of 30`."""
    return "   ".join(f"{name}: {LINE if value is None else value}" for name, value in labels)


def part_lines(solution: WorkedSolution, done: Done) -> list[str]:
    lines: list[str] = []
    for part in solution.parts:
        lines += ["", part.heading, "-" * len(part.heading)]
        for section in done.each(part.sections):
            lines += [*([""] if section.heading else []), *section_lines(section)]
    return lines


def section_lines(section: Section) -> list[str]:
    """One op: heading, rule, why, then its numbers, indented."""
    lines = [section.heading] if section.heading else []
    lines += [f"  {words}" for words in (section.rule, section.why) if words]
    lines += [f"  {line_text(line)}" for line in section.lines]
    for matrix in section.matrices:
        lines += [f"  {row}" for row in matrix_lines(matrix)]
    return lines + [f"  {extent_text(extent)}" for extent in section.extents]


def line_text(line: Line) -> str:
    """`name = symbols = numbers = value`; where the expression is one number, that number is not said twice."""
    value = form(line.value)
    if line.expression is None:
        return f"{line.name} = {value}"
    symbols, numbers = line.expression.symbols(), line.expression.numbers(form)
    return f"{line.name} = {symbols}{'' if numbers == value else f' = {numbers}'} = {value}"


def matrix_lines(matrix: Matrix) -> list[str]:
    """A matrix, its columns one under the other."""
    cells = [[form(value) for value in row] for row in matrix.rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    indent = " " * (len(matrix.name) + 3)
    rows = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in cells]
    return [f"{f'{matrix.name} = ' if i == 0 else indent}[ {row} ]" for i, row in enumerate(rows)]


def extent_text(extent: Extent) -> str:
    """`dW⁽¹⁾: 128×784, from −0.1 to 0.2, norm 1.5`."""
    shape = "×".join(map(str, extent.shape)) or "one number"
    low, high = extent.low, extent.high
    reach = "no finite number" if low is not None and not isfinite(low) else f"from {form(low)} to {form(high)}"
    return f"{extent.name}: {shape}, {reach}, norm {form(extent.norm)}"
