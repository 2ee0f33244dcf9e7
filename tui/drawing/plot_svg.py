"""Curves over steps as a vector picture for a page: SVG of plain shapes and text, which any browser opens.

Nothing in it is fetched from elsewhere. Colours are those of the series; lines differ in their dashes as well, so that
they can be told apart in print.
"""

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from backprop_tui.core.value_class import dataclass

from .palette import LIGHT, FloatArray, Palette
from .plot_points import pieces, points_of, within
from .plot_range import ValueRange, value_range
from .round_ticks import round_log_ticks, round_ticks, tick_labels
from .series import Series, knots_of, known_values
from .svg import CHARACTER, SMALL, cut, document, number, rectangle, stroke, text, xml

WIDTH, HEIGHT = 800, 450
SIZE = 13
"""The height of the title's letters."""
COLUMNS = 2 * WIDTH
"""In each of these the least and the greatest of many points are drawn."""
MARGIN = 16
GAP = 8
SAMPLE = 32
"""The room of a piece of line before its name."""
VALUE_TICKS, STEP_TICKS = 7, 8
DASHES = ("", "5 3", "2 2", "9 3 2 3", "12 3", "1 3")
THIN, THICK = 1, 1.8
FUTURE = 0.35
"""How much of the colour is left behind the cursor."""


@dataclass(frozen=True, slots=True)
class Area:
    """Where the curves are drawn: steps `first` … `last` from `left` to `right`, values `shown` from `bottom` to `top`.

    Places are in units of the picture, y down.
    """

    left: float
    right: float
    top: float
    bottom: float
    first: float
    last: float
    shown: ValueRange

    def x(self, step: float) -> float:
        return self.left + (step - self.first) / (self.last - self.first) * (self.right - self.left)

    def y(self, value: float) -> float:
        """Of a value, log₁₀ of it on a logarithmic axis."""
        share = (value - self.shown.low) / (self.shown.high - self.shown.low)
        return self.bottom - share * (self.bottom - self.top)


def plot_svg(
    series: Sequence[Series],
    *,
    first: float,
    last: float,
    log: bool = False,
    cursor: float | None = None,
    title: str = "",
    across: str = "step",
    up: str = "loss",
    palette: Palette = LIGHT,
) -> str:
    """The series over the steps `first` … `last` as an SVG document, with round ticks, a legend and the title.

    `across` names what is counted along the horizontal axis, `up` the values.

    As on the screen later series lie over earlier ones, what is behind `cursor` is pale, values that are not finite,
    on a logarithmic axis those ≤ 0, are gaps, and where few values would flatten the rest the axis is cut: small arrows
    at its top tell where a curve goes on above. A point alone is a dot.
    """
    if last <= first:
        first, last = first - 0.5, first + 0.5
    knots = [knots_of(one, log, first, last) for one in series]
    curves = [points_of(one, COLUMNS) for one in knots]
    top = MARGIN + SIZE
    heading = text(cut(title, WIDTH - 2 * MARGIN, SIZE), MARGIN, top, palette.text, size=SIZE, bold=True)
    inside = [within(one, first, last) for one in series]
    if not any(np.isfinite(values).any() for _, values in curves):
        told = nothing(log) if any(one.steps.size for one in inside) else "no steps yet"
        behind = rectangle(0, 0, WIDTH, HEIGHT, palette.background)
        alone = text(told, WIDTH / 2, HEIGHT / 2, palette.dim, anchor="middle")
        return document(title, told, [behind, heading, alone], WIDTH, HEIGHT)
    shown = value_range([values for _, values in curves], log)
    strokes = strokes_of(series)
    scale = f"{up}, logarithmic" if log else f"{up}, linear"
    with np.errstate(all="ignore"):
        greatest = float(np.power(10.0, shown.greatest)) if log else shown.greatest
    if shown.cut:
        scale += f" axis; arrows: up to {value_text(greatest)}"
    first_row = top + GAP + SMALL
    lines, room = legend(series, strokes, scale, palette, first_row)
    # A legend of many rows takes nothing from the curves.
    height = HEIGHT + room - first_row
    body = [rectangle(0, 0, WIDTH, height, palette.background), heading, *lines]
    ticks = value_ticks(shown, log)
    left = MARGIN + max((len(label) for _, label in ticks), default=0) * SMALL * CHARACTER + GAP
    area = Area(left, WIDTH - 1.5 * MARGIN, room + GAP + SMALL, height - 2 * MARGIN - 2 * SMALL, first, last, shown)
    body += axes(area, ticks, across, palette)
    body += drawn(area, series, curves, strokes, cursor, palette)
    return document(title, described(inside, log), body, WIDTH, height)


