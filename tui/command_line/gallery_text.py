"""What `list` prints for people, a table; it needs no NumPy."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from .loading import GalleryEntry

HEADINGS = ("preset", "network", "what it is")
SUMMARY = "what it shows"
GAP = 2
LEAST = 24
"""Cells that a column of sentences has, or these stand below the preset."""
WITH_SUMMARY = 132
"""Cells from which on there is room for what a preset shows, too."""


def gallery_text(entries: Sequence[GalleryEntry], width: int | None) -> str:
    """Every preset with its network and title, in columns that fit into `width` cells, under their headings.

    Without a width, where something else reads it, each preset has one line, and there are no headings.
    """
    rows = [(entry.id, entry.shape, entry.title) for entry in entries]
    if width is None:
        return "\n".join(in_columns(rows, [longest(rows, 0), longest(rows, 1), longest(rows, 2)]))
    named = [HEADINGS, *rows]
    fixed = [longest(named, 0), longest(named, 1)]
    room = width - sum(fixed) - GAP * len(fixed)
    if room < LEAST:
        return "\n".join(line for row in rows for line in below_each_other(*row, max(width, LEAST)))
    if width < WITH_SUMMARY:
        return "\n".join(in_columns(named, [*fixed, room]))
    titles = (room - GAP) * 2 // 5
    summaries = (SUMMARY, *(entry.summary for entry in entries))
    whole = [(*row, summary) for row, summary in zip(named, summaries, strict=True)]
    return "\n".join(in_columns(whole, [*fixed, titles, room - GAP - titles]))


def longest(rows: Sequence[Sequence[str]], column: int) -> int:
    return max(len(row[column]) for row in rows)


def in_columns(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    """The rows as lines; a cell that is wider than its column goes on below."""
    for row in rows:
        cells = [wrap(cell, width, break_on_hyphens=False) or [""] for cell, width in zip(row, widths, strict=True)]
        for number in range(max(map(len, cells))):
            line = (cell[number] if number < len(cell) else "" for cell in cells)
            yield (" " * GAP).join(f"{part:{width}}" for part, width in zip(line, widths, strict=True)).rstrip()


def below_each_other(name: str, network: str, title: str, width: int) -> Iterator[str]:
    """A preset where there is no room for columns."""
    indent = " " * GAP
    yield name
    yield from wrap(
        f"{title}: {network}", width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )
