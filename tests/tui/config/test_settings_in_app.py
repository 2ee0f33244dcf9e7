"""Settings that stay in the app: what is chosen is so the next time, keys are those that a person has moved."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from backprop_tui import presets
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.config.config import Config, config_of, read_config
from backprop_tui.tui.config.recent import FILE, note
from backprop_tui.tui.lesson.help_screen import HelpScreen
from backprop_tui.tui.pages.estimate import EstimateScreen
from backprop_tui.tui.pages.gallery import GalleryScreen
from backprop_tui.tui.pages.palette import Palette
from backprop_tui.tui.pages.prompt import Prompt
from backprop_tui.tui.pages.statistics import StatisticsScreen
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.running.playback import FULL, SPEEDS
from backprop_tui.tui.training_screen import TrainingScreen

AppPilot = Pilot[None]
MOVED = """
[keys]
play = ["k"]
statistics = "ctrl+t"
quit = []
forward = "j"
spotlight_right = "H"
until = "f6"
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that are given here as a text are kept where the test is, not in a checkout."""
    monkeypatch.chdir(tmp_path)


@asynccontextmanager
async def running(preset: str | None, config: Config, **options: object) -> AsyncIterator[AppPilot]:
    app = BackpropApp(AppRequest(preset, config=config, **options))  # type: ignore[arg-type]
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        yield pilot


def training(pilot: AppPilot) -> TrainingScreen:
    assert isinstance(pilot.app.screen, TrainingScreen)
    return pilot.app.screen


def line(pilot: AppPilot, name: str) -> str:
    return pilot.app.screen.query_one(f"#{name}", Drawn).draw(120, 1)[0].text


def drawn(pane: Drawn) -> str:
    return "\n".join(row.text for row in pane.draw(100, 40))


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(3000):
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come about")


async def test_what_is_chosen_is_written_in_a_moment_and_is_so_in_another_preset(file: Path) -> None:
    file.write_text("# mine\n")
    async with running("xor", read_config()) as pilot:
        await pilot.press("5", "plus", "l", "w", "v", "tab")
        chosen = training(pilot).view
        await until(lambda: "panes" in file.read_text())
    assert file.read_text().startswith("# mine\n")
    kept = read_config()
    assert not kept.problems
    async with running("spiral", kept) as pilot:
        screen = training(pilot)
        view = screen.view
        assert (view.unit, view.speed, view.log, view.weights, view.chain) == (
            *("epoch", chosen.speed, True),
            *(chosen.weights, chosen.chain),
        )
        assert (screen.current, chosen.weights != "picture", chosen.chain != "op") == ("loss", True, True)
        assert screen.pane("loss").has_focus
    # The tour leads by its own way.
    async with running("tour", kept) as pilot:
        assert (training(pilot).view.unit, training(pilot).view.chain) == ("op", "op")


async def test_a_speed_that_nobody_could_follow_is_not_kept(file: Path) -> None:
    config = read_config()
    async with running("xor", config) as pilot:
        await pilot.press(*["plus"] * FULL)
        assert training(pilot).view.speed == FULL
    config.write()
    assert read_config().get("speed") == 15
    async with running("xor", config_of('speed = "full"', Path("config.toml"))) as pilot:
        assert training(pilot).view.speed == FULL
    async with running("xor", config_of("speed = 99", Path("config.toml"))) as pilot:
        assert SPEEDS[training(pilot).view.speed] == 60


async def test_a_view_that_is_hidden_or_that_the_run_has_not_is_passed_over() -> None:
    table = '[views]\nchain_rule = "path"\nweights = "one_matrix"\ndata = "confusion"\n[panes]\nfirst = "data"\n'
    config = config_of(f"{table}maximised = true\n", Path("config.toml"))
    async with running("first-steps", config, hide=("chain_rule.path", "data")) as pilot:
        screen = training(pilot)
        assert (screen.view.chain, screen.current, screen.maximised) == ("op", "chain-rule", True)
        await pilot.press("z", "w")
        assert not pilot.app.failures  # type: ignore[attr-defined]


async def test_without_settings_nothing_is_written(file: Path) -> None:
    config = Config()
    async with running("xor", config) as pilot:
        await pilot.press("5", "l")
        pilot.app.theme = "nord"
        await pilot.pause()
    config.write()
    assert not list(file.parent.iterdir())


async def test_keys_are_those_that_were_moved_everywhere() -> None:
    async with running("xor", config_of(MOVED, Path("config.toml"))) as pilot:
        screen = training(pilot)
        hints = line(pilot, "keys")
        assert "k play" in hints
        assert "space" not in hints
        assert "quit" not in hints
        await pilot.press("1", "j")
        count = screen.session.count
        await pilot.press("j", "right")
        assert screen.session.count == count + 2 > 2
        await pilot.press("space")
        assert not screen.playback.running
        assert screen.notice == "space: nothing here; play is k (config.toml)"
        await pilot.press("k")
        assert screen.playback.running
        await pilot.press("k")
        assert not screen.playback.running
        before = screen.view.spotlight
        await pilot.press("H")
        assert screen.view.spotlight != before
        await pilot.press("q")
        assert pilot.app.is_running
        await pilot.press("ctrl+t")
        assert isinstance(pilot.app.screen, StatisticsScreen)
        # The page's own key closes it again.
        await pilot.press("ctrl+t")
        assert pilot.app.screen is screen


async def test_a_click_on_a_hint_presses_what_it_says() -> None:
    async with running("xor", config_of(MOVED, Path("config.toml"))) as pilot:
        place = line(pilot, "keys").index("k play")
        await pilot.click("#keys", offset=(place, 0))
        await until(lambda: training(pilot).playback.running)
        await pilot.press("k")


async def test_help_and_palette_have_the_keys_that_are_in_force() -> None:
    async with running("xor", config_of(MOVED, Path("config.toml"))) as pilot:
        screen = training(pilot)
        commands = {command.title: command.help for command in pilot.app.get_system_commands(screen)}
        assert commands["Play or pause"] == "key k"
        assert commands["Quit"] == "no key"
        assert commands["Statistics of every layer"] == "key ctrl+t"
        await pilot.press("question_mark")
        assert isinstance(pilot.app.screen, HelpScreen)
        keys = dict(pilot.app.screen.subject.keys)
        assert (keys["k"], keys["ctrl+t"], keys["H"]) == (
            *("play or pause", "statistics of every layer"),
            "move the spotlight right",
        )
        assert "q" not in keys
        # Text is typed here: a letter searches, whatever it means elsewhere.
        await pilot.press("k")
        assert pilot.app.screen.typed == "k"


async def test_what_has_no_key_can_be_given_one() -> None:
    config = config_of('[keys]\nestimate = "f7"\nthemes = "f8"\npicture = "f9"\nplot = "f10"\n', Path("config.toml"))
    assert not config.problems
    async with running("xor", config) as pilot:
        commands = {command.title: command.help for command in pilot.app.get_system_commands(training(pilot))}
        assert commands["Estimate: backpropagation against its alternatives"] == "key f7"
        assert commands["Losses as csv, in a new file"] == "no key"
        await pilot.press("f10")
        await until(lambda: isinstance(pilot.app.screen, Prompt))
        await pilot.press("escape", "f7")
        await until(lambda: isinstance(pilot.app.screen, EstimateScreen))
        # On a page, too, which closes as by its own key.
        await pilot.press("f9")
        await until(lambda: isinstance(pilot.app.screen, Prompt))
        await pilot.press("escape", "f8")
        await until(lambda: isinstance(pilot.app.screen, Palette))
    async with running("xor", config, hide=("share",)) as pilot:
        await pilot.press("f9", "f10")
        assert (
            training(pilot).notice
            == "f10: not here, since share is hidden (view.hide of the preset, --hide, or config.toml)"
        )


async def test_sentences_have_the_keys_that_are_in_force() -> None:
    config = config_of(f'{MOVED}check = "f7"\nredraw = "f8"\nless = "f9"\nchain_rule_view = []\n', Path("config.toml"))
    assert not config.problems
    async with running("xor", config) as pilot:
        screen = training(pilot)
        await pilot.press("1", *["j"] * 7)
        pane = screen.pane("chain-rule")
        assert "f7 checks this gradient" in drawn(pane)
        screen.view.playing = True
        for view in ("path", "depth", "what if", "neuron", "nested", "long way"):
            screen.view.chain = view
            assert "Press k to pause: " in drawn(pane), view
        screen.view.playing = False
        await pilot.press("O")
        assert screen.notice == "no other run to lay over: r, f8, a changed setting and c make one"
        screen.view.chain = "op"
        await pilot.press("f9")
        assert screen.notice == 'The slider is in the view "what if" of Chain rule: ctrl+p; in Loss f9 and . zoom'


async def test_what_a_person_types_is_text(file: Path) -> None:
    config = config_of(f'{MOVED}go_to = "g"\ncheck = "x"\nexport = ":"\n', Path("config.toml"))
    assert not config.problems
    async with running("xor", config) as pilot:
        await pilot.press("g", *"step", "space", "2", "enter")
        await until(lambda: training(pilot).session.step == 2)
        await pilot.press("f6", "k", "j")
        assert str(pilot.app.focused.value).endswith("kj")  # type: ignore[union-attr]


async def test_what_is_wrong_is_told_when_it_opens() -> None:
    config = config_of('unit = "stepp"\n[keys]\nplay = "d"\n', Path("/somewhere/config.toml"))
    async with running("xor", config) as pilot:
        await until(lambda: bool(training(pilot).notice))
        assert training(pilot).notice.startswith("config.toml, line 1: unit: expected one of op, layer")
        assert training(pilot).notice.endswith("(and 1 more: backprop-tui config)")
    async with running(None, config_of('unit = "stepp"', Path("/somewhere/config.toml"))) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, GalleryScreen)
        await until(lambda: screen.problem.startswith("config.toml, line 1: unit"))


async def test_the_gallery_begins_with_what_was_opened_last(file: Path, tmp_path: Path) -> None:
    own = tmp_path / "my own.toml"
    own.write_text(presets.text("xor").replace("title = ", 'title = "Mine"  # ', 1))
    for argument in (str(tmp_path / "gone.toml"), "spiral", str(own)):
        note(file.parent, argument)
    config = read_config()
    async with running(None, config) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, GalleryScreen)
        ids = [option.id for option in screen.query_one(OptionList).options if not option.disabled]
        assert ids[:3] == ["recent 0", "recent 1", "tour"]
        assert [one.argument for one in screen.opened.values()] == [str(own), "spiral"]
        assert ids.count("spiral") == 1
        await pilot.press(*"spir")
        await pilot.press(*["backspace"] * 4, "enter")
        await until(lambda: isinstance(pilot.app.screen, TrainingScreen))
        assert training(pilot).session.preset.title == "Mine"
        await until(lambda: json.loads((file.parent / FILE).read_text())[0] == str(own))
        await pilot.press("o")
        await until(lambda: isinstance(pilot.app.screen, GalleryScreen))
        # What is in view is left out.
        await pilot.press("enter")
        await until(lambda: isinstance(pilot.app.screen, TrainingScreen))
        assert training(pilot).session.preset.title.startswith("Two spirals")
    config.write()
    assert json.loads((file.parent / FILE).read_text())[:2] == ["spiral", str(own)]


async def test_what_is_hidden_by_the_command_line_is_so_in_what_was_opened_last(file: Path) -> None:
    note(file.parent, "spiral")
    async with running(None, read_config(), hide=("diagnosis",)) as pilot:
        await pilot.press("enter")
        await until(lambda: isinstance(pilot.app.screen, TrainingScreen))
        assert "diagnosis" in training(pilot).hide
