"""PyTorch is no dependency: everything but a PyTorch module is there without it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
CODE = """
import sys
sys.modules["torch"] = None
import backprop_tui
assert not {"numpy", "textual"} & set(sys.modules)
import numpy as np
W = np.array([[1.0, 2.0]])
run = backprop_tui.watch(
    parameters={"W1": W}, activations=["identity"], loss="mean_squared_error", path="run.backprop", every=1
)
X, Y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0], [2.0]])
for step in range(3):
    error = X @ W.T - Y
    gradient = error.T @ X
    W -= 0.1 * gradient
    run.step(np.mean(error**2), gradients={"W1": gradient}, inputs=X, targets=Y)
run.close()
assert not run.warnings, run.warnings
for call in (lambda: backprop_tui.watch(object()), lambda: backprop_tui.to_preset(object(), X, Y, loss="mse")):
    try:
        call()
    except TypeError as problem:
        print(problem)
from backprop_tui.core.recording.reader import open_recording
print(open_recording("run.backprop").meta["network"][0]["units"])
from backprop_tui.tui import cli
assert cli.main(["train", "xor", "--steps", "2"]) == 0
import textual
import backprop_tui.tui.app
print({name for name in sys.modules if name == "torch" or name.startswith("torch.")})
"""


def test_everything_else_works_where_torch_cannot_be_imported(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT / ".pkg")}
    command = [sys.executable, "-W", "error", "-c", CODE]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:3] == [
        "expected a PyTorch module, or parameters={name: array}; found object",
        "expected a PyTorch module, found object",
        "1",
    ]
    assert lines[-1] == "{'torch'}"
