"""docs/pytorch.md: what it shows runs, and what it records is right."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from backprop_tui.core.preset.preset import load_preset, read_file
from backprop_tui.core.recording.reader import open_recording

PAGE = (Path(__file__).parents[2] / "docs" / "pytorch.md").read_text(encoding="utf-8")


def test_what_the_page_records_is_what_its_loop_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        exec(compile(block, "docs/pytorch.md", "exec"), names)
    assert names["run"].warnings == []
    with open_recording(Path("run.backprop")) as recording:
        assert recording.losses.count == 500
        assert recording.losses.series()[-1][-1] < 0.3
        assert [layer["activation"] for layer in recording.meta["network"]] == ["tanh", "tanh", "softmax"]
        dZ, A, g = (recording.array(1, name) for name in ("dZ/1", "A/1", "g/0.weight"))
        assert dZ is not None
        assert g is not None
        np.testing.assert_allclose(dZ.T @ A, g, atol=1e-6)
    preset, dataset = load_preset(read_file(names["path"])[1], "mine.toml", names["path"].parent)
    assert dataset.size == 400
    np.testing.assert_allclose(preset.layers[0].weights, names["model"][0].weight.detach().numpy(), rtol=1e-6)
