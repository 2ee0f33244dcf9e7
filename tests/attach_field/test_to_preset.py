"""`to_preset`: the preset trains to PyTorch's own numbers, or there is none and it is said why."""

import copy
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import backprop_tui

from .dense_networks import CATCHES, EXPRESSIBLE, SIZE, Case
from .program import is_one_line, program
from .torch_networks import nn, torch

STEPS = 4


class Written(NamedTuple):
    case: Case
    inputs: Any
    optimizer: Any
    tolerance: float


def written(build: Callable[[], Case], dtype: Any, path: Path) -> Written:
    """Build a case from the same chance each time, and write it as a preset."""
    torch.manual_seed(5)
    case = build()
    case.model.to(dtype)
    if isinstance(case.loss, nn.Module):
        case.loss.to(dtype)
    targets = case.targets.to(dtype) if case.targets.is_floating_point() else case.targets
    case = case._replace(targets=targets)
    inputs = torch.randn(SIZE, 3, dtype=dtype)
    optimizer = case.optimizer(case.model.parameters())
    backprop_tui.to_preset(case.model, inputs, targets, loss=case.loss, optimizer=optimizer, path=str(path))
    return Written(case, inputs, optimizer, 1e-6 if dtype == torch.float32 else 1e-10)


def array(tensor: Any) -> np.ndarray[Any, Any]:
    return tensor.detach().numpy().copy()


def close(found: Any, expected: Any, tolerance: float, what: str = "") -> None:
    __tracebackhide__ = True
    expected = expected if isinstance(expected, np.ndarray) else array(torch.as_tensor(expected))
    np.testing.assert_allclose(np.array(found, float), expected, rtol=tolerance, atol=tolerance, err_msg=what)


def layers_of(model: Any, inputs: Any) -> list[Any]:
    """The linear layers in the order in which they run."""
    order: list[Any] = []
    probe = copy.deepcopy(model).eval()
    names = {module: name for name, module in probe.named_modules(remove_duplicate=False)}
    for module in probe.modules():
        if isinstance(module, nn.Linear):
            module.register_forward_hook(lambda module, *_: order.append(names[module]))
    probe(inputs)
    return [model.get_submodule(name) for name in order]


def held_against_torch(path: Path, found: Written) -> None:
    """Train the preset and the model side by side, and hold every number that both have against each other."""
    model, loss_function, targets = found.case.model, found.case.loss, found.case.targets
    inputs, optimizer, tolerance = found.inputs, found.optimizer, found.tolerance
    layers = layers_of(model, inputs)
    with torch.no_grad():
        before = loss_function(copy.deepcopy(model).eval()(inputs), targets)
    close(program("train", path, "--steps", 1, "--json").json["loss"]["first"], before, tolerance, "the first loss")
    for layer, forward in zip(layers, program("explain", path, "--format", "json").json["forward"], strict=True):
        close(forward["W"], layer.weight, 0, "the weights to start from")
    for step in range(1, STEPS + 1):
        tolerance = found.tolerance * step**2  # Rounding that each step hands on to the next.
        told = program("explain", path, "--step", step, "--format", "json").json
        assert told["batch"]["size"] == SIZE
        model.zero_grad()
        loss = loss_function(model(inputs), targets)
        loss.backward()
        close(told["loss"]["value"], loss, tolerance, f"loss of step {step}")
        for layer, backward in zip(layers, reversed(told["backward"]), strict=True):
            if layer.weight.grad is not None:
                close(backward["dW"], layer.weight.grad, tolerance, f"dW of step {step}")
            assert (backward["db"] is None) == (layer.bias is None)
            if layer.bias is not None and layer.bias.grad is not None:
                close(backward["db"], layer.bias.grad, tolerance, f"db of step {step}")
        optimizer.step()
        for layer, after in zip(layers, told["update"], strict=True):
            close(after["W"], layer.weight, tolerance, f"W after step {step}")
            if layer.bias is not None:
                close(after["b"], layer.bias, tolerance, f"b after step {step}")
    with torch.no_grad():
        last = loss_function(copy.deepcopy(model).eval()(inputs), targets)
    close(
        program("train", path, "--steps", STEPS, "--json").json["loss"]["last"], last, 10 * tolerance, "the last loss"
    )


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=["float64", "float32"])
@pytest.mark.parametrize("name", EXPRESSIBLE)
def test_the_preset_of_a_dense_network_trains_as_pytorch_does(name: str, dtype: Any, tmp_path: Path):
    path = tmp_path / "mine.toml"
    held_against_torch(path, written(EXPRESSIBLE[name], dtype, path))


