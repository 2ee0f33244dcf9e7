"""The codes that make what a terminal shows into what it should show."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from .cells import SECOND_HALF, SPECIAL, Cells

BRIDGE = 5
"""Bytes of cells that did not change but are written again: moving over them takes as many."""
Stretch = tuple[int, int]
"""Cells of a row, from a column up to another."""


def changed(shown: Cells, wanted: Cells) -> Iterator[tuple[int, list[Stretch]]]:
    """Each row that differs, with the stretches to be written."""
    differ = (shown.characters != wanted.characters) | (shown.styles != wanted.styles)
    for y in np.flatnonzero(differ.any(axis=1)).tolist():
        columns = np.flatnonzero(differ[y])
        breaks = np.flatnonzero(np.diff(columns) > 1)
        begins = columns[np.append(0, breaks + 1)].tolist()
        ends = (columns[np.append(breaks, len(columns) - 1)] + 1).tolist()
        stretches = bridged(list(zip(begins, ends, strict=True)), wanted, y)
        if wanted.characters[y].max() >= SPECIAL:
            stretches = [part for stretch in stretches for part in apart(wanted, y, stretch)]
        yield y, stretches


def bridged(stretches: list[Stretch], wanted: Cells, y: int) -> list[Stretch]:
    """The stretches of a row, joined where what is between two can be written in the style of the first's end."""
    joined = stretches[:1]
    for begin, end in stretches[1:]:
        last_begin, last_end = joined[-1]
        if begin - last_end <= BRIDGE and continues(wanted, y, last_end, begin):
            joined[-1] = last_begin, end
        else:
            joined.append((begin, end))
    return joined


def continues(wanted: Cells, y: int, begin: int, end: int) -> bool:
    """Whether cells are few bytes, and in the style of the cell before them."""
    if (wanted.styles[y, begin:end] != wanted.styles[y, begin - 1]).any():
        return False
    characters = wanted.characters[y, begin:end].tolist()
    size = sum(1 if character < 0x80 else 2 if character < 0x800 else 3 for character in characters)
    return size <= BRIDGE and max(characters) < 0x10000


def apart(wanted: Cells, y: int, stretch: Stretch) -> Iterator[Stretch]:
    """A stretch in which each cluster stands alone: of that a terminal may think that it is wider, or narrower."""
    begin, end = stretch
    start = begin
    for x in range(begin + 1, end):
        cell, before = wanted.characters[y, x], wanted.characters[y, x - 1]
        if before >= SPECIAL > cell or SPECIAL <= cell < SPECIAL + SECOND_HALF:
            yield start, x
            start = x
    yield start, end


def codes_between(shown: Cells, wanted: Cells) -> str:
    """What to send, for a terminal whose style is the plain one, before and after; "" where nothing differs.

    `shown` becomes `wanted`, and notes where how much was sent. Every stretch begins with a move to its place, whatever
    the terminal made of the last.
    """
    parts: list[str] = []
    style = 0
    codes = wanted.codes
    for y, stretches in changed(shown, wanted):
        move = f"\x1b[{y + 1};%dH"
        for begin, end in stretches:
            first = len(parts)
            parts.append(move % (begin + 1))
            move = "\x1b[%dG"
            styles = wanted.styles[y, begin:end]
            edges = [0, *(np.flatnonzero(styles[1:] != styles[:-1]) + 1).tolist(), end - begin]
            for start, stop in pairwise(edges):
                new = int(styles[start])
                parts.append(codes.change(style, new))
                style = new
                parts.append(wanted.text(y, begin + start, begin + stop))
            shown.sent[y, begin] += sum(map(len, parts[first:]))
    if parts:
        parts.append(codes.change(style, 0))
        shown.characters[:], shown.styles[:] = wanted.characters, wanted.styles
    return "".join(parts)
