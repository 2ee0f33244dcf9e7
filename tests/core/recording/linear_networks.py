"""Recordings of small trainings that are worked out here by hand: linear modules with something between them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from backprop_tui.core.recording.writer import Writer

MODULES = [
    {"number": 1, "name": "net.0", "kind": "Linear", "parameters": {"weight": "net.0.weight", "bias": "net.0.bias"}},
    {"number": 2, "name": "net.1", "kind": "Softsign", "settings": {"inplace": False}, "parameters": {}},
    {"number": 3, "name": "net.2", "kind": "Linear", "parameters": {"weight": "net.2.weight", "bias": "net.2.bias"}},
]
RATE = 0.1


class LinearNetwork:
    """inputs → Linear → softsign → Linear → mean squared error, trained by plain descent and written step by step."""

    def __init__(self, path: Path, inputs: int = 3, hidden: int = 4, **meta: object) -> None:
        rng = np.random.default_rng(0)
        self.rng, self.step, self.inputs = rng, 0, inputs
        self.parameters = {
            "net.0.weight": rng.normal(size=(hidden, inputs)),
            "net.0.bias": np.zeros(hidden),
            "net.2.weight": rng.normal(size=(1, hidden)),
            "net.2.bias": np.zeros(1),
        }
        known: dict[str, object] = {"title": "softsign by hand", "modules": MODULES, "network": None}
        self.writer = Writer.create(path, "torch", known | meta)

    def train(self, steps: int = 1, keep: bool = True, factor: float = 1.0, without: tuple[str, ...] = ()) -> float:
        """So many steps, kept or not; `factor` stands for clipping. The last loss."""
        loss = 0.0
        for _ in range(steps):
            self.step += 1
            loss, facts, arrays = self.one(factor)
            self.writer.add_losses([loss])
            if keep:
                kept = {name: array for name, array in arrays.items() if not name.startswith(without or ("none",))}
                self.writer.keep(self.step, 0.5 * self.step, facts, kept)
        self.writer.commit()
        return loss

    def one(self, factor: float) -> tuple[float, dict[str, Any], dict[str, Any]]:
        p, m = self.parameters, 6
        X = self.rng.normal(size=(m, self.inputs))
        Y = X[:, :1] * X[:, 1:2]
        Z1 = X @ p["net.0.weight"].T + p["net.0.bias"]
        A1 = Z1 / (1 + np.abs(Z1))
        Z2 = A1 @ p["net.2.weight"].T + p["net.2.bias"]
        dZ2 = 2 * (Z2 - Y) / m
        dA1 = dZ2 @ p["net.2.weight"]
        dZ1 = dA1 / (1 + np.abs(Z1)) ** 2
        gradients = {
            "net.0.weight": dZ1.T @ X,
            "net.0.bias": dZ1.sum(axis=0),
            "net.2.weight": dZ2.T @ A1,
            "net.2.bias": dZ2.sum(axis=0),
        }
        gradients = {name: factor * gradient for name, gradient in gradients.items()}
        changes = {name: -RATE * gradient for name, gradient in gradients.items()}
        arrays: dict[str, Any] = {"A/1": X, "Z/1": Z1, "dZ/1": dZ1, "A/2": Z1, "Z/2": A1, "dZ/2": dA1}
        arrays |= {"A/3": A1, "Z/3": Z2, "dZ/3": dZ2, "inputs": X, "targets": Y, "outputs": Z2}
        for symbol, named in (("θ", dict(p)), ("g", gradients), ("Δ", changes)):
            arrays |= {f"{symbol}/{name}": array for name, array in named.items()}
        norms = {name: [float(np.linalg.norm(each[name])) for each in (p, gradients, changes)] for name in p}
        facts: dict[str, Any] = {"learning_rate": RATE, "norms": norms, "modules": of_modules(arrays), "notes": []}
        if factor != 1:
            facts["gradient_factor"] = factor
        self.parameters = {name: p[name] + changes[name] for name in p}
        return float(np.square(Z2 - Y).mean()), facts, arrays


def of_modules(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of each module."""
    return {
        str(number): {
            "mean": float(arrays[f"Z/{number}"].mean()),
            "std": float(arrays[f"Z/{number}"].std()),
            "zeros": 0.0,
            "saturated": 0.25,
            "shape": list(arrays[f"Z/{number}"].shape),
            "gradient_norm": float(np.linalg.norm(arrays[f"dZ/{number}"])),
        }
        for number in (1, 2, 3)
    }


def twelve_steps(path: Path) -> Path:
    """A recording of twelve steps, of which 1 to 4 and the last were kept."""
    network = LinearNetwork(path)
    network.train(4)
    network.train(7, keep=False)
    network.train(1)
    network.writer.close()
    return path
