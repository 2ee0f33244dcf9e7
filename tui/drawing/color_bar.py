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


def half_bar(start: int, end: int, cells: int, scale: SurfaceScale, look: Look) -> list[Part]:
    """The levels from one to another, as they look on the plane."""
    ground = ground_of(look)
    parts: list[Part] = []
    for cell in range(cells):
        level = round(start + (end - start) * (cell + 0.5) / cells)
        if scale.discrete:
            level = 0 if start < STEPS else 2 * STEPS
        text = ground.character(level) if look.ramps else look.glyphs.full
        parts.append((text, style(look.palette.dim if look.ramps else ground.colors[level])))
    return parts


def class_bar(scale: SurfaceScale, names: tuple[str, ...], width: int, look: Look) -> Strip:
    """`A setosa  B versicolor  C virginica`, each letter on the ground of its class; names are cut to the room."""
    count = len(names)
    room = (width + GAP) // max(count, 1) - GAP - 2
    longest = max((cell_len(look.text(name)) for name in names), default=0)
    spare = width - sum(cell_len(look.text(name)) + 2 + GAP for name in names) + GAP
    cut = told_apart(names, longest if spare >= 0 else room, look) if room >= LEAST else [""] * count
    parts: list[Part] = []
    for number, name in enumerate(cut):
        letter, color = point_mark(float(number), False, scale, look)
        ground = ground_of(look)
        level = class_level(number)
        behind = None if look.ramps else ground.colors[level]
        shown = letter + (ground.character(level) if look.ramps else "")
        gap = " " * (GAP if name else 1) if parts else ""
        parts += [(gap, None), (shown, style(color, behind, bold=True))]
        parts += [(" " + name, style(look.palette.dim))] if name else []
    if sum(cell_len(text) for text, _ in parts) <= width:
        return line(parts, width)
    text = "".join(text for text, _ in parts)
    return line([(fit(text, width, look), style(look.palette.dim))], width)
