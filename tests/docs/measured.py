"""Writes what the benchmarks have measured into the first table of docs/limits.md.

    python tests/benchmarks --json | python -m tests.docs.measured

Standard input is the JSON document of all benchmarks or of one: every object in it that has a subject, a name and a
value is a figure, wherever it stands. What was measured before and is not measured now stays as it was.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
HEAD = "| what | figure | goal | measured |\n| --- | --- | --- | --- |\n"
ROW = re.compile(r"^\| (.+?) \| (.+?) \| (.*?) \| (.+?) \|$", re.MULTILINE)


def figures(document: Any) -> Iterator[dict[str, Any]]:
    """Every figure in a JSON document."""
    if isinstance(document, dict) and {"subject", "name", "value"} <= set(document):
        yield document
    elif isinstance(document, dict | list):
        for part in document.values() if isinstance(document, dict) else document:
            yield from figures(part)


def row(figure: dict[str, Any]) -> tuple[str, str, str, str]:
    """What stands of a figure in the table: what was measured, which figure, its goal, its value with what is noted."""
    value, unit = figure["value"], figure.get("unit") or ""
    least, most = figure.get("least"), figure.get("most")
    goal = f"≥ {least:g}" if least is not None else f"≤ {most:g}" if most is not None else ""
    shown = f"{value:.3g}" if isinstance(value, float) and abs(value) < 1000 else f"{value:,.0f}"
    missed = "" if figure.get("passed", True) else ", missed"
    noted = f" ({figure['note']})" if figure.get("note") else ""
    cells = (figure["subject"], figure["name"], f"{goal} {unit}" if goal else "", f"{shown} {unit}")
    what, name, wanted, measured = (cell.strip().replace("|", "/") for cell in cells)
    return what, name, wanted, f"{measured}{missed}{noted.replace('|', '/')}"


def filled(page: str, document: Any) -> str:
    """The page with the figures of the document in its first table."""
    before, head, after = page.partition(HEAD)
    if not head:
        raise ValueError(f"expected a table with the columns {HEAD.splitlines()[0]}")
    table, _, rest = after.partition("\n\n") if not after.startswith("\n") else ("", "", after[1:])
    found = {(cells[0], cells[1]): cells for cells in ROW.findall(table)}
    found |= {cells[:2]: cells for cells in map(row, figures(document))}
    lines = "".join(f"| {' | '.join(cells)} |\n" for cells in found.values())
    return f"{before}{head}{lines}\n{rest}"


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), json.load(sys.stdin)), encoding="utf-8")
