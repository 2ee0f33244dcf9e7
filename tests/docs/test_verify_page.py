"""docs/verify.md: its Python runs, its tables hold all that there is; and the README shows what `verify` says."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backprop_tui
from backprop_tui import presets
from backprop_tui.core.verify.catalogue import CATALOGUE
from backprop_tui.core.verify.conventions import EXPLANATIONS
from backprop_tui.core.verify.fitted import RATE
from backprop_tui.core.verify.names import understood, written
from backprop_tui.core.verify.submission import SETTINGS
from backprop_tui.core.verify.verdict import LOST
from backprop_tui.tui import cli

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.+?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading, without its head."""
    section = PAGE.partition(f"# {heading}\n")[2]
    table = re.search(r"(?:^\|.+\|\n)+", section, re.MULTILINE)
    assert table, heading
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table[0].splitlines()[2:]]


def code(cell: str) -> list[str]:
    """What a cell has between backticks."""
    return re.findall(r"`([^`]+)`", cell)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def page(folder: Path) -> dict[str, Any]:
    """The names that the page's Python leaves behind: its blocks in their order, in a folder of their own.

    Blocks that begin with the name of a file are written there. What needs PyTorch is left out.
    """
    names: dict[str, Any] = {}
    for block in blocks("python"):
        file = re.match(r"# (\w+\.py)\n", block)
        if file:
            (folder / file[1]).write_text(block, encoding="utf-8")
        elif "import torch" not in block:
            exec(compile(block, "docs/verify.md", "exec"), names)
    return names


