"""The classes with their probabilities as bars, the predicted and the true one marked."""

from collections.abc import Sequence

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from .bars import bar_text
from .glyphs import Look
from .numbers import format_number
from .palette import FloatArray
from .strips import Part, fit, line, style
from .titles import told_apart

NUMBER_WIDTH = 6
LEAST_WITH_MORE = 3
"""Lines from which one can say how many classes are left out."""


def probability_lines(
    probabilities: FloatArray | None, target: int | None, names: Sequence[str], width: int, height: int, look: Look
) -> list[Strip]:
    """One line a class: `▸` before the predicted one, `✓` before the true one, its name, its bar, its probability.

    Where there are more classes than lines the likeliest and the true one are shown, and the last line says how many
    there are besides. None is blank.
    """
    count = len(names)
    if width <= 0 or height <= 0 or count == 0:
        return []
    known = None if probabilities is None else np.nan_to_num(np.asarray(probabilities, dtype=float), nan=-1.0)
    predicted = None if known is None else int(known.argmax())
    shown = list(range(count))
    more: list[Strip] = []
    if count > height:
        room = height - 1 if height >= LEAST_WITH_MORE else height
        ranks = [0.0] * count if known is None else known.tolist()
        shown = sorted(sorted(shown, key=lambda index: (index != target, -ranks[index]))[:room])
        if room < height:
            text = fit(look.text(f"   … {count - room} more: {look.keys.said('z')}"), width, look)
            more = [line([(text, style(look.palette.dim))], width)]
    name_width = min(max(cell_len(look.text(name)) for name in names), max(1, width // 3))
    texts = told_apart(names, name_width, look)
    lines = [
        _line(
            index,
            probabilities,
            index == predicted,
            index == target,
            texts[index],
            name_width,
            width,
            look,
        )
        for index in shown
    ]
    return [*lines, *more]


def _line(
    index: int,
    probabilities: FloatArray | None,
    predicted: bool,
    true: bool,
    name: str,
    name_width: int,
    width: int,
    look: Look,
) -> Strip:
    palette, glyphs = look.palette, look.glyphs
    value = None if probabilities is None else float(probabilities[index])
    number = format_number(value, NUMBER_WIDTH, 3, glyphs)
    if value is not None and 0 < abs(value) < 1e-4:
        number = "<1e-4"
    room = max(0, width - name_width - NUMBER_WIDTH - 5)
    filled = bar_text(value, room, look) if value is not None else ""
    color = palette.positive if true else palette.negative if predicted else palette.dim
    parts: list[Part] = [
        (glyphs.cursor if predicted else " ", style(palette.accent, bold=True)),
        (glyphs.mark if true else " ", style(palette.positive, bold=True)),
        (" " + name + " " * (name_width - cell_len(name)) + " ", style(palette.text, bold=predicted or true)),
        (filled, style(color)),
        (" " * (room - len(filled)), None),
        (f" {number:>{NUMBER_WIDTH}}", style(palette.text if predicted or true else palette.dim)),
    ]
    return line(parts, width)
