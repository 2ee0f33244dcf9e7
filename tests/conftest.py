"""Fixtures that make sessions and small networks."""

import os
from collections.abc import Callable
from typing import Any

import pytest

# As the program does, and before NumPy is imported: a second thread makes small products slower on a busy machine.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from backprop_tui import presets
from backprop_tui.core.preset import apply_changes, load_preset, parse
from backprop_tui.core.session import Session

Table = dict[str, Any]

INPUTS = [[0.9, -0.4], [-1.1, 0.3], [0.2, 0.8], [1.3, 1.1], [-0.6, -0.9], [0.5, -1.2], [-0.3, 0.6]]
TARGETS = {
    "cross_entropy": [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.2, 0.5, 0.3], [0, 1, 0], [0.6, 0, 0.4], [1, 0, 0]],
    "binary_cross_entropy": [[1, 0, 1], [0, 1, 0.3], [0, 0, 1], [1, 1, 0], [0.7, 0, 0], [0, 1, 1], [1, 0, 0]],
    "squared": [[0.4, -0.9, 1], [1.2, 0, 0.3], [-0.5, 0.8, 0], [0, 1, 2], [0.7, 0.1, -1], [0, -0.4, 1], [1, 0, 0.2]],
}

BIASES = [[0.3, -0.2, 0.1], [0.2, 0.4, -0.1, 0.3], [0.5, 0.25, -0.15]]
"""Not the usual zeros: behind silent relu units they would put the next preactivation right on the kink."""


@pytest.fixture
def session_of() -> Callable[..., Session]:
    """Makes a session of a preset's name, its TOML or its table; `changes` are dotted paths and their values."""

    def make(preset: str | Table, seed: int | None = None, changes: Table | None = None) -> Session:
        if isinstance(preset, str):
            preset = parse(presets.text(preset) if preset in presets.names() else preset, "test")
        return Session(*load_preset(apply_changes(preset, changes or {}), "test", None, "test"), seed)

    return make


@pytest.fixture
def network_table() -> Callable[..., Table]:
    """Makes the table of a 2-3-4-3 network on seven examples, for any activations, loss, batch and optimizer."""

    def make(
        hidden: str, output: str, loss: str, *, batch: int = 0, optimizer: str = "sgd", bias: bool = True, **more: Any
    ) -> Table:
        settings = {"kind": "sgd", "train_biases": False} if optimizer == "frozen biases" else {"kind": optimizer}
        return {
            "title": "Small",
            "seed": 3,
            "data": {"kind": "inline", "inputs": INPUTS, "targets": TARGETS.get(loss, TARGETS["squared"])},
            "layers": [
                {"units": len(biases), "activation": activation, "bias": bias, **({"biases": biases} if bias else {})}
                for activation, biases in zip((hidden, hidden, output), BIASES, strict=True)
            ],
            "loss": {"kind": loss},
            "optimizer": {"learning_rate": 0.05, **settings},
            "training": {"batch_size": batch, **more},
        }

    return make