def nothing(log: bool) -> str:
    return "nothing above 0 to show on a logarithmic scale" if log else "no finite value to show"


def value_ticks(shown: ValueRange, log: bool) -> list[tuple[float, str]]:
    """Where ticks stand on the axis of values, log₁₀ of them on a logarithmic one, and what is written at them.

    Where all points have one value, that.
    """
    if shown.only is not None:
        value = float(10.0**shown.only) if log else shown.only
        return [(shown.only, f"{value:.9g}".replace("-", "−", 1) if value < 0 else f"{value:.9g}")]
    found = (round_log_ticks if log else round_ticks)(shown.low, shown.high, VALUE_TICKS)
    places = [float(np.log10(value)) for value in found] if log else found
    return list(zip(places, tick_labels(found), strict=True))


def axes(area: Area, ticks: Sequence[tuple[float, str]], across: str, palette: Palette) -> list[str]:
    """The grid at round values, their labels, the round steps below and the frame."""
    found = []
    for place, label in ticks:
        y = area.y(place)
        found.append(stroke(area.left, y, area.right, y, palette.neutral))
        found.append(text(label, area.left - GAP, y + 0.35 * SMALL, palette.dim, anchor="end"))
    # The first step is no round one. Between two steps there is nothing to tell.
    steps = {step for step in (area.first, *round_ticks(area.first, area.last, STEP_TICKS)) if step == round(step)}
    taken = 0.0
    for step in sorted(steps):
        label = f"{step:,.0f}"
        x, half = area.x(step), len(label) * SMALL * CHARACTER / 2
        found.append(stroke(x, area.bottom, x, area.bottom + 4, palette.dim))
        if x - half > taken + GAP and x + half <= WIDTH:
            found.append(text(label, x, area.bottom + GAP + SMALL, palette.dim, anchor="middle"))
            taken = x + half
    found.append(
        text(across, (area.left + area.right) / 2, area.bottom + 2 * (GAP + SMALL), palette.dim, anchor="middle")
    )
    for ends in ((area.left, area.top, area.left, area.bottom), (area.left, area.bottom, area.right, area.bottom)):
        found.append(stroke(*ends, palette.dim))
    return found


@dataclass(frozen=True, slots=True)
class Stroke:
    """How the line of a series is drawn, besides its colour."""

    width: float
    dash: str


def strokes_of(series: Sequence[Series]) -> list[Stroke]:
    """Thin for what lies behind other lines, the batches behind their mean; these with dashes of their own.

    Where there are more than that many, these would only make them hard to follow.
    """
    clear = [place for place, one in enumerate(series) if not one.behind]
    # Other runs have letters: this one is the first to have a line without gaps.
    clear.sort(key=lambda place: bool(series[place].letter))
    dashes = dict(zip(clear, DASHES if len(clear) <= len(DASHES) else [""] * len(clear), strict=False))
    return [Stroke(THICK, dashes[place]) if place in dashes else Stroke(THIN, "") for place in range(len(series))]


def drawn(
    area: Area,
    series: Sequence[Series],
    curves: Sequence[tuple[FloatArray, FloatArray]],
    strokes: Sequence[Stroke],
    cursor: float | None,
    palette: Palette,
) -> list[str]:
    """The curves, pale behind the cursor, and its line."""
    at = area.right if cursor is None else area.x(min(max(cursor, area.first), area.last))
    all_of_them = list(zip(series, curves, strokes, strict=True))
    # A little more than the area, so that a line on its edge is drawn whole.
    over, height = area.top - 2, area.bottom - area.top + 4
    ordered = sorted(all_of_them, key=lambda one: not one[0].behind)
    shapes = [curve(area, *one) for one in ordered]
    # Names of this picture alone: several may stand in one page.
    own = f"{crc32(f'{area}{at}{shapes}'.encode()):08x}"
    found = [
        "<defs>",
        f'<clipPath id="past-{own}">{rectangle(area.left - 2, over, at - area.left + 3, height)}</clipPath>',
        f'<clipPath id="future-{own}">{rectangle(at + 1, over, area.right - at + 2, height)}</clipPath>',
        "</defs>",
        f'<g clip-path="url(#past-{own})"><g id="curves-{own}">',
        *shapes,
        "</g></g>",
    ]
    if at < area.right:
        found.append(f'<g clip-path="url(#future-{own})" opacity="{FUTURE}"><use xlink:href="#curves-{own}"/></g>')
        # What stays as it is lies over that.
        stays = [shape for shape, (one, _, _) in zip(shapes, ordered, strict=True) if not one.fades]
        found += [f'<g clip-path="url(#future-{own})">', *map(untitled, stays), "</g>"] if stays else []
    if cursor is not None and area.first <= cursor <= area.last:
        found.append(stroke(at, area.top, at, area.bottom, palette.dim, "3 3", 'class="cursor" '))
    return found + [arrow for one, kept in zip(series, curves, strict=True) for arrow in arrows(area, one, *kept)]


