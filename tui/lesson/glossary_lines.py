"""Entries of the glossary as lines: symbol and name, formulas, what there is to say, and what to look up as well."""

from collections.abc import Iterable
from functools import lru_cache

from textual.strip import Strip

from backprop_tui.core.lessons.glossary_entry import Entry
from backprop_tui.tui.chain_rule.statement_lines import wrapped
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import Part, fit, line, style

INDENT = 4


@lru_cache(maxsize=512)
def entry_lines(entry: Entry, width: int, look: Look) -> tuple[Strip, ...]:
    """One entry, every line but the first indented, and an empty line behind it; kept, since letters search on."""
    palette = look.palette
    head: list[Part] = []
    if entry.symbol:
        head.append((look.text(entry.symbol) + "  ", style(palette.accent, bold=True)))
    used = sum(len(text) for text, _ in head)
    head.append((fit(entry.name, max(width - used, 0), look), style(palette.text, bold=True)))
    lines = [line(head, width)]
    margin = " " * INDENT
    for formula in entry.formulas:
        lines += wrapped(margin + formula, width, look, palette.accent, INDENT + 2)
    lines += wrapped(margin + entry.text, width, look, palette.text, INDENT)
    if entry.see:
        lines += wrapped(f"{margin}see {', '.join(entry.see)}", width, look, palette.dim, INDENT)
    return (*lines, Strip([]))


def entries_lines(entries: Iterable[Entry], width: int, look: Look) -> list[Strip]:
    return [strip for entry in entries for strip in entry_lines(entry, width, look)]
