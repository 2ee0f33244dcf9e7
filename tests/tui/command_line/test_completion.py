"""Completion: what the word being typed may become, and that real shells put it there."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pexpect
import pytest

from backprop_tui import presets
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.preset.setting_paths import setting_paths
from backprop_tui.core.preset.settings import apply_setting
from backprop_tui.core.preset.tables import OPTIMIZERS
from backprop_tui.tui import cli
from backprop_tui.tui.command_line.command_words import COMMANDS, OPEN
from backprop_tui.tui.command_line.completion import FILES_OF, completion_lines
from backprop_tui.tui.command_line.options import WITH_VALUE, build, options_of

LINES = {
    "backprop-tui van": "backprop-tui vanishing ",
    "backprop-tui diag": "backprop-tui diagnose ",
    "backprop-tui train --st": "backprop-tui train --steps ",
    "backprop-tui train xor --set optimizer.lear": "backprop-tui train xor --set optimizer.learning_rate=",
    "backprop-tui xor --set optimizer.kind=adag": "backprop-tui xor --set optimizer.kind=adagrad ",
    "backprop-tui xor --hide settings,brea": "backprop-tui xor --hide settings,breakpoints ",
    "backprop-tui mi": "backprop-tui mine.toml ",
    "backprop-tui train xor --save su": "backprop-tui train xor --save sub/",
}
"""A line in a folder with mine.toml, other.md and sub/, and what tab makes of it."""


def words(line: Sequence[str]) -> list[str]:
    return [found.partition("\t")[0] for found in completion_lines(line)]


@pytest.mark.parametrize("command", [OPEN, *COMMANDS])
def test_every_option_of_every_command_is_offered_and_no_other(command: str) -> None:
    begin = [] if command == OPEN else [command]
    assert words([*begin, "--"]) == options_of(build(command))


@pytest.mark.parametrize("command", [OPEN, *COMMANDS])
def test_whatever_the_line_something_or_nothing_is_said_and_nothing_fails(command: str) -> None:
    begin = [] if command == OPEN else [command]
    for line in (
        [""],
        ["xor", ""],
        ["-"],
        ["--set"],
        ["--set", ""],
        ["--set", "="],
        ["--nothing", ""],
        ["", "a\tb", "\x1b"],
    ):
        assert all("\n" not in found for found in completion_lines([*begin, *line]))
    for option in WITH_VALUE:
        list(completion_lines([*begin, option, ""]))
        list(completion_lines([*begin, f"{option}="]))
    assert words([]) == words([""])


def test_commands_and_presets_are_offered_first() -> None:
    found = words([""])
    assert found[: len(COMMANDS)] == [*COMMANDS]
    assert set(presets.names()) <= set(found)
    assert words(["train", ""])[:-1] == presets.names()
    assert words(["train", "xor", ""]) == []
    assert words(["compare", "xor", "van"])[0] == "vanishing"
    assert words(["serve", "xor", "--port", "0", "van"])[0] == "vanishing"
    assert words(["--seed", "3", "trai"])[0] == "train"


def test_settings_have_the_words_that_they_may_be() -> None:
    assert words(["xor", "--set", "loss.kind=mean"]) == ["loss.kind=mean_squared_error"]
    assert words(["--set=training.dtype="]) == ["--set=training.dtype=float64", "--set=training.dtype=float32"]
    assert words(["sweep", "xor", "--vary", "optimizer.kind=sgd,mo"]) == ["optimizer.kind=sgd,momentum"]
    assert "layers.1.units=" in words(["xor", "--set", "layers."])
    assert "layers.2.units=" not in words(["xor", "--set", "layers."])
    assert words(["--set", "optimizer.learning_rate="]) == []


def test_files_are_asked_for_by_what_they_end_in() -> None:
    assert words(["--data", ""]) == [" ".join((":files", *FILES_OF["--data"]))]
    assert words(["explain", "xor", "--out", ""]) == [":folders"]
    assert set(FILES_OF) <= set(WITH_VALUE)


def test_every_word_of_every_setting_is_one_that_set_takes() -> None:
    table = parse(presets.text("moons"), "moons")
    paths = list(setting_paths(len(table["layers"])))
    assert len({setting.path for setting in paths}) == len(paths) > 60
    free = {setting.path: setting.words for setting in paths if setting.path.startswith(("optimizer", "training"))}
    assert set(free["optimizer.kind"]) == set(OPTIMIZERS)
    for path, words_of_it in free.items():
        for word in words_of_it:
            load_preset(apply_setting(table, f"{path}={word}"), "moons")


def test_a_shell_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for line in (["completion"], ["completion", "tcsh"]):
        assert cli.main(line) == 2
        assert "bash, zsh, fish" in capsys.readouterr().err
    assert cli.main(["version"]) == 0
    version = capsys.readouterr().out
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == version


# In shells


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with some files, and the program in `bin`."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("mine.toml", "other.md"):
        (folder / name).touch()
    (folder / "sub").mkdir()
    (folder / "bin").mkdir()
    program = folder / "bin" / "backprop-tui"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m backprop_tui "$@"\n')
    program.chmod(0o755)
    return folder


def environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    return {"PATH": f"{home}/bin:/usr/bin:/bin", "HOME": str(home), "TERM": "dumb", "LANG": "C.UTF-8", **kept}


STARTS = {
    "bash": (["--norc", "--noprofile", "-i"], "bind 'set enable-bracketed-paste off' 'set bell-style none'"),
    "zsh": (["-f", "-i"], "unset zle_bracketed_paste; autoload -Uz compinit; compinit -D -u; bindkey -e"),
}


@pytest.mark.parametrize("shell", STARTS)
def test_tab_completes_the_word(shell: str, home: Path) -> None:
    if shutil.which(shell, path="/usr/bin:/bin") is None:
        pytest.skip(f"{shell} is not installed")
    options, start = STARTS[shell]
    child = pexpect.spawn(
        shell, options, env=environment(home), cwd=str(home), encoding="utf-8", timeout=30, dimensions=(40, 200)
    )
    try:
        # The answer is put together by the shell, so that it is not what was typed and echoed.
        child.sendline(f"PS1='$ '; {start}; eval \"$(backprop-tui completion {shell})\"; printf '%s%s\\n' RE ADY")
        child.expect("READY\r?\n")
        for line, wanted in LINES.items():
            child.send(f"{line}\t")
            # To the line's start, and what is there then is printed between two signs.
            child.send("\x01printf '<%s>\\n' \"\x05\"\r")
            child.expect("\n<([^>]*)>\r")
            assert child.match is not None
            # zsh takes a blank or a slash back that it has put behind a word.
            assert child.match.group(1).rstrip(" /") == wanted.rstrip(" /")
    finally:
        child.close(force=True)


def test_fish_completes_the_word(home: Path) -> None:
    fish = shutil.which("fish", path="/usr/bin:/bin")
    if fish is None:
        pytest.skip("fish is not installed")
    asked = "".join(f"complete -C '{line}' | string split -f 1 \\t; echo ----;" for line in LINES)
    script = f"backprop-tui completion fish | source; {asked}"
    done = subprocess.run(
        [fish, "--no-config", "-c", script], env=environment(home), cwd=home, capture_output=True, text=True, check=True
    )
    found = [part.split() for part in done.stdout.split("----\n")][:-1]
    assert [each[:1] for each in found] == [[wanted.split()[-1]] for wanted in LINES.values()]
