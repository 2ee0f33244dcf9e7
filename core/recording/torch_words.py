"""Remedies as one writes them in PyTorch."""

import re

from .weight_layers import WeightLayer

NORMS = {"Linear": "BatchNorm1d", "Conv1d": "BatchNorm1d", "Conv2d": "BatchNorm2d", "Conv3d": "BatchNorm3d"}
GAINS = {"tanh": "tanh", "sigmoid": "sigmoid"}


def path(name: str) -> str:
    """`net.0.weight` as Python says it: `model.net[0].weight`."""
    return (
        "model." + re.sub(r"\.?\b(\d+)\b", r"[\1]", name)
        if not name[0].isdigit()
        else "model" + re.sub(r"\.?\b(\d+)\b", r"[\1]", name)
    )


def start(layer: WeightLayer, activation: str) -> str:
    """A start that suits a layer with this activation behind it."""
    weight = path(layer.weights[0])
    if activation in ("relu", "leaky_relu"):
        return f'nn.init.kaiming_normal_({weight}, nonlinearity="{activation}")'
    if activation in GAINS:
        return f'nn.init.xavier_uniform_({weight}, gain=nn.init.calculate_gain("{activation}"))'
    return f"nn.init.xavier_uniform_({weight})"


def rate(value: float, now: float) -> str:
    return f"lr={value:g} instead of lr={now:g}"


def relu() -> str:
    return (
        "nn.ReLU() in place of the activations that are flat, and nn.init.kaiming_normal_ for the weights before them"
    )


def leaky() -> str:
    return "nn.LeakyReLU() in place of nn.ReLU(): below 0 it has a slope too"


def bias(layer: WeightLayer) -> str:
    return f"nn.init.zeros_({path(layer.bias or 'bias')}): biases that hold no unit below 0"


def norm(layer: WeightLayer) -> str | None:
    """Normalization behind a layer; None where there is none for its kind."""
    kind = NORMS.get(layer.module.kind)
    return None if kind is None else f"nn.{kind}({layer.units}) right behind {layer.text}"


def clipping() -> str:
    return "torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0) between backward() and step()"


def inputs() -> str:
    return "normalised inputs: X = (X - X.mean(0)) / X.std(0), with mean and deviation of the training set"


def targets() -> str:
    return "normalised targets: y = (y - y.mean()) / y.std(), with mean and deviation of the training set"


def momentum() -> str:
    return "momentum=0.9 in torch.optim.SGD"


def adam() -> str:
    return "torch.optim.Adam(model.parameters(), lr=0.001)"


def checked_data() -> str:
    return "only rows whose numbers are finite: rows = torch.isfinite(X).all(dim=1); X, y = X[rows], y[rows]"


def checked_numbers() -> str:
    return "torch.autograd.set_detect_anomaly(True) for a few steps, which names the op that gave the first nan"
