"""The runs that are kept beside each other, with no more memory to go back by than one alone has."""

from collections.abc import Sequence

from .session import Session
from .snapshots import share_budget

MOST = 12


def kept(runs: Sequence[Session]) -> list[Session]:
    """The first MOST of the runs, with one budget of snapshots between them."""
    found = [*runs[:MOST]]
    share_budget([run.snapshots for run in found])
    return found


def with_branch(runs: Sequence[Session], branch: Session, in_view: Session) -> list[Session]:
    """The runs and one more; of too many the oldest goes that is neither the first nor in view."""
    if len(runs) >= MOST:
        oldest = next(run for run in runs[1:] if run is not in_view)
        runs = [run for run in runs if run is not oldest]
    return kept([*runs, branch])
