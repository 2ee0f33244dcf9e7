"""Every key, and every line of keys: where what it does fails, one line says so, and the rest goes on."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.binding import Binding

from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.writer import Writer
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.help_pages import tool_pages
from backprop_tui.tui.pages.gallery import GalleryScreen
from backprop_tui.tui.pages.predict import PredictScreen
from backprop_tui.tui.pages.tool_screen import ToolScreen
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.recording.screen import RecordedScreen
from backprop_tui.tui.training_screen import TrainingScreen

from .fault_pilot import fail, goes_on, running, text_in, training
from .run_pilot import until
from .test_containment import PAGES, Patch, Reports

SAID = "LookupError: put in by the test (report: "


def acts_of(screen: Any) -> dict[str, str]:
    """A key for each act of a screen, by the name of the method that does it."""
    keys: dict[str, str] = {}
    for binding in screen.BINDINGS:
        assert isinstance(binding, Binding)
        keys.setdefault(f"action_{binding.action.partition('(')[0]}", binding.key.split(",")[0])
    return {method: key for method, key in keys.items() if hasattr(screen, method)}


async def test_every_key_of_a_run_that_fails_says_so(monkeypatch: Patch, reports: Reports) -> None:
    acts = acts_of(TrainingScreen)
    assert len(acts) > 40
    async with running("xor") as (pilot, app):
        screen = training(app)
        for method, key in acts.items():
            screen.notice = ""
            with monkeypatch.context() as patch:
                patch.setattr(TrainingScreen, method, fail)
                await pilot.press(key)
                await until(lambda: f"stopped: {SAID}" in screen.notice)
            assert app.screen is screen, method
        # A report for each place that something failed at.
        assert reports()
        await goes_on(pilot, app)


async def test_every_key_of_a_recording_that_fails_says_so(
    monkeypatch: Patch, reports: Reports, tmp_path: Path
) -> None:
    with Writer.create(tmp_path / "a.backprop", "arrays", {"title": "mine"}) as writer:
        writer.add_losses([3.0, 2.0, 1.0])
        for step in (1, 3):
            writer.keep(step, 0.5, {}, {"θ/W1": np.ones((2, 2)) * step})
    app = BackpropApp(AppRequest(), recording=open_recording(tmp_path / "a.backprop"))
    acts = acts_of(RecordedScreen)
    assert len(acts) > 15
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, RecordedScreen)
        for method, key in acts.items():
            screen.notice = ""
            with monkeypatch.context() as patch:
                patch.setattr(RecordedScreen, method, fail)
                await pilot.press(key)
                await until(lambda: SAID in screen.notice)
            assert app.screen is screen, method
        await pilot.press("home", "right")
        assert screen.kept.place == 2


@pytest.mark.parametrize("name", PAGES)
async def test_every_key_of_a_page_that_fails_closes_it_and_says_so(
    name: str, monkeypatch: Patch, reports: Reports
) -> None:
    page = tool_pages()[name]
    own, everywhere = acts_of(page), acts_of(ToolScreen)
    # Those that all pages have are tried on one of them.
    acts = {**everywhere, **own} if name == "breakpoints" else {key: own[key] for key in own if key not in everywhere}
    async with running("xor") as (pilot, app):
        screen = training(app)
        for method, key in acts.items():
            screen.notice = ""
            if PAGES[name]:
                await pilot.press(PAGES[name])
            else:
                await screen.run_action("tool('estimate')")
            await until(lambda: isinstance(app.screen, page))
            with monkeypatch.context() as patch:
                patch.setattr(page, method, fail)
                if page is PredictScreen:
                    # Its text field takes most of the keys.
                    app.screen.call_later(app.screen.run_action, method.removeprefix("action_"))
                else:
                    await pilot.press(key)
                await until(lambda: app.screen is screen)
            assert f"page closed: {SAID}" in screen.notice, method
        await goes_on(pilot, app)


async def test_every_key_of_the_gallery_that_fails_opens_it_anew(monkeypatch: Patch, reports: Reports) -> None:
    acts = acts_of(GalleryScreen)
    assert len(acts) > 4
    async with running(None) as (pilot, app):
        for method, key in acts.items():
            first = app.screen
            with monkeypatch.context() as patch:
                patch.setattr(GalleryScreen, method, fail)
                await pilot.press(key)
                await until(lambda first=first: app.screen is not first)
            gallery = app.screen
            assert isinstance(gallery, GalleryScreen)
            await until(lambda gallery=gallery: SAID in gallery.problem_line.content)


@pytest.mark.parametrize("method", ["status", "counters", "hints", "running_text"])
async def test_a_line_around_the_panes_says_so_and_the_panes_go_on(
    method: str, monkeypatch: Patch, reports: Reports
) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        with monkeypatch.context() as patch:
            patch.setattr(TrainingScreen, method, fail)
            await pilot.press("right")
            assert any("not drawn: LookupError" in text_in(one) for one in screen.query(Drawn))
            assert sum("not drawn" not in text_in(pane) for pane in screen.query(Drawn)) >= 5
            assert screen.session.step == 1
        screen.show_all()
        await goes_on(pilot, app)


async def test_a_palette_that_cannot_be_filled_leaves_the_run(monkeypatch: Patch, reports: Reports) -> None:
    async with running("xor") as (pilot, app):
        screen = training(app)
        with monkeypatch.context() as patch:
            patch.setattr(BackpropApp, "commands_of", fail)
            await pilot.press("ctrl+p", "p", "escape", "escape")
        await until(lambda: app.screen is screen)
        assert SAID in screen.notice
        await goes_on(pilot, app)


IN_THE_BACKGROUND = {
    "lesson: its numbers": ("i", "tui.lesson.text.LessonText.advance", "stopped"),
    "help: the lesson's numbers": ("question_mark", "tui.lesson.text.LessonText.advance", "page closed"),
    "check": ("g", "core.proof.gradient_check.GradientCheck.advance", "page closed"),
    "check: errors against h": ("g down enter", "tui.pages.check.error_curve", "page closed"),
    "compare: playing": ("c space", "core.compare.comparison.Comparison.move", "page closed"),
    "compare: the map": ("c v v v", "core.inquiry.landscape.Landscape.advance", "page closed"),
    "diagnosis: remedies": ("d", "tui.pages.diagnosis.DiagnosisScreen.try_remedies", "page closed"),
    "alternatives": ("tool('estimate')", "core.proof.contest.Contest.advance", "page closed"),
    "loss: the landscape": ("4 right tab tab L", "core.inquiry.landscape.Landscape.advance", "stopped"),
}
"""What is worked out behind a page or a pane, the keys that lead there, and what of it fails."""


@pytest.mark.parametrize("what", IN_THE_BACKGROUND)
async def test_work_in_the_background_that_fails_says_so(what: str, monkeypatch: Patch, reports: Reports) -> None:
    keys, target, said = IN_THE_BACKGROUND[what]
    async with running("xor") as (pilot, app):
        screen = training(app)
        with monkeypatch.context() as patch:
            patch.setattr(f"backprop_tui.{target}", fail)
            if keys.startswith("tool"):
                await screen.run_action(keys)
            else:
                for key in keys.split():
                    await pilot.press(key)
            await until(lambda: f"{said}: {SAID}" in screen.notice)
            assert app.screen is screen
        assert reports()
        await pilot.press("escape")
        await goes_on(pilot, app)
