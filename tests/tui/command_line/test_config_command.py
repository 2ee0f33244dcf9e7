"""`config`: where the settings are, what stands there, what is wrong; and --no-config."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from backprop_tui.tui import cli

Printed = pytest.CaptureFixture[str]


def test_where_it_is_and_what_stands_there(capsys: Printed, file: Path) -> None:
    assert cli.main(["config", "--path"]) == 0
    assert capsys.readouterr().out == f"{file}\n"
    assert cli.main(["config"]) == 0
    assert "nothing is set yet" in capsys.readouterr().out
    assert not file.exists()
    file.write_text('theme = "nord"  # cold\n')
    assert cli.main(["config"]) == 0
    found = capsys.readouterr()
    assert (found.out, found.err) == (f'# {file}\ntheme = "nord"  # cold\n', "")


def test_what_is_wrong_is_one_line_each_and_status_2(capsys: Printed, file: Path) -> None:
    file.write_text('unit = "stepp"\n[keys]\nplay = "d"\n')
    assert cli.main(["config"]) == 2
    found = capsys.readouterr()
    assert tomllib.loads(found.out)["unit"] == "stepp"
    assert [line.partition(": ")[2].partition(": ")[0] for line in found.err.splitlines()] == [
        f"{file}, line 1",
        f"{file}, line 3",
    ]
    file.write_text('# mine\n\ntheme = "nrod"\n')
    assert cli.main(["config"]) == 2
    assert f'{file}, line 3: theme: there is no theme "nrod"; did you mean "nord"?' in capsys.readouterr().err
    file.write_text("unit = \x1b[31m\n")
    assert cli.main(["config"]) == 2
    found = capsys.readouterr()
    assert "\x1b" not in found.out + found.err
    assert cli.main(["config", "--path", "--default"]) == 2
    assert cli.main(["config", "xor"]) == 2


def test_a_file_to_begin_with(capsys: Printed, file: Path) -> None:
    assert cli.main(["config", "--default"]) == 0
    file.write_text(capsys.readouterr().out)
    assert cli.main(["config"]) == 0
    assert capsys.readouterr().err == ""


def test_without_a_home_folder_it_says_what_names_one(capsys: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert cli.main(["config"]) == 2
    assert "XDG_CONFIG_HOME" in capsys.readouterr().err


def test_help_of_keys_is_as_they_were_moved_unless_told_otherwise(capsys: Printed, file: Path) -> None:
    assert cli.main(["help", "keys"]) == 0
    usual = capsys.readouterr().out
    file.write_text('[keys]\nplay = ["k"]\nquit = []\n')
    assert cli.main(["help", "keys"]) == 0
    moved = capsys.readouterr().out
    assert "| `k` | play or pause |" in moved
    assert "| `space` |" not in moved
    assert "as you have moved them in your settings" in moved
    assert cli.main(["help", "keys", "--no-config"]) == 0
    assert capsys.readouterr().out == usual


@pytest.mark.parametrize("command", [["list"], ["train", "xor", "--steps", "1"], ["show", "xor"]])
def test_commands_without_the_app_heed_none_of_it(capsys: Printed, file: Path, command: list[str]) -> None:
    assert cli.main(command) == 0
    usual = capsys.readouterr().out.splitlines()
    file.write_text('ascii = true\nhide = ["settings"]\nunit = "epoch"\n')
    assert cli.main(command) == 0
    found = capsys.readouterr().out.splitlines()
    assert [line for line in found if "steps/s" not in line] == [line for line in usual if "steps/s" not in line]
    assert cli.main([*command, "--no-config"]) == 2
    assert "there is no option --no-config" in capsys.readouterr().err


def test_plain_mode_that_reads_from_a_pipe_heeds_none_of_it(file: Path) -> None:
    """The same words are answered alike, whoever sends them; where somebody types they are his settings."""
    file.write_text('ascii = true\nunit = "epoch"\nfull_speed_until = "never"\n')
    run = [sys.executable, "-m", "backprop_tui", "first-steps", "--plain"]
    answers = [
        subprocess.run([*run, *more], input="right\nuntil\n", capture_output=True, text=True, check=True).stdout
        for more in ([], ["--no-config"])
    ]
    assert answers[0] == answers[1]
    assert "Z⁽¹⁾" in answers[0]
    assert "stop or finding" in answers[0]
