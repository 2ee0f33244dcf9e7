"""A run in which an op or a measurement fails stands where it stood, shows its numbers, and goes on."""

from collections.abc import Callable
from functools import partial

import pytest

from backprop_tui.core.diagnosis.diagnosis import Diagnosis
from backprop_tui.core.ops.event import Call, Op
from backprop_tui.core.session.session import Session
from backprop_tui.core.training import trainer as training
from backprop_tui.core.training.trainer import Trainer
from backprop_tui.core.training.walk import Walk

from ... import random_walks

Sessions = Callable[..., Session]
Fail = Callable[[int, int], None]


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Lets the op at a place of a step, and of all later ones, fail when it has run; -1 lets none fail."""
    at = [-1, 0]

    class FailingWalk(Walk):
        def __init__(self, trainer: Trainer) -> None:
            super().__init__(trainer)
            for plan, program in self.programs.items():
                failing = [(call if op is None else partial(then_fail, call, op, trainer), op) for call, op in program]
                self.programs[plan] = tuple(failing)
                self.calls[plan] = (*(call for call, _ in failing), *plan.finished.calls)

    def then_fail(call: Call, op: Op, trainer: Trainer) -> None:
        call()
        if 0 <= at[0] <= trainer.state.step and op.place == at[1]:
            raise ZeroDivisionError("float division by zero")

    def set_place(step: int, place: int) -> None:
        at[:] = [step, place]

    monkeypatch.setattr(training, "Walk", FailingWalk)
    return set_place


WAYS: dict[str, Callable[[Session], object]] = {
    "forward": lambda session: session.forward("epoch"),
    "seek": lambda session: session.seek(session.timeline.finish_of(300)),
    "approach": lambda session: session.approach(10**6, 3600),
    "play": lambda session: session.play(3600),
    "time_step": lambda session: [session.time_step() for _ in range(300)],
}


@pytest.mark.parametrize("begin", [0, 7, 150])
@pytest.mark.parametrize("way", WAYS)
def test_an_op_that_fails_leaves_the_run_at_a_place_that_it_has_been_at(
    session_of: Sessions, fail: Fail, way: str, begin: int
) -> None:
    session, straight = session_of("spiral"), session_of("spiral")
    session.seek(session.timeline.finish_of(begin))
    for step, place in ((begin + 2, 3), (begin + 5, 1), (begin + 9, 8)):
        fail(step, place)
        stood = session.count
        with pytest.raises(ZeroDivisionError):
            WAYS[way](session)
        assert stood <= session.count <= session.timeline.finish_of(step) + place
        straight.seek(session.count)
        assert random_walks.digest(session) == random_walks.digest(straight)
        fail(-1, 0)
    for other in (session, straight):
        other.seek(other.timeline.finish_of(begin + 40))
    assert random_walks.digest(session) == random_walks.digest(straight)
    assert random_walks.same_curves(session.history, straight.history)


def test_a_measurement_that_fails_leaves_it_there_too_and_is_made_again(
    session_of: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, straight = session_of("vanishing"), session_of("vanishing")
    session.seek(session.timeline.finish_of(3))
    with monkeypatch.context() as patch:
        patch.setattr(Diagnosis, "measure", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            session.seek(session.timeline.finish_of(400))
    assert session.step == 3
    for other in (session, straight):
        other.seek(other.timeline.finish_of(400))
    assert random_walks.digest(session) == random_walks.digest(straight)
    assert session.findings() == straight.findings()


def test_where_the_way_there_fails_as_well_it_stands_at_the_snapshot_before(session_of: Sessions, fail: Fail) -> None:
    session, straight = session_of("xor"), session_of("xor")
    session.seek(session.timeline.finish_of(150))
    fail(120, 2)
    with pytest.raises(ZeroDivisionError):
        session.forward("step")
    assert session.step == session.snapshots.nearest(149).step
    fail(-1, 0)
    for other in (session, straight):
        other.seek(other.timeline.finish_of(200))
    assert random_walks.digest(session) == random_walks.digest(straight)
