"""A presenter's remote: page up and page down lead through time, and turn pages where there are some."""

import pytest

from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.pages.tool_screen import ToolScreen
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.settings.pane import SettingsPane

from ..share import share
from .run_pilot import screen_of, text, until


@pytest.mark.parametrize("size", share([(80, 24)], [(80, 24), (120, 36)]))
async def test_page_down_and_page_up_are_one_press_of_the_arrows_wherever_one_looks_at_the_run(
    size: tuple[int, int],
) -> None:
    app = BackpropApp(AppRequest("by-hand"))
    async with app.run_test(size=size) as pilot:
        await until(lambda: bool(app.screen.query("#chain-rule")))
        screen = screen_of(pilot)
        session = screen.session
        for unit in "135":
            await pilot.press("home", unit, "right", "right")
            there = session.count
            await pilot.press("home", "pagedown", "pagedown")
            assert session.count == there
            await pilot.press("right", "pageup")
            assert session.count == there
        for _ in screen.panes:
            await pilot.press("tab", "home", "pagedown")
            assert session.count == session.timeline.after(0, "epoch"), screen.current
            await pilot.press("pageup")
            assert session.count == 0
        # The page of an op scrolls by keys of its own.
        await pilot.press("1", "pagedown", "pagedown", "shift+tab", "tab")
        screen.current = "chain-rule"
        pane, count = screen.pane("chain-rule"), session.count
        pane.focus()
        if text(pilot, "chain-rule").count("more,"):
            await pilot.press("ctrl+d")
            assert pane.first > 0  # type: ignore[attr-defined]
            await pilot.press("ctrl+u")
            assert pane.first == 0  # type: ignore[attr-defined]
        assert session.count == count


async def test_lessons_settings_lists_and_long_views_turn_their_pages() -> None:
    app = BackpropApp(AppRequest("vanishing"))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(lambda: bool(app.screen.query("#chain-rule")))
        screen = screen_of(pilot)
        await pilot.press("4", "right", "i")
        count = screen.session.count
        lesson = screen.query_one("#lesson", Drawn)
        await pilot.press("pagedown")
        assert lesson.first > 0  # type: ignore[attr-defined]
        await pilot.press("pageup", "i", "e", "pagedown")
        assert screen.query_one(SettingsPane).chosen > 0
        await pilot.press("pageup", "e")
        screen.view.chain = "neuron"
        screen.show_all()
        chain = screen.query_one("#chain-rule", Drawn)
        await pilot.press("pagedown")
        assert chain.first > 0  # type: ignore[attr-defined]
        screen.look_at("weights", "op")
        screen.view.weights = "table"
        screen.show_all()
        before = screen.view.spotlight
        await pilot.press("pagedown")
        await until(lambda: screen.view.spotlight != before)
        assert screen.session.count == count


@pytest.mark.parametrize(("key", "height", "longer"), [("b", 60, False), ("s", 24, True)])
async def test_a_page_over_the_panes_turns_where_it_is_long_and_moves_the_run_where_it_is_not(
    key: str, height: int, longer: bool
) -> None:
    app = BackpropApp(AppRequest("xor"))
    async with app.run_test(size=(80, height)) as pilot:
        await until(lambda: bool(app.screen.query("#chain-rule")))
        session = screen_of(pilot).session
        await pilot.press("1", "right", key)
        page = app.screen
        assert isinstance(page, ToolScreen)
        page.update()
        assert page.sheet.longer == longer
        count = session.count
        await pilot.press("pagedown")
        assert session.count == (count if longer else session.timeline.after(count, "op"))
        assert (page.scrolled > 0) == longer
        await pilot.press("pageup")
        assert (session.count, page.scrolled) == (count, 0)


async def test_the_buttons_that_start_and_end_a_show_give_a_pane_the_whole_screen_and_take_it_back() -> None:
    app = BackpropApp(AppRequest("digits-8x8"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: bool(app.screen.query("#chain-rule")))
        screen = screen_of(pilot)
        await pilot.press("4", "right")
        assert "or z for the whole screen" in text(pilot, "chain-rule")
        await pilot.press("f5")
        assert screen.maximised
        await until(lambda: "or ctrl+d for a page" in text(pilot, "chain-rule"))
        await pilot.press("escape")
        assert not screen.maximised
        await pilot.press("shift+f5")
        assert screen.maximised
