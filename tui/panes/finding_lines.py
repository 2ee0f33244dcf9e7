"""Findings as lines: the worst of them in one, all of them as a table, and one in full."""

from collections.abc import Sequence
from math import isfinite

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from backprop_tui.core.diagnosis.findings import Finding, Remedy, Severity
from backprop_tui.core.diagnosis.rules import RULES
from backprop_tui.core.diagnosis.statistics import Units
from backprop_tui.core.diagnosis.value_name import value_name
from backprop_tui.core.preset.toml_text import inline
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines

LABEL = 7
"""Cells of a label of what is told of one finding."""
MARGIN, SEVERITY = 2, 9
"""Cells of the sign of what is chosen, and of a severity."""
LEAST_TITLE = 12
DIGITS = 3
HEADINGS = ("layer", "since", "until", "measured", "limit", "units")


def severity_style(severity: Severity, look: Look) -> Style:
    palette = look.palette
    return style(palette.accent if severity == "info" else palette.warning, bold=severity == "error")


def title(finding: Finding) -> str:
    """`vanishing gradient, layer 1`."""
    where = "" if finding.layer is None else f", layer {finding.layer}"
    return RULES[finding.rule].title + where


def limit_text(finding: Finding) -> str:
    """` (limit 0.001)`; nothing for a rule that has none."""
    return "" if finding.threshold is None else f" (limit {finding.threshold:g})"


def unit_ranges(units: Units) -> str:
    """`1–3, 7` for 1, 2, 3 and 7."""
    runs: list[list[int]] = []
    for unit in units:
        if runs and unit == runs[-1][-1] + 1:
            runs[-1][1:] = [unit]
        else:
            runs.append([unit])
    return ", ".join("–".join(map(str, run)) for run in runs)


def changes_line(changes: dict[str, object]) -> str:
    """`optimizer.learning_rate = 0.01, …`, as a preset has it."""
    return ", ".join(f"{path} = {inline(value)}" for path, value in changes.items())


# As a table


