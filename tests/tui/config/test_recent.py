"""What was opened last: found again from any folder, the latest first, without what has gone."""

import json
import os
from pathlib import Path

import pytest

from backprop_tui import presets
from backprop_tui.tui.command_line.own_words import OwnWords
from backprop_tui.tui.config.config import config_path, read_config
from backprop_tui.tui.config.recent import FILE, MOST, note, recent
from backprop_tui.tui.pages.recent_entries import recent_entries


def test_the_latest_is_first_and_each_stands_once(tmp_path: Path) -> None:
    for name in ("xor", "spiral", "xor", "digits"):
        note(tmp_path, name)
    assert recent(tmp_path) == ["digits", "xor", "spiral"]
    for name in presets.names() * 2:
        note(tmp_path, name)
    assert len(recent(tmp_path)) == min(MOST, len(presets.names()))


def test_a_file_is_found_from_another_folder_and_left_out_when_it_has_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    monkeypatch.chdir(tmp_path)
    for name in ("my own.toml", "table one.csv", "test.csv"):
        Path(name).write_text("x")
    note(kept, "my own.toml")
    note(kept, OwnWords("table one.csv", ("y",), "test.csv").argument)
    own = OwnWords(str(tmp_path / "table one.csv"), ("y",), str(tmp_path / "test.csv")).argument
    monkeypatch.chdir("/")
    assert recent(kept) == [own, str(tmp_path / "my own.toml")]
    (tmp_path / "test.csv").unlink()
    assert recent(kept) == [str(tmp_path / "my own.toml")]
    (tmp_path / "my own.toml").unlink()
    (tmp_path / "my own.toml").mkdir()
    assert recent(kept) == []


@pytest.mark.parametrize("content", [b"", b"{}", b'[1, null, [], "", "xor"]', b"[" * 9000, b"\xff", b'["a\\u0000b"]'])
def test_whatever_stands_there_something_can_be_noted(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert recent(tmp_path) == (["xor"] if b"xor" in content else [])
    note(tmp_path, "spiral")
    assert recent(tmp_path)[0] == "spiral"


def test_the_settings_say_how_many_and_none_are_kept_where_they_say_so() -> None:
    path = config_path()
    assert path is not None
    config = read_config()
    for name in ("xor", "spiral", "digits"):
        config.note_opened(name)
    assert config.recent() == ["spiral", "xor"]
    config.write()
    assert read_config().recent() == ["digits", "spiral", "xor"]
    path.write_text("recent = 2\n")
    assert read_config().recent() == ["digits", "spiral"]
    path.write_text("recent = 0\n")
    config = read_config()
    config.note_opened("tour")
    config.write()
    assert (config.recent(), "tour" in json.loads((path.parent / FILE).read_text())) == ([], False)


def test_what_stands_in_the_gallery_of_it(tmp_path: Path) -> None:
    preset, broken, recording = (tmp_path / name for name in ("mine.toml", "no.toml", f"{'x' * 40}.backprop"))
    preset.write_text(presets.text("xor").replace("title = ", "title = 'My own'  # ", 1))
    for path in (broken, recording):
        path.write_text("= 3")
    url = "--url 'https://playground.tensorflow.org/#dataset=xor'"
    data = OwnWords(str(tmp_path / "iris.csv")).argument
    found = recent_entries([str(preset), str(broken), str(recording), url, data], [])
    assert [one.entry.title for one in found] == [
        "My own",
        "A file of your own",
        "A recording",
        "An experiment of TensorFlow Playground",
        "Your data: iris.csv",
    ]
    assert found[0].entry.shape
    assert all(len(one.entry.id) <= 28 for one in found)
    assert [one.entry.summary for one in found[:2]] == [str(preset), str(broken)]
    assert os.path.basename(found[2].entry.summary) == recording.name
