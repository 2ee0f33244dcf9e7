"""The package as it is handed out: its version, its data, and the two commands that set it up."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import pytest

import backprop_tui
from backprop_tui import docs, presets

ROOT = Path(__file__).parent.parent
USER_COMMAND = "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/backprop-tui"
TEST_COMMAND = "python3 -m venv .venv && .venv/bin/pip install -e '.[dev]' && .venv/bin/pytest"
FIRST_SCREEN = 40
"""Lines of the README that are seen without scrolling."""
FOLDERS = ("core", "docs", "presets", "tui")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def python(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What Python says with `path` before all else that it imports from."""
    command = [sys.executable, "-W", "error", *arguments]
    environment = os.environ | {"PYTHONPATH": str(path)}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=path, env=environment)


def test_the_readme_begins_with_two_commands():
    lines = text("README.md").splitlines()[:FIRST_SCREEN]
    assert [line.strip() for line in lines if "venv" in line] == [USER_COMMAND, TEST_COMMAND]


def test_the_gate_sets_up_and_tests_as_the_readme_says():
    gate = text(".ci/run").replace('"', "").replace(" --quiet", "").replace("$work/venv", ".venv").splitlines()
    assert [line for line in gate if line in TEST_COMMAND.split(" && ")] == TEST_COMMAND.split(" && ")
    assert gate[-1] == ".venv/bin/pytest"


def test_the_change_log_begins_with_this_version():
    assert re.findall(r"^## \[(.+?)\]", text("CHANGELOG.md"), re.MULTILINE)[0] == backprop_tui.__version__


def test_what_the_program_reads_is_package_data():
    assert (files("backprop_tui.core.preset") / "digits.npz").is_file()
    assert (files("backprop_tui") / "py.typed").is_file()
    assert all(tomllib.loads(presets.text(name))["title"] for name in presets.names())
    assert all(docs.text(name).startswith("# ") for name in docs.names())


def test_no_settings_of_somebody_are_in_a_checkout():
    assert not {"config.toml", "recent.json"} & {path.name for path in ROOT.iterdir()}


@pytest.mark.parametrize("name", FOLDERS)
def test_the_package_is_made_of_the_folders_at_the_top(name: str):
    assert Path(import_module(f"backprop_tui.{name}").__file__).resolve().parent == ROOT / name


def test_importing_the_package_imports_no_library(tmp_path: Path):
    code = "import sys, backprop_tui; print({'numpy', 'textual'} & set(sys.modules))"
    assert python(tmp_path, "-c", code).stdout.strip() == "set()"


@pytest.mark.parametrize("left", ["text files", "nothing"])
def test_the_project_runs_where_links_are_unknown(tmp_path: Path, left: str):
    """Git and unpackers without links leave text files, a source distribution leaves nothing."""
    package = tmp_path / ".pkg" / "backprop_tui"
    package.mkdir(parents=True)
    for path in (ROOT / ".pkg" / "backprop_tui").glob("*.py"):
        shutil.copy(path, package)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        if left == "text files":
            (package / name).write_text(f"../../{name}")
    done = python(tmp_path / ".pkg", "-m", "backprop_tui", "train", "xor", "--steps", "2")
    assert done.returncode == 0, done.stderr
    place = python(tmp_path / ".pkg", "-c", "import backprop_tui.core; print(backprop_tui.core.__file__)")
    assert Path(place.stdout.strip()) == tmp_path / "core" / "__init__.py"


def test_an_installed_package_looks_nowhere_else(tmp_path: Path):
    package = tmp_path / "venv" / "site-packages" / "backprop_tui"
    package.mkdir(parents=True)
    shutil.copy(ROOT / ".pkg" / "backprop_tui" / "__init__.py", package)
    for folder in (tmp_path / "venv", package.parent):
        (folder / "core").mkdir()
        (folder / "core" / "__init__.py").touch()
    assert "ModuleNotFoundError" in python(package.parent, "-c", "import backprop_tui.core").stderr


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
