"""What goes wrong in a pane, a page or the trainer is one line there; the rest goes on, and the run is kept."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual import events
from textual.geometry import Size
from textual.widgets import Input, OptionList

from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.writer import Writer
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.walk import Walk
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.chain_rule.pane import ChainRulePane
from backprop_tui.tui.containment import MOST, PanicError
from backprop_tui.tui.help_pages import tool_pages
from backprop_tui.tui.lesson.help_screen import HelpScreen
from backprop_tui.tui.lesson.pane import LessonPane
from backprop_tui.tui.pages.breakpoints import BreakpointsScreen
from backprop_tui.tui.pages.check import CheckScreen
from backprop_tui.tui.pages.gallery import GalleryScreen
from backprop_tui.tui.pages.predict import PredictScreen, QuestionPane
from backprop_tui.tui.pages.prompt import Prompt
from backprop_tui.tui.panes.data import DataPane
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.panes.loss import LossPane
from backprop_tui.tui.recording.panes import (
    RecordedChainRule,
    RecordedData,
    RecordedGradients,
    RecordedLoss,
    RecordedPane,
    RecordedWeights,
)
from backprop_tui.tui.recording.screen import RecordedScreen
from backprop_tui.tui.running.playback import SPEEDS
from backprop_tui.tui.settings.pane import SettingsPane
from backprop_tui.tui.training_screen import TrainingScreen

from .fault_pilot import PANES, fail, fail_later, goes_on, running, text_in, training
from .run_pilot import until

Reports = Callable[[], list[str]]
Patch = pytest.MonkeyPatch
PAGES = {
    "compare": "c",
    "diagnosis": "d",
    "statistics": "t",
    "breakpoints": "b",
    "predict": "p",
    "gradient check": "g",
    "alternatives": "",
    "source": "s",
    "share": "C",
}
"""The pages over the panes, and the key of each; one is in the palette alone."""


@pytest.fixture(autouse=True)
def unpainted() -> None:
    """Each frame is painted here: that may fail as well."""


# In a pane


@pytest.mark.parametrize("kind", PANES)
async def test_a_pane_that_cannot_be_drawn_says_so_and_all_others_go_on(
    kind: type, monkeypatch: Patch, reports: Reports
) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        with monkeypatch.context() as patch:
            patch.setattr(kind, "draw", fail)
            for _ in range(5):
                await pilot.press("right")
            for pane in map(screen.query_one, PANES):
                said = "".join(strip.text.strip() for strip in pane.lines).replace(" ", "")
                assert ("notdrawn:LookupError:putinbythetest(report:" in said) == isinstance(pane, kind), said
            assert screen.session.step == 5
        (report,) = reports()
        assert "put in by the test" in report
        assert screen.query_one(kind).heading in report
        screen.show_all()
        await goes_on(pilot, app)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (LossPane, "loss.loss_plot"),
        (LossPane, "loss.loss_picture"),
        (DataPane, "data.data_lines"),
        (DataPane, "plane.marks_of"),
        (DataPane, "plane.points"),
        (DataPane, "plane_lines.answer_bar"),
    ],
)
async def test_nothing_that_is_half_made_is_shown_when_a_pane_can_be_drawn_again(
    kind: type[Drawn], name: str, monkeypatch: Patch, reports: Reports
) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        pane = screen.query_one(kind)
        with monkeypatch.context() as patch:
            patch.setattr(f"backprop_tui.tui.panes.{name}", fail)
            for _ in range(2):
                await pilot.press("right")
                # What is kept of it is for the same width and look.
                app.post_message(events.Resize(Size(118, 36), Size(118, 36)))
                await pilot.pause()
            if name != "plane_lines.answer_bar" and name != "plane.marks_of":
                assert "not drawn: LookupError" in text_in(pane)
        pane.update()
        found = text_in(pane)
        assert "not drawn" not in found
        await pilot.press("left", "right")
        assert text_in(pane) == found


@pytest.mark.parametrize("name", ["wrap", "line", "style", "report_text"])
async def test_where_what_tells_of_a_fault_fails_too_the_run_stays(
    name: str, monkeypatch: Patch, reports: Reports
) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        with monkeypatch.context() as patch:
            patch.setattr(LossPane, "draw", fail)
            if name == "report_text":
                patch.setattr("backprop_tui.tui.command_line.fault_report.report_text", fail)
            else:
                patch.setattr(f"backprop_tui.tui.panes.drawn.{name}", fail)
            await pilot.press("right", "right")
            assert screen.session.step == 2
            if name in ("line", "style"):
                assert "not drawn: LookupError: put in by the test" in text_in(screen.query_one(LossPane))
        app.failures = 0
        screen.show_all()
        await goes_on(pilot, app)


@pytest.mark.parametrize("method", ["on_click", "on_mouse_scroll_down", "move", "activate"])
async def test_a_pane_that_cannot_answer_goes_on_answering(method: str, monkeypatch: Patch, reports: Reports) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        with monkeypatch.context() as patch:
            patch.setattr(ChainRulePane, method, fail, raising=False)
            for _ in range(2):
                await pilot.press("down", "enter")
                await pilot.click(ChainRulePane, offset=(5, 5))
                await pilot._post_mouse_events([events.MouseScrollDown], ChainRulePane, (5, 5))
            await until(lambda: "stopped: LookupError" in screen.notice)
        assert len(reports()) == 1
        await pilot.click(LossPane)
        assert screen.current == "loss"
        await pilot.click(ChainRulePane)
        assert screen.current == "chain-rule"
        await goes_on(pilot, app)


@pytest.mark.parametrize("key", ["e", "i"])
async def test_what_stands_beside_the_panes_says_so_and_the_panes_go_on(
    key: str, monkeypatch: Patch, reports: Reports
) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        kind = SettingsPane if key == "e" else LessonPane
        with monkeypatch.context() as patch:
            patch.setattr(kind, "draw", fail)
            await pilot.press(key)
            await until(lambda: bool(screen.query(kind)))
            pane: Drawn = screen.query_one(kind)
            await until(lambda: "not drawn: LookupError" in text_in(pane))
            assert not any("not drawn" in text_in(screen.query_one(other)) for other in PANES)
        screen.show_all()
        assert "not drawn" not in text_in(pane)
        await pilot.press("escape", "escape")
        await goes_on(pilot, app)


@pytest.mark.parametrize("kind", [RecordedWeights, RecordedChainRule, RecordedLoss, RecordedGradients, RecordedData])
async def test_a_pane_of_a_recording_says_so_and_all_others_go_on(
    kind: type[RecordedPane], monkeypatch: Patch, reports: Reports, tmp_path: Path
) -> None:
    with Writer.create(tmp_path / "a.backprop", "arrays", {"title": "mine"}) as writer:
        writer.add_losses([3.0, 2.0, 1.0])
        for step in (1, 3):
            writer.keep(step, 0.5, {}, {"θ/W1": np.ones((2, 2)) * step})
    app = BackpropApp(AppRequest(), recording=open_recording(tmp_path / "a.backprop"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, RecordedScreen)
        with monkeypatch.context() as patch:
            patch.setattr(kind, "lines_of", fail)
            await pilot.press("home")
            for pane in screen.query(RecordedPane):
                assert ("not drawn: LookupError" in text_in(pane)) == isinstance(pane, kind)
        await pilot.press("right")
        assert screen.kept.place == 2
        assert not any("not drawn" in text_in(pane) for pane in screen.query(RecordedPane))


# In the trainer


@pytest.mark.parametrize("speed", [SPEEDS.index(4), SPEEDS.index(125), len(SPEEDS)])
async def test_where_training_fails_it_pauses_says_so_and_keeps_the_run(
    speed: int, monkeypatch: Patch, reports: Reports
) -> None:
    batches = Walk.batches

    def failing(walk: Walk) -> Any:
        for plan in batches(walk):
            if walk.trainer.state.step == 3:
                # In the middle of the step, whether it is gone through whole or op by op.
                walk.calls[plan] = (*walk.calls[plan][:4], fail)
                walk.programs[plan] = (*walk.programs[plan][:4], (fail, None))
            yield plan

    async with running("xor") as (pilot, app):
        screen = training(app)
        await pilot.press("4", "right", "right")
        await until(lambda: screen.session.step == 2)
        with monkeypatch.context() as patch:
            patch.setattr(Walk, "batches", failing)
            await pilot.press("left", "right")
            screen.view.speed = speed
            await pilot.press("space")
            await until(lambda: not screen.playback.running)
            assert "stopped: LookupError: put in by the test" in screen.notice
            assert "LookupError" in "".join(strip.text for strip in screen.query_one("#counters").lines)
            assert 2 <= screen.session.step <= 3
            # It can be tried again, and says the same again.
            screen.notice = ""
            await pilot.press("4", "right", "right")
            await until(lambda: "LookupError" in screen.notice)
        await pilot.press("left", "home", "end")
        await pilot.press("4", "right", "right", "right")
        await until(lambda: screen.session.step >= 5)
        straight = Session(screen.session.preset, screen.session.dataset, screen.session.seed)
        straight.seek(screen.session.count)
        assert straight.trainer.state == screen.session.trainer.state
        await goes_on(pilot, app)


async def test_where_a_journey_in_the_background_fails_it_stops_there(monkeypatch: Patch, reports: Reports) -> None:
    async with running("spiral") as (pilot, app):
        screen = training(app)
        approach, calls = Session.approach, iter(range(10**6))
        with monkeypatch.context() as patch:
            patch.setattr(Session, "approach", lambda *to: approach(*to) if next(calls) < 3 else fail())
            await pilot.press("colon", *"9999999", "enter")
            await until(lambda: "stopped: LookupError" in screen.notice)
        assert screen.travelling is None
        assert screen.session.count > 0
        await goes_on(pilot, app)


# In a page


async def test_every_page_that_cannot_be_drawn_says_so_and_closes(monkeypatch: Patch, reports: Reports) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        for name, key in PAGES.items():
            page = tool_pages()[name]
            drawing = (QuestionPane, "draw") if page is PredictScreen else (page, "lines")
            with monkeypatch.context() as patch:
                patch.setattr(*drawing, fail)
                if key:
                    await pilot.press(key)
                else:
                    await screen.run_action("tool('estimate')")
                await until(lambda page=page: isinstance(app.screen, page))
                # Whatever it draws says so, or the page is closed where it cannot even do that.
                await until(
                    lambda: bool(screen.notice) or any("not drawn" in text_in(p) for p in app.screen.query(Drawn))
                )
                if app.screen is not screen:
                    await pilot.press("escape")
            await until(lambda: app.screen is screen)
        assert {report.splitlines()[-1] for report in reports()} == {"LookupError: put in by the test"}
        await goes_on(pilot, app)


def test_all_pages_are_among_them() -> None:
    assert set(PAGES) == set(tool_pages())


@pytest.mark.parametrize("method", ["lines", "hints", "first_line"])
async def test_a_page_that_cannot_be_drawn_says_so_and_closes(
    method: str, monkeypatch: Patch, reports: Reports
) -> None:
    async with running("xor") as (pilot, app):
        with monkeypatch.context() as patch:
            patch.setattr(BreakpointsScreen, method, fail)
            await pilot.press("b", "down")
            assert isinstance(app.screen, BreakpointsScreen)
            assert "not drawn: LookupError" in app.screen.sheet.lines[0].text
            await pilot.press("escape")
        await goes_on(pilot, app)


@pytest.mark.parametrize(
    ("method", "keys"),
    [
        ("__init__", ""),
        ("compose", ""),
        ("on_mount", ""),
        ("choices", "down"),
        ("activate", "enter"),
        ("action_add", "a"),
    ],
)
async def test_a_page_that_fails_is_closed_with_one_line(
    method: str, keys: str, monkeypatch: Patch, reports: Reports
) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        with monkeypatch.context() as patch:
            patch.setattr(BreakpointsScreen, method, fail)
            await pilot.press("b", *([keys] if keys else []))
            await until(lambda: app.screen is screen)
            assert "LookupError: put in by the test (report: " in screen.notice
            # A key and a drawing may both come to what fails, each from a place of its own.
            assert 1 <= len(reports()) <= 2
        await goes_on(pilot, app)


async def test_a_page_whose_work_in_the_background_fails_is_closed(monkeypatch: Patch, reports: Reports) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        with monkeypatch.context() as patch:
            patch.setattr("backprop_tui.tui.pages.check.check_entry", fail)
            await pilot.press("g")
            await until(lambda: bool(reports()) and app.screen is screen)
        assert "page closed: LookupError" in screen.notice
        await pilot.press("g")
        assert isinstance(app.screen, CheckScreen)
        await pilot.press("g")
        await goes_on(pilot, app)


@pytest.mark.parametrize("how", ["set_timer", "call_later", "call_after_refresh", "call_next"])
async def test_what_a_page_left_to_be_done_later_closes_it_too(how: str, monkeypatch: Patch, reports: Reports) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        await pilot.press("t")
        page = app.screen
        assert page is not screen
        page.set_timer(0.01, fail) if how == "set_timer" else getattr(page, how)(fail)
        await until(lambda: app.screen is screen)
        assert "page closed: LookupError" in screen.notice
        await goes_on(pilot, app)


@pytest.mark.parametrize("handler", ["_on_key", "render_line", "_on_paste"])
async def test_a_fault_of_a_text_field_closes_its_prompt(handler: str, monkeypatch: Patch, reports: Reports) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        with monkeypatch.context() as patch:
            patch.setattr(Input, handler, fail if handler == "render_line" else fail_later)
            await pilot.press("x")
            app.post_message(events.Paste("h"))
            # A key that does nothing where the page has closed already.
            await pilot.press("h")
            await until(lambda: app.screen is screen)
            assert "page closed: LookupError" in screen.notice
        await pilot.press("x")
        assert isinstance(app.screen, Prompt)
        await pilot.press("escape")
        await goes_on(pilot, app)


async def test_what_stands_over_a_page_that_fails_is_closed_with_it(monkeypatch: Patch, reports: Reports) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        await pilot.press("b")
        page = app.screen
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        page.call_later(fail)
        await until(lambda: app.screen is screen)
        await goes_on(pilot, app)


async def test_a_prediction_that_fails_leaves_the_view_of_the_chain_rule(monkeypatch: Patch, reports: Reports) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        await pilot.press("v")
        chain = screen.view.chain
        await pilot.press("p")
        assert screen.view.chain != chain
        app.screen.call_later(fail)
        await until(lambda: app.screen is screen)
        assert screen.view.chain == chain


@pytest.mark.parametrize("key", ["p", "b"])
async def test_a_page_is_left_whatever_fails_in_leaving_it(key: str, monkeypatch: Patch, reports: Reports) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        for how in ("by a key", "after a fault"):
            await pilot.press(key)
            page = app.screen
            with monkeypatch.context() as patch:
                patch.setattr(type(page), "put_right", fail)
                screen.notice = ""
                if how == "by a key":
                    await pilot.press("escape")
                else:
                    page.call_later(fail)
                await until(lambda: app.screen is screen)
                await until(lambda: "page closed: LookupError: put in by the test (report: " in screen.notice)
        await goes_on(pilot, app)


# In the gallery


async def test_a_gallery_that_fails_is_opened_anew_and_says_so(monkeypatch: Patch, reports: Reports) -> None:
    async with running(None) as (pilot, app):
        first = app.screen
        with monkeypatch.context() as patch:
            patch.setattr(OptionList, "action_cursor_down", fail)
            await pilot.press("down")
        await until(lambda: app.screen is not first)
        assert isinstance(app.screen, GalleryScreen)
        await until(lambda: "LookupError" in app.screen.problem_line.content)  # type: ignore[attr-defined]
        await pilot.press(*"xor", "enter")
        await until(lambda: isinstance(app.screen, TrainingScreen))
        await goes_on(pilot, app)


async def test_a_gallery_over_a_run_leads_back_to_the_run(monkeypatch: Patch, reports: Reports) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        await pilot.press("o")
        app.screen.call_later(fail)
        await until(lambda: app.screen is screen)
        await goes_on(pilot, app)


# Where it cannot go on


async def test_what_is_chosen_while_the_app_is_being_left_is_nothing_that_failed(reports: Reports) -> None:
    app = BackpropApp(AppRequest(), None)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, GalleryScreen)
        app.call_next(app.open_chosen, "xor")
        app.exit(return_code=0)
        app._screen_stacks["_default"].clear()
        await app._flush_next_callbacks()
    assert (app.return_code, app.ended_by, reports()) == (0, "", [])


async def ended(by: Callable[[BackpropApp], object]) -> BackpropApp:
    """An app that was ended by what a function does to it."""
    app = BackpropApp(AppRequest("xor"))
    with pytest.raises((LookupError, PanicError), match="put in by the test"):
        await run_and(app, by)
    assert app.return_code == 1
    assert "put in by the test" in app.ended_by
    return app


async def run_and(app: BackpropApp, by: Callable[[BackpropApp], object]) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        by(app)
        await until(lambda: bool(app.ended_by))


async def test_what_fails_again_and_again_by_itself_ends_it(reports: Reports) -> None:
    await ended(lambda app: app.screen.set_interval(0.001, fail))
    assert len(reports()) == 1


async def test_what_is_done_again_and_again_is_not_done_any_more_where_it_fails(reports: Reports) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        timers = [screen.every(0.001, fail), screen.query_one(LossPane).every(0.001, fail)]
        await until(lambda: all(timer._task is None for timer in timers))
        assert "stopped: LookupError: put in by the test (report: " in screen.notice
        assert app.failures == 2
        await goes_on(pilot, app)


@pytest.mark.parametrize("key", ["L", "."])
async def test_what_cannot_be_worked_out_is_not_begun_again_and_again(
    key: str, monkeypatch: Patch, reports: Reports
) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        pane = screen.query_one(LossPane)
        with monkeypatch.context() as patch:
            patch.setattr(LossPane, "work_out", fail_later)
            if key == ".":
                # As if many steps were known as one.
                patch.setattr(LossPane, "losses_wanted", lambda *_: object())
            await pilot.press(*["4", "right", "right", "1", "tab", "tab"], *[key] * (key == "L"))
            await until(lambda: "stopped: LookupError: put in by the test" in screen.notice)
            for _ in range(2 * MOST):
                pane.update()
                await asyncio.sleep(0)
        assert app.failures <= 3
        assert len(reports()) == 1
        await goes_on(pilot, app)
        assert not pane.at_work
        await until(lambda: pane.landscape_wanted() is None)


async def test_what_fails_at_every_key_does_not(monkeypatch: Patch, reports: Reports) -> None:
    async with running("xor") as (pilot, app):
        with monkeypatch.context() as patch:
            patch.setattr(TrainingScreen, "action_log_axis", fail)
            await pilot.press(*["l"] * (2 * MOST))
        await goes_on(pilot, app)


async def test_a_panic_of_textual_ends_it(reports: Reports) -> None:
    await ended(lambda app: app.panic("put in by the test"))
    assert len(reports()) == 1
