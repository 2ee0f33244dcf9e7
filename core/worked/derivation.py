"""The derivation of one parameter's update: from the numbers that were given, by way of the loss, to its new value.

That is the closure of its expressions backwards: each line once, in the order of the ops, and nothing else.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.chain_rule.statements import Statement, after, place, statement
from backprop_tui.core.ops.event import PHASES, Op
from backprop_tui.core.ops.expression import Reference
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.training.rehearsal import Rehearsal
from backprop_tui.core.value_class import dataclass

from .exercise import FEWER_EXAMPLES, MOST_GIVEN, TooWideError, gives_too_much, in_full, made_of, too_wide
from .solution import AFTER, PARTS, Done, Line, Part, Role, Section, WorkedSolution
from .solution_reader import LARGEST_MATRIX, Reader, is_given
from .step_solution import arrive, look_again, setting_lines, setting_text, step_text, title_text

TERMS = (8, 5, 3, 2)
"""The most terms of a sum. In a wide network each term has a derivation of its own, so that fewer have to do."""
MOST_LINES = 400

Entry = tuple[Quantity, Index]


@dataclass(frozen=True, slots=True)
class Derivation:
    """`given` are the entries that it starts from, `lines` the statements with the ops that wrote them, in order."""

    given: tuple[Reference, ...]
    lines: tuple[tuple[Op, Statement], ...]


def derivation(plan: Plan, target: Entry, example: int) -> Derivation:
    """How the entry of a change ΔW, Δb, … came about, in at most MOST_LINES lines where that can be had."""
    for terms in TERMS[:-1]:
        found = closed(plan, target, example, terms, MOST_LINES)
        if found is not None:
            return found
    found = closed(plan, target, example, TERMS[-1], None)
    assert found is not None
    return found


def derivation_in_full(plan: Plan, target: Entry) -> Derivation:
    """How the entry came about, no term left out: as it is to be worked out on a worksheet.

    Raises TooWideError where that takes over MOST_LINES lines, or starts from over MOST_GIVEN numbers.
    """
    found = closed(plan, target, 0, None, MOST_LINES)
    if found is None:
        name = target[0].entry(target[1])[1:]
        why = too_wide(f"{name} alone takes more than {MOST_LINES} lines")
        raise TooWideError(why, f"leave out --weight, or {FEWER_EXAMPLES}")
    if len(found.given) > MOST_GIVEN:
        raise TooWideError(too_wide(gives_too_much()), FEWER_EXAMPLES)
    return found


def closed(plan: Plan, target: Entry, example: int, terms: int | None, most: int | None) -> Derivation | None:
    """The closure with sums of at most so many terms, the others in one number, or with all of them.

    None where it has over `most` lines.
    """
    given: dict[tuple[int, Index], Reference] = {}
    made: dict[tuple[int, Index], tuple[Op, Statement]] = {}
    seen: set[tuple[int, Index]] = set()
    # Depth first, on a stack of its own: a deep network is deeper than Python's.
    lines = 0
    waiting: list[tuple[Entry, tuple[Op, Statement] | None]] = [(target, None)]
    while waiting:
        (quantity, index), finished = waiting.pop()
        key = (id(quantity), index)
        if finished is not None:
            made[key] = finished
            continue
        if key in seen:
            continue
        seen.add(key)
        op = plan.writer(quantity)
        if op is None or is_given(plan, quantity):
            given[key] = Reference(quantity, index)
            continue
        if terms is None:
            shown, names = in_full(op, quantity, index), made_of(op, quantity, index)
        else:
            shown = statement(op, quantity, index, example=example, most=terms)
            names = [(reference.quantity, reference.index) for reference in shown.expression.references()]
        waiting.append(((quantity, index), (op, shown)))
        lines += 1
        if most is not None and lines > most:
            return None
        waiting += [(name, None) for name in reversed(names)]
    return Derivation(tuple(given.values()), tuple(sorted_lines(made.values())))


def sorted_lines(made: Iterable[tuple[Op, Statement]]) -> list[tuple[Op, Statement]]:
    """By op, then by quantity in the order in which the op came by them, then by index."""
    lines = list(made)
    rank: dict[int, int] = {}
    for _, shown in lines:
        rank.setdefault(id(shown.quantity), len(rank))
    return sorted(lines, key=lambda line: (line[0].place, rank[id(line[1].quantity)], line[1].index))


def worked_derivation(
    session: Session, step: int, spotlight: Spotlight, role: Role = "solution", done: Done | None = None
) -> WorkedSolution:
    """The derivation of the spotlight's parameter in a step, from 1, as a worked solution.

    Leaves the session right before the step's finish. Raises PresetError for a network too wide for a worksheet.
    """
    rehearsal = arrive(session, step)
    plan, layers = session.plan, len(session.trainer.layers)
    reader = Reader(plan, blank=role == "exercise")
    change = plan[f"Δ{spotlight.parameter}", spotlight.layer]
    update = plan.writer(change)
    assert update is not None
    target = (change, spotlight.index)
    found = derivation(plan, target, spotlight.example) if role == "solution" else derivation_in_full(plan, target)
    lines = []
    for op, shown in (done or Done()).each(found.lines):
        reader.phase = op.phase
        lines.append((op, reader.line(shown, given=reader.given(shown.quantity))))
    lines.append((update, reader.line(after(update, statement(update, change, spotlight.index)))))
    sections = [op_section(op, [line for _, line in group], layers) for op, group in groupby(lines, lambda x: x[0])]
    ops = [op for op, _ in groupby(op for op, _ in lines)]
    phases = [
        Part(PARTS[phase], tuple(s for op, s in zip(ops, sections, strict=True) if op.phase == phase))
        for phase in PHASES
    ]
    start = given_section(session, reader, found.given, whole=role != "solution")
    parts = [Part("Given", (start,)), *(part for part in phases if part.sections)]
    if role == "solution":
        # On a worksheet nobody could find the new loss: it takes the changes of all other parameters.
        parts.append(loss_after(session, rehearsal, reader))
    name = change.entry(spotlight.index)[1:]
    return WorkedSolution(title_text(session), f"{step_text(session, step)}: {name} and its gradient", tuple(parts))


def given_section(session: Session, reader: Reader, given: Iterable[Reference], *, whole: bool) -> Section:
    """What a derivation starts from, entry by entry; with `whole` a small quantity as a matrix, where all of it is."""
    entries = sorted(given, key=lambda entry: (entry.quantity.layer or 0, entry.quantity.symbol, entry.index))
    lines, matrices = list(setting_lines(reader)), []
    for _, group in groupby(entries, lambda entry: id(entry.quantity)):
        of_one = list(group)
        quantity = of_one[0].quantity
        if whole and quantity.array.size == len(of_one) <= LARGEST_MATRIX:
            matrices.append(reader.matrix(quantity))
        else:
            lines += [reader.entry(quantity, entry.index) for entry in of_one]
    return Section(why=setting_text(session), lines=tuple(lines), matrices=tuple(matrices))


def loss_after(session: Session, rehearsal: Rehearsal, reader: Reader) -> Part:
    """The loss of the same batch with the new parameters, and before."""
    before = reader.entry(session.plan["ℒ", None], ())
    look_again(session, rehearsal)
    loss = Reader(rehearsal.plan, blank=reader.blank).entry(rehearsal.plan["ℒ", None], ())
    return Part(AFTER, (Section(lines=(loss, replace(before, name="ℒ before the update"))),))


def op_section(op: Op, lines: list[Line], layers: int) -> Section:
    return Section(f"{op.place}. {place(op, layers)}", op.rule, op.why, tuple(lines))
