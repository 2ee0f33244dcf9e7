"""What is said of a finished step: what the optimizer was given, and what it did."""

from backprop_tui.core.inquiry.step_result import StepResult
from backprop_tui.core.preset.tables import OptimizerPreset
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.numbers import format_precise
from backprop_tui.tui.panes.view import View

from .said_numbers import number


def without_after(session: Session, view: View) -> str:
    """What stands in the place of the loss after the update where that is not worked out, and why it is not."""
    loss = format_precise(session.plan.loss(), view.look.glyphs)
    said = f"θ ← θ + Δθ, all parameters at once. ℒ of the batch before this update: {loss}."
    if view.playing:
        return f"{said} What it is after it is worked out when you pause."
    return f"{said} To run it through again takes too long here; the next steps show how ℒ goes on."


def treatments(optimizer: OptimizerPreset) -> str:
    """What is done to the gradient before the optimizer is given it, in the order in which it is done."""
    done = {
        "with the penalty on weights": bool(optimizer.l1 or optimizer.l2),
        "clipped by value": optimizer.clip_value is not None,
        "clipped by norm": optimizer.clip_norm is not None,
        "with weight decay": bool(optimizer.weight_decay) and optimizer.kind != "adamw",
    }
    return ", ".join(text for text, is_done in done.items() if is_done)


def given_text(result: StepResult, session: Session, view: View) -> str:
    """What the optimizer was given, how far it moved all parameters, and what that was to do to the loss."""
    look, optimizer, given = view.look, session.preset.optimizer, result.given
    norm, change = number(given.gradient, look), number(given.change, look)
    done = treatments(optimizer)
    received = f"{optimizer.kind} was given the gradient as it is, ‖∇ℒ‖ = {norm}"
    if done and given.applied is not None:
        received = f"{optimizer.kind} was given the gradient, ‖∇ℒ‖ = {norm}, {done}: norm {number(given.applied, look)}"
    if not optimizer.train_biases:
        received += "; the biases are not trained"
    said = f"{received}. With a learning rate of {number(given.rate, look)} it made ‖Δθ‖ = {change}."
    foretold = f" To first order, Σ ∂ℒ/∂θ · Δθ, the loss was to change by {number(result.foretold, look)}."
    if -result.foretold > result.before:
        foretold += " No loss can fall by more than it is: over so long a step the slope changes."
    return said + foretold
