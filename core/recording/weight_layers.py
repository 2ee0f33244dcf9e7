"""The modules of somebody's network that have weights, as layers counted from 1, with the names that are said."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from backprop_tui.core.value_class import dataclass

from .recorded_modules import Module, modules_of

ACTIVATIONS = {
    "ReLU": "relu",
    "ReLU6": "relu",
    "LeakyReLU": "leaky_relu",
    "PReLU": "leaky_relu",
    "RReLU": "leaky_relu",
    "ELU": "elu",
    "SELU": "elu",
    "CELU": "elu",
    "GELU": "gelu",
    "SiLU": "silu",
    "Softplus": "softplus",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "Softmax": "softmax",
    "LogSoftmax": "softmax",
}
"""PyTorch's activations, by the words of ours."""
NORMS = ("BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm", "RMSNorm", "SyncBatchNorm")
"""Beginnings of the names of modules that bring what they are given to one size."""
SIZES = (
    ("in_features", "out_features"),
    ("in_channels", "out_channels"),
    ("num_embeddings", "embedding_dim"),
    ("input_size", "hidden_size"),
)
"""What modules call the size of what they take, and of what they give."""


@dataclass(frozen=True, slots=True)
class WeightLayer:
    """Layer `number`: a module with `weights`, the names of its arrays of two axes or more; `bias`, where it has one.

    `inputs`, `units`: of the first of the weights. `activation`: ours, "" where it is not known or there is none;
    `activated`: the number of the module that computes it. `after_norm`: whether what it takes has been brought to one
    size before; `normalized`: whether what it gives is.
    """

    number: int
    module: Module
    weights: tuple[str, ...]
    bias: str | None
    shape: tuple[int, ...]
    activation: str = ""
    activated: int | None = None
    after_norm: bool = False
    normalized: bool = False

    @property
    def units(self) -> int:
        return self.shape[0]

    @property
    def inputs(self) -> int:
        return prod(self.shape[1:])

    @property
    def text(self) -> str:
        """`net.2 (Linear 128→10)`; `module 2 (…)` where the name is a number; `W1 (2×8)` of a parameter by itself."""
        if self.module.kind == "parameter":
            return f"{self.module.name} ({'×'.join(map(str, self.shape))})"
        sizes = "→".join(map(str, self.sizes))
        name = self.module.name
        return f"{f'module {name}' if name[:1].isdigit() else name} ({self.module.kind} {sizes})"

    @property
    def sizes(self) -> tuple[int, int]:
        return told_sizes(self.module) or (self.inputs, self.units)

    @property
    def matrix(self) -> bool:
        """Whether each row of its weight is what one unit has, and each unit sees all inputs."""
        return self.module.kind in ("Linear", "parameter") and len(self.weights) == 1 and len(self.shape) == 2


def weight_layers(meta: Mapping[str, Any]) -> tuple[WeightLayer, ...]:
    """The layers in the order of their first call."""
    shapes = shapes_of(meta)
    modules = modules_of(meta)
    tables = tables_of(meta)
    found: list[WeightLayer] = []
    for place, module in enumerate(modules):
        weights = tuple(name for name in module.parameters.values() if is_weight(name, shapes.get(name, ())))
        if not weights or module.kind.startswith(NORMS):
            continue
        kind, number = activation_behind(modules[place + 1 :], shapes)
        table = tables.get(module.number, {})
        activation = table.get("activation", "") if isinstance(table.get("activation"), str) else ""
        found.append(
            WeightLayer(
                len(found) + 1,
                module,
                weights,
                module.parameters.get("bias"),
                laid(module, shapes[weights[0]]),
                kind or activation,
                number,
                place > 0 and modules[place - 1].kind.startswith(NORMS),
                place + 1 < len(modules) and modules[place + 1].kind.startswith(NORMS),
            )
        )
    return tuple(found)


def told_sizes(module: Module) -> tuple[int, int] | None:
    """How much a module takes and gives, as its settings say."""
    for taken, given in SIZES:
        one, other = module.settings.get(taken), module.settings.get(given)
        if type(one) is int and type(other) is int:
            return one, other
    return None


def laid(module: Module, shape: tuple[int, ...]) -> tuple[int, ...]:
    """(units, inputs, …): somebody's arrays may lie the other way, and are recorded in this one."""
    told = told_sizes(module) if module.kind == "Linear" and len(shape) == 2 else None
    return told[::-1] if told and set(told) == set(shape) else shape


def is_weight(name: str, shape: Sequence[int]) -> bool:
    """Whether a parameter is a matrix or more; what is called a bias is none, however it lies."""
    last = name.rpartition(".")[2].lower()
    return len(shape) >= 2 and not last.startswith("b") and "bias" not in last


def activation_behind(modules: Sequence[Module], shapes: Mapping[str, Sequence[int]]) -> tuple[str, int | None]:
    """The activation that comes next, and the number of its module, before any further weights."""
    for module in modules:
        if module.kind in ACTIVATIONS:
            return ACTIVATIONS[module.kind], module.number
        if not module.kind.startswith(NORMS) and any(len(shapes.get(name, ())) for name in module.parameters.values()):
            return "", None
    return "", None


def shapes_of(meta: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """The shapes of the parameters by name."""
    given = meta.get("parameters")
    found: dict[str, tuple[int, ...]] = {}
    for item in given if isinstance(given, list) else []:
        if isinstance(item, dict) and isinstance(item.get("name"), str) and isinstance(item.get("shape"), list):
            shape = item["shape"]
            if all(type(size) is int and size > 0 for size in shape):
                found[item["name"]] = tuple(shape)
    return found


def tables_of(meta: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """The layers of the network of ours that it is, by the number of the first module each is made of."""
    given = meta.get("network")
    found: dict[int, Mapping[str, Any]] = {}
    for table in given if isinstance(given, list) else []:
        numbers = table.get("modules") if isinstance(table, dict) else None
        if isinstance(numbers, list) and numbers and type(numbers[0]) is int:
            found[numbers[0]] = table
    return found
