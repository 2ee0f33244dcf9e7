"""Numbers as they are said on every page of the chain rule."""

from math import isfinite

from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.panes.view import View

DIGITS = 6
"""Significant digits of a number, where its result does not ask for more."""
USUAL_WIDTH, MOST_WIDTH = 12, 26
ROUNDING = " (0 up to rounding)"
"""Behind a sum whose terms cancel down to what the rounding of numbers leaves."""


def number(value: float, look: Look) -> str:
    return format_number(value, USUAL_WIDTH, DIGITS, look.glyphs)


def in_digits(value: float, digits: int) -> str:
    """A number in so many digits, the usual ones within the usual width."""
    return format_number(value, USUAL_WIDTH if digits <= DIGITS else MOST_WIDTH, digits)


def percent(share: float) -> str:
    """`12.3 %`; of small shares two digits."""
    if not isfinite(share):
        return "nan %"
    return f"{100 * share:.3g} %" if share >= 1e-6 or share == 0 else f"{100 * share:.1e} %"


def log_text(exponent: float, view: View, digits: int = 2) -> str:
    """A power of ten with so many digits behind the point."""
    if not isfinite(exponent):
        return format_number(exponent, 6, 2, view.look.glyphs)
    # What rounds to −0 is 0.
    return f"{round(exponent, digits) + 0.0:.{digits}f}".replace("-", view.look.glyphs.minus)