def table(findings: Sequence[Finding], first: int, rows: int, chosen: int, look: Look, width: int) -> list[Strip]:
    """A heading, and `rows` of the findings from `first` on; as many columns as leave room for the titles, and the
    units only where these are whole."""
    palette = look.palette
    cells = [HEADINGS, *(row_of(finding, look) for finding in findings)]
    sizes = [max(cell_len(look.text(text)) for text in column) for column in zip(*cells, strict=True)]
    sizes[-1] = min(sizes[-1], max(width // 4, len(HEADINGS[-1])))
    longest = max(len(RULES[finding.rule].title) for finding in findings)
    room = width - MARGIN - SEVERITY - sum(sizes) - 2 * len(sizes)
    while sizes and room < (longest if len(sizes) == len(HEADINGS) else LEAST_TITLE):
        room += sizes.pop() + 2
    room = max(0, min(room, max(longest, LEAST_TITLE)))
    heading = f"{'':{MARGIN}}{'severity':<{SEVERITY}}{'finding':<{room}}{in_columns(HEADINGS, sizes, look)}".rstrip()
    heading += f" {look.glyphs.ellipsis}" if len(sizes) < len(HEADINGS) else ""
    lines = [line([(fit(heading, width, look), style(palette.dim))], width)]
    for place, finding in enumerate(findings[first : first + rows], first):
        here = place == chosen
        text = style(palette.text if finding.active else palette.dim, bold=here)
        name = fit(RULES[finding.rule].title, room, look)
        parts: list[Part] = [
            (f"{look.glyphs.cursor if here else '':<{MARGIN}}", style(palette.accent, bold=True)),
            (f"{finding.severity:<{SEVERITY}}", severity_style(finding.severity, look) if finding.active else text),
            (f"{name:<{room}}{in_columns(cells[place + 1], sizes, look)}", text),
        ]
        lines.append(line(parts, width))
    return lines


def in_columns(texts: Sequence[str], sizes: Sequence[int], look: Look) -> str:
    """The first of the texts, as many as there are sizes; all but the last that a row can have are right-aligned."""
    cells = [fit(text, size, look) for text, size in zip(texts, sizes, strict=False)]
    return "".join(
        f"  {cell:<{size}}" if place == len(HEADINGS) - 1 else f"  {cell:>{size}}"
        for place, (cell, size) in enumerate(zip(cells, sizes, strict=True))
    )


def row_of(finding: Finding, look: Look) -> tuple[str, ...]:
    """Layer, first and last step, measured value, threshold and units of a finding."""
    layer = "" if finding.layer is None else str(finding.layer)
    until = "now" if finding.active else f"{finding.cleared:.0f}"
    limit = "" if finding.threshold is None else f"{finding.threshold:g}"
    return layer, str(finding.step), until, measured(finding, look), limit, unit_ranges(finding.units)


def measured(finding: Finding, look: Look) -> str:
    """What a rule compares with its threshold."""
    return format_number(finding.symptom.value, 8, DIGITS, look.glyphs)


# In full


def about_lines(finding: Finding, others: Sequence[Finding], look: Look, width: int) -> list[Strip]:
    """What was found and where, and its cause; `others` may have taken its place."""
    palette = look.palette
    word = "graver" if is_graver(finding, others) else "gone"
    state = "still there" if finding.active else f"{word} at step {finding.cleared:,.0f}"
    heading = f"{title(finding)}: found in step {finding.step:,}, {state}"
    lines = text_lines(heading, width, 2, look, palette.accent)
    lines += labelled("found", finding.evidence, look, width)
    if finding.threshold is not None and isfinite(finding.symptom.value):
        value = f"{measured(finding, look)}, limit {finding.threshold:g}"
        name = value_name(finding.rule, finding.symptom.form)
        lines += labelled("value", f"{name}: {value}" if name else value, look, width)
    if finding.units:
        lines += labelled("units", unit_ranges(finding.units), look, width)
    return lines + labelled("cause", finding.cause, look, width)


def is_graver(finding: Finding, others: Sequence[Finding]) -> bool:
    """Whether a finding ended because the same became worse."""
    key = (finding.rule, finding.symptom.lasting, finding.cleared)
    return any((other.rule, other.symptom.lasting, other.step) == key for other in others)


def rule_lines(finding: Finding, look: Look, width: int, definition: str | None = None) -> list[Strip]:
    """The rule that found it; `definition` where it is not the usual one."""
    return labelled("rule", definition or RULES[finding.rule].definition, look, width, look.palette.dim)


def remedy_lines(
    remedy: Remedy, look: Look, width: int, *, first: bool, chosen: bool, awaited: bool = False
) -> list[Strip]:
    """One of the things that may help: in words, below these what came of it or is `awaited`, and as settings."""
    palette = look.palette
    room = max(width - LABEL - 2, 1)
    label = "tried" if remedy.helps is False else "try" if first else ""
    words = text_lines(remedy.text, room, 4, look, palette.accent if chosen else palette.text)
    figures = text_lines(figures_of(remedy) or "not tried yet" * awaited, room, 4, look, palette.text)
    settings = text_lines(changes_line(remedy.set), room, 4, look)
    lines = []
    for number, strip in enumerate([*words, *figures, *settings]):
        mark = look.glyphs.cursor if chosen and number == 0 else " "
        begin: list[Part] = [
            (f"{label if number == 0 else '':<{LABEL}}", style(palette.dim)),
            (f"{mark} ", style(palette.accent, bold=True)),
        ]
        lines.append(Strip.join([line(begin, LABEL + 2), strip]).crop(0, width))
    return lines


def figures_of(remedy: Remedy) -> str:
    """What came of it when it was tried; nothing where it was not."""
    if remedy.measured is None:
        return ""
    return remedy.measured.says if remedy.helps else f"does not help: {remedy.measured.says}"


def labelled(label: str, text: str, look: Look, width: int, color: str | None = None) -> list[Strip]:
    """The text beside its label."""
    rows = text_lines(text, max(width - LABEL, 1), 12, look, color or look.palette.text)
    lines = []
    for number, strip in enumerate(rows):
        begin = line([(f"{label if number == 0 else '':<{LABEL}}", style(look.palette.dim))], LABEL)
        lines.append(Strip.join([begin, strip]).crop(0, width))
    return lines
