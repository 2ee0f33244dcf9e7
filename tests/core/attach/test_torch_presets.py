"""PyTorch networks as presets: the same loss, gradients and update, or a line that says what cannot be expressed."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from tests.share import share
from torch import nn
from torch.nn import functional

import backprop_tui
from backprop_tui.core.preset.preset import load_preset, read_file
from backprop_tui.core.session.session import Session

ACTIVATIONS: list[Any] = [
    nn.ReLU, nn.Tanh, nn.Sigmoid, nn.SiLU, nn.ELU, nn.GELU, nn.Softplus, nn.Identity,
    lambda: nn.LeakyReLU(0.2), lambda: nn.GELU(approximate="tanh"),
]  # fmt: skip
FUNCTIONS = [
    functional.relu,
    torch.tanh,
    torch.sigmoid,
    functional.silu,
    functional.elu,
    functional.gelu,
    functional.softplus,
]
OPTIMIZERS: list[Any] = [
    lambda p: torch.optim.SGD(p, 0.1),
    lambda p: torch.optim.SGD(p, 0.05, momentum=0.8, weight_decay=0.01),
    lambda p: torch.optim.SGD(p, 0.05, momentum=0.8, nesterov=True),
    lambda p: torch.optim.Adam(p, 0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.02),
    lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1),
    lambda p: torch.optim.RMSprop(p, 0.01, alpha=0.9),
    lambda p: torch.optim.Adagrad(p, 0.02),
]


class Block(nn.Module):
    """A layer with a way past it, and its activation as a function."""

    def __init__(self, units: int, function: Any, *, norm: bool) -> None:
        super().__init__()
        self.linear, self.function = nn.Linear(units, units), function
        self.norm = nn.BatchNorm1d(units) if norm else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.function(self.norm(self.linear(x)))


def network(chance: random.Random) -> tuple[nn.Module, Any, torch.Tensor, torch.Tensor]:
    """A network with its loss, inputs and targets."""
    features, examples = chance.randint(1, 6), chance.randint(3, 9)
    parts: list[nn.Module] = [nn.Flatten()] if chance.random() < 0.3 else []
    width = features
    for _ in range(chance.randint(0, 3)):
        if chance.random() < 0.3:
            parts.append(Block(width, chance.choice(FUNCTIONS), norm=chance.random() < 0.5))
            continue
        units = chance.randint(2, 6)
        layer: list[nn.Module] = [nn.Linear(width, units, bias=chance.random() < 0.7)]
        if chance.random() < 0.3:
            layer.append(nn.BatchNorm1d(units))
        layer.append(chance.choice(ACTIVATIONS)())
        parts += [nn.Sequential(*layer)] if chance.random() < 0.4 else layer
        width = units
    kind = chance.choice(["classes", "probabilities", "nll", "logits", "sigmoid", "squares", "function"])
    outputs = chance.randint(2, 4)
    parts.append(nn.Linear(width, outputs))
    targets = torch.rand(examples, outputs).double()
    loss: Any = nn.MSELoss()
    match kind:
        case "classes" | "nll":
            targets = torch.randint(0, outputs, (examples,))
            loss = nn.CrossEntropyLoss() if kind == "classes" else nn.NLLLoss()
            parts += [nn.LogSoftmax(dim=1)] if kind == "nll" else []
        case "probabilities":
            targets, loss = targets / targets.sum(1, keepdim=True), nn.CrossEntropyLoss()
        case "logits":
            loss = nn.BCEWithLogitsLoss()
        case "sigmoid":
            parts.append(nn.Sigmoid())
            loss = nn.BCELoss()
        case "function":
            loss = functional.mse_loss
            parts.append(chance.choice([nn.Softmax(dim=1), nn.Tanh(), nn.ReLU()]))
    return (
        nn.Sequential(*parts).double(),
        loss,
        torch.randn(examples, features).double(),
        (targets if targets.dtype == torch.long else targets.double()),
    )


def session_of(path: Path) -> Session:
    return Session(*load_preset(read_file(path)[1], str(path), path.parent))


@pytest.mark.parametrize("seed", range(share(14, 400)))
def test_a_preset_trains_as_the_network_does(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    torch.manual_seed(seed)
    model, loss, X, Y = network(chance)
    optimizer = chance.choice(OPTIMIZERS)(list(model.parameters()))
    if chance.random() < 0.5:
        monkeypatch.setattr("backprop_tui.core.attach.to_preset.INLINE", 0)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    model.eval()
    path = backprop_tui.to_preset(model, X, Y, loss=loss, optimizer=optimizer, path=tmp_path / "mine.toml")
    assert torch.equal(state, torch.get_rng_state())
    assert not any(module.training for module in model.modules())
    assert all(parameter.grad is None for parameter in model.parameters())
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])
    model.train()
    session = session_of(path)
    for _ in range(3):
        optimizer.zero_grad()
        value = loss(model(X), Y)
        value.backward()
        optimizer.step()
        session.forward("step")
    session.back("op")
    numbers = session.plan.quantities
    assert float(numbers["ℒ", None].array) == pytest.approx(value.item(), rel=1e-9, abs=1e-12)
    linear = [module for module in model.modules() if isinstance(module, nn.Linear)]
    for number, module in enumerate(linear, 1):
        scale = max(float(parameter.grad.abs().max()) for parameter in model.parameters())
        np.testing.assert_allclose(
            numbers["dW", number].array, module.weight.grad.numpy(), rtol=1e-6, atol=1e-7 * scale
        )
    session.forward("op")
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm1d)]
    if not norms:
        # Behind a batch norm the gradient of a bias is nothing but rounding, which Adam makes a step of.
        for number, module in enumerate(linear, 1):
            found = session.plan.quantities["W", number].array
            np.testing.assert_allclose(found, module.weight.detach().numpy(), rtol=1e-6, atol=1e-9)


def refused(model: nn.Module, **more: Any) -> str:
    X, Y = torch.randn(6, 4), torch.randint(0, 3, (6,))
    with pytest.raises(ValueError, match=r".") as told:
        backprop_tui.to_preset(model, X, Y, **({"loss": nn.CrossEntropyLoss()} | more))
    assert "\n" not in str(told.value)
    return str(told.value)


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner, self.last = nn.Linear(4, 4), nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(torch.tanh(self.inner(torch.tanh(self.inner(x)))))


class Hidden(nn.Module):
    """What it does between its modules is no layer of ours."""

    def __init__(self, act: Any) -> None:
        super().__init__()
        self.inner, self.last, self.act = nn.Linear(4, 4), nn.Linear(4, 3), act

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.act(self.inner(x)))


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ([nn.Linear(4, 5), nn.LayerNorm(5), nn.Linear(5, 3)], "1 (LayerNorm)"),
        ([nn.Linear(4, 5), nn.ReLU(), nn.BatchNorm1d(5), nn.Linear(5, 3)], "2 (BatchNorm1d)"),
        ([nn.Linear(4, 5), nn.BatchNorm1d(5, momentum=0.2), nn.Linear(5, 3)], "1 (BatchNorm1d)"),
        ([nn.BatchNorm1d(4), nn.Linear(4, 3)], "0 (BatchNorm1d) before the first Linear"),
        ([nn.Linear(4, 5), nn.ELU(0.5), nn.Linear(5, 3)], "1 (ELU) with alpha=0.5"),
        ([nn.Linear(4, 5), nn.Hardtanh(), nn.Linear(5, 3)], "1 (Hardtanh)"),
        ([nn.Linear(4, 3), nn.Softmax(dim=1)], "softmax between the last Linear and a loss that expects logits"),
        ([nn.Unflatten(1, (2, 2)), nn.Linear(2, 1), nn.Flatten(), nn.Linear(2, 3)], "(Unflatten)"),
    ],
)
def test_what_cannot_be_expressed_is_named(parts: list[nn.Module], word: str, tmp_path: Path) -> None:
    assert word in refused(nn.Sequential(*parts), path=tmp_path / "mine.toml")
    assert not list(tmp_path.iterdir())


def test_what_happens_between_modules_is_seen(tmp_path: Path) -> None:
    place = {"path": tmp_path / "mine.toml"}
    assert "inner (Linear), which is called several times" in refused(Twice(), **place)
    for act in (
        torch.sin,
        torch.abs,
        lambda x: 2 * x,
        lambda x: x * x.sigmoid(),
        lambda x: x.flip(1),
        lambda x: x.detach().relu(),
    ):
        assert "cannot express" in refused(Hidden(act), **place)
    model = Hidden(torch.relu)
    model.last.requires_grad_(False)
    assert "frozen: last.weight" in refused(model, **place)
    for loss in (
        nn.CrossEntropyLoss(label_smoothing=0.1),
        nn.CrossEntropyLoss(weight=torch.rand(3)),
        nn.MultiMarginLoss(),
    ):
        assert type(loss).__name__ in refused(Hidden(torch.relu), loss=loss, **place)
    model = Hidden(torch.relu)
    for optimizer in (torch.optim.Adam(model.parameters(), amsgrad=True), torch.optim.Adadelta(model.parameters())):
        assert type(optimizer).__name__ in refused(model, optimizer=optimizer, **place)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    model, X, Y = nn.Linear(4, 3), torch.randn(5, 4), torch.randint(0, 3, (5,))
    path = backprop_tui.to_preset(model, X, Y, loss="cross_entropy", path=tmp_path / "new" / "mine.toml")
    content = path.read_text()
    with pytest.raises(FileExistsError, match="stays"):
        backprop_tui.to_preset(model, X + 1, Y, loss="cross_entropy", path=path)
    assert path.read_text() == content
