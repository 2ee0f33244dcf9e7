"""The screen of the contest between backpropagation and its alternatives."""

from collections.abc import Callable
from math import inf

import pytest

from backprop_tui.core.proof.aspects import ASPECTS
from backprop_tui.core.proof.conclusion import conclusion
from backprop_tui.core.proof.contest import Contest
from backprop_tui.core.proof.exhaustive import cost_lines
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.pages.estimate import EstimateScreen
from backprop_tui.tui.training_screen import TrainingScreen

from ..tool_pilot import opened, text_of, until, window

Sessions = Callable[..., Session]


def finished(screen: EstimateScreen) -> Callable[[], bool]:
    return lambda: screen.contest is not None and screen.contest.finished


def words(text: str) -> str:
    return " ".join(text.split())


async def test_it_shows_what_the_contest_measured(session_of: Sessions) -> None:
    session = session_of("first-steps")
    expected = Contest(session.trainer, session.dataset, 1000)
    expected.advance(inf)
    async with opened(EstimateScreen, session) as (_, screen):
        await until(finished(screen))
        text = text_of(screen)
        for result, letter in zip(expected.results, "BNER", strict=True):
            row = next(line for line in text.split("\n") if line.startswith(f"{letter} {result.title} "))
            assert format_number(result.loss, 10, 5) in row
            assert f"{result.cached_bytes:,}" in row.split()
            assert result.cosine is not None
            assert format_number(result.cosine, 8, 4) in row
        for sentence in conclusion(expected.outcome):
            assert words(sentence) in words(text)
        for aspect in ASPECTS:
            assert any(line.startswith(aspect) for line in text.split("\n"))
        assert "Each has the best of 8 step sizes" in words(text)


async def test_the_conclusion_stands_in_the_first_screen(session_of: Sessions) -> None:
    async with opened(EstimateScreen, session_of("xor"), (80, 24)) as (_, screen):
        await until(finished(screen))
        assert screen.contest is not None
        seen = words(" ".join(window(screen)))
        for sentence in conclusion(screen.contest.outcome):
            assert words(sentence) in seen


async def test_the_preset_s_own_optimizer_has_a_row_of_its_own(session_of: Sessions) -> None:
    async with opened(EstimateScreen, session_of("moons")) as (_, screen):
        await until(finished(screen))
        assert screen.contest is not None
        own = screen.contest.results[4]
        row = next(line for line in text_of(screen).split("\n") if line.startswith("O backprop with adam "))
        assert format_number(own.loss, 10, 5) in row


async def test_the_costs_of_enumeration_and_of_differences_are_those_of_this_network(session_of: Sessions) -> None:
    async with opened(EstimateScreen, session_of("xor")) as (_, screen):
        await until(finished(screen))
        text = words(text_of(screen))
        for sentence in cost_lines(33):
            assert words(sentence) in text
        assert "2N = 66 forward passes" in text


async def test_the_budget_is_doubled_and_halved(session_of: Sessions) -> None:
    async with opened(EstimateScreen, session_of("first-steps")) as (pilot, screen):
        await until(finished(screen))
        await pilot.press("plus")
        await until(lambda: finished(screen)() and screen.contest is not None and screen.contest.budget == 2000)
        assert "2,000 forward passes each" in text_of(screen)
        await pilot.press("minus", "minus")
        await until(lambda: finished(screen)() and screen.contest is not None and screen.contest.budget == 500)
        for _ in range(12):
            await pilot.press("minus")
        await until(lambda: finished(screen)() and screen.contest is not None and screen.contest.budget == 1)
        assert "1 forward pass each" in text_of(screen)


async def test_curves_are_told_apart_by_letters(session_of: Sessions) -> None:
    async with opened(EstimateScreen, session_of("spiral"), (120, 36), ascii=True) as (pilot, screen):
        await until(finished(screen))
        text = text_of(screen)
        assert text.isascii()
        plot = text.split("linear\n")[1].split("\npass")[0]
        assert all(letter in plot for letter in "BNER")
        await pilot.press("l")
        assert " log\n" in text_of(screen)


async def test_it_can_be_left_in_the_middle(session_of: Sessions) -> None:
    async with opened(EstimateScreen, session_of("digits")) as (pilot, screen):
        await until(lambda: screen.contest is not None and screen.contest.search is not None)
        contest = screen.contest
        assert contest is not None
        assert "%" in text_of(screen).split("\n")[0]
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, TrainingScreen)
        progress = contest.progress
        await pilot.pause(0.1)
        assert contest.progress == progress < 1
        assert not [worker for worker in pilot.app.workers if worker.group == "contest"]


async def test_the_run_after_it_is_the_run_without_it(session_of: Sessions) -> None:
    changes = {"layers.0.dropout": 0.3}
    other, session = (session_of("spiral", changes=changes) for _ in range(2))
    for one in (other, session):
        one.seek(one.timeline.finish_of(3) + 4)
    async with opened(EstimateScreen, session) as (pilot, screen):
        await until(finished(screen))
        await pilot.press("escape")
    for one in (other, session):
        one.seek(one.timeline.finish_of(8))
    assert session.trainer.state.vectors.tobytes() == other.trainer.state.vectors.tobytes()


async def test_moving_through_time_changes_nothing_in_it(session_of: Sessions) -> None:
    session = session_of("first-steps")
    async with opened(EstimateScreen, session) as (pilot, screen):
        await until(finished(screen))
        contest = screen.contest
        await pilot.press("right")
        assert session.count > 0
        assert screen.contest is contest


async def test_it_fits_at_every_size(session_of: Sessions) -> None:
    async with opened(EstimateScreen, session_of("xor")) as (pilot, screen):
        await until(finished(screen))
        for size in ((80, 24), (120, 36), (200, 50), (40, 12)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            screen.action_choose(-screen.scrolled)
            assert screen.scrolled == 0
            for _ in range(4 + 200 // size[1]):
                assert all(len(line) <= size[0] for line in window(screen))
                await pilot.press("pagedown")
                if words(text_of(screen)).endswith(words(" ".join(window(screen)[-4:-2]))):
                    break
            assert words(text_of(screen)).endswith(words(" ".join(window(screen)[-4:-2])))
            if size >= (80, 24):
                assert "loss" in text_of(screen).split("\n")[1]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_key_shows_the_methods_aspect_by_aspect_instead_of_the_curves(
    session_of: Sessions, size: tuple[int, int]
) -> None:
    async with opened(EstimateScreen, session_of("xor"), size) as (pilot, screen):
        await until(finished(screen))
        assert screen.contest is not None
        await pilot.press("v")
        seen = " ".join(window(screen))
        assert "linear" not in seen
        if size[0] == 120:
            # All seven rows and what was measured stand on one screen.
            assert all(aspect in seen for aspect in ASPECTS)
            row = next(line for line in text_of(screen).split("\n") if line.startswith("B backpropagation"))
            steps = f"{screen.contest.results[0].steps:,}"
            assert steps in row.split()
            assert f"{screen.contest.results[0].price:.3g}" in row.split()
        await pilot.press("v")
        assert "linear" in " ".join(window(screen))
