"""The network as one nested function: the whole expression, its numbers as far as computed, and each op in it."""

import numpy as np
from rich.style import Style
from textual.strip import Strip

from backprop_tui.core.chain_rule.nested import (
    Piece,
    Station,
    computed_stations,
    expression,
    station_of,
    stations,
)
from backprop_tui.core.inquiry.given import known_column
from backprop_tui.core.ops.quantity import Array, Quantity
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import Part, fit, line, padded, pause_first, style, text_lines
from backprop_tui.tui.panes.view import View

from .page import Choice, Page
from .said_numbers import number
from .statement_lines import INDENT

WHOLE = 8
"""Layers of a network whose expression is written out; of a deeper one some in the middle are left out."""
ENDS, AROUND = 2, 1
"""Layers at either end, and on either side of the one in view, that are written out in any case."""
ENTRIES = 4
"""Numbers of a vector that are told."""
DIGITS, CELL = 4, 8
NAME = 24
"""Cells of an op's rule in the list."""
ROOMY = 60
"""The width from which gradients have a column."""


def nested_page(session: Session, view: View, width: int) -> Page:
    """The page for the position of the session."""
    look, plan = view.look, session.plan
    page = Page()
    if view.playing:
        page.add(pause_first("numbers are put in for one position.", width, look))
        return page
    found = stations(plan)
    op = session.op
    here = None if op is None or op.phase in ("start", "finish") else station_of(op, found)
    lit = here.op.layer if here is not None else None
    shown = shown_layers(view.last(session), lit)
    page.add(written(expression(found, "X", 0, shown), here, "ŷ = ", view, width))
    done = min(computed_stations(found, session.events), len(found))
    example = min(view.spotlight.example, plan.examples - 1)
    made = plan["X", None] if done == 0 else found[done - 1].made
    known = known_column(session, made, example)
    if known is not None:
        head = f"example {example + 1} of {plan.examples}, {made.name} put in: ŷ = "
        inner = vector_text(known, view)
        if done < len(found) and found[done].before.endswith("("):
            # It stands in the brackets of its function.
            inner = inner.strip("()")
        page.add(written(expression(found, inner, done, shown), here, head, view, width))
    page.add([Strip([]), column_titles(view, width)])
    count = len(found) + 1
    for place, one in enumerate(found):
        chosen = place == view.factor % count
        page.offer(Choice(None, one.op), [station_line(one, one is here, chosen, session, view, width)])
    loss = next(op for op in plan.ops if op.phase == "loss")
    chosen = len(found) == view.factor % count
    value = number(plan.loss(), look) if session.computed(loss.result) else look.glyphs.blank
    text = f"{'ℒ':<{NAME}} {value}"
    page.offer(Choice(None, loss), [row(text, op is loss, chosen, view, width)])
    said = "Forward goes from the inside out; the chain rule takes the same way back, one factor for each function."
    page.add(text_lines(said, width, 2, look))
    return page


def shown_layers(last: int, lit: int | None) -> set[int] | None:
    """The layers that are written out; None: all."""
    if last <= WHOLE:
        return None
    ends = {*range(1, ENDS + 1), *range(last - ENDS + 1, last + 1)}
    return ends if lit is None else ends | set(range(lit - AROUND, lit + AROUND + 1))


def written(pieces: list[Piece], here: Station | None, head: str, view: View, width: int) -> list[Strip]:
    """The pieces in lines, broken between words, what the op in view does standing out."""
    look, palette = view.look, view.look.palette
    plain, marked = style(palette.text), style(palette.accent, bold=True, reverse=True)
    words: list[Part] = [(word, style(palette.dim)) for word in split(look.text(head))]
    for piece in pieces:
        of = marked if here is not None and piece.station is here else plain
        words += [(word, of) for word in split(look.text(piece.text))]
    return broken(words, width)


def split(text: str) -> list[str]:
    """The words of a text, each with the blank behind it."""
    return [word for word in text.replace(" ", " \0").split("\0") if word]


def broken(words: list[Part], width: int) -> list[Strip]:
    """Words in lines of at most `width` cells, all but the first indented."""
    lines: list[list[Part]] = [[]]
    used = 0
    for text, of in words:
        if used and used + len(text.rstrip()) > width:
            lines.append([(" " * INDENT, None)])
            used = INDENT
        lines[-1].append((text, of))
        used += len(text)
    return [line(parts, width) for parts in lines]


def column_titles(view: View, width: int) -> Strip:
    room = values_room(width)
    back = " gradient, going back" if width >= ROOMY else ""
    titles = f"  {padded('from the inside out', NAME, view.look)} {'value':<{room}}{back}"
    return line([(fit(titles, width, view.look), style(view.look.palette.dim))], width)


def values_room(width: int) -> int:
    """Cells of the values of one op: less than half of what its rule leaves, where gradients have room too."""
    room = max(0, width - NAME - 4)
    return 3 * room // 7 if width >= ROOMY else room


def station_line(one: Station, here: bool, chosen: bool, session: Session, view: View, width: int) -> Strip:
    """`▸ A⁽¹⁾ = σ(Z⁽¹⁾)   (0.6514, 0.6660)   dA⁽¹⁾ (−0.01661, −0.02076)`."""
    room = values_room(width)
    values = values_text(session, one.made, view, room)
    left = width - NAME - room - len(one.made.name) - 6
    gradient = session.plan.find(one.gradient, one.made.layer)
    back = "" if gradient is None or width < ROOMY else f"{gradient.name} {values_text(session, gradient, view, left)}"
    text = f"{padded(rule_text(one), NAME, view.look)} {values:<{room}} {back}"
    return row(text, here, chosen, view, width)


def row(text: str, here: bool, chosen: bool, view: View, width: int) -> Strip:
    """A line of the list: a mark where it is chosen, and standing out where it is the op in view."""
    look, palette = view.look, view.look.palette
    of: Style = style(palette.accent, bold=True, reverse=True) if here else style(palette.text, bold=chosen)
    mark = look.glyphs.cursor if chosen else " "
    return line([(f"{mark} ", style(palette.accent)), (fit(text, width - 2, look), of)], width)


def rule_text(one: Station) -> str:
    """The rule of an op up to what explains it further."""
    rule = next(part for part in one.op.rule.split("   ") if part.startswith(one.made.name))
    left, _, right = rule.partition(" = ")
    return f"{left} = {right.partition(' = ')[0]}"


def values_text(session: Session, quantity: Quantity, view: View, room: int) -> str:
    """The entries of the spotlight's example, as far as they are there, as many as fit."""
    example = min(view.spotlight.example, session.plan.examples - 1)
    known = known_column(session, quantity, example)
    if known is None:
        return view.look.glyphs.blank
    for entries in range(ENTRIES, 0, -1):
        text = vector_text(known, view, entries)
        if len(text) <= room:
            return text
    return vector_text(known, view, 1)


def vector_text(array: Array, view: View, entries: int = ENTRIES) -> str:
    """`(0.6514, 0.666)`, of longer ones the first and how many more; a lone number without brackets."""
    look = view.look
    shown = [format_number(float(x), CELL, DIGITS, look.glyphs) for x in np.asarray(array)[:entries]]
    if len(array) == 1:
        return shown[0]
    more = f", {look.glyphs.ellipsis} {len(array) - entries} more" if len(array) > entries else ""
    return f"({', '.join(shown)}{more})"
