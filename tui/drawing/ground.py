"""Colours behind a drawing over the plane, two to a cell, with characters upon them: strips of segments that are kept.

A cell is a number: of its upper and its lower level, or of a face and the level behind it. Cells next to each other
that are the same are one segment, which is made once for each number and length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rich.segment import Segment
from textual.strip import Strip

from .glyphs import Look
from .palette import LEVELS, NAN_LEVEL, STEPS, ColorArray, LevelArray, diverging_colors, mix
from .points import Face
from .strips import style

CLASS_GROUNDS = ".:-=+*%#&$"
"""The ground of each class where there is no colour; as many classes have colours of their own."""
NOTHING = LEVELS + len(CLASS_GROUNDS)
"""The level of a cell without a ground."""
COUNT = NOTHING + 1
LONGEST = 2**14
"""More than the cells of any line."""
MOST_KEPT = 30_000
"""Segments that are kept."""


class Ground(dict[int, Segment]):
    """The segments of a look, by number · LONGEST + length, made when first asked for."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.colors = _colors(look)
        self.faces: list[Face] = []
        self.numbers: dict[Face, int] = {}
        characters = [self.character(level) for level in range(COUNT)]
        alike = [characters.index(character) for character in characters] if look.ramps else range(COUNT)
        self.alike = np.array(alike, dtype=np.intp)

    def character(self, level: int) -> str:
        """How a level looks without colours."""
        if level == NAN_LEVEL:
            return self.look.glyphs.nan
        if level == NOTHING:
            return " "
        if level >= LEVELS:
            return CLASS_GROUNDS[level - LEVELS]
        if abs(level - STEPS) <= 2:
            return " "
        return ":" if level > STEPS else "."

    def number(self, face: Face) -> int:
        """The number of a face; the same for the same one."""
        if face not in self.numbers:
            self.numbers[face] = len(self.faces)
            self.faces.append(face)
        return self.numbers[face]

    def __missing__(self, run: int) -> Segment:
        if len(self) > MOST_KEPT:
            self.clear()
        number, length = divmod(run, LONGEST)
        part, level = divmod(number, COUNT)
        if part >= COUNT:
            face = self.faces[part - COUNT]
            behind = face.behind or (None if self.look.ramps else self.colors[level])
            made = Segment(face.character * length, style(face.color, behind, bold=face.bold))
        elif part == NOTHING:
            made = Segment(" " * length, None)
        elif self.look.ramps:
            made = Segment(self.character(part) * length, style(self.look.palette.dim))
        else:
            made = Segment(self.look.glyphs.upper_half * length, style(self.colors[part], self.colors[level]))
        self[run] = made
        return made


@lru_cache(maxsize=8)
def ground_of(look: Look) -> Ground:
    return Ground(look)


def _colors(look: Look) -> list[str | None]:
    """The colours of the levels: the diverging scale, muted so that points stand out, then a muted one a class.

    Where there are few colours they are whole, and points have that of text.
    """
    palette = look.palette
    table: ColorArray = diverging_colors(palette)
    scale = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in table.tolist()]
    if palette.few:
        return [*scale, *palette.classes, None]
    muted = [mix(palette.background, color, 0.6) for color in scale[:NAN_LEVEL]]
    return [*muted, scale[NAN_LEVEL], *(mix(palette.background, color, 0.45) for color in palette.classes), None]


def class_level(number: int) -> int:
    """The level of a class; those that have no colour of their own share that of an earlier one."""
    return LEVELS + number % len(CLASS_GROUNDS)


@dataclass(frozen=True, eq=False)
class Marks:
    """Faces in cells: their rows and columns, (n,), and their numbers in the ground of a look."""

    rows: LevelArray
    columns: LevelArray
    numbers: LevelArray


def marks_of(faces: dict[tuple[int, int], Face], look: Look) -> Marks:
    """The faces in their cells, (row, column), for `painted`."""
    cells = np.array(list(faces), dtype=np.intp).reshape(-1, 2)
    ground = ground_of(look)
    numbers = np.array([ground.number(face) for face in faces.values()], dtype=np.intp)
    return Marks(cells[:, 0], cells[:, 1], numbers)


def painted(levels: LevelArray, marks: Marks, look: Look, left: Sequence[Segment] = ()) -> list[Strip]:
    """Strips of the (2·rows, columns) levels, two rows a line, with the marks upon them; `left` begins each line."""
    ground = ground_of(look)
    upper, lower = levels[0::2], levels[1::2]
    # Without colours the upper one is told, and levels that look the same are the same.
    cells = ground.alike[upper] * (COUNT + 1) if look.ramps else upper * COUNT + lower
    cells[marks.rows, marks.columns] = (COUNT + marks.numbers) * COUNT + upper[marks.rows, marks.columns]
    return _joined(cells, ground, left)


def _joined(cells: LevelArray, ground: Ground, left: Sequence[Segment]) -> list[Strip]:
    """The rows, with neighbours that are the same joined."""
    columns = cells.shape[1]
    begins_here = np.ones(cells.shape, dtype=bool)
    np.not_equal(cells[:, 1:], cells[:, :-1], out=begins_here[:, 1:])
    begins = np.flatnonzero(begins_here)
    runs = cells.ravel()[begins] * LONGEST + np.diff(begins, append=cells.size)
    segments = [ground[run] for run in runs.tolist()]
    ends = begins_here.sum(axis=1).cumsum().tolist()
    if left:
        width = columns + left[0].cell_length
        return [
            Strip([first, *segments[begin:end]], width)
            for first, begin, end in zip(left, [0, *ends], ends, strict=False)
        ]
    return [Strip(segments[begin:end], columns) for begin, end in zip([0, *ends], ends, strict=False)]
