"""How many pages a document takes on paper, before anybody prints it: about as many as are said here."""

from math import ceil

from .latex import sheet_latex
from .solution import WorkedSolution
from .text import solution_text

LINES = 60
COLUMNS = 80
"""Of a page of text."""
HEIGHT = 668.0
"""Of a page of LaTeX, in points, as its preamble sets it; the rest are heights in it."""
HEADINGS = {"\\section*": 37.0, "\\subsection*": 30.0, "\\begin{center}": 70.0}
DISPLAY = 27.0
ROW = 15.0
FRACTION = 9.0
PARAGRAPH = 16.0
LETTERS = 105
"""In a line of prose."""


def page_count(solution: WorkedSolution, form: str) -> int:
    """The pages of a document, at least 1; of Markdown those that it has as LaTeX."""
    return pages_of(solution_text(solution) if form == "text" else sheet_latex(solution), form)


def pages_of(document: str, form: str) -> int:
    """The pages of what is written already, as text or LaTeX: of text 60 lines of 80 columns each."""
    if form == "text":
        return max(1, ceil(sum(max(1, ceil(len(line) / COLUMNS)) for line in document.splitlines()) / LINES))
    return max(1, round(height(document) / HEIGHT))


def height(source: str) -> float:
    """Of a LaTeX document's body, in points, were its page as high as all of it."""
    total, display = 0.0, False
    for line in source.splitlines():
        heading = next((height for mark, height in HEADINGS.items() if line.startswith(mark)), None)
        if heading is not None:
            total += heading
        elif line.startswith(("\\begin{gather*}", "\\begin{align*}", "\\[")):
            total, display = total + DISPLAY, True
        elif line.startswith(("\\end{gather*}", "\\end{align*}", "\\end{bmatrix}")):
            display = False
        elif display:
            total += ROW + FRACTION * ("\\frac" in line)
        else:
            total += PARAGRAPH * max(1, ceil(len(line) / LETTERS))
    return total
