"""Whether a layer's gradient is small, moderate or large: by what this step's update does to the layer's weights.

A gradient has no size by itself: the same one is large beside small weights or a high rate, and small beside others.
"""

from math import isfinite, log10

from backprop_tui.core.diagnosis.rule import LARGE_STEP, TINY_STEP
from backprop_tui.core.session.history import LayerMeasure
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import word

SHORT, LONG = 5, 8
"""Cells for the words."""
SCALE = 29
"""Cells of the scale."""
LOWEST, HIGHEST = 1e-7, 10.0
"""‖ΔW‖/‖W‖ at its ends."""
NEEDLE = "O"


def gauge(measure: LayerMeasure) -> str | None:
    """`small`, `moderate`, `large` by ‖ΔW‖/‖W‖; `zero`, `nan` or `inf` as ‖ΔW‖ is; None before it is computed.

    `W = 0` where there is nothing to compare with.
    """
    if measure.update is None:
        return None
    if measure.update == 0:
        return "zero"
    ratio = measure.ratio
    if ratio is None:
        return "W = 0"
    return word(ratio) or ("small" if ratio < TINY_STEP else "large" if ratio > LARGE_STEP else "moderate")


def shortened(said: str, width: int) -> str:
    """The word in so many cells, at least `SHORT`: `mod.` where `moderate` has no room."""
    return said if len(said) <= width else f"{said[:3]}."


def cell_of(ratio: float) -> int:
    """Where ‖ΔW‖/‖W‖ stands on the scale, which is logarithmic; at its ends what lies beyond."""
    share = log10(min(max(ratio, LOWEST), HIGHEST) / LOWEST) / log10(HIGHEST / LOWEST)
    return round(share * (SCALE - 1))


LIMITS = (cell_of(TINY_STEP), cell_of(LARGE_STEP))


def bands() -> str:
    """The names of the bands, each in the middle of its own."""
    first, second = LIMITS
    widths = (first, second - first - 1, SCALE - second - 1)
    return " ".join(f"{name:^{width}}" for name, width in zip(("small", "moderate", "large"), widths, strict=True))


def scale(measure: LayerMeasure, look: Look) -> tuple[str, int | None]:
    """The scale with its bands, and the cell of the needle in it; None where ‖ΔW‖/‖W‖ is not known, or no number."""
    cells = [look.glyphs.vertical if cell in LIMITS else look.glyphs.horizontal for cell in range(SCALE)]
    ratio = measure.ratio
    needle = None if ratio is None or not isfinite(ratio) else cell_of(ratio)
    if needle is not None:
        cells[needle] = NEEDLE
    return "".join(cells), needle
