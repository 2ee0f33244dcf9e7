"""What is named in place of a preset, a step or data: it is opened, or one line says by which command it is."""

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui import presets
from backprop_tui.tui import cli
from backprop_tui.tui.command_line.options import parse
from backprop_tui.tui.command_line.other_file import is_table, kind_of
from backprop_tui.tui.command_line.own_words import is_playground

from .small_preset import PRESET

Printed = pytest.CaptureFixture[str]
TABLE = "a,b,kind\n" + "".join(f"{number / 7:.3f},{number % 5},{'xy'[number % 2]}\n" for number in range(30))
PARAMETERS = {"W1": np.ones((2, 2)), "b1": np.ones(2), "W2": np.ones((1, 2)), "b2": np.ones(1)}
URL = "https://playground.tensorflow.org/#activation=tanh&batchSize=10&dataset=circle&seed=0.5"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of each kind, and folders of some."""
    path = tmp_path_factory.mktemp("others")
    for name in ("iris.csv", "my iris.csv", "table.txt", "digits of pi"):
        (path / name).write_text(TABLE)
    (path / "empty.csv").touch()
    (path / "iris.tsv").write_text(TABLE.replace(",", "\t"))
    (path / "mine.toml").write_text(PRESET)
    (path / "mine").write_text(PRESET)
    np.savez(path / "weights.npz", **PARAMETERS)
    np.savez(path / "torch.npz", **{"0.weight": np.ones((2, 2)), "0.bias": np.ones(2)})
    np.savez(path / "step.npz", X=np.ones((2, 1)), Y=np.ones((1, 1)), dW1=np.ones((2, 2)), **PARAMETERS)
    np.savez(path / "data.npz", X=np.ones((30, 2)), y=np.arange(30) % 2)
    np.save(path / "data.npy", np.random.default_rng(0).random((30, 3)))
    (path / "step.json").write_text(json.dumps({"X": [[1]], "Y": [[1]], "W1": [[1]], "dW1": [[1]]}))
    (path / "digits-idx3-ubyte").write_bytes(b"\0\0\x08\x03" + bytes([0, 0, 0, 1]) * 3 + b"\0")
    for name in ("model.pt", "mine.py", "notes.ipynb"):
        (path / name).write_bytes(b"PK\x03\x04")
    for name in ("runs", "steps", "nothing", "sets", "images"):
        (path / name).mkdir()
    np.savetxt(path / "steps" / "X.csv", np.ones((2, 2)), delimiter=",")
    np.savetxt(path / "steps" / "W1.csv", np.ones((2, 2)), delimiter=",")
    (path / "sets" / "b.csv").write_text(TABLE)
    (path / "images" / "old.toml").write_text(PRESET)
    assert (
        cli.main(["train", str(path / "mine.toml"), "--steps", "2", "--record", str(path / "runs" / "a.backprop")]) == 0
    )
    return path


@pytest.fixture(autouse=True)
def inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


DATA_FILES = ("iris.csv", "my iris.csv", "iris.tsv", "table.txt", "digits of pi", "data.npz", "data.npy")
TOLD = {
    **{("train", name): f"backprop-tui train --data {shlex.quote(name)} opens it" for name in DATA_FILES},
    ("", "iris.csv"): "iris.csv is no preset, but data: backprop-tui --data iris.csv opens it",
    ("compare xor", "iris.csv"): "backprop-tui compare --data iris.csv opens it",
    ("check-preset", "iris.csv"): "backprop-tui show --data iris.csv > mine.toml makes a preset of it",
    ("", "digits-idx3-ubyte"): "backprop-tui --data digits-idx3-ubyte opens it",
    ("train", "weights.npz"): "backprop-tui train PRESET --set training.start=weights.npz goes on from them",
    ("", "torch.npz"): "backprop-tui PRESET --set training.start=torch.npz goes on from them",
    ("train --data", "weights.npz"): "weights.npz is a file of weights, not data: backprop-tui train PRESET --set",
    ("explain", "step.npz"): "backprop-tui verify step.npz says what of it is right",
    ("", "step.json"): "backprop-tui verify step.json says what of it is right",
    ("--data", "step.json"): "step.json is a step, not data: backprop-tui verify step.json",
    ("train", "model.pt"): "help weights",
    ("verify", "model.pt"): "np.savez writes",
    ("diagnose", "mine.py"): "backprop_tui.watch records what it trains",
    ("", "notes.ipynb"): "help pytorch",
    ("check", "runs"): "in it is a recording: backprop-tui check runs/a.backprop",
    ("", "images"): "in it is a preset: backprop-tui images/old.toml",
    ("", "sets"): "in it are data: backprop-tui --data sets/b.csv",
    ("train --data", "sets"): "in it are data: backprop-tui train --data sets/b.csv",
    ("", "steps"): "steps is a folder with the arrays of a step: backprop-tui verify steps",
    ("train", "nothing"): "nothing: expected a file, found a folder",
    ("--data", "nothing"): "nothing: expected a file, found a folder",
    ("train --data", "mine.toml"): "mine.toml is a preset, not data: backprop-tui train mine.toml",
    ("--data", "xor"): "xor is a preset, not data: backprop-tui xor",
    ("--data", "runs/a.backprop"): "is a recording, not data: backprop-tui runs/a.backprop",
    ("--data", "https://example.org/iris.csv"): "data are read from a file, so save it first",
    ("verify", "xor"): "backprop-tui check xor compares its gradient",
    ("verify", "mine.toml"): "backprop-tui check mine.toml compares its gradient",
    ("verify", "runs/a.backprop"): "backprop-tui check runs/a.backprop --step N",
    ("verify", "iris.csv"): "a folder with a .csv for each array",
    ("verify step.npz --preset", "iris.csv"): "backprop-tui show --data iris.csv > mine.toml makes a preset of it",
    ("train", "-"): "a preset is read from a file, not from standard input: backprop-tui train mine.toml",
    ("check-preset", URL): "backprop-tui --url URL",
    (
        "train",
        "empty.csv",
    ): "empty.csv: expected a preset, found an empty file; backprop-tui show xor > mine.toml makes one",
}


@pytest.mark.parametrize(("command", "named"), TOLD)
def test_one_line_says_what_it_is_and_what_takes_it(command: str, named: str, capsys: Printed) -> None:
    assert cli.main([*command.split(), named]) == 2
    found = capsys.readouterr()
    assert found.out == ""
    assert len(found.err.splitlines()) == 1
    assert TOLD[command, named] in found.err


@pytest.mark.parametrize("name", [*DATA_FILES, "weights.npz", "step.npz", "runs", "sets"])
def test_what_it_says_works(name: str, capsys: Printed) -> None:
    """The line that is told of is typed as it stands."""
    assert cli.main(["train", name]) == 2
    told = capsys.readouterr().err
    line = shlex.split(told[told.index(": backprop-tui ") + 2 :])
    words = line[1 : line.index("opens")] if "opens" in line else line[1:]
    words = (
        words[: words.index("goes")] if "goes" in words else words[: words.index("says")] if "says" in words else words
    )
    words = ["moons" if word == "PRESET" else word for word in words]
    parse(words)
    if name == "weights.npz":
        # These are of a 2-2-1 network, and it says so; the line itself is understood.
        assert cli.main([*words, "--steps", "1"]) == 2
        assert "training.start" in capsys.readouterr().err
    elif name == "step.npz":
        assert cli.main(words) in (0, 1)
    else:
        assert cli.main([*words, "--steps", "1"]) == 0


@pytest.mark.parametrize("name", ["mine.toml", "mine", "./mine", "runs/a.backprop", "xor"])
def test_presets_and_recordings_are_what_they_are(name: str, capsys: Printed) -> None:
    assert cli.main(["train", name, "--steps", "3"]) == 0


def test_a_url_in_place_of_a_preset_is_its_experiment(capsys: Printed) -> None:
    said = []
    for line in (
        ["--url", URL],
        [URL],
        [URL.removeprefix("https://")],
        [URL[URL.index("#") :]],
        [URL.upper()[:8] + URL[8:]],
    ):
        assert cli.main(["show", *line]) == 0
        said.append(capsys.readouterr().out)
    assert len(set(said)) == 1
    assert 'kind = "circle"' in said[0]
    assert cli.main(["compare", "xor", URL, "--steps", "2", "--json"]) == 0
    runs = json.loads(capsys.readouterr().out)["runs"]
    assert [run["name"] for run in runs] == ["xor", "playground"]


def test_what_is_only_like_a_url_is_none() -> None:
    for word in ("playground", "https://example.org/#a=b", "#", "#a", "playground.tensorflow.org.toml", "mine#a=b"):
        assert not is_playground(word)
    Path("#a=b").write_text(PRESET)
    assert not is_playground("#a=b")
    Path("#a=b").unlink()


@given(beginning=st.binary(max_size=200), ending=st.sampled_from(["", ".npz", ".json", ".txt", ".gz", ".csv", ".npy"]))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_some_kind_or_none(
    beginning: bytes, ending: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{ending}"
    for start in (b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\0\0\x08\x03", b"\x93NUMPY"):
        path.write_bytes(start + beginning)
        kind_of(str(path))
    path.unlink()


@pytest.mark.parametrize("name", presets.names())
def test_no_preset_looks_like_a_table(name: str) -> None:
    text = presets.text(name).encode()
    assert not is_table(text)
    assert not is_table(b"# remark, one\n# remark, two\n" + text)
