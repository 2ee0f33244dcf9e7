"""What is arranged is drawn once, however often it was arranged before, and styled where it has changed."""

from typing import Any

import pytest
from textual.containers import Container

from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.lesson.help_screen import HelpScreen
from backprop_tui.tui.running.pane_screen import PaneScreen

from ..run_pilot import screen_of, until

SIZE = (120, 36)


async def test_panes_that_are_arranged_again_before_they_are_drawn_are_drawn_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn, draw = [], PaneScreen.show_all

    def counted(screen: PaneScreen) -> None:
        drawn.append(screen.current)
        draw(screen)

    app = BackpropApp(AppRequest("xor"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        monkeypatch.setattr(PaneScreen, "show_all", counted)
        screen = screen_of(pilot)
        for pane in ("loss", "data", "gradients"):
            screen.current = pane
            screen.lay_out()
        await pilot.pause()
        assert drawn == ["gradients"]
        await pilot.press("z")
        assert drawn == ["gradients"] * 2
        assert len(screen.pane("gradients").lines) > SIZE[1] // 2


async def test_panes_that_are_arranged_as_before_are_not_styled_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    app = BackpropApp(AppRequest("xor"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        styled: list[str] = []
        set_classes = Container.set_classes
        monkeypatch.setattr(
            Container, "set_classes", lambda self, names: styled.append(names) or set_classes(self, names)
        )
        await pilot.press("tab", "tab")
        assert styled == []
        await pilot.press("z")
        assert styled == ["single"]
        await pilot.press("z")
        assert styled == ["single", "roomy"]


async def test_the_help_draws_again_what_the_numbers_of_a_lesson_change(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, lines = [], HelpScreen.lines

    def counted(screen: HelpScreen, width: int) -> Any:
        drawn.append(screen.page)
        return lines(screen, width)

    monkeypatch.setattr(HelpScreen, "lines", counted)
    monkeypatch.setattr("backprop_tui.tui.lesson.text.FRAME", 0.0)  # A lesson says of each slice that it is there.
    for keys, page in ((("z",), "Glossary"), (("tab",), "Lesson")):
        app = BackpropApp(AppRequest("batch-norm"))
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press("question_mark", *keys)
            shown = app.screen
            assert isinstance(shown, HelpScreen)
            assert shown.page.lower() == page.lower()
            before = len(drawn)
            await until(lambda shown=shown: shown.subject.lesson.finished)  # type: ignore[misc]
            await until(lambda shown=shown: not len(shown.workers))  # type: ignore[misc]
            assert (len(drawn) > before) == (page == "Lesson")
