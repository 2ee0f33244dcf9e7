"""What is said of a position: which op has run, its rule, its numbers, where they came from and where they go."""

from collections.abc import Iterator

from backprop_tui.core.chain_rule.class_error import class_errors
from backprop_tui.core.chain_rule.destinations import destinations
from backprop_tui.core.chain_rule.entry_names import output_name
from backprop_tui.core.chain_rule.reuse import reuse
from backprop_tui.core.chain_rule.statements import contribution, place, rate_statement
from backprop_tui.core.chain_rule.textbook_loss import agrees, other_squared_error, textbook_loss
from backprop_tui.core.inquiry.given import known_matrix
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.session.session import Session
from backprop_tui.tui.chain_rule.name_words import class_beside, names_text, units_text
from backprop_tui.tui.chain_rule.op_words import origins_of, reuse_text, said_of, sides_text
from backprop_tui.tui.drawing.numbers import format_count

from .run import PlainRun
from .said import WHOLE, entries, equation, extent_text, plainly, said, size_text

FEW = 12
"""Inputs or targets that are told without being asked for."""
MOST_CLASSES = 10
"""Classes whose errors are told; of more those that err most."""


def position_answer(run: PlainRun) -> Iterator[str]:
    """What there is to say where the run stands: of the op that has run, of a step that is over, or of one to come."""
    from .step_answer import step_answer

    session = run.session
    yield position_text(session)
    if session.op is None or session.op.phase == "start":
        yield from opening(run)
    elif session.position.finished:
        yield from step_answer(run)
    else:
        yield from op_answer(run, session.op)
        if not run.brief:
            yield from around(run, session.op)


def position_text(session: Session) -> str:
    """`Step 1, epoch 1, op 3 of 12: forward, layer 2 of 2, Z.`."""
    position, op = session.position, session.op
    begun = op is not None and op.phase != "start"
    # Before the first op it is the step to come that is told of.
    at = position.epoch if begun else session.timeline.at(session.timeline.finish_of(session.step) + 1).epoch
    epoch = f", epoch {at:,}" if session.timeline.knows_epochs else ""
    lost = " Its numbers are not finite." if session.diverged else ""
    if op is None or not begun:
        return f"Before the first op of step {session.step + 1:,}{epoch}.{lost}"
    if position.finished:
        return f"Step {position.step:,}{epoch} is finished: all parameters have their new values.{lost}"
    where = plainly(place(op, len(session.trainer.layers)))
    return f"Step {position.step:,}{epoch}, op {op.place} of {len(session.plan.ops)}: {where}.{lost}"


def opening(run: PlainRun) -> Iterator[str]:
    """Before the first op: what is given, and what comes first."""
    session = run.session
    first = session.plan.ops[0]
    yield (
        "Nothing of this step has been computed yet: what is not told is not there, and not 0. "
        "Inputs, targets and parameters are given."
    )
    for quantity in (session.plan["X", None], session.plan["Y", None]):
        few = quantity.array.size <= FEW
        more = "" if few else f" Type {quantity.typed()} for them, or data for the example that is followed."
        yield f"Given: {quantity.meaning} {quantity.name}, {size_text(quantity.array.shape)}.{more}"
        if few and (known := known_matrix(session, quantity)) is not None:
            shown = Quantity(quantity.symbol, quantity.layer, known, quantity.axes, quantity.meaning)
            yield from entries(shown)
    yield f"The first op will be {plainly(place(first, run.last))}: {rule_text(first)}."
    yield f"One right is one {run.view.unit}."


