"""The command line where something is wrong: status 2, one line on standard error, nothing else."""

import os
import re
import subprocess
import sys

import pytest

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui import cli
from backprop_tui.tui.command_line import console
from backprop_tui.tui.command_line.loading import load

from ...share import share
from .small_preset import PRESET

FILES = {
    "good.toml": PRESET,
    "syntax.toml": PRESET.replace('"Small"', '"Small'),
    "key.toml": PRESET + "untis = 3\n",
    "type.toml": PRESET.replace("units = 1", 'units = "1"'),
    "shape.toml": PRESET + "weights = [[1.0, 2.0, 3.0]]\n",
    "huge.toml": PRESET.replace("0.8", "1e308"),
    "nan.toml": PRESET.replace("0.8", "nan"),
    "rate.toml": PRESET + "[optimizer]\nlearning_rate = 0\n",
    "large.toml": PRESET.replace("[[layers]]", '[[layers]]\nunits = 100000\nactivation = "relu"\n' * 2 + "[[layers]]"),
    "bytes.toml": b"\xff\xfe\x00",
}
BAD = {
    "wrong preset": (["train", "xro"], 'did you mean "xor"'),
    "unlike any preset": (["show", "qqqqqq"], "backprop-tui list"),
    "wrong preset for the app": (["spirall"], '"spiral"'),
    "wrong command": (["trian", "xor"], '"train"'),
    "lone wrong command": (["explian"], '"explain"'),
    "missing file": (["train", "none.toml"], "none.toml: there is no such file"),
    "missing file for the app": (["folder/none"], "folder/none: there is no such file"),
    "URL in place of a preset": (["train", "https://example.org/#noise=5"], "backprop-tui --url URL"),
    "URL for the app": (["https://example.org/mine.toml"], "is a URL, not a preset"),
    "syntax": (["train", "syntax.toml"], "line 1"),
    "unknown key": (["show", "key.toml"], 'layers.0.untis: unknown key; did you mean "units"?'),
    "wrong type": (["explain", "type.toml"], "layers.0.units"),
    "weights of the wrong shape": (["train", "shape.toml"], "layers.0.weights"),
    "weights of the wrong shape, app": (["shape.toml"], "layers.0.weights"),
    "not finite": (["train", "nan.toml"], "finite"),
    "no learning rate": (["train", "rate.toml"], "above 0"),
    "too large": (["train", "large.toml"], "GB"),
    "too large for float32": (["train", "huge.toml", "--set", "training.dtype=float32"], "inputs; use float64"),
    "start too large for float32": (
        ["check", "good.toml", "--set", "training.dtype=float32", "--set", "layers.0.weights=[[1e39, 1]]"],
        "W1 are too large for float32",
    ),
    "start too large": (
        [
            "estimate",
            "good.toml",
            "--set",
            "layers.0.init=normal",
            "--set",
            "layers.0.init_scale=1.7e308",
            "--seed",
            "3",
        ],
        "W1 are too large for float64",
    ),
    "no text": (["train", "bytes.toml"], "UTF-8"),
    "folder": (["train", "folder"], "folder"),
    "long name": (["train", "x" * 5000], "no such file"),
    "escape code": (["train", "\x1b[31mxor"], r"\x1b[31mxor"),
    "set without value": (["train", "xor", "--set", "optimizer.learning_rate"], "KEY=VALUE"),
    "set of no key": (["train", "xor", "--set", "optimizer.learning_rat=1"], '"learning_rate"'),
    "set of no layer": (["train", "xor", "--set", "layers.7.units=1"], "before repeat"),
    "set of no TOML": (["show", "xor", "--set", "seed=[1"], "TOML value"),
    "set in the gallery": (["--set", "nothing"], "KEY=VALUE"),
    "set without anything": (["train", "xor", "--set"], "--set"),
    "negative seed": (["train", "xor", "--seed", "-1"], "--seed"),
    "seed of words": (["--seed", "one", "train", "xor"], '"one"'),
    "seed of too many digits": (["train", "xor", "--seed", "9" * 30], "--seed"),
    "too many steps": (["train", "xor", "--steps", "9" * 20], "--steps: expected at most 9223372036854775807, found"),
    "kind of a file": (
        ["train", "xor", "--set", "data.kind=hdf", "--set", "data.path=a.h5"],
        'data.kind: expected, for a file, one of csv, npz, idx, found "hdf"; csv is any table of text',
    ),
    "no steps": (["train", "xor", "--steps", "0"], "--steps: expected a whole number of 1 or more"),
    "step 0": (["explain", "xor", "--step", "0"], "--step"),
    "pictures": (["xor", "--fps", "121"], "from 1 to 120"),
    "weight": (["explain", "xor", "--weight", "W9[1,1]"], "layers 1 to 2"),
    "no weight": (["explain", "xor", "--weight", "W1"], "--weight"),
    "weight without batch norm": (["explain", "xor", "--weight", "gamma1[2]"], "layer 1 has no batch norm"),
    "worksheet as json": (["explain", "xor", "--worksheet", "--format", "json"], "text, markdown or latex"),
    "worksheet of a run": (["train", "xor", "--worksheet"], "no option --worksheet of train"),
    "step 0 of a check": (["check", "xor", "--step", "0"], "--step"),
    "no budget": (["estimate", "xor", "--budget", "0"], "--budget: expected a whole number of 1 or more"),
    "wrong new command": (["chekc", "xor"], '"check"'),
    "format": (["explain", "xor", "--format", "jsno"], "json"),
    "json of a solution": (["explain", "xor", "--json"], "no option --json of explain: --format json is that"),
    "unknown option": (["train", "xor", "--step", "3"], '"--steps"'),
    "shortened option": (["train", "xor", "--jso"], '"--json"'),
    "option of another command": (["list", "--steps", "3"], "--steps of list"),
    "two presets": (["train", "xor", "spiral"], '"spiral"'),
    "list of something": (["list", "xor"], '"xor"'),
    "no preset": (["train"], "needs a preset"),
    "no terminal": (["good.toml"], "needs a terminal"),
    "no terminal, gallery": ([], "needs a terminal"),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with files of every kind."""
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def assert_one_message(status: int, out: str, err: str, words: str) -> None:
    assert (status, out) == (2, "")
    assert re.fullmatch(r"backprop-tui: [^\n\x1b]+\n", err)
    assert words in err
    assert "Traceback" not in err


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_gets_one_line(case, folder, capsys):
    argv, words = BAD[case]
    status = cli.main(argv)
    assert_one_message(status, *capsys.readouterr(), words)


IN_A_PROCESS = ["wrong preset", "no terminal", "escape code", "syntax", "set of no key", "no steps"]


@pytest.mark.parametrize("case", IN_A_PROCESS[: share(3, None)])
def test_what_is_wrong_gets_one_line_in_a_process(case, folder):
    argv, words = BAD[case]
    command = [sys.executable, "-m", "backprop_tui", *argv]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert_one_message(done.returncode, done.stdout, done.stderr, words)


def test_the_same_in_a_locale_without_unicode(folder):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for argv, status in ((["show", "by-hand"], 0), (["explain", "by-hand"], 0), (["train", "№.toml"], 2)):
        done = subprocess.run([sys.executable, "-m", "backprop_tui", *argv], capture_output=True, env=environment)
        assert done.returncode == status
        assert b"Traceback" not in done.stderr
        assert ("⁽" in done.stdout.decode("utf-8")) == (status == 0)


def test_loading_raises_preset_errors_only(folder):
    for argument in ("none.toml", "syntax.toml", "folder", "qqq"):
        with pytest.raises(PresetError):
            load(argument)


def test_a_built_in_preset_is_not_hidden_by_a_file(folder):
    (folder / "xor").write_text("no preset at all")
    assert load("xor")[0].id == "xor"


def test_a_message_of_several_lines_becomes_one(capsys):
    console.complain("one\ntwo\r\nthree \x07")
    assert capsys.readouterr().err == "backprop-tui: one two three \\x07\n"


def test_without_standard_streams_nothing_fails(monkeypatch):
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    assert cli.main(["list"]) == 0
    assert cli.main(["xor"]) == 2
    assert cli.main(["train", "xor", "--steps", "1"]) == 0
