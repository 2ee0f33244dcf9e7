"""Files that are named: what is no regular file is refused before it is opened, and what is elsewhere is not quoted."""

import os
import socket
from pathlib import Path

import pytest

from backprop_tui.core.preset.named_file import LARGEST, NamedFile, beside, size
from backprop_tui.core.preset.preset import load_preset, read_file
from backprop_tui.core.preset.schema import Place, PresetError
from backprop_tui.core.training.trainer import Trainer

SECRET = "alice:x:0:0:swordfish gecko walrus"
DEVICES = [device for device in ("/dev/null", "/dev/zero", "/dev/random", "/dev/tty") if os.path.exists(device)]


def table(**data: object) -> dict[str, object]:
    return {"title": "Small", "data": data, "layers": [{"units": 1, "activation": "tanh"}]}


def read_as(kind: str, name: str, folder: Path) -> None:
    """Read the file as a preset, as start parameters, or as data of that kind."""
    if kind == "preset":
        read_file(Path(name))
    elif kind == "start":
        started = {**table(kind="inline", inputs=[[1.0]], targets=[[1.0]]), "training": {"start": name}}
        Trainer(*load_preset(started, "a.toml", folder), seed=0)
    else:
        load_preset(table(kind=kind, path=name, targets=["a"]), "a.toml", folder)


@pytest.fixture
def irregular(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Names in the present folder of what is no regular file, and the word that a message has for each."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe-images-idx3")
    os.mkdir("folder-images-idx3")
    os.symlink("pipe-images-idx3", "link-images-idx3")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket-images-idx3")
    words = {"pipe": "a named pipe", "folder": "a folder", "link": "a named pipe", "socket": "a socket"}
    return {f"{name}-images-idx3": word for name, word in words.items()}


@pytest.mark.parametrize("kind", ["csv", "npz", "idx", "preset", "start"])
def test_what_is_no_regular_file_is_never_opened(tmp_path: Path, irregular: dict[str, str], kind: str) -> None:
    devices = {} if kind == "idx" else dict.fromkeys(DEVICES, "a device")
    for name, word in (irregular | devices).items():
        with pytest.raises(PresetError, match=f"expected a file, found {word}"):
            read_as(kind, name, tmp_path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none", "there is no such file"),
        ("nul\0", "without NUL"),
        ("x" * 5000, "name too long"),
        ("file/inside", "Not a directory"),
        ("loop", "symbolic links"),
        ("\udcff", "there is no such file"),
    ],
)
def test_paths_that_lead_nowhere(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(PresetError, match=message), beside(tmp_path, name, Place("a.toml")).opened():
        pass


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(3 * LARGEST)
    with (
        pytest.raises(PresetError, match=r"of at most 1 GB, found one of 3 GB"),
        beside(tmp_path, "large", Place("a.toml")).opened(),
    ):
        pass
    with pytest.raises(PresetError, match=r"of at most 20 MB"):
        read_file(tmp_path / "large")


@pytest.mark.parametrize(
    ("count", "text"),
    [(96, "96 bytes"), (25 * 10**6, "25 MB"), (3_240_000_000, "3.24 GB"), (10**12, "1,000 GB"), (10**400, "more than")],
)
def test_sizes_in_words(count: int, text: str) -> None:
    assert size(count).startswith(text)


def test_a_file_is_the_presets_own_where_it_really_lies_in_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "presets"
    (folder / "data").mkdir(parents=True)
    (tmp_path / "elsewhere.csv").write_text("")
    (folder / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    (folder / "data" / "out").symlink_to(tmp_path)
    place = Place("a.toml")
    for own in ("a.csv", "data/a.csv", "data/../a.csv", str(folder / "a.csv")):
        assert beside(folder, own, place).own
    for other in ("../elsewhere.csv", "link.csv", "data/out/elsewhere.csv", str(tmp_path / "elsewhere.csv"), "/a.csv"):
        assert not beside(folder, other, place).own


def test_quotes_are_short() -> None:
    assert NamedFile(Path("a"), Place(""), own=True).quoted("x" * 50) == '"xxxxxxxxxxx…"'
    assert NamedFile(Path("a"), Place("")).quoted("x") == ""


@pytest.mark.parametrize(
    "content",
    [
        SECRET,
        f"{SECRET}\n{SECRET}\n",
        f"b,{SECRET}\n1,2\n1,{SECRET}\n2,3\n",
        f"a,b\n1,{SECRET}\n",
        f"a,b\n1,2\n{SECRET}\n",
        f'a,b\n1,"{SECRET}\n',
        f"{SECRET},{SECRET}\n",
    ],
)
@pytest.mark.parametrize("kind", ["csv", "npz", "idx"])
def test_no_message_shows_what_stands_in_a_file_elsewhere(tmp_path: Path, content: str, kind: str) -> None:
    folder = tmp_path / "presets"
    folder.mkdir()
    secret = tmp_path / "secret-images-idx3"
    secret.write_text(content)
    (tmp_path / "secret-labels-idx1").write_text(content)
    (folder / "link-images-idx3").symlink_to(secret)
    (folder / "link-labels-idx1").symlink_to(tmp_path / "secret-labels-idx1")
    for name in (str(secret), "../secret-images-idx3", "link-images-idx3"):
        with pytest.raises(PresetError) as caught:
            load_preset(table(kind=kind, path=name, targets=["b"]), "a.toml", folder)
        message = str(caught.value).replace(name, "")
        assert not [word for word in ("alice", "swordfish", "gecko", "walrus") if word in message]


def test_a_cell_that_is_no_number_is_named_and_shown_shortly(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"a,b\n1,2\n3,{SECRET}\n")
    with pytest.raises(
        PresetError, match=r'a\.csv: line 3, column 2 \("b"\): expected a number, found "alice:x:0:0…"$'
    ):
        load_preset(table(kind="csv", path="a.csv", targets=["b"]), "a.toml", tmp_path)
    with pytest.raises(PresetError, match=r"a\.csv: line 3, column 2: expected a number$"):
        load_preset(table(kind="csv", path=str(tmp_path / "a.csv"), targets=["b"]), "a.toml", tmp_path / "other")
