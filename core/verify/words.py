"""What activations, losses and optimizers are called elsewhere."""

import re
from typing import Any

from backprop_tui.core.preset.schema import PresetError, described, suggestion
from backprop_tui.core.preset.tables import ACTIVATIONS, LOSSES, OPTIMIZERS

ACTIVATION_WORDS = {
    "linear": "identity",
    "none": "identity",
    "id": "identity",
    "logistic": "sigmoid",
    "σ": "sigmoid",
    "sigm": "sigmoid",
    "leakyrelu": "leaky_relu",
    "lrelu": "leaky_relu",
    "swish": "silu",
    "rectifier": "relu",
    "hyperbolic_tangent": "tanh",
}
LOSS_WORDS = {
    "mse": "mean_squared_error",
    "mean_square_error": "mean_squared_error",
    "mseloss": "mean_squared_error",
    "l2": "mean_squared_error",
    "half_mse": "half_squared_error",
    "half_mean_squared_error": "half_squared_error",
    "squared_error": "half_squared_error",
    "ce": "cross_entropy",
    "crossentropy": "cross_entropy",
    "crossentropyloss": "cross_entropy",
    "categorical_cross_entropy": "cross_entropy",
    "categorical_crossentropy": "cross_entropy",
    "softmax_cross_entropy": "cross_entropy",
    "nll": "cross_entropy",
    "nll_loss": "cross_entropy",
    "bce": "binary_cross_entropy",
    "bceloss": "binary_cross_entropy",
    "binary_crossentropy": "binary_cross_entropy",
    "log_loss": "binary_cross_entropy",
    "logloss": "binary_cross_entropy",
    "logistic_loss": "binary_cross_entropy",
}
OPTIMIZER_WORDS = {
    "gd": "sgd",
    "gradient_descent": "sgd",
    "stochastic_gradient_descent": "sgd",
    "sgd_momentum": "momentum",
    "sgdm": "momentum",
    "nag": "nesterov",
    "nesterov_momentum": "nesterov",
}
BETWEEN = re.compile(r"[\s,;\[\]()'\"]+")


def plain(word: str) -> str:
    """A word in lower case, without the module it is from and without brackets."""
    word = word.strip().lower().removesuffix("()").rsplit(".", 1)[-1]
    return re.sub(r"[\s-]+", "_", word)


def known(word: Any, words: tuple[str, ...], others: dict[str, str], what: str, source: str) -> str:
    """A word as this program says it; raises PresetError for one that is not known."""
    text = plain(str(word))
    found = text if text in words else others.get(text)
    if found is None:
        near = suggestion(text, words)
        raise PresetError(f"{source}: {what}: expected one of {', '.join(words)}, found {described(str(word))}{near}")
    return found


def activations(words: Any, layers: int, source: str) -> list[str]:
    """One activation a layer, from a list or from words between commas or spaces."""
    listed = [part for part in BETWEEN.split(words) if part] if isinstance(words, str) else list(words)
    if len(listed) != layers:
        raise PresetError(f"{source}: activations: expected {layers} word(s), one a layer, found {len(listed)}")
    return [known(word, ACTIVATIONS, ACTIVATION_WORDS, "activations", source) for word in listed]


def loss(word: Any, source: str) -> str:
    return known(word, LOSSES, LOSS_WORDS, "loss_kind", source)


def optimizer(word: Any, source: str) -> str:
    return known(word, OPTIMIZERS, OPTIMIZER_WORDS, "optimizer", source)
