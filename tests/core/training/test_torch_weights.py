"""PyTorch's names both ways: the same outputs in both programs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.preset.preset import PresetError, load_preset
from backprop_tui.core.preset.torch_names import sequential
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.parameters_file import torch_arrays, write_parameters

torch = pytest.importorskip("torch")
nn = torch.nn
POINTS = np.random.default_rng(3).normal(size=(12, 3))
LAYERS: dict[str, list[dict[str, Any]]] = {
    "plain": [{"units": 4, "activation": "relu"}, {"units": 2, "activation": "softmax"}],
    "normed": [
        {"units": 4, "activation": "leaky_relu", "slope": 0.2, "batch_norm": True, "dropout": 0.3},
        {"units": 4, "activation": "gelu_tanh", "dropout": 0.1},
        {"units": 3, "activation": "identity", "bias": False},
        {"units": 3, "activation": "silu", "batch_norm": True},
        {"units": 2, "activation": "sigmoid"},
    ],
    **{
        name: [{"units": 4, "activation": name}, {"units": 2, "activation": "identity"}]
        for name in ("sigmoid", "tanh", "elu", "gelu", "softplus", "identity")
    },
}


def opened(layers: list[dict[str, Any]], folder: Path | None = None, **training: Any) -> Session:
    table = {
        "title": "small",
        "data": {"kind": "inline", "inputs": POINTS.tolist(), "targets": np.eye(2)[[0, 1] * 6].tolist()},
        "layers": layers,
        "optimizer": {"kind": "adam", "learning_rate": 0.05},
        "training": {"batch_size": 5, **training},
    }
    return Session(*load_preset(table, "small.toml", folder))


def trained(layers: list[dict[str, Any]]) -> Session:
    session = opened(layers)
    session.advance(session.timeline.finish_of(9))
    return session


def in_torch(text: str) -> Any:
    return eval(text, {"nn": nn}).double().eval()


def outputs(model: Any) -> np.ndarray:
    with torch.no_grad():
        return model(torch.from_numpy(POINTS)).numpy().T


@pytest.mark.parametrize("name", LAYERS)
def test_load_state_dict_takes_the_file_and_gives_the_same_outputs(tmp_path: Path, name: str) -> None:
    session = trained(LAYERS[name])
    with (tmp_path / "w.npz").open("wb") as stream:
        write_parameters(session.trainer, stream, "torch")
    model = in_torch(sequential(session.preset.layers, 3))
    state = {key: torch.from_numpy(array) for key, array in np.load(tmp_path / "w.npz").items()}
    assert list(state) == list(model.state_dict())
    assert not any(model.load_state_dict(state))
    np.testing.assert_allclose(outputs(model), session.evaluator.predict(POINTS.T), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", LAYERS)
def test_the_state_dict_of_a_network_is_read(tmp_path: Path, name: str) -> None:
    session = trained(LAYERS[name])
    model = in_torch(sequential(session.preset.layers, 3))
    torch.manual_seed(1)
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape) + 0.1)
    np.savez(tmp_path / "theirs.npz", **{key: value.numpy() for key, value in model.state_dict().items()})
    ours = opened(LAYERS[name], tmp_path, start="theirs.npz")
    np.testing.assert_allclose(ours.evaluator.predict(POINTS.T), outputs(model), rtol=1e-9, atol=1e-12)
    assert ours.trainer.beginning.steps == 0


class Net(nn.Module):  # type: ignore[misc]
    """Modules are made in another order than they are called in, and named as people do."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2, self.fc10 = nn.Linear(3, 4), nn.Linear(4, 5), nn.Linear(5, 2)
        self.bn1, self.bn2 = nn.BatchNorm1d(4), nn.BatchNorm1d(5)

    def forward(self, x: Any) -> Any:
        x = torch.relu(self.bn1(self.fc1(x)))
        return torch.softmax(self.fc10(torch.relu(self.bn2(self.fc2(x)))), 1)


NET = [
    {"units": 4, "activation": "relu", "batch_norm": True},
    {"units": 5, "activation": "relu", "batch_norm": True},
    {"units": 2, "activation": "softmax"},
]


@pytest.mark.parametrize("order", [list, sorted], ids=["as made", "by the alphabet"])
def test_a_network_of_ones_own_class_is_read(tmp_path: Path, order: Any) -> None:
    model = Net().double()
    model(torch.from_numpy(POINTS))  # Moves the running statistics.
    model.eval()
    state = model.state_dict()
    # By the alphabet fc10 stands before fc2, and only the order of their numbers fits.
    np.savez(tmp_path / "theirs.npz", **{f"module.{key}": state[key].numpy() for key in order(state)})
    ours = opened(NET, tmp_path, start="theirs.npz")
    np.testing.assert_allclose(ours.evaluator.predict(POINTS.T), outputs(model), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"fc2.weight": np.ones((5, 3))},
            r'shape \(5, 4\) called "W2", found float64 \(5, 3\) called "fc2.weight"',
        ),
        (
            {"fc2.weight": None, "fc2.bias": None},
            r"expected 3 linear modules, as this network has, found 2 \(fc1, ",
        ),
        ({"fc1.bias": None}, r'of shape \(4,\) called "b1", found none'),
        ({"bn1.running_mean": None}, r'expected linear modules and batch norms, found another, "bn1"'),
        ({"lstm.weight_ih_l0": np.ones((4, 3))}, 'found an array called "lstm.weight'),
        ({"conv.weight": np.ones((4, 3, 1, 1))}, 'found another, "conv"'),
    ],
)
def test_what_does_not_fit_is_one_line(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    state = {key: value.numpy() for key, value in Net().double().state_dict().items()} | change
    np.savez(tmp_path / "theirs.npz", **{key: array for key, array in state.items() if array is not None})
    with pytest.raises(PresetError, match=message):
        opened(NET, tmp_path, start="theirs.npz")


def test_a_file_of_torch_is_told_from_an_archive(tmp_path: Path) -> None:
    torch.save(Net().state_dict(), tmp_path / "net.pt")
    with pytest.raises(PresetError, match=r"found a file of PyTorch; make one of it with np\.savez"):
        opened(NET, tmp_path, start="net.pt")


def test_a_residual_network_is_no_sequential() -> None:
    layers = [{"units": 3, "activation": "tanh", "residual": True}, {"units": 2, "activation": "softmax"}]
    with pytest.raises(PresetError, match="layer 1 is residual"):
        torch_arrays(opened(layers).trainer)


def test_layers_whose_names_are_numbered_are_taken_by_their_numbers(tmp_path: Path) -> None:
    session = trained([{"units": 3, "activation": "tanh"}] * 10 + [{"units": 2, "activation": "sigmoid"}])
    found = torch_arrays(session.trainer)
    modules = list(dict.fromkeys(name.partition(".")[0] for name in found))
    names = {name: f"fc{modules.index(name.partition('.')[0]) + 1}.{name.partition('.')[2]}" for name in found}
    np.savez(tmp_path / "sorted.npz", **{names[name]: found[name] for name in sorted(found, key=names.__getitem__)})
    again = opened(session.preset.table["layers"], tmp_path, start="sorted.npz")
    np.testing.assert_array_equal(again.trainer.state.parameters, session.trainer.state.parameters)
