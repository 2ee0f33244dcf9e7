"""A picture as the cells of a terminal: arrays of characters and of styles, which can be compared at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
import numpy.typing as npt
from rich.cells import cell_len
from textual.strip import Strip

from .style_codes import StyleCodes

CellArray = npt.NDArray[np.uint32]
UNKNOWN = 0xFFFF_FFFF
"""What a cell holds of which it is not known what the terminal shows, or what it should show."""
SPECIAL = 1 << 24
"""From here on a cell is no character of its own: it is a number of a cluster, or the second half of one."""
SECOND_HALF = 1 << 25
BLANK = ord(" ")
JOINER = "\u200d"
NARROW: set[str] = set()
"""Characters that are known to take one cell, whatever stands before them."""


def plain(text: str) -> bool:
    """Whether every character of a text takes exactly one cell."""
    if text.isascii() or NARROW.issuperset(text):
        return True
    NARROW.update(character for character in set(text) if cell_len(character) == 1)
    return NARROW.issuperset(text)


def clusters_of(text: str) -> list[str]:
    """A text as what stands in a cell, or in two: a character with all that has no width of its own behind it."""
    found: list[str] = []
    for character in text:
        if found and (found[-1].endswith(JOINER) or not cell_len(character)):
            found[-1] += character
        else:
            found.append(character)
    return found


@dataclass
class Clusters:
    """What takes two cells, or is more than one character, by its number and the other way round."""

    texts: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, cluster: str) -> int:
        found = self.numbers.get(cluster)
        if found is None:
            found = self.numbers[cluster] = len(self.texts)
            self.texts.append(cluster)
        return found

    def cells(self, text: str) -> Iterable[int]:
        """The cells of a text, as many as it is wide."""
        for cluster in clusters_of(text):
            width = cell_len(cluster)
            if len(cluster) == width == 1:
                yield ord(cluster)
            elif width:
                yield SPECIAL + self.number(cluster)
                yield from [SPECIAL + SECOND_HALF + self.number(cluster)] * (width - 1)


class Cells:
    """`width` × `height` cells: `characters` their code points or numbers of `clusters`, `styles` those in `codes`.

    All are unknown at first.
    """

    def __init__(self, width: int, height: int, codes: StyleCodes, clusters: Clusters) -> None:
        self.width, self.height, self.codes, self.clusters = width, height, codes, clusters
        self.characters: CellArray = np.full((height, width), UNKNOWN, np.uint32)
        self.styles: CellArray = np.zeros((height, width), np.uint32)
        self.sent = np.zeros((height, width), np.intp)
        """Characters that were sent, codes among them, by the cell at which each stretch began."""

    def forget(self) -> None:
        """Let all be unknown."""
        self.characters[:], self.styles[:] = UNKNOWN, 0

    def write(self, x: int, y: int, strip: Strip) -> None:
        """Put a strip's segments from column `x` of row `y` on; what does not fit is left out."""
        if not (0 <= y < self.height and 0 <= x < self.width):
            return
        number = self.codes.number
        parts = [part for part in strip if not part.control]
        texts = [part.text for part in parts]
        text = "".join(texts)
        if plain(text):
            characters = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
            lengths = list(map(len, texts))
        else:
            cells = [list(self.clusters.cells(text)) for text in texts]
            characters, lengths = np.fromiter(chain(*cells), np.uint32), [len(part) for part in cells]
        room = self.width - x
        styles = np.repeat(np.array([number(part.style) for part in parts], np.uint32), lengths)[:room]
        characters = characters[:room]
        end = x + len(characters)
        if self.clusters.texts:
            self.blank_halves(y, x, end)
        self.characters[y, x:end], self.styles[y, x:end] = characters, styles

    def blank_halves(self, y: int, begin: int, end: int) -> None:
        """Where the edges of what is going to be written cut through a cluster, a blank is left of it."""
        row = self.characters[y]
        if SPECIAL + SECOND_HALF <= row[begin] < UNKNOWN:
            row[begin - 1] = BLANK
        if end < self.width and SPECIAL + SECOND_HALF <= row[end] < UNKNOWN:
            row[end] = BLANK

    def row(self, y: int) -> str | None:
        """All characters of a row, one a cell; None where there are not as many as cells."""
        row = self.characters[y]
        return row.tobytes().decode("utf-32-le", "replace") if row.max() < SPECIAL else None

    def text(self, y: int, begin: int, end: int) -> str:
        """The characters of a row from column `begin` up to `end`."""
        return "".join(
            chr(cell) if cell < SPECIAL else self.clusters.texts[cell - SPECIAL]
            for cell in self.characters[y, begin:end].tolist()
            if cell < SPECIAL + SECOND_HALF
        )
