"""The list of breakpoints: add, on and off, another number, delete; and what each means."""

from collections.abc import Callable
from itertools import product

import pytest

from backprop_tui.core.inquiry.breakpoints import KINDS, Breakpoint
from backprop_tui.core.session.session import Session
from backprop_tui.tui.pages.breakpoints import BreakpointsScreen

from ...share import share
from ..tool_pilot import AppPilot, opened, text_of, type_in, window

Sessions = Callable[..., Session]


def unbroken(text: str) -> str:
    return " ".join(text.split())


async def add(pilot: AppPilot, kind: str) -> None:
    """Choose a kind from the list of all."""
    await pilot.press(*["down"] * list(KINDS).index(kind), "enter")
    await pilot.pause()


async def test_without_any_all_kinds_are_offered_and_explained(session_of: Sessions) -> None:
    async with opened(BreakpointsScreen, session_of("xor")) as (pilot, screen):
        text = unbroken(text_of(screen))
        for kind in KINDS.values():
            assert kind.title in text
            assert unbroken(kind.explanation) in text
        await pilot.press("escape")
        assert pilot.app.screen is screen.training
        assert screen.view.breakpoints == ()


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_can_be_added(session_of: Sessions, kind: str) -> None:
    async with opened(BreakpointsScreen, session_of("xor")) as (pilot, screen):
        await add(pilot, kind)
        if KINDS[kind].default is not None:
            await type_in(pilot, "0.25")
            assert screen.view.breakpoints == (Breakpoint(kind, 0.25),)
        else:
            assert screen.view.breakpoints == (Breakpoint(kind),)
        text = unbroken(text_of(screen))
        assert f"on {screen.view.breakpoints[0].text()}" in text
        assert unbroken(KINDS[kind].explanation) in text


async def test_enter_turns_one_on_and_off_and_d_deletes_it(session_of: Sessions) -> None:
    async with opened(BreakpointsScreen, session_of("xor")) as (pilot, screen):
        await add(pilot, "loss_rises")
        await pilot.press("a")
        await add(pilot, "not_finite")
        assert [breakpoint.kind for breakpoint in screen.view.breakpoints] == ["loss_rises", "not_finite"]
        assert screen.chosen == 1
        await pilot.press("enter")
        assert [breakpoint.enabled for breakpoint in screen.view.breakpoints] == [True, False]
        assert "off value not finite" in text_of(screen)
        await pilot.press("enter", "up", "d")
        assert screen.view.breakpoints == (Breakpoint("not_finite"),)
        await pilot.press("d")
        assert screen.view.breakpoints == ()
        assert "a adds one" in text_of(screen)
        await pilot.press("enter", "d", "n")


async def test_a_number_can_be_changed_and_a_wrong_one_says_what_is_wrong(session_of: Sessions) -> None:
    async with opened(BreakpointsScreen, session_of("xor")) as (pilot, screen):
        await add(pilot, "accuracy_reaches")
        await type_in(pilot, "1.5")
        assert screen.view.breakpoints == ()
        assert "at most 1" in unbroken(text_of(screen))
        await pilot.press("enter")
        await type_in(pilot, "a lot")
        assert "expected a number" in unbroken(text_of(screen))
        await pilot.press("enter")
        await type_in(pilot, "0.8")
        await pilot.press("n")
        await type_in(pilot, "0.7")
        assert screen.view.breakpoints == (Breakpoint("accuracy_reaches", 0.7),)


async def test_the_same_one_stands_in_the_list_once(session_of: Sessions) -> None:
    async with opened(BreakpointsScreen, session_of("xor")) as (pilot, screen):
        for _ in range(2):
            await add(pilot, "loss_rises")
            await pilot.press("a")
        await pilot.press("escape")
        assert screen.view.breakpoints == (Breakpoint("loss_rises"),)


async def test_what_cannot_come_about_in_this_run_says_so(session_of: Sessions) -> None:
    async with opened(BreakpointsScreen, session_of("xor")) as (_, screen):
        assert "no layer has relu" in text_of(screen)
        assert "weight changes sign" in text_of(screen)
        assert "W1[1,1]" in text_of(screen)


@pytest.mark.parametrize(
    ("size", "ascii"),
    share(
        [((80, 24), True), ((200, 50), False), ((40, 12), False)],
        [*product([(80, 24), (120, 36), (200, 50), (40, 12)], [False, True])],
    ),
)
async def test_the_chosen_kind_is_in_view_with_its_meaning(
    session_of: Sessions, size: tuple[int, int], ascii: bool
) -> None:
    async with opened(BreakpointsScreen, session_of("xor"), size, ascii=ascii) as (pilot, screen):
        for kind in KINDS.values():
            shown = window(screen)
            assert any(line.startswith(("@", "▸")) and kind.title[:12] in line for line in shown)
            assert kind.explanation.split()[-1] in " ".join(shown)
            assert all(line.isascii() for line in shown) or not ascii
            await pilot.press("down")
