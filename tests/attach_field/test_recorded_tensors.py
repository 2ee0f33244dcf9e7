"""What a recording of a PyTorch training holds of its kept steps: held against what the loop itself saw."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backprop_tui

from .recording import Recording
from .torch_loops import batches, mlp, update
from .torch_networks import NETWORKS, F, nn, torch

STEPS = 6
ODD = {"bfloat16", "sparse_embedding", "parallel_wrapper"}
"""Types of number that NumPy has not, gradients that are no arrays, and names with a wrapper before them."""


def numbers(tensor: Any) -> Any:
    return tensor.detach().clone().numpy()


def trained(name: str, path: Path) -> list[dict[str, Any]]:
    """Train with every step kept; of each step each parameter before it, its gradient, and what it changed by."""
    torch.manual_seed(1)
    model, batch, loss_function = NETWORKS[name]()
    model(batch()[0])  # Lazy layers are given their shapes.
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1, momentum=0.9)
    course = []
    with backprop_tui.watch(model, optimizer, loss=loss_function, path=path, every=1) as run:
        for _ in range(STEPS):
            x, y = batch()
            before = {name: numbers(p) for name, p in model.named_parameters()}
            optimizer.zero_grad()
            loss = loss_function(model(x), y)
            loss.backward()
            optimizer.step()
            run.step(loss)
            seen = {f"θ/{name}": value for name, value in before.items()}
            for parameter, tensor in model.named_parameters():
                if tensor.grad is not None:
                    seen[f"g/{parameter}"] = numbers(tensor.grad)
                    seen[f"Δ/{parameter}"] = numbers(tensor) - before[parameter]
            course.append(seen)
    return course


@pytest.mark.parametrize("name", [name for name in NETWORKS if name not in ODD])
def test_parameters_gradients_and_changes_are_those_of_the_loop(name: str, tmp_path: Path):
    course = trained(name, tmp_path / "a.backprop")
    recording = Recording(tmp_path / "a.backprop")
    assert recording.kept() == list(range(1, STEPS + 1))
    for step, seen in enumerate(course, 1):
        arrays = recording.arrays(step)
        for which, expected in seen.items():
            assert which in arrays, (step, which, sorted(arrays))
            found = arrays[which]
            assert (found.shape, found.dtype) == (expected.shape, expected.dtype), which
            if which[0] == "Δ":
                assert np.allclose(found, expected, rtol=1e-5, atol=1e-7), which
            else:
                assert np.array_equal(found, expected), which


LINEAR = [name for name in NETWORKS if name not in {*ODD, "lstm", "weight_norm"}]


@pytest.mark.parametrize("name", LINEAR)
def test_the_gradient_of_each_linear_layer_is_what_its_a_and_dz_give(name: str, tmp_path: Path):
    """dZᵀ A is the gradient of the weights, the sum of dZ that of the biases; Z is what A gives with the weights."""
    trained(name, tmp_path / "a.backprop")
    recording, compared = Recording(tmp_path / "a.backprop"), 0
    about = recording.about()
    shared = {p["name"] for p in about["parameters"] if p["shared_with"]}
    for step in recording.kept():
        arrays = recording.arrays(step)
        for module in about["modules"]:
            number, parameters = module["number"], module["parameters"]
            weight = parameters.get("weight")
            if module["kind"] != "Linear" or module["calls"] != 1 or weight in shared or f"dZ/{number}" not in arrays:
                continue
            A, Z, dZ = (arrays[f"{kind}/{number}"] for kind in ("A", "Z", "dZ"))
            weights = arrays[f"θ/{weight}"]
            A, Z, dZ = A.reshape(-1, weights.shape[1]), Z.reshape(-1, len(weights)), dZ.reshape(-1, len(weights))
            bias = arrays[f"θ/{parameters['bias']}"] if parameters.get("bias") else 0
            assert np.allclose(Z, A @ weights.T + bias, rtol=1e-5, atol=1e-6), (step, module["name"])
            if f"g/{weight}" in arrays:
                assert np.allclose(dZ.T @ A, arrays[f"g/{weight}"], rtol=1e-4, atol=1e-6), (step, module["name"])
                compared += 1
    # A step of a transformer's own layer is fused; a layer that is called again has a sum of its own.
    assert compared or name in {"recurrent_by_hand"}, "nothing was compared"


@pytest.mark.parametrize("place", ["before", "after"])
def test_evaluation_beside_it_does_not_get_into_a_kept_step(place: str, tmp_path: Path):
    """A and dZ are of the batch that was trained on, whatever else goes through the model."""
    model, other = mlp(2, 4, 1), torch.randn(50, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    inputs = []
    with backprop_tui.watch(model, optimizer, loss=F.mse_loss, path=tmp_path / "a.backprop", every=1) as run:
        for x, y in batches(5):
            if place == "before":
                with torch.no_grad():
                    model(other)
            optimizer.zero_grad()
            loss = F.mse_loss(model(x), y)
            loss.backward()
            if place == "after":
                model.eval()
                with torch.no_grad():
                    model(other)
                model.train()
            optimizer.step()
            run.step(loss)
            inputs.append(x.numpy())
    recording = Recording(tmp_path / "a.backprop")
    first = recording.about()["modules"][0]["number"]
    for step, x in enumerate(inputs, 1):
        arrays = recording.arrays(step)
        assert np.array_equal(arrays[f"A/{first}"], x)
        assert np.allclose(arrays[f"dZ/{first}"].T @ arrays[f"A/{first}"], arrays["g/0.weight"], rtol=1e-4, atol=1e-7)


def test_the_loss_is_kept_to_its_last_bit(tmp_path: Path):
    """Also where float32 has more to tell than its shortest decimal, and where it is tiny, huge or not finite."""
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    values = [0.1, 1 / 3, 1e-45, 3.4e38, float("inf"), float("-inf"), float("nan"), -0.0, 0.0, 123456.789]
    with backprop_tui.watch(model, optimizer, path=tmp_path / "a.backprop") as run:
        for value in values:
            run.step(torch.tensor(value))
        for value in [0.1, 5e-324, 1.7e308]:
            run.step(value)
    expected = [float(torch.tensor(value)) for value in values] + [0.1, 5e-324, 1.7e308]
    found = list(Recording(tmp_path / "a.backprop").losses().values())
    assert [value.hex() for value in found] == [value.hex() for value in expected]


def test_a_long_run_has_every_loss_and_few_kept_steps(tmp_path: Path):
    model = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)
    with backprop_tui.watch(model, optimizer, loss=F.mse_loss, path=tmp_path / "a.backprop") as run:
        losses = [update(model, optimizer, run, x, y) for x, y in batches(3000, 4)]
    recording = Recording(tmp_path / "a.backprop")
    assert list(recording.losses().values()) == losses
    kept = recording.kept()
    assert kept[0] == 1
    assert len(kept) <= 1500
    assert (tmp_path / "a.backprop").stat().st_size < 10_000_000


def test_the_title_is_the_one_that_was_given(tmp_path: Path):
    title = "Réseau \x1b[31m rouge"
    backprop_tui.watch(parameters={"W": np.ones(2)}, path=tmp_path / "a.backprop", title=title).close()
    assert Recording(tmp_path / "a.backprop").about()["title"] == title
