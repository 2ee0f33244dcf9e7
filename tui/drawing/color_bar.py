"""Which colour of a plane is which number, or which class: one line, with the letters of the examples."""

from rich.cells import cell_len
from textual.strip import Strip

from .glyphs import Look
from .ground import class_level, ground_of
from .palette import STEPS
from .points import SurfaceScale, point_mark
from .strips import Part, fit, line, style
from .titles import told_apart

LEAST = 3
"""Cells of each half of a bar."""
GAP = 2
"""Cells between two classes."""


def color_bar(
    scale: SurfaceScale, ends: tuple[str, str, str], width: int, look: Look, *, letters: bool = True
) -> Strip | None:
    """`−1 ▀▀▀▀▀ O 0 X ▀▀▀▀▀ 1`; None where there is no room.

    `ends` are the numbers at the low end, in the middle, and at the high end. `letters`: those of the examples whose
    targets lie on either side of the middle stand there too.
    """
    palette = look.palette
    dim = style(palette.dim)
    low, middle, high = (look.text(text) for text in ends)
    below, above = (point_mark(scale.middle + side, False, scale, look) for side in (-1.0, 1.0))
    center: list[Part] = [(f" {middle} ", dim)]
    if letters:
        center = [(f" {below[0]}", style(below[1], bold=True)), *center, (above[0] + " ", style(above[1], bold=True))]
    room = width - cell_len(low) - cell_len(high) - 2 - sum(cell_len(text) for text, _ in center)
    half = room // 2
    if half < LEAST:
        return None
    first, second = half_bar(0, STEPS, half, scale, look), half_bar(STEPS, 2 * STEPS, half, scale, look)
    return line([(low + " ", dim), *first, *center, *second, (" " + high, dim)], width)


def letter_bar(scale: SurfaceScale, names: tuple[str, ...], middle: str, width: int, look: Look) -> Strip:
    """`O setosa  X virginica`: what letters mean where nothing stands behind them; of values `− below 0  + above`."""
    if scale.classes > 2:
        return class_bar(scale, names, width, look)
    parts: list[Part] = []
    said = (f"below {middle}", "above") if scale.regression else told_apart(names, max((width - 6) // 2, 1), look)
    for side, text in zip((-1.0, 1.0), said, strict=True):
        letter, color = point_mark(scale.middle + side, False, scale, look)
        gap = " " * GAP if parts else ""
        parts += [(f"{gap}{letter} ", style(color, bold=True)), (look.text(text), style(look.palette.dim))]
    return line(parts, width)


def half_bar(start: int, end: int, cells: int, scale: SurfaceScale, look: Look) -> list[Part]:
    """The levels from one to another, as they look on the plane."""
    ground = ground_of(look)
    parts: list[Part] = []
    for cell in range(cells):
        level = round(start + (end - start) * cell / (cells - 1))
        if scale.discrete:
            level = 0 if start < STEPS else 2 * STEPS
        text = ground.character(level) if look.ramps else look.glyphs.full
        parts.append((text, style(look.palette.dim if look.ramps else ground.colors[level])))
    return parts


def class_bar(scale: SurfaceScale, names: tuple[str, ...], width: int, look: Look) -> Strip:
    """`A setosa  B versicolor  C virginica`, each letter on the ground of its class; names are cut to the room.

    Short names stand at their letters, `A0 B1`, where there is no room for more; where there is none at all they go.
    """
    count = len(names)
    whole = [look.text(name) for name in names]
    gap, space = " " * GAP, " "
    if sum(map(cell_len, whole)) + (2 + GAP) * count - GAP > width:
        room = (width + GAP) // count - GAP - 2
        if room >= LEAST:
            whole = told_apart(names, room, look)
        else:
            gap, space = " ", ""
            whole = whole if sum(map(cell_len, whole)) + 2 * count - 1 <= width else [""] * count
    parts: list[Part] = []
    for number, name in enumerate(whole):
        letter, color = point_mark(float(number), False, scale, look)
        ground, level = ground_of(look), class_level(number)
        shown = letter + (ground.character(level) if look.ramps else "")
        behind = None if look.ramps else ground.colors[level]
        parts += [(gap if number else "", None), (shown, style(color, behind, bold=True))]
        parts += [(space + name, style(look.palette.dim))] if name else []
    text = "".join(text for text, _ in parts)
    if cell_len(text) > width:
        return line([(fit(text, width, look), style(look.palette.dim))], width)
    return line(parts, width)
