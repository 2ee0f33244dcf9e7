"""docs/recording.md: commands and Python run, tables are those of the file, bounds those of the code."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from backprop_tui.core.recording.form import APPLICATION_ID, LARGEST_ARRAY, LIMIT, MOST_STEPS, TABLES, VERSION
from backprop_tui.tui.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "recording.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_commands_and_the_python_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [line.split("#")[0].split() for line in PAGE.splitlines() if line.startswith("    backprop-tui ")]
    assert len(lines) == 6
    for line in lines:
        assert main(line[1:]) == 0
    capsys.readouterr()
    (code,) = blocks("python")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"500 [0-9.]+ 500 \[[-0-9. \n]+\]\n", done.stdout)


def test_the_tables_are_those_of_the_file() -> None:
    (tables,) = blocks("sql")
    assert tables.splitlines() == list(TABLES.values())


def test_the_bounds_are_those_of_the_code() -> None:
    for words in (
        f"{LIMIT // 2**20} MB at most",
        f"more than {MOST_STEPS:,}.",
        f"Arrays of more than\n{LARGEST_ARRAY // 2**20} MB",
        f"`application_id` is {APPLICATION_ID:#x}",
        f"version of the tables, {VERSION}.",
    ):
        assert words in PAGE
