"""The worked solution of a whole step: every op, small quantities entry by entry, large ones by the spotlight's."""

from collections.abc import Iterator

import numpy as np

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.chain_rule.statements import Statement, after, place, statement, statements
from backprop_tui.core.ops.event import PHASES, Op
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.rehearsal import Rehearsal

from .exercise import Exercise, exercise, in_full
from .solution import AFTER, PARTS, Done, Extent, Line, Matrix, Part, Role, Section, WorkedSolution
from .solution_reader import Reader

WHOLE = 24
"""The most entries of a quantity that are worked out one by one; and the most terms of their sums."""


def worked_solution(
    session: Session, step: int, spotlight: Spotlight, role: Role = "solution", done: Done | None = None
) -> WorkedSolution:
    """The worked solution of a step, from 1. Of quantities too large to work out in full the spotlight's entries are.

    Leaves the session right before the step's finish. Raises PresetError for a network too wide for a worksheet.
    """
    rehearsal, done = arrive(session, step), done or Done()
    layers, reader = len(session.trainer.layers), Reader(session.plan, blank=role == "exercise")
    sheet = None if role == "solution" else exercise(session.plan, spotlight, layers)
    phases = [
        Part(
            PARTS[phase],
            tuple(
                section(op, reader, spotlight, layers, sheet)
                for op in done.each(op for op in session.plan.ops if op.phase == phase)
            ),
        )
        for phase in PHASES
    ]
    given = Part("Given", (given_section(session, reader, sheet),))
    parts = [given, *(part for part in phases if part.sections)]
    if sheet is None or all_changes(session, sheet):
        parts.append(after_update(session, rehearsal, reader, sheet))
    return WorkedSolution(title_text(session), step_text(session, step), tuple(parts))


def all_changes(session: Session, sheet: Exercise) -> bool:
    """Whether a sheet has every parameter's change: without them nobody can tell what the network does afterwards."""
    return all(sheet.whole(q) for q in session.plan.quantities.values() if q.symbol.startswith("Δ"))


def arrive(session: Session, step: int) -> Rehearsal:
    """Bring the session right before the finish of `step`, where all its numbers are; and its batch for afterwards."""
    session.seek(session.timeline.finish_of(step) - 1)
    return session.rehearse(session.trainer.dtype)


def title_text(session: Session) -> str:
    """The preset's title, as it can stand in any document."""
    return shown(session.preset.title)


def step_text(session: Session, step: int) -> str:
    timeline = session.timeline
    return f"Step {step}" + (f", epoch {timeline.at(timeline.finish_of(step)).epoch}" if timeline.knows_epochs else "")


def section(op: Op, reader: Reader, spotlight: Spotlight, layers: int, sheet: Exercise | None) -> Section:
    """One op: small quantities entry by entry, larger ones as a matrix or in a line, and the spotlight's entry.

    A `sheet` has no such lines: all that it needs of a large quantity stands entry by entry.
    """
    lines: list[Line] = []
    matrices: tuple[Matrix, ...] = ()
    extents: tuple[Extent, ...] = ()
    written = in_order(op)
    reader.phase = op.phase
    if all(quantity.array.size <= WHOLE for quantity in written):
        for quantity in written:
            for index in np.ndindex(quantity.array.shape):
                shown = statement(op, quantity, index, most=WHOLE) if sheet is None else in_full(op, quantity, index)
                lines.append(reader.line(shown, given=reader.given(quantity)))
        lines += [reader.line(new) for new in new_parameters(op)]
    else:
        matrices, extents = laid_out(written, reader, sheet)
        found = list((statements if sheet is None else sheet.statements)(op, spotlight, layers))
        # What is made of others last; a new parameter is nothing that the op writes.
        found.sort(key=lambda shown: written.index(shown.quantity) if shown.quantity in written else len(written))
        lines = [
            reader.line(shown, given=shown.quantity in written and reader.given(shown.quantity)) for shown in found
        ]
    return Section(f"{op.place}. {place(op, layers)}", op.rule, op.why, tuple(lines), matrices, extents)


