"""What is kept out of sight in the app: its keys, and where else one could meet it."""

import random
import shlex
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from backprop_tui.core.preset.hidden import KEYS, Hidden
from backprop_tui.core.preset.hidden import PANES as NAMES_OF_PANES
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.cli import main
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.command_line.options import parse
from backprop_tui.tui.key_hints import key_hints
from backprop_tui.tui.lesson.help_screen import KEYS as KEYS_PAGE
from backprop_tui.tui.lesson.help_screen import HelpScreen
from backprop_tui.tui.lesson.help_text import PANES, panes_text
from backprop_tui.tui.pages.prompt import Prompt
from backprop_tui.tui.pages.share import ShareScreen
from backprop_tui.tui.pages.tools import tool
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.running.arrangement import PANES as PANES_OF_THE_APP
from backprop_tui.tui.running.run_state import command_line, preset_text
from backprop_tui.tui.running.until import remember
from backprop_tui.tui.settings.pane import SettingsPane
from backprop_tui.tui.training_screen import TrainingScreen

from ..share import share
from .command_line.said import said
from .run_pilot import AppPilot, screen_of, text, until
from .tool_pilot import type_in

LESSON = """
title = "A lesson of what is hidden"
lesson = "First [the diagnosis](key:d), then [the settings](key:e), [another](preset:xor), and [one step](key:right)."
[data]
kind = "inline"
inputs = [[0.5, 0.8]]
targets = [[1.0]]
[[layers]]
units = 1
activation = "sigmoid"
[view]
hide = ["diagnosis", "settings", "open"]
"""


@asynccontextmanager
async def hiding(
    names: tuple[str, ...], preset: str = "xor", size: tuple[int, int] = (120, 36)
) -> AsyncIterator[tuple[AppPilot, TrainingScreen]]:
    app = BackpropApp(AppRequest(preset, hide=names))
    async with app.run_test(size=size) as pilot:
        await until(lambda: isinstance(app.screen, TrainingScreen))
        await pilot.pause()
        yield pilot, screen_of(pilot)


async def test_a_hidden_key_does_nothing_but_say_so_wherever_it_is_looked_for() -> None:
    names = ("settings", "diagnosis", "check", "share", "values", "points", "chain_rule_views", "play", "estimate")
    async with hiding(names) as (pilot, screen):
        for key, name in (("e", "settings"), ("d", "diagnosis"), ("g", "check"), ("P", "settings"), ("C", "share"),
                          ("y", "share"), ("a", "points"), ("E", "values"), ("v", "chain_rule_views"),
                          ("space", "play"), ("plus", "play"), ("u", "settings")):  # fmt: skip
            await pilot.press(key)
            assert pilot.app.screen is screen
            assert f"not here, since {name} is hidden" in screen.notice, key
        assert (screen.side, screen.view.chain, screen.playback.running, screen.session.count) == ("", "op", False, 0)
        assert text(pilot, "counters").startswith("u: not here, since settings is hidden")
        # In the line of keys and in the frames
        assert {key for key, _ in key_hints(screen)} - {key for key, _ in screen.hints()} == {"space", "+ -", "C"}
        assert screen.query_one("#chain-rule", Drawn).border_subtitle == ""
        assert "w: " in str(screen.query_one("#weights", Drawn).border_subtitle)
        # In the list of commands
        titles = [command.title for command in pilot.app.get_system_commands(screen)]
        gone = ("Diagnosis", "Settings", "Estimate", "Play", "Share", "Picture", "Plot")
        assert not [title for title in titles if title.startswith(gone)]
        assert "Breakpoints" in titles
        # In the help
        await pilot.press("question_mark")
        help = pilot.app.screen
        assert isinstance(help, HelpScreen)
        said_of = {does for _, does in help.subject.keys}
        assert not said_of & {"diagnosis", "gradient check here and now", "play or pause"}
        help.turn_to(KEYS_PAGE)
        await pilot.press("escape")
        # What stays does what it does.
        await pilot.press("right")
        assert (screen.session.count, screen.notice) == (1 if screen.view.unit == "op" else screen.session.count, "")
        assert screen.session.count > 0


