"""Compare: several runs beside each other, moved together, drawn at every size."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.compare.comparison import Comparison
from backprop_tui.core.compare.figures import figures, in_spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import style, text_of
from backprop_tui.tui.pages.compare import CompareScreen
from backprop_tui.tui.pages.compare_lines import LETTERS, curves, gradient_columns, run_color, shown_layers
from backprop_tui.tui.pages.compare_table import CompareTable
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.running.playback import FULL
from backprop_tui.tui.training_screen import TrainingScreen

from ...share import share
from ..run_pilot import until

SIZES = ((80, 24), (120, 36), (200, 50))
SIX = """
title = "Six"
[data]
kind = "gauss"
samples = 80
[[layers]]
units = 6
activation = "relu"
repeat = 4
[[layers]]
units = 1
activation = "sigmoid"
[training]
batch_size = 10
stop = { loss_below = 0.2 }
[[variants]]
name = "twenty layers of tanh with Xavier"
set = { "layers.0.repeat" = 19, "layers.0.activation" = "tanh" }
[[variants]]
name = "Adam"
set = { "optimizer.kind" = "adam", "optimizer.learning_rate" = 0.01 }
[[variants]]
name = "batch norm"
set = { "layers.0.batch_norm" = true }
[[variants]]
name = "diverges"
set = { "layers.0.activation" = "identity", "layers.1.activation" = "identity", "optimizer.learning_rate" = 1e30 }
[[variants]]
name = "residual"
set = { "layers.0.residual" = true }
[[variants]]
name = "momentum"
set = { "optimizer.kind" = "momentum", "optimizer.learning_rate" = 0.1 }
[[variants]]
name = "one too many"
set = { "optimizer.learning_rate" = 0.3 }
"""


@pytest.fixture
def six(tmp_path: Path) -> str:
    path = tmp_path / "six.toml"
    path.write_text(SIX, encoding="utf-8")
    return str(path)


@asynccontextmanager
async def comparing(preset: str, size: tuple[int, int] = SIZES[1], **options: object) -> AsyncIterator[Pilot[None]]:
    """The app with the comparison of a preset open."""
    app = BackpropApp(AppRequest(preset, **options))  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await open_again(pilot)
        yield pilot


async def open_again(pilot: Pilot[None]) -> CompareScreen:
    below = pilot.app.screen
    assert isinstance(below, TrainingScreen)
    opened = CompareScreen(below)
    pilot.app.push_screen(opened)
    await pilot.pause()
    await arrived(pilot)
    return opened


def page(pilot: Pilot[None]) -> CompareScreen:
    screen = pilot.app.screen
    assert isinstance(screen, CompareScreen)
    return screen


async def arrived(pilot: Pilot[None]) -> None:
    """Wait until all runs are where they should be."""

    def there() -> bool:
        screen = pilot.app.screen
        return not isinstance(screen, CompareScreen) or not (screen.travelling or screen.playing)

    await asyncio.sleep(0.01)
    await until(there)
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await arrived(pilot)


def text(pilot: Pilot[None]) -> str:
    """Every cell of the terminal."""
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


def rows(pilot: Pilot[None]) -> list[str]:
    """The rows of the table, without the frame."""
    lines = [line.strip(" │|") for line in text(pilot).splitlines()]
    start = next(i for i, line in enumerate(lines) if line.startswith("run ")) + 1
    return lines[start : start + page(pilot).choices()]


ADD_SIX = ("down", "enter") * 6


@pytest.mark.parametrize("size", SIZES[:: share(2, 1)])
async def test_seven_runs_are_shown_at_every_size(six: str, size: tuple[int, int]) -> None:
    async with comparing(six, size) as pilot:
        await press(pilot, "4", *ADD_SIX, "right", "right", "right")
        screen = page(pilot)
        assert [run.session.step for run in screen.comparison.runs if not run.stopped] == [3] * 6
        shown = rows(pilot)
        assert [row.lstrip("▸")[0] for row in shown] == [*LETTERS, "+"]
        for row, run in zip(shown, screen.comparison.runs, strict=False):
            assert run.name[:10] in row
            if run.stopped:
                assert f"not finite in step {run.session.position.step}, stopped there" in row
            else:
                assert format_number(figures(run).evaluated.training.loss, 9, 5) in row
        whole = text(pilot)
        assert "step 3  ‖ paused  goal: loss < 0.2" in whole
        assert "escape close" in whole
        if size == SIZES[0]:
            assert "‖dW‖ by layer" not in whole
            await press(pilot, "v")
            whole = text(pilot)
            assert "of 20 layers" in whole
            await press(pilot, "v")
            whole = text(pilot)
            assert "W1[1,1] and its gradient, in every run" in whole
        else:
            assert "‖dW‖ by layer" in whole
            assert "W1[1,1]" in whole
            assert "dW1[1,1]" in whole
        for run in screen.comparison.runs:
            if not run.stopped:
                found = in_spotlight(run.session, screen.view.spotlight)
                assert found is not None
                assert format_number(found.value, 11, 6) in whole
                assert format_number(found.gradient, 11, 6) in whole
        assert all(len(line) <= size[0] for line in whole.splitlines())


async def test_an_eighth_run_is_refused(six: str) -> None:
    async with comparing(six) as pilot:
        await press(pilot, *ADD_SIX, "down", "enter")
        assert len(page(pilot).comparison.runs) == 7
        assert "at most 7 runs beside each other, found 8" in text(pilot)


@pytest.mark.parametrize("size", share(SIZES[1:2], SIZES))
async def test_plain_ascii(six: str, size: tuple[int, int]) -> None:
    async with comparing(six, size, ascii=True) as pilot:
        await press(pilot, "4", *ADD_SIX, "right", "v")
        assert text(pilot).replace("\n", "").isascii()
        await press(pilot, "v")
        assert text(pilot).replace("\n", "").isascii()


async def test_all_runs_move_together_and_the_screen_below_follows(six: str) -> None:
    async with comparing(six) as pilot:
        await press(pilot, "down", "enter", "5", "right", "right")
        screen = page(pilot)
        epoch = screen.session.trainer.steps_per_epoch
        assert [run.session.step for run in screen.comparison.runs] == [2 * epoch] * 2
        await press(pilot, "left")
        assert [run.session.step for run in screen.comparison.runs] == [epoch] * 2
        await press(pilot, "1", "right", "right")
        assert f"step {epoch + 1}, op 2 of" in text(pilot)
        assert screen.session.position.events == 3
        await press(pilot, "home")
        assert [run.session.count for run in screen.comparison.runs] == [0, 0]
        assert "before the first op" in text(pilot)
        await press(pilot, "end")
        assert [run.session.step for run in screen.comparison.runs] == [2 * epoch] * 2
        await press(pilot, "escape")
        below = pilot.app.screen
        assert isinstance(below, TrainingScreen)
        assert below.session.step == 2 * epoch


async def test_playing_trains_all_in_lockstep(six: str) -> None:
    async with comparing(six) as pilot:
        screen = page(pilot)
        await press(pilot, "4", "down", "enter", "down", "enter")
        screen.view.speed = FULL
        # Two presses before the first slice are one too many: it plays from the first on.
        screen.action_play()
        screen.action_play()
        assert not screen.playing
        await pilot.press("space")
        await until(lambda: screen.comparison.finished_steps >= 50)
        assert screen.playing
        assert "full speed" in text(pilot)
        await press(pilot, "space")
        steps = {run.session.step for run in screen.comparison.runs}
        assert steps == {screen.comparison.finished_steps}
        screen.view.speed = 6
        at = steps.pop()
        await pilot.press("space")
        await until(lambda: screen.comparison.finished_steps >= at + 3)
        await press(pilot, "escape")
        # Escape stops first, and closes when nothing plays.
        assert isinstance(pilot.app.screen, CompareScreen)
        assert {run.session.step for run in screen.comparison.runs} == {screen.comparison.finished_steps}


async def test_a_variant_added_later_is_brought_to_the_step_in_view_and_taken_out_again(six: str) -> None:
    async with comparing(six) as pilot:
        screen = page(pilot)
        screen.comparison.go(screen.session.timeline.finish_of(300))
        screen.bring()
        await arrived(pilot)
        await press(pilot, "down", "c")
        assert [run.session.step for run in screen.comparison.runs] == [300, 300]
        assert screen.chosen == 1
        await press(pilot, "c")
        assert [run.name for run in screen.comparison.runs] == ["six"]
        await press(pilot, "up", "delete")
        assert [run.name for run in screen.comparison.runs] == ["six"]
        assert "six stays: it is in view" in text(pilot)
        await press(pilot, "c")
        assert pilot.app.screen is screen.training


async def test_enter_goes_over_to_a_run_and_the_comparison_is_kept(six: str) -> None:
    async with comparing(six) as pilot:
        below = page(pilot).training
        await press(pilot, "4", "right", "right", "down", "enter")
        variant = page(pilot).comparison.runs[1].session
        below.set_spotlight(Spotlight(layer=5, unit=0, input=5))
        await press(pilot, "enter")
        assert pilot.app.screen is below
        assert below.session is variant
        assert below.branches[1:] == [variant]
        await pilot.press("right")
        await pilot.pause()
        opened = await open_again(pilot)
        assert [run.name for run in opened.comparison.runs] == ["six", "twenty layers of tanh with Xavier"]
        assert opened.comparison.lead.session is variant
        assert [run.session.step for run in opened.comparison.runs] == [3, 3]
        await press(pilot, "up", "enter")
        assert isinstance(pilot.app.screen, TrainingScreen)
        assert below.session is below.branches[0]
        # The first run has only five layers: the spotlight is on one of its parameters.
        assert below.view.spotlight == Spotlight(layer=5, unit=0, input=5)


async def test_the_spotlight_is_put_on_a_parameter_that_the_other_run_has(six: str) -> None:
    async with comparing(six) as pilot:
        await press(pilot, "down", "enter", "enter")
        below = pilot.app.screen
        assert isinstance(below, TrainingScreen)
        below.set_spotlight(Spotlight(layer=18, unit=4, input=2))
        await open_again(pilot)
        assert "none" in rows(pilot)[0]
        await press(pilot, "up", "enter")
        assert below.session is below.branches[0]
        assert below.view.spotlight == Spotlight(layer=5, unit=0, input=2)


async def test_a_restart_starts_the_variants_again_and_an_edit_is_a_run_of_its_own(six: str) -> None:
    async with comparing(six) as pilot:
        await press(pilot, "4", "down", "enter", "right", "right", "escape")
        below = pilot.app.screen
        assert isinstance(below, TrainingScreen)
        below.branch(below.session.branch("optimizer.learning_rate", 0.7))
        opened = await open_again(pilot)
        assert [run.name for run in opened.comparison.runs][2:] == ["optimizer.learning_rate = 0.7 from step 2"]
        assert opened.comparison.lead is opened.comparison.runs[2]
        await press(pilot, "escape")
        await pilot.press("R")
        await pilot.pause()
        again = await open_again(pilot)
        assert [run.name for run in again.comparison.runs] == ["six", "twenty layers of tanh with Xavier"]
        assert {run.session.seed for run in again.comparison.runs} == {below.session.seed} == {1}
        assert {run.session.step for run in again.comparison.runs} == {0}


async def test_an_edited_run_takes_the_last_place_where_there_is_none(six: str) -> None:
    async with comparing(six) as pilot:
        await press(pilot, *ADD_SIX, "escape")
        below = pilot.app.screen
        assert isinstance(below, TrainingScreen)
        below.branch(below.session.branch("optimizer.learning_rate", 0.7))
        opened = await open_again(pilot)
        assert opened.comparison.runs[6].session is below.session
        assert "momentum was taken out" in text(pilot)


async def test_a_goal_is_typed_and_its_first_step_told(six: str) -> None:
    async with comparing(six) as pilot:
        screen = page(pilot)
        screen.comparison.go(screen.session.timeline.finish_of(40))
        screen.bring()
        await arrived(pilot)
        await pilot.press("t", *"accuracy 0.6", "enter")
        await pilot.pause()
        await arrived(pilot)
        reached = screen.comparison.runs[0].reached
        assert reached is not None
        assert "goal: accuracy > 0.6" in text(pilot)
        assert str(reached) in rows(pilot)[0].split()
        await pilot.press("t", *"soon", "enter")
        await pilot.pause()
        assert 'goal: expected "loss 0.1"' in text(pilot)


async def test_a_remedy_starts_a_variant(six: str) -> None:
    async with comparing(six) as pilot:
        page(pilot).add_changes("smaller rate", {"optimizer.learning_rate": 0.001})
        await arrived(pilot)
        assert "smaller rate" in rows(pilot)[1]
        assert "smaller rate: optimizer.learning_rate = 0.001" in text(pilot)


async def test_log_axis_and_spotlight_keys(six: str) -> None:
    async with comparing(six) as pilot:
        await press(pilot, "4", "right", "right", "l", "shift+right")
        assert "log" in text(pilot).split("‖dW‖")[0]
        assert "W1[1,2]" in text(pilot)


# Drawings


def compared(*names: str) -> Comparison:
    return Comparison([(name, Session(*load(name))) for name in names])


def test_a_curve_carries_its_letter_and_its_colour() -> None:
    comparison = compared("xor", "spiral")
    comparison.go(comparison.lead.session.timeline.finish_of(40))
    comparison.finish()
    for look in (Look(), Look(glyphs=ASCII), Look(color=False)):
        drawn = curves(comparison, View(Spotlight(1, 0, 0), look=look), 60, 12)
        below_legend = drawn[1:-1]
        for index in range(2):
            marked = [
                piece
                for strip in below_legend
                for piece in strip
                if piece.text.strip() == LETTERS[index]
                and piece.style == style(run_color(index, look), bold=True, reverse=True)
            ]
            assert len(marked) >= 1


def test_where_not_all_layers_have_room_the_ends_of_every_run_are_shown() -> None:
    assert shown_layers([3], 10) == [3, 2, 1]
    for counts, room in (([20, 5], 6), ([30, 10, 2], 8), ([50], 4)):
        shown = shown_layers(counts, room)
        assert len(shown) == room
        assert {1, *counts} <= set(shown)
        assert shown == sorted(set(shown), reverse=True)
    assert shown_layers([20, 5, 3], 1) == [20]


def test_bars_are_on_one_scale() -> None:
    comparison = compared("xor", "vanishing")
    comparison.go(comparison.lead.session.timeline.finish_of(1))
    comparison.finish()
    lines = [text_of(strip) for strip in gradient_columns(comparison, Look(), 60, 14)]
    assert len(lines) == 12
    assert "‖dW‖ by layer, 1e-" in lines[0]
    assert [line.split()[0] for line in lines[2:]] == [str(layer) for layer in range(10, 0, -1)]
    column = (60 - 3) // 2
    first = [line[3 : 3 + column] for line in lines[2:]]
    assert [bool(cell.strip()) for cell in first] == [False] * 8 + [True] * 2
    norm = comparison.runs[0].session.measure()[0].gradient
    assert format_number(norm, 8, 3) in first[-1]
    bars = [line[3 + column + 9 :].count("█") for line in lines[2:]]
    assert bars[0] > bars[-1]


@pytest.mark.parametrize("width", [40, 60, 72, 96, 180])
def test_no_row_of_the_table_is_wider_than_its_room(width: int) -> None:
    comparison = compared("xor", "three-or-eight", "vanishing")
    comparison.go(comparison.lead.session.timeline.finish_of(2))
    comparison.finish()
    for playing in (False, True):
        table = CompareTable(comparison, View(Spotlight(1, 0, 0)), width, playing=playing)
        lines = table.lines(chosen=0)
        assert len(lines) == 4 + len(comparison.offered())
        assert all(strip.cell_length <= width for strip in lines)
