"""What people call the arrays of a step: `w1`, `grad_W1`, `dL_dW1`, `fc1.weight`, `0.weight`, `y_pred`, understood.

A name is the symbol of what it holds, the label of its layer, and marks: that it is a gradient, or the value after the
update. The labels of the weights, put in order, are the layers 1 … L.
"""

import re
from collections.abc import Iterable

from backprop_tui.core.value_class import dataclass

Key = tuple[str, int | None]
"""A quantity of a step: its symbol in letters (`W`, `dZ`, `gamma`, `W_new`, `loss`) and its layer, from 1."""

SYMBOLS = {
    "W": ("w", "wt", "weight", "weights", "kernel", "kernels", "theta", "coefs", "coef"),
    "b": ("b", "bias", "biases", "intercept", "intercepts"),
    "Z": ("z", "preactivation", "preactivations", "preact", "pre", "net", "linear", "logit", "logits", "scores", "zs"),
    "A": ("a", "h", "activation", "activations", "act", "hidden", "post", "out", "o", "as"),
    "N": ("n", "bn", "bn_out", "z_bn", "normed"),
    "Z_hat": ("z_hat", "zhat", "x_hat", "xhat", "z_norm", "znorm"),
    "mask": ("mask", "m", "dropout_mask", "drop_mask", "masks"),
    "gamma": ("gamma",),
    "beta": ("beta",),
    "delta": ("delta", "deltas", "error", "err"),
}
"""Names of quantities that each layer has, in lower case."""
OUTPUTS = (
    *("y_hat", "yhat", "y_pred", "ypred", "pred", "preds", "prediction", "predictions"),
    *("output", "outputs", "probs", "probabilities", "y_out", "yh", "p"),
)
OF_LAST = dict.fromkeys(OUTPUTS, "A") | dict.fromkeys(("logits", "logit", "scores"), "Z")
"""Names of what only the last layer has, which bear no number."""
INPUTS = ("x", "inputs", "input", "features", "x_batch", "xb", "x_train")
TARGETS = ("y", "t", "target", "targets", "label", "labels", "y_true", "ytrue", "y_batch", "yb", "y_train", "truth")
LOSSES = ("loss", "cost", "l", "j", "e", "loss_value", "total_loss", "mean_loss", "error", "objective")
WHOLE = dict.fromkeys(INPUTS, "X") | dict.fromkeys(TARGETS, "Y") | dict.fromkeys(LOSSES, "loss")
MOMENTS = {"m": "m", "v": "v", "s": "s", "velocity": "v", "exp_avg": "m", "exp_avg_sq": "v", "cache": "s"}
"""What an optimizer remembers, by the letters of our rules."""
HIDDEN = ("h", "hid", "hidden", "i", "in", "ih")
LAST = ("o", "out", "output", "y", "ho", "last")
GRADIENT_OF = re.compile(
    r"(?:d(?:l|j|c|e|loss|cost)_?/?_?d_?|∂[ℒlj]?/?∂|(?:grad|gradient|grads|gradients|nabla)[_./]?(?:of_)?|d_?|g_)(?P<of>.+)",
)
GRADIENT_AFTER = re.compile(r"(?P<of>.+?)[_./]?(?:grad|gradient|grads)")
AFTER = re.compile(
    r"(?:(?:new|next|updated|after|upd)[_./]?(?P<of>.+)|"
    r"(?P<before>.+?)[_./]?(?:new|next|updated|after|upd|post_update|'|_plus))"
)
EARLIER = re.compile(
    r"(?:(?:prev|previous|old|earlier|before|last_step)[_./]?(?P<of>.+)|(?P<before>.+?)[_./](?:prev|previous|old|earlier|before))"
)
LABELLED = re.compile(r"(?P<base>.*?[^\W\d_])[_.\[(]*(?P<label>\d+)[\])]*")
MODULE = re.compile(r"(?P<module>.+)[._/](?P<base>[a-z_]+?)(?::0)?")
NUMBER_OF_MODULE = re.compile(r"\d+")
MODULE_SYMBOLS = {"weight": "W", "bias": "b", "w": "W", "b": "b", "weights": "W", "biases": "b", "kernel": "W"}
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "01234567890123456789", "⁽⁾^{}$\\ ")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one name says: the symbol, the label of the layer as it is written (None without), and the marks."""

    symbol: str
    label: str | None = None
    gradient: bool = False
    after: bool = False
    earlier: bool = False

    @property
    def full_symbol(self) -> str:
        """The symbol with its marks: `dW`, `W_new`, `dW_previous`."""
        symbol = "dZ" if self.symbol == "delta" else f"d{self.symbol}" if self.gradient else self.symbol
        return f"{symbol}{'_new' * self.after}{'_previous' * self.earlier}"


def meaning_of(name: str) -> Meaning | None:
    """What a name says by itself; None where nothing is known of it."""
    text = name.strip().translate(SUPERSCRIPTS).lower()
    found = plain(text) or gradient(text) or changed(text) or moment(text) or of_module(text)
    # What stands in a mapping with a name of its own, `cache.A1`, `grads.dW1`.
    _, dot, inner = text.rpartition(".")
    return meaning_of(inner) if found is None and dot else found


def plain(text: str) -> Meaning | None:
    """A quantity without marks."""
    if text in WHOLE:
        return Meaning(WHOLE[text])
    if text in OF_LAST:
        return Meaning(OF_LAST[text], "last")
    if text in ("h", "hidden"):
        return Meaning("A", "hidden")
    found = LABELLED.fullmatch(text)
    if found and (symbol := symbol_of(found["base"])):
        return Meaning(symbol, found["label"])
    found = re.fullmatch(rf"(?P<base>[a-z_]+?)_?(?P<label>{'|'.join(sorted({*HIDDEN, *LAST}, key=len))})", text)
    if found and (symbol := symbol_of(found["base"])) in ("W", "b", "Z", "A"):
        return Meaning(symbol or "", "hidden" if found["label"] in HIDDEN else "last")
    symbol = symbol_of(text)
    return Meaning(symbol) if symbol else None


def of_module(text: str) -> Meaning | None:
    """A parameter under the name of its module, as PyTorch has it: `fc1.weight`, `layers.0.bias`."""
    found = MODULE.fullmatch(text)
    if found and found["base"] in MODULE_SYMBOLS:
        # The dot tells a module's number from a layer's: modules without weights have numbers too.
        return Meaning(MODULE_SYMBOLS[found["base"]], f"{found['module']}.")
    return None


def symbol_of(base: str) -> str | None:
    return next((symbol for symbol, names in SYMBOLS.items() if base in names), None)


def gradient(text: str) -> Meaning | None:
    """A gradient: the mark before or behind."""
    for pattern in (GRADIENT_AFTER, GRADIENT_OF):
        found = pattern.fullmatch(text)
        inner = found and (plain(found["of"]) or changed(found["of"]) or of_module(found["of"]))
        if inner and inner.symbol not in ("loss", "mask", "delta") and not inner.gradient:
            symbol = "A" if inner.symbol == "Y" else inner.symbol
            label = "last" if inner.symbol == "Y" else inner.label
            return Meaning(symbol, label, gradient=True, earlier=inner.earlier)
    return None


def changed(text: str) -> Meaning | None:
    """A value after the update, or a gradient of the step before."""
    for pattern, after in ((AFTER, True), (EARLIER, False)):
        found = pattern.fullmatch(text)
        if not found:
            continue
        inside = found["of"] or found["before"]
        inner = plain(inside) or gradient(inside) or of_module(inside)
        if inner and inner.symbol in ("W", "b", "gamma", "beta") and inner.gradient == (not after):
            return Meaning(inner.symbol, inner.label, inner.gradient, after=after, earlier=not after)
    return None


def moment(text: str) -> Meaning | None:
    """What the optimizer remembers of a parameter: `m_W1`, `v_W1`, `velocity_b2`."""
    found = re.fullmatch(rf"(?P<moment>{'|'.join(MOMENTS)})_?d?(?P<of>(?:w|b|weight|bias|gamma|beta)_?\d+)", text)
    inner = plain(found["of"]) if found else None
    return Meaning(f"{MOMENTS[found['moment']]}_{inner.symbol}", inner.label) if found and inner else None


def understood(names: Iterable[str], given: int = 0) -> tuple[dict[str, Key], list[str]]:
    """The quantity that each name holds, and the names of which nothing is known.

    `given`: how many layers there are where no weights are named.
    Where two names would hold the same, the one that is written as the quantity's own symbol stands, or the first.
    """
    names = list(names)
    meanings = {name: meaning_of(name) for name in names}
    both = {meaning.symbol for meaning in meanings.values() if meaning}
    if "Y" in both and sum(1 for m in meanings.values() if m and m.symbol == "Y" and not m.gradient) > 1:
        meanings = output_beside_targets(meanings)
    layers = layers_of(meanings.values()) or {str(number): number for number in range(1, given + 1)}
    found: dict[str, Key] = {}
    unknown: list[str] = []
    taken: dict[Key, str] = {}
    for name, meaning in meanings.items():
        key = key_of(meaning, layers) if meaning else None
        if key is None:
            unknown.append(name)
        elif key not in taken or name == written(key):
            if key in taken:
                unknown.append(taken[key])
                del found[taken[key]]
            taken[key] = name
            found[name] = key
        else:
            unknown.append(name)
    return found, unknown


def output_beside_targets(meanings: dict[str, Meaning | None]) -> dict[str, Meaning | None]:
    """`y` beside `t` or `targets` is what the network answers."""
    targets = [name for name, m in meanings.items() if m and m.symbol == "Y" and not m.gradient]
    others = [name for name in targets if name.strip().lower() != "y"]
    if len(others) == len(targets):
        return meanings
    return {
        name: Meaning("A", "last") if name in targets and name not in others else meaning
        for name, meaning in meanings.items()
    }


def layers_of(meanings: Iterable[Meaning | None]) -> dict[str | None, int]:
    """The layer, from 1, of each label that a weight has: numbers as they are, or from 0; those of modules in their
    order, other names as they come.
    """
    labels: list[str | None] = []
    for meaning in meanings:
        if meaning and meaning.full_symbol == "W" and meaning.label not in labels:
            labels.append(meaning.label)
    if labels and all(label and label.isdecimal() for label in labels):
        numbers = sorted(int(label or "") for label in labels)
        return {str(number): number + (numbers[0] == 0) for number in numbers}
    if all(label and NUMBER_OF_MODULE.search(label) for label in labels):
        labels.sort(key=lambda label: [int(number) for number in NUMBER_OF_MODULE.findall(label or "")])
    else:
        labels.sort(key=lambda label: is_one_of(label, LAST) - is_one_of(label, HIDDEN))
    return {label: place for place, label in enumerate(labels, 1)}


def is_one_of(label: str | None, names: tuple[str, ...]) -> bool:
    return label is not None and label.removesuffix(".") in names


def key_of(meaning: Meaning, layers: dict[str | None, int]) -> Key | None:
    """The quantity; None where no weight bears the label."""
    symbol = meaning.full_symbol
    if symbol in ("X", "Y", "loss"):
        return symbol, None
    last = max(layers.values(), default=0)
    if meaning.label in layers:
        return symbol, layers[meaning.label]
    if meaning.label == "last" or (meaning.label is None and last == 1):
        return symbol, last
    label = meaning.label or ""
    if label.isdecimal() and 1 <= int(label) <= last and not any((own or "").isdecimal() for own in layers):
        return symbol, int(label)
    if meaning.label == "hidden" and last <= 2:
        return symbol, 1
    if symbol == "A" and meaning.label == "0" and "0" not in layers:
        return "X", None
    return None


def written(key: Key) -> str:
    """A quantity as the contract writes it: `W1`, `dA2`, `loss`, `b1_new`."""
    symbol, layer = key
    if layer is None:
        return symbol
    for mark in ("_new", "_previous"):
        if symbol.endswith(mark):
            return f"{symbol.removesuffix(mark)}{layer}{mark}"
    return f"{symbol}{layer}"
