"""What was chosen once is found again, whatever stands in its file."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backprop_tui.tui.command_line import fault_report
from backprop_tui.tui.running import choices
from backprop_tui.tui.running.choices import FILE, LARGEST, all_choices, choose, chosen


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(choices, "folder", lambda: tmp_path / "not there yet")
    return tmp_path / "not there yet"


def test_a_choice_is_found_again_replaced_and_forgotten(folder: Path) -> None:
    assert chosen("theme") is None
    choose("theme", "nord")
    choose("until", "epochs 5")
    choose("theme", "gruvbox")
    assert (chosen("theme"), chosen("until")) == ("gruvbox", "epochs 5")
    choose("theme", None)
    assert all_choices() == {"until": "epochs 5"}
    assert [path.name for path in folder.iterdir()] == [FILE]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=40), st.recursive(st.none() | st.integers() | st.text(), st.lists)))
def test_whatever_stands_there_a_choice_can_be_made(folder: Path, content: object) -> None:
    folder.mkdir(exist_ok=True)
    data = content if isinstance(content, bytes) else json.dumps({"theme": content}).encode()
    (folder / FILE).write_bytes(data)
    assert isinstance(chosen("theme"), str | None)
    choose("theme", "nord")
    assert chosen("theme") == "nord"


@pytest.mark.parametrize("content", [b"[" * 10_000, b'{"theme": "' + b"x" * LARGEST + b'"}'])
def test_what_is_too_large_or_nested_too_deep_is_not_read(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / FILE).write_bytes(content)
    assert all_choices() == {}


def test_where_nothing_can_be_written_nothing_is_remembered(folder: Path) -> None:
    folder.write_text("a file where the folder would be")
    choose("theme", "nord")
    assert chosen("theme") is None
    assert folder.read_text() == "a file where the folder would be"


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
    choose("theme", "nord")
    assert chosen("theme") is None
    assert not list(tmp_path.iterdir())
    with pytest.raises(RuntimeError):
        choices.folder()
    assert all(path.is_absolute() for path in fault_report.folders())


def test_a_pipe_in_the_place_of_the_file_is_not_read(folder: Path) -> None:
    folder.mkdir()
    os.mkfifo(folder / FILE)
    assert chosen("theme") is None