async def test_what_is_typed_behind_the_colon_is_hidden_with_the_settings() -> None:
    async with hiding(("settings.learning_rate", "values")) as (pilot, screen):
        session = screen.session
        for typed, name in (
            ("learning_rate = 0.5", "settings.learning_rate"),
            ("optimizer.learning_rate = 0.5", "settings.learning_rate"),
            ("W1[1,1] = 3", "values"),
        ):
            await pilot.press("colon")
            await type_in(pilot, typed)
            assert screen.notice == (
                f"{typed}: not here, since {name} is hidden (view.hide of the preset, --hide, or config.toml)"
            )
            assert screen.session is session
        await pilot.press("colon")
        await type_in(pilot, "optimizer.l2 = 0.5")
        assert screen.session.preset.optimizer.l2 == 0.5


async def test_single_settings_are_not_in_the_list() -> None:
    async with hiding(("settings.data", "settings.activation", "values", "settings.layers.order")) as (pilot, screen):
        await pilot.press("e")
        pane = screen.query_one(SettingsPane)
        names = [control.name for control in pane.controls()]
        assert "optimizer.learning_rate" in names
        hidden = ("data.", "feature", "new data", "activation", "W")
        assert not [name for name in names if name.startswith(hidden) or name.endswith("activation")]
        assert not [name for name in names if name in ("layers.0", "layers.1")]
        await pilot.press("plus")
        assert screen.session.preset.optimizer.kind != "sgd"


async def test_links_of_a_lesson_say_what_is_hidden_and_the_next_link_does_its_work(tmp_path: Path) -> None:
    preset = tmp_path / "lesson.toml"
    preset.write_text(LESSON, encoding="utf-8")
    async with hiding((), str(preset)) as (pilot, screen):
        await pilot.press("i", "d")
        pane = screen.query_one("#lesson")
        assert pane.done == frozenset()  # type: ignore[attr-defined]
        for name in ("diagnosis", "settings", "open"):
            await pilot.press("enter")
            await until(lambda name=name: f"since {name} is hidden" in screen.notice)  # type: ignore[misc]
            assert pilot.app.screen is screen
        await pilot.press("enter")
        await until(lambda: screen.session.count > 0)


async def test_nothing_found_is_told_and_full_speed_does_not_stop_where_the_diagnosis_is_hidden() -> None:
    async with hiding(("diagnosis",), "vanishing") as (pilot, screen):
        remember(pilot.app.config, "finding or 3 epochs")  # type: ignore[attr-defined]
        screen.view.speed = 99
        await pilot.press(*["plus"] * 12, "space")
        await until(lambda: not screen.playback.running)
        assert screen.session.findings()
        assert screen.notice.startswith("stopped at 3 epochs more")
        await pilot.press("left")
        assert "warning" not in text(pilot, "counters")
        assert " d " not in text(pilot, "counters")


async def test_what_is_hidden_by_the_option_is_hidden_beside_what_the_preset_hides(tmp_path: Path) -> None:
    preset = tmp_path / "lesson.toml"
    preset.write_text(LESSON, encoding="utf-8")
    async with hiding(("check", "share", "restart", "export"), str(preset)) as (pilot, screen):
        assert set(screen.hide.names) == {"diagnosis", "settings", "open", "check", "share", "restart", "export"}
        # A run again, and one with a changed setting, hide the same.
        screen.change({"optimizer.learning_rate": 0.5})
        await pilot.press("g")
        assert "check is hidden" in screen.notice
    async with hiding(("export", "keep"), str(preset)) as (pilot, screen):
        await pilot.press("C")
        page = pilot.app.screen
        assert isinstance(page, ShareScreen)
        assert not {"solution", "program", "weights"} & {share.id for share in page.shares}
        assert {"preset", "command"} <= {share.id for share in page.shares}


async def test_the_gallery_opens_presets_without_what_the_option_hides() -> None:
    app = BackpropApp(AppRequest(hide=("statistics",)))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(lambda: bool(app.screen.query("#gallery-list")))
        await pilot.press(*"xor", "enter")
        await until(lambda: isinstance(app.screen, TrainingScreen))
        await pilot.press("t")
        assert "statistics is hidden" in screen_of(pilot).notice
        assert not isinstance(app.screen, Prompt)


