"""The update of a step as lines of PyTorch: its optimizer with what that remembers, and what is done to gradients."""

from collections.abc import Callable, Iterator, Sequence

from backprop_tui.core.preset.tables import OptimizerPreset

MOMENTS = {
    "momentum": {"v": "momentum_buffer"},
    "nesterov": {"v": "momentum_buffer"},
    "rmsprop": {"s": "square_avg"},
    "adagrad": {"s": "sum"},
    "adam": {"m": "exp_avg", "v": "exp_avg_sq"},
    "adamw": {"m": "exp_avg", "v": "exp_avg_sq"},
}
"""What PyTorch calls what an optimizer remembers."""
COUNTING = ("rmsprop", "adagrad", "adam", "adamw")
"""Those that remember how many steps they have done."""


def foreign(settings: OptimizerPreset) -> str:
    """Why PyTorch has no such optimizer; empty where it has."""
    kind = settings.kind
    if settings.epsilon_inside_sqrt and kind in COUNTING:
        return f"PyTorch's {kind} has epsilon beside the root, not inside"
    if not settings.bias_correction and kind in ("adam", "adamw"):
        return f"PyTorch's {kind} always corrects its moments for their start at 0"
    if settings.ema and kind == "nesterov" and settings.momentum:
        return "PyTorch's nesterov momentum is no moving average"
    return ""


def optimizer_line(settings: OptimizerPreset, rate: float) -> str:
    """The optimizer of PyTorch that does the same, at the learning rate of the step."""
    kind, decay = settings.kind, f", weight_decay={settings.weight_decay!r}" if settings.weight_decay else ""
    epsilon = f", eps={settings.epsilon!r}"
    betas = f", betas=({settings.beta1!r}, {settings.beta2!r})"
    if kind in ("momentum", "nesterov"):
        dampening = f", dampening={settings.momentum!r}" if settings.ema else ""
        # Without momentum PyTorch has no nesterov, and both are plain gradient descent.
        ahead = ", nesterov=True" if kind == "nesterov" and settings.momentum else ""
        return f"torch.optim.SGD(trained, lr={rate!r}, momentum={settings.momentum!r}{dampening}{ahead}{decay})"
    return {
        "sgd": f"torch.optim.SGD(trained, lr={rate!r}{decay})",
        "rmsprop": f"torch.optim.RMSprop(trained, lr={rate!r}, alpha={settings.beta!r}{epsilon}{decay})",
        "adagrad": f"torch.optim.Adagrad(trained, lr={rate!r}{epsilon}{decay})",
        "adam": f"torch.optim.Adam(trained, lr={rate!r}{betas}{epsilon}{decay})",
        # Its own default is 0.01.
        "adamw": f"torch.optim.AdamW(trained, lr={rate!r}{betas}{epsilon}, weight_decay={settings.weight_decay!r})",
    }[kind]


def remembered_lines(
    settings: OptimizerPreset, names: Sequence[str], done: int, tensor: Callable[[str], str]
) -> Iterator[str]:
    """What the optimizer has of each of its parameters from the `done` steps before; `tensor` writes an array."""
    for name in names:
        parts = [f'"step": torch.tensor({float(done)!r})'] if settings.kind in COUNTING else []
        moments = MOMENTS.get(settings.kind, {})
        parts += [f'"{theirs}": {tensor(f"{ours}_{name}")}' for ours, theirs in moments.items()]
        if parts:
            yield f"optimizer.state[{name}] = {{{', '.join(parts)}}}"


def applied_lines(settings: OptimizerPreset, weights: Sequence[str]) -> Iterator[str]:
    """Penalties and clipping, in the order in which this program does them; none where there are none."""
    if settings.l1 or settings.l2:
        terms = [f"{settings.l1!r} * torch.sign(W)"] if settings.l1 else []
        terms += [f"{settings.l2!r} * W"] if settings.l2 else []
        yield "with torch.no_grad():"
        yield f"    for W in [{', '.join(weights)}]:"
        yield f"        W.grad += {' + '.join(terms)}"
    if settings.clip_value is not None:
        yield f"torch.nn.utils.clip_grad_value_(trained, {settings.clip_value!r})"
    if settings.clip_norm is not None:
        # clip_grad_norm_ adds 1e-6 to the norm, which shows in the seventh digit.
        yield "norm = torch.sqrt(sum((parameter.grad**2).sum() for parameter in trained))"
        yield f"if norm > {settings.clip_norm!r}:"
        yield "    for parameter in trained:"
        yield f"        parameter.grad *= {settings.clip_norm!r} / norm"
