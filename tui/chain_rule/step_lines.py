"""The page that a step ends on: its loss and its answers before and after, and what moved the parameters, how far."""

import numpy as np
from textual.strip import Strip

from backprop_tui.core.chain_rule.destinations import new_value_goes_to
from backprop_tui.core.chain_rule.entry_names import output_name
from backprop_tui.core.chain_rule.statements import statements
from backprop_tui.core.inquiry.step_result import Move, StepResult, largest_moves, move, step_result
from backprop_tui.core.ops.expression import Reference
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.numbers import format_change, format_count, format_percent, format_precise
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.strips import Part, line, style, text_lines
from backprop_tui.tui.panes.view import View

from .handed_in_lines import jumps, of_op, result_lines
from .name_lines import name_lines
from .op_lines import choice_line, offer_destinations, offer_jumps
from .page import Choice, Page
from .reuse_lines import reuse_lines
from .said_numbers import number
from .statement_lines import INDENT, statement_lines, wrapped
from .step_words import given_text, without_after

MOST_ANSWERS, MOST_MOVES = 10, 12
"""Outputs and parameters that are listed, of networks that have more."""
FEW_ANSWERS = 4
"""So many outputs are listed in their own order."""


@dataclass(frozen=True, slots=True)
class Row:
    """A number before and after the step, with what is said of it."""

    name: str
    before: float
    after: float
    behind: str
    color: str


def step_page(session: Session, view: View, width: int) -> Page:
    """The page at the finish of a step."""
    page = Page()
    result = None if view.playing else step_result(session)
    if result is None:
        page.add(text_lines(without_after(session, view), width, 4, view.look, view.look.palette.text))
    else:
        page.add(before_and_after(result, session, view, width))
    offer_moves(page, result, session, view, width)
    page.add(reuse_lines(session, view, width))
    return page


def before_and_after(result: StepResult, session: Session, view: View, width: int) -> list[Strip]:
    """The loss of the batch and the answers for the spotlight's example, before and after the step."""
    look, palette = view.look, view.look.palette
    said = "θ ← θ + Δθ, all parameters at once. The same batch before and after:"
    lines = text_lines(said, width, 2, look, palette.text)
    examples = session.plan.examples
    example = min(view.spotlight.example, examples - 1)
    answers = answer_rows(result, example, session, view)
    if len(answers) == 1 and examples == 1:
        return [*lines, *change_lines([loss_row(result, view), *answers], view, width)]
    outputs = session.plan["A", view.last(session)]
    head = f"The network's answers for example {example + 1} of {examples}, ŷ = {outputs.name}:"
    lines += [*change_lines([loss_row(result, view)], view, width), *text_lines(head, width, 2, look, palette.text)]
    lines += change_lines(answers, view, width)
    if len(outputs.array) > len(answers):
        more = f"{format_count(len(outputs.array) - len(answers))} more outputs have changed less"
        lines += text_lines(f"{' ' * INDENT}{more}", width, 1, look)
    return lines


def loss_row(result: StepResult, view: View) -> Row:
    """`ℒ  0.027058129 → 0.025454960   −5.9 %, saved 0.001603169`."""
    amount = format_precise(abs(result.saved), view.look.glyphs)
    outcome = f"saved {amount}" if result.saved > 0 else f"risen by {amount}" if result.saved < 0 else "unchanged"
    if not np.isfinite(result.saved):
        outcome = ""
    share = "" if not result.share else f"{format_percent(result.share, view.look.glyphs)}, "
    return Row("ℒ", result.before, result.after, share + outcome, view.look.palette.loss)


def answer_rows(result: StepResult, example: int, session: Session, view: View) -> list[Row]:
    """The outputs before and after, with their targets; of a normalized target with the answers in the data's units."""
    before, after, target = (
        np.asarray(array[:, example : example + 1], np.float64)
        for array in (result.outputs_before, result.outputs_after, result.targets)
    )
    data, outputs = session.dataset, session.plan["A", view.last(session)]
    alone = result.targets.shape == (1, 1)
    rows = []
    for unit in most_changed(before[:, 0], after[:, 0], target[:, 0]):
        own = output_name(data, unit)
        name = ("ŷ = " if alone else "") + outputs.entry((unit, example)) + ("" if own is None else f' "{own}"')
        behind = f"target {format_precise(float(target[unit, 0]), view.look.glyphs)}"
        if data.target_std is not None:
            units = [number(float(data.in_own_units(one)[unit, 0]), view.look) for one in (before, after, target)]
            behind += f"; in the data's own units {units[0]} → {units[1]}, target {units[2]}"
        rows.append(Row(name, float(before[unit, 0]), float(after[unit, 0]), behind, view.look.palette.forward))
    return rows


def most_changed(before: FloatArray, after: FloatArray, target: FloatArray) -> list[int]:
    """The outputs (outputs,) to list: a few in their order; of more the target's first, then the most changed."""
    if len(before) <= FEW_ANSWERS:
        return list(range(len(before)))
    rank = np.nan_to_num(np.abs(after - before), nan=np.inf)
    first = int(target.argmax())
    return [first, *(unit for unit in np.argsort(-rank, kind="stable").tolist() if unit != first)][:MOST_ANSWERS]


