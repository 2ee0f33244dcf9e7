"""`name = symbols = numbers = value` as lines: on one where there is room, else one for each part."""

import re

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.chain_rule.printed import is_rounding, spelled
from backprop_tui.core.chain_rule.statements import Statement
from backprop_tui.core.ops.expression import Expression, Reference
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import Part, fit, line, style

from .said_numbers import DIGITS, ROUNDING, in_digits

INDENT = 2


def statement_lines(shown: Statement, look: Look, width: int, chosen: Reference | None = None) -> list[Strip]:
    """A statement, with the factor `chosen` standing out."""
    return equation_lines(shown.name, shown.expression, shown.value, look, width, chosen)


def equation_lines(
    name: str, expression: Expression, value: float, look: Look, width: int, chosen: Reference | None = None
) -> list[Strip]:
    """`name` = `expression`, in symbols and in numbers, = `value`; where that is 0 but for rounding, it says so."""
    palette = look.palette
    symbols, result = look.text(expression.symbols()), look.text(in_digits(value, DIGITS))
    numbers = look.text(spelled(expression, value, in_digits, DIGITS).numbers(str))
    name = look.text(name)
    name_style, dim = style(palette.text, bold=True), style(palette.dim)
    value_style = style(sign_color(value, look), bold=True)
    said_twice = numbers in (result, symbols)
    middle: list[Part] = [] if said_twice else [(" = ", dim), (numbers, style(palette.text))]
    single: list[Part] = [(name, name_style), (" = ", dim), *highlighted(symbols, chosen, look), *middle]
    noise: list[Part] = [(ROUNDING, dim)] if is_rounding(expression, value) else []
    if symbols != result:
        single += [(" = ", dim), (result, value_style), *noise]
    if sum(cell_len(text) for text, _ in single) <= width:
        return [line(single, width)]
    lines = [
        line(highlighted(row, chosen, look), width) for row in wrapped_rows(f"{name} = {symbols}", width, look, INDENT)
    ]
    if middle:
        lines += wrapped(" " * INDENT + "= " + numbers, width, look, palette.text, 2 * INDENT)
    return [*lines, line([(" " * INDENT, None), ("= ", dim), (result, value_style), *noise], width)]


def highlighted(symbols: str, chosen: Reference | None, look: Look) -> list[Part]:
    """The symbols with the chosen factor standing out wherever it stands."""
    normal, accent = style(look.palette.text), style(look.palette.accent, bold=True)
    if chosen is None:
        return [(symbols, normal)]
    name = re.escape(look.text(chosen.symbols()))
    # A₁,₁ is not part of dA₁,₁ nor of A₁,₁₂.
    parts = re.split(rf"(?<!\w)({name})(?!\w|,\w)", symbols)
    return [(text, accent if place % 2 else normal) for place, text in enumerate(parts)]


def sign_color(value: float, look: Look) -> str:
    palette = look.palette
    return palette.positive if value > 0 else palette.negative if value < 0 else palette.text


def wrapped(text: str, width: int, look: Look, color: str, indent: int) -> list[Strip]:
    """`text` broken between words, all lines but the first indented."""
    return [line([(row, style(color))], width) for row in wrapped_rows(text, width, look, indent)]


def wrapped_rows(text: str, width: int, look: Look, indent: int) -> list[str]:
    bare = text.lstrip()
    rows = [" " * (len(text) - len(bare))]
    # Cells of the last row, and whether it has a word.
    used, begun = len(rows[0]), False
    for word in look.text(bare).split(" "):
        cells = cell_len(word)
        if begun and used + 1 + cells > width:
            rows.append(" " * indent + word)
            used, begun = indent + cells, False
        else:
            rows[-1] += " " * begun + word
            used += begun + cells
        begun = begun or bool(word.strip())
    return [fit(row, width, look) for row in rows]
