"""docs/weights.md: its commands and its Python run, one after the other, and do what they say."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from backprop_tui.core.preset.start_file import PLACES, RUNNING
from backprop_tui.core.preset.tables import TrainingPreset
from backprop_tui.tui.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "weights.md").read_text(encoding="utf-8")
PARTS = re.findall(r"^    backprop-tui ([^#\n]+)|^```python\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_commands_and_the_python_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    points = [[0.5, -1.0], [2.0, 1.5], [-3.0, 0.25]]
    Path("points.csv").write_text("x1,x2\n" + "".join(f"{x},{y}\n" for x, y in points))
    names: dict[str, object] = {}
    printed = []
    for command, code in PARTS:
        if command:
            assert main(command.split()) == 0
            printed.append(capsys.readouterr().out)
        else:
            exec(code, names)
    assert len(PARTS) == 7
    whole, rest = ("moons", "--steps", "200", "--save", "whole.npz"), ("moons", "--steps", "100", "--save", "rest.npz")
    assert main(["train", *whole]) == main(["train", *rest, "--set", "training.start=moons.npz"]) == 0
    capsys.readouterr()
    files = [dict(np.load(name)) for name in ("whole.npz", "rest.npz")]
    assert all(files[0][name].tobytes() == files[1][name].tobytes() for name in files[0])
    # What PyTorch says with the weights that came back is what this program says.
    assert main(["predict", "moons", "--inputs", "points.csv", "--start", "trained.npz", "--json"]) == 0
    answers = json.loads(capsys.readouterr().out)["answers"]
    with torch.no_grad():
        theirs = names["model"](torch.tensor(points, dtype=torch.float64)).ravel().tolist()  # type: ignore[operator]
    assert [answer["probabilities"]["1"] for answer in answers] == pytest.approx(theirs, rel=1e-9)
    assert printed[-2].splitlines()[0] == "class,0,1"


def test_names_and_keys_are_those_of_the_code() -> None:
    assert all(f"`{name}`" in PAGE for name in PLACES)
    assert all(f"`{name}1`" in PAGE for name in RUNNING)
    assert all(f"| `{key} =" in PAGE and hasattr(TrainingPreset, key) for key in ("resume", "start_missing", "seed"))
