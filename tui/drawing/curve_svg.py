"""A network of one input as a vector picture: its answer as a line, and the examples upon it."""

import math

import numpy as np

from .axes import PlotRange
from .glyphs import Look
from .palette import FloatArray
from .plot_points import pieces
from .points import Points, SurfaceScale
from .surface_svg import BAR_WIDTH, GAP, ROW, SIDE, framed, marks, shape
from .svg import number, stroke, text

EXAMPLES = SurfaceScale(middle=math.inf)
"""All of one kind."""


def curve_svg(
    along: FloatArray,
    answers: FloatArray,
    points: Points,
    horizontal: PlotRange,
    vertical: PlotRange,
    look: Look,
    *,
    title: str,
    subtitle: str,
    description: str,
) -> str:
    """An SVG document of the answers (n,) to the inputs `along` (n,), rising, with the examples; NaN is a gap."""
    palette = look.palette
    x = horizontal.share(along) * SIDE
    # What is beyond the frame ends at it.
    y = (1 - np.clip(vertical.share(answers), 0, 1)) * SIDE
    lines = [
        f"M{'L'.join(f'{number(a)} {number(b)}' for a, b in zip(xs, ys, strict=True))}"
        for xs, ys in pieces(x, np.where(np.isfinite(answers), y, np.nan))
    ]
    drawn = [
        *marks(points, horizontal, vertical, EXAMPLES, palette),
        f'<path class="answers" fill="none" stroke="{palette.train}" stroke-width="1.8" d="{"".join(lines)}"/>',
    ]
    left = SIDE + 2 * GAP
    beside = [
        stroke(left, ROW - 4, left + BAR_WIDTH, ROW - 4, palette.train, width=1.8),
        text("the network" if lines else "no finite answer", left + BAR_WIDTH + GAP, ROW, palette.text),
    ]
    parts = [(False, "training part"), (True, "test part")] if points.is_test.any() else [(False, "examples")]
    for place, (hollow, part) in enumerate(parts, 2):
        beside.append(shape(0, left + BAR_WIDTH / 2, place * ROW - 4, EXAMPLES, palette, hollow=hollow))
        beside.append(text(part, left + BAR_WIDTH + GAP, place * ROW, palette.text))
    return framed(drawn, beside, horizontal, vertical, palette, (title, subtitle), description)
