"""The app without a terminal: every key of the gallery and of the training screen, and what the panes show."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from backprop_tui import presets
from backprop_tui.core.chain_rule.statements import statements
from backprop_tui.core.ops.quantity import of_layer
from backprop_tui.core.session.timeline import UNITS
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.chain_rule.pane import ChainRulePane, factors
from backprop_tui.tui.command_line.loading import gallery, load
from backprop_tui.tui.config.config import config_of, read_config
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.key_hints import key_hints
from backprop_tui.tui.lesson.help_screen import HelpScreen
from backprop_tui.tui.pages.catalogue import sections
from backprop_tui.tui.pages.gallery import GalleryScreen
from backprop_tui.tui.pages.prompt import Prompt
from backprop_tui.tui.panes.data import DataPane
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.panes.gradients import GradientsPane
from backprop_tui.tui.panes.loss import LossPane
from backprop_tui.tui.panes.pane import Pane
from backprop_tui.tui.panes.view import WEIGHT_VIEWS, View
from backprop_tui.tui.panes.weights import WeightsPane
from backprop_tui.tui.running.arrangement import LESSON, PANES, arrangement, title
from backprop_tui.tui.running.pane_screen import Line
from backprop_tui.tui.running.playback import SPEEDS
from backprop_tui.tui.running.until import remember
from backprop_tui.tui.training_screen import TrainingScreen

from ..share import share

AppPilot = Pilot[None]
SMALL, ROOMY, LARGE = (80, 24), (120, 36), (200, 50)
DEEP = """
title = "Thirty layers under a title that is far too long for the window of any terminal that a person would open"
[data]
kind = "inline"
inputs = [[0.5, 0.8]]
targets = [[1.0]]
[[layers]]
units = 3
activation = "sigmoid"
repeat = 29
[[layers]]
units = 1
activation = "sigmoid"
"""
DIVERGING = """
title = "Diverging"
[data]
kind = "sine"
samples = 20
[[layers]]
units = 3
activation = "identity"
[[layers]]
units = 1
activation = "identity"
[optimizer]
kind = "sgd"
learning_rate = 1e6
[view]
unit = "step"
"""


@asynccontextmanager
async def running(preset: str | None, size: tuple[int, int] = ROOMY, **options: object) -> AsyncIterator[AppPilot]:
    """The app on a preset, or on the gallery, once it has drawn itself."""
    app = BackpropApp(AppRequest(preset, **options))  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot


async def until(pilot: AppPilot, holds: Callable[[], bool]) -> None:
    """Wait for something to come about."""
    for _ in range(3000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come about within 30 seconds")


def training(pilot: AppPilot) -> TrainingScreen:
    """The training screen, which is to be the one in view."""
    screen = pilot.app.screen
    assert isinstance(screen, TrainingScreen)
    return screen


def pane_text(pane: Pane) -> str:
    """What a pane shows, as plain text."""
    return "\n".join(strip.text.rstrip() for strip in pane.lines)


def shown(pilot: AppPilot) -> dict[str, str]:
    """What every visible pane shows, and the status line, but not the measured times."""
    screen = training(pilot)
    return {
        pane.id or "": pane_text(pane)
        for pane in screen.query(Pane)
        if pane.display and pane.id not in ("counters", "keys", "position")
    }


def screen_text(pilot: AppPilot) -> str:
    """Every cell of the terminal."""
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


def unspaced(text: str) -> str:
    """Text without white space, as lines may be broken anywhere between words."""
    return "".join(text.split())


def preset_file(folder: Path, text: str) -> str:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


async def travelled(pilot: AppPilot) -> None:
    """Wait for the end of a journey."""
    await pilot.pause()
    await until(pilot, lambda: training(pilot).travelling is None and not training(pilot).workers._workers)
    await pilot.pause()


async def go_to_step(pilot: AppPilot, step: int) -> None:
    await pilot.press("colon", *str(step), "enter")
    await travelled(pilot)
    assert training(pilot).session.step == step


async def full_speed(pilot: AppPilot) -> None:
    """Up to full speed, which nothing is to end but a key or numbers that are none."""
    remember(pilot.app.config, "never")  # type: ignore[attr-defined]
    await pilot.press(*["plus"] * len(SPEEDS))
    assert training(pilot).view.speed == len(SPEEDS)


# The gallery


def ids(pilot: AppPilot) -> list[str | None]:
    """Of all that can be chosen."""
    return [option.id for option in pilot.app.screen.query_one(OptionList).options if not option.disabled]


def in_order() -> list[str | None]:
    return [entry.id for section in sections(gallery()) for entry in section.entries]


async def test_the_gallery_lists_every_preset_with_id_title_and_shape() -> None:
    async with running(None, LARGE) as pilot:
        assert isinstance(pilot.app.screen, GalleryScreen)
        assert ids(pilot) == in_order()
        assert sorted(map(str, in_order())) == sorted(presets.names())
        text = screen_text(pilot)
        assert text.index("Start here") < text.index("first-steps") < text.index("Number by number")
        for _ in range(len(presets.names()) - 1):
            await pilot.press("down")
            text += screen_text(pilot)
        for entry in pilot.app.screen.entries:
            assert entry.id in text
            assert entry.title in text
            assert entry.shape in text
            assert entry.summary[:40] in text


async def test_letters_filter_the_gallery_and_escape_clears_then_leaves() -> None:
    async with running(None) as pilot:
        await pilot.press(*"spir")
        assert ids(pilot) == ["spiral"]
        await pilot.press(*"qqq", "[", "slash", "b", "]")
        assert ids(pilot) == []
        assert "no preset matches" in screen_text(pilot)
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, GalleryScreen)
        await pilot.press("escape")
        assert ids(pilot) == in_order()
        assert pilot.app.return_code is None
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.return_code == 0)


async def test_the_gallery_opens_what_is_chosen() -> None:
    async with running(None) as pilot:
        await pilot.press("down", "down", "up", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))
        assert training(pilot).session.preset.title == load("first-steps")[0].title


async def test_the_gallery_pages_from_end_to_end() -> None:
    async with running(None) as pilot:
        choices = pilot.app.screen.query_one(OptionList)
        for keys, expected in (["pagedown"], 8), (["pagedown"] * 5, -1), (["pageup"], -9), (["pageup"] * 5, 0):
            await pilot.press(*keys)
            assert choices.highlighted is not None
            assert choices.get_option_at_index(choices.highlighted).id == in_order()[expected]


async def test_the_gallery_says_how_many_presets_are_out_of_sight() -> None:
    def told() -> str:
        return next((row.strip() for row in screen_text(pilot).splitlines() if "page down" in row), "")

    async with running(None, SMALL) as pilot:
        every = len(in_order())
        # Four have room, each with its title, shape, summary and tags.
        assert told() == f"… {every - 4} below: ↑ ↓, page up, page down, home, end"
        await pilot.press("end")
        assert " below" not in told()
        above = int(told().split()[1])
        assert f"{above} above:" in told()
        shown = [each for each in in_order() if f" {each} " in screen_text(pilot)]
        assert shown[-1] == in_order()[-1]
        assert every - above <= len(shown) <= every - above + 1
        await pilot.press("home", *"spiral")
        assert not told()
        await pilot.press("escape")
        await pilot.resize_terminal(*LARGE)
        await pilot.pause()
        assert int(told().split()[1]) < every - 4


async def test_the_gallery_opens_over_a_run_and_leads_back_to_it_or_to_another() -> None:
    async with running("xor") as pilot:
        await pilot.press("1", "right", "o")
        await until(pilot, lambda: isinstance(pilot.app.screen, GalleryScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))
        assert training(pilot).session.preset.title == load("xor")[0].title
        assert training(pilot).session.count == 2
        await pilot.press("o")
        await until(pilot, lambda: isinstance(pilot.app.screen, GalleryScreen))
        await pilot.press(*"by-hand", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen) and training(pilot).session.count == 0)
        await pilot.pause()
        assert training(pilot).session.preset.title == load("by-hand")[0].title
        assert "before the first op" in shown(pilot)["chain-rule"]


async def test_a_setting_that_a_chosen_preset_cannot_have_is_reported_in_the_gallery() -> None:
    async with running(None, settings=("layers.4.activation=relu",)) as pilot:
        await pilot.press(*"xor", "enter")
        await pilot.pause()
        await until(pilot, lambda: isinstance(pilot.app.screen, GalleryScreen))
        assert "layers.4" in screen_text(pilot)


# The start


async def test_a_preset_opens_paused_before_the_first_op_with_blanks() -> None:
    async with running("first-steps") as pilot:
        screen = training(pilot)
        assert screen.session.count == 0
        assert not screen.playback.running
        text = shown(pilot)
        assert set(text) == {*PANES, "status"}
        assert "paused" in text["status"]
        assert "before the first op of step 1" in text["chain-rule"]
        rows = text["gradients"].splitlines()[1:3]
        assert [row.split() for row in rows] == [["2", *"····"], ["1", *"····"]]
        # The input 0.5 is given, what comes of it is not there yet.
        assert "0.5" in text["weights"]
        assert "0.65" not in text["weights"]
        await pilot.press("2", "right")
        assert "0.65" in shown(pilot)["weights"]


@pytest.mark.parametrize("name", share(presets.names()[::9], presets.names()))
async def test_every_preset_fills_every_pane_at_every_size(name: str) -> None:
    # What a large terminal adds to a roomy one is seen in every fourth of them.
    more = (LARGE,) if presets.names().index(name) % 4 == 0 else ()
    async with running(name, SMALL) as pilot:
        screen = training(pilot)
        for size in (SMALL, ROOMY, *more):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press("3", "right")
            await travelled(pilot)
            text = shown(pilot)
            lesson = LESSON in screen.panes
            assert set(text) == {*arrangement(*size, screen.current, False, LESSON if lesson else "").panes, "status"}
            assert all(part.strip() for part in text.values())


# Moving through time


@pytest.mark.parametrize(("key", "unit"), list(enumerate(UNITS, 1)))
async def test_arrows_move_by_the_chosen_unit(key: int, unit: str) -> None:
    async with running("by-hand") as pilot:
        session = training(pilot).session
        stops = [0]
        for _ in range(4):
            stops.append(session.timeline.after(stops[-1], unit))  # type: ignore[arg-type]
        await pilot.press(str(key))
        assert training(pilot).view.unit == unit
        for stop in stops[1:]:
            await pilot.press("right")
            assert session.count == stop
        for stop in stops[-2::-1]:
            await pilot.press("left")
            assert session.count == stop
        await pilot.press("left")
        assert session.count == 0


async def test_home_end_and_going_to_a_step() -> None:
    async with running("xor") as pilot:
        session = training(pilot).session
        await go_to_step(pilot, 12)
        await pilot.press("home")
        assert session.count == 0
        await pilot.press("end")
        await travelled(pilot)
        assert session.step == 12
        await go_to_step(pilot, 3)
        assert "step 3 finished" in shown(pilot)["chain-rule"]
        await go_to_step(pilot, 0)
        assert "before the first op" in shown(pilot)["chain-rule"]


async def test_the_question_for_a_step_can_be_left_and_refuses_what_is_no_number() -> None:
    async with running("xor") as pilot:
        await pilot.press("1", "right", "colon", "7")
        assert isinstance(pilot.app.screen, Prompt)
        # In a text field the arrows move the cursor, not the run.
        await pilot.press("left", "1")
        assert pilot.app.screen.query_one(Input).value == "17"
        await pilot.press("escape")
        assert training(pilot).session.count == 2
        await pilot.press("colon", *"ab", "enter")
        await pilot.pause()
        assert training(pilot).session.count == 2
        await until(pilot, lambda: "expected one of step 12, epoch 3" in screen_text(pilot))


async def test_the_line_of_keys_follows_the_view_of_the_weights() -> None:
    async with running("first-steps") as pilot:
        await pilot.press("shift+tab")
        await until(pilot, lambda: "its neuron" in screen_text(pilot))
        await pilot.press("w", "w", "w")
        assert training(pilot).view.weights == "sensitivity"
        await until(pilot, lambda: "↑↓ enter spotlight" in screen_text(pilot))
        assert "its neuron" not in screen_text(pilot)


async def test_the_slider_moves_in_what_if_alone() -> None:
    async with running("first-steps") as pilot:
        view = training(pilot).view
        await pilot.press("right", "full_stop")
        here = training(pilot).session.count
        assert (view.slide, view.sliding) == (0, False)
        await until(pilot, lambda: "Chain rule: v; in Loss , and . zoom" in screen_text(pilot))
        await pilot.press("v", "v", "v", "v", "full_stop", "full_stop", "comma")
        assert (view.slide, view.sliding) == (1, True)
        hints = key_hints(training(pilot))
        assert (", .", "slide the value") in hints
        assert "+ -" not in [key for key, _ in hints]
        # 0.15 and a twentieth of it.
        assert "W⁽¹⁾₁,₁ = 0.1575" in shown(pilot)["chain-rule"]
        assert "δ = 0.0075: " in shown(pilot)["chain-rule"]
        await until(pilot, lambda: "The slider is in the view" not in screen_text(pilot))
        await pilot.press("down")
        assert "W⁽¹⁾₁,₁ = 0.1575" in shown(pilot)["chain-rule"]
        assert "δ = −0.15: " in shown(pilot)["chain-rule"]
        assert training(pilot).session.count == here


async def test_a_long_journey_can_be_stopped() -> None:
    async with running("spiral") as pilot:
        await pilot.press("colon", *"99999999", "enter")
        await until(pilot, lambda: training(pilot).travelling is not None)
        await until(pilot, lambda: "going to step 99,999,999" in screen_text(pilot))
        await pilot.press("escape")
        await travelled(pilot)
        assert 0 < training(pilot).session.step < 99999999
        here = training(pilot).session.count
        await pilot.pause(0.05)
        assert training(pilot).session.count == here
        assert "paused" in shown(pilot)["status"]


async def test_restart_keeps_the_start_weights_and_redraw_draws_new_ones() -> None:
    async with running("xor") as pilot:
        first = training(pilot).session.trainer.state.parameters.copy()
        start = shown(pilot)
        await pilot.press("4", "right", "right", "r")
        assert training(pilot).session.count == 0
        assert (training(pilot).session.trainer.state.parameters == first).all()
        assert shown(pilot) == start
        await pilot.press("R")
        assert training(pilot).session.count == 0
        assert (training(pilot).session.trainer.state.parameters != first).any()
        assert shown(pilot)["weights"] != start["weights"]


async def test_after_a_new_seed_no_pane_shows_the_old_run() -> None:
    async with running("xor", SMALL) as pilot:
        # The loss pane is hidden while the chain rule is maximised; when it comes back the position is the same.
        await go_to_step(pilot, 5)
        old = shown(pilot)["loss"]
        await pilot.press("z", "R")
        await go_to_step(pilot, 5)
        await pilot.press("z")
        await pilot.pause()
        screen = training(pilot)
        fresh = LossPane("Loss", screen.session, screen.view)
        pane = screen.query_one(LossPane)
        assert [strip.text for strip in pane.lines] == [
            strip.text.ljust(pane.content_size.width) for strip in fresh.draw(*pane.content_size)
        ]
        assert shown(pilot)["loss"] != old


@pytest.mark.parametrize("name", share(["xor"], ["xor", "spiral"]))
async def test_a_paused_screen_depends_on_the_position_alone(name: str) -> None:
    async with running(name) as pilot:
        session = training(pilot).session
        await full_speed(pilot)
        await pilot.press("space")
        await until(pilot, lambda: session.step > 10)
        await pilot.press("space")
        assert not training(pilot).playback.running
        await go_to_step(pilot, 4)
        await pilot.press("1", "right", "right")
        reached = shown(pilot)
        assert session.position.events == 3
        await pilot.press("home")
        assert shown(pilot) != reached
        await pilot.press("4", *["right"] * 4, "1", "right", "right")
        await travelled(pilot)
        assert shown(pilot) == reached
        await pilot.press("3", "right", "right", "left", "left", "1", "right", "right")
        await travelled(pilot)
        assert shown(pilot) == reached
        await pilot.press("end")
        await travelled(pilot)
        await go_to_step(pilot, 5)
        await pilot.press("1")
        while session.position.events > 3:
            await pilot.press("left")
        assert shown(pilot) == reached


async def test_numbers_that_are_no_longer_finite_stop_the_run_and_going_back_heals_it(tmp_path: Path) -> None:
    async with running(preset_file(tmp_path, DIVERGING)) as pilot:
        screen = training(pilot)
        await pilot.press("right")
        before = shown(pilot)
        await pilot.press("home")
        await full_speed(pilot)
        await pilot.press("space")
        await until(pilot, lambda: screen.session.not_finite_step is not None and not screen.playback.running)
        await pilot.pause()
        assert "not finite" in screen_text(pilot)
        assert "inf" in shown(pilot)["loss"]
        await go_to_step(pilot, 1)
        assert "nan" not in shown(pilot)["chain-rule"]
        assert {name: text for name, text in shown(pilot).items() if name not in ("loss", "gradients")} == {
            name: text for name, text in before.items() if name not in ("loss", "gradients")
        }


# Playing


async def test_space_plays_at_a_speed_that_can_be_followed_and_pauses() -> None:
    async with running("first-steps") as pilot:
        screen = training(pilot)
        assert SPEEDS[screen.view.speed] <= 4
        await pilot.press(*["plus"] * 4, "space")
        assert screen.playback.running
        await until(pilot, lambda: screen.session.count >= 6)
        assert not screen.view.playing
        assert "ops/s" in screen_text(pilot)
        await pilot.press("space")
        here = screen.session.count
        assert not screen.playback.running
        await pilot.pause(0.2)
        assert screen.session.count == here
        assert "paused" in shown(pilot)["status"]


async def test_keys_are_answered_while_training_at_full_speed() -> None:
    async with running("spiral") as pilot:
        screen = training(pilot)
        await full_speed(pilot)
        await pilot.press("space")
        await until(pilot, lambda: screen.session.step > 50)
        spotlight = screen.view.spotlight.name
        await pilot.press("3", "l", "w", "shift+right", "tab", "z")
        # A diagram of this network has no room: the next view but the maps is that of numbers.
        assert (screen.view.unit, screen.view.log, screen.view.weights) == ("phase", True, "numbers")
        assert screen.view.spotlight.name != spotlight
        assert screen.maximised
        assert screen.playback.running
        step = screen.session.step
        await until(pilot, lambda: screen.session.step > step)
        await until(pilot, lambda: "steps/s" in screen_text(pilot))
        await pilot.press("minus")
        await until(pilot, lambda: not screen.view.playing)
        assert screen.playback.running
        await pilot.press("left")
        assert not screen.playback.running
        assert "paused" in shown(pilot)["status"]


async def test_what_opens_over_a_playing_run_pauses_it_and_the_screen_says_so() -> None:
    async with running("xor") as pilot:
        screen = training(pilot)
        await full_speed(pilot)
        for opening in ("question_mark", "o"):
            step = screen.session.step
            await pilot.press("space")
            await until(pilot, lambda step=step: screen.session.step > step + 5)  # type: ignore[misc]
            await pilot.press(opening)
            await until(pilot, lambda: pilot.app.screen is not screen)
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is screen)
            await pilot.pause()
            assert not screen.playback.running
            assert "paused" in shown(pilot)["status"]
            assert f"step {screen.session.position.step:,}" in shown(pilot)["status"]


# The panes


def before(name: str) -> tuple[str, ...]:
    return PANES[: PANES.index(name)]


def after(name: str) -> tuple[str, ...]:
    return PANES[PANES.index(name) + 1 :]


def frame(screen: TrainingScreen, name: str) -> str:
    return str(screen.pane(name).border_title)


@pytest.mark.parametrize("size", [SMALL, LARGE, (60, 15), (20, 5)])
async def test_tab_goes_round_all_five_panes(size: tuple[int, int]) -> None:
    async with running("xor", size) as pilot:
        screen = training(pilot)
        start = PANES.index(screen.current)
        for places in (*range(1, 6), *range(4, -1, -1)):
            await pilot.press("tab" if screen.current == PANES[(start + places - 1) % 5] else "shift+tab")
            await pilot.pause()
            name = PANES[(start + places) % 5]
            assert screen.current == name
            assert screen.focused is screen.pane(name)
            visible = {pane.id for pane in screen.query(Pane) if pane.display and pane.id in PANES}
            assert visible == set(arrangement(*size, name, maximised=False).panes)
            assert name in visible
            assert {pane: screen.pane(pane).border_title for pane in visible if "tab" in frame(screen, pane)} == {
                SMALL: {"data": "Data (tab: Loss)"} if name == "data" else {"loss": "Loss (tab: Data)"},
                (60, 15): {name: f"{title(name)} (tab: {', '.join(map(title, (*after(name), *before(name))))})"},
            }.get(size, {})
            assert pane_text(screen.pane(name)).strip()


@pytest.mark.parametrize("size", [SMALL, (60, 15)])
async def test_z_maximises_each_pane_and_back(size: tuple[int, int]) -> None:
    async with running("xor", size) as pilot:
        screen = training(pilot)
        for _ in PANES:
            await pilot.press("tab")
            await pilot.pause()
            before = shown(pilot)
            await pilot.press("z")
            await pilot.pause()
            assert set(shown(pilot)) - {"status"} == {screen.current}
            assert screen.pane(screen.current).size.width == size[0] - 4
            await pilot.press("escape")
            await pilot.pause()
            assert shown(pilot) == before


async def test_a_click_chooses_a_pane() -> None:
    async with running("xor") as pilot:
        screen = training(pilot)
        for name in ("data", "weights", "gradients", "loss", "chain-rule"):
            await pilot.click(f"#{name}")
            await pilot.pause()
            assert screen.current == name
            assert screen.focused is screen.pane(name)


async def test_shift_and_arrows_move_the_spotlight_through_every_parameter() -> None:
    async with running("first-steps") as pilot:
        screen = training(pilot)
        await pilot.press("right", "right")
        seen = [str(screen.view.spotlight.name)]
        for _ in range(5):
            await pilot.press("shift+right")
            seen.append(str(screen.view.spotlight.name))
        assert seen == ["W1[1,1]", "W1[1,2]", "b1[1]", "W2[1,1]", "W2[1,2]", "b2[1]"]
        await pilot.press(*["shift+left"] * 5, "shift+down")
        assert str(screen.view.spotlight.name) == "W1[2,1]"
        assert "W⁽¹⁾₂,₁" in shown(pilot)["weights"]
        await pilot.press("shift+up")
        assert str(screen.view.spotlight.name) == "W1[1,1]"


async def test_enter_goes_to_the_op_that_made_a_factor_and_escape_comes_back() -> None:
    async with running("by-hand", LARGE) as pilot:
        screen = training(pilot)
        jumped = 0
        for number in range(len(screen.session.plan.ops)):
            await pilot.press("right")
            here = screen.session.count
            for factor in factors(screen.session, screen.view) if number % share(5, 1) == 0 else ():
                chosen = shown(pilot)
                await pilot.press("enter")
                if factor.op is None or factor.op.phase == "start":
                    assert screen.session.count == here
                else:
                    jumped += 1
                    assert screen.session.op is factor.op
                    assert screen.session.count <= here
                    # What is shown there is the very number that was chosen.
                    assert f"{factor.reference.symbols()} = " in shown(pilot)["chain-rule"]
                    await pilot.press("escape")
                    assert screen.session.count == here
                assert shown(pilot) == chosen
                await pilot.press("down")
        assert jumped > 10


async def test_w_shows_the_next_view_of_the_weights_and_l_the_other_axis() -> None:
    async with running("first-steps") as pilot:
        await pilot.press("right", "4", "right", "right")
        texts = []
        # All but the one of linear layers in a row, which this network has not.
        for _ in WEIGHT_VIEWS[1:]:
            texts.append(shown(pilot)["weights"])
            await pilot.press("w")
        assert len(set(texts)) == len(WEIGHT_VIEWS) - 1
        assert shown(pilot)["weights"] == texts[0]
        linear = shown(pilot)["loss"]
        await pilot.press("l")
        assert ("linear" in linear, "linear" in shown(pilot)["loss"]) == (True, False)
        await pilot.press("l")
        assert shown(pilot)["loss"] == linear


async def test_every_layer_of_a_deep_network_can_be_scrolled_to(tmp_path: Path) -> None:
    async with running(preset_file(tmp_path, DEEP), SMALL) as pilot:
        screen = training(pilot)
        await pilot.press("4", "right", "tab", "tab")
        assert screen.current == "gradients"
        for _ in range(2):
            seen = set()
            for _ in range(31):
                await pilot.pause()
                seen |= {row.split()[0] for row in shown(pilot)["gradients"].splitlines()[1:] if row.split()}
                await pilot.press("down")
            assert {str(layer) for layer in range(1, 31)} <= seen
            for _ in range(31):
                await pilot.press("up")
            assert shown(pilot)["gradients"].splitlines()[1].split()[0] == "30"
            await pilot.press("z")


async def test_help_shows_the_lesson_and_every_key_and_closes_again() -> None:
    async with running("vanishing", SMALL) as pilot:
        screen = training(pilot)
        for closing in ("escape", "question_mark"):
            await pilot.press("question_mark")
            assert isinstance(pilot.app.screen, HelpScreen)
            page = pilot.app.screen
            await pilot.press("tab")
            said = " ".join(" ".join(strip.text for strip in page.lines(70)).split())
            assert "the reason stands in [→ Chain rule]" in said
            await pilot.press("tab", "tab")
            shown_keys = [strip.text.split()[0] for strip in page.lines(70)]
            assert {"space", "home", "shift+↑", "ctrl+p"} <= set(shown_keys)
            await pilot.press(closing)
            await until(pilot, lambda: pilot.app.screen is screen)


async def test_q_leaves_with_0_and_ctrl_c_with_130() -> None:
    for keys, status in ((["q"], 0), (["ctrl+c"], 130), (["colon", "ctrl+c"], 130), (["question_mark", "ctrl+c"], 130)):
        async with running("xor") as pilot:
            await pilot.press(*keys)
            await until(pilot, lambda status=status, pilot=pilot: pilot.app.return_code == status)  # type: ignore[misc]


async def test_the_palette_of_commands_offers_every_key_and_runs_it() -> None:
    async with running("xor") as pilot:
        await pilot.press("ctrl+p", *"maximise", "enter", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen) and training(pilot).maximised)


async def test_a_light_theme_is_drawn_at_once_in_its_own_colours_and_is_remembered() -> None:
    config = read_config()
    async with running("xor", config=config) as pilot:
        screen = training(pilot)
        dark = screen.view.look
        pilot.app.theme = "textual-light"
        await pilot.pause()
        assert screen.view.look.palette != dark.palette
        for pane in screen.query(Drawn):
            # The ground that its lines stand on is that of the styles as they are now.
            assert pane.base == pane.rich_style
            assert pane.base.bgcolor is not None
            assert min(pane.base.bgcolor.get_truecolor()) > 128
    config.write()
    async with running("xor", config=read_config()) as pilot:
        assert pilot.app.theme == "textual-light"
        assert training(pilot).view.look.palette != dark.palette


async def test_a_theme_that_there_is_not_is_passed_over_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a slow machine it is kept meanwhile what was opened.
    monkeypatch.chdir(tmp_path)
    config = config_of('theme = "nrd"', Path("config.toml"))
    async with running("xor", config=config) as pilot:
        assert pilot.app.theme == "textual-dark"
        await until(pilot, lambda: training(pilot).notice.startswith('config.toml: theme: there is no theme "nrd"'))
        assert 'did you mean "nord"?' in training(pilot).notice


# What the panes say


@pytest.mark.parametrize("name", ["first-steps", "by-hand"])
async def test_every_op_shows_its_numbers(name: str) -> None:
    async with running(name, (200, 60)) as pilot:
        screen = training(pilot)
        pane = screen.query_one(ChainRulePane)
        session = screen.session
        for _ in range(len(session.plan.ops)):
            await pilot.press("right")
            assert session.op is not None
            text = unspaced(pane_text(pane))
            found = statements(session.op, screen.view.spotlight, screen.view.last(session))
            assert found
            for statement in found:
                for part in (
                    statement.name,
                    statement.symbols(),
                    statement.numbers(lambda value: format_number(value, 12, 6)),
                    format_number(statement.value, 12, 6),
                ):
                    assert unspaced(part) in text
        await pilot.press("4", "right")
        assert f"step {session.position.step} finished" in pane_text(pane)


async def test_blank_stays_blank_until_the_op_has_run() -> None:
    async with running("by-hand", LARGE) as pilot:
        session = training(pilot).session
        for _ in range(len(session.plan.ops)):
            await pilot.press("right")
            rows = [row.split() for row in shown(pilot)["gradients"].splitlines()[1:]]
            for row in rows[:3]:
                computed = session.computed(session.plan["dW", int(row[0])])
                assert (row[1:] != ["·"] * 4) == computed


# Sizes


@cache
def fresh_panes(name: str, moves: int) -> list[Pane]:
    """The panes of a preset after so many ops, without an app."""
    from backprop_tui.core.chain_rule.spotlight import Spotlight
    from backprop_tui.core.preset.parameter_name import parameter_name
    from backprop_tui.core.session.session import Session

    preset, dataset = load(name)
    session = Session(preset, dataset)
    session.seek(moves)
    spotlight = Spotlight.named(parameter_name(preset.view.spotlight, preset.layers, dataset.inputs.shape[0]), 0)
    view = View(spotlight)
    kinds = (WeightsPane, ChainRulePane, LossPane, GradientsPane, DataPane)
    return [kind(kind.__name__, session, view) for kind in kinds]


@settings(max_examples=share(13, 40), deadline=None)
@given(
    which=st.sampled_from([("by-hand", 0), ("by-hand", 9), ("vanishing", 500), ("digits", 8), ("linear-neuron", 30)]),
    width=st.integers(1, 200),
    height=st.integers(1, 60),
    weights=st.sampled_from(WEIGHT_VIEWS),
    log=st.booleans(),
)
def test_no_pane_draws_a_line_wider_than_its_room(
    which: tuple[str, int], width: int, height: int, weights: str, log: bool
) -> None:
    for pane in fresh_panes(*which):
        pane.view.weights, pane.view.log = weights, log
        for strip in pane.draw(width, height):
            assert strip.cell_length <= width
            assert "\n" not in strip.text


async def test_every_size_is_filled_exactly() -> None:
    async with running("xor", SMALL) as pilot:
        screen = training(pilot)
        await pilot.press("4", "right")
        for size in ((1, 1), (2, 2), (20, 5), (200, 60), (3, 40), (99, 28), (100, 28), (72, 20), (71, 20), (250, 9)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press("right")
            strips = screen._compositor.render_strips()
            assert len(strips) == size[1]
            assert all(strip.cell_length == size[0] for strip in strips)
            for pane in screen.query(Pane):
                width, height = pane.content_size
                if pane.display and width > 0 and height > 0:
                    assert len(pane.lines) == height
                    assert all(strip.cell_length == width for strip in pane.lines)
        await pilot.resize_terminal(*ROOMY)
        await pilot.pause()
        assert set(shown(pilot)) == {*PANES, "status"}


async def test_lines_above_and_below_give_way_on_a_low_terminal() -> None:
    async with running("xor", (80, 9)) as pilot:
        assert not any(line.display for line in training(pilot).query(Line))


# Plain characters


@pytest.mark.parametrize(
    ("name", "first"),
    [("first-steps", LARGE), ("digits", (10, 9)), *share([], [("vanishing", SMALL), ("linear-neuron", LARGE)])],
)
async def test_ascii_shows_nothing_but_ascii(name: str, first: tuple[int, int]) -> None:
    """Each view of the weights in each of these presets, at one of two sizes, which are others in others."""
    sizes = [LARGE, SMALL, (10, 9)]
    async with running(name, first, ascii=True) as pilot:
        half = len(WEIGHT_VIEWS) // 2
        for turn in range(len(WEIGHT_VIEWS)):
            await pilot.resize_terminal(*sizes[(sizes.index(first) + turn // half) % 3])
            await pilot.pause()
            await pilot.press("3", "right", "w")
            await travelled(pilot)
            assert screen_text(pilot).isascii(), odd(screen_text(pilot))


async def test_ascii_holds_for_the_gallery_the_question_for_a_step_and_the_help() -> None:
    async with running(None, ascii=True) as pilot:
        assert screen_text(pilot).isascii(), odd(screen_text(pilot))
        await pilot.press(*"qq")
        assert screen_text(pilot).isascii(), odd(screen_text(pilot))
        await pilot.press("escape", *"xor", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, TrainingScreen))
        for opening in ("colon", "question_mark"):
            await pilot.press(opening)
            await pilot.pause()
            assert screen_text(pilot).isascii(), odd(screen_text(pilot))
            await pilot.press("pagedown")
            assert screen_text(pilot).isascii(), odd(screen_text(pilot))
            await pilot.press("escape")


def odd(text: str) -> str:
    """The lines of a text that are not ASCII, for the message of a failed test."""
    return "\n".join(line for line in text.splitlines() if not line.isascii())


async def test_what_has_no_room_at_80_by_24_is_said_and_the_chosen_factor_is_seen() -> None:
    async with running("vanishing", (80, 24)) as pilot:
        await pilot.press("3", "right", "right", "right", "1", *["left"] * 14)
        # The result comes first; ↓ leads on to the factors.
        await pilot.press("down", "down")
        for _ in range(4):
            text = shown(pilot)
            assert "▸" in text["chain-rule"]
            assert "… more" in text["chain-rule"].splitlines()[-1]
            maps = text["weights"].partition("…")[0]
            layers = {number for number in range(1, 11) if of_layer("W", number) in maps}
            assert f"… {10 - len(layers)} more layers: z" in text["weights"]
            assert training(pilot).session.op is not None
            assert training(pilot).session.op.layer in layers  # type: ignore[union-attr]
            await pilot.press("down", "down")
