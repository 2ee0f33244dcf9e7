"""Output and loss as two ops beside the one that the step took: the Jacobian, its sum, and where it breaks."""

from textual.strip import Strip

from backprop_tui.core.chain_rule.long_way import Equation, FarOut, LongWay, long_way
from backprop_tui.core.chain_rule.statements import place
from backprop_tui.core.ops.expression import Constant, Product, Sum
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import fit, line, pause_first, style, text_lines
from backprop_tui.tui.panes.view import View

from .long_way_words import combined_gradient
from .page import Page
from .said_numbers import number
from .statement_lines import equation_lines


def long_way_page(session: Session, view: View, width: int) -> Page:
    """The page for the position of the session, once the combined op has run."""
    look, last = view.look, view.last(session)
    page = Page()
    if view.playing:
        page.add(pause_first("the long way is worked out for one position.", width, look))
        return page
    gradient = combined_gradient(session, last)
    if not session.computed(gradient):
        op = session.plan.writer(gradient)
        assert op is not None
        text = f"{gradient.name} is not computed yet in this step: {place(op, last)} (op {op.place}) will make it."
        page.add(text_lines(f"{text} What is blank is not 0.", width, 3, look, look.palette.text))
        return page
    unit, example = view.spotlight.entry(gradient, last)
    found = long_way(session.plan, last, session.preset.loss.kind, unit, example)
    page.add(text_lines(f"{found.pair} the long way round, as two ops:", width, 2, look, look.palette.text))
    told = [way for way in found.ways if way.gradient.value != 0]
    for way in told:
        page.add(equation(way.gradient, view, width))
        page.add(equation(way.slope, view, width))
    silent = len(found.ways) - len(told)
    if silent:
        text = f"{silent} outputs have Y = 0: for them ∂ℓ/∂A is 0, whatever its slope is multiplied by."
        page.add(text_lines(text.replace("1 outputs have", "1 output has"), width, 2, look))
    page.add(sum_lines(found, view, width))
    page.add(equation(found.short, view, width))
    page.add(verdict_lines(found, view, width))
    return page


def equation(shown: Equation, view: View, width: int) -> list[Strip]:
    return equation_lines(shown.name, shown.expression, shown.value, view.look, width)


def sum_lines(found: LongWay, view: View, width: int) -> list[Strip]:
    """Σₖ dAₖ ∂Aₖ/∂Zⱼ with its numbers."""
    terms = tuple(
        Product((Constant(way.gradient.name, way.gradient.value), Constant(way.slope.name, way.slope.value)))
        for way in found.ways
        if way.gradient.value != 0
    )
    name = f"the long way to ∂ℓ/∂{found.logit.entry(found.index)}"
    return equation_lines(name, Sum(terms), found.total, view.look, width)


def verdict_lines(found: LongWay, view: View, width: int) -> list[Strip]:
    """How far the two ways agree in this batch, and further out."""
    look, palette = view.look, view.look.palette
    broken = (
        f"{found.broken} of {found.entries} entries of this batch are not finite the long way"
        if found.broken
        else f"In this batch all {found.entries} entries are finite the long way"
    )
    worst = f"{broken}; elsewhere it differs by {number(found.worst, look)} at the most." if found.broken else (
        f"{broken}, and differ by {number(found.worst, look)} at the most."
    )  # fmt: skip
    lines = text_lines(worst, width, 3, look, palette.text)
    said = "The same example with its logits further out: 1/A grows until nothing is left to multiply it by. "
    said += "Where A is 0, 1/A is infinite, and nan is what 0 times that, or 0/0, comes to."
    lines += text_lines(said, width, 3, look)
    columns = ("logits", "A asked for", "∂ℓ/∂A there", "long way", "short way")
    title = "  ".join(f"{name:>12}" for name in columns)
    lines.append(line([(fit(title, width, look), style(palette.dim))], width))
    return lines + [far_out_line(row, view, width) for row in found.far_out]


def far_out_line(row: FarOut, view: View, width: int) -> Strip:
    look = view.look
    numbers = (row.probability, row.gradient, row.long, row.short)
    texts = [f"{look.glyphs.times}{row.stretch}", *(format_number(value, 12, 6, look.glyphs) for value in numbers)]
    text = "  ".join(f"{text:>12}" for text in texts)
    agrees = abs(row.long - row.short) <= 1e-6 * max(abs(row.short), 1e-300)
    color = look.palette.text if agrees else look.palette.warning
    return line([(fit(text, width, look), style(color))], width)
