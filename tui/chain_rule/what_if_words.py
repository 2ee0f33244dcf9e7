"""What is said of a nudge of the parameter in the spotlight, and which nudges are tried."""

import numpy as np

from backprop_tui.core.inquiry.what_if import Change, WhatIf
from backprop_tui.core.session.session import Session
from backprop_tui.tui.panes.view import View

from .said_numbers import number

SHARES = (1.0, 1e-1, 1e-2, 1e-3)
"""The nudges on either side, as shares of the parameter's own size."""


def nudges(found: WhatIf) -> list[float]:
    """This step's own change, where it is known, and steps up and down, the widest first; none from nan or ±∞."""
    if not np.isfinite(found.value):
        return []
    span = found.spans[0]
    own = [found.update] if found.update else []
    return own + [sign * share * span for share in SHARES for sign in (1, -1)]


def name_of(session: Session, view: View) -> str:
    """The parameter in the spotlight: `W⁽¹⁾₁,₁`."""
    return session.plan[view.spotlight.parameter, view.spotlight.layer].entry(view.spotlight.index)


def standing(session: Session, view: View) -> str:
    """Where ℒ and its slope come from, where they are not those that this step has computed."""
    if session.position.finished:
        return "With the new parameters "
    gradient = session.plan[f"d{view.spotlight.parameter}", view.spotlight.layer]
    return "" if session.computed(gradient) else "Computed ahead of the step, "


def sentence(change: Change, found: WhatIf, update: str, view: View) -> str:
    """The chosen nudge in words; `update` says of the step's own change that it is that."""
    look = view.look
    if change.nudge == 0:
        return "δ = 0: the parameter as it is."
    if not np.isfinite(found.loss):
        return f"ℒ = {number(found.loss, look)} is no finite number: no change of it can be told."
    if abs(change.true) <= found.rounding:
        return "The true change is below the rounding of ℒ: choose a larger nudge."
    predicted, true = number(change.predicted, look), number(change.true, look)
    own = f" ({update})" if change.nudge == found.update else ""
    off = number(change.remainder, look)
    return f"δ = {number(change.nudge, look)}{own}: slope · δ = {predicted}, truly {true}; curvature makes up {off}."


def question_text(found: WhatIf, session: Session, view: View) -> str:
    """The parameter as it is, the loss, and its slope there."""
    look, name = view.look, name_of(session, view)
    return (
        f"What if {name} = {number(found.value, look)} were different by δ? "
        f"{standing(session, view)}ℒ = {number(found.loss, look)}, "
        f"and its slope is ∂ℒ/∂{name} = {number(found.gradient, look)}."
    )


def update_text(session: Session) -> str:
    """What is said of the nudge that is the step's own change."""
    if session.position.finished:
        return "what this step's update did to it, once more"
    return "what this step's update does to it"