def laid_out(
    quantities: list[Quantity], reader: Reader, sheet: Exercise | None
) -> tuple[tuple[Matrix, ...], tuple[Extent, ...]]:
    """Quantities as matrices or in a line each; on a sheet only those that it has every entry of, as matrices."""
    if sheet is None:
        return reader.whole(quantities)
    return tuple(reader.matrix(quantity) for quantity in quantities if sheet.whole(quantity)), ()


def in_order(op: Op) -> list[Quantity]:
    """What an op writes, each quantity behind those of the same op that it is made of."""
    ordered: list[Quantity] = []

    def add(quantity: Quantity) -> None:
        if quantity in ordered:
            return
        expression = op.explain(quantity, (0,) * quantity.array.ndim)
        for reference in expression.references():
            if reference.quantity in op.writes and reference.quantity is not quantity:
                add(reference.quantity)
        ordered.append(quantity)

    for quantity in op.writes:
        add(quantity)
    return ordered


def new_parameters(op: Op) -> Iterator[Statement]:
    """Every parameter of an update op as it will be: `new W⁽¹⁾₁,₁ = W⁽¹⁾₁,₁ + ΔW⁽¹⁾₁,₁ = …`."""
    for quantity in op.writes:
        if op.phase == "update" and quantity.symbol.startswith("Δ"):
            for index in np.ndindex(quantity.array.shape):
                yield after(op, statement(op, quantity, index))


def given_section(session: Session, reader: Reader, sheet: Exercise | None) -> Section:
    """Settings, batch, parameters and moments at the step's start, and the masks that chance gave."""
    given = [quantity for quantity in session.plan.quantities.values() if reader.given(quantity)]
    # The batch first, then layer by layer.
    given.sort(key=lambda quantity: quantity.layer or 0)
    matrices, extents = laid_out(given, reader, sheet)
    parts = [] if sheet is None else [quantity for quantity in given if not sheet.whole(quantity)]
    entries = [reader.entry(quantity, index) for quantity in parts if sheet for index in sheet.entries(quantity)]
    lines = (*setting_lines(reader), *entries)
    return Section(why=setting_text(session), lines=lines, matrices=matrices, extents=extents)


def setting_text(session: Session) -> str:
    preset, m = session.preset, session.plan.examples
    loss, optimizer = (kind.replace("_", " ") for kind in (preset.loss.kind, preset.optimizer.kind))
    return f"Loss: {loss}. Optimizer: {optimizer}. Examples in this batch: m = {m}."


def setting_lines(reader: Reader) -> tuple[Line, ...]:
    """The settings that stand in the expressions read so far, `η = 0.5`; of two of one name each with its phase."""
    names = [symbol for symbol, _ in reader.settings]
    return tuple(
        Line(symbol if names.count(symbol) == 1 else f"{symbol} ({phase})", None, value)
        for (symbol, value), phase in reader.settings.items()
    )


def after_update(session: Session, rehearsal: Rehearsal, reader: Reader, sheet: Exercise | None) -> Part:
    """Loss and predictions of the same batch with the same masks and the new parameters."""
    before = session.plan.loss()
    look_again(session, rehearsal)
    after_reader = Reader(rehearsal.plan, blank=reader.blank)
    loss, last = rehearsal.plan["ℒ", None], rehearsal.plan["A", len(session.trainer.layers)]
    lines = [after_reader.entry(loss, ()), Line("ℒ before the update", None, None if reader.blank else before)]
    matrices: tuple[Matrix, ...] = ()
    extents: tuple[Extent, ...] = ()
    if last.array.size <= WHOLE:
        lines += [after_reader.entry(last, index) for index in np.ndindex(last.array.shape)]
    elif sheet is None:
        matrices, extents = after_reader.whole([last])
    else:
        matrices = (after_reader.matrix(last),)
    return Part(AFTER, (Section(lines=tuple(lines), matrices=matrices, extents=extents),))


def look_again(session: Session, rehearsal: Rehearsal) -> None:
    """Run the rehearsal's forward pass with the parameters as the step will leave them; the session stays."""
    trainer = session.trainer
    with np.errstate(all="ignore"):
        # As the step's finish adds them, in the run's own precision.
        np.add(trainer.state.parameters, trainer.delta, rehearsal.parameters)
    rehearsal.loss()
