"""Predict, then reveal: the number asked for stands nowhere on the screen before there is a guess."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from textual.widgets import Input

from backprop_tui.core.inquiry.prediction import Score
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.pages.predict import PredictScreen
from backprop_tui.tui.training_screen import TrainingScreen

from ... import random_walks
from ...share import share
from ..tool_pilot import AppPilot

Sessions = Callable[..., Session]
SIZES = ((80, 24), (120, 36), (200, 50), (60, 18))


@asynccontextmanager
async def predicting(
    session: Session, size: tuple[int, int] = (80, 24), *, ascii: bool = False
) -> AsyncIterator[tuple[AppPilot, PredictScreen]]:
    app = BackpropApp(AppRequest(ascii=ascii), session)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, TrainingScreen)
        screen = PredictScreen(app.screen)
        app.push_screen(screen)
        await pilot.pause()
        await pilot.pause()
        yield pilot, screen


def shown(pilot: AppPilot) -> str:
    """Every cell of the terminal, the panes behind the question among them."""
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


def compact(text: str) -> str:
    """Without spaces, frames and line ends, since lines may be broken anywhere between words."""
    return "".join(character for character in text if not character.isspace() and character not in "│|╭╮╰╯─")


async def guess(pilot: AppPilot, text: str) -> None:
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await pilot.pause()


def answer(screen: PredictScreen) -> str:
    assert screen.question is not None
    return format_number(screen.question.value, 12, 6)


@pytest.mark.parametrize("size", [(60, 18), *share([], [(200, 50)])])
async def test_the_number_is_nowhere_before_the_guess_and_there_after_it(
    session_of: Any, size: tuple[int, int]
) -> None:
    session = session_of("first-steps")
    async with predicting(session, size) as (pilot, screen):
        for place in range(len(session.plan.ops)):
            question = screen.question
            assert question is not None
            value = answer(screen)
            given = question.numbers
            assert session.count == (place + 1 if place else 0)
            hidden = shown(pilot)
            assert "= ?" in hidden
            if value not in given:
                assert value not in hidden
            await guess(pilot, value)
            assert screen.verdict is not None
            assert screen.verdict.right
            assert f"= {value}" in shown(pilot)
            assert session.count == place + 2
            await pilot.press("right")
            await pilot.pause()
        assert screen.score == Score(place + 1, place + 1, place + 1, place + 1)
        assert f"{place + 1} of {place + 1} right" in shown(pilot)


async def test_nothing_that_the_panes_show_gives_the_next_number_away(session_of: Any) -> None:
    """While a number is asked for, the panes show what they show at that position without the mode."""
    session, other = (session_of(share("first-steps", "by-hand")) for _ in range(2))
    async with predicting(session, (200, 50)) as (pilot, screen):
        for _ in session.plan.ops:
            other.seek(session.count)
            assert random_walks.digest(session) == random_walks.digest(other)
            fresh = TrainingScreen(other, 15)
            fresh.view.look = screen.training.view.look
            pane: Any = screen.training.pane("chain-rule")
            expected = type(pane)("Chain rule", other, replace(screen.training.view)).draw(*pane.content_size)
            assert [strip.text.rstrip() for strip in pane.lines][: len(expected)] == [s.text.rstrip() for s in expected]
            await guess(pilot, "+")
            await pilot.press("enter")
            await pilot.pause()


async def test_loss_and_data_and_the_views_that_run_the_network_are_covered(session_of: Any) -> None:
    for size in SIZES:
        session = session_of("xor")
        async with predicting(session, size) as (pilot, screen):
            text = shown(pilot)
            for title in ("─ Loss", "─ Data", "─ Gradients"):
                assert title not in text
            assert "Predict the next number" in text
            assert screen.training.view.chain == "op"


async def test_a_wrong_sign_is_explained_and_a_wrong_number_measured(session_of: Any) -> None:
    session = session_of("first-steps")
    session.seek(7)
    async with predicting(session) as (pilot, screen):
        # dZ⁽²⁾ = −0.232629 · 0.178513 = −0.041527.
        await guess(pilot, "+")
        text = compact(shown(pilot))
        assert "✗wrong:itisnegative" in text
        assert compact("one negative factor, so the product is negative") in text
        await pilot.press("left")
        await pilot.pause()
        assert session.count == 7
        await guess(pilot, "-0.083")
        assert compact("too large by a factor of 2") in compact(shown(pilot))
        await pilot.press("left")
        await pilot.pause()
        await guess(pilot, "-0.04")
        assert compact("right, to the digit typed") in compact(shown(pilot))
        assert screen.score == Score(1, 3, 1, 1)


async def test_what_is_no_guess_is_not_counted(session_of: Any) -> None:
    async with predicting(session_of("first-steps")) as (pilot, screen):
        await guess(pilot, "what")
        assert "expected a number" in shown(pilot)
        assert "= ?" in shown(pilot)
        assert screen.score == Score()
        await guess(pilot, "0.625")
        assert "expected a number" not in shown(pilot)
        assert screen.score == Score(1, 1, 1, 1)


async def test_after_what_is_no_guess_one_types_a_new_one(session_of: Any) -> None:
    async with predicting(session_of("first-steps")) as (pilot, screen):
        await pilot.press(*"what", "enter", *"0.625", "enter")
        await pilot.pause()
        assert screen.score == Score(1, 1, 1, 1)


async def test_in_the_field_the_arrows_move_the_cursor(session_of: Any) -> None:
    session = session_of("first-steps")
    async with predicting(session) as (pilot, screen):
        await pilot.press("7", "left", "1")
        assert screen.query_one(Input).value == "17"
        assert session.count == 0


async def test_from_the_last_op_the_next_step_is_asked_for_and_leaving_stays_there(session_of: Any) -> None:
    session = session_of("first-steps")
    session.seek(session.timeline.finish_of(1) - 1)
    async with predicting(session) as (pilot, screen):
        assert session.count == session.timeline.finish_of(1)
        assert "step 2" in shown(pilot)
        training = screen.training
        await guess(pilot, "+")
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen is training
        assert session.count == session.timeline.finish_of(1) + 2


async def test_pane_and_view_of_the_chain_rule_are_as_before_when_the_mode_is_left(session_of: Any) -> None:
    session = session_of("first-steps")
    app = BackpropApp(AppRequest(), session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        training = app.screen
        assert isinstance(training, TrainingScreen)
        training.view.chain = "path"
        await pilot.press("shift+tab", "z", "p")
        assert isinstance(app.screen, PredictScreen)
        assert (training.current, training.maximised, training.view.chain) == ("chain-rule", False, "op")
        await pilot.press("p")
        assert app.screen is training
        assert (training.current, training.maximised, training.view.chain) == ("weights", True, "path")
        assert [name for name in training.panes if training.pane(name).display] == ["weights"]


async def test_a_remote_leads_to_the_next_question_and_back_where_all_is_in_sight() -> None:
    async with predicting(Session(*random_walks.loaded("first-steps")), (120, 36)) as (pilot, screen):
        begin = screen.training.session.count
        await pilot.press("pagedown")
        assert (screen.verdict, screen.training.session.count) == (None, begin)
        await guess(pilot, "1")
        assert screen.verdict is not None
        after = screen.training.session.count
        await pilot.press("pageup")
        assert (screen.verdict, screen.training.session.count) == (None, begin)
        await guess(pilot, "1")
        await pilot.press("pagedown")
        await pilot.pause()
        assert (screen.verdict, screen.training.session.count) == (None, after)


@pytest.mark.parametrize("name", ["digits", "everything"])
async def test_long_sums_can_be_scrolled_and_ascii_is_ascii(name: str) -> None:
    session = Session(*random_walks.loaded(name))
    async with predicting(session, (80, 24), ascii=True) as (pilot, _):
        for _ in range(4):
            assert shown(pilot).isascii()
            await guess(pilot, "+")
            assert shown(pilot).isascii()
            if "more lines" in (before := shown(pilot)):
                await pilot.press("pagedown")
                await pilot.pause()
                assert shown(pilot) != before
                await pilot.press("pageup")
                await pilot.pause()
                assert shown(pilot) == before
                await pilot.press(*["down"] * 20)
                await pilot.pause()
                assert "more lines" not in shown(pilot)
            await pilot.press("enter")
            await pilot.pause()
