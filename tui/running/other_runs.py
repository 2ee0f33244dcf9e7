"""The runs that a screen has beside the one in view, for their losses to be laid over its own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backprop_tui.core.session.history import History
from backprop_tui.core.session.session import Session
from backprop_tui.tui.panes.overlay import Overlay

from .run_name import branch_label

if TYPE_CHECKING:
    from backprop_tui.core.compare.comparison import Comparison


def other_runs(
    session: Session, branches: Sequence[Session], comparison: "Comparison | None", last_run: History | None
) -> list[Overlay]:
    """The last one in view, the branches from the newest on, and those that were compared; not `session` itself."""
    found = []
    if last_run is not None and last_run is not session.history:
        found.append(Overlay("last run", "last run", last_run))
    for branch in reversed(branches):
        if branch is not session:
            found.append(Overlay("branches", branch_label(branch, branches[0]), branch.history))
    if comparison is not None:
        for run in comparison.runs:
            if run.session is not session:
                found.append(Overlay("variants", run.name, run.session.history))
    return found