def untitled(shape: str) -> str:
    """The same curve once more: it is one series."""
    return re.sub("<title>.*?</title>", "", shape).replace(' class="series"', "")


def curve(area: Area, one: Series, kept: tuple[FloatArray, FloatArray], of: Stroke) -> str:
    """The line of one series, broken at its gaps; a point between two of these is a dot."""
    steps, values = kept
    lines, dots = [], []
    for xs, ys in pieces(steps, np.clip(values, area.shown.low, area.shown.high)):
        points = [f"{number(area.x(x))} {number(area.y(y))}" for x, y in zip(xs, ys, strict=True)]
        if len(points) > 1:
            lines.append(f"M{'L'.join(points)}")
        else:
            dots.append(f"M{points[0]}h0.01")
    dash = f' stroke-dasharray="{of.dash}"' if of.dash else ""
    paths = f'<path d="{"".join(lines)}" stroke-width="{of.width}"{dash}/>' if lines else ""
    paths += f'<path d="{"".join(dots)}" stroke-width="5" stroke-linecap="round"/>' if dots else ""
    name = f"<title>{xml(one.name)}</title>"
    return f'<g class="series" fill="none" stroke="{one.color}" stroke-linejoin="round">{name}{paths}</g>'


def arrows(area: Area, one: Series, steps: FloatArray, values: FloatArray) -> list[str]:
    """A small arrow at the top of the axis wherever a curve goes on above it."""
    above = steps[np.isfinite(values) & (values > area.shown.high)]
    places = sorted({round(area.x(step) / 4) * 4 for step in above.tolist() if area.first <= step <= area.last})
    return [f'<path class="above" d="M{x - 3} {number(area.top - 2)}h6l-3 -5z" fill="{one.color}"/>' for x in places]


def legend(
    series: Sequence[Series], strokes: Sequence[Stroke], scale: str, palette: Palette, y: float
) -> tuple[list[str], float]:
    """Each series' name behind a piece of its line, in as many rows as that takes, then the scale; and the last row."""
    found, x = [], float(MARGIN)
    for place, name in enumerate([*(cut(one.name, WIDTH - 2 * MARGIN - SAMPLE) for one in series), scale]):
        wide = SAMPLE + len(name) * SMALL * CHARACTER
        if x > MARGIN and x + wide > WIDTH - MARGIN:
            x, y = float(MARGIN), y + SMALL + 4
        if place < len(series):
            middle, of = y - 0.35 * SMALL, strokes[place]
            found.append(stroke(x, middle, x + SAMPLE - 6, middle, series[place].color, of.dash, width=of.width))
            found.append(text(name, x + SAMPLE, y, palette.text))
        else:
            found.append(text(name, WIDTH - MARGIN, y, palette.dim, anchor="end"))
        x += wide + 2 * GAP
    return found, y


def described(series: Sequence[Series], log: bool) -> str:
    """The picture in words, for who cannot see it: of each curve its ends and its extremes among the steps shown."""
    told = []
    for one in series:
        low, high = known_values(one.low, one.high, log)
        known = np.flatnonzero(np.isfinite(high))
        if known.size:
            ends = [f"{one_end(low[at], high[at])} at {one.steps[at]:,.0f}" for at in (known[0], known[-1])]
            between = f"least {value_text(float(np.nanmin(low)))}, greatest {value_text(float(np.nanmax(high)))}"
            told.append(f"{one.name}: from {ends[0]} to {ends[1]}; {between}")
    return ". ".join(told)


def one_end(low: float, high: float) -> str:
    """A value, or both of two that stand for several steps."""
    return value_text(low) if low == high else f"{value_text(low)} to {value_text(high)}"


def value_text(value: float) -> str:
    return f"{value:.6g}"
