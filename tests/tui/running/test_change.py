"""Changing a run from its screen: it goes on with the changed one, playing or not, and nothing is lost."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from backprop_tui.core.session.branches import MOST
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.running.playback import FULL, SPEEDS
from backprop_tui.tui.training_screen import TrainingScreen

from ...random_walks import digest
from ..run_pilot import AppPilot, screen_of, text, until

Sessions = Callable[..., Session]


@asynccontextmanager
async def running(session: Session) -> AsyncIterator[tuple[AppPilot, TrainingScreen]]:
    """The app on a session, at 120 × 36."""
    async with BackpropApp(AppRequest(), session).run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        yield pilot, screen_of(pilot)


def at_step(session: Session, step: int) -> Session:
    session.seek(session.timeline.finish_of(step))
    return session


async def test_a_change_is_taken_over_while_it_plays_and_goes_on(session_of: Sessions) -> None:
    async with running(session_of("xor")) as (pilot, screen):
        for speed in (FULL, SPEEDS.index(1000)):
            screen.view.speed = speed
            await pilot.press("space")
            before = screen.session
            await until(lambda: screen.session.step > 20)
            rate = 0.01 * (speed + 1)
            told = screen.change({"optimizer.learning_rate": rate})
            assert screen.session is not before
            assert screen.playback.running
            assert told == screen.notice
            assert told.endswith(f"→ {rate:g}")
            stood, changed, far = before.count, screen.session, before.step + 20
            await until(lambda far=far: screen.session.step > far)  # type: ignore[misc]
            assert screen.session is changed
            assert before.count == stood
            assert changed.preset.optimizer.learning_rate == rate
            assert screen.branches == [changed]
            await pilot.press("space")
            assert not screen.playback.running
        # What came of it at speed is what a straight run with the same edits gives.
        screen.session.seek(screen.session.timeline.finish_of(screen.session.step))
        fresh = session_of("xor")
        other = at_step(Session(fresh.preset, fresh.dataset, edits=screen.session.edits), screen.session.step)
        assert digest(other) == digest(at_step(screen.session, screen.session.step))


async def test_what_takes_a_new_run_begins_it_beside_the_old_one_and_plays_on(session_of: Sessions) -> None:
    session = at_step(session_of("xor", 7), 5)
    async with running(session) as (pilot, screen):
        screen.set_spotlight(screen.view.spotlight.at(session.trainer.layers[0], 7, 0))
        screen.view.speed = FULL
        await pilot.press("space")
        told = screen.change({"layers.0.units": 7})
        assert "a new run from the start" in told
        assert screen.branches == [session, screen.session]
        assert str(screen.view.spotlight.name) == "W1[1,1]"
        await until(lambda: screen.session.step > 20)
        assert screen.session.seed == 7
        await pilot.press("space")
        await pilot.pause()
        assert "run 2 of 2: from the start: layers.0.units = 7" in text(pilot, "status")


async def test_a_change_that_cannot_be_says_why_and_changes_nothing(session_of: Sessions) -> None:
    session = at_step(session_of("xor"), 3)
    async with running(session) as (_, screen):
        told = screen.change({"optimizer.learning_rate": -1})
        assert "above 0" in told
        assert screen.notice == told
        assert screen.session is session
        assert screen.branches == [session]


async def test_of_too_many_runs_the_oldest_goes_but_the_first(session_of: Sessions) -> None:
    first = at_step(session_of("xor"), 1)
    async with running(first) as (_, screen):
        for units in range(2, 2 + MOST):
            old = at_step(screen.session, 1)
            screen.change({"layers.0.units": units})
            assert old in screen.branches
        assert len(screen.branches) == MOST
        assert screen.branches[0] is first
        assert [run.preset.layers[0].units for run in screen.branches[1:]] == list(range(3, 2 + MOST))


async def test_the_problem_type_leads_back_and_a_short_name_is_enough(session_of: Sessions) -> None:
    """What is wrong is said without the preset's name, which nobody has typed."""
    async with running(session_of("spiral")) as (pilot, screen):
        await pilot.press("P", "P")
        assert screen.session.preset.data.kind == "spiral"
        assert screen.session.preset.layers[-1].activation == "sigmoid"
        screen.go_to("learning_rate = 0.25")
        assert screen.session.preset.optimizer.learning_rate == 0.25
        screen.go_to("units = 3")
        assert screen.notice.startswith("expected one setting, found 'units', which is layers.0.units, layers.1.units")
        screen.go_to("data.train_ratio = 2")
        assert screen.notice.startswith("data.train_ratio: expected a finite number above 0")
