"""Exporting the worked solution: a new file of the form that its name says, and never part of one."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line import new_file
from backprop_tui.tui.running import export as exporting
from backprop_tui.tui.running.export import export, written_text

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


def test_a_name_that_ends_in_py_is_the_step_in_pytorch(session_of: Sessions, tmp_path: Path) -> None:
    session = session_of("first-steps")
    found = export(session, SPOTLIGHT, str(tmp_path / "step.py"))
    text = found.read_text(encoding="utf-8")
    compile(text, "step", "exec")
    assert "W1 = torch.tensor([[0.15, 0.25], [0.2, 0.3]], requires_grad=True)" in text
    assert [file.name for file in tmp_path.iterdir()] == ["step.py"]
    assert written_text(found) == str(found)
    # Many numbers are in a file beside it, and what is there of that name stays.
    large = session_of("digits-8x8")
    found = export(large, SPOTLIGHT, str(tmp_path / "digits.PY"))
    assert "np.load('digits.npz')" in found.read_text(encoding="utf-8")
    assert written_text(found) == f"{found}, and beside it digits.npz, which it loads"
    with np.load(tmp_path / "digits.npz") as arrays:
        assert arrays["W1"].shape == (large.trainer.layers[0].units, 64)
    with pytest.raises(PresetError, match=r"digits.npz is there already"):
        export(large, SPOTLIGHT, str(tmp_path / "digits.py"))
    (tmp_path / "mine.py").write_text("mine")
    with pytest.raises(PresetError, match=r"mine.py is there already"):
        export(large, SPOTLIGHT, str(tmp_path / "mine.py"))
    assert not (tmp_path / "mine.npz").exists()


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


# Names that nothing can be written under: one line, and nothing left behind


def refusal(session: Session, name: str) -> str:
    """Why a name is refused, in the one line that is shown of it."""
    with pytest.raises(PresetError) as refused:
        export(session, SPOTLIGHT, name)
    text = str(refused.value)
    assert len(text.splitlines()) == 1
    assert len(text) < 200
    return text


@pytest.mark.parametrize("name", ["~nosuch/a.md", "~nosuch.md", "~no such user at all/b/c.tex"])
def test_a_home_that_nobody_has(session: Session, name: str) -> None:
    assert "has no home folder" in refusal(session, name)


@pytest.mark.parametrize(
    "name", ["x" * 300 + ".md", "é" * 130 + ".md", "/".join(["folder"] * 1000) + "/a.md", "x" * 253 + ".md"]
)
def test_a_name_that_is_too_long(session: Session, tmp_path: Path, name: str) -> None:
    assert "File name too long" in refusal(session, str(tmp_path / name))
    assert not list(tmp_path.iterdir())


def test_the_longest_name_that_there_can_be(session: Session, tmp_path: Path) -> None:
    name = "x" * 252 + ".md"
    assert export(session, SPOTLIGHT, str(tmp_path / name)).name == name
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a\0b.md", "\0.md", "a\ud800.md"])
def test_characters_that_no_name_can_have(session: Session, tmp_path: Path, name: str) -> None:
    assert "cannot be written" in refusal(session, str(tmp_path / name))
    assert not list(tmp_path.iterdir())


def test_a_folder_in_place_of_a_file_and_a_file_in_place_of_a_folder(session: Session, tmp_path: Path) -> None:
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "file").write_text("mine")
    for name in ("folder.md", "folder.md/"):
        assert "is there already" in refusal(session, f"{tmp_path}/{name}")
    assert "Not a directory" in refusal(session, str(tmp_path / "file" / "a.md"))
    assert "expected a file name" in refusal(session, f"{tmp_path}/")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.md"]


def test_links_that_lead_to_themselves_or_nowhere(session: Session, tmp_path: Path) -> None:
    for name, target in (("loop", "loop"), ("loop.md", "loop.md"), ("nowhere.md", "nothing/there.md")):
        (tmp_path / name).symlink_to(tmp_path / target)
    assert "symbolic links" in refusal(session, str(tmp_path / "loop" / "a.md"))
    for name in ("loop.md", "nowhere.md"):
        assert "is there already" in refusal(session, str(tmp_path / name))
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_one_may_not_write_to(session: Session, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "Permission denied" in refusal(session, str(tmp_path / "a.md"))
    tmp_path.chmod(0o000)
    assert "Permission denied" in refusal(session, str(tmp_path / "a.md"))
    tmp_path.chmod(0o700)


def test_a_folder_that_takes_no_files(session: Session) -> None:
    if not Path("/proc/self").is_dir():
        pytest.skip("there is no such folder here")
    assert "cannot be written" in refusal(session, "/proc/self/a.md")


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """No file of this process can become larger, as on a disk that is full."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 100])
def test_a_disk_that_is_full(session: Session, tmp_path: Path, size: int) -> None:
    with files_limited_to(size):
        assert "cannot be written" in refusal(session, str(tmp_path / "a.md"))
    assert not list(tmp_path.iterdir())


def test_without_links_the_name_is_taken_all_the_same(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(new_file.os, "link", no_links)
    found = export(session, SPOTLIGHT, str(tmp_path / "a.md"))
    text = found.read_text(encoding="utf-8")
    assert "0.625" in text
    with pytest.raises(FileExistsError):
        new_file.write_new(found, "other")
    assert found.read_text(encoding="utf-8") == text
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]
