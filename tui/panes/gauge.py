"""Whether a layer's gradient is small, moderate or large: by what this step's update does to the layer's weights.

A gradient has no size by itself: the same one is large beside small weights or a high rate, and small beside others.
"""

from backprop_tui.core.diagnosis.rule import LARGE_STEP, TINY_STEP
from backprop_tui.core.session.history import LayerMeasure
from backprop_tui.tui.drawing.numbers import word

SHORT, LONG = 5, 8
"""Cells for the words."""


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
