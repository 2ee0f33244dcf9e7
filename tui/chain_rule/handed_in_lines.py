"""Somebody's own numbers beside those of an op, with the mistakes found in them, and the way to the first wrong one."""

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.chain_rule.statements import Statement, place
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.expression import Reference
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.matrix import matrix_lines
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import Part, line, style
from backprop_tui.tui.panes.view import View

from .page import Choice
from .said_numbers import number
from .statement_lines import INDENT, wrapped

if TYPE_CHECKING:
    from backprop_tui.core.verify.handed_in import Entry, HandedIn, OfOp, Result

MOST_JUMPS = 4
NEARLY = 1e-4
"""Of the right number: the difference of one that is nearer is said."""


def beside(session: Session, view: View) -> "HandedIn | None":
    """What was handed in, where the session is in that very step."""
    handed_in = view.handed_in
    return handed_in if handed_in is not None and handed_in.beside(session) else None


def of_op(session: Session, op: Op, view: View) -> "OfOp | None":
    """What was handed in of the results of an op."""
    handed_in = beside(session, view)
    return None if handed_in is None else handed_in.of(op)


def yours_lines(own: "OfOp | None", shown: Statement, view: View, width: int) -> list[Strip]:
    """The number that was handed in for the very entry of a statement."""
    if own is None:
        return []
    quantity = shown.quantity
    # What an update says of a parameter is of its new value.
    symbol = f"new {quantity.symbol}" if shown.name.startswith("new ") else quantity.symbol
    result = own.results.get((symbol, quantity.layer))
    return [] if result is None else result_lines(result, shown.index, view, width)


def result_lines(result: "Result", index: Index, view: View, width: int) -> list[Strip]:
    """`yours  6 · dz1[0, 2] = 6 · 0.125 = 0.75   ✗ wrong`, on as many lines as it takes."""
    look, palette = view.look, view.look.palette
    entry = result.entry(index)
    told = f"{result.name}: {result.shapes}" if entry is None else entry_text(entry, view)
    passed = entry is not None and entry.passed
    mark, said = ("✓" if passed else "✗"), said_of(result, entry, index, view)
    color = palette.text if passed else palette.warning
    text = f"{' ' * INDENT}yours  {told}   {mark}{said}"
    if cell_len(look.text(text)) > width:
        return wrapped(text, width, look, color, 2 * INDENT)
    parts: list[Part] = [
        (f"{' ' * INDENT}yours  ", style(palette.dim)),
        (look.text(told), style(palette.text)),
        (look.text(f"   {mark}{said}"), style(color, bold=True)),
    ]
    return [line(parts, width)]


def entry_text(entry: "Entry", view: View) -> str:
    """Where the number stands in what was handed in, what it is, and what that is here."""
    raw, value = number(entry.raw, view.look), number(entry.value, view.look)
    if entry.times != 1 and entry.raw * entry.times == entry.value:
        times = f"{number(entry.times, view.look)} · "
        return f"{times}{entry.name} = {times}{raw} = {value}"
    return f"{entry.name} = {raw}" + (f", here {value}" if entry.raw != entry.value and raw != value else "")


def said_of(result: "Result", entry: "Entry | None", index: Index, view: View) -> str:
    """What stands behind ✓ or ✗."""
    if entry is not None and entry.passed:
        return " right" if result.state == "right" else " right, but other entries are off"
    said = " wrong" if result.state == "wrong" else " follows from what is wrong before it"
    if entry is None:
        return said
    right = float(result.right[index])
    if abs(entry.value - right) <= NEARLY * abs(right):
        # They differ in the last of the digits that are shown, or beyond them.
        return f"{said}, by {format_number(entry.value - right, 8, 2, view.look.glyphs)}"
    return said


def mistake_lines(own: "OfOp | None", view: View, width: int) -> list[Strip]:
    """The mistakes that were found in an op."""
    return remark_lines(own, view, width, grave=True)


def advice_lines(own: "OfOp | None", view: View, width: int) -> list[Strip]:
    """The lines of Python that are right there."""
    return remark_lines(own, view, width, grave=False)


def remark_lines(own: "OfOp | None", view: View, width: int, *, grave: bool) -> list[Strip]:
    color = view.look.palette.warning if grave else view.look.palette.text
    said = [f"{one.title} {one.text}" for one in own.remarks if one.grave == grave] if own is not None else []
    return [strip for text in said for strip in wrapped(text, width, view.look, color, INDENT)]


def absent_lines(own: "OfOp | None", index: Index, view: View, width: int) -> list[Strip]:
    """What was handed in that this op does without: the gradient at the answers, where output and loss are one op."""
    look = view.look
    lines: list[Strip] = []
    for result in own.absent if own is not None else ():
        right = number(float(result.right[index]), look)
        lines += wrapped(
            f"{result.named(index)} = {right}, which this op does without", width, look, look.palette.dim, INDENT
        )
        lines += result_lines(result, index, view, width)
    return lines


def note_lines(own: "OfOp | None", view: View, width: int) -> list[Strip]:
    """How to find the numbers in what was handed in, and how they were brought to what they are here."""
    results = [*own.results.values(), *own.absent] if own is not None else []
    places = "yours: where a number stands in the array handed in, counted from 0, as Python does"
    notes = dict.fromkeys((*([places] if results else []), *(result.note for result in results if result.note)))
    return [strip for note in notes for strip in wrapped(note, width, view.look, view.look.palette.dim, INDENT)]


def yours_matrix(own: "OfOp | None", quantity: Quantity, most: int, view: View, width: int) -> list[Strip]:
    """The whole of a quantity as it was handed in, where it is not right and has at most so many rows."""
    result = None if own is None else own.results.get((quantity.symbol, quantity.layer))
    if result is None or result.state == "right" or result.value is None or quantity.array.shape[0] > most:
        return []
    head = wrapped(f"yours, laid as here: {quantity.name}", width, view.look, view.look.palette.warning, INDENT)
    at = view.spotlight.entry(quantity, quantity.layer or 0) if quantity.array.ndim == 2 else None
    spotlight = None if at is None else (at[0], at[1])
    return [*head, *matrix_lines(result.value, width, most + 1, view.look, spotlight=spotlight)]


def jumps(session: Session, view: View) -> list[tuple[Choice, str]]:
    """Ways to the first wrong result and to the mistakes that were found, from every other op, each with its text."""
    handed_in = beside(session, view)
    if handed_in is None or handed_in.first is None:
        return []
    plan, last, first = session.plan, view.last(session), handed_in.first
    here = session.op.place if session.op is not None else 0
    found: list[tuple[Choice, str]] = []
    if first.place != here:
        op = plan.ops[first.place - 1]
        reference = Reference(plan[first.symbol, first.layer], first.index)
        found.append((Choice(reference, op), f"first wrong: {first.name}, {place(op, last)} (op {op.place})"))
    for at in handed_in.mistakes[:MOST_JUMPS]:
        if at not in (here, first.place):
            op = plan.ops[at - 1]
            found.append((Choice(None, op), f"a mistake found: {place(op, last)} (op {op.place})"))
    return found
