"""Which optimizer of ours one of PyTorch's is: its settings as a preset has them, and the names of its moments."""

from typing import Any

MOMENTS = {
    "exp_avg": "m",
    "exp_avg_sq": "v",
    "momentum_buffer": "v",
    "square_avg": "s",
    "sum": "s",
}
"""What PyTorch's optimizers remember, by the letters of ours."""
KINDS = {"SGD": "sgd", "RMSprop": "rmsprop", "Adagrad": "adagrad", "Adam": "adam", "AdamW": "adamw"}
NOT_OURS = {
    "maximize": False,
    "amsgrad": False,
    "centered": False,
    "dampening": 0,
    "lr_decay": 0,
    "initial_accumulator_value": 0,
}
"""Settings that ours have not, with the value at which they do nothing."""
UNUSED = ("params", "foreach", "fused", "capturable", "differentiable", "param_names")


def settings(optimizer: Any) -> dict[str, Any]:
    """The settings of its first group."""
    group = optimizer.param_groups[0]
    found = {name: number(value) for name, value in group.items() if name not in UNUSED}
    return {name: value for name, value in found.items() if isinstance(value, bool | int | float | str | list)}


def number(value: Any) -> Any:
    """A setting as JSON has it: tensors of one number, and pairs."""
    if isinstance(value, tuple | list):
        return [number(item) for item in value]
    return float(value) if hasattr(value, "item") else value


def rates(optimizer: Any) -> list[float]:
    """The learning rate of each group, as it is now."""
    return [float(group["lr"]) for group in optimizer.param_groups if "lr" in group]


def preset_table(optimizer: Any) -> tuple[dict[str, Any] | None, str]:
    """The `[optimizer]` table that does the same, or None and why there is none."""
    kind = type(optimizer).__name__
    if kind not in KINDS:
        return None, f"the optimizer {kind} is none of {', '.join(KINDS)}"
    groups = [
        {name: number(value) for name, value in group.items() if name not in (*UNUSED, "initial_lr")}
        for group in optimizer.param_groups
    ]
    if any(group != groups[0] for group in groups):
        return None, f"the optimizer {kind} has groups of parameters with different settings"
    found = groups[0]
    for name, nothing in NOT_OURS.items():
        if found.get(name, nothing) != nothing:
            return None, f"the optimizer {kind} has {name}={found[name]}"
    if kind == "RMSprop" and found.get("momentum"):
        return None, f"the optimizer {kind} has momentum={found['momentum']:g}"
    return table(kind, found)


def table(kind: str, found: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    """The table of settings that ours have too."""
    if not found["lr"] > 0:
        return None, f"the optimizer {kind} has lr={found['lr']:g}"
    result = {"kind": KINDS[kind], "learning_rate": found["lr"], "weight_decay": float(found.get("weight_decay", 0))}
    if kind == "SGD" and found.get("momentum"):
        result |= {"kind": "nesterov" if found.get("nesterov") else "momentum", "momentum": float(found["momentum"])}
    if kind == "RMSprop":
        result["beta"] = float(found["alpha"])
    if "betas" in found:
        result["beta1"], result["beta2"] = (float(beta) for beta in found["betas"])
    if "eps" in found:
        result["epsilon"] = float(found["eps"])
    # Adam with its decay apart is AdamW, by whichever name.
    if found.get("decoupled_weight_decay") and kind == "Adam":
        result["kind"] = "adamw"
    return result, ""


def moments(optimizer: Any, parameter: Any) -> dict[str, Any]:
    """What it remembers of a parameter, by our letters: tensors of the parameter's shape."""
    state = optimizer.state.get(parameter, {})
    return {
        letter: state[name]
        for name, letter in MOMENTS.items()
        if hasattr(state.get(name), "shape") and state[name].shape == parameter.shape
    }


def steps_done(optimizer: Any, parameter: Any) -> int | None:
    """How many updates of a parameter it has counted; None where it does not count."""
    count = optimizer.state.get(parameter, {}).get("step")
    return None if count is None else int(count)


def has_begun(optimizer: Any, parameter: Any) -> bool:
    """Whether it remembers anything of a parameter; some begin with zeros."""
    done = steps_done(optimizer, parameter)
    return bool(done) or (done is None and bool(moments(optimizer, parameter)))
