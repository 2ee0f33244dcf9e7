"""What is said of the paths of a gradient: what they come to, and why there are none yet."""

from backprop_tui.core.chain_rule.paths import PathView
from backprop_tui.core.chain_rule.statements import place
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.session.excursion import last_step
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.numbers import format_count
from backprop_tui.tui.panes.view import View

from .said_numbers import ROUNDING, number, percent

BLANK = " What is blank is not 0."


def gradient_of(session: Session, view: View) -> Quantity:
    return session.plan[f"d{view.spotlight.parameter}", view.spotlight.layer]


def missing(session: Session, view: View, gradient: Quantity, what: str) -> str:
    """Why a gradient has nothing to show here; empty where it has."""
    name = gradient.entry(view.spotlight.index) if what == "paths" else gradient.name
    if view.playing:
        return f"Press {view.look.keys.said('space')} to pause: {what} are worked out for one position."
    op = session.plan.writer(gradient)
    assert op is not None
    if not session.computed(gradient):
        made = f"{place(op, view.last(session))} (op {op.place}) will make it."
        return f"{name} is not computed yet in this step: {made}{BLANK}"
    if session.at_boundary and what == "paths":
        return "The step is finished, and the weights that the paths ran through have changed: ← goes back to them."
    return ""


def last_text(reason: str, session: Session) -> str:
    """Why there is nothing of the step in hand, and what is shown in its place."""
    return f"{reason.removesuffix(BLANK)} Here, dim, step {format_count(last_step(session))} before its update."


def examples_texts(example: int, examples: int) -> tuple[str, str]:
    """Whose paths there are to see: those of all examples, or of the one in the spotlight (from 0)."""
    return f"paths of all {examples} examples", f"paths of example {example + 1} of {examples} only"


def path_sentences(found: PathView, examples: int, view: View) -> list[str]:
    """Number, sum and shares of the paths, said plainly; of one example's those of its part of the gradient."""
    look = view.look
    name = f"∂ℒ/∂{found.parameter}"
    count = f"{format_count(found.count)} path{'s' if found.count > 1 else ''}"
    if found.count >= 10**15:
        count = f"{found.count:.3g} paths"
    total = f"the sum of {count}, {number(found.signed_sum, look)}"
    if found.cancels:
        total += ROUNDING
    said = f"{name} = {number(found.gradient, look)}: {total}"
    if found.example is not None:
        part = f"part of example {found.example + 1} of {examples} = {number(found.part, look)}, 1/m included"
        said = f"{name} = {number(found.gradient, look)}; {part}: {total}"
    sentences = [said]
    if found.coupled:
        sentences.append(f"Batch norm couples the batch: they begin at the losses of {found.starts} examples.")
    if found.count > 1 and found.magnitude_sum == 0:
        sentences.append("Every path has a factor of 0.")
    elif found.count > 1:
        cancel = f"Σ|paths| = {number(found.magnitude_sum, look)}, of which {percent(found.remainder)} is left"
        how = "they pull one way" if found.remainder > 0.99 else "the rest cancels"
        sentences.append(f"{cancel}: {how}.")
    if not found.complete:
        drop = " One path is a drop in the sea." if found.strongest_share < 0.01 else ""
        sentences.append(
            f"The strongest {len(found.paths)} are listed, with {percent(found.listed_share)} of Σ|paths|; the "
            f"strongest alone has {percent(found.strongest_share)}.{drop}"
        )
    return sentences
