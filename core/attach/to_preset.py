"""`to_preset`: a dense PyTorch network with its weights, its data and its optimizer, as a preset.

The network is run forward and back once, in training mode, to see what it does; chance, buffers and gradients are put
back as they were.
"""

import os
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.toml_text import toml_text

from . import optimizer_of
from .calls import Calls
from .counted import Counted
from .kept import Given
from .module_description import is_compiled, parameters, unwrapped, visible
from .module_rows import examples
from .network_of import MODULE_ACTIVATIONS, NetworkFound, network_of
from .numbers import Array, to_array
from .torch_step import TorchSource
from .update import Update

INLINE = 2_000
"""Numbers that stand in the preset itself; more of them go into files beside it."""
TRIED = 256
"""Examples that the network is run with."""
LOSSES = {
    "cross_entropy": ("CrossEntropyLoss",),
    "mean_squared_error": ("MSELoss",),
    "binary_cross_entropy": ("BCEWithLogitsLoss", "BCELoss"),
}
"""PyTorch's losses, where ours are named."""
KEYS = {"Linear.weight": "weights", "Linear.bias": "biases", "BatchNorm1d.weight": "gamma", "BatchNorm1d.bias": "beta"}
SYMBOLS = {"weights": "W", "biases": "b", "gamma": "gamma", "beta": "beta"}
KNOWN = ("Linear", "BatchNorm1d", "Dropout", "Identity", "Flatten", *MODULE_ACTIVATIONS)
"""Modules that may be a part of a layer."""
OF_A_LAYER = ("units", "activation", "slope", "bias", "batch_norm", "residual", "dropout")


def to_preset(
    model: Any,
    inputs: Any,
    targets: Any,
    *,
    loss: Any,
    optimizer: Any = None,
    path: str | os.PathLike[str] = "mine.toml",
    title: str | None = None,
    batch_size: int = 0,
) -> Path:
    """Write the preset, and return its path; large arrays go into `.npz` files beside it.

    Raises FileExistsError for a file that is there already, ValueError, with one line that names the module or setting,
    for what no preset can express.
    """
    path = Path(os.fspath(path))
    found, source = looked_at(model, inputs, targets, loss, optimizer)
    if any(int(getattr(module, "num_batches_tracked", None) or 0) for module in source.inner.modules()):
        warn("the running statistics of batch norm begin anew in a preset: its evaluation differs at first")
    table: dict[str, Any] = {
        "title": title or f"{type(unwrapped(model)).__name__}, from PyTorch",
        "data": {"kind": "inline", "train_ratio": 1.0},
        "layers": [],
        "loss": {"kind": found.loss["kind"]},
        "optimizer": optimizer_table(optimizer, unwrapped(model)),
        "training": {"batch_size": batch_size, "dtype": "float64"},
    }
    data = {"inputs": examples(to_array(inputs)), "targets": target_rows(to_array(targets), found)}
    weights: list[dict[str, Array]] = []
    for layer in found.layers or []:
        table["layers"].append({name: layer[name] for name in OF_A_LAYER if name in layer})
        weights.append(parameters_of(layer, source, parameters(unwrapped(model))))
    files = laid_out(table, data, weights, path)
    written = [path, *(path.with_name(name) for name in files)]
    there = next((file for file in written if file.exists()), None)
    if there is not None:
        raise FileExistsError(f"{there} is there already, and stays; give to_preset another path")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        for name, arrays in files.items():
            with path.with_name(name).open("xb") as stream:
                np.savez(stream, **arrays)  # type: ignore[arg-type]
        load_preset(table, str(path), path.parent)
        with path.open("x", encoding="utf-8") as text:
            text.write(toml_text(table))
    except BaseException:
        for file in written:
            file.unlink(missing_ok=True)
        raise
    return path


