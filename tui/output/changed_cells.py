"""The codes that make what a terminal shows into what it should show."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from .cells import SECOND_HALF, SPECIAL, Cells

BRIDGE = 5
"""Bytes of cells that did not change but are written again: moving over them takes as many."""
Stretch = tuple[int, int]
"""Cells of a row, from a column up to another."""


def stretches_of(differ: npt.NDArray[np.bool_]) -> list[Stretch]:
    """Where the cells of a row differ."""
    columns = np.flatnonzero(differ)
    breaks = np.flatnonzero(np.diff(columns) > 1)
    begins = columns[np.append(0, breaks + 1)].tolist()
    ends = (columns[np.append(breaks, len(columns) - 1)] + 1).tolist()
    return list(zip(begins, ends, strict=True))


def bridged(stretches: list[Stretch], text: str, styles: list[int]) -> list[Stretch]:
    """The stretches of a row, joined where what is between two is few bytes in the style of the first's end."""
    joined = stretches[:1]
    for begin, end in stretches[1:]:
        last_begin, last_end = joined[-1]
        style = styles[last_end - 1]
        near = begin - last_end <= BRIDGE and all(of == style for of in styles[last_end:begin])
        if near and len(text[last_end:begin].encode()) <= BRIDGE:
            joined[-1] = last_begin, end
        else:
            joined.append((begin, end))
    return joined


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
    change = wanted.codes.change
    differ = (shown.characters != wanted.characters) | (shown.styles != wanted.styles)
    for y in np.flatnonzero(differ.any(axis=1)).tolist():
        text, styles = wanted.row(y), wanted.styles[y].tolist()
        stretches = stretches_of(differ[y])
        if text is None:
            stretches = [part for stretch in stretches for part in apart(wanted, y, stretch)]
        else:
            stretches = bridged(stretches, text, styles)
        move = f"\x1b[{y + 1};%dH"
        for begin, end in stretches:
            first = len(parts)
            parts.append(move % (begin + 1))
            move = "\x1b[%dG"
            start = begin
            while start < end:
                new = styles[start]
                stop = start + 1
                while stop < end and styles[stop] == new:
                    stop += 1
                if new != style:
                    parts.append(change(style, new))
                    style = new
                parts.append(wanted.text(y, start, stop) if text is None else text[start:stop])
                start = stop
            shown.sent[y, begin] += sum(map(len, parts[first:]))
    if parts:
        parts.append(change(style, 0))
        shown.characters[:], shown.styles[:] = wanted.characters, wanted.styles
    return "".join(parts)
