"""The spotlight's parameter as a slider: where it stands between its least and its greatest value, and ℒ there."""

from math import isfinite

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.inquiry.what_if import Change, WhatIf
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import Part, fit, line, style
from backprop_tui.tui.panes.view import View

from .said_numbers import number

NOTCHES = 20
"""Places of the slider on either side of the parameter's own value."""
LEAST_TRACK = 9


def slid(notch: int, places: int) -> int:
    """The notch so many places on, as far as the ends."""
    return max(-NOTCHES, min(NOTCHES, notch + places))


def slider_line(name: str, found: WhatIf, change: Change, view: View, width: int) -> Strip:
    """The slider of the view, where it makes this change.

    `W⁽¹⁾₁,₁ = 0.165  │──────────│O─────────│  ℒ = 0.0270392`: the bar in the middle is the value that it has.
    """
    look, palette = view.look, view.look.palette
    left = look.text(f"{name} = ") + format_number(found.value + change.nudge, 12, 6, look.glyphs)
    loss = found.loss + change.true if isfinite(found.loss) else found.loss_at(change.nudge)
    right = look.text("ℒ = ") + number(loss, look)
    room = width - cell_len(left) - cell_len(right) - 4
    if room < LEAST_TRACK:
        return line([(fit(f"{left}  {right}", width, look), style(palette.accent, bold=True))], width)
    half = min((room - 3) // 2, NOTCHES)
    track = [look.glyphs.horizontal] * (2 * half + 1)
    track[half] = look.glyphs.vertical
    handle = half + round(view.slide * half / NOTCHES)
    dim = style(palette.dim)
    parts: list[Part] = [
        (left, style(palette.accent, bold=True)),
        (f"  {look.glyphs.vertical}{''.join(track[:handle])}", dim),
        ("O", style(palette.warning, bold=True)),
        (f"{''.join(track[handle + 1 :])}{look.glyphs.vertical}  ", dim),
        (right, style(palette.accent, bold=True)),
    ]
    return line(parts, width)
