"""Loops over plain arrays: in either layout, changed in place or made anew, of NumPy or of anything like it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backprop_tui
from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.rebuilt import RebuiltSession

RATE = 0.1


class Foreign:
    """What another library calls an array: NumPy can read it, and it never changes."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.array(self.values, dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape


def step_of(parameters: dict[str, np.ndarray], X: np.ndarray, Y: np.ndarray) -> tuple[float, dict[str, np.ndarray]]:
    """Loss and gradients of a 3-3-2 network, tanh and softmax; weights (units, inputs), examples as columns."""
    A1 = np.tanh(parameters["W1"] @ X + parameters["b1"][:, None])
    Z2 = parameters["W2"] @ A1 + parameters["b2"][:, None]
    A2 = np.exp(Z2) / np.exp(Z2).sum(axis=0)
    dZ2 = (A2 - Y) / X.shape[1]
    dZ1 = parameters["W2"].T @ dZ2 * (1 - A1**2)
    gradients = {"W1": dZ1 @ X.T, "b1": dZ1.sum(axis=1), "W2": dZ2 @ A1.T, "b2": dZ2.sum(axis=1)}
    return float(-(Y * np.log(A2)).sum(axis=0).mean()), gradients


@pytest.mark.parametrize("inputs_first", [False, True])
@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("way", ["in place", "handed over", "in the mapping", "by a function", "foreign", "in a list"])
def test_what_is_kept_is_what_the_loop_did(way: str, rows: bool, inputs_first: bool, tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    # As many inputs as units and examples: shapes tell nothing, so the loss has to.
    X, Y = random.normal(size=(3, 3)), np.eye(2)[:, [0, 1, 1]]
    own = {"W1": random.normal(size=(3, 3)), "b1": random.normal(size=3), "W2": random.normal(size=(2, 3))}
    own["b2"] = random.normal(size=2)

    def theirs(name: str, array: np.ndarray) -> Any:
        laid = array.T.copy() if inputs_first and name.endswith(("W1", "W2")) else array.copy()
        return Foreign(laid) if way == "foreign" else laid

    held = {name: theirs(name, array) for name, array in own.items()}
    run = backprop_tui.watch(
        parameters=(lambda: held) if way == "by a function" else held if way != "handed over" else dict(held),
        activations="tanh softmax",
        loss="ce",
        path=tmp_path / "run.backprop",
        every=1,
    )
    befores, losses = [], []
    batch = (X.T, Y.T) if rows else (X, Y)
    for _ in range(4):
        befores.append({name: array.copy() for name, array in own.items()})
        loss, gradients = step_of(own, X, Y)
        losses.append(loss)
        for name, array in own.items():
            array -= RATE * gradients[name]
            if way == "in place":
                held[name][...] = theirs(name, array)
            elif way == "by a function":
                held = {**held, name: theirs(name, array)}
            else:
                held[name] = theirs(name, array)
        given: Any = {f"d{name}": theirs(name, gradient) for name, gradient in gradients.items()}
        more = {"parameters": dict(held)} if way == "handed over" else {}
        run.step(
            np.float64(loss),
            gradients=list(given.values()) if way == "in a list" else given,
            inputs=Foreign(batch[0]),
            targets=batch[1].tolist(),
            **more,
        )
    run.close()
    assert not run.warnings
    with open_recording(tmp_path / "run.backprop") as recording:
        assert recording.meta["layout"] == {
            "examples": "rows" if rows else "columns",
            "weights": "inputs_units" if inputs_first else "units_inputs",
        }
        assert [recording.loss(step) for step in recording.steps] == losses
        for step, before in zip(recording.steps, befores, strict=True):
            for name, array in before.items():
                np.testing.assert_array_equal(recording.array(step, f"θ/{name}"), array)
                g, change = (recording.array(step, f"{symbol}/{name}") for symbol in ("g", "Δ"))
                assert g is not None
                np.testing.assert_allclose(change, -RATE * g, atol=1e-15)
        session = RebuiltSession(recording)
        assert all(one is not None and one.worst < 1e-12 for one in map(session.apart, session.kept))


def test_arrays_that_never_change_are_told_once(tmp_path: Path) -> None:
    W = np.ones((1, 2))
    run = backprop_tui.watch(parameters={"W1": W}, path=tmp_path / "run.backprop", every=1)
    gradients = {"W1": np.ones((1, 2))}
    W = W - 0.1 * gradients["W1"]
    with pytest.warns(UserWarning, match="do not change"):
        run.step(1.0, gradients=gradients)
    # Said again it would end this test.
    run.step(0.9, gradients=gradients)
    run.close()


def test_less_is_recorded_where_less_is_given(tmp_path: Path) -> None:
    tree = {"encoder": {"kernel": np.ones((2, 3)), "bias": np.zeros(3)}, "scales": [np.ones(2), np.ones(2)]}
    run = backprop_tui.watch(parameters=tree, path=tmp_path / "run.backprop", every=1, title="A tree")
    for loss in (3, 2.5, float("nan"), np.float32(1.5), np.array([1.0, 2.0]), None):
        tree["encoder"]["kernel"] += 1
        run.step(loss)
    run.close()
    assert not run.warnings
    with open_recording(tmp_path / "run.backprop") as recording:
        assert recording.title == "A tree"
        np.testing.assert_array_equal(
            [recording.loss(step) for step in range(1, 7)], [3, 2.5, np.nan, 1.5, 1.5, np.nan]
        )
        names = set(recording.names(3))
        assert names == {
            f"{symbol}/{name}" for symbol in "θΔ" for name in ("encoder.kernel", "encoder.bias", "scales1", "scales2")
        }
        assert recording.meta["network"] is None


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"activations": ["rellu"], "loss": "mse"}, 'did you mean "relu"'),
        ({"activations": ["relu", "relu"], "loss": "mse"}, "one a layer"),
        ({"activations": ["relu"], "loss": "msee"}, "expected one of"),
        ({"parameters": {}}, "found none"),
    ],
)
def test_wrong_words_are_told_at_once(more: dict[str, Any], word: str, tmp_path: Path) -> None:
    with pytest.raises((TypeError, ValueError), match=word):
        backprop_tui.watch(**{"parameters": {"W1": np.ones((1, 2))}, "path": tmp_path / "run.backprop"} | more)
    assert not list(tmp_path.iterdir())