def test_the_help_of_the_panes_is_without_what_is_hidden() -> None:
    assert panes_text(Hidden(()), ()) == PANES
    shown = panes_text(Hidden(("values", "gradients", "record", "weights_views")), ("E", "f", "w"))
    assert not [gone for gone in ("`E`", "**Gradients**", "`f` records", "(`w`)") if gone in shown]
    assert all(kept in shown for kept in ("**Weights**", "**Data**", "`W` keeps", "the mouse", "## To keep"))
    assert ";." not in shown


# The command line


def test_show_writes_what_is_hidden_into_the_preset_and_the_command_line_of_a_run_says_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = said(capsys, "show", "xor", "--hide", "settings, Diagnosis", "--hide", "share")
    assert 'hide = ["settings", "diagnosis", "share"]' in shown
    assert "hide" not in said(capsys, "show", "xor")
    session = Session(*load("xor", hide=("diagnosis", "settings.noise")))
    words = shlex.split(command_line(session)[0])
    assert words[:2] == ["backprop-tui", "xor"]
    _, options = parse(words[1:])
    again = Session(*load(options.preset, settings=options.set, hide=("loss",)))
    assert again.preset.view.hide == ("diagnosis", "settings.noise", "loss")
    assert tomllib.loads(preset_text(again, Path.cwd())[0])["view"]["hide"] == ["diagnosis", "settings.noise", "loss"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("xor", "--hide", "setings"), 'did you mean "settings"'),
        (("xor", "--hide", ""), "expected names such as settings,diagnosis"),
        (("xor", "--hide", "weights,loss,data,gradients,chain-rule"), "at least one pane"),
        (("train", "xor", "--hide", "settings"), "train has none"),
        (("verify", "verify-1", "--hide", "settings"), "say --app too"),
        (("show", "verify-1.json", "--hide", "settings"), "leave out --set, --seed and --hide"),
        (("show", "xor", "--set", "view.hide=[1]"), "expected a list of names"),
    ],
)
def test_what_cannot_be_hidden_is_told(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert told in err


# Panes


async def test_a_hidden_pane_is_nowhere_and_what_leads_to_it_says_so() -> None:
    async with hiding(("chain_rule", "loss"), size=(80, 24)) as (pilot, screen):
        visible = {pane.id for pane in screen.query(Drawn) if pane.display and pane.region.area} & set(PANES_OF_THE_APP)
        assert visible == {"weights", "gradients", "data"}
        assert screen.current == "weights"
        for _ in range(3):
            await pilot.press("tab")
            assert screen.focused is screen.pane(screen.current)
            assert screen.current in visible
        for key, name in (("v", "chain_rule"), ("p", "chain_rule"), ("L", "loss"), ("l", "loss")):
            await pilot.press(key)
            assert f"since {name} is hidden" in screen.notice
            assert pilot.app.screen is screen
        await pilot.press("enter")
        assert "Chain rule: not here" in screen.notice
        # Settings, lesson and the whole screen, and back.
        for keys in (("e", "e"), ("i", "i"), ("z", "z")):
            await pilot.press(keys[0])
            await pilot.pause()
            assert not screen.pane("chain-rule").display
            await pilot.press(keys[1])
            await pilot.pause()
            assert {name for name in PANES_OF_THE_APP if screen.pane(name).display} == visible


async def test_hidden_views_are_passed_over_and_a_link_to_one_says_so(tmp_path: Path) -> None:
    hidden = ("chain_rule.neuron", "chain_rule.path", "chain_rule.depth", "weights.nudges", "data.about", "loss.map")
    preset = tmp_path / "lesson.toml"
    lesson = LESSON.replace("(key:d)", "(pane:Weights/nudges)").replace('"settings", ', '"chain_rule.what_if", ')
    preset.write_text(lesson, encoding="utf-8")
    async with hiding(hidden, str(preset), (160, 50)) as (pilot, screen):
        await pilot.press("4", "right")
        for key, shown, gone in (
            ("v", lambda: screen.view.chain, {"neuron", "path", "depth", "what if"}),
            ("w", lambda: screen.view.weights, {"nudges"}),
            ("m", lambda: screen.view.data, {"about"}),
            ("L", lambda: screen.view.loss, {"map"}),
        ):
            met = set()
            for _ in range(9):
                await pilot.press(key)
                met.add(shown())
            assert len(met) > 1, key
            assert not met & gone
        assert str(screen.query_one("#loss", Drawn).border_subtitle).endswith("/2")
        screen.look_at("weights", "op")
        screen.view.weights = "picture"
        await pilot.press("enter")
        assert "Chain rule, neuron: not here, since chain_rule.neuron is hidden" in screen.notice
        assert screen.current == "weights"
        await pilot.press("i", "enter")
        await until(lambda: "since weights.nudges is hidden" in screen.notice)
        assert screen.view.weights == "picture"
        # A view that is looked at while it is hidden gives way to the first.
        screen.view.weights, screen.view.chain = "table", "decay"
        screen.change({"view.hide": ["weights.table", "chain_rule.decay"]})
        await pilot.pause()
        assert (screen.view.weights, screen.view.chain) == ("picture", "op")


async def test_what_is_hidden_can_be_changed_on_the_way_and_taken_back() -> None:
    async with hiding(("statistics",)) as (pilot, screen):
        places = {name: screen.pane(name).region for name in PANES_OF_THE_APP}
        await pilot.press("e", "colon")
        await type_in(pilot, 'view.hide = ["diagnosis", "loss", "weights", "settings"]')
        await pilot.pause()
        assert "hidden statistics → diagnosis, loss, weights, settings" in screen.notice
        assert screen.side == ""
        assert {name for name in PANES_OF_THE_APP if screen.pane(name).display} == {"chain-rule", "gradients", "data"}
        for key, name in (("d", "diagnosis"), ("t", "statistics"), ("e", "settings")):
            await pilot.press(key)
            assert f"since {name} is hidden" in screen.notice
        await pilot.press("u")
        await until(lambda: screen.pane("loss").display)
        await pilot.pause()
        assert {name: screen.pane(name).region for name in PANES_OF_THE_APP} == places
        assert screen.hide == Hidden(("statistics",))
        await pilot.press("d")
        assert pilot.app.screen is not screen


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_a_single_pane_that_stays_has_the_whole_screen(size: tuple[int, int]) -> None:
    async with hiding(("weights", "loss", "gradients", "data"), size=size) as (pilot, screen):
        await pilot.press("right", "right")
        chain = screen.pane("chain-rule")
        assert chain.outer_size.width == size[0]
        assert chain.outer_size.height >= size[1] - 5
        assert "forward" in text(pilot, "chain-rule")


# Whatever is hidden, and whatever is pressed


PAGES = {
    "check": "g",
    "compare": "c",
    "breakpoints": "b",
    "statistics": "t",
    "source": "s",
    "share": "C",
    "predict": "p",
}
PRESSED = [
    *"weTDvmLlgudPaEMOrRxyYWbctpsC1245,.",
    "space",
    "tab",
    "right",
    "left",
    "down",
    "enter",
    "escape",
    "pagedown",
]


@pytest.mark.parametrize("number", range(share(1, 40)))
async def test_random_keys_meet_nothing_that_is_hidden(number: int) -> None:
    chance = random.Random(number)
    names = tuple(chance.sample([*KEYS, *[*NAMES_OF_PANES][:4]], chance.randint(3, 14)))
    preset = chance.choice(["xor", "circle", "digits-8x8", "first-steps"])
    async with hiding(names, preset, chance.choice([(80, 24), (120, 36)])) as (pilot, screen):
        classes = {type(tool(name, screen)): name for name in PAGES}
        for _ in range(40):
            if not isinstance(pilot.app.screen, TrainingScreen):
                assert classes.get(type(pilot.app.screen)) not in names
                await pilot.press("escape", "escape")
                await until(lambda: isinstance(pilot.app.screen, TrainingScreen))
            await pilot.press(chance.choice(PRESSED))
            if pilot.app.screen is not screen:
                continue
            assert not {pane.id for pane in screen.query(Drawn) if pane.display} & {
                name.replace("_", "-") for name in names if name in NAMES_OF_PANES
            }
            if "settings" in names:
                assert screen.side == ""
            if "play" in names:
                assert not screen.playback.running
            if "weights_views" in names:
                assert screen.view.weights == "picture"
            hidden_now = set(screen.hidden_keys())
            assert not [hint for hint in screen.hints() if hint[0] in hidden_now], names
