"""Exporting the worked solution: a new file of the form that its name says, and never part of one."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.tui.running import export as exporting
from backprop_tui.tui.running.export import export

Sessions = Callable[..., Session]
SPOTLIGHT = Spotlight(1, 0, 0)


@pytest.fixture
def session(session_of: Sessions) -> Session:
    return session_of("first-steps")


@pytest.mark.parametrize("name", ["a.md", "a.tex", "a.txt", "a.json", "a.MD"])
def test_a_new_file_is_as_readable_as_any(session: Session, tmp_path: Path, name: str) -> None:
    usual = tmp_path / "usual"
    usual.write_text("")
    found = export(session, SPOTLIGHT, str(tmp_path / name))
    assert stat.S_IMODE(found.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)
    assert "0.625" in found.read_text(encoding="utf-8")
    if name == "a.json":
        assert json.loads(found.read_text(encoding="utf-8"))["step"] == 1


def test_what_is_there_stays(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("mine")
    with pytest.raises(PresetError, match="is there already"):
        export(session, SPOTLIGHT, str(tmp_path / "a.md"))
    assert (tmp_path / "a.md").read_text() == "mine"


def test_nowhere_to_write(session: Session, tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="cannot be written: No such file or directory"):
        export(session, SPOTLIGHT, str(tmp_path / "no" / "a.md"))


def test_half_a_file_does_not_stay(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def full(path: Path, *args: Any, **options: Any) -> Any:
        file = opened(path, *args, **options)

        def write(text: str) -> int:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(file, "write", write, raising=False)
        return file

    monkeypatch.setattr(exporting.Path, "open", full)
    with pytest.raises(PresetError, match="No space left on device"):
        export(session, SPOTLIGHT, str(tmp_path / "a.md"))
    assert not list(tmp_path.iterdir())
