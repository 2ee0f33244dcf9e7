"""The settings that stay: what is read, what is said of what is wrong, and what is kept."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backprop_tui.tui.command_line import fault_report
from backprop_tui.tui.config import folder as config_folder
from backprop_tui.tui.config.config import FILE, FORMER, HEAD, Config, config_of, config_path, read_config
from backprop_tui.tui.config.folder import LARGEST
from backprop_tui.tui.config.settings import SETTINGS, VIEWS
from backprop_tui.tui.config.shown import config_text, default_text
from backprop_tui.tui.panes import view
from backprop_tui.tui.running.chosen_view import VIEWS as ALL_VIEWS

PATH = Path("config.toml")


def test_what_is_chosen_is_found_again_and_nothing_is_written_before(file: Path) -> None:
    config = read_config()
    assert config.get("theme") is None
    assert config.choose("theme", "nord")
    assert not config.choose("theme", "nord")
    assert config.choose("views.loss", "map")
    assert not file.exists()
    config.write()
    assert read_config().values == {"theme": "nord", "views.loss": "map"}
    assert file.read_text() == f'{HEAD}theme = "nord"\n\n[views]\nloss = "map"\n'
    assert [path.name for path in file.parent.iterdir()] == [FILE]


def test_what_another_app_has_chosen_meanwhile_stays(file: Path) -> None:
    one, other = read_config(), read_config()
    one.choose("theme", "nord")
    other.choose("unit", "step")
    one.write()
    other.write()
    assert read_config().values == {"theme": "nord", "unit": "step"}


def test_what_a_person_wrote_stays_and_what_is_not_known_too(file: Path) -> None:
    own = '# dear me\nunit = "step"  # as in class\ncolour = "of a later version"\n\n[keys]\nplay = "k"\n'
    file.write_text(own)
    config = read_config()
    config.choose("unit", "epoch")
    config.write()
    assert file.read_text() == own.replace('"step"', '"epoch"')
    assert "line 3: colour: unknown setting, passed over" in config.problems[0]


def test_all_that_is_wrong_is_told_by_its_line_and_the_rest_holds() -> None:
    text = """\
unit = "stepp"
theme = 3
speed = 0
fps = 121
loss_axis = "log"
recent = true
hide = ["setings"]
full_speed_until = "soon"
keep = "yes"

[views]
weights = "picture"
chain = "op"
data = "abuot"

[panes]
first = "chain rule"

