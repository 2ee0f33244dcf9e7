"""Five training steps as people write them, each with its mistake: what they compute stands in presets/verify-N.json.

They use nothing of this project. `python tests/presets/wrong_programs.py` writes the files anew.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

PRESETS = Path(__file__).parents[2] / "presets"
HandIn = dict[str, Any]


def sigmoid(Z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-Z))


def slope_left_out() -> HandIn:
    """The gradient goes past the hidden sigmoids as if their slope were 1."""
    rate = 0.5
    X, Y = np.array([[0.5], [0.8]]), np.array([[1.0]])
    W1, b1 = np.array([[0.15, 0.25], [0.20, 0.30]]), np.array([[0.35], [0.35]])
    W2, b2 = np.array([[0.40, 0.50]]), np.array([[0.60]])
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    Z2 = W2 @ A1 + b2
    A2 = sigmoid(Z2)
    loss = ((A2 - Y) ** 2).sum() / 2
    dA2 = A2 - Y
    dZ2 = dA2 * A2 * (1 - A2)
    dW2, db2 = dZ2 @ A1.T, dZ2
    dA1 = W2.T @ dZ2
    dZ1 = dA1
    dW1, db1 = dZ1 @ X.T, dZ1
    settings = {
        "activations": ["sigmoid", "sigmoid"],
        "loss_kind": "half_squared_error",
        "optimizer": "sgd",
        "learning_rate": rate,
    }
    start = {"X": X, "Y": Y, "W1": W1, "b1": b1, "W2": W2, "b2": b2}
    forward = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2, "loss": loss}
    backward = {"dA2": dA2, "dZ2": dZ2, "dW2": dW2, "db2": db2, "dA1": dA1, "dZ1": dZ1, "dW1": dW1, "db1": db1}
    new = {"W1_new": W1 - rate * dW1, "b1_new": b1 - rate * db1, "W2_new": W2 - rate * dW2, "b2_new": b2 - rate * db2}
    return settings | start | forward | backward | new


def mean_taken_twice() -> HandIn:
    """The error is divided by the number of examples, and what is made of it once more."""
    rate = 1.0
    X, Y = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]]), np.array([[0.0, 0.0, 0.0, 1.0]])
    W1, b1 = np.array([[0.6, 0.4], [-0.2, 0.5]]), np.array([[0.1], [-0.3]])
    W2, b2 = np.array([[0.7, -0.4]]), np.array([[0.2]])
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    A2 = sigmoid(Z2)
    loss = -(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)).mean()
    dZ2 = (A2 - Y) / m
    dW2, db2 = dZ2 @ A1.T / m, dZ2.sum(axis=1, keepdims=True) / m
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * (1 - A1**2)
    dW1, db1 = dZ1 @ X.T / m, dZ1.sum(axis=1, keepdims=True) / m
    settings = {
        "activations": ["tanh", "sigmoid"],
        "loss_kind": "binary_cross_entropy",
        "optimizer": "sgd",
        "learning_rate": rate,
    }
    start = {"X": X, "Y": Y, "W1": W1, "b1": b1, "W2": W2, "b2": b2}
    forward = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2, "loss": loss}
    backward = {"dZ2": dZ2, "dW2": dW2, "db2": db2, "dA1": dA1, "dZ1": dZ1, "dW1": dW1, "db1": db1}
    new = {"W1_new": W1 - rate * dW1, "b1_new": b1 - rate * db1, "W2_new": W2 - rate * dW2, "b2_new": b2 - rate * db2}
    return settings | start | forward | backward | new


def softmax_twice() -> HandIn:
    """A − Y, which has softmax's derivative in it already, is multiplied by it again."""
    rate = 0.5
    X, Y = np.array([[1.0, 0.0, -1.0], [0.0, 1.0, -1.0]]), np.eye(3)
    W1, b1 = np.array([[0.5, -0.3], [0.2, 0.4]]), np.array([[0.1], [0.0]])
    W2, b2 = np.array([[0.3, -0.6], [-0.4, 0.2], [0.5, 0.1]]), np.array([[0.0], [0.1], [-0.1]])
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    A2 = np.exp(Z2) / np.exp(Z2).sum(axis=0)
    loss = -(Y * np.log(A2)).sum() / m
    dZ2 = (A2 - Y) * A2 * (1 - A2)
    dW2, db2 = dZ2 @ A1.T / m, dZ2.sum(axis=1, keepdims=True) / m
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * (1 - A1**2)
    dW1, db1 = dZ1 @ X.T / m, dZ1.sum(axis=1, keepdims=True) / m
    settings = {
        "activations": ["tanh", "softmax"],
        "loss_kind": "cross_entropy",
        "optimizer": "sgd",
        "learning_rate": rate,
    }
    start = {"X": X, "Y": Y, "W1": W1, "b1": b1, "W2": W2, "b2": b2}
    forward = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2, "loss": loss}
    backward = {"dZ2": dZ2, "dW2": dW2, "db2": db2, "dA1": dA1, "dZ1": dZ1, "dW1": dW1, "db1": db1}
    new = {"W1_new": W1 - rate * dW1, "b1_new": b1 - rate * db1, "W2_new": W2 - rate * dW2, "b2_new": b2 - rate * db2}
    return settings | start | forward | backward | new


