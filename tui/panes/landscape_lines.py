"""The landscape of the loss on a screen: what it is of, the map or the profile, and the way of the run over it."""

from collections.abc import Sequence

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.inquiry.ground import Ground, ParameterGround
from backprop_tui.core.inquiry.landscape import Landscape
from backprop_tui.core.inquiry.plane import Plane
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.axes import PlotRange
from backprop_tui.tui.drawing.contour import Mark, Way, contour_legend, contour_map, contours, profile
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_count, format_number
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.plot_range import value_range
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines

from .surveying import Surveying
from .view import View

ROOMY = 11
"""The height from which it is said what the loss is of, and what the contours stand for."""
TELLING = 2
"""Lines for what it is of."""
START, NOW, LOWEST = "S", "O", "x"


def landscape_lines(
    found: Landscape, survey: Surveying, session: Session, view: View, width: int, height: int
) -> list[Strip]:
    """A landscape, as far as it is worked out, with all that has to be said of it."""
    look = view.look
    names = axis_names(found.ground, session)
    flat = len(names) == 2
    levels = contours(found.values, width) if flat else np.empty(0)
    heads = [title_line(names, width, look)]
    if height >= ROOMY:
        standing = f"at step {format_count(survey.step)}" if view.playing else "now"
        way_known = bool(survey.been()[0].size)
        tellings = (
            told_of_plane(found, found.ground, standing, survey.aside(), look)
            if isinstance(found.ground, Plane)
            else told(found, standing, way=way_known)
        )
        heads += told_lines(tellings, width, height, look)
        heads += [contour_legend(levels, width, look)] if flat else valley_lines(found, width, look)
    room = height - len(heads) - 1
    # At the side there is no room for a name.
    axes = [
        PlotRange(name, one.low, one.high) for name, one in zip((names[0], look.glyphs.up), found.reach, strict=False)
    ]
    if flat:
        steps, values = survey.been()
        way = Way(steps, values[:, 0], values[:, 1], session.step)
        marks = marks_of(found, way, (survey.here[0], survey.here[1]), look)
        drawn = contour_map(found.known(), levels, [way], marks, axes[0], axes[1], width, room, look)
    else:
        drawn = drawn_profile(found, survey, session, axes[0], width, room, look)
    return [*heads, *drawn, letters_line(found, survey, view, width)]


def axis_names(ground: Ground, session: Session) -> list[str]:
    """What the axes are: parameters, or the directions of a plane."""
    if isinstance(ground, Plane):
        return ["a random direction" if ground.slope is None else "−∇ℒ", f"random direction {ground.number}"]
    assert isinstance(ground, ParameterGround)
    return [session.plan[one.parameter, one.layer].entry(one.index) for one in ground.parameters]


def title_line(names: Sequence[str], width: int, look: Look) -> Strip:
    """`ℒ over W⁽¹⁾₁,₁ → and b⁽¹⁾₁ ↑`, in a narrow pane `ℒ W⁽¹⁾₁,₁ → b⁽¹⁾₁ ↑`."""
    arrows = (look.glyphs.right, look.glyphs.up)
    axes = [f"{name} {arrow}" for name, arrow in zip(names, arrows, strict=False)]
    whole, short = "ℒ over " + " and ".join(axes), ("ℒ " + " ".join(axes)).replace(" direction", "")
    text = whole if cell_len(look.text(whole)) <= width else short
    return line([(fit(text, width, look), style(look.palette.text, bold=True))], width)


def told_lines(tellings: Sequence[str], width: int, height: int, look: Look) -> list[Strip]:
    """The first of the texts that there is room for; nothing where there is none for the last."""
    lines = [text_lines(text, width, height, look) for text in tellings]
    return next((rows for rows in lines if len(rows) <= TELLING), [])


def told(found: Landscape, standing: str, *, way: bool) -> tuple[str, ...]:
    """Of which examples it is, and what is not varied, at length and in short."""
    examples = examples_told(found)
    if not found.others:
        return (f"{examples}; no other parameter",)
    others = "1 other parameter" if found.others == 1 else f"{format_count(found.others)} other parameters"
    whole = f"{examples}, with {others} as {standing}"
    return (f"{whole}; on the path they were others" if way else whole, whole, examples)


