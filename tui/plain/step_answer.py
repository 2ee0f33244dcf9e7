"""What is said of a step that is finished: loss and answers before and after it, and how far it moved what."""

from collections.abc import Iterator

import numpy as np

from backprop_tui.core.chain_rule.entry_names import output_name
from backprop_tui.core.chain_rule.reuse import reuse
from backprop_tui.core.chain_rule.statements import statements
from backprop_tui.core.inquiry.step_result import Move, StepResult, largest_moves, move, step_result
from backprop_tui.core.ops.expression import Reference
from backprop_tui.tui.chain_rule.op_words import reuse_text
from backprop_tui.tui.chain_rule.step_words import given_text, without_after
from backprop_tui.tui.drawing.numbers import format_change, format_count, format_percent

from .run import PlainRun
from .said import equation, exact, said

MOST_ANSWERS, MOST_MOVES = 10, 12
"""Outputs and parameters that are told, of networks that have more."""


def step_answer(run: PlainRun) -> Iterator[str]:
    """The same batch before and after the step, and what moved the parameters, how far."""
    session = run.session
    result = step_result(session)
    if result is None:
        yield without_after(session, run.view)
    else:
        yield "θ ← θ + Δθ, all parameters at once. The same batch before and after:"
        yield loss_sentence(result)
        yield from answer_sentences(run, result)
    if run.brief:
        return
    spotlight, plan = run.spotlight, session.plan
    parameter = plan[spotlight.parameter, spotlight.layer]
    yield move_sentence(move(session, parameter, spotlight.index))
    gradient = plan[f"d{parameter.symbol}", parameter.layer]
    op = plan.writer(gradient)
    if op is not None:
        found = statements(op, spotlight, run.last, Reference(gradient, spotlight.index))
        shown = next(one for one in found if one.quantity is gradient)
        yield equation(shown.name, shown.expression, shown.value)
    if result is not None:
        yield given_text(result, session, run.view)
        most = largest_moves(session, MOST_MOVES)
        size = session.trainer.delta.size
        head = "Moved furthest" if len(most) == MOST_MOVES else "All that moved"
        yield f"{head}, of {format_count(size)} {'parameter' if size == 1 else 'parameters'}:"
        yield from map(move_sentence, most)
    if (kept := reuse(plan, session.events)).read:
        yield reuse_text(kept)


def loss_sentence(result: StepResult) -> str:
    """`ℒ before 0.027058129, after 0.025454960: −5.9 %, saved 0.001603169`."""
    before, after = format_change(result.before, result.after)
    saved = result.saved
    outcome = f"saved {exact(saved)}" if saved > 0 else f"risen by {exact(-saved)}" if saved < 0 else "unchanged"
    share = "" if not result.share else f"{format_percent(result.share)}, "
    behind = f": {share}{outcome}" if np.isfinite(saved) else ""
    return f"ℒ before {before}, after {after}{behind}"


def answer_sentences(run: PlainRun, result: StepResult) -> Iterator[str]:
    """The outputs for the spotlight's example before and after, with their targets."""
    session, example = run.session, run.example()
    data, outputs = session.dataset, session.plan["A", run.last]
    before, after, target = (
        np.asarray(array[:, example : example + 1], np.float64)
        for array in (result.outputs_before, result.outputs_after, result.targets)
    )
    order = np.argsort(-np.nan_to_num(np.abs(after - before)[:, 0], nan=np.inf), kind="stable").tolist()
    chosen = range(len(before)) if len(before) <= MOST_ANSWERS else order[:MOST_ANSWERS]
    for unit in chosen:
        own = output_name(data, unit)
        name = outputs.entry((unit, example)) + ("" if own is None else f' "{own}"')
        first, second = format_change(float(before[unit, 0]), float(after[unit, 0]))
        text = f"answer {name} before {first}, after {second}, target {exact(float(target[unit, 0]))}"
        if data.target_std is not None:
            units = [said(float(data.in_own_units(one)[unit, 0])) for one in (before, after, target)]
            text += f"; in the data's own units before {units[0]}, after {units[1]}, target {units[2]}"
        yield text
    if len(before) > len(chosen):
        yield f"{format_count(len(before) - len(chosen))} more outputs have changed less."


def move_sentence(one: Move) -> str:
    """`b⁽²⁾₁ before 0.6, after 0.620763623, changed by 0.020763623`."""
    before, after = format_change(one.before, one.after)
    return f"{one.name} before {before}, after {after}, changed by {exact(one.change)}"
