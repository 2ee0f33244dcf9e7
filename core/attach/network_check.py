"""Whether the network that was found gives what the real one gave; and targets that nobody handed over."""

import sys
from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np

from .calls import Calls
from .counted import Counted
from .loss_of import NotExpressedError, value_of
from .module_rows import gradient
from .numbers import Array

CLOSE, CLOSE_HALF = 1e-3, 3e-2
"""How near outputs and losses have to be, relative to the largest; the second in half precision."""


def check(
    layers: list[dict[str, Any]],
    modules: Mapping[int, dict[str, Any]],
    arrays: Mapping[str, Array],
    outputs: Array | None,
    *,
    half: bool,
) -> None:
    """Raises NotExpressedError where the layers do not give the outputs, or too little is there to tell."""
    torch = sys.modules["torch"]
    functional = torch.nn.functional
    numbers = [number for layer in layers for number in layer["modules"] if modules[number]["kind"] == "Linear"]
    given = arrays.get(f"A/{numbers[0]}")
    if given is None or outputs is None or outputs.ndim != 2:
        raise NotExpressedError("inputs and outputs that are kept, one row an example")
    inputs = arrays.get("inputs")
    if inputs is None or inputs.size != given.size or not same_numbers(inputs, given, half=half):
        raise NotExpressedError("what happens to the inputs before the first Linear")
    x = torch.from_numpy(np.array(given, np.float32))
    for layer in layers:
        below = x
        own: dict[str, Any] = {}
        for number in layer["modules"]:
            own |= {f"{modules[number]['kind']}.{name}": full for name, full in modules[number]["parameters"].items()}
        found = {name: arrays.get(f"θ/{full}") for name, full in own.items()}
        if any(array is None for array in found.values()):
            raise NotExpressedError("parameters that are all kept")
        of = {name: torch.from_numpy(np.array(array, np.float32)) for name, array in found.items()}
        x = functional.linear(x, of["Linear.weight"], of.get("Linear.bias"))
        if layer["batch_norm"]:
            x = functional.batch_norm(x, None, None, of["BatchNorm1d.weight"], of["BatchNorm1d.bias"], training=True)
        x = activated(x, layer, functional, torch)
        if layer["dropout"]:
            x = dropped(x, layer, arrays)
        if layer["residual"]:
            if below.shape != x.shape:
                raise NotExpressedError("a sum of different shapes")
            x = x + below
    result = x.numpy()
    largest = float(np.abs(outputs).max(initial=0.0))
    if result.shape != outputs.shape or not np.abs(result - outputs).max() <= (CLOSE_HALF if half else CLOSE) * largest:
        raise NotExpressedError("something that was not seen: computed anew, the outputs differ")


def same_numbers(inputs: Array, given: Array, *, half: bool) -> bool:
    """Whether they are the same in their order, as far as half precision tells them apart."""
    one, other = inputs.reshape(-1), given.reshape(-1)
    close = CLOSE_HALF if half else 0.0
    return bool((one == other).all() or np.allclose(one, other, rtol=close, atol=0.0, equal_nan=True))


def activated(x: Any, layer: Mapping[str, Any], functional: Any, torch: Any) -> Any:
    name = layer["activation"]
    match name:
        case "identity" | "logits":
            return x
        case "leaky_relu":
            return functional.leaky_relu(x, layer["slope"])
        case "gelu_tanh":
            return functional.gelu(x, approximate="tanh")
        case "softmax" | "log_softmax":
            return getattr(functional, name)(x, dim=-1)
    return getattr(torch if hasattr(torch, name) else functional, name)(x)


def dropped(x: Any, layer: Mapping[str, Any], arrays: Mapping[str, Array]) -> Any:
    """Through the mask that was seen."""
    torch = sys.modules["torch"]
    masks = [arrays[f"mask/{number}"] for number in layer["modules"] if f"mask/{number}" in arrays]
    if not masks:
        raise NotExpressedError("a dropout whose mask was not seen")
    kept = torch.from_numpy(np.array(masks[0], np.float32)).reshape(x.shape)
    return x * kept / (1 - layer["dropout"])


def check_loss(
    kind: str, arrays: dict[str, Array], counted: Counted, calls: Calls, value: float, *, half: bool
) -> None:
    """Raises NotExpressedError where outputs and targets do not give the loss; finds targets that are missing."""
    torch = sys.modules["torch"]
    outputs = arrays.get("outputs")
    if outputs is None:
        raise NotExpressedError("outputs that are kept")
    if "targets" not in arrays:
        found = targets_of(kind, outputs, counted, calls)
        if found is None or not near(
            value_of(kind, torch.from_numpy(outputs), torch.from_numpy(found)), value, half=half
        ):
            raise NotExpressedError("a loss whose targets were not seen; give them to run.step(loss, targets=…)")
        arrays["targets"] = found
    elif counted.passes <= 1 and isfinite(value):
        computed = value_of(kind, torch.from_numpy(outputs), torch.from_numpy(arrays["targets"]))
        if not near(computed, value, half=half):
            raise NotExpressedError(f"a loss of {value:.6g} where outputs and targets give {computed:.6g}")


def near(computed: float, value: float, *, half: bool) -> bool:
    close = CLOSE_HALF if half else CLOSE
    return abs(computed - value) <= close * max(abs(value), close)


def targets_of(kind: str, outputs: Array, counted: Counted, calls: Calls) -> Array | None:
    """The targets, from the outputs and the gradient that came back to them; None where that is unknown."""
    passes = counted.of(calls.passes)
    back = gradient(passes[0], counted.tasks(passes[0])) if len(passes) == 1 else None
    if back is None or outputs.ndim != 2 or tuple(back.shape) != outputs.shape:
        return None
    back = back.detach().cpu().to(passes[0].Z.dtype).numpy().astype(np.float64)
    z = outputs.astype(np.float64)
    match kind:
        case "CrossEntropyLoss":
            shifted = np.exp(z - z.max(axis=1, keepdims=True))
            found = shifted / shifted.sum(axis=1, keepdims=True) - len(z) * back
        case "NLLLoss":
            found = -len(z) * back
        case "MSELoss":
            return typed(z - back * z.size / 2, outputs)
        case "BCEWithLogitsLoss":
            found = 1 / (1 + np.exp(-z)) - z.size * back
        case "BCELoss":
            found = z - z.size * back * z * (1 - z)
        case _:
            return None
    rounded = np.round(found)
    if np.abs(found - rounded).max() > 1e-3:
        return typed(found, outputs)
    if kind in ("CrossEntropyLoss", "NLLLoss") and (rounded.sum(axis=1) == 1).all():
        classes: Array = rounded.argmax(axis=1)
        return classes
    return typed(rounded, outputs)


def typed(values: Array, like: Array) -> Array:
    """The values in the type of another array."""
    found: Array = values.astype(like.dtype)
    return found
