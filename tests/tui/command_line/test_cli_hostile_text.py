"""Presets and arguments with escape codes in them: whatever is printed, the terminal gets none of them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backprop_tui.core.preset.preset import parse
from backprop_tui.tui import cli

CODES = "\x1b[31m\x1b]52;c;eA==\x07\x9b1m\u202e\x7f\u2066"
WRITTEN = "".join(f"\\u{ord(character):04x}" if not "!" <= character <= "~" else character for character in CODES)
SHOWN = r"\x1b[31m\x1b]52;c;eA==\x07\x9b1m\u202e\x7f\u2066"
SENT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
PRESET = f"""# A comment with {CODES[-4:-2]}\x9b
title = "Small{WRITTEN}"
summary = 'raw \x9b2J\u202e'
lesson = "A lesson \u2028 {WRITTEN}"
[data]
kind = "csv"
path = "data.csv"
targets = ["y"]
[[layers]]
units = 3
activation = "tanh"
[[layers]]
units = 1
activation = "tanh"
[[variants]]
name = "Variant{WRITTEN}"
set = {{ "optimizer.learning_rate" = 1e-12 }}
[[variants]]
name = "ESC"
set = {{ "layers.0.activation" = "sigmoid" }}
"""
COMMANDS = [
    ["train", "--steps", "3"],
    ["train", "--steps", "3", "--json"],
    ["train", "--steps", "3", "--ascii"],
    ["check-preset"],
    ["explain"],
    ["explain", "--worksheet"],
    ["explain", "--worksheet", "--format", "markdown", "--seed", "3"],
    ["explain", "--weight", "W1[1,1]"],
    ["explain", "--format", "markdown"],
    ["explain", "--format", "latex"],
    ["explain", "--format", "json"],
    ["check"],
    ["check", "--json"],
    ["diagnose", "--steps", "50"],
    ["diagnose", "--steps", "50", "--json"],
    ["compare", "--steps", "3"],
    ["compare", "--steps", "3", "--json"],
    ["estimate", "--budget", "3"],
    ["show"],
    ["show", "--seed", "3"],
    ["show", "--set", f'summary="{WRITTEN}"'],
    ["show", "--ascii"],
]


@pytest.fixture
def preset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a preset file whose texts, and whose own name, are full of escape codes."""
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"{i % 3},{i % 5},{i % 2}\n" for i in range(20))
    Path("data.csv").write_text(f"a{CODES},b{CODES},y\n{rows}", encoding="utf-8")
    name = "file\x1b]0;title\x07\u202e.toml"
    Path(name).write_text(PRESET, encoding="utf-8")
    return name


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def call(*argv: str) -> SimpleNamespace:
        status = cli.main(list(argv))
        printed = capsys.readouterr()
        return SimpleNamespace(status=status, out=printed.out, err=printed.err)

    return call


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_sends_what_stands_in_a_preset(run, preset: str, command: list[str]) -> None:
    result = run(command[0], preset, *command[1:])
    assert result.status == 0
    assert not SENT.search(result.out)
    # What was found out of the data names columns.
    assert not SENT.search(result.err)
    if "json" in command or "--json" in command:
        json.loads(result.out)


def test_titles_and_names_are_shown(run, preset: str) -> None:
    assert run("train", preset, "--steps", "1").out.startswith(f"Small{SHOWN}\n")
    assert f"Variant{SHOWN}" in run("compare", preset, "--steps", "1").out
    assert json.loads(run("explain", preset, "--format", "json").out)["title"] == f"Small{CODES}"
    assert r"\textbackslash" in run("explain", preset, "--format", "latex").out.partition("\n\\maketitle")[0]


@pytest.mark.parametrize("change", [[], ["--seed", "3"], ["--set", "seed=3"]])
def test_what_show_prints_is_the_same_preset(run, preset: str, change: list[str]) -> None:
    table = parse(PRESET, "a.toml")
    assert parse(run("show", preset, *change).out, "b.toml") == (table | {"seed": 3} if change else table)


