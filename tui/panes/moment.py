"""Of which moment of the run what is shown is: before an update, or after it."""

from backprop_tui.core.session.session import Session
from backprop_tui.core.training.plan import Plan
from backprop_tui.tui.drawing.numbers import format_count

from .view import View


def moment(session: Session) -> str:
    """`before step 1`, `in step 3` or `after step 3`: where the run stands."""
    position = session.position
    if position.finished:
        return f"after step {format_count(position.step)}"
    return f"{'in' if session.events else 'before'} step {format_count(position.step)}"


def parameters_moment(session: Session) -> str:
    """`before step 1` or `after step 2`: the moment of what depends on the parameters as they stand, and the data."""
    return f"after step {format_count(session.step)}" if session.step else "before step 1"


def answers_moment(session: Session, view: View) -> str:
    """`before update 3` or `after update 3`: which parameters gave the answers of the step in hand that are shown."""
    after = answering_plan(session, view) is not session.plan
    return f"{'after' if after else 'before'} update {format_count(session.position.step)}"


def answering_plan(session: Session, view: View) -> Plan:
    """The plan whose forward pass goes with the parameters on the screen.

    At the end of a step that is the batch again, after the update; at full speed the batch as it was trained on.
    """
    again = None if view.playing else session.batch_again()
    return session.plan if again is None else again.plan