def updated_too_early() -> HandIn:
    """Layer 2 is updated before the gradient goes back through its weights; the biases are never updated."""
    rate = 0.5
    X, Y = np.array([[0.05], [0.10]]), np.array([[0.01], [0.99]])
    W1, b1 = np.array([[0.15, 0.20], [0.25, 0.30]]), np.array([[0.35], [0.35]])
    W2, b2 = np.array([[0.40, 0.45], [0.50, 0.55]]), np.array([[0.60], [0.60]])
    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    Z2 = W2 @ A1 + b2
    A2 = sigmoid(Z2)
    loss = ((A2 - Y) ** 2).sum() / 2
    dA2 = A2 - Y
    dZ2 = dA2 * A2 * (1 - A2)
    dW2 = dZ2 @ A1.T
    W2_new = W2 - rate * dW2
    dA1 = W2_new.T @ dZ2
    dZ1 = dA1 * A1 * (1 - A1)
    dW1 = dZ1 @ X.T
    W1_new = W1 - rate * dW1
    settings = {
        "activations": ["sigmoid", "sigmoid"],
        "loss_kind": "half_squared_error",
        "optimizer": "sgd",
        "learning_rate": rate,
        "train_biases": False,
    }
    start = {"X": X, "Y": Y, "W1": W1, "b1": b1, "W2": W2, "b2": b2}
    forward = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2, "loss": loss}
    backward = {"dA2": dA2, "dZ2": dZ2, "dW2": dW2, "dA1": dA1, "dZ1": dZ1, "dW1": dW1}
    new = {"W1_new": W1_new, "W2_new": W2_new}
    return settings | start | forward | backward | new


def biases_forgotten() -> HandIn:
    """The gradient of the biases is computed, and the update has no line for them."""
    rate = 0.1
    X, Y = np.array([[-1.0, 0.0, 1.0]]), np.array([[-0.5, 0.5, 1.5]])
    W1, b1 = np.array([[0.5], [-0.4]]), np.array([[0.0], [0.0]])
    W2, b2 = np.array([[0.8, -0.6]]), np.array([[0.0]])
    m = X.shape[1]
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    A2 = Z2 = W2 @ A1 + b2
    loss = ((A2 - Y) ** 2).mean()
    dA2 = 2 * (A2 - Y)
    dZ2 = dA2
    dW2, db2 = dZ2 @ A1.T / m, dZ2.mean(axis=1, keepdims=True)
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * (1 - A1**2)
    dW1, db1 = dZ1 @ X.T / m, dZ1.mean(axis=1, keepdims=True)
    settings = {
        "activations": ["tanh", "identity"],
        "loss_kind": "mean_squared_error",
        "optimizer": "sgd",
        "learning_rate": rate,
    }
    start = {"X": X, "Y": Y, "W1": W1, "b1": b1, "W2": W2, "b2": b2}
    forward = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2, "loss": loss}
    backward = {"dA2": dA2, "dZ2": dZ2, "dW2": dW2, "db2": db2, "dA1": dA1, "dZ1": dZ1, "dW1": dW1, "db1": db1}
    new = {"W1_new": W1 - rate * dW1, "b1_new": b1, "W2_new": W2 - rate * dW2, "b2_new": b2}
    return settings | start | forward | backward | new


PROGRAMS: dict[str, Callable[[], HandIn]] = {
    "verify-1": slope_left_out,
    "verify-2": mean_taken_twice,
    "verify-3": softmax_twice,
    "verify-4": updated_too_early,
    "verify-5": biases_forgotten,
}


def written(step: HandIn) -> str:
    """A hand-in as JSON, a line for each quantity."""
    plain = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in step.items()}
    lines = [f'  "{name}": {json.dumps(value)}' for name, value in plain.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    for name, program in PROGRAMS.items():
        (PRESETS / f"{name}.json").write_text(written(program()), encoding="utf-8")
