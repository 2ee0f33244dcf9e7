"""What `estimate` prints: the contest as JSON and as text."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from backprop_tui.core.preset.json_number import number

from .aspects import Row, compared, form
from .conclusion import conclusion
from .contest import Outcome, Result
from .estimators import OWN
from .exhaustive import cost_lines, pace_line

WIDTH = 100
"""Of the text, in characters."""
LEAST_COLUMN = 12
HEADINGS = ("", "passes", "steps", "passes a step", "step size", "seconds", "loss", "cosine", "kept bytes")


def estimate_json(outcome: Outcome) -> dict[str, Any]:
    """The four methods as JSON has them."""
    return {
        "budget": outcome.budget,
        "methods": [
            {
                "name": result.name,
                "forward_passes": number(result.forward_passes),
                "seconds": number(result.seconds),
                "loss": number(result.loss),
                "cosine": number(result.cosine),
                "cached_bytes": result.cached_bytes,
            }
            for result in outcome.results
            if result.name != OWN
        ],
    }


def estimate_text(outcome: Outcome) -> str:
    """What the contest shows, its figures, the methods compared, and what exhaustive search would cost."""
    passes = "1 forward pass" if outcome.budget == 1 else f"{outcome.budget:,} forward passes"
    start = form(outcome.results[0].trace[0][1])
    opening = f"Budget: {passes} of the whole training set for each method. Loss at the start: {start}."
    parts = (
        [line for text in conclusion(outcome) for line in wrap(text, WIDTH)],
        [*wrap(opening, WIDTH), *wrap(fairness(outcome), WIDTH)],
        aligned([HEADINGS, *(figures(result) for result in outcome.results)]),
        in_columns(compared(outcome), WIDTH),
        [line for text in costs(outcome) for line in wrap(text, WIDTH)],
    )
    return "\n\n".join("\n".join(lines) for lines in parts)


def fairness(outcome: Outcome) -> str:
    """How each method comes by its step size."""
    sizes = outcome.results[0].sizes
    own = any(result.name == OWN for result in outcome.results)
    told = "The first three take plain gradient descent" + (
        "; the last steps with the preset's own optimizer, as it is set."
        if own
        else ", which is the preset's own optimizer too."
    )
    if sizes == 1:
        return f"The budget pays for one step size: gradients take the preset's learning rate. {told}"
    tried = f"Each has the best of {sizes} step sizes: half of its budget tries them, the best goes on with the rest."
    return f"{tried} {told}"


def costs(outcome: Outcome) -> list[str]:
    """What trying all weights would cost, also at the pace of random search, one pass a trial."""
    search = next((result for result in outcome.results if result.name == "random_search"), None)
    # Before its first pass, and in less time than the clock tells, it has no pace.
    measured = search is not None and search.forward_passes and search.seconds
    pace = [search.forward_passes / search.seconds] if search is not None and measured else []
    return [*(pace_line(outcome.parameters, passes) for passes in pace), *cost_lines(outcome.parameters)]


def figures(result: Result) -> Row:
    return (
        result.title,
        f"{result.forward_passes:,.6g}" if result.forward_passes < 1e6 else f"{result.forward_passes:,.0f}",
        f"{result.steps:,}",
        f"{result.price:,.4g}" if result.price < 1e4 else f"{result.price:,.0f}",
        form(result.size, 3),
        form(result.seconds, 3),
        form(result.loss),
        "" if result.cosine is None else form(result.cosine),
        f"{result.cached_bytes:,}",
    )


def aligned(rows: Sequence[Row]) -> list[str]:
    """Rows as lines, the first column to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [f"{first:<{widths[0]}}", *(f"{cell:>{width}}" for cell, width in zip(rest, widths[1:], strict=True))]
        ).rstrip()
        for first, *rest in rows
    ]


def in_columns(rows: Sequence[Row], width: int) -> list[str]:
    """Rows of text as lines of at most `width` characters: in columns with broken cells, or under each other."""
    first = max(len(row[0]) for row in rows)
    column = (width - first) // (len(rows[0]) - 1) - 2
    if column < LEAST_COLUMN:
        return under_each_other(rows, width)
    lines = []
    for name, *cells in rows:
        broken = [wrap(cell, column) for cell in cells]
        for index in range(max(map(len, broken))):
            parts = [f"{cell[index] if index < len(cell) else '':<{column}}" for cell in broken]
            lines.append("  ".join([f"{'' if index else name:<{first}}", *parts]).rstrip())
    return lines


def under_each_other(rows: Sequence[Row], width: int) -> list[str]:
    """The same where there is no room for columns: a line or more for each cell, with the name of its column."""
    (_, *names), *others = rows
    lines = []
    for aspect, *cells in others:
        lines.append(aspect)
        for name, cell in zip(names, cells, strict=True):
            lines += wrap(f"{name}: {cell}", max(LEAST_COLUMN, width), initial_indent="  ", subsequent_indent="    ")
    return lines
