"""The app of a test: it answers keys at once, and does without what only a terminal or a next start would need."""

import asyncio
import sys
from collections.abc import Callable
from contextvars import copy_context
from functools import cache
from typing import Any

import pytest

TURNS = 60
"""Turns of the event loop in which a key gets to where it is answered; a whole frame goes by in FRAME seconds."""
MORE_TURNS = 600
"""Turns that what follows from a key, such as a new layout, is given at the most."""
FRAME = 0.02


async def turn(*_: object) -> None:
    """Let the event loop turn until the messages are seen to and the next frame is due."""
    for _turn in range(TURNS):
        await asyncio.sleep(0)
    for _turn in range(MORE_TURNS):
        if not unfinished():
            return
        await asyncio.sleep(0)


async def turn_for_a_frame(*_: object) -> None:
    """The same, after the time that a frame takes."""
    await asyncio.sleep(FRAME)
    await turn()


async def turn_for_the_screen(*_: object, **__: object) -> bool:
    """In place of a message to each widget, which the pilot waits for: none has any left to be seen to."""
    await turn()
    return True


def unfinished() -> bool:
    """Whether the app has messages to see to, or a frame to draw, which then is drawn now."""
    from textual._context import active_app

    app = active_app.get(None)
    if app is None or not app.screen_stack:
        return False
    screen = app.screen
    waiting = any(pump.message_queue_size for pump in (app, *screen.walk_children(with_self=True)))
    if screen.is_running and (screen._layout_required or screen._dirty_widgets or screen._repaint_required):
        # In a context of its own: drawing notes there which screens are in view, and the test's would keep them.
        copy_context().run(screen._on_timer_update)
        return True
    return waiting


def answer_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the pilot let the event loop turn after each key, where Textual's waits until the processor is idle.

    While training at full speed it never is. Then it sees to what the key has left to be done: messages, and the
    next frame of the screen, which else comes by the clock. Only tests of the app have the event loop that this needs.
    """
    for place, wait in (
        ("textual.app.wait_for_idle", turn),
        ("textual.pilot.wait_for_idle", turn_for_a_frame),
        ("textual.pilot.Pilot._wait_for_screen", turn_for_the_screen),
    ):
        if place.rsplit(".", 1)[0].removesuffix(".Pilot") in sys.modules:
            monkeypatch.setattr(place, wait)


def leave_unpainted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paint no frame for a terminal that is not there; what is to be repainted waits until a test reads it.

    What is in view at the end is painted, so that what cannot be is found.
    """
    if "textual.app" not in sys.modules:
        return
    from textual._compositor import Compositor
    from textual._context import active_app, visible_screen_stack
    from textual.app import App

    strips, shut_down = Compositor.render_strips, App._shutdown

    def painted(compositor: Compositor, *size: Any) -> list[Any]:
        # What shows through is the app's to say; in a context of its own, since the test's would keep the screens.
        context = copy_context()
        context.run(visible_screen_stack.set, active_app.get()._background_screens)
        return context.run(strips, compositor, *size)

    async def paint_and_shut_down(app: App[Any]) -> None:
        if app.screen_stack and app.screen.is_running:
            app.screen._compositor.render_strips()
        await shut_down(app)

    monkeypatch.setattr(Compositor, "render_update", lambda *_, **__: None)
    monkeypatch.setattr(Compositor, "render_strips", painted)
    monkeypatch.setattr(App, "_shutdown", paint_and_shut_down)


def read_styles_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the style sheets of an app read as those of the one before, where the text and the theme are the same."""
    if "textual.app" not in sys.modules:
        return
    from textual.css.stylesheet import Stylesheet

    read = reading(Stylesheet._parse_rules)
    monkeypatch.setattr(Stylesheet, "_parse_rules", read)


@cache
def reading(parse: Callable[..., Any]) -> Callable[..., Any]:
    """The same as `parse`, Textual's own, which keeps what it has read for all style sheets."""
    kept: dict[object, Any] = {}

    def read(sheet: Any, css: str, read_from: Any, **place: Any) -> Any:
        key = (css, read_from, *place.items(), tuple(sheet._variables.items()))
        if key not in kept:
            kept[key] = parse(sheet, css, read_from, **place)
        return kept[key]

    return read
