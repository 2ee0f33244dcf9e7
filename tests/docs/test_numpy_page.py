"""docs/numpy.md: what it shows runs, and what it records is right."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.recording.reader import open_recording

PAGE = (Path(__file__).parents[2] / "docs" / "numpy.md").read_text(encoding="utf-8")


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names that the page's Python leaves behind, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL):
        exec(compile(block, "docs/numpy.md", "exec"), names)
    return names


def test_what_the_page_records_is_what_its_loops_do(page: dict[str, Any]) -> None:
    assert page["run"].warnings == []
    for name, losses, rate, activations in (
        ("run.backprop", 300, 0.5, ["tanh", "sigmoid"]),
        ("second.backprop", 50, 0.1, ["identity"]),
    ):
        with open_recording(Path(name)) as recording:
            assert recording.losses.count == losses
            assert [layer["activation"] for layer in recording.meta["network"]] == activations
            assert recording.meta["layout"] == {"examples": "rows", "weights": "inputs_units"}
            assert recording.steps[0] == 1
            for step in recording.steps:
                g, change = recording.array(step, "g/W1"), recording.array(step, "Δ/W1")
                assert g is not None
                assert change is not None
                np.testing.assert_allclose(change, -rate * g, rtol=1e-6, atol=1e-12)
