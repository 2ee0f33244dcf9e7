"""A worked solution as Markdown, with its mathematics in LaTeX between dollars."""

import re
from math import isfinite

from .latex_expression import BREAK, number, numbers, symbols
from .latex_notation import BLANK, math
from .solution import Done, Extent, Line, Matrix, Section, WorkedSolution
from .text import DIGITS, form, label_text


def solution_markdown(solution: WorkedSolution, answers: WorkedSolution | None = None, done: Done | None = None) -> str:
    """The whole document; `answers` are those of a worksheet."""
    done = done or Done()
    lines = [f"# {prose(solution.title)}", "", prose(solution.subject)]
    lines += ["", prose(label_text(solution.labels))] if solution.labels else []
    lines += part_lines(solution, done, 2)
    if answers is not None:
        lines += ["", "## Answers", *part_lines(answers, done, 3)]
    return "\n".join(lines) + "\n"


def prose(text: str) -> str:
    """Words as they are, with what Markdown would take for marks of its own escaped."""
    return re.sub(r"([\\`*_<>$#\[\]])", r"\\\1", text)


def part_lines(solution: WorkedSolution, done: Done, level: int) -> list[str]:
    lines: list[str] = []
    for part in solution.parts:
        lines += ["", f"{'#' * level} {part.heading}"]
        for section in done.each(part.sections):
            lines += section_lines(section, level + 1)
    return lines


def section_lines(section: Section, level: int) -> list[str]:
    """One op: heading, rule, why, then its numbers as a list, and its matrices."""
    lines = ["", f"{'#' * level} {prose(section.heading)}"] if section.heading else []
    lines += ["", f"${math(section.rule)}$"] if section.rule else []
    lines += ["", prose(section.why)] if section.why else []
    lines += ["", *(f"- ${line_math(line)}$" for line in section.lines)] if section.lines else []
    for matrix in section.matrices:
        lines += ["", f"$${matrix_math(matrix)}$$"]
    lines += ["", *(f"- {extent_markdown(extent)}" for extent in section.extents)] if section.extents else []
    return lines


def line_math(line: Line) -> str:
    """`name = symbols = numbers = value`, on one line; where the expression is one number it is not said twice."""
    parts = [math(line.name)]
    value = value_math(line.value)
    if line.expression is not None:
        parts += [symbols(line.expression), numbers(line.expression, form)]
        if parts[-1] == value:
            parts.pop()
    return " = ".join([*parts, value]).replace(BREAK, " ")


def value_math(value: float | None) -> str:
    return BLANK if value is None else number(value, DIGITS)


def matrix_math(matrix: Matrix) -> str:
    rows = " \\\\ ".join(" & ".join(value_math(value) for value in row) for row in matrix.rows)
    return f"{math(matrix.name)} = \\begin{{bmatrix}} {rows} \\end{{bmatrix}}"


def extent_markdown(extent: Extent) -> str:
    """`dW⁽¹⁾: 128×784, from −0.1 to 0.2, norm 1.5`, each number in math."""
    times = " \\times ".join(map(str, extent.shape))
    shape = f"${times}$" if times else "one number"
    reach = (
        "no finite number"
        if extent.low is not None and not isfinite(extent.low)
        else f"from ${value_math(extent.low)}$ to ${value_math(extent.high)}$"
    )
    return f"${math(extent.name)}$: {shape}, {reach}, norm ${value_math(extent.norm)}$"
