"""What if the parameter in the spotlight were a little different: the change of the loss, predicted and true."""

from collections.abc import Sequence

import numpy as np
from textual.strip import Strip

from backprop_tui.core.inquiry.what_if import Change, WhatIf
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.axes import PlotRange, frame, with_axes
from backprop_tui.tui.drawing.braille import Dots, polyline
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.strips import Grid, Part, line, pause_first, style, text_lines
from backprop_tui.tui.panes.view import View

from .page import Choice, Page
from .said_numbers import number
from .slider_line import NOTCHES, slider_line
from .what_if_words import name_of, nudges, question_text, sentence, update_text

TABLE = 50
"""Cells that the table is wide."""
LEAST_CURVE = 24
CURVE_HEIGHT = 12


class WhatIfReader:
    """Works the nudges of a position out once, and the curve of each reach when it is first looked at."""

    def __init__(self) -> None:
        self.key: object = None
        self.what_if: WhatIf | None = None
        self.changes: tuple[Change, ...] = ()
        self.curves: dict[float, tuple[Change, ...]] = {}
        self.changes_slid: dict[int, Change] = {}

    def read(self, session: Session, view: View) -> WhatIf:
        key = (id(session), session.count, view.spotlight)
        if self.what_if is None or key != self.key:
            found = WhatIf(session, view.spotlight)
            self.key, self.what_if, self.curves, self.changes_slid = key, found, {}, {}
            self.changes = tuple(found.nudge(delta) for delta in nudges(found))
        return self.what_if

    def page(self, session: Session, view: View, width: int, height: int) -> Page:
        page = Page()
        if view.playing:
            page.add(pause_first("nudges are worked out for one position.", width, view.look))
            return page
        found = self.read(session, view)
        if not self.changes:
            name = name_of(session, view)
            text = f"{name} = {number(found.value, view.look)} is no finite number: nothing lies beside it to compare."
            page.add(text_lines(text, width, 3, view.look, view.look.palette.warning))
            return page
        slid = self.slid(found, view)
        chosen = slid if view.sliding else self.changes[view.nudge % len(self.changes)]
        reach = found.spans[0] if view.sliding else abs(chosen.nudge)
        if reach not in self.curves:
            self.curves[reach] = found.curve(reach)
        page = what_if_page(found, self.changes, chosen, self.curves[reach], session, view, width, height - 1)
        page.head.append(slider_line(name_of(session, view), found, slid, view, width))
        return page

    def slid(self, found: WhatIf, view: View) -> Change:
        """The change that the slider stands at."""
        if view.slide not in self.changes_slid:
            self.changes_slid[view.slide] = found.nudge(view.slide / NOTCHES * found.spans[0])
        return self.changes_slid[view.slide]


def what_if_page(
    found: WhatIf,
    changes: Sequence[Change],
    chosen: Change,
    curve: Sequence[Change],
    session: Session,
    view: View,
    width: int,
    height: int,
) -> Page:
    """The nudges as a table, the chosen one in a sentence, and the curve beside it or below."""
    look = view.look
    beside = width >= TABLE + LEAST_CURVE
    page = Page()
    page.add(text_lines(question_text(found, session, view), width, 3, look, look.palette.text))
    page.add(text_lines(sentence(chosen, found, update_text(session), view), width, 3, look))
    table = [header(view), *(change_line(c, c is chosen, found, view) for c in changes)]
    room = max(height - len(page.rows) - 1, 4) if beside else CURVE_HEIGHT
    drawn = curve_lines(curve, chosen, width - TABLE if beside else width, min(room, CURVE_HEIGHT + 4), view)
    first = len(page.rows) + 1
    page.add(side_by_side(table, drawn, width) if beside else [*table, *drawn])
    for place in range(len(changes)):
        page.choices.append(Choice())
        page.stops.append(first + place)
    return page


def header(view: View) -> Strip:
    look = view.look
    text = f"  {look.text('δ'):>11}  {look.text('slope · δ'):>12}  {'true':>12}"
    return line([(text, style(look.palette.dim))], TABLE)


def change_line(change: Change, chosen: bool, found: WhatIf, view: View) -> Strip:
    """`▸       −0.01  −1.88648e-05  −1.88652e-05  update`."""
    look, palette = view.look, view.look.palette
    mark = look.glyphs.cursor if chosen else " "
    texts = (
        format_number(change.nudge, 11, 4, look.glyphs),
        number(change.predicted, look),
        number(change.true, look),
    )
    color = palette.positive if change.true > 0 else palette.negative if change.true < 0 else palette.text
    parts: list[Part] = [
        (f"{mark} ", style(palette.accent)),
        (f"{texts[0]:>11}  {texts[1]:>12}  ", style(palette.text, bold=chosen)),
        (f"{texts[2]:>12}", style(color, bold=chosen)),
        ("  update" if change.nudge == found.update else "", style(palette.dim)),
    ]
    return line(parts, TABLE)


def side_by_side(left: list[Strip], right: list[Strip], width: int) -> list[Strip]:
    rows = max(len(left), len(right))
    blank = Strip([])
    left, right = left + [blank] * (rows - len(left)), right + [blank] * (rows - len(right))
    pairs = zip(left, right, strict=True)
    return [Strip.join([one.adjust_cell_length(TABLE), other]).crop(0, width) for one, other in pairs]


def curve_lines(curve: Sequence[Change], chosen: Change, width: int, height: int, view: View) -> list[Strip]:
    """The true change over the nudge, and the slope's prediction as a dim line; O is the chosen nudge."""
    look, palette = view.look, view.look.palette
    deltas, true = (np.array([getattr(c, name) for c in curve]) for name in ("nudge", "true"))
    predicted = np.array([c.predicted for c in curve])
    finite = np.concatenate([v[np.isfinite(v)] for v in (true, predicted)])
    if not finite.size or width < 8 or height < 3:
        return []
    low, high = float(finite.min()), float(finite.max())
    horizontal = PlotRange("δ", float(deltas[0]), float(deltas[-1]))
    vertical = PlotRange("change", low, high if high > low else low + 1.0)
    place = frame(width, height, vertical, look)
    grid = Grid(place.width, place.height)
    across = dots_across(deltas, horizontal, place.width)
    styles = [style(palette.dim), style(palette.accent, bold=True)]
    # The prediction first, so that the truth lies over it.
    for values, owner in ((predicted, 0), (true, 1)):
        dots = Dots(place.width, place.height)
        dots.plot(*polyline(across, dots_down(values, vertical, place.height)), owner)
        dots.draw(grid, 0, 0, styles, [".", "*"], look)
    if np.isfinite(chosen.true):
        column = int(dots_across(np.array([chosen.nudge]), horizontal, place.width)[0]) // 2
        row = int(dots_down(np.array([chosen.true]), vertical, place.height)[0]) // 4
        grid.write(column, row, "O", style(palette.warning, bold=True))
    return with_axes(grid.lines(), place, horizontal, vertical, look)


def dots_across(values: FloatArray, horizontal: PlotRange, width: int) -> FloatArray:
    found: FloatArray = horizontal.share(values) * (2 * width - 1)
    return found


def dots_down(values: FloatArray, vertical: PlotRange, height: int) -> FloatArray:
    with np.errstate(all="ignore"):
        shares = np.where(np.isfinite(values), 1 - vertical.share(np.nan_to_num(values)), np.nan)
    found: FloatArray = shares * (4 * height - 1)
    return found
