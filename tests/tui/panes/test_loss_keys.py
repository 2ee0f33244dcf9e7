"""The keys and the mouse in the plot of the losses: zooming, moving, the mean, other runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual import events
from textual.pilot import Pilot

from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.panes.loss import LossPane
from backprop_tui.tui.panes.loss_window import Window
from backprop_tui.tui.training_screen import TrainingScreen

from ..run_pilot import until


@asynccontextmanager
async def after(steps: int, preset: str) -> AsyncIterator[tuple[Pilot[None], TrainingScreen, LossPane]]:
    """A run of so many steps, with the loss over the whole screen."""
    app = BackpropApp(AppRequest(preset))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, TrainingScreen)
        screen.session.seek(screen.session.timeline.finish_of(steps))
        screen.query_one(LossPane).focus()
        await pilot.press("z")
        yield pilot, screen, screen.query_one(LossPane)


def shown(pane: LossPane) -> list[str]:
    return [strip.text.rstrip() for strip in pane.lines]


async def test_keys_zoom_move_smooth_and_lead_back() -> None:
    async with after(600, "moons") as (pilot, screen, pane):
        view = screen.view
        await pilot.press("left_square_bracket")
        assert screen.notice.startswith("all steps are shown")
        await pilot.press("full_stop", "full_stop")
        # About where the run stands, the end, with which it goes along.
        assert view.window == Window(450, 600, following=True)
        assert shown(pane)[-1].split() == ["step", "450", "600"]
        await pilot.press("left_square_bracket")
        assert view.window == Window(375, 525)
        assert shown(pane)[-1].split() == ["step", "375", "525"]
        await pilot.press("right_square_bracket", "up")
        assert pane.chosen is not None
        await pilot.press("full_stop")
        assert view.window is not None
        assert view.window.first <= pane.chosen.last <= view.window.last
        assert view.window.last - view.window.first == 75
        # The place goes first, then the window.
        await pilot.press("escape")
        assert (pane.chosen, view.window is None) == (None, False)
        await pilot.press("comma", "comma", "comma")
        assert view.window is None
        await pilot.press("full_stop", "escape")
        assert view.window is None
        assert screen.maximised
        await pilot.press("M")
        assert view.smoothing == 0
        assert "mean" not in shown(pane)[pane.above]
        await pilot.press("M")
        assert view.smoothing == 10
        assert "mean of 10" in shown(pane)[pane.above]
        await pilot.press("O")
        assert screen.notice.startswith("no other run to lay over")
        assert "O" not in [key for key, _ in screen.hints()]
        before = screen.session.history
        await pilot.press("R", "4", "right", "right", "O")
        assert screen.last_run is before
        assert view.overlay == "last run"
        assert screen.notice == "laid over: A last run"
        assert "A last run" in shown(pane)[pane.above]
        assert shown(pane)[-1].split()[-1] == "600"
        assert "O" in [key for key, _ in screen.hints()]
        await pilot.press("O", "O", "O")
        assert view.overlay == "none"


async def test_the_wheel_zooms_about_the_mouse_and_the_plot_is_dragged() -> None:
    async with after(600, "xor") as (pilot, screen, pane):
        frame = pane.plotted.frame
        assert frame is not None
        x, y = frame.left + frame.width // 4, pane.above + 5
        at = frame.step_at(frame.width // 4)

        def mouse(kind: type[events.MouseEvent], x: int) -> events.MouseEvent:
            left, top = x + pane.gutter.left, y + pane.gutter.top
            place = pane.region.x + left, pane.region.y + top
            return kind(pane, left, top, 0, 0, 0, False, False, False, *place)

        pane.on_mouse_scroll_up(mouse(events.MouseScrollUp, x))  # type: ignore[arg-type]
        window = screen.view.window
        assert window is not None
        assert window.last - window.first == 300
        # The step under the mouse has stayed there.
        frame = pane.plotted.frame
        assert frame is not None
        assert abs((frame.column_of(at) or 0) - frame.width // 4) <= 1
        step = screen.session.step
        await pilot.mouse_down(pane, offset=(x + pane.gutter.left, y + pane.gutter.top))
        await pilot.hover(pane, offset=(x - 10 + pane.gutter.left, y + pane.gutter.top))
        moved = screen.view.window
        assert moved is not None
        assert moved.first == window.first + round(10 * frame.steps_of_column)
        await pilot.mouse_up(pane, offset=(x - 10 + pane.gutter.left, y + pane.gutter.top))
        assert pane.dragged is None
        # What was dragged is not gone to; a click is.
        assert screen.session.step == step
        await pilot.click(pane, offset=(x + pane.gutter.left, y + pane.gutter.top))
        frame = pane.plotted.frame
        assert frame is not None
        await until(lambda: screen.session.step != step and screen.travelling is None)
        assert screen.session.step == round(frame.step_at(x - frame.left))
        pane.on_mouse_scroll_down(mouse(events.MouseScrollDown, x))  # type: ignore[arg-type]
        assert screen.view.window is None


async def test_in_a_long_run_the_steps_in_view_are_worked_out_while_keys_are_answered() -> None:
    async with after(4200, "xor") as (pilot, screen, pane):
        assert screen.session.history.losses.width == 2
        await pilot.press(*["full_stop"] * 7)
        await until(lambda: screen.view.replayed is not None and screen.view.replayed.finished)
        await pilot.pause()
        screen.show_all()
        assert not any("as one" in line for line in shown(pane))
        await pilot.press("up")
        assert pane.chosen is not None
        assert pane.chosen.first == pane.chosen.last
        assert f"before update {pane.chosen.last:,} " in "\n".join(shown(pane))
