"""The op in view: its rule, its numbers, where each of them came from, where the result goes, and what it wrote."""

from typing import TYPE_CHECKING

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.chain_rule.statements import (
    Contribution,
    Origin,
    Statement,
    contribution,
    place,
    rate_statement,
    summary,
)
from backprop_tui.core.inquiry.given import known_matrix
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.matrix import matrix_lines
from backprop_tui.tui.drawing.product import Matrix, product_lines
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines
from backprop_tui.tui.panes.view import View

from .handed_in_lines import (
    absent_lines,
    advice_lines,
    jumps,
    mistake_lines,
    note_lines,
    of_op,
    yours_lines,
    yours_matrix,
)
from .name_words import class_beside
from .op_words import origins_of, said_of, sides_text
from .page import Choice, Page
from .result_lines import MATRIX_ROWS, MOST_DRAWN, class_lines, convention_lines, is_error, matrices, textbook_lines
from .said_numbers import number
from .statement_lines import INDENT, equation_lines, statement_lines, wrapped

if TYPE_CHECKING:
    from backprop_tui.core.chain_rule.destinations import Destination
    from backprop_tui.core.verify.handed_in import OfOp

CHECKED = ("dW", "db", "dγ", "dβ")


def op_page(session: Session, view: View, width: int) -> Page:
    """The page for the position of the session."""
    op = session.op
    if op is None or op.phase == "start":
        return opening_page(session, view, width)
    return page_of(session, op, view, width)


def opening_page(session: Session, view: View, width: int) -> Page:
    """Before the first op: what there is to come, and which key starts it."""
    look, palette = view.look, view.look.palette
    first = session.plan.ops[0]
    page = Page()
    what = "Nothing of this step" if session.step else "Nothing"
    said = f"{what} has been computed yet: what is blank is not 0. Inputs, targets and parameters are given."
    page.add(text_lines(said, width, 2, look, palette.text))
    page.add(given_lines(session, view, width))
    begin = place(first, view.last(session))
    which = "next" if session.step else "first"
    coming = f"the {which} op: {begin}" if view.unit == "op" else f"the {which} {view.unit}, from {begin} on"
    page.add(text_lines(f"→ runs {coming}", width, 2, look, palette.text))
    keys = view.look.keys
    units = keys.written("1-5") if keys.written("1-5") != "1-5" else "1 … 5"
    plays = "" if "play" in view.hide else f"{keys.said('space')} plays; "
    page.add(text_lines(f"{plays}{units} choose how far one press goes", width, 2, look))
    page.add([Strip([]), *rule_lines(first, view, width)])
    offer_jumps(page, jumps(session, view), view, width)
    return page


def given_lines(session: Session, view: View, width: int) -> list[Strip]:
    """What the step to come is given: its inputs and targets, small ones whole."""
    lines: list[Strip] = []
    tokens: list[Matrix | str] = ["given:"]
    for quantity in (session.plan["X", None], session.plan["Y", None]):
        size = view.look.glyphs.times.join(map(str, quantity.array.shape))
        if quantity.array.size <= MOST_DRAWN and (known := known_matrix(session, quantity)) is not None:
            tokens.append(Matrix(quantity.name, np.asarray(known, dtype=float)))
        lines += text_lines(f"given: {quantity.meaning} {quantity.name} {size}", width, 1, view.look)
    drawn = product_lines(tokens, width, MATRIX_ROWS + 1, view.look) if len(tokens) > len(lines) else []
    return drawn or lines


