"""Points put in, moved and taken out by keys, and an image drawn: through the app, on real runs."""

from collections.abc import Callable

import numpy as np
import pytest
from textual.pilot import Pilot

from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.key_hints import key_hints
from backprop_tui.tui.making_screen import NOTHING_TO_MAKE
from backprop_tui.tui.panes.data import DataPane
from backprop_tui.tui.panes.editing import Cell
from backprop_tui.tui.panes.image_editing import ImageEditing
from backprop_tui.tui.panes.keys_line import shown_hints
from backprop_tui.tui.panes.point_editing import PointEditing, cells_of, place_of

from .run_pilot import screen_of, text, until

Sessions = Callable[..., Session]


def inside(pane: DataPane, cell: Cell) -> Cell:
    """Where a cell inside the frame is, of the whole pane."""
    corner = pane.content_region.offset - pane.region.offset
    return cell[0] + corner.x, cell[1] + corner.y


def all_fit(pilot: Pilot[None]) -> bool:
    """Whether each key of what is made, and how to be helped, has its place in a line of 80 cells."""
    screen = screen_of(pilot)
    editing = screen.query_one(DataPane).editing
    assert editing is not None
    return {*editing.hints, ("?", "help")} <= {*shown_hints(key_hints(screen), screen.view.look, 80)}


