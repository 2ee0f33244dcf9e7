"""The package as it is handed out: its version, its data, and the two commands that set it up."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import backprop_tui
from backprop_tui import presets

ROOT = Path(__file__).parent.parent
USER_COMMAND = "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/backprop-tui"
TEST_COMMAND = "python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/pytest"
FIRST_SCREEN = 40
"""Lines of the README that are seen without scrolling."""


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_readme_begins_with_two_commands():
    lines = text("README.md").splitlines()[:FIRST_SCREEN]
    assert [line.strip() for line in lines if "venv" in line] == [USER_COMMAND, TEST_COMMAND]


def test_the_gate_sets_up_and_tests_as_the_readme_says():
    commands = [line.strip() for line in text(".ci/run").splitlines()]
    assert any(line.startswith("pip install") and line.endswith("-e '.[dev]'") for line in commands)
    assert commands[-1] == "pytest"


def test_the_change_log_begins_with_this_version():
    assert re.findall(r"^## \[(.+?)\]", text("CHANGELOG.md"), re.MULTILINE)[0] == backprop_tui.__version__


def test_what_the_program_reads_is_package_data():
    assert (files("backprop_tui.core.preset") / "digits.npz").is_file()
    assert (files("backprop_tui") / "py.typed").is_file()
    assert all(tomllib.loads(presets.text(name))["title"] for name in presets.names())


def test_the_folders_stand_in_the_package_as_links():
    package = ROOT / ".pkg" / "backprop_tui"
    for name in ("core", "tui", "presets"):
        assert (package / name).resolve() == (ROOT / name).resolve()


def test_the_architecture_has_a_paragraph_for_every_folder_which_names_its_files():
    paragraphs = {
        match[1].rstrip("/"): match[0]
        for match in re.finditer(r"^\*\*`(.+?)`\*\*.+?\n\n", text("ARCHITECTURE.md"), re.M | re.S)
    }
    files = [file for folder in ("core", "tui") for file in sorted((ROOT / folder).rglob("*.py"))]
    missing = [
        str(file.relative_to(ROOT))
        for file in files
        if file.name != "__init__.py"
        and f"`{file.stem}`" not in paragraphs.get(file.parent.relative_to(ROOT).as_posix(), "")
    ]
    assert not missing
