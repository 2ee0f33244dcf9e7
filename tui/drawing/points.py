"""Examples on a plane: their letters, and the cell that each has in a drawing.

A letter tells the class: O X for two, A B C … for more, and + − the side of a regression's target; capitals are the
training set, small letters the test set (of a regression: bold and dim).
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

from .axes import PlotRange
from .glyphs import Look
from .palette import FloatArray, mix
from .strips import Grid, style


@dataclass(frozen=True, eq=False)
class Points:
    """Examples on the plane: (n,) coordinates, targets (classes from 0, or values), and which are test examples.

    `chosen` is the number of the one to be marked.
    """

    x: FloatArray
    y: FloatArray
    targets: FloatArray
    is_test: NDArray[np.bool_]
    chosen: int | None = None

    def drawing_order(self) -> list[int]:
        """The test set, over it the training set, over all the chosen one."""
        order: list[int] = np.argsort(~self.is_test, kind="stable").tolist()
        return order if self.chosen is None else [*order, self.chosen]


@dataclass(frozen=True)
class SurfaceScale:
    """How predictions become colours: about `middle`, ± `limit`; or `classes` > 2 when they are class numbers.

    `discrete`: by their side of the middle alone. `regression`: targets are values, whose letters tell the side.
    """

    middle: float = 0.5
    limit: float = 0.5
    classes: int = 0
    regression: bool = False
    discrete: bool = False


@dataclass(frozen=True, slots=True)
class Face:
    """A character over the ground: its colour, and one behind it where that is not the ground's."""

    character: str
    color: str
    behind: str | None = None
    bold: bool = False


def placed(
    points: Points, horizontal: PlotRange, vertical: PlotRange, scale: SurfaceScale, width: int, height: int, look: Look
) -> dict[tuple[int, int], Face]:
    """What stands in which cell, (row, column), of `width` × `height`: the training set over the test set."""
    if width < 1 or height < 1:
        return {}
    with np.errstate(all="ignore"):
        x = horizontal.share(points.x) * width
        y = (1 - vertical.share(points.y)) * height
        inside = (x >= 0) & (x <= width) & (y >= 0) & (y <= height) & np.isfinite(points.targets)
        columns = np.minimum(np.nan_to_num(x), width - 1).astype(int).tolist()
        rows = np.minimum(np.nan_to_num(y), height - 1).astype(int).tolist()
    targets, tests, shown = points.targets.tolist(), points.is_test.tolist(), inside.tolist()
    found: dict[tuple[int, int], Face] = {}
    faces: dict[tuple[float, bool], Face] = {}
    for index in points.drawing_order():
        if not shown[index]:
            continue
        row, column = rows[index], columns[index]
        if index == points.chosen and width > 1:
            cursor = (look.glyphs.cursor, column - 1) if column else (look.glyphs.left, 1)
            found[row, cursor[1]] = Face(cursor[0], look.palette.accent, look.palette.background, bold=True)
        kind = targets[index], tests[index]
        if kind not in faces:
            letter, color = point_mark(float(kind[0]), kind[1], scale, look)
            faces[kind] = Face(letter, color, bold=not kind[1])
        found[row, column] = faces[kind]
    return found


def mark_point(grid: Grid, column: int, row: int, look: Look) -> None:
    """The cursor glyph before the point in a cell, or at the left end an arrow behind it."""
    of = style(look.palette.accent, look.palette.background, bold=True)
    if column:
        grid.write(column - 1, row, look.glyphs.cursor, of)
    else:
        grid.write(column + 1, row, look.glyphs.left, of)


@lru_cache(maxsize=1024)
def point_mark(target: float, is_test: bool, scale: SurfaceScale, look: Look) -> tuple[str, str]:
    """The letter and the colour of an example, for points and for their legend."""
    palette = look.palette
    if scale.classes > 2:
        number = int(max(0, target))
        letter, color = chr(ord("A") + number % 26), palette.classes[number % len(palette.classes)]
    else:
        above = target > scale.middle
        color = palette.positive if above else palette.negative
        letter = "X" if above else "O"
        if scale.regression:
            letter = look.glyphs.plus if above else look.glyphs.minus
    if palette.few:
        return (letter.lower() if is_test else letter), palette.text
    bright = mix(color, palette.text, 0.45)
    return (letter.lower(), mix(color, palette.dim, 0.35)) if is_test else (letter, bright)