def change_lines(rows: list[Row], view: View, width: int) -> list[Strip]:
    """`  name  before → after   behind`, in columns; where that is too long for a line, what is behind stands below."""
    look, palette = view.look, view.look.palette
    text = style(palette.text)
    shown = [(look.text(row.name), *format_change(row.before, row.after, look.glyphs)) for row in rows]
    rooms = [max(len(one[column]) for one in shown) for column in range(3)]
    arrow = look.text("→")
    lines: list[Strip] = []
    for row, (name, before, after) in zip(rows, shown, strict=True):
        start = f"{' ' * INDENT}{name:<{rooms[0]}}  {before:<{rooms[1]}} {arrow} "
        behind = look.text(row.behind)
        parts: list[Part] = [(start, text), (after, style(row.color, bold=True))]
        if len(start) + rooms[2] + 3 + len(behind) <= width:
            lines.append(line([*parts, (" " * (rooms[2] - len(after) + 3) + behind, text)], width))
        else:
            lines += [line(parts, width), *wrapped(" " * 2 * INDENT + behind, width, look, palette.text, 2 * INDENT)]
    return lines


def offer_moves(page: Page, result: StepResult | None, session: Session, view: View, width: int) -> None:
    """The parameter in view and those that moved furthest: enter goes to the update that moved one."""
    look, plan = view.look, session.plan
    parameter, index = parameter_in_view(session, view)
    most = [] if result is None else largest_moves(session, MOST_MOVES)
    places = new_value_goes_to(plan, parameter, index, view.spotlight, view.last(session))
    leads = jumps(session, view)
    count = 1 + len(most) + len(places) + len(leads)
    chosen = view.factor % count
    offer_block(page, [move(session, parameter, index)], chosen, session, view, width)
    page.add(parameter_lines(session, view, width))
    if result is not None:
        page.add(text_lines(given_text(result, session, view), width, 6, look))
        head = "Moved furthest" if len(most) == MOST_MOVES else "All that moved"
        size = session.trainer.delta.size
        text = f"{head}, of {format_count(size)} {'parameter' if size == 1 else 'parameters'}:"
        page.add(text_lines(text, width, 1, look, look.palette.text))
        offer_block(page, most, chosen, session, view, width)
    offer_destinations(page, places, view, width, len(leads))
    offer_jumps(page, leads, view, width)


def offer_block(page: Page, moves: list[Move], chosen: int, session: Session, view: View, width: int) -> None:
    """`▸ b⁽²⁾₁  0.6 → 0.620763623   Δ +0.020763623` in columns; `chosen` is the place of the choice on the page."""
    look = view.look
    shown = [(look.text(one.name), *format_change(one.before, one.after, look.glyphs)) for one in moves]
    rooms = [max((len(one[column]) for one in shown), default=0) for column in range(3)]
    for one, (name, before, after) in zip(moves, shown, strict=True):
        change = session.plan[f"Δ{one.parameter.symbol}", one.parameter.layer]
        text = f"{name:<{rooms[0]}}  {before:<{rooms[1]}} → {after:<{rooms[2]}}"
        sign = look.glyphs.plus if one.change > 0 else ""
        behind = f"{sign}{format_precise(one.change, look.glyphs)}"
        strip = choice_line(text, "Δ", behind, len(page.choices) == chosen, view, width)
        page.offer(Choice(Reference(change, one.index), session.plan.writer(change)), [strip])


def parameter_lines(session: Session, view: View, width: int) -> list[Strip]:
    """What the gradient of the parameter in view came from, and what was handed in of its new value."""
    look, plan, last = view.look, session.plan, view.last(session)
    parameter, index = parameter_in_view(session, view)
    gradient = plan[f"d{parameter.symbol}", parameter.layer]
    op, made = plan.writer(gradient), plan.writer(plan[f"Δ{parameter.symbol}", parameter.layer])
    assert op is not None
    assert made is not None
    # The gradient's factors are still there; what the update was worked out from has been replaced by its result.
    shown = next(s for s in statements(op, view.spotlight, last, Reference(gradient, index)) if s.quantity is gradient)
    lines = [*statement_lines(shown, look, width), *name_lines(session, [(parameter, index)], view, width)]
    own = of_op(session, made, view)
    new = None if own is None else own.results.get((f"new {parameter.symbol}", parameter.layer))
    return lines if new is None else [*lines, *result_lines(new, index, view, width)]


def parameter_in_view(session: Session, view: View) -> tuple[Quantity, Index]:
    """The parameter that was jumped to, else the one in the spotlight."""
    wanted = view.wanted
    if wanted is not None and wanted.quantity.symbol in ("W", "b", "γ", "β"):
        return session.plan[wanted.quantity.symbol, wanted.quantity.layer], wanted.index
    return session.plan[view.spotlight.parameter, view.spotlight.layer], view.spotlight.index
