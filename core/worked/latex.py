"""A worked solution as a complete LaTeX document: article, amsmath and nothing else, in ASCII."""

from collections.abc import Iterable, Iterator
from itertools import product

from .latex_expression import BREAK, broken, measured, numbers, symbols
from .latex_notation import math
from .latex_prose import has_letters, plain_text, prose
from .markdown import extent_markdown, value_math
from .solution import Done, Line, Matrix, Section, WorkedSolution
from .text import form

WIDTH = 78
"""Digits in the width of the text."""
MOST_COLUMNS = 10
MOST_ROWS = 32
"""Rows of a matrix on a page."""
PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[utf8]{inputenc}
\usepackage{amsmath}
\setlength{\textwidth}{16.5cm}
\setlength{\oddsidemargin}{-0.3cm}
\setlength{\topmargin}{-1cm}
\setlength{\textheight}{23.5cm}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\allowdisplaybreaks
\sloppy
"""
RULED = "\\underline{\\makebox[6cm]{}}"
"""To write a name on."""


def solution_latex(solution: WorkedSolution, answers: WorkedSolution | None = None, done: Done | None = None) -> str:
    """The whole document; `answers` are those of a worksheet, on a page of their own."""
    done = done or Done()
    lines = [
        PREAMBLE + f"\\title{{{prose(solution.title)}}}",
        f"\\date{{{prose(solution.subject)}}}",
        "\\author{}",
        "\\begin{document}",
        "\\maketitle",
        *part_lines(solution, done),
    ]
    if answers is not None:
        lines += ["\\clearpage", "\\section*{Answers}", *part_lines(answers, done)]
    return "\n".join([*lines, "\\end{document}"]) + "\n"


def sheet_latex(solution: WorkedSolution, done: Done | None = None) -> str:
    """The body of a document of one student's sheet, or of several behind each other, each with pages of its own.

    Its pages are counted from 1 and say whose they are, and it takes an even number of them, so that no other sheet
    begins on the back of its last one. A name that LaTeX has no letters for is left to be written by hand.
    """
    title, subject = prose(solution.title), prose(solution.subject)
    labels = [(name, value if value is not None and has_letters(value) else None) for name, value in solution.labels]
    running = "\\quad ".join(plain_text(f"{name}: {value}") for name, value in labels if value is not None)
    line = "\\hfill ".join(f"{name}: {RULED if value is None else plain_text(value)}" for name, value in labels)
    lines = [
        "\\setcounter{page}{1}",
        f"\\markright{{{running}}}",
        f"\\begin{{center}}{{\\LARGE {title}\\par}}\\medskip {subject}\\end{{center}}",
        f"\\noindent {line}\\par",
        *part_lines(solution, done or Done()),
        "\\clearpage",
        "\\ifodd\\value{page}\\else\\mbox{}\\thispagestyle{empty}\\clearpage\\fi",
    ]
    return "\n".join(lines) + "\n"


def sheets_latex(bodies: Iterable[str]) -> Iterator[str]:
    """The document of these sheets, in pieces."""
    yield PREAMBLE + "\\pagestyle{myheadings}\n\\begin{document}\n"
    yield from bodies
    yield "\\end{document}\n"


def part_lines(solution: WorkedSolution, done: Done) -> Iterator[str]:
    for part in solution.parts:
        yield f"\\section*{{{prose(part.heading)}}}"
        for section in done.each(part.sections):
            yield from section_lines(section)


def section_lines(section: Section) -> Iterator[str]:
    """One op: heading, rule, why, then its numbers, one under the other."""
    if section.heading:
        yield f"\\subsection*{{{prose(section.heading)}}}"
    if section.rule:
        # Formulas that a rule sets side by side get a line each.
        yield "\\begin{gather*}"
        yield " \\\\\n".join(math(rule) for rule in section.rule.split("   ") if rule.strip())
        yield "\\end{gather*}"
    if section.why:
        yield prose(section.why)
    if section.lines:
        yield "\\begin{align*}"
        yield " \\\\\n".join(line_latex(line) for line in section.lines)
        yield "\\end{align*}"
    for matrix in section.matrices:
        yield from matrix_latex(matrix)
    for extent in section.extents:
        yield f"\\par {extent_markdown(extent)}"


def line_latex(line: Line) -> str:
    """`name &= symbols = numbers = value`; what is too long for one line gets several, aligned on the sign."""
    name, value = math(line.name), value_math(line.value)
    if line.expression is None:
        return f"{name} &= {value}"
    parts = [symbols(line.expression), numbers(line.expression, form), value]
    if parts[1] == value:
        parts.pop(1)
    room = WIDTH - measured(name) - 3
    flat = " = ".join(parts).replace(BREAK, " ")
    if measured(flat) <= room:
        return f"{name} &= {flat}"
    rows = []
    for part in parts:
        first, *more = broken(part, room)
        rows += [f"&= {first}", *(f"&\\quad {row}" for row in more)]
    return f"{name} " + " \\\\\n".join(rows)


def matrix_latex(matrix: Matrix) -> Iterator[str]:
    """A matrix, a wide or a tall one in several parts."""
    cells = [[value_math(value) for value in row] for row in matrix.rows]
    parts = column_parts(cells, WIDTH - measured(math(matrix.name)) - 16)
    tops = range(0, len(cells), MOST_ROWS)
    for top, (start, end) in product(tops, parts):
        chosen = cells[top : top + MOST_ROWS]
        rows = " \\\\\n".join(" & ".join(row[start:end]) for row in chosen)
        names = [f"rows {top + 1} to {top + len(chosen)}"] if len(tops) > 1 else []
        names += [f"columns {start + 1} to {end}"] if len(parts) > 1 else []
        which = f"\\quad\\text{{({', '.join(names)})}}" if names else ""
        yield f"\\[ {math(matrix.name)} = \\begin{{bmatrix}}\n{rows}\n\\end{{bmatrix}}{which} \\]"


def column_parts(cells: list[list[str]], room: float) -> list[tuple[int, int]]:
    """Where to cut the columns of a matrix: the first column of each part, and the one behind its last."""
    widths = [max(map(measured, column)) + 2 for column in zip(*cells, strict=True)]
    parts, start, used = [], 0, 0.0
    for place, width in enumerate(widths):
        # LaTeX has room for ten columns in a matrix, however narrow.
        if place > start and (used + width > room or place - start == MOST_COLUMNS):
            parts.append((start, place))
            start, used = place, 0.0
        used += width
    return [*parts, (start, len(widths))]