@pytest.mark.parametrize("name", CATCHES)
def test_what_has_a_catch_is_right_or_refused(name: str, tmp_path: Path):
    """Never a preset that is another network, another loss or another optimizer."""
    path = tmp_path / "mine.toml"
    refusal, found = "", None
    try:
        found = written(CATCHES[name], torch.float64, path)
    except ValueError as error:
        refusal = f"{error}\n"
    if found:
        held_against_torch(path, found)
    else:
        assert is_one_line(refusal), refusal
        assert list(tmp_path.iterdir()) == [], "what is refused leaves nothing"


REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "Conv1d": (lambda: nn.Sequential(nn.Unflatten(1, (3, 1)), nn.Conv1d(3, 2, 1), nn.Flatten()), r"\b[01]\b"),
    "LayerNorm": (lambda: nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4), nn.Linear(4, 2)), r"\b1\b"),
    "Transformer": (lambda: nn.Sequential(nn.Linear(3, 2), nn.TransformerEncoderLayer(2, 1, 8)), r"\b1\b"),
    "PReLU": (lambda: nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.PReLU(), nn.Linear(4, 2))), r"\b1\.0\b"),
    "Hardtanh": (lambda: nn.Sequential(nn.Linear(3, 2), nn.Hardtanh()), r"\b1\b"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_expressed_is_named(kind: str, tmp_path: Path):
    """By the place of the module, as PyTorch names it."""
    build, name = REFUSED[kind]
    model = build()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    inputs, targets = torch.randn(5, 3), torch.randn(5, 2)
    with pytest.raises(ValueError, match=name) as refused:
        backprop_tui.to_preset(model, inputs, targets, loss=nn.MSELoss(), optimizer=optimizer, path=tmp_path / "a.toml")
    assert is_one_line(f"{refused.value}\n")
    assert list(tmp_path.iterdir()) == []


def test_writing_a_preset_leaves_the_model_as_it_was(tmp_path: Path):
    """Its mode, statistics, gradients and hooks; and PyTorch's random state."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Dropout(0.5), nn.Linear(5, 2))
    model[3].eval()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    inputs, targets = torch.randn(6, 3), torch.randn(6, 2)
    model(inputs).sum().backward()
    before = copy.deepcopy(model.state_dict())
    gradients = [parameter.grad.clone() for parameter in model.parameters()]
    modes, chance = [module.training for module in model.modules()], torch.get_rng_state()
    with pytest.warns(UserWarning, match="running statistics"):
        backprop_tui.to_preset(model, inputs, targets, loss=nn.MSELoss(), optimizer=optimizer, path=tmp_path / "a.toml")
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), gradients, strict=True))
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), chance)
    assert not any(module._forward_hooks for module in model.modules())
    assert not optimizer.state


def test_the_preset_can_be_shown_checked_and_diagnosed(tmp_path: Path):
    path = tmp_path / "mine.toml"
    written(EXPRESSIBLE["relu_and_classes"], torch.float64, path)
    for command in (["show"], ["check", "--json"], ["diagnose", "--steps", 20, "--json", "--no-measure"]):
        answer = program(command[0], path, *command[1:])
        assert (answer.status, answer.err) == (0, ""), answer


def test_a_network_can_be_written_in_the_middle_of_its_training(tmp_path: Path):
    """Its weights are those of now; what the forward and backward pass give is what PyTorch gives."""
    torch.manual_seed(2)
    case = EXPRESSIBLE["silu_and_other_betas"]()
    optimizer = case.optimizer(case.model.parameters())
    inputs = torch.randn(SIZE, 3)
    for _ in range(9):
        optimizer.zero_grad()
        case.loss(case.model(inputs), case.targets).backward()
        optimizer.step()
    path = tmp_path / "mine.toml"
    with warnings.catch_warnings():
        # What the optimizer remembers is not in a preset, which may be said.
        warnings.simplefilter("ignore", UserWarning)
        backprop_tui.to_preset(case.model, inputs, case.targets, loss=case.loss, optimizer=optimizer, path=path)
    told = program("explain", path, "--format", "json").json
    optimizer.zero_grad()
    loss = case.loss(case.model(inputs), case.targets)
    loss.backward()
    close(told["loss"]["value"], loss, 1e-6)
    close(told["backward"][-1]["dW"], case.model[0].weight.grad, 1e-6)
