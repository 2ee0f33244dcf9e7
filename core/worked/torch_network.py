"""The network of a step as lines of PyTorch: forward, by the names of this program, and its loss. Examples are rows."""

from collections.abc import Iterator

from backprop_tui.core.ops.layer import Layer

F = "F."
"""What lines begin their calls with that need torch.nn.functional."""
ACTIVATIONS = {
    "identity": "{z}",
    "sigmoid": "torch.sigmoid({z})",
    "tanh": "torch.tanh({z})",
    "relu": "torch.relu({z})",
    "leaky_relu": "F.leaky_relu({z}, {slope!r})",
    "elu": "F.elu({z})",
    "gelu": "F.gelu({z})",
    "gelu_tanh": 'F.gelu({z}, approximate="tanh")',
    "silu": "F.silu({z})",
    "softplus": "F.softplus({z})",
    "softmax": "torch.softmax({z}, dim=1)",
}
LOSSES = {
    "mean_squared_error": "F.mse_loss({a}, Y)",
    "half_squared_error": "(({a} - Y) ** 2).sum() / 2 / len(X)",
    "cross_entropy": "F.cross_entropy({z}, Y)  # softmax is part of it",
    "binary_cross_entropy": "F.binary_cross_entropy_with_logits({z}, Y)  # the sigmoid is part of it",
}
VARIANCE_FLOOR = "1e-5"
"""ε of batch norm."""


def forward_lines(layers: tuple[Layer, ...], loss: str) -> Iterator[str]:
    """The lines from X to `loss`, one or two a quantity."""
    below = "X"
    for layer in layers:
        number = layer.number
        z = f"Z{number}"
        yield f"{z} = {below} @ W{number}.T" + (f" + b{number}" if layer.has_bias else "")
        if layer.batch_norm:
            yield f"mean{number}, variance{number} = {z}.mean(0), {z}.var(0, unbiased=False)"
            norm = f"({z} - mean{number}) / torch.sqrt(variance{number} + {VARIANCE_FLOOR})"
            z = f"N{number}"
            yield f"{z} = gamma{number} * {norm} + beta{number}"
        a = ACTIVATIONS[layer.activation].format(z=z, slope=layer.slope)
        if layer.dropout:
            a = f"mask{number} * {a}"
        if layer.residual:
            a = f"{below} + {a}"
        yield f"A{number} = {a}"
        below = f"A{number}"
    yield f"loss = {LOSSES[loss].format(a=below, z=z)}"