async def pressed(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_points_are_put_in_moved_and_taken_out_by_keys(session_of: Sessions) -> None:
    session = session_of("circle")
    async with BackpropApp(AppRequest(), session).run_test(size=(120, 36)) as pilot:
        screen = screen_of(pilot)
        size = session.dataset.size
        await pressed(pilot, "a")
        assert all_fit(pilot)
        await pressed(pilot, *["shift+up"] * 4, "1")
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
        await pressed(pilot, "u")
        await until(lambda: screen.session.dataset.size == size + 1)
        await pressed(pilot, "U")
        await until(lambda: screen.session.dataset.size == size)
        await pressed(pilot, "9")
        await until(lambda: screen.notice == "expected a class from 0 to 1, found 9")
        assert screen.session.dataset.size == size
        await pressed(pilot, "escape")
        assert not screen.query_one(DataPane).making
        await pressed(pilot, "2")
        assert screen.view.unit == "layer"


async def test_while_it_plays_the_mouse_puts_points_in_moves_them_and_takes_them_out(session_of: Sessions) -> None:
    session = session_of("circle")
    async with BackpropApp(AppRequest(), session).run_test(size=(120, 36)) as pilot:
        screen, size = screen_of(pilot), session.dataset.size
        pane = screen.query_one(DataPane)
        await pressed(pilot, "a", "space")
        cells = cells_of(pane)
        taken = {tuple(cell) for cell in cells.cells(session.dataset.points).tolist()}
        frame = cells.frame
        corners = [(frame.left + 1, 0), (frame.left + 1, frame.height - 1)]
        assert not taken & set(corners)
        start, end = (inside(pane, corner) for corner in corners)
        await pilot.mouse_down(pane, offset=start)
        await pilot.mouse_up(pane, offset=start)
        await until(lambda: screen.session.dataset.size == size + 1)
        ((x1, x2, target),) = screen.session.preset.data.added
        assert (cells.cell((x1, x2)), target) == (corners[0], 0)
        assert screen.playback.running
        await pilot.mouse_down(pane, offset=start)
        await pilot.hover(pane, offset=end)
        await pilot.mouse_up(pane, offset=end)
        await until(lambda: screen.session.preset.data.added != ((x1, x2, target),))
        ((x1, x2, target),) = screen.session.preset.data.added
        # While it plays the lines below the picture come and go, and with them its lowest row.
        column, row = cells.cell((x1, x2))
        assert (column, target) == (corners[1][0], 0)
        assert abs(row - corners[1][1]) <= 1
        for _ in range(20):
            # Its row may be another one by the time that the mouse is pressed there.
            there = inside(pane, cells_of(pane).cell((x1, x2)))
            await pilot.mouse_down(pane, offset=there, button=3)
            await pilot.mouse_up(pane, offset=there)
            await pilot.pause(0.1)
            if screen.session.preset.data.added == ():
                break
        assert screen.session.dataset.size == size
        assert screen.playback.running
        await pressed(pilot, "space")


async def test_where_nothing_can_be_made_it_is_said(session_of: Sessions) -> None:
    async with BackpropApp(AppRequest(), session_of("sine")).run_test(size=(120, 36)) as pilot:
        await pressed(pilot, "a")
        assert screen_of(pilot).notice == NOTHING_TO_MAKE
        assert not screen_of(pilot).query_one(DataPane).making


async def test_an_image_is_drawn_and_answered(session_of: Sessions) -> None:
    async with BackpropApp(AppRequest(), session_of("digits-8x8")).run_test(size=(120, 36)) as pilot:
        await pressed(pilot, "a")
        assert "your drawing: nothing yet" in text(pilot, "data")
        assert all_fit(pilot)
        await pressed(pilot, "enter", "shift+down")
        assert "your drawing, answer " in text(pilot, "data")
        assert "not centred" in text(pilot, "data")
        assert "… more: z" in text(pilot, "data")
        await pressed(pilot, "delete")
        assert "your drawing: nothing yet" in text(pilot, "data")
        pane = screen_of(pilot).query_one(DataPane)
        editing = pane.editing
        assert isinstance(editing, ImageEditing)
        await pilot.mouse_down(pane, offset=inside(pane, (1, 0)))
        await pilot.hover(pane, offset=inside(pane, (1, 3)))
        await pilot.mouse_up(pane, offset=inside(pane, (1, 3)))
        assert "your drawing, answer " in text(pilot, "data")
        inked = editing.pixels != editing.pixels[-1, -1]
        assert np.flatnonzero(inked.any(axis=1)).tolist() == list(range(inked.any(axis=1).sum()))
        assert inked[:, 1].sum() == inked.any(axis=1).sum()
        (begin, _, key) = editing.stops[0]
        assert key == "delete"
        await pilot.click(pane, offset=inside(pane, (editing.aside + begin, editing.foot)))
        assert "your drawing: nothing yet" in text(pilot, "data")


async def test_a_number_is_put_in_where_answers_are_numbers(session_of: Sessions) -> None:
    async with BackpropApp(AppRequest(), session_of("multigauss")).run_test(size=(120, 36)) as pilot:
        screen = screen_of(pilot)
        await pressed(pilot, "a", "0")
        await until(lambda: len(screen.session.preset.data.added) == 1)
        ((_, _, target),) = screen.session.preset.data.added
        assert target == pytest.approx(screen.session.dataset.targets.min(), rel=0.01)
        assert target < 0
        await until(lambda: f"0: {target:g}".replace("-", "−") in text(pilot, "data"))


async def test_points_that_make_the_picture_stay(session_of: Sessions) -> None:
    async with BackpropApp(AppRequest(), session_of("xor")).run_test(size=(120, 36)) as pilot:
        screen = screen_of(pilot)
        pane = screen.query_one(DataPane)
        await pressed(pilot, "a")
        for _ in range(2):
            assert isinstance(pane.editing, PointEditing)
            pane.editing.cursor = place_of(screen.session.dataset, 0)
            await pressed(pilot, "delete")
            await until(lambda: screen.session.dataset.size == 3)
        await until(lambda: screen.notice.startswith("the last"))
        assert screen.session.dataset.size == 3
        assert screen.notice == "the last 3 points stay: fewer are drawn as numbers"
        pane.follow(screen.session)
        assert cells_of(pane).holds(cells_of(pane).cell((0.5, 0.5))), "before anything of another run is drawn"


async def test_points_are_made_in_a_pane_with_hardly_any_room(session_of: Sessions) -> None:
    async with BackpropApp(AppRequest(), session_of("xor")).run_test(size=(120, 36)) as pilot:
        pane = screen_of(pilot).query_one(DataPane)
        await pressed(pilot, "a")
        assert isinstance(pane.editing, PointEditing)
        for width, height in ((0, 0), (1, 0), (0, 3), (1, 1), (12, 1), (5, 2), (30, 3)):
            for key in ("", "shift+up", "shift+left", "enter", "shift+right", "enter"):
                pane.editing.key(pane, key)
                assert pane.editing.lines(pane, width, height)
                cells = cells_of(pane)
                assert cells.holds(cells.cell(pane.editing.cursor))
            pane.editing.press(pane, (0, 0), right=False)
            pane.editing.drag(pane, (max(0, width - 1), max(0, height - 1)))