def test_what_numpy_hands_in_is_right_and_understood(page: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    report = page["report"]
    assert report, report
    assert report.layout == {"examples": "rows", "weights": "inputs_units"}
    assert report.inferred == {"activations": ["tanh", "softmax"], "loss_kind": "cross_entropy"}
    assert report.conventions == ["class_numbers", "mean_in_activation_gradients"]
    capsys.readouterr()
    assert cli.main(["verify", "step.npz"]) == 0
    assert capsys.readouterr().out.partition("\n")[2] == f"{report}\n".partition("\n")[2]


def pytest_of(folder: Path, file: str) -> str:
    """What pytest prints of a file of the page that has to fail."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", file]
    # So that what these tests are run with does not change how those are.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    environment["PYTHONPATH"] = os.pathsep.join([str(folder), str(ROOT / ".pkg")])
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_both_autograders_pass_what_is_right_and_tell_what_is_wrong(page: dict[str, Any], folder: Path) -> None:
    handed = folder / "submissions"
    handed.mkdir()
    (folder / "step.npz").rename(handed / "right.npz")
    arrays = {name: page[name] for name in page["names"]}
    np.savez(
        handed / "forward_only.npz", **{name: arrays[name] for name in ("X", "y", "W1", "b1", "W2", "b2", "Z1", "A1")}
    )
    arrays |= {"dW1": page["dW1"] * 8, "db1": page["db1"] * 8}
    np.savez(handed / "wrong.npz", **arrays)
    said = pytest_of(folder, ".")
    assert "3 failed, 1 passed" in said
    assert "missing_mean" in said
    assert "missing_activation_derivative" in said
    for test in ("test_step[forward_only]", "test_step[wrong]", "test_training_step"):
        assert re.search(rf"^FAILED .*{re.escape(test)}", said, re.MULTILINE)


class Tensor:
    """What the page asks of a tensor, on one array that updates change in place, as PyTorch's do."""

    def __init__(self, array: Any) -> None:
        self.values = np.array(array)
        self.grad: Tensor | None = None

    def detach(self) -> "Tensor":
        return self

    def cpu(self) -> "Tensor":
        return self

    def numpy(self) -> np.ndarray:
        return self.values


class Model:
    """tanh between two dense layers in float32, and softmax with cross-entropy behind them: model, loss, optimizer."""

    def __init__(self, rate: float) -> None:
        random = np.random.default_rng(0)
        shapes = {"0.weight": (5, 4), "0.bias": (5,), "2.weight": (3, 5), "2.bias": (3,)}
        self.parameters = {name: Tensor(random.normal(size=shape).astype(np.float32)) for name, shape in shapes.items()}
        self.rate = rate

    def named_parameters(self) -> Iterator[tuple[str, Tensor]]:
        return iter(self.parameters.items())

    def __call__(self, inputs: Tensor) -> Tensor:
        W1, b1, W2, b2 = (tensor.values for tensor in self.parameters.values())
        self.X = inputs.values
        self.A1 = np.tanh(self.X @ W1.T + b1)
        return Tensor(self.A1 @ W2.T + b2)

    def loss(self, logits: Tensor, targets: Tensor) -> Tensor:
        powers = np.exp(logits.values)
        self.A2 = powers / powers.sum(axis=1, keepdims=True)
        self.Y = np.eye(3, dtype=np.float32)[targets.values]
        found = Tensor(-(self.Y * np.log(self.A2)).sum(axis=1).mean())
        found.backward = self.backward  # type: ignore[attr-defined]
        return found

    def backward(self) -> None:
        """Adds to gradients that are there, as PyTorch does."""
        W2 = self.parameters["2.weight"].values
        dZ2 = (self.A2 - self.Y) / np.float32(len(self.X))
        dZ1 = dZ2 @ W2 * (1 - self.A1**2)
        found = [dZ1.T @ self.X, dZ1.sum(axis=0), dZ2.T @ self.A1, dZ2.sum(axis=0)]
        for tensor, gradient in zip(self.parameters.values(), found, strict=True):
            if tensor.grad is None:
                tensor.grad = Tensor(gradient)
            else:
                tensor.grad.values += gradient

    def zero_grad(self) -> None:
        for tensor in self.parameters.values():
            tensor.grad = None

    def step(self) -> None:
        for tensor in self.parameters.values():
            assert tensor.grad is not None
            tensor.values -= np.float32(self.rate) * tensor.grad.values


def test_what_pytorch_hands_in_is_right(page: dict[str, Any]) -> None:
    model = Model(0.1)
    random = np.random.default_rng(2)
    inputs = Tensor(random.normal(size=(8, 4)).astype(np.float32))
    targets = Tensor(random.integers(0, 3, size=8))
    step_of: Callable[..., dict[str, Any]] = page["step_of"]
    for _ in range(2):
        step = step_of(model, inputs, targets, model.loss, model)
        report = backprop_tui.verify(step, activations="tanh softmax", loss_kind="cross_entropy", learning_rate=0.1)
        assert report, report
        assert report.layout == {"examples": "rows", "weights": "units_inputs"}
        parameters = {f"{symbol}{layer}{mark}" for symbol in "Wb" for layer in (1, 2) for mark in ("", "_new")}
        gradients = {f"d{name}" for name in parameters if not name.endswith("_new")}
        checked = {quantity.name for quantity in report.quantities}
        assert checked == {"loss", *gradients} | {name for name in parameters if name.endswith("_new")}


def test_what_pytorch_itself_hands_in_is_right(page: dict[str, Any]) -> None:
    pytest.importorskip("torch")
    for block in blocks("python"):
        if "import torch" in block:
            exec(compile(block, "docs/verify.md", "exec"), page)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_a_spreadsheet_hands_in_is_understood(page: dict[str, Any], folder: Path, separator: str) -> None:
    step = folder / "step"
    step.mkdir()
    for name in page["names"]:
        array = np.atleast_2d(page[name]) if name != "y" else np.reshape(page[name], (-1, 1))
        lines = [separator.join(repr(float(cell)) for cell in row) for row in array]
        text = "\n".join(lines)
        (step / f"{name}.csv").write_text(text.replace(".", ",") if separator == ";" else text, encoding="utf-8-sig")
    (settings,) = blocks("json")
    (step / "settings.json").write_text(settings, encoding="utf-8")
    report = backprop_tui.verify("step")
    assert report, report
    assert report.inferred == {}
    assert len(report.quantities) == len(page["report"].quantities)


def test_the_table_of_mistakes_has_every_mistake_once() -> None:
    table = rows("Mistakes")
    ids = [code(cells[0])[0] for cells in table]
    assert len(set(ids)) == len(ids)
    assert set(ids) == {mistake.id for mistake in CATALOGUE} | {RATE, LOST.id}
    assert all(re.fullmatch(r"\S.+\.", cells[1]) for cells in table)


def test_the_table_of_conventions_has_every_convention() -> None:
    assert [code(cells[0])[0] for cells in rows("Conventions")] == [*EXPLANATIONS]


def test_the_settings_of_the_table_are_read() -> None:
    table = rows("Settings")
    named = [name for cells in table for name in code(cells[0])]
    assert set(named) <= set(SETTINGS)
    aliases = {alias for others in SETTINGS.values() for alias in others}
    assert {name for cells in table for name in code(cells[1])} <= aliases
    left_out = {"keep_prob", "ema", "bias_correction", "epsilon_inside_sqrt"}
    assert set(SETTINGS) - set(named) == left_out


@pytest.mark.parametrize("cells", rows("Names"), ids=lambda cells: code(cells[0])[0])
def test_the_names_of_the_table_are_understood(cells: list[str]) -> None:
    (ours,) = code(cells[0])
    beside = {"fc": ["fc1.weight", "fc2.weight"], "0.": ["0.weight", "2.weight"], "hidden": ["W_hidden", "W_out"]}
    for name in [ours, *code(cells[1])]:
        weights = next((names for part, names in beside.items() if part in name), ["W1", "W2"])
        others = [one for one in weights if one != name and (ours, name) != ("W1", one)]
        if ours == "W1" and name not in weights:
            others = ["W2"]
        found, unknown = understood([*others, name])
        assert not unknown, name
        assert written(found[name]) == ours, name


def test_every_quantity_of_the_first_table_is_understood(session_of: Any) -> None:
    told = [name for cells in rows("What to hand in") for name in code(cells[1])]
    names = sorted({re.sub("L$", "2", name) for name in told if name != "step"})
    known, unknown = understood(names)
    assert not unknown
    assert all(written(key) == name for name, key in known.items() if name[:2] not in ("m_", "v_", "s_"))


def test_the_json_has_the_keys_of_the_table() -> None:
    document = backprop_tui.verify("verify-1").to_dict()
    table = {code(cells[0])[0]: cells[1] for cells in rows("Exit status and JSON")}
    assert list(table) == list(document)
    assert set(code(table["layout"])) == set(document["layout"])
    assert code(table["quantities"]) == list(document["quantities"][0])
    assert code(table["first_wrong"]) == list(document["first_wrong"])
    assert code(table["mistakes"]) == list(document["mistakes"][0])
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_a_preset_gives_what_is_not_handed_in() -> None:
    """The start of its first step: 2.1 in, 4 wanted, from w = 1 and b = 0."""
    right = {"dW1": [[-7.98]], "db1": [-3.8], "W1_new": [[1.0798]], "b1_new": [0.038]}
    report = backprop_tui.verify(right, preset="linear-neuron")
    assert report, report
    assert len(report.quantities) == 4
    assert not backprop_tui.verify(right | {"db1": [-3.9]}, preset="linear-neuron")


def test_a_setting_without_a_name_has_its_path_in_a_preset() -> None:
    """x, and what an identity layer of weight 2 makes of it, added up past the layer."""
    step = {"X": [[1.0], [2.0], [-1.0]], "Y": [[0.0], [0.0], [0.0]], "W1": [[2.0]], "A1": [[3.0], [6.0], [-3.0]]}
    told = {"activations": "identity", "loss_kind": "mean_squared_error"}
    assert backprop_tui.verify(step, set=["layers.0.residual=true"], **told)
    assert not backprop_tui.verify(step, **told)


def test_the_lessons_are_there() -> None:
    assert presets.hand_ins() == [f"verify-{number}" for number in range(1, 6)]


def test_the_readme_shows_what_verify_says(capsys: pytest.CaptureFixture[str]) -> None:
    """Parts of its output, with … where lines are left out."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    example = re.search(r"^```\n\$ backprop-tui verify (\S+)\n(.+?)^```$", readme, re.MULTILINE | re.DOTALL)
    assert example
    assert cli.main(["verify", example[1]]) == 1
    said = capsys.readouterr().out
    pattern = "(?:.*\n)*".join(re.escape(part) for part in re.split(r"^ *…\n", example[2], flags=re.MULTILINE))
    assert re.fullmatch(pattern, said), said
