"""Linear layers in a row as what they come to: one matrix, and the same outputs by it as layer by layer."""

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.inquiry.one_matrix import OneMatrix, one_matrix
from backprop_tui.core.ops.quantity import of_layer
from backprop_tui.core.session.effort import BLINK, effort
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.matrix import matrix_lines
from backprop_tui.tui.drawing.numbers import format_count, format_number
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines

from .view import View

NUMBER, DIGITS = 13, 9
"""Cells and digits of an output: enough to see that both are the same."""
LONG, SHORT = ("  layer by layer ", "  one matrix     "), ("layers ", "matrix ")
"""The two ways to an output, where there is room and where there is not."""
ROOMY = 30
MOST_HEADING = 3
NONE = "No two of these layers are one matrix: behind each but the last stands something that no matrix does."

LATER = "Worked out as soon as it pauses: in a network of this size that takes too long to be done while it trains."


def one_matrix_lines(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """The product, the matrix that it comes to with its bias as a last column, and an output both ways."""
    look, palette = view.look, view.look.palette
    if view.playing and effort(session.plan.ops) > BLINK:
        return text_lines(LATER, width, height, look)
    found = one_matrix(session, view.spotlight.layer)
    if found is None:
        return text_lines(NONE, width, height, look)
    name, table = "".join(found.factors), np.column_stack([found.matrix, found.bias])
    does = f"{format_count(found.parameters)} parameters do what {format_count(found.needed)} can"
    foot = output_lines(found, view, width)
    most = min(MOST_HEADING, height - len(foot) - len(table))
    head = text_lines(f"{name}, and b in the last column: {does}", width, MOST_HEADING + 1, look, palette.text)
    if len(head) > most:
        # What the columns are comes before what follows from it.
        head = text_lines(f"{name} | b", width, max(most, 1), look, palette.text)
    room = max(height - len(head) - len(foot), 1)
    return [*head, *matrix_lines(table, width, room, look), *foot][:height]


def output_lines(found: OneMatrix, view: View, width: int) -> list[Strip]:
    """Z of one example and unit by both ways, and by how much they differ at most."""
    look, palette = view.look, view.look.palette
    units, examples = found.by_layers.shape
    unit, example = min(view.spotlight.focus(found.last), units - 1), min(view.spotlight.example, examples - 1)
    entry = f"{of_layer('Z', found.last)} of example {example + 1}" + (f", unit {unit + 1}" if units > 1 else "")
    lines = [line([(fit(f"{entry}:", width, look), style(palette.dim))], width)]
    ways = zip(LONG if width >= ROOMY else SHORT, (found.by_layers, found.by_matrix), strict=True)
    for words, outputs in ways:
        room = min(max(width - cell_len(words), 1), NUMBER)
        number = format_number(float(outputs[unit, example]), room, DIGITS, look.glyphs)
        parts: list[Part] = [(words, style(palette.text)), (number, style(palette.forward))]
        lines.append(line(parts, width))
    largest = format_number(found.difference, 8, 2, look.glyphs)
    count = format_count(units * examples)
    lines.append(line([(fit(f"they differ by {largest} at most, in {count}", width, look), style(palette.dim))], width))
    return lines