def told_of_plane(found: Landscape, plane: Plane, standing: str, aside: float | None, look: Look) -> tuple[str, ...]:
    """Of which examples it is, what its directions are, and that the path is its shadow, at length and in short.

    `aside` is how far from the plane the path began, None where nothing of it is known.
    """

    def number(value: float) -> str:
        return format_number(value, 9, 3, look.glyphs)

    examples = examples_told(found)
    gradient = "no gradient" if plane.slope is None else f"‖∇ℒ‖ {number(plane.slope)}"
    short = f"{examples}, ‖Δθ‖ around θ {standing}"
    whole = f"{short}: {format_count(plane.moved)} parameters, {gradient}"
    if aside is None:
        return whole, short, examples
    shadow = f"the path is projected: S lies {number(aside)} off the plane"
    return f"{whole}; {shadow}", f"{short}; {shadow}", f"θ {standing}, path projected", examples


def examples_told(found: Landscape) -> str:
    """`of all 250 examples`."""
    examples = "1 example" if found.examples == 1 else f"{format_count(found.examples)} examples"
    of = "of all" if found.whole and found.examples > 1 else "of the" if found.whole else "of this batch,"
    return f"{of} {examples}"


def valley_lines(found: Landscape, width: int, look: Look) -> list[Strip]:
    """The valleys of a profile, the lowest first."""
    if not found.finished:
        return []

    def number(value: float) -> str:
        return format_number(value, 9, 5, look.glyphs)

    count = len(found.valleys)
    places = "; ".join(f"ℒ {number(valley.loss)} at {number(valley.place)}" for valley in found.valleys)
    text = f"{count} {'valley' if count == 1 else 'valleys'} in view: {places}" if count else "no valley in view"
    return text_lines(text, width, 2, look, look.palette.accent)


def letters_line(found: Landscape, survey: Surveying, view: View, width: int) -> Strip:
    """What the letters mean, with the losses there: as many of them as there is room for, no number cut."""
    look, palette = view.look, view.look.palette

    def number(value: float) -> str:
        return format_number(value, min(9, width - len("O now ")), 5, look.glyphs)

    now: Part = (" now" if view.playing else f" now {number(survey.loss)}", style(palette.text))
    parts: list[Part] = [(NOW, style(palette.warning, bold=True)), now]
    if survey.been()[0].size:
        started = (" start, projected", " start", "") if isinstance(found.ground, Plane) else (" start", "")
        parts += fitting(parts, START, palette.text, started, width)
    if (lowest := lowest_of(found)) is not None:
        value = number(lowest[-1])
        parts += fitting(parts, LOWEST, palette.accent, (f" lowest {value}", f" {value}", ""), width)
    return line(parts, width)


def fitting(before: Sequence[Part], letter: str, color: str, texts: Sequence[str], width: int) -> list[Part]:
    """A letter with the first of the texts that there is room for; nothing where there is none for the letter."""
    used = sum(len(text) for text, _ in before)
    for text in texts:
        if used + len(f"  {letter}{text}") <= width:
            return [(f"  {letter}", style(color, bold=True)), (text, style(color))]
    return []


def lowest_of(found: Landscape) -> tuple[float, ...] | None:
    """Where it is lowest, and the loss there, of a profile in its lowest valley; None before all is worked out."""
    if not found.finished:
        return None
    if found.valleys:
        return found.valleys[0].place, found.valleys[0].loss
    lowest = found.lowest()
    return None if lowest is None else (*lowest[0], lowest[1])


def marks_of(found: Landscape, way: Way, here: tuple[float, float], look: Look) -> list[Mark]:
    """The lowest place, the start and where the run stands, which lies over the others."""
    palette = look.palette
    lowest = lowest_of(found)
    # Of a profile the loss is the height, of a map it stands behind the place.
    marks = [] if lowest is None else [Mark(LOWEST, lowest[0], lowest[1], palette.accent)]
    marks += [Mark(START, float(way.x[0]), float(way.y[0]), palette.text)] if way.steps.size else []
    return [*marks, Mark(NOW, *here, palette.warning)]


def drawn_profile(
    found: Landscape, survey: Surveying, session: Session, horizontal: PlotRange, width: int, room: int, look: Look
) -> list[Strip]:
    """ℒ over one parameter, with the way of the run along it."""
    losses = found.known()[0]
    if not np.isfinite(losses).any():
        return []
    shown = value_range([losses], False)

    def on_line(places: FloatArray) -> FloatArray:
        """The heights of places as the line is drawn."""
        heights: FloatArray = np.interp(places, found.across, losses)
        return heights

    steps, values = survey.been()
    way = Way(steps, values[:, 0], on_line(values[:, 0]), session.step)
    place = survey.here[0]
    marks = marks_of(found, way, (place, float(on_line(np.array([place]))[0])), look)
    vertical = PlotRange("ℒ", shown.low, shown.high)
    return profile(found.across, losses, way, marks, horizontal, vertical, width, room, look)