[keys]
playy = "k"
"""
    config = config_of(text, PATH)
    assert config.values == {"loss_axis": "log", "views.weights": "picture"}
    assert [problem.split(":")[0] for problem in config.problems] == [
        f"config.toml, line {line}" for line in (1, 2, 3, 4, 6, 7, 8, 9, 13, 14, 17, 20)
    ]
    told = "\n".join(config.problems)
    assert 'line 1: unit: expected one of op, layer, phase, step, epoch, found "stepp"; did you mean "step"?' in told
    assert "line 4: fps: expected a whole number from 1 to 120, found 121" in told
    assert 'line 13: views.chain: unknown setting, passed over; did you mean "views.chain_rule"?' in told
    assert 'line 20: keys.playy: unknown action; did you mean "play"?' in told
    assert all("\n" not in problem for problem in config.problems)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('theme = "nord"\nunit = step\n', "config.toml, line 2: not valid TOML: Invalid value"),
        ("views = 3", "config.toml, line 1: views: expected a table, found 3"),
        ("keys = 3", "config.toml, line 1: keys: expected a table of actions and their keys, found 3"),
        (f"fps = {'1' * 5000}", "config.toml: not valid TOML: a number of too many digits; the usual settings hold"),
        (f"fps = 0x{'f' * 5000}", "config.toml, line 1: fps: expected a whole number from 1 to 120, found an integer"),
        (f"[a{'.b' * 90}]", "config.toml: not valid TOML: more than 64 tables and lists inside one another"),
    ],
)
def test_a_file_that_is_not_as_it_should_be(text: str, told: str) -> None:
    (problem,) = config_of(text, PATH).problems
    assert problem.startswith(told)


def test_a_file_that_is_no_toml_is_not_written_over(file: Path) -> None:
    file.write_text("theme = nord\n")
    config = read_config()
    assert config.broken
    assert not config.choose("theme", "gruvbox")
    config.write()
    assert file.read_text() == "theme = nord\n"


@pytest.mark.parametrize("become", ["theme = nord\n", f"[a{'.b' * 3000}]\n", f"a = {'[' * 5000}\n"])
def test_one_that_has_become_so_meanwhile_neither(file: Path, become: str) -> None:
    config = read_config()
    config.choose("theme", "gruvbox")
    file.write_text(become)
    config.write()
    assert config.check_theme(["nord"]) is None
    assert file.read_text() == become


def test_without_a_file_nothing_is_kept_and_with_keep_false_neither(file: Path) -> None:
    config = Config()
    assert not config.choose("theme", "nord")
    assert config.get("theme") == "nord"
    config.note_opened("xor")
    config.write()
    file.write_text("keep = false\n")
    config = read_config()
    assert not config.choose("theme", "nord")
    config.note_opened("xor")
    config.write()
    assert file.read_text() == "keep = false\n"
    assert [path.name for path in file.parent.iterdir()] == [FILE]


def test_what_a_former_version_kept_is_taken_over(file: Path) -> None:
    former = {"theme": "nord", "full_speed_until": "5 epochs", "other": "x", "unit": "step"}
    (file.parent / FORMER).write_text(json.dumps(former))
    config = read_config()
    assert config.values == {"theme": "nord", "full_speed_until": "5 epochs"}
    config.choose("unit", "layer")
    config.write()
    assert read_config().values == {"theme": "nord", "full_speed_until": "5 epochs", "unit": "layer"}
    # What was chosen since is what holds, though the other file is still there.
    config.choose("theme", "dracula")
    config.write()
    assert read_config().get("theme") == "dracula"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    content=st.one_of(
        st.binary(max_size=40),
        st.sampled_from([b"[" * 5000, b"x=" + b"[" * 5000, b"theme = '" + b"x" * LARGEST + b"'", b"\xff", b"a.b.c=1"]),
        st.dictionaries(
            st.sampled_from([setting.path for setting in SETTINGS] + ["keys.play", "keys", "views", "x"]),
            st.recursive(st.integers() | st.text(max_size=5) | st.booleans(), st.lists, max_leaves=3),
            max_size=4,
        ).map(lambda table: "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items()).encode()),
    )
)
def test_whatever_stands_there_is_read_and_a_choice_can_be_made(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    config = read_config()
    assert all("\n" not in problem for problem in config.problems)
    config.choose("theme", "nord")
    config.write()
    if config.broken:
        assert file.read_bytes() == content


def test_an_editors_mark_of_utf_8_is_no_part_of_the_text_and_other_bytes_are_told_by_their_place(file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbf# mine\r\nunit = "step"\r\n')
    config = read_config()
    assert (config.problems, config.get("unit")) == ((), "step")
    config.choose("unit", "epoch")
    config.write()
    assert file.read_text(encoding="utf-8-sig") == '# mine\nunit = "epoch"\n'
    file.write_bytes('unit = "é"'.encode("latin-1"))
    said = "cannot be read: expected text in UTF-8, found other bytes at offset 8; the usual settings hold"
    assert read_config().problems == (f"{file}: {said}",)


def test_a_pipe_or_a_folder_in_the_place_of_the_file_is_not_read(file: Path) -> None:
    os.mkfifo(file)
    assert "cannot be read" in read_config().problems[0]
    file.unlink()
    file.mkdir()
    config = read_config()
    config.choose("theme", "nord")
    config.write()
    assert file.is_dir()


def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_fails(file: Path) -> None:
    file.parent.rmdir()
    file.parent.write_text("a file where the folder would be")
    config = read_config()
    config.choose("theme", "nord")
    config.note_opened("xor")
    config.write()
    assert read_config().values == {}
    assert file.parent.read_text() == "a file where the folder would be"


def test_a_file_that_nobody_may_write_stays_and_a_mode_of_its_own_too(file: Path) -> None:
    file.write_text('theme = "nord"\n')
    for mode in (0o444, 0o600):
        file.chmod(mode)
        config = read_config()
        config.choose("theme", "dracula")
        config.write()
        assert file.stat().st_mode & 0o777 == mode
        assert read_config().get("theme") == ("nord" if mode == 0o444 else "dracula")


def test_where_the_file_is_a_link_what_it_leads_to_is_written(file: Path, tmp_path: Path) -> None:
    (tmp_path / "dotfiles.toml").write_text('unit = "op"\n')
    file.symlink_to(tmp_path / "dotfiles.toml")
    config = read_config()
    config.choose("unit", "step")
    config.write()
    assert file.is_symlink()
    assert (tmp_path / "dotfiles.toml").read_text() == 'unit = "step"\n'


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody of whom the system knows no home folder, as in some containers."""
    monkeypatch.undo()
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)


@pytest.mark.usefixtures("homeless")
def test_without_a_home_folder_nothing_is_kept_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = read_config()
    config.choose("theme", "nord")
    config.note_opened("xor")
    config.write()
    assert (config.path, config.recent(), config_path()) == (None, [], None)
    assert not list(tmp_path.iterdir())
    with pytest.raises(RuntimeError):
        config_folder.folder()
    assert all(path.is_absolute() for path in fault_report.folders())


def test_the_file_of_all_settings_can_be_read_as_it_is_and_with_every_setting_taken_out_of_its_comment() -> None:
    config = config_of(default_text(), PATH)
    assert (config.values, config.problems, bool(config.keymap)) == ({}, (), False)
    lines = [line.removeprefix("# ") if " = " in line else line for line in default_text().splitlines()]
    config = config_of("\n".join(lines), PATH)
    assert not config.problems
    assert set(config.values) == {setting.path for setting in SETTINGS}
    assert not config.keymap


def test_it_is_shown_as_it_stands(file: Path) -> None:
    assert config_text(read_config()).splitlines()[1].startswith("# nothing is set yet")
    file.write_text('theme = "nord" # cold\n')
    assert config_text(read_config()) == f'# {file}\ntheme = "nord" # cold'


def test_the_views_are_those_of_the_panes() -> None:
    named = {pane: tuple(name.replace(" ", "_") for name in names) for pane, names in ALL_VIEWS.items()}
    assert {pane: set(names) for pane, names in VIEWS.items()} == {pane: set(names) for pane, names in named.items()}
    assert ALL_VIEWS["data"] == view.DATA_VIEWS
    assert {pane: names[0] for pane, names in VIEWS.items()} == {pane: names[0] for pane, names in named.items()}
