"""Which network of ours somebody's PyTorch network is, layer by layer; or which part of it cannot be expressed.

What the graph says is tried: the network that was found is computed from the recorded inputs and parameters, and has to
give the recorded outputs. So a part that was overlooked is not passed over.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Protocol

from backprop_tui.core.value_class import dataclass

from .calls import Call, Calls, is_linear, weight_of
from .counted import Counted
from .kept import Given
from .loss_of import NotExpressedError, SeenLoss, our_loss, seen_loss
from .module_rows import whole
from .network_check import check, check_loss
from .numbers import Array, own_array
from .origin import Origin

EPSILON, MOMENTUM = 1e-5, 0.1
"""Of our batch norm, as PyTorch writes them."""
MODULE_ACTIVATIONS = {
    "ReLU": "relu",
    "Tanh": "tanh",
    "Sigmoid": "sigmoid",
    "SiLU": "silu",
    "LeakyReLU": "leaky_relu",
    "ELU": "elu",
    "GELU": "gelu",
    "Softplus": "softplus",
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
}
FUNCTIONS = (
    "relu",
    "tanh",
    "sigmoid",
    "silu",
    "leaky_relu",
    "elu",
    "gelu",
    "gelu_tanh",
    "softplus",
    "softmax",
    "log_softmax",
)
NEUTRAL = {"ELU": {"alpha": 1.0}, "Softplus": {"beta": 1.0, "threshold": 20.0}}
"""Settings of activations that ours have at these values only."""
Part = tuple[Any, ...]
Layer = dict[str, Any]


class Numbering(Protocol):
    loss: Any
    loss_module: Any
    modules: dict[int, dict[str, Any]]

    def number(self, name: str, module: int) -> int: ...


@dataclass(slots=True)
class NetworkFound:
    """`layers` as preset tables with the numbers of their modules, or None and the `reason`; `loss` as meta has it."""

    layers: list[Layer] | None
    reason: str
    loss: dict[str, Any]
    warnings: list[str] = field(default_factory=list)


def network_of(
    source: Numbering, calls: Calls, counted: Counted, arrays: dict[str, Array], given: Given, value: float
) -> NetworkFound:
    """The network of a kept step whose loss is `value`. Targets that the graph gives back are put among the arrays."""
    losses = counted.of(calls.losses)
    seen = seen_loss(source.loss, calls, losses, given)
    loss = {"kind": seen.kind or "unknown", "settings": seen.settings}
    try:
        kind, output = our_loss(seen, source.loss_module)
        loss["kind"] = kind
        layers = found_layers(source, calls, counted, seen, output, arrays)
        expected = [call.Z for call in losses or counted.of(calls.passes)]
        check(layers, source.modules, arrays, whole(expected), half=is_half(expected))
        check_loss(seen.kind, arrays, counted, calls, value, half=is_half(expected))
        for layer in layers:
            if layer["activation"] in ("logits", "log_softmax"):
                layer["activation"] = "sigmoid" if kind == "binary_cross_entropy" else "softmax"
    except NotExpressedError as problem:
        return NetworkFound(None, str(problem), loss, broadcast(seen))
    return NetworkFound(layers, "", loss)


def is_half(tensors: list[Any]) -> bool:
    """Whether numbers of half precision are among them."""
    return any(tensor is not None and tensor.dtype.itemsize < 4 for tensor in tensors)


def broadcast(seen: SeenLoss) -> list[str]:
    """A loss whose inputs and targets have different shapes compares every example with every other."""
    shapes = seen.settings.get("shape"), seen.settings.get("targets")
    if seen.kind == "MSELoss" and None not in shapes and shapes[0] != shapes[1]:
        return [
            f"MSELoss compares outputs of shape {shapes[0]} with targets of shape {shapes[1]}: each with every other"
        ]
    return []


def found_layers(
    source: Numbering, calls: Calls, counted: Counted, seen: SeenLoss, output: str, arrays: dict[str, Array]
) -> list[Layer]:
    """The layers, from the first to the last."""
    groups = list(counted.groups().values())
    if not groups:
        raise NotExpressedError("no module was seen at work")
    first = groups[0][0].passed
    called: dict[int, Call] = {}
    for group in groups:
        of_pass = [call for call in group if call.passed == first]
        if len(of_pass) > 1 or len({call.passed for call in group}) != len(group):
            raise NotExpressedError(f"{said(group[0])}, which is called several times in a step")
        called |= {call.index: call for call in of_pass}
    passes = counted.of(calls.passes)
    origin = seen.origin or (passes[0].origin if passes else ("unknown", ""))
    parts = chain(origin, called)
    linear = [group[0] for group in groups if is_linear(group[0].module)]
    used = {part[1] for part in parts if part[0] == "linear"}
    for call in linear:
        if call.index not in used:
            raise NotExpressedError(f"{said(call)}, which is beside the way to the loss")
    return finished(grouped(parts, called, source, arrays), output)


def said(call: Call) -> str:
    return f"{call.name or 'the module'} ({type(call.module).__name__})"


def chain(origin: Origin, called: Mapping[int, Call]) -> list[Part]:
    """What was done to the inputs, in its order."""
    match origin:
        case ("inputs",) | ("constant",):
            return []
        case ("call", index):
            if index not in called:
                raise NotExpressedError("a module whose gradients were not seen")
            call = called[index]
            return [*chain(call.origin, called), *part_of(call)]
        case ("add", one, other):
            return added(chain(one, called), chain(other, called))
        case ("dropout", inner, mask):
            return [*chain(inner, called), ("dropout", None, 1 - mask.share, mask)]
        case (name, inner, *more) if name in FUNCTIONS:
            return [*chain(inner, called), ("activation", None, name, more[0] if more else None)]
        case (_, name):
            raise NotExpressedError(f"the operation {str(name).removesuffix('Backward0') or 'that was not seen'}")
    raise NotExpressedError("an operation that was not seen")


def part_of(call: Call) -> list[Part]:
    """What a module does, as a part of a layer; raises NotExpressedError for one that we have no ops for."""
    module, kind = call.module, type(call.module).__name__
    if is_linear(module) and weight_of(module) is not None and kind in ("Linear", "NonDynamicallyQuantizableLinear"):
        if len(call.shape) > 2:
            raise NotExpressedError(f"{said(call)} of inputs with {len(call.shape)} dimensions")
        return [("linear", call.index)]
    if kind == "BatchNorm1d":
        settings = (module.eps, module.momentum, module.affine, module.track_running_stats)
        if settings != (EPSILON, MOMENTUM, True, True) or not call.training or len(call.shape) != 2:
            raise NotExpressedError(f"{said(call)} with other settings than PyTorch's own, or not in training")
        return [("batch_norm", call.index)]
    if kind == "Dropout":
        return [("dropout", call.index, module.p)] if module.p and call.training else []
    if kind in ("Identity", "Flatten"):
        return []
    if kind in MODULE_ACTIVATIONS:
        for name, value in NEUTRAL.get(kind, {}).items():
            if getattr(module, name) != value:
                raise NotExpressedError(f"{said(call)} with {name}={getattr(module, name)}")
        name = "gelu_tanh" if getattr(module, "approximate", "") == "tanh" else MODULE_ACTIVATIONS[kind]
        return [("activation", call.index, name, getattr(module, "negative_slope", None))]
    raise NotExpressedError(said(call))


def added(one: list[Part], other: list[Part]) -> list[Part]:
    """A sum: what is done on the longer way, with the shorter way added to it."""
    long, short = (one, other) if len(one) >= len(other) else (other, one)
    past = long[len(short) :]
    if long[: len(short)] != short or [part[0] for part in past].count("linear") != 1 or past[0][0] != "linear":
        raise NotExpressedError("a sum that goes past anything but one layer")
    return [*long, ("residual",)]


def grouped(parts: list[Part], called: Mapping[int, Call], source: Numbering, arrays: dict[str, Array]) -> list[Layer]:
    """The parts as layers: Linear, then batch norm, activation, dropout and residual sum, each at most once."""
    order = ("linear", "batch_norm", "activation", "dropout", "residual")
    layers: list[Layer] = []
    place = len(order)
    for part in parts:
        kind = part[0]
        call = called.get(part[1]) if len(part) > 1 and part[1] is not None else None
        what = said(call) if call is not None else f"{part[2] if kind == 'activation' else kind}"
        if kind == "linear":
            assert call is not None
            layers.append({"units": call.module.out_features, "activation": "", "bias": call.module.bias is not None})
            layers[-1] |= {"batch_norm": False, "residual": False, "dropout": 0.0, "modules": []}
        elif not layers:
            raise NotExpressedError(f"{what} before the first Linear")
        elif order.index(kind) <= place:
            raise NotExpressedError(f"{what} at this place of a layer")
        place, layer = order.index(kind), layers[-1]
        if kind == "activation":
            layer["activation"] = part[2]
            if part[3] is not None:
                layer["slope"] = float(part[3])
        elif kind == "dropout":
            layer["dropout"] = float(part[2])
            if call is None:
                layer["modules"].append(without_module(layer, part[3], source, arrays))
        elif kind != "linear":
            layer[kind] = True
        if call is not None:
            layer["modules"].append(source.number(call.name, call.key))
    return layers


def without_module(layer: Layer, mask: Any, source: Numbering, arrays: dict[str, Array]) -> int:
    """The number that a dropout gets which is a function in `forward`; its mask is put among the arrays."""
    name = f"dropout behind {source.modules[layer['modules'][0]]['name']}"
    number = source.number(name, 0)
    source.modules[number] = {"number": number, "name": name, "kind": "Dropout", "settings": {"p": layer["dropout"]}}
    source.modules[number] |= {"parameters": {}, "calls": 1}
    arrays[f"mask/{number}"] = own_array(mask.kept).astype(bool)
    return number


def finished(layers: list[Layer], output: str) -> list[Layer]:
    """The layers with their activations, the last with the one that is in PyTorch's loss.

    `output`: "logits" where the loss expects them, "log_softmax" or "sigmoid" where it expects that, "" for any.
    """
    if not layers:
        raise NotExpressedError("a network without a Linear")
    last = layers[-1]
    for layer in layers[:-1]:
        if layer["activation"] in ("softmax", "log_softmax"):
            raise NotExpressedError(f"{layer['activation']} before the last layer")
    if output == "logits":
        if last["activation"] or last["dropout"] or last["residual"]:
            found = last["activation"] or "dropout or a sum"
            raise NotExpressedError(f"{found} between the last Linear and a loss that expects logits")
        last["activation"] = "logits"
    elif output and (last["activation"] != output or last["dropout"] or last["residual"]):
        raise NotExpressedError(f"an output of {last['activation'] or 'identity'} where the loss expects {output}")
    elif not output and last["activation"] == "log_softmax":
        raise NotExpressedError("log_softmax before this loss")
    for layer in layers:
        layer["activation"] = layer["activation"] or "identity"
    return layers
