"""One neuron's page: what goes in and comes out, what comes back, and what it makes of that, all at one place."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.chain_rule.neuron import Incoming, Neuron, Outgoing, needs, neuron
from backprop_tui.core.chain_rule.statements import statement
from backprop_tui.core.ops.expression import Reference
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import Part, fit, line, padded, pause_first, style, text_lines
from backprop_tui.tui.panes.view import View

from .name_lines import name_lines
from .neuron_words import Reader, source_name, title
from .page import Page
from .said_numbers import number
from .statement_lines import INDENT, statement_lines, wrapped

MOST_ROWS = 8
"""Of more inputs, or more neurons that are fed, those with the largest products are shown."""
NAME, LONG_NAME, CELL, DIGITS = 13, 26, 11, 6
NARROW_NAME, NARROW_CELL, NARROW_DIGITS = 8, 9, 4
ROOMY = 76
"""The width from which there is room for all columns, and what is beyond it for longer names."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Column(Generic[Item]):
    """A column of a table: what it shows of an item, None for blank.

    `sums`: of several items in one row it has their sum, else nothing. `wide`: it gives way where there is little room.
    """

    title: str
    of: Callable[[Item], float | None]
    sums: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Row(Generic[Item]):
    """A name, and the item that stands in the row, or the several."""

    name: str
    items: tuple[Item, ...]
    lit: bool = False


def neuron_page(session: Session, view: View, width: int) -> Page:
    """The page of the neuron in the spotlight, for the position of the session."""
    look, spotlight, last = view.look, view.spotlight, view.last(session)
    page = Page()
    if view.playing:
        page.add(pause_first("a neuron is read off one position.", width, look))
        return page
    example = min(spotlight.example, session.plan.examples - 1)
    found = neuron(session.plan, session.trainer.layers, spotlight.layer, spotlight.unit, example)
    read = Reader(session)
    page.add(text_lines(title(found, last), width, 4, look, look.palette.text))
    page.add(name_lines(session, [(found.z.quantity, found.z.index)], view, width))
    if read.finished:
        said = "The step is finished: the weights are new, all else was computed with the old ones; products are blank."
        page.add(text_lines(said, width, 3, look, look.palette.warning))
    page.add(in_and_out(found, read, view, width))
    page.add(incoming_lines(found, read, view, width))
    page.add(valued(found.z, "the sum of the products", read, view, width))
    for reference in found.forward:
        page.add(stated(reference, read, view, width))
    page.add(outgoing_lines(found, read, view, width))
    for reference in found.backward:
        page.add(stated(reference, read, view, width))
    page.add([strip for one in found.own for strip in own_lines(one, read, view, width)])
    page.add(text_lines(needs(found, last, session.preset.loss.kind), width, 9, look, look.palette.accent))
    return page


def in_and_out(found: Neuron, read: Reader, view: View, width: int) -> list[Strip]:
    """`relu: Z⁽¹⁾₂,₁ = 3 → A⁽¹⁾₂,₁ = 3`: the neuron's numbers side by side, before and behind its activation."""
    stations = [found.z, *(one for one in found.forward if one.quantity.symbol in ("N", "A"))]
    texts = [f"{one.symbols()} = {shown_number(read.value(one), view)}" for one in stations]
    text = f"{found.layer.activation}: " + f" {view.look.glyphs.right} ".join(texts)
    return wrapped(text, width, view.look, view.look.palette.text, INDENT)


def incoming_lines(found: Neuron, read: Reader, view: View, width: int) -> list[Strip]:
    """A row a weight, and the bias: what it multiplies, itself, their product, and its gradient.

    With more than one example also what the chosen one adds to the gradient, which is the sum over all of them.
    """
    delta = read.value(found.delta)

    def part(one: Incoming) -> float | None:
        value = read.value(one.source)
        return None if value is None or delta is None else value * delta / found.examples

    columns: list[Column[Incoming]] = [
        Column("input", lambda one: read.value(one.source)),
        Column("weight", lambda one: one.weight.value()),
        Column("product", lambda one: read.product(one.source, one.weight), sums=True, wide=True),
        Column("dW db", lambda one: read.value(one.gradient)),
    ]
    if found.examples > 1:
        columns.insert(3, Column("part of Σ", part, wide=True))
    lit = view.spotlight.input
    weights = [(i, one) for i, one in enumerate(found.incoming) if one.source is not None]
    largest = strongest(weights, lambda pair: strength(read.value(pair[1].source), pair[1].weight))
    shown = [pair for pair in weights if pair in largest or pair[0] == lit]
    rows = [Row(source_name(one, read.session), (one,), i == lit) for i, one in shown]
    rest = tuple(one for i, one in weights if (i, one) not in shown)
    if rest:
        rows.append(Row(f"{len(rest)} more", rest))
    rows += [Row("bias", (one,), lit is None) for one in found.incoming if one.source is None]
    return table("from", columns, rows, view, width)


