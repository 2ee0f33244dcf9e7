"""Points put in, moved and taken out by keys, and an image drawn: through the app, on real runs."""

from collections.abc import Callable

from textual.pilot import Pilot

from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.panes.data import DataPane

from .run_pilot import screen_of, text, until

Sessions = Callable[..., Session]


async def pressed(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_points_are_put_in_moved_and_taken_out_by_keys(session_of: Sessions) -> None:
    session = session_of("circle")
    async with BackpropApp(AppRequest(), session).run_test(size=(120, 36)) as pilot:
        screen = screen_of(pilot)
        size = session.dataset.size
        await pressed(pilot, "a", *["shift+up"] * 4, "1")
        await until(lambda: screen.session.dataset.size == size + 1)
        (point,) = screen.session.preset.data.added
        assert point[2] == 1
        await until(lambda: screen.notice.startswith("a point put in at"))
        await pressed(pilot, "enter", "shift+right", "enter")
        await until(lambda: screen.session.preset.data.added[0] != point)
        ((x1, x2, target),) = screen.session.preset.data.added
        assert (x1 > point[0], x2, target) == (True, point[1], 1)
        assert screen.branches == [screen.session]
        await pressed(pilot, "delete")
        await until(lambda: screen.session.dataset.size == size)
        assert screen.session.preset.data.added == ()
        await pressed(pilot, "escape")
        assert not screen.query_one(DataPane).making
        await pressed(pilot, "2")
        assert screen.view.unit == "layer"


async def test_an_image_is_drawn_and_answered(session_of: Sessions) -> None:
    async with BackpropApp(AppRequest(), session_of("digits-8x8")).run_test(size=(120, 36)) as pilot:
        await pressed(pilot, "a")
        assert "your drawing: nothing yet" in text(pilot, "data")
        await pressed(pilot, "enter", "shift+down")
        assert "your drawing, answer " in text(pilot, "data")
        assert "not centred" in text(pilot, "data")
        await pressed(pilot, "delete")
        assert "your drawing: nothing yet" in text(pilot, "data")
