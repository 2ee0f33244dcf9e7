"""PyTorch's names of parameters, `0.weight` or `fc1.bias`, and ours, `W1` or `b1`: read, and written.

A state dict has its modules in the order in which they were made. Its linear modules are the layers in their order, its
batch norms those of the layers that have one; names say nothing else.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from .named_file import NamedFile
from .schema import PresetError
from .tables import LayerPreset

Arrays = Mapping[str, NDArray[Any]]
Shapes = Mapping[str, tuple[int, ...]]
COUNTED = "num_batches_tracked"
LINEAR = {"weight": "W", "bias": "b"}
BATCH_NORM = {"weight": "gamma", "bias": "beta", "running_mean": "running_mean", "running_var": "running_variance"}
KNOWN = (*BATCH_NORM, COUNTED)
MODULES = {
    "sigmoid": "nn.Sigmoid()",
    "tanh": "nn.Tanh()",
    "relu": "nn.ReLU()",
    "elu": "nn.ELU()",
    "gelu": "nn.GELU()",
    "gelu_tanh": 'nn.GELU(approximate="tanh")',
    "silu": "nn.SiLU()",
    "softplus": "nn.Softplus()",
    "softmax": "nn.Softmax(dim=1)",
}
"""The module of each activation but identity, which has none, and leaky_relu, which has a slope."""


# Reading


def are_torch(names: Iterable[str]) -> bool:
    """Whether any of these names is one of PyTorch's."""
    return any(split(name)[1] in KNOWN for name in names)


def split(name: str) -> tuple[str, str]:
    """The module, and its own name of the array: `("features.0", "weight")`."""
    module, _, own = name.rpartition(".")
    return module, own


def as_ours(
    arrays: Arrays, layers: Sequence[LayerPreset], shapes: Shapes, file: NamedFile, *, some: bool = False
) -> dict[str, str]:
    """The name in the file, by ours, of every array of PyTorch's. Raises PresetError where modules do not correspond.

    Where names differ by their numbers alone, these are the order: not every file has fc2 before fc10. Else it is that
    of the file or, where only that fits the `shapes` by our names, that of the names.
    `some`: whether there may be more or fewer of them than the network has.
    """
    modules: dict[str, dict[str, NDArray[Any]]] = {}
    for name, array in arrays.items():
        module, own = split(name)
        if own not in KNOWN:
            called = f" called {file.quoted(name)}" if file.own else ""
            raise file.error(f"expected PyTorch's names of linear modules and batch norms, found an array{called}")
        modules.setdefault(module, {})[own] = array
    numbered = sorted(modules, key=natural)
    orders = [numbered] if are_numbered(modules) else [list(modules), numbered]
    found = [matched(modules, order, layers, file, some) for order in orders]
    return next((one for one in found if fits(one, arrays, shapes)), found[0])


def are_numbered(modules: Mapping[str, Arrays]) -> bool:
    """Whether the names of the linear modules, and those of the batch norms, differ by their numbers alone."""
    alike = [
        {re.sub("[0-9]+", "0", name) for name in modules if is_linear(modules[name]) == linear} for linear in (0, 1)
    ]
    return all(len(names) <= 1 for names in alike)


def matched(
    modules: Mapping[str, Arrays], order: Sequence[str], layers: Sequence[LayerPreset], file: NamedFile, some: bool
) -> dict[str, str]:
    """The name in the file by ours, with the modules taken in this order."""
    linear = [name for name in order if is_linear(modules[name])]
    norms = [name for name in order if not is_linear(modules[name])]
    for name in norms:
        arrays = modules[name]
        missing = next((own for own in ("weight", "bias", "running_mean", "running_var") if own not in arrays), None)
        if missing is not None or any(arrays[own].ndim != 1 for own in arrays if own != COUNTED):
            raise file.error(f"expected linear modules and batch norms, found another{quoted(name, file)}")
    normed = [number for number, layer in enumerate(layers, 1) if layer.batch_norm]
    if not some:
        check_number(linear, len(layers), "linear modules", file)
        check_number(norms, len(normed), "batch norms", file)
    found = named(linear, range(1, len(layers) + 1), LINEAR, modules)
    return found | named(norms, normed, BATCH_NORM, modules)


def is_linear(arrays: Arrays) -> bool:
    return "weight" in arrays and arrays["weight"].ndim == 2


def quoted(name: str, file: NamedFile) -> str:
    return f", {file.quoted(name)}" if file.own else ""


def check_number(found: Sequence[str], wanted: int, what: str, file: NamedFile) -> None:
    if len(found) != wanted:
        listed = f" ({', '.join(found[:8])}{', …' if len(found) > 8 else ''})" if found and file.own else ""
        raise file.error(f"expected {wanted} {what}, as this network has, found {len(found)}{listed}")


def named(
    modules: Sequence[str], layers: Iterable[int], own: Mapping[str, str], arrays: Mapping[str, Arrays]
) -> dict[str, str]:
    return {
        f"{ours}{number}": f"{module}.{theirs}" if module else theirs
        for module, number in zip(modules, layers, strict=False)
        for theirs, ours in own.items()
        if theirs in arrays[module]
    }


def fits(found: Mapping[str, str], arrays: Arrays, shapes: Shapes) -> bool:
    return all(arrays[theirs].shape == shapes.get(ours) for ours, theirs in found.items())


def natural(name: str) -> list[tuple[int, str]]:
    """By its numbers as numbers: fc2 before fc10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", name) if part]


# Writing


def modules_of(layers: Sequence[LayerPreset], inputs: int) -> Iterator[tuple[int, str]]:
    """The modules of an `nn.Sequential`, each with the number of its layer, from 1.

    Raises PresetError for a network that is none.
    """
    for number, layer in enumerate(layers, 1):
        if layer.residual:
            raise PresetError(f"layer {number} is residual, which no nn.Sequential is: keep it in this program's names")
        yield number, f"nn.Linear({inputs}, {layer.units}{'' if layer.bias else ', bias=False'})"
        if layer.batch_norm:
            yield number, f"nn.BatchNorm1d({layer.units})"
        if layer.activation == "leaky_relu":
            yield number, f"nn.LeakyReLU({layer.slope!r})"
        elif layer.activation != "identity":
            yield number, MODULES[layer.activation]
        if layer.dropout:
            yield number, f"nn.Dropout({layer.dropout!r})"
        inputs = layer.units


def torch_names(layers: Sequence[LayerPreset], inputs: int) -> dict[str, str]:
    """PyTorch's names in the `nn.Sequential` of a network with so many inputs, by ours, in the order of a state dict.

    A batch norm's count of batches, which we have not, is `num_batches_tracked` with the number of the layer.
    """
    found: dict[str, str] = {}
    for place, (number, module) in enumerate(modules_of(layers, inputs)):
        if module.startswith("nn.Linear"):
            found[f"W{number}"] = f"{place}.weight"
            if layers[number - 1].bias:
                found[f"b{number}"] = f"{place}.bias"
        elif module.startswith("nn.BatchNorm1d"):
            found |= {f"{ours}{number}": f"{place}.{theirs}" for theirs, ours in BATCH_NORM.items()}
            found[f"{COUNTED}{number}"] = f"{place}.{COUNTED}"
    return found


def sequential(layers: Sequence[LayerPreset], inputs: int) -> str:
    """The `nn.Sequential` of a network, as a line of Python."""
    return f"nn.Sequential({', '.join(module for _, module in modules_of(layers, inputs))})"
