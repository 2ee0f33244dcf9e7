"""A histogram as bars that stand, with the range of its numbers below."""

from textual.strip import Strip

from backprop_tui.core.diagnosis.statistics import Histogram
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import fit, line, style

NUMBER = 8
"""Cells of an end of the range, at the most."""
DIGITS = 3


def histogram_lines(found: Histogram | None, width: int, height: int, look: Look, color: str) -> list[Strip]:
    """A bar for each bin, the highest `height` lines, and the range in one more line.

    None, what is not computed, is the blank glyph; a bin with anything in it has some bar.
    """
    palette = look.palette
    if found is None:
        text = line([(look.glyphs.blank.center(width).rstrip(), style(palette.dim))], width)
        return [*[Strip([])] * (height - 1), text, Strip([])]
    levels = look.glyphs.levels
    most = max(int(found.counts.max()), 1)
    eighths = [0 if not count else max(1, round(count / most * 8 * height)) for count in found.counts.tolist()]
    lines = []
    for row in range(height - 1, -1, -1):
        cells = (" " if size <= 8 * row else levels[min(size - 8 * row, 8) - 1] for size in eighths)
        lines.append(line([("".join(cells), style(color))], width))
    return [*lines, range_line(found, width, look)]


def range_line(found: Histogram, width: int, look: Look) -> Strip:
    """The least number on the left and the greatest on the right; or how many are not finite."""
    palette = look.palette
    if found.left_out:
        text = fit(f"{found.left_out:,} not finite", width, look)
        return line([(text, style(palette.warning, bold=True))], width)
    room = min(NUMBER, (width - 1) // 2)
    low, high = (format_number(float(edge), room, DIGITS, look.glyphs) for edge in (found.edges[0], found.edges[-1]))
    return line([(low + high.rjust(width - len(low)), style(palette.dim))], width)
