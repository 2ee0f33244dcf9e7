"""The journal of a person's changes: which run was left where, to undo and to redo them.

A run is kept as it is, and its state at the place where it was left beside it: going back there takes no longer than a
step, and gives bit for bit what was left.
"""

from collections.abc import Iterable

from backprop_tui.core.training.state import TrainingState
from backprop_tui.core.value_class import dataclass

from .session import Session

MOST = 100
BUDGET = 256 * 2**20
"""Bytes of all runs that are kept, beyond which the oldest are forgotten; the newest always stays."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A run where it was left: after `count` events, with the `state` of the step boundary before them.

    `text` is the change that leads away from here when it is undone, or to here when it is redone.
    """

    session: Session
    count: int
    state: TrainingState
    text: str

    @classmethod
    def of(cls, session: Session, text: str) -> "Moment":
        return cls(session, session.count, session.trainer.state.copy(), text)

    def restored(self) -> Session:
        """The run, at the position at which it was left, wherever it has gone since."""
        session = self.session
        if session.count != self.count or session.trainer.state != self.state:
            session.snapshots.keep(self.state)
            session.seek(self.count)
        return session


class Journal:
    """What can be undone and redone, the nearest last in either list."""

    def __init__(self, most: int = MOST, budget: int = BUDGET) -> None:
        self.most, self.budget = most, budget
        self.past: list[Moment] = []
        self.future: list[Moment] = []

    def record(self, before: Session, text: str) -> None:
        """`text` has been changed in the run `before`, which stands where it was left; nothing is to be redone now."""
        self.future.clear()
        self.past.append(Moment.of(before, text))
        self.forget()

    def undo(self, now: Session) -> Moment | None:
        """The run before the last change, restored, and what was changed; None where there is nothing to undo."""
        return self.turn(self.past, self.future, now)

    def redo(self, now: Session) -> Moment | None:
        """The run with the change that was undone last, restored; None where there is nothing to redo."""
        return self.turn(self.future, self.past, now)

    def turn(self, source: list[Moment], other: list[Moment], now: Session) -> Moment | None:
        if not source:
            return None
        moment = source.pop()
        other.append(Moment.of(now, moment.text))
        moment.restored()
        return moment

    def forget(self) -> None:
        """Drop the oldest, beyond the number and the bytes that are allowed."""
        del self.past[: -self.most]
        if sum(roughly(moment.session) for moment in self.past) <= self.budget:
            return
        while len(self.past) > 1 and bytes_of(moment.session for moment in self.past) > self.budget:
            del self.past[0]


def roughly(session: Session) -> int:
    """No fewer bytes than a run takes of its own: all its snapshots, and the buffers of its plans."""
    states = session.snapshots.states
    return sum(buffers(session).values()) + len(states) * session.trainer.state.bytes


def bytes_of(sessions: Iterable[Session]) -> int:
    """The bytes of the snapshots of these runs, what several of them share counted once, and of their plans."""
    sizes: dict[int, int] = {}
    for session in sessions:
        sizes |= {id(state): state.bytes for state in session.snapshots.states} | buffers(session)
    return sum(sizes.values())


def buffers(session: Session) -> dict[int, int]:
    """The bytes of each array of the plans in hand."""
    plans = [plan for plans in session.trainer.plans.values() for plan in plans]
    return {id(q.array): q.array.nbytes for plan in plans for q in plan.quantities.values()}