def page_of(session: Session, op: Op, view: View, width: int) -> Page:
    """One op."""
    from backprop_tui.core.chain_rule.destinations import destinations

    from .name_lines import name_lines  # Not needed to open.
    from .reuse_lines import reuse_lines

    look, last = view.look, view.last(session)
    subject, shown = said_of(op, view, last)
    found = origins_of(shown, session, last)
    places = destinations(session.plan, subject.quantity, subject.index, view.spotlight, last)
    own, leads = of_op(session, op, view), jumps(session, view)
    count = len(found) + len(places) + len(leads)
    chosen = view.factor % count if count else 0
    factor = found[chosen].reference if chosen < len(found) else None
    page = Page()
    page.add(rule_lines(op, view, width))
    page.add(mistake_lines(own, view, width))
    change = next((one for one in shown if one.quantity.symbol.startswith("Δ")), None)
    for one in shown:
        if one is change:
            rate = rate_statement(op, one)
            page.add([] if rate is None else statement_lines(rate, look, width))
        page.add(statement_lines(one, look, width, factor))
        page.add(yours_lines(own, one, view, width))
        if one is subject:
            page.add(absent_lines(own, one.index, view, width))
            part = contribution(op, one, view.spotlight.example)
            page.add([] if part is None else contribution_lines(part, view, width))
            page.add(textbook_lines(session, view, width) if op.phase == "loss" else [])
    page.add(convention_lines(session, view, width) if op.phase == "loss" else [])
    entries = [(subject.quantity, subject.index), *((one.reference.quantity, one.reference.index) for one in found)]
    page.add(name_lines(session, entries, view, width))
    page.add(advice_lines(own, view, width))
    told = offer_result(page, session, op, subject, own, view, width)
    for position, origin in enumerate(found):
        choice = Choice(origin.reference, None if origin.op is None or origin.op.phase == "start" else origin.op)
        page.offer(choice, [origin_line(origin, session, position == chosen, view, width)])
    offer_destinations(page, places, view, width, len(leads))
    offer_jumps(page, leads, view, width)
    page.add(note_lines(own, view, width))
    if op.phase == "backward":
        page.add(reuse_lines(session, view, width))
    page.add(text_lines(op.why, width, 3, look))
    if subject.quantity.symbol in CHECKED:
        page.add(
            text_lines(f"{look.keys.said('g')} checks this gradient against differences of the loss.", width, 2, look)
        )
    page.add(matrix_block([made for made in op.writes if made not in told], own, view, last, width))
    return page


def offer_result(
    page: Page, session: Session, op: Op, subject: Statement, own: "OfOp | None", view: View, width: int
) -> list[Quantity]:
    """What the op made as a whole, before where its numbers came from; returns the quantities that were shown.

    Of a comparison of classes these are all errors, else the rule in matrices where it has room, else the result.
    """
    last = view.last(session)
    if is_error(op, session):
        page.add(class_lines(session, view, width))
        return []
    lines, drawn = matrices(op, subject.quantity, subject.index, view, width)
    page.add(lines)
    told = [made for made in op.writes if made in drawn]
    for made in told:
        page.add(yours_matrix(own, made, MATRIX_ROWS, view, width))
    if lines or op.result.array.size <= 1:
        return told
    page.add(matrix_block([op.result], own, view, last, width))
    return [op.result]


def rule_lines(op: Op, view: View, width: int) -> list[Strip]:
    """The rule in symbols, on one line where there is room, and which side of it is upstream, which local."""
    look, palette = view.look, view.look.palette
    parts = op.rule.split("   ")
    joined = look.text("   ".join(parts))
    sides = look.text(sides_text(op, view))
    accent, dim = style(palette.accent), style(palette.dim)
    if cell_len(joined) + 3 + cell_len(sides) <= width:
        return [line([(joined, accent), ("   " + sides, dim)], width)]
    lines = [strip for part in parts for strip in wrapped(part, width, look, palette.accent, INDENT)]
    return [line([(joined, accent)], width)] if cell_len(joined) <= width else lines


def contribution_lines(part: Contribution, view: View, width: int) -> list[Strip]:
    """What the chosen example has added, and the mean over all."""
    name = f"part of example {part.example + 1} of {part.examples}"
    lines = equation_lines(name, part.expression, part.value, view.look, width)
    mean = f"the mean over all {part.examples} = {number(part.mean, view.look)}"
    if len(lines) == 1 and lines[0].cell_length + cell_len(mean) + 2 <= width:
        tail: list[Part] = [("; ", style(view.look.palette.dim)), (mean, style(view.look.palette.text))]
        return [Strip.join([lines[0], line(tail, width)])]
    return [*lines, *text_lines(mean, width, 1, view.look, view.look.palette.text)]


