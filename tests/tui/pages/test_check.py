"""The screen of the gradient check: its numbers are the core's, and it disturbs nothing."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.proof.check_verdict import CheckResult
from backprop_tui.core.proof.gradient_check import CURVE_STEPS, GradientCheck
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.rehearsal import Rehearsal
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.pages.check import CheckScreen
from backprop_tui.tui.training_screen import TrainingScreen

from ..tool_pilot import opened, text_of, until, window

Sessions = Callable[..., Session]
LOOK = Look()


def result_of(session: Session) -> CheckResult:
    check = GradientCheck(session.rehearse())
    check.advance()
    return check.result()


def finished(screen: CheckScreen) -> Callable[[], bool]:
    return lambda: screen.check is not None and screen.check.done and screen.result is not None


async def test_it_shows_the_verdict_and_every_array_as_the_core_found_them(session_of: Sessions) -> None:
    session = session_of("first-steps")
    expected = result_of(session)
    async with opened(CheckScreen, session) as (_, screen):
        await until(finished(screen))
        text = text_of(screen)
        assert "PASSED  all 9 entries; batch of 1" in text
        for parameter in expected.parameters:
            row = next(line for line in text.split("\n") if line.startswith(f" {parameter.name} "))
            assert f"{parameter.checked} of {parameter.total}" in row
            assert format_number(parameter.relative_error, 8, 2) in row
            assert parameter.worst.band in row
        assert expected.worst is not None
        assert f"worst: {expected.worst.name}" in text
        assert format_number(expected.worst.analytic, 18, 10) in text
        assert "Bands of CS231n" in text


async def test_the_number_in_the_spotlight_comes_first(session_of: Sessions) -> None:
    session = session_of("first-steps", changes={"view": {"spotlight": "W2[1,2]"}})
    expected = next(entry for entry in result_of(session).entries if entry.name == "W2[1,2]")
    async with opened(CheckScreen, session) as (_, screen):
        await until(lambda: screen.spotlight is not None)
        lines = window(screen)
        place = next(i for i, line in enumerate(lines) if "W2[1,2] in the spotlight" in line)
        assert "passed" in lines[place]
        assert format_number(expected.analytic, 18, 10) in lines[place + 1]
        assert format_number(expected.numeric, 18, 10) in lines[place + 1]
        assert format_number(expected.relative_error, 9, 3) in lines[place + 2]


async def test_time_moves_and_the_check_starts_again(session_of: Sessions) -> None:
    session = session_of("first-steps", changes={"view": {"unit": "step"}})
    async with opened(CheckScreen, session) as (pilot, screen):
        await until(finished(screen))
        before = screen.result
        await pilot.press("right")
        await until(lambda: finished(screen)() and screen.result is not before)
        assert session.step == 1
        assert screen.result is not None
        assert screen.result.loss == result_of(session).loss
        await pilot.press("left")
        await until(lambda: finished(screen)() and session.count == 0)
        assert before is not None
        assert screen.result.loss == before.loss


async def test_enter_shows_the_errors_against_h_and_escape_comes_back(session_of: Sessions) -> None:
    async with opened(CheckScreen, session_of("first-steps")) as (pilot, screen):
        await until(finished(screen))
        await pilot.press("down", "down", "down", "enter")
        await until(lambda: len(screen.curve) == len(CURVE_STEPS))
        assert screen.opened is not None
        assert screen.opened.entry.array == "W2"
        text = text_of(screen)
        for point in screen.curve:
            assert format_number(point.numeric, 18, 10) in text
        assert text.count("truncation") >= 2
        assert text.count("the least") == 1
        await pilot.press("escape")
        assert screen.opened is None
        assert screen.is_current
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, TrainingScreen)


async def test_the_spotlight_has_errors_against_h_too(session_of: Sessions) -> None:
    async with opened(CheckScreen, session_of("first-steps")) as (pilot, screen):
        await until(finished(screen))
        await pilot.press("enter")
        assert screen.opened is not None
        assert screen.opened.name == "W1[1,1]"


async def test_a_broken_gradient_is_said_in_words(session_of: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    true = Rehearsal.backward

    def broken(rehearsal: Rehearsal) -> Any:
        gradient = true(rehearsal)
        gradient[0] *= 1.5
        return gradient

    monkeypatch.setattr(Rehearsal, "backward", broken)
    async with opened(CheckScreen, session_of("first-steps"), ascii=True) as (pilot, screen):
        await until(finished(screen))
        text = text_of(screen)
        assert "FAILED" in text
        assert "Failed: W1[1,1]" in text
        assert "probably wrong" in text
        assert text.isascii()
        await pilot.press("enter")
        await until(lambda: len(screen.curve) == len(CURVE_STEPS))
        assert "not to be explained" in text_of(screen)


async def test_a_kink_is_named(session_of: Sessions) -> None:
    """One relu unit with Z = 0 exactly: W1[1,1] = 0 on the input 1."""
    layers = [
        {"units": 1, "activation": "relu", "weights": [[0.0]], "biases": [0.0]},
        {"units": 1, "activation": "identity", "weights": [[1.0]], "biases": [0.5]},
    ]
    table = {"title": "Kink", "data": {"kind": "inline", "inputs": [[1.0]], "targets": [[0.0]]}, "layers": layers}
    async with opened(CheckScreen, session_of(table)) as (_, screen):
        await until(finished(screen))
        text = text_of(screen)
        assert "at a kink" in text
        assert "At a kink: W1[1,1], b1[1]" in " ".join(text.split())


async def test_what_is_too_small_to_tell_is_said(session_of: Sessions) -> None:
    async with opened(CheckScreen, session_of("vanishing"), (120, 36)) as (_, screen):
        await until(finished(screen))
        assert screen.result is not None
        assert screen.result.below_resolution > 0
        assert "Below the resolution of the check:" in text_of(screen)


async def test_a_sample_is_said_and_it_can_be_left_in_the_middle(session_of: Sessions) -> None:
    session = session_of("digits")
    async with opened(CheckScreen, session) as (pilot, screen):
        await until(lambda: screen.result is not None)
        assert screen.check is not None
        assert not screen.check.done
        assert "of 2,000 entries" in text_of(screen)
        check = screen.check
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, TrainingScreen)
        done = check.progress
        await pilot.pause(0.1)
        assert check.progress == done
        assert not [worker for worker in pilot.app.workers if worker.group in ("check", "curve")]


async def test_the_run_after_it_is_the_run_without_it(session_of: Sessions) -> None:
    other, session = session_of("spiral"), session_of("spiral")
    for one in (other, session):
        one.seek(one.timeline.finish_of(3) + 4)
    async with opened(CheckScreen, session) as (pilot, screen):
        await until(finished(screen))
        await pilot.press("enter")
        await until(lambda: len(screen.curve) == len(CURVE_STEPS))
        await pilot.press("escape", "escape")
    assert session.count == other.count
    for one in (other, session):
        one.seek(one.timeline.finish_of(8))
    assert session.trainer.state.vectors.tobytes() == other.trainer.state.vectors.tobytes()
    np.testing.assert_array_equal(session.trainer.gradient, other.trainer.gradient)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50), (40, 12)])
async def test_it_fits_at_every_size(session_of: Sessions, size: tuple[int, int]) -> None:
    async with opened(CheckScreen, session_of("xor"), size) as (pilot, screen):
        await until(finished(screen))
        for _ in range(5):
            assert all(len(line) <= size[0] for line in window(screen))
            await pilot.press("down")


async def test_the_last_choice_brings_the_end_of_the_page_into_view(session_of: Sessions) -> None:
    async with opened(CheckScreen, session_of("first-steps"), (80, 20)) as (pilot, screen):
        await until(finished(screen))
        assert text_of(screen).split("\n")[-1] not in window(screen)
        await pilot.press("up")
        assert screen.chosen == screen.choices() - 1
        assert text_of(screen).split("\n")[-1] in window(screen)
        await pilot.press("down")
        assert text_of(screen).split("\n")[0] in window(screen)
