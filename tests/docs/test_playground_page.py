"""docs/playground.md: its commands run, and every name that a URL may have stands in it."""

import re
import shlex
from pathlib import Path

import pytest

from backprop_tui.core.playground.experiment import FEATURES, NAMES, NO_MEANING
from backprop_tui.core.playground.hidden_controls import CONTROLS
from backprop_tui.tui.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "playground.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^    backprop-tui (\w[^#\n>]*(?:'[^']*')?[^#\n>]*)", PAGE, re.MULTILINE)


def test_its_commands_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["show", "--url", "dataset=spiral&seed=0.5&networkShape=2"]) == 0
    (tmp_path / "mine.toml").write_text(capsys.readouterr().out, encoding="utf-8")
    assert len(COMMANDS) == 4
    for command in COMMANDS:
        short = ["--steps", "50"] if command.startswith("diagnose") else []
        assert main([*shlex.split(command), *short]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("https://playground.tensorflow.org/#activation=tanh&")


def test_every_name_stands_in_it() -> None:
    rows = " ".join(line for line in PAGE.splitlines() if line.startswith("|"))
    assert all(f"`{name}`" in rows for name in [*NAMES, *FEATURES, *NO_MEANING])
    hidden = next(line for line in PAGE.splitlines() if line.startswith("| `learningRate_hide`"))
    assert all(f"`{name}`" in hidden for name in CONTROLS)
