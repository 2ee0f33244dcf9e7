"""How a tensor came from the outputs of modules before it, read off the graph that PyTorch keeps for its gradients.

So what a model does between its modules, `relu(self.fc1(x))` or `x + self.fc2(x)`, is seen too. An origin is a tuple:
what was done, then what it was done to, then its settings:

    ("call", i)  the output of the i-th call of a module       ("inputs",)  the inputs of the network
    ("add", a, b)  ("relu", a)  ("leaky_relu", a, slope)  ("dropout", a, Mask)  ("softmax", a)  …
    ("unknown", name)  anything else
"""

from collections.abc import Callable
from typing import Any

from backprop_tui.core.value_class import dataclass

Origin = tuple[Any, ...]
UNARY = {
    "ReluBackward0": "relu",
    "TanhBackward0": "tanh",
    "SigmoidBackward0": "sigmoid",
    "SiluBackward0": "silu",
}
SAME = ("ViewBackward0", "UnsafeViewBackward0", "ReshapeAliasBackward0", "SqueezeBackward0", "UnsqueezeBackward0")
SAME_TOO = ("SqueezeBackward1", "CloneBackward0", "ToCopyBackward0", "ContiguousBackward0", "AliasBackward0")
"""What moves numbers about and keeps them in their order."""


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """What a dropout without a module drew: which units it keeps, a tensor, and the share that it keeps on average."""

    kept: Any
    share: float


DEEPEST = 40
INPUTS: Origin = ("inputs",)


def origin_of(node: Any, known: Callable[[Any], Origin | None], depth: int = DEEPEST) -> Origin:
    """The origin of what `node` of the graph gave; `known` tells nodes that need not be looked behind."""
    found = known(node)
    if found is not None:
        return found
    if node is None:
        return ("constant",)
    name = type(node).__name__
    if depth == 0:
        return ("unknown", name)
    inner = [following for following, _ in node.next_functions]

    def behind(place: int = 0) -> Origin:
        return origin_of(inner[place], known, depth - 1)

    if name in SAME or name in SAME_TOO:
        return behind()
    if name in UNARY:
        return (UNARY[name], behind())
    if name == "AddBackward0" and len(inner) == 2 and saved(node, "alpha", 1) == 1:
        return ("add", behind(0), behind(1))
    return settled(name, node, behind) or ("unknown", name)


def settled(name: str, node: Any, behind: Callable[[], Origin]) -> Origin | None:
    """The origin of what has settings; None where it is none that is known."""
    match name:
        case "LeakyReluBackward0":
            return ("leaky_relu", behind(), float(saved(node, "negative_slope", 0.01)))
        case "EluBackward0" if saved(node, "scale", 1) == saved(node, "input_scale", 1) == saved(node, "alpha", 1) == 1:
            return ("elu", behind())
        case "GeluBackward0":
            return ("gelu" if saved(node, "approximate", "none") == "none" else "gelu_tanh", behind())
        case "SoftplusBackward0" if saved(node, "beta", 1) == 1 and saved(node, "threshold", 20) == 20:
            return ("softplus", behind())
        case "SoftmaxBackward0" | "LogSoftmaxBackward0":
            return ("softmax" if name.startswith("S") else "log_softmax", behind())
        case "ClampMinBackward0" | "ClampBackward1" if saved(node, "min", None) == 0 and not saved(node, "max", None):
            return ("relu", behind())
        case "MulBackward0" | "NativeDropoutBackward0":
            mask = mask_of(node)
            return None if mask is None else ("dropout", behind(), mask)
    return None


def saved(node: Any, name: str, default: Any) -> Any:
    """A setting that the graph has kept; `default` where it keeps none, or no longer."""
    try:
        return getattr(node, f"_saved_{name}", default)
    except RuntimeError:
        return default


def mask_of(node: Any) -> Mask | None:
    """The mask of a dropout; None for a product that is none.

    PyTorch multiplies by what needs no gradient: 0, or one over the share kept.
    """
    kept = saved(node, "result1", None)
    if kept is not None:
        return Mask(kept.detach().clone(), 1 - float(saved(node, "p", 0.0)))
    mask = saved(node, "other", None)
    if mask is None or len(node.next_functions) != 2 or node.next_functions[1][0] is not None or not mask.numel():
        return None
    largest = mask.max()
    if mask.dim() == 0 or float(largest) <= 1 or not bool(((mask == 0) | (mask == largest)).all()):
        return None
    return Mask(mask.detach() != 0, 1 / float(largest))