def origin_line(origin: Origin, session: Session, chosen: bool, view: View, width: int) -> Strip:
    """`▸ dZ⁽²⁾₄,₁ "3" = 0.921483   ← backward · layer 2 of 2 · dZ (op 6)`, an output with the name of its class."""
    look, reference = view.look, origin.reference
    named = class_beside(session, reference.quantity, reference.index, view)
    factor = f"{reference.symbols()}{named} = {number(reference.value(), look)}"
    return choice_line(factor, look.glyphs.left, origin.text, chosen, view, width)


def choice_line(name: str, arrow: str, text: str, chosen: bool, view: View, width: int) -> Strip:
    """A line that can be chosen; where it is too long the text behind the arrow is cut."""
    look, palette = view.look, view.look.palette
    mark = look.glyphs.cursor if chosen else " "
    name = look.text(name)
    text = text.replace(" · ", f" {look.glyphs.separator} ")
    behind = fit(f"{'   ' if name else ''}{arrow} {text}", max(0, width - cell_len(name) - 2), look)
    parts: list[Part] = [
        (f"{mark} ", style(palette.accent)),
        (name, style(palette.text, bold=chosen)),
        (behind, style(palette.text if chosen and not name else palette.dim)),
    ]
    return line(parts, width)


def offer_destinations(page: Page, places: "list[Destination]", view: View, width: int, more: int = 0) -> None:
    """`→ used by backward · layer 2 of 2 · dZ (op 9)`, each to be chosen, before so many `more` choices."""
    first = len(page.choices)
    count = first + len(places) + more
    for position, found in enumerate(places, first):
        chosen = position == view.factor % count
        text = f"used by {found.text}"
        strip = choice_line("", view.look.glyphs.right, text, chosen, view, width)
        page.offer(Choice(found.reference, found.op, found.steps), [strip])


def offer_jumps(page: Page, leads: list[tuple[Choice, str]], view: View, width: int) -> None:
    """`→ first wrong: dZ⁽¹⁾₂,₃, backward · layer 1 of 2 · dZ (op 9)`, each to be chosen, the last choices of a page."""
    first = len(page.choices)
    for position, (choice, text) in enumerate(leads, first):
        chosen = position == view.factor % (first + len(leads))
        page.offer(choice, [choice_line("", view.look.glyphs.right, text, chosen, view, width)])


def matrix_block(made: list[Quantity], own: "OfOp | None", view: View, last: int, width: int) -> list[Strip]:
    """Quantities, small ones whole, large ones as shape, range and norm; and what was handed in of them."""
    lines: list[Strip] = []
    for quantity in made:
        if quantity.array.size > 1:
            lines += quantity_lines(quantity, view, last, width)
            lines += yours_matrix(own, quantity, MATRIX_ROWS, view, width)
    return lines


def quantity_lines(quantity: Quantity, view: View, last: int, width: int) -> list[Strip]:
    """One quantity under its name."""
    look, palette = view.look, view.look.palette
    shape = look.glyphs.times.join(map(str, quantity.array.shape))
    per_example = " per example" if quantity.per_example and quantity.array.shape[-1] > 1 else ""
    found = summary(quantity)
    spread = f"  {number(found.low, look)} … {number(found.high, look)}  norm {number(found.norm, look)}"
    head = wrapped(f"{quantity.name} {shape}{per_example}{spread}", width, look, palette.dim, INDENT)
    if quantity.array.shape[0] > MATRIX_ROWS:
        return head
    spotlight = quantity.array.ndim == 2 and view.spotlight.entry(quantity, last)
    at = (spotlight[0], spotlight[1]) if spotlight else None
    return [*head, *matrix_lines(quantity.array, width, MATRIX_ROWS + 1, look, spotlight=at)]