def test_show_prints_a_file_as_it_stands_where_escapes_say_the_same(run, preset: str) -> None:
    Path("plain.toml").write_bytes(PRESET.replace("'raw \x9b2J\u202e'", "'raw'").replace("\n", "\r\n").encode())
    out = run("show", "plain.toml").out
    assert out.startswith("# A comment with m\\u202e\\u009b\n")
    assert out.count("\n") == PRESET.count("\n")
    assert "[data]\nkind" in out


BAD = [
    ["train", CODES],
    ["train", f"{CODES}.toml"],
    ["train", f"{CODES}/none.toml"],
    [CODES],
    ["train", "xor", CODES],
    ["train", "xor", f"--{CODES}"],
    ["train", "xor", "--set", CODES],
    ["train", "xor", "--set", f"{CODES}=1"],
    ["train", "xor", "--set", f"title={CODES}"],
    ["train", "xor", "--set", f'data.kind="{WRITTEN}"'],
    ["train", "xor", "--set", f'data={{ kind = "csv", path = "{WRITTEN}", targets = ["y"] }}'],
    ["train", "xor", "--seed", CODES],
    ["explain", "xor", "--format", CODES],
    ["explain", "xor", "--weight", CODES],
]


@pytest.mark.parametrize("argv", BAD)
def test_no_message_sends_what_was_typed(run, argv: list[str]) -> None:
    result = run(*argv)
    assert (result.status, result.out) == (2, "")
    assert not SENT.search(result.err)
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("key", ["data.targets", "training.start", "loss.kind", f"layers.0.{CODES}", "view.spotlight"])
def test_no_message_sends_what_a_preset_says(run, preset: str, key: str) -> None:
    result = run("train", preset, "--set", f'{key}="{WRITTEN}"')
    assert (result.status, result.out) == (2, "")
    assert not SENT.search(result.err)


LONG = {
    "preset": ["train", "x" * 6000],
    "file": ["train", "x" * 6000 + ".toml"],
    "setting": ["train", "xor", "--set", "a" * 6000],
    "key": ["train", "xor", "--set", "a" * 6000 + "=1"],
    "value": ["train", "xor", "--set", "title=" + "[" * 6000],
    "option": ["train", "xor", "--" + "a" * 6000],
    "choice": ["explain", "xor", "--format", "a" * 6000],
    "number": ["train", "xor", "--steps", "9" * 6000],
    "word": ["train", "xor", "a" * 6000],
    "words": ["train", "xor", *["a"] * 6000],
    "weight": ["explain", "xor", "--weight", "W" * 6000],
    "names of parameters": ["train", "names.toml"],
    "names of columns": ["train", "columns.toml"],
}


@pytest.mark.parametrize("case", LONG)
def test_a_message_is_short_whatever_it_is_about(run, preset: str, case: str) -> None:
    small = '[data]\nkind = "xor"\n[[layers]]\nunits = 2\nactivation = "tanh"\nrepeat = 1000\n'
    small += '[[layers]]\nunits = 1\nactivation = "tanh"\n'
    Path("names.toml").write_text(f'title = "a"\n{small}[training]\nstart = "start.npz"\n')
    np.savez("start.npz", wrong=np.zeros(3))
    columns = small.replace('kind = "xor"', 'kind = "csv"\npath = "data.csv"\ntargets = ["wrong"]')
    Path("columns.toml").write_text(f'title = "a"\n{columns}')
    Path("data.csv").write_text(",".join(f"column-{number}" for number in range(3000)) + "\n")
    result = run(*LONG[case])
    assert (result.status, result.out) == (2, "")
    assert len(result.err) < 1000
    assert result.err.count("\n") == 1


def test_bytes_that_are_no_utf_8_are_shown(tmp_path: Path) -> None:
    for argv in ([b"train", b"\xff\x9b1m"], [b"train", b"xor", b"--set", b'title="\xff"']):
        command = [sys.executable.encode(), b"-m", b"backprop_tui", *argv]
        done = subprocess.run(command, capture_output=True, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"Traceback" not in done.stderr
        assert done.stderr.isascii()
