"""What a PyTorch module is made of, as a recording says it: its modules, its parameters, its optimizer's name."""

import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

SETTINGS = (
    *("in_features", "out_features", "num_features", "num_embeddings", "embedding_dim", "normalized_shape"),
    *("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "num_groups"),
    *("input_size", "hidden_size", "num_layers", "batch_first", "bidirectional", "num_heads", "embed_dim"),
    *("p", "eps", "momentum", "affine", "track_running_stats", "elementwise_affine", "inplace"),
    *("negative_slope", "alpha", "approximate", "beta", "threshold", "lambd", "min_val", "max_val"),
    *("dim", "start_dim", "end_dim", "unflattened_size", "upscale_factor", "scale_factor", "output_size"),
    *("reduction", "label_smoothing", "ignore_index", "delta", "margin", "log_target", "full"),
)
"""Attributes of PyTorch's modules that say what they do."""
WRAPPERS = ("DataParallel", "DistributedDataParallel")
Named = tuple[str, Any]


def unwrapped(model: Any) -> Any:
    """The module inside of what spreads it over devices or compiles it."""
    while True:
        if type(model).__name__ in WRAPPERS and hasattr(model, "module"):
            model = model.module
        elif hasattr(model, "_orig_mod"):
            model = model._orig_mod
        else:
            return model


def is_compiled(module: Any) -> bool:
    """Whether what happens inside cannot be seen: it was compiled, or is a script."""
    torch = sys.modules["torch"]
    return (
        hasattr(module, "_orig_mod")
        or getattr(module, "_compiled_call_impl", None) is not None
        or isinstance(module, torch.jit.ScriptModule)
    )


def visible(model: Any, name: str = "") -> Iterator[Named]:
    """The modules that compute something themselves, with their names; none inside of what is compiled."""
    seen: set[int] = set()
    waiting = [(name, model)]
    while waiting:
        name, module = waiting.pop()
        if id(module) in seen or is_compiled(module):
            continue
        seen.add(id(module))
        children = [(f"{name}.{child}" if name else child, inner) for child, inner in module.named_children()]
        if not children or any(True for _ in module.parameters(recurse=False)):
            yield name, module
        waiting += reversed(children)


def settings(module: Any) -> dict[str, Any]:
    """What says how a module computes: attributes of its own or of its class."""
    # Asked for one that is not there a module looks among its parameters too, and makes an exception of it.
    own = settings_of_class(module.__class__) | {name: vars(module)[name] for name in SETTINGS if name in vars(module)}
    found = {name: plain(own[name]) for name in SETTINGS if name in own}
    return {name: value for name, value in found.items() if value is not None}


@lru_cache(256)
def settings_of_class(kind: type) -> dict[str, Any]:
    """The attributes of that kind that the class has itself."""
    return {name: getattr(kind, name) for name in SETTINGS if hasattr(kind, name)}


def plain(value: Any) -> Any:
    """A value as JSON has it; None for what is none of the kind."""
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value if isinstance(value, bool | int | float | str) else None


def parameters(model: Any) -> dict[str, Any]:
    """The parameters by name, each once; those that are not there yet (of lazy modules) are left out."""
    torch = sys.modules["torch"]
    lazy = getattr(getattr(torch.nn, "parameter", None), "UninitializedTensorMixin", ())
    return {name: parameter for name, parameter in model.named_parameters() if not isinstance(parameter, lazy)}


def describe_parameters(model: Any, trained: set[int] | None = None) -> list[dict[str, Any]]:
    """Each parameter; `trained`: the ids of those that an optimizer has, None where there is none."""
    others: dict[int, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        others.setdefault(id(parameter), []).append(name)
    return [
        {
            "name": name,
            "shape": list(parameter.shape),
            "dtype": str(parameter.dtype).removeprefix("torch."),
            "trained": bool(parameter.requires_grad and (trained is None or id(parameter) in trained)),
            "shared_with": [other for other in others[id(parameter)] if other != name],
        }
        for name, parameter in parameters(model).items()
    ]


def own_parameters(module: Any, names: dict[int, str]) -> dict[str, str]:
    """The parameters that a module has itself: what it calls them, and what the model calls them."""
    own = module.named_parameters(recurse=False)
    return {name: names[id(parameter)] for name, parameter in own if id(parameter) in names}
