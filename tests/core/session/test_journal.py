"""Undo and redo: the very run, at the very position, bit for bit; bounded in number and in memory."""

from backprop_tui.core.session.change import change
from backprop_tui.core.session.journal import Journal, bytes_of
from backprop_tui.core.session.session import Session

from ...random_walks import digest
from .test_change import run


def changed(journal: Journal, session: Session, name: str, value: object) -> Session:
    found = change(session, {name: value})
    journal.record(session, found.text)
    return found.session


def test_undo_and_redo_lead_to_where_each_run_was_left() -> None:
    journal, first = Journal(), run(3)
    first.seek(first.count + 4)
    left = digest(first)
    second = changed(journal, first, "optimizer.learning_rate", 0.5)
    second.forward("step")
    third = changed(journal, second, "layers.0.units", 5)
    third.forward("step")
    marks = [left, digest(second), digest(third)]
    # The runs go on as branches meanwhile: undo leads to where they were left all the same.
    first.seek(0)
    second.seek(second.timeline.finish_of(9))
    now = third
    for session, mark in ((second, marks[1]), (first, marks[0])):
        moment = journal.undo(now)
        assert moment is not None
        assert moment.session is session
        assert digest(session) == mark
        now = session
    assert journal.undo(now) is None
    for session, mark in ((second, marks[1]), (third, marks[2])):
        moment = journal.redo(now)
        assert moment is not None
        assert (moment.session, digest(session)) == (session, mark)
        now = session
    assert journal.redo(now) is None


def test_a_new_change_leaves_nothing_to_redo() -> None:
    journal, session = Journal(), run(1)
    other = changed(journal, session, "optimizer.l2", 0.1)
    assert journal.undo(other) is not None
    changed(journal, session, "optimizer.l1", 0.1)
    assert journal.redo(session) is None


def test_the_oldest_are_forgotten_beyond_the_number() -> None:
    journal, session = Journal(most=3), run(1)
    left = []
    for rate in (0.1, 0.2, 0.3, 0.4, 0.5):
        left.append(session)
        session = changed(journal, session, "optimizer.learning_rate", rate)
    assert [moment.session for moment in journal.past] == left[-3:]


def test_the_oldest_are_forgotten_beyond_the_bytes_and_the_newest_stays() -> None:
    session = run(1)
    journal = Journal(budget=bytes_of([session]) * 5 // 2)
    sessions = []
    for rate in (0.1, 0.2, 0.3, 0.4):
        sessions.append(session)
        session = changed(journal, session, "optimizer.learning_rate", rate)
    assert [moment.session for moment in journal.past] == sessions[-2:]
    journal.budget = 0
    changed(journal, session, "optimizer.learning_rate", 0.9)
    assert [moment.session for moment in journal.past] == [session]
