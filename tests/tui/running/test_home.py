"""Taking a run home from the app: its weights (W), itself as a preset (X) and as a command line (y)."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Label

import backprop_tui
from backprop_tui import presets
from backprop_tui.core.compare.comparison import changed
from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.preset.schema import Place, PresetError
from backprop_tui.core.preset.settings import setting_value
from backprop_tui.core.recording.own_run import reopen
from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.recorder import Recorder
from backprop_tui.core.session.change import change
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.parameters_file import own_arrays
from backprop_tui.core.verify.handed_in import opened as handed_in
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.command_line.options import parse
from backprop_tui.tui.command_line.own_words import url_argument
from backprop_tui.tui.running.keep import keep, proposed_name
from backprop_tui.tui.running.run_state import command_line, shell_word, typed, write_state
from backprop_tui.tui.training_screen import TrainingScreen

AppPilot = Pilot[None]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def opened(name: str = "moons", *settings: str, steps: int = 0, seed: int | None = None) -> Session:
    session = Session(*load(name, settings=settings), seed)
    session.advance(session.timeline.finish_of(steps))
    return session


def of_command(command: str) -> Session:
    """The session that a command line opens."""
    words = shlex.split(command)
    assert words[0] == "backprop-tui"
    _, options = parse(words[1:])
    return Session(*load(options.preset, settings=options.set, seed=options.seed))


def same_run(one: Session, other: Session, steps: int) -> bool:
    """Whether two runs have the same numbers after so many steps."""
    for session in (one, other):
        session.seek(session.timeline.finish_of(steps))
    first, second = (own_arrays(session.trainer) for session in (one, other))
    return all(first[name].tobytes() == second[name].tobytes() for name in first)


def test_weights_kept_within_a_step_are_those_before_it() -> None:
    session = opened(steps=30)
    before = {name: array.copy() for name, array in own_arrays(session.trainer).items()}
    session.seek(session.count + 5)
    assert proposed_name(session) == "moons-30-steps.npz"
    arrays = np.load(keep(session, "kept.npz"))
    assert all(arrays[name].tobytes() == array.tobytes() for name, array in before.items())


def test_weights_are_never_written_over_a_file() -> None:
    Path("kept.npz").write_text("mine")
    with pytest.raises(PresetError, match="is there already"):
        keep(opened(), "kept.npz")
    with pytest.raises(PresetError, match=r"ends in \.npz"):
        keep(opened(), "kept.toml")
    assert Path("kept.npz").read_text() == "mine"


def test_weights_after_edits_go_on_as_the_run_does() -> None:
    session = opened(steps=30).branch("W1[2,1]", 0.75).branch("optimizer.learning_rate", 0.01)
    session.seek(session.timeline.finish_of(40))
    keep(session, "kept.npz")
    rate = "optimizer.learning_rate=0.01"
    rest = opened("moons", rate, "training.start=kept.npz", steps=12)
    assert np.array_equal(own_arrays(opened_at(session, 52).trainer)["W1"], own_arrays(rest.trainer)["W1"])


def opened_at(session: Session, steps: int) -> Session:
    session.seek(session.timeline.finish_of(steps))
    return session


@pytest.mark.parametrize("seed", [None, 7])
def test_a_run_as_it_is_can_be_said_in_both_ways(seed: int | None) -> None:
    session = opened("moons", "layers.0.units=5", "data.noise=0.2", seed=seed)
    session = session.branch("optimizer.learning_rate", 0.25).branch("layers.0.activation", "relu")
    path, untold = write_state(session, "as-it-is.toml")
    command, also = command_line(session)
    assert untold == also == []
    assert same_run(session, Session(*load(str(path))), 20)
    assert same_run(session, of_command(command), 20)


def test_what_neither_can_say_is_told() -> None:
    session = opened(steps=5).branch("optimizer.learning_rate", 0.25).branch("W1[2,1]", 0.5)
    path, untold = write_state(session, "as-it-is.toml")
    assert [text.partition(";")[0].partition(",")[0] for text in untold[:1]] == [
        "optimizer.learning_rate = 0.25 came after step 5"
    ]
    assert "W1[2,1] = 0.5 was set by hand after step 5; W keeps the weights" in untold[1]
    assert command_line(session)[1] == untold
    text = path.read_text()
    assert all(f"# Not in it: {line}" in text for line in untold)
    assert load(str(path))[0].optimizer.learning_rate == 0.25
    # Before they were made there is nothing to tell.
    session.seek(session.timeline.finish_of(4))
    assert command_line(session) == ("backprop-tui moons", [])


def test_a_preset_elsewhere_finds_its_files() -> None:
    Path("mine").mkdir()
    Path("mine/points.csv").write_text("a,b,y\n1,2,0\n2,3,1\n4,1,0\n")
    data = 'kind = "csv"\npath = "points.csv"\ntargets = ["y"]\n'
    Path("mine/a preset.toml").write_text(
        f'title = "Mine"\n[data]\n{data}[[layers]]\nunits = 1\nactivation = "identity"\n'
    )
    keep(opened("mine/a preset.toml"), "mine/start.npz")
    session = opened("mine/a preset.toml", "optimizer.learning_rate=0.01", "training.start=mine/start.npz")
    path, _ = write_state(session, "as-it-is.toml")
    assert 'path = "mine/points.csv"' in path.read_text()
    assert same_run(session, Session(*load(str(path))), 3)
    assert same_run(session, of_command(command_line(session)[0]), 3)


def test_of_a_recorded_run_the_recording_is_what_is_opened() -> None:
    keep(opened(steps=3), "kept.npz")
    session = opened("moons", "training.start=kept.npz", steps=3)
    with Recorder(session, "moons.backprop"):
        pass
    again = reopen(open_recording("moons.backprop"))
    with pytest.raises(PresetError, match=r"lies in a recording: backprop-tui moons\.backprop opens the run"):
        write_state(again, "as-it-is.toml")
    # Its weights can be kept all the same.
    assert np.load(keep(again, "again.npz"))["step"] == 6
    # Of a preset that comes with the program a command line says it, as long as the file of its weights is there.
    assert same_run(again, of_command(command_line(again)[0]), 5)


@pytest.mark.parametrize(
    ("key", "proposed", "answer"),
    [
        ("W", "xor-0-steps.npz", "kept: xor-0-steps.npz: training.start goes on from it"),
        ("X", "xor-as-it-is.toml", "written: xor-as-it-is.toml"),
        ("y", "backprop-tui xor", "sent to the terminal's clipboard"),
    ],
)
async def test_each_key_proposes_and_says_what_came_of_it(key: str, proposed: str, answer: str) -> None:
    app = BackpropApp(AppRequest("xor"))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press(key)
        assert app.screen.query_one(Input).value == proposed
        await pilot.press("enter")
        screen = app.screen
        assert isinstance(screen, TrainingScreen)
        assert screen.notice == answer
    assert key == "y" or Path(proposed).exists()


async def test_the_url_of_an_experiment_is_offered_and_of_another_run_it_is_said_why_not() -> None:
    app = BackpropApp(AppRequest(url_argument("dataset=gauss&networkShape=2&seed=3"), ("optimizer.learning_rate=0.1",)))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("Y")
        proposed = app.screen.query_one(Input).value
        assert "&learningRate=0.1&" in proposed
        assert "&networkShape=2&seed=3&" in proposed
        await pilot.press("enter")
        assert app.clipboard == proposed
        assert isinstance(app.screen, TrainingScreen)
        app.screen.begin(opened())
        await pilot.press("Y")
        assert isinstance(app.screen, TrainingScreen)
        assert "TensorFlow Playground cannot have it: data of the kind moons" in app.screen.notice


async def test_a_run_that_goes_on_says_so_and_draws_an_order_alone() -> None:
    keep(opened(steps=12), "kept.npz")
    app = BackpropApp(AppRequest("moons", ("training.start=kept.npz",)))
    async with app.run_test(size=(120, 36)) as pilot:
        screen = app.screen
        assert isinstance(screen, TrainingScreen)
        assert screen.notice == "the run goes on from kept.npz, after its 12 steps, with the state of adam"
        start = own_arrays(screen.session.trainer)["W1"].copy()
        await pilot.press("R")
        assert screen.notice == "seed 1: new order, the same data"
        assert np.array_equal(own_arrays(screen.session.trainer)["W1"], start)


async def test_a_question_leaves_the_screen_in_sight_and_shows_a_long_answer_whole() -> None:
    settings = [f"layers.0.activation={word}" for word in ("relu",)] + ["optimizer.learning_rate=0.123456789"]
    app = BackpropApp(AppRequest("moons", (*settings, "training.batch_size=7", "data.samples=321", "data.noise=0.25")))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("y")
        await pilot.pause()
        seen = [strip.text for strip in app.screen._compositor.render_strips()]
        assert any("╭─ Weights" in row for row in seen)
        command = app.screen.query_one(Input).value
        whole = app.screen.query_one("#prompt-whole", Label)
        assert whole.display
        assert whole.render_line(0).text.strip() in command
        assert "".join(word for row in seen for word in row.split()).count("data.noise=0.25") >= 1
        await pilot.press("escape", "colon")
        await pilot.pause()
        assert not app.screen.query_one("#prompt-whole", Label).display


async def test_a_click_on_the_line_of_keys_presses_a_key() -> None:
    app = BackpropApp(AppRequest("moons"))
    async with app.run_test(size=(120, 36)) as pilot:
        screen = app.screen
        assert isinstance(screen, TrainingScreen)
        text = screen.query_one("#keys").render_line(0).text
        await pilot.click("#keys", offset=(text.index("→"), 0))
        await pilot.pause()
        assert screen.session.count > 0
        await pilot.click("#keys", offset=(text.index("zoom"), 0))
        await pilot.pause()
        assert screen.maximised


async def test_names_in_the_palette_are_as_they_are_typed() -> None:
    app = BackpropApp(AppRequest("moons"))
    async with app.run_test(size=(120, 36)):
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert "Go to a step, to the lowest loss, or to W2[1,3]; set anything: W2[1,3] = 0.5" in titles
        assert {f"Move the spotlight {way}" for way in ("up", "down", "left", "right")} <= set(titles)
        assert len(titles) == len(set(titles))


def test_weights_set_before_step_1_are_those_that_the_preset_starts_from() -> None:
    session = opened().branch("W1[2,1]", 0.5).branch("b1[3]", -1e-300)
    session.seek(session.timeline.finish_of(4))
    path, untold = write_state(session, "as-it-is.toml")
    command, also = command_line(session)
    assert untold == also == []
    other = Session(*load(str(path)))
    assert own_arrays(other.trainer)["W1"][1, 0] == 0.5
    assert own_arrays(other.trainer)["b1"][2] == -1e-300
    assert same_run(session, other, 9)
    assert same_run(session, of_command(command), 9)


def test_start_weights_leave_out_the_variants_that_cannot_have_them_and_say_so() -> None:
    session = opened("circle").branch("W2[1,6]", 0.25)
    path, untold = write_state(session, "as-it-is.toml")
    assert untold == [
        f'the variant "{name}" is left out: it cannot start from these weights' for name in ("three units", "two units")
    ]
    assert same_run(session, Session(*load(str(path))), 3)


def test_what_was_taken_out_is_said_by_its_whole_table() -> None:
    session = change(opened("first-steps"), {"layers.0.units": 5}).session
    assert "weights" not in session.preset.table["layers"][0]
    command, untold = command_line(session)
    assert untold == []
    assert "--set 'layers.0={ units = 5," in command
    assert same_run(session, of_command(command), 5)


def test_a_file_of_the_name_of_a_preset_is_what_the_command_opens() -> None:
    Path("xor.toml").write_text(
        'title = "Mine"\n[data]\nkind = "csv"\npath = "p.csv"\ntargets = ["y"]\n'
        '[[layers]]\nunits = 1\nactivation = "identity"\n'
    )
    Path("p.csv").write_text("a,b,y\n1,2,0\n2,3,1\n4,1,0\n")
    assert command_line(opened("xor.toml")) == ("backprop-tui xor.toml", [])
    Path('a: "b').mkdir()
    shutil.copy("xor.toml", 'a: "b/xor.toml')
    shutil.copy("p.csv", 'a: "b/p.csv')
    session = opened('a: "b/xor.toml', "optimizer.learning_rate=0.01")
    command, _ = command_line(session)
    assert command == "backprop-tui 'a: \"b/xor.toml' --set optimizer.learning_rate=0.01"
    assert same_run(session, of_command(command), 3)


def test_of_a_step_that_was_handed_in_it_is_said_how_it_is_opened() -> None:
    Path("step.json").write_text(presets.hand_in("verify-1"))
    session, _ = handed_in(backprop_tui.verify("step.json"))
    with pytest.raises(
        PresetError, match=r"handed in, step\.json: verify --app opens it; it can be taken out as a preset"
    ):
        command_line(session)
    path, untold = write_state(session, "as-it-is.toml")
    assert untold == []
    assert same_run(session, Session(*load(str(path))), 3)


def test_a_variant_of_ones_own_data_is_said_by_what_was_typed() -> None:
    Path("my points.csv").write_text("a,b,y\n1,2,0\n2,3,1\n4,1,0\n3,3,1\n")
    session = Session(*changed(opened("--data 'my points.csv'"), 'say "tanh": go', {"layers.0.activation": "tanh"}))
    command, untold = command_line(session)
    assert (command, untold) == ("backprop-tui --data 'my points.csv' --set layers.0.activation=tanh", [])
    assert same_run(session, of_command(command), 3)


@pytest.mark.parametrize("word", ["relu", "true", "12", "two words", 'a"b', "W1[1,1]", "nan", "~x", "", "é", "1e5"])
def test_a_word_is_typed_such_that_it_is_read_as_that_word(word: str) -> None:
    assert setting_value(typed(word), Place("")) == word


def test_a_file_that_was_chosen_on_the_way_is_found_from_elsewhere() -> None:
    Path("mine").mkdir()
    Path("mine/moons.toml").write_text(presets.text("moons"))
    keep(opened(steps=3), "mine/kept.npz")
    session = change(opened("mine/moons.toml"), {"training.start": "kept.npz"}).session
    command, untold = command_line(session)
    assert untold == []
    assert f"--set training.start={Path.cwd() / 'mine' / 'kept.npz'}" in command
    assert same_run(session, of_command(command), 5)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_control_characters_of_a_file_name_are_codes_that_a_shell_reads() -> None:
    words = ["plain", "two words", "it's", "a\x1b[31m'b\\", "\u202eé", "\udcff\x9b", "\x7f$(echo)`x`"]
    command = " ".join(map(shell_word, words))
    assert shown(command) == command
    printed = subprocess.run(["bash", "-c", rf"printf '%s\0' {command}"], capture_output=True, check=True).stdout
    assert printed.split(b"\0")[:-1] == [os.fsencode(word) for word in words]
    Path("a\x1bb.toml").write_text(presets.text("first-steps"))
    assert command_line(opened("a\x1bb.toml")) == ("backprop-tui $'a\\x1bb.toml'", [])


@pytest.mark.parametrize("name", ["./-mine.toml", "./xor", "./-class/01.toml"])
def test_a_file_that_could_be_taken_for_something_else_is_named_with_its_folder(name: str) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(presets.text("first-steps"))
    session = opened(name, "optimizer.learning_rate=2")
    command, _ = command_line(session)
    assert command == f"backprop-tui {name} --set optimizer.learning_rate=2"
    assert same_run(session, of_command(command), 3)
