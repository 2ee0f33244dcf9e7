"""Which loss of ours somebody's is, and what of it we have not."""

import sys
from typing import Any

from .calls import Call, Calls
from .kept import Given
from .module_description import settings
from .origin import Origin, origin_of, saved

MODULES = {
    "CrossEntropyLoss": "cross_entropy",
    "NLLLoss": "log_softmax",
    "BCEWithLogitsLoss": "binary_cross_entropy",
    "BCELoss": "sigmoid",
    "MSELoss": "mean_squared_error",
}
"""PyTorch's losses: ours, or the output that they need to be one of ours."""
FUNCTIONS = {
    "cross_entropy": "CrossEntropyLoss",
    "nll_loss": "NLLLoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
    "binary_cross_entropy": "BCELoss",
    "mse_loss": "MSELoss",
}
NODES = {
    "NllLossBackward0": "NLLLoss",
    "MseLossBackward0": "MSELoss",
    "BinaryCrossEntropyWithLogitsBackward0": "BCEWithLogitsLoss",
    "BinaryCrossEntropyBackward0": "BCELoss",
}
"""What PyTorch's graph calls them."""
NEUTRAL = {"reduction": "mean", "label_smoothing": 0.0}
MEAN = 1
"""What the graph calls the reduction."""


class NotExpressedError(Exception):
    """What we have no ops for; the message says which part, in words."""


class SeenLoss:
    """Somebody's loss: what PyTorch calls it, its settings, and the origin of what it was computed from, or None."""

    def __init__(self, kind: str, settings: dict[str, Any], origin: Origin | None = None) -> None:
        self.kind, self.settings, self.origin = kind, settings, origin


def seen_loss(loss: Any, calls: Calls, counted: list[Call], given: Given) -> SeenLoss:
    """What can be known of the loss: from the module or name that `watch` was given, or from PyTorch's graph of it."""
    if counted:
        call = counted[0]
        return SeenLoss(type(call.module).__name__, settings(call.module) | call.settings, call.origin)
    of_graph = loss_of_graph(given.loss, calls)
    if of_graph is not None:
        return of_graph
    if loss is None:
        return SeenLoss("", {})
    name = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    return SeenLoss(FUNCTIONS.get(name, name), {} if not hasattr(loss, "reduction") else settings(loss))


def loss_of_graph(loss: Any, calls: Calls) -> SeenLoss | None:
    """The loss that a tensor was computed by; None where its graph is none that is known."""
    node: Any = getattr(loss, "grad_fn", None)
    while node is not None and type(node).__name__ in ("DivBackward0", "MulBackward0", "ToCopyBackward0"):
        # Divided by the number of backward passes that are added up.
        node = node.next_functions[0][0]
    kind = NODES.get(type(node).__name__)
    if kind is None:
        return None
    inner = node.next_functions[0][0]
    reduction = "mean" if saved(node, "reduction", MEAN) == MEAN else "sum"
    if kind == "NLLLoss" and type(inner).__name__ == "LogSoftmaxBackward0" and calls.known_node(inner) is None:
        kind, inner = "CrossEntropyLoss", inner.next_functions[0][0]
    return SeenLoss(kind, {"reduction": reduction}, origin_of(inner, calls.known_node))


def our_loss(seen: SeenLoss, module: Any) -> tuple[str, str]:
    """The loss of ours and the activation of the output that stands for it; `module`: the loss, where it is one.

    Raises NotExpressedError for a loss that is none of ours.
    """
    kind = seen.kind
    if kind not in MODULES:
        from backprop_tui.core.preset.schema import PresetError
        from backprop_tui.core.verify import words

        try:
            return words.loss(kind, "loss"), ""
        except PresetError:
            raise NotExpressedError(f"the loss {kind or 'that was not named'}") from None
    for name, value in NEUTRAL.items():
        if seen.settings.get(name, value) != value:
            raise NotExpressedError(f"{kind} with {name}={seen.settings[name]}")
    for name in ("weight", "pos_weight"):
        if getattr(module, name, None) is not None and not callable(getattr(module, name)):
            raise NotExpressedError(f"{kind} with {name}")
    return {
        "CrossEntropyLoss": ("cross_entropy", "logits"),
        "NLLLoss": ("cross_entropy", "log_softmax"),
        "BCEWithLogitsLoss": ("binary_cross_entropy", "logits"),
        "BCELoss": ("binary_cross_entropy", "sigmoid"),
        "MSELoss": ("mean_squared_error", ""),
    }[kind]


def value_of(kind: str, outputs: Any, targets: Any) -> float:
    """The mean loss of outputs (logits, log-probabilities or values) and targets; NaN where they do not fit."""
    functional = sys.modules["torch"].nn.functional
    function = {MODULE: name for name, MODULE in FUNCTIONS.items()}.get(kind)
    if function is None:
        return float("nan")
    if kind == "MSELoss" and outputs.shape != targets.shape:
        return float("nan")
    if not (function in ("cross_entropy", "nll_loss") and not targets.is_floating_point()):
        targets = targets.to(outputs.dtype)
    return float(getattr(functional, function)(outputs, targets))