def op_answer(run: PlainRun, op: Op) -> Iterator[str]:
    """One op that has run: its rule, and the numbers that it made of which."""
    session, view = run.session, run.view
    subject, shown = said_of(op, view, run.last)
    yield f"Rule: {rule_text(op)}."
    if sides := sides_text(op, view):
        yield f"In it {sides.replace(f' {view.look.glyphs.times} ', ' times ')}."
    change = next((one for one in shown if one.quantity.symbol.startswith("Δ")), None)
    for one in shown:
        if one is change and (rate := rate_statement(op, one)) is not None:
            yield equation(rate.name, rate.expression, rate.value)
        yield equation(one.name, one.expression, one.value)
        if one is subject and (part := contribution(op, one, view.spotlight.example)) is not None:
            name = f"part of example {part.example + 1} of {part.examples}"
            yield equation(name, part.expression, part.value)
            yield f"the mean over all {part.examples} = {said(part.mean)}"
    if op.phase == "loss":
        yield from loss_sentences(run)
    if is_error(op, session):
        yield from class_sentences(run)


def around(run: PlainRun, op: Op) -> Iterator[str]:
    """Where the numbers of an op came from, where its result goes, all that it made, and why."""
    session, view, last = run.session, run.view, run.last
    subject, shown = said_of(op, view, last)
    found = origins_of(shown, session, last)
    names = [(subject.quantity, subject.index), *((one.reference.quantity, one.reference.index) for one in found)]
    yield from (text for text in (names_text(session, names, view), units_text(session, names, view)) if text)
    for origin in found:
        reference = origin.reference
        named = class_beside(session, reference.quantity, reference.index, view)
        made = origin.op is not None and origin.op.phase != "start"
        where = f"from {plainly(origin.text)}" if made else origin.text
        yield f"{reference.symbols()}{named} = {said(reference.value())}, {where}"
    for goal in destinations(session.plan, subject.quantity, subject.index, view.spotlight, last):
        yield f"{subject.name} is used by {plainly(goal.text)}"
    for quantity in op.writes:
        if quantity.array.size > 1:
            yield extent_text(quantity)
            if quantity.array.size <= WHOLE:
                yield from entries(quantity)
            else:
                # A single letter may be a key of the screen.
                word = quantity.typed() if len(quantity.typed()) > 1 else f"all {quantity.typed()}"
                yield f"Type {word} for its entries."
    if op.phase == "backward" and (kept := reuse(session.plan, session.events)).read:
        yield reuse_text(kept)
    yield op.why


def rule_text(op: Op) -> str:
    """The rules of an op in symbols, of several one behind the other."""
    return "; ".join(op.rule.split("   "))


def is_error(op: Op, session: Session) -> bool:
    """Whether the op compares the answers for several classes with the truth."""
    several = session.dataset.target_kind == "one_hot" and len(session.dataset.targets) > 1
    compares = op.phase == "backward" and [quantity.symbol for quantity in op.reads] == ["A", "Y"]
    return several and (op.phase == "loss" or compares)


def class_sentences(run: PlainRun) -> Iterator[str]:
    """p, y and p − y of every class for the spotlight's example."""
    session, example = run.session, run.example()
    errors = class_errors(session.plan, run.last, example)
    yield f"Of example {example + 1}, for each class the answer p, the target y, and the error p − y:"
    shown = sorted(errors, key=lambda one: -abs(one.error))[:MOST_CLASSES] if len(errors) > MOST_CLASSES else errors
    for one in shown:
        name = output_name(session.dataset, one.output) or str(one.output + 1)
        true = ", the true one" if one.asked > 0 else ""
        yield f"class {name}{true}: p = {said(one.given)}, y = {said(one.asked)}, p − y = {said(one.error)}"
    if len(shown) < len(errors):
        yield f"{format_count(len(errors) - len(shown))} more classes have a smaller error."


def loss_sentences(run: PlainRun) -> Iterator[str]:
    """A cross-entropy by its probabilities, and which of the squared errors the loss is."""
    session = run.session
    kind = session.preset.loss.kind
    book = textbook_loss(session.plan, run.last, kind, run.example())
    if book is not None:
        yield equation(book.name, book.expression, book.value)
        if agrees(book):
            yield "The same from the logits, as it is computed, since that is stable."
        else:
            yield "Here a probability is rounded to 0 or 1, and its logarithm says nothing; by the logits it is right."
    if (found := other_squared_error(session.plan, kind)) is not None:
        own, other, value = found
        yield f"This is the {own}; as {other}, it would be {said(value)}."