def looked_at(model: Any, inputs: Any, targets: Any, loss: Any, optimizer: Any) -> tuple[NetworkFound, TorchSource]:
    """The network, by running it. Raises ValueError for one that cannot be expressed."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module):
        raise TypeError(f"expected a PyTorch module, found {type(model).__name__}")
    if any(is_compiled(module) for module in (model, *model.modules())):
        raise PresetError(f"{type(model).__name__}: what was compiled cannot be looked into; give the module itself")
    device = next((parameter.device for parameter in model.parameters()), "cpu")
    X, Y = (torch.as_tensor(value)[:TRIED].to(device) for value in (inputs, targets))
    problem = ""
    for function in functions(loss, torch):
        source = TorchSource(unwrapped(model), optimizer, function)
        try:
            with as_it_was(source.inner, torch):
                found = tried(source, X, Y, function, torch)
        except PresetError:
            raise
        except Exception as failure:
            raise PresetError(
                f"{type(source.inner).__name__}: a preset cannot express {blamed(source, failure)}"
            ) from None
        if found.layers is not None:
            return found, source
        problem = problem or found.reason
    raise PresetError(f"{type(unwrapped(model)).__name__}: a preset cannot express {problem}")


def blamed(source: TorchSource, failure: Exception) -> str:
    """What a pass that failed is put down to: a module that we have no ops for, or what went wrong."""
    for name, module in visible(source.inner):
        kind = type(module).__name__
        if kind not in KNOWN:
            return f"{name or 'the module'} ({kind})"
    return f"what fails with these inputs and targets: {' '.join(str(failure).split())}"


def functions(loss: Any, torch: Any) -> Iterator[Any]:
    """The loss as something that can be called; by its name there may be more than one."""
    if not isinstance(loss, str):
        if not callable(loss):
            raise TypeError(f"loss: expected a loss function or its name, found {type(loss).__name__}")
        yield loss
        return
    from backprop_tui.core.verify import words

    kind = words.loss(loss, "loss")
    if kind not in LOSSES:
        raise PresetError(f"loss: expected one of {', '.join(LOSSES)} of PyTorch, found {kind}")
    for name in LOSSES[kind]:
        yield getattr(torch.nn, name)()


def tried(source: TorchSource, X: Any, Y: Any, function: Any, torch: Any) -> NetworkFound:
    """What comes of one pass forward and back, whose gradients go nowhere."""
    calls = Calls(source.inner, visible(source.inner), source.loss_module)
    arrays: dict[str, Array] = {}
    try:
        trained = [parameter for parameter in source.inner.parameters() if parameter.requires_grad]
        if not trained:
            raise PresetError(f"{type(source.inner).__name__}: expected parameters that are trained, found none")
        with torch.enable_grad():
            value = function(source.inner(X), Y)
            torch.autograd.grad(value, trained, allow_unused=True)
    finally:
        calls.remove()
    if calls.problem is not None:
        raise calls.problem
    update = Update(parameters(source.inner), None, None)
    update.remove()
    arrays |= {f"θ/{name}": to_array(tensors["θ"]) for name, tensors in update.tensors.items()}
    source.of_calls(calls, update, arrays, {"notes": []})
    source.of_batch(calls, Given(targets=Y), arrays)
    return network_of(source, calls, Counted(calls), arrays, Given(value), float(value.detach()))


@contextmanager
def as_it_was(model: Any, torch: Any) -> Iterator[None]:
    """In training mode; afterwards modes, buffers and generators of chance are as they were before."""
    modes = {module: module.training for module in model.modules()}
    buffers = {buffer: buffer.detach().clone() for buffer in model.buffers()}
    with torch.random.fork_rng():
        try:
            model.train()
            yield
        finally:
            for module, mode in modes.items():
                module.training = mode
            with torch.no_grad():
                for buffer, before in buffers.items():
                    buffer.copy_(before)


def optimizer_table(optimizer: Any, model: Any) -> dict[str, Any]:
    """The `[optimizer]` table. Raises ValueError for one that is not ours, or that leaves out other than all biases."""
    found: dict[str, Any] = {"kind": "sgd", "learning_rate": 0.1}
    trained = {id(parameter) for parameter in model.parameters() if parameter.requires_grad}
    if optimizer is not None:
        table, reason = optimizer_of.preset_table(optimizer)
        if table is None:
            raise PresetError(f"{type(optimizer).__name__}: a preset cannot express it: {reason}")
        found = table
        trained &= {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
        if any(optimizer_of.has_begun(optimizer, parameter) for parameter in optimizer.state):
            warn("the optimizer begins anew in a preset, without what it has remembered of its gradients")
    frozen = [name for name, parameter in parameters(model).items() if id(parameter) not in trained]
    biases = [
        f"{name}.bias"
        for name, module in model.named_modules()
        if type(module).__name__ == "Linear" and module.bias is not None
    ]
    if frozen and sorted(frozen) != sorted(name.removeprefix(".") for name in biases):
        raise PresetError(f"{type(model).__name__}: a preset cannot express parameters that are frozen: {frozen[0]}")
    return found | ({"train_biases": False} if frozen else {})


def target_rows(targets: Array, found: NetworkFound) -> Array:
    """(examples, outputs); classes become one-hot. Probabilities sum to 1 to the last digit."""
    outputs = (found.layers or [{"units": 1}])[-1]["units"]
    if found.loss["kind"] != "cross_entropy":
        return np.asarray(examples(targets.reshape(-1, 1) if targets.ndim == 1 else targets), np.float64)
    if targets.ndim == 1:
        return np.asarray(np.eye(outputs)[targets.astype(np.int64)])
    rows = targets.astype(np.float64)
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def parameters_of(layer: Mapping[str, Any], source: TorchSource, tensors: Mapping[str, Any]) -> dict[str, Array]:
    """The parameters of a layer, by the keys of its table."""
    found: dict[str, Array] = {}
    for number in layer["modules"]:
        module = source.modules[number]
        for own, name in module["parameters"].items():
            found[KEYS[f"{module['kind']}.{own}"]] = to_array(tensors[name]).astype(np.float64)
    return found


def laid_out(
    table: dict[str, Any], data: dict[str, Array], weights: list[dict[str, Array]], path: Path
) -> dict[str, dict[str, Array]]:
    """Put the numbers into the table where they are few; the files beside it that hold them where they are many."""
    files: dict[str, dict[str, Array]] = {}
    if sum(array.size for array in data.values()) <= INLINE:
        table["data"] |= {name: np.atleast_2d(array).tolist() for name, array in data.items()}
    else:
        table["data"] |= {"kind": "npz", "path": f"{path.stem}-data.npz"}
        files[f"{path.stem}-data.npz"] = data
    if sum(array.size for layer in weights for array in layer.values()) <= INLINE:
        for layer, own in zip(table["layers"], weights, strict=True):
            layer |= {name: array.tolist() for name, array in own.items()}
    else:
        table["training"]["start"] = f"{path.stem}-weights.npz"
        files[f"{path.stem}-weights.npz"] = {
            f"{SYMBOLS[name]}{number}": array for number, own in enumerate(weights, 1) for name, array in own.items()
        }
    return files


def warn(text: str) -> None:
    warnings.warn(f"backprop-tui: {text}", UserWarning, stacklevel=4)
