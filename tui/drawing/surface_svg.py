"""The plane of two inputs as a vector picture: what the network answers everywhere, and the examples upon it.

Classes differ in the shapes of their points as well as in colours; examples of the test part are hollow.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np

from backprop_tui.core.value_class import dataclass

from .axes import PlotRange
from .glyphs import Look
from .ground import class_level, ground_of
from .palette import STEPS, FloatArray, LevelArray, Palette
from .points import Points, SurfaceScale
from .round_ticks import round_ticks, tick_labels
from .surface import surface_levels
from .svg import CHARACTER, SMALL, cut, document, number, rectangle, stroke, text

SIDE = 480
"""Of the square that the plane is drawn in."""
MARGIN, GAP, SIZE, RADIUS = 16, 8, 13, 3.6
LEGEND = 190
"""The width beside the plane, for what colours and shapes mean."""
TICKS = 6
BAR_WIDTH, BAR_HEIGHT = 18, 180
ROW = 20
SHAPES = ("circle", "square", "triangle", "diamond", "cross", "plus", "triangle down")
"""Those of the classes, one after the other."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What colours and shapes mean: the numbers at the low end, the middle and the high end of a scale, and names.

    `names` are those of the classes, or of what lies below and above the middle.
    """

    ends: tuple[str, str, str]
    names: tuple[str, ...]


def surface_svg(
    predictions: FloatArray | None,
    points: Points,
    horizontal: PlotRange,
    vertical: PlotRange,
    scale: SurfaceScale,
    meaning: Meaning,
    look: Look,
    *,
    title: str,
    subtitle: str,
    description: str,
    kinds: SurfaceScale | None = None,
) -> str:
    """An SVG document of `predictions` (rows, columns), row 0 at the top, and the examples, or of these alone.

    The look's colours are taken; its glyphs are not. `kinds` is the scale of the examples' targets, where that is
    another than the predictions'.
    """
    kinds = kinds or scale
    colors = [color or look.palette.background for color in ground_of(look).colors]
    levels = None if predictions is None else surface_levels(np.atleast_2d(predictions), scale)
    plane = [
        *([] if levels is None else grounds(levels, colors)),
        *marks(points, horizontal, vertical, kinds, look.palette),
    ]
    beside = legend(points, scale, kinds, meaning, [] if levels is None else colors, look.palette)
    return framed(plane, beside, horizontal, vertical, look.palette, (title, subtitle), description)


def framed(
    inside: Sequence[str],
    beside: Sequence[str],
    horizontal: PlotRange,
    vertical: PlotRange,
    palette: Palette,
    titles: tuple[str, str],
    description: str,
) -> str:
    """A document of what is drawn in a square of SIDE, with axes around it and a legend beside it."""
    top = MARGIN + SIZE + SMALL + 3 * GAP
    across, upwards = ticks_of(horizontal), ticks_of(vertical)
    left = MARGIN + SMALL + GAP + max((len(label) for _, label in upwards), default=0) * SMALL * CHARACTER + GAP
    width, height = left + SIDE + LEGEND + MARGIN, top + SIDE + 2 * (SMALL + GAP) + MARGIN
    room = width - 2 * MARGIN
    body = [
        rectangle(0, 0, width, height, palette.background),
        text(cut(titles[0], room, SIZE), MARGIN, MARGIN + SIZE, palette.text, size=SIZE, bold=True),
        text(cut(titles[1], room), MARGIN, MARGIN + SIZE + GAP + SMALL, palette.dim),
        f'<g transform="translate({number(left)} {number(top)})">',
        *inside,
        *axes(across, upwards, horizontal, vertical, palette, left),
        *beside,
        "</g>",
    ]
    return document(": ".join(titles), description, body, width, height)


def ticks_of(of: PlotRange) -> list[tuple[float, str]]:
    """The round values of an axis, and where they stand, from 0 to 1."""
    found = round_ticks(of.low, of.high, TICKS)
    return list(zip(of.share(np.array(found)).tolist(), tick_labels(found), strict=True))


def grounds(levels: LevelArray, colors: Sequence[str]) -> list[str]:
    """The colours behind, one path for each: a stroke as wide as a row for each run of a row that is of the same."""
    rows, columns = levels.shape
    wide, high = SIDE / columns, SIDE / rows
    found: dict[str, list[str]] = {}
    for row, line in enumerate(levels.tolist()):
        column, middle = 0, number((row + 0.5) * high)
        for level, run in groupby(line):
            cells = sum(1 for _ in run)
            found.setdefault(colors[level], []).append(f"M{number(column * wide)} {middle}h{number(cells * wide)}")
            column += cells
    looks = f'class="ground" fill="none" shape-rendering="crispEdges" stroke-width="{number(high)}"'
    return [f'<path {looks} stroke="{color}" d="{"".join(runs)}"/>' for color, runs in found.items()]


def marks(
    points: Points, horizontal: PlotRange, vertical: PlotRange, scale: SurfaceScale, palette: Palette
) -> Iterable[str]:
    """A shape for each example in the plane, the test part below the training part."""
    x, y = horizontal.share(points.x) * SIDE, (1 - vertical.share(points.y)) * SIDE
    inside = (x >= 0) & (x <= SIDE) & (y >= 0) & (y <= SIDE) & np.isfinite(points.targets)
    for index in points.drawing_order():
        if inside[index]:
            kind = kind_of(float(points.targets[index]), scale)
            yield shape(kind, float(x[index]), float(y[index]), scale, palette, hollow=bool(points.is_test[index]))


def kind_of(target: float, scale: SurfaceScale) -> int:
    """The class of a target, from 0; of numbers 0 below the middle, 1 above it."""
    return int(max(0, target)) if scale.classes > 2 else int(target > scale.middle)


def color_of(kind: int, scale: SurfaceScale, palette: Palette) -> str:
    """Of the examples of a class."""
    if scale.classes > 2:
        return palette.classes[kind % len(palette.classes)]
    return (palette.negative, palette.positive)[kind]


def shape(kind: int, x: float, y: float, scale: SurfaceScale, palette: Palette, *, hollow: bool) -> str:
    """An example of a class."""
    color, r = color_of(kind, scale, palette), RADIUS
    looks = f'class="point {"test" if hollow else "train"} kind-{kind}" stroke-width="1.2"'
    looks += (
        f' fill="{palette.background}" stroke="{color}"' if hollow else f' fill="{color}" stroke="{palette.background}"'
    )
    name = SHAPES[kind % len(SHAPES)]
    if name == "circle":
        return f'<circle {looks} cx="{number(x)}" cy="{number(y)}" r="{r}"/>'
    return f'<path {looks} d="M{number(x)} {number(y)}{OUTLINES[name]}"/>'


def outlines() -> dict[str, str]:
    """The other shapes, from their middle on, as paths that are as large as a circle of RADIUS."""
    r = RADIUS
    arm = r / 3
    corners = {
        "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        "triangle": [(0, -1.25), (1.15, 0.8), (-1.15, 0.8)],
        "triangle down": [(0, 1.25), (1.15, -0.8), (-1.15, -0.8)],
        "diamond": [(0, -1.3), (1.2, 0), (0, 1.3), (-1.2, 0)],
    }
    thin = arm / r
    cross = [(-thin, -1.2), (thin, -1.2), (thin, -thin), (1.2, -thin), (1.2, thin), (thin, thin), (thin, 1.2)]
    cross += [(-thin, 1.2), (-thin, thin), (-1.2, thin), (-1.2, -thin), (-thin, -thin)]
    corners["plus"] = cross
    corners["cross"] = [((x - y) * 0.75, (x + y) * 0.75) for x, y in cross]
    found = {}
    for name, places in corners.items():
        steps, here = [], (0.0, 0.0)
        for place in places:
            steps.append(f"{number((place[0] - here[0]) * r)} {number((place[1] - here[1]) * r)}")
            here = place
        found[name] = f"m{'l'.join(steps)}z"
    return found


OUTLINES = outlines()


def axes(
    across: Sequence[tuple[float, str]],
    upwards: Sequence[tuple[float, str]],
    horizontal: PlotRange,
    vertical: PlotRange,
    palette: Palette,
    left: float,
) -> list[str]:
    """The frame, the round values at its edges, and the names of the inputs."""
    found = [f'<rect width="{SIDE}" height="{SIDE}" fill="none" stroke="{palette.dim}"/>']
    for share, label in across:
        found.append(stroke(share * SIDE, SIDE, share * SIDE, SIDE + 4, palette.dim))
        found.append(text(label, share * SIDE, SIDE + GAP + SMALL, palette.dim, anchor="middle"))
    for share, label in upwards:
        y = (1 - share) * SIDE
        found.append(stroke(-4, y, 0, y, palette.dim))
        found.append(text(label, -GAP, y + 0.35 * SMALL, palette.dim, anchor="end"))
    found.append(text(cut(horizontal.name, SIDE), SIDE / 2, SIDE + 2 * (GAP + SMALL), palette.text, anchor="middle"))
    turned = f'<g transform="translate({number(MARGIN + SMALL - left)} {SIDE / 2}) rotate(-90)">'
    found.append(turned + text(cut(vertical.name, SIDE), 0, 0, palette.text, anchor="middle") + "</g>")
    return found


def legend(
    points: Points,
    scale: SurfaceScale,
    kinds: SurfaceScale,
    meaning: Meaning,
    colors: Sequence[str],
    palette: Palette,
) -> list[str]:
    """What colours and shapes mean, beside the plane; without `colors` nothing is behind the examples."""
    x, y = SIDE + 2 * GAP, 0.0
    found = []
    if scale.classes <= 2 and colors:
        found += bar(x, scale, meaning.ends, colors, palette)
        y = BAR_HEIGHT + 2 * GAP
    for kind, name in enumerate(meaning.names[: int((SIDE - y) / ROW) - 2]):
        y += ROW
        if scale.classes > 2 and colors:
            found.append(rectangle(x, y - 11, BAR_WIDTH, 14, colors[class_level(kind)]))
        found.append(shape(kind, x + BAR_WIDTH / 2, y - 4, kinds, palette, hollow=False))
        short = cut(name, LEGEND - BAR_WIDTH - 3 * GAP)
        found.append(text(short, x + BAR_WIDTH + GAP, y, palette.text))
    if points.is_test.any():
        for hollow, part in ((False, "training part"), (True, "test part")):
            y += ROW
            found.append(shape(0, x + BAR_WIDTH / 2, y - 4, kinds, palette, hollow=hollow))
            found.append(text(part, x + BAR_WIDTH + GAP, y, palette.dim))
    return found


def bar(
    x: float, scale: SurfaceScale, ends: tuple[str, str, str], colors: Sequence[str], palette: Palette
) -> list[str]:
    """The colours of a scale, the high end above, with the numbers at its ends and in its middle."""
    levels = list(range(2 * STEPS, -1, -1))
    if scale.discrete:
        levels = [2 * STEPS if level > STEPS else 0 for level in levels]
    high = BAR_HEIGHT / len(levels)
    found = [rectangle(x, row * high, BAR_WIDTH, high + 0.3, colors[level]) for row, level in enumerate(levels)]
    for share, label in zip((1.0, 0.5, 0.0), ends, strict=True):
        y = share * BAR_HEIGHT
        found.append(text(label, x + BAR_WIDTH + GAP, min(max(y + 0.35 * SMALL, SMALL * 0.8), BAR_HEIGHT), palette.dim))
    return found
