"""What a key changes is painted at once; anything else when Textual's clock comes to it."""

import asyncio

import pytest
from textual import events
from textual.timer import Timer

from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.training_screen import TrainingScreen

TURNS = 100


@pytest.fixture
def unpainted() -> None:
    """Each frame is painted."""


async def test_what_a_key_changes_is_painted_without_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    app = BackpropApp(AppRequest("xor"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        screen = app.screen
        painted: list[str] = []
        assert isinstance(screen, TrainingScreen)
        monkeypatch.setattr(Timer, "resume", lambda _: None)
        monkeypatch.setattr(app, "_display", lambda *_: (painted.append("picture"), app.post_display_hook()))

        async def pictures() -> int:
            for _ in range(TURNS):
                await asyncio.sleep(0)
            taken = len(painted)
            painted.clear()
            return taken

        screen.show_all()
        await pictures()
        screen.notice = "said by nobody's key"
        screen.show_all()
        assert await pictures() == 0
        # With it comes what waited.
        app.post_message(events.Key("1", "1"))
        assert await pictures() == 1
        # Of two that come together there is one picture.
        app.post_message(events.Key("3", "3"))
        app.post_message(events.Key("5", "5"))
        assert await pictures() == 1
        assert "← → epoch" in "".join(strip.text for strip in screen.pane("keys").lines)