def strongest(items: Sequence[Item], size: Callable[[Item], float]) -> Sequence[Item]:
    """All of a few, the MOST_ROWS largest of many."""
    return items if len(items) <= MOST_ROWS else sorted(items, key=size, reverse=True)[:MOST_ROWS]


def strength(value: float | None, weight: Reference) -> float:
    """How much of what passes here; of a value that is not there yet, or is none, by the weight alone."""
    product = abs(weight.value() * (1.0 if value is None else value))
    return product if product == product else 0.0


def outgoing_lines(found: Neuron, read: Reader, view: View, width: int) -> list[Strip]:
    """What comes back: δ of each neuron that is fed, times the weight that leads there, and their sum dA.

    Of the output layer dA alone, where there is one.
    """
    if not found.outgoing:
        return [] if found.arriving is None else stated(found.arriving, read, view, width)
    columns: list[Column[Outgoing]] = [
        Column("its δ", lambda one: read.value(one.delta)),
        Column("weight", lambda one: one.weight.value()),
        Column("product", lambda one: read.product(one.delta, one.weight), sums=True),
    ]
    largest = strongest(found.outgoing, lambda one: strength(read.value(one.delta), one.weight))
    shown = [one for one in found.outgoing if one in largest]
    rows = [Row(one.delta.symbols(), (one,)) for one in shown]
    rest = tuple(one for one in found.outgoing if one not in shown)
    if rest:
        rows.append(Row(f"{len(rest)} more", rest))
    lines = table("back from", columns, rows, view, width)
    said = "the sum of the products"
    if found.shortcut is not None:
        past = read.value(found.shortcut)
        said += f", and {found.shortcut.symbols()} = {shown_number(past, view)} past layer {found.layer.number + 1}"
    assert found.arriving is not None, "what feeds another layer gets its gradient from there"
    return lines + valued(found.arriving, said, read, view, width)


def valued(reference: Reference, said: str, read: Reader, view: View, width: int) -> list[Strip]:
    """`Z⁽¹⁾₁,₁ = 0.45: the sum of the products`."""
    text = f"{reference.symbols()} = {shown_number(read.value(reference), view)}: {said}"
    return text_lines(text, width, 3, view.look, view.look.palette.text)


def shown_number(value: float | None, view: View) -> str:
    return view.look.glyphs.blank if value is None else number(value, view.look)


def stated(reference: Reference, read: Reader, view: View, width: int) -> list[Strip]:
    """How a number came about, with its numbers; those of parameters only as long as they are the same."""
    quantity, look = reference.quantity, view.look
    if read.session.computed(quantity):
        op = read.session.plan.writer(quantity)
        assert op is not None
        shown = statement(op, quantity, reference.index, example=view.spotlight.example, spotlight=view.spotlight)
        if not read.finished or all(one.quantity.place >= 0 for one in shown.expression.references()):
            return statement_lines(shown, look, width)
    text = f"{reference.symbols()} = {shown_number(read.value(reference), view)}"
    return text_lines(text, width, 2, look, look.palette.text)


def own_lines(one: Incoming, read: Reader, view: View, width: int) -> list[Strip]:
    """γ or β of batch norm, and its gradient."""
    gradient = shown_number(read.value(one.gradient), view)
    text = f"{one.weight.symbols()} = {number(one.weight.value(), view.look)}   {one.gradient.symbols()} = {gradient}"
    return text_lines(text, width, 2, view.look, view.look.palette.text)


def table(name: str, columns: Sequence[Column[Item]], rows: Sequence[Row[Item]], view: View, width: int) -> list[Strip]:
    """The rows under the titles of the columns, those that are wide only where there is room."""
    look, palette = view.look, view.look.palette
    roomy = width >= ROOMY
    room, cell, digits = (NAME, CELL, DIGITS) if roomy else (NARROW_NAME, NARROW_CELL, NARROW_DIGITS)
    longest = max(cell_len(look.text(row.name)) for row in rows)
    room = max(room, min(longest, LONG_NAME, room + width - ROOMY))
    shown = [column for column in columns if roomy or not column.wide]

    def text_of(column: Column[Item], row: Row[Item]) -> str:
        values = [column.of(item) for item in row.items]
        if len(values) > 1 and not column.sums:
            return ""
        known = [value for value in values if value is not None]
        return format_number(sum(known) if len(known) == len(values) else None, cell, digits, look.glyphs)

    titles = "".join(f" {fit(column.title, cell, look):>{cell}}" for column in shown)
    lines = [line([(f"  {look.text(name):<{room}}{titles}", style(palette.dim))], width)]
    for row in rows:
        parts: list[Part] = [
            (f"{look.glyphs.cursor if row.lit else ' '} ", style(palette.accent)),
            (padded(row.name, room, look), style(palette.text, bold=row.lit)),
        ]
        parts += [(f" {text_of(column, row):>{cell}}", style(palette.text, bold=row.lit)) for column in shown]
        lines.append(line(parts, width))
    return lines
