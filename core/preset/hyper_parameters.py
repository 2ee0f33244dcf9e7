"""Every hyper-parameter of a preset, as a list for a screen: its key, its value, what it may be, whether it is used.

The keys are the dotted paths of `--set`; all layers of a repeated table have one line.
"""

import math
from collections.abc import Iterator
from typing import Any, Literal

from backprop_tui.core.value_class import dataclass

from .data_table import GENERATED_SETS
from .tables import ACTIVATIONS, INITIALIZERS, LOSSES, OPTIMIZERS, SCALED_INITIALIZERS, SCHEDULES, Preset

Form = Literal["choice", "flag", "rate", "share", "count", "free"]
"""How a value is changed: from a list, on and off, in a list of numbers or the 1-2-5 series, so the distance to 1, by
ones; or typed."""

USED: dict[str, tuple[str, ...]] = {
    "sgd": (),
    "momentum": ("momentum", "ema"),
    "nesterov": ("momentum", "ema"),
    "rmsprop": ("beta", "epsilon", "epsilon_inside_sqrt"),
    "adagrad": ("epsilon", "epsilon_inside_sqrt"),
    "adam": ("beta1", "beta2", "epsilon", "bias_correction", "epsilon_inside_sqrt"),
    "adamw": ("beta1", "beta2", "epsilon", "bias_correction", "epsilon_inside_sqrt"),
}
"""The keys that belong to some optimizers alone, by the kind that uses them."""
OPTIMIZER_FORMS: dict[str, Form] = {
    "momentum": "share",
    "beta": "share",
    "beta1": "share",
    "beta2": "share",
    "epsilon": "rate",
    "ema": "flag",
    "bias_correction": "flag",
    "epsilon_inside_sqrt": "flag",
}
SCHEDULE_KINDS: dict[str, tuple[str, ...]] = {
    "step_size": ("step",),
    "gamma": ("step", "exponential"),
    "t_max": ("cosine",),
    "eta_min": ("cosine",),
}
"""The keys that belong to some schedules alone, with the kinds that use them."""
SCHEDULE_FORMS: dict[str, Form] = {
    "step_size": "count",
    "gamma": "rate",
    "t_max": "count",
    "eta_min": "rate",
    "warm_up": "count",
    "start_factor": "rate",
}
PENALTIES: dict[str, Form] = {
    "l1": "rate",
    "l2": "rate",
    "weight_decay": "rate",
    "clip_value": "rate",
    "clip_norm": "rate",
    "train_biases": "flag",
}
LAYER_FORMS: dict[str, Form] = {
    "activation": "choice",
    "slope": "rate",
    "dropout": "rate",
    "batch_norm": "flag",
    "residual": "flag",
    "units": "count",
    "bias": "flag",
    "init": "choice",
    "init_scale": "rate",
}
TRAINING_FORMS: dict[str, Form] = {
    "batch_size": "count",
    "shuffle": "flag",
    "drop_last": "flag",
    "dtype": "choice",
}
DATA_FORMS: dict[str, Form] = {
    "kind": "choice",
    "samples": "count",
    "noise": "rate",
    "train_ratio": "rate",
    "features": "free",
    "normalize": "flag",
    "normalize_targets": "flag",
}
CHOICES: dict[str, tuple[str, ...]] = {
    "optimizer.kind": OPTIMIZERS,
    "optimizer.schedule.kind": SCHEDULES,
    "loss.kind": LOSSES,
    "activation": ACTIVATIONS,
    "init": INITIALIZERS,
    "training.dtype": ("float64", "float32"),
    "data.kind": (*GENERATED_SETS, "digits"),
}
SMALLEST = 1e-12
"""What + makes of a rate of 0, or of none, where nothing else is said; below it comes 0."""
FIRST = {
    **dict.fromkeys(("weight_decay", "eta_min"), 1e-4),
    **dict.fromkeys(("clip_norm", "clip_value"), 0.001),
    "dropout": 0.1,
    "init_scale": 0.01,
}
"""What + makes of a 0, or of none; and the smallest value above 0 that − leads to."""
SERIES = (1.0, 2.0, 5.0)
PENALTY_RATES = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
LISTS: dict[str, tuple[float, ...]] = {
    "optimizer.learning_rate": (0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
    "optimizer.l1": PENALTY_RATES,
    "optimizer.l2": PENALTY_RATES,
    "data.noise": tuple(n / 20 for n in range(11)),
    "data.train_ratio": tuple(n / 10 for n in range(1, 10)),
}
"""The numbers of TensorFlow Playground's controls; where they end the 1-2-5 series goes on, but for shares."""
SHARES = ("data.noise", "data.train_ratio")


@dataclass(frozen=True, slots=True)
class HyperParameter:
    """One setting. `path` is its dotted path, `name` the last part; `value` None means not given.

    `unused` says why it plays no part at present, empty where it does; `from_start` that a change of it always takes a
    new run; `choices` are those of a choice.
    """

    path: str
    group: str
    value: Any
    form: Form
    unused: str = ""
    from_start: bool = False
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    def text(self) -> str:
        """The value as it is typed; `none` where there is none."""
        match self.value:
            case None:
                return "none"
            case bool():
                return "true" if self.value else "false"
            case float():
                return f"{self.value:.10g}"
            case list() | tuple():
                return "[" + ", ".join(f'"{item}"' if isinstance(item, str) else str(item) for item in self.value) + "]"
        return str(self.value)


def hyper_parameters(preset: Preset) -> list[HyperParameter]:
    """All of them: what matters while training first, what takes a new run last."""
    return [
        *optimizer_parameters(preset),
        *schedule_parameters(preset),
        *layer_parameters(preset),
        *training_parameters(preset),
        *data_parameters(preset),
        HyperParameter("seed", "Chance", preset.seed, "count", from_start=True),
    ]


def optimizer_parameters(preset: Preset) -> Iterator[HyperParameter]:
    """Those that the chosen kind uses, the other kinds' under them; then penalties and clipping, and the loss."""
    optimizer, group = preset.optimizer, "Optimizer"
    yield HyperParameter("optimizer.kind", group, optimizer.kind, "choice", choices=OPTIMIZERS)
    yield HyperParameter("optimizer.learning_rate", group, optimizer.learning_rate, "rate")
    used = USED[optimizer.kind]
    for key in (*used, *(key for key in OPTIMIZER_FORMS if key not in used)):
        unused = "" if key in used else f"not used by {optimizer.kind}"
        yield HyperParameter(f"optimizer.{key}", group, getattr(optimizer, key), OPTIMIZER_FORMS[key], unused)
    for key, form in PENALTIES.items():
        yield HyperParameter(f"optimizer.{key}", "Penalties and clipping", getattr(optimizer, key), form)


def schedule_parameters(preset: Preset) -> Iterator[HyperParameter]:
    """Those of the learning rate's schedule, and the loss."""
    schedule, group = preset.optimizer.schedule, "Schedule of the learning rate"
    yield HyperParameter("optimizer.schedule.kind", group, schedule.kind, "choice", choices=SCHEDULES)
    for key, form in SCHEDULE_FORMS.items():
        unused = "" if schedule.kind in SCHEDULE_KINDS.get(key, SCHEDULES) else f"not used by {schedule.kind}"
        if key == "start_factor" and not schedule.warm_up:
            unused = "not used without a warm-up"
        yield HyperParameter(f"optimizer.schedule.{key}", group, getattr(schedule, key), form, unused)
    yield HyperParameter("loss.kind", "Loss", preset.loss.kind, "choice", choices=LOSSES)


def layer_parameters(preset: Preset) -> Iterator[HyperParameter]:
    """Those of every table of layers."""
    given = preset.training.start is not None and preset.training.start_missing == "refuse"
    for index, table in enumerate(preset.table["layers"]):
        numbers = [number for number, layer in enumerate(preset.layers, 1) if layer.table_index == index]
        layer, last = preset.layers[numbers[0] - 1], numbers[-1] == len(preset.layers)
        which = f"Layer {numbers[0]}" if len(numbers) == 1 else f"Layers {numbers[0]} to {numbers[-1]}"
        place, group = f"layers.{index}", f"{which} of {len(preset.layers)}"
        for key, form in LAYER_FORMS.items():
            unused = ""
            if key == "slope" and layer.activation != "leaky_relu":
                unused = f"not used by {layer.activation}"
            elif key in ("init", "init_scale") and (layer.weights is not None or given):
                unused = "the start weights are given"
            elif key == "init_scale" and layer.init not in SCALED_INITIALIZERS:
                unused = f"not used by {layer.init}"
            choices = CHOICES.get(key, ())
            if key == "activation" and not (last and layer.repeat == 1 and layer.units > 1):
                choices = tuple(choice for choice in choices if choice != "softmax")
            # A copy without room for the sum has none: what the file says, not what the first copy got.
            value = table.get("residual", False) if key == "residual" else getattr(layer, key)
            from_start = key not in ("activation", "slope", "dropout")
            yield HyperParameter(f"{place}.{key}", group, value, form, unused, from_start, choices)
        repeat = table.get("repeat", 1)
        yield HyperParameter(f"{place}.repeat", group, repeat, "count", from_start=True)


def training_parameters(preset: Preset) -> Iterator[HyperParameter]:
    for key, form in TRAINING_FORMS.items():
        choices = CHOICES.get(f"training.{key}", ())
        value = getattr(preset.training, key)
        yield HyperParameter(f"training.{key}", "Training", value, form, "", key != "shuffle", choices)


def data_parameters(preset: Preset) -> Iterator[HyperParameter]:
    data = preset.data
    for key, form in DATA_FORMS.items():
        generated = data.kind in GENERATED_SETS
        always = key in ("kind", "normalize", "normalize_targets")
        wanted = generated or always or (key == "train_ratio" and data.kind != "digits")
        unused = "" if wanted else f"not used by {data.kind}"
        value = list(data.features) if key == "features" else getattr(data, key)
        if key == "train_ratio" and value is None:
            value = 1.0 if data.kind == "inline" else 0.5 if generated else 0.8
        choices = CHOICES.get(f"data.{key}", ())
        yield HyperParameter(f"data.{key}", "Data", value, form, unused, True, choices)


# The next value up and down


def stepped(parameter: HyperParameter, direction: int) -> Any:
    """The next value up (1) or down (−1); the same where there is none."""
    value = parameter.value
    match parameter.form:
        case "choice":
            choices = parameter.choices
            place = choices.index(value) if value in choices else -direction
            return choices[(place + direction) % len(choices)]
        case "flag":
            return not value
        case "count":
            return stepped_count(parameter.name, value, direction)
        case "share":
            # Of momentum it is the distance to 1 that counts: 0.9, 0.95, 0.98, 0.99.
            return round(1 - in_series(1 - value, -direction), 12) if value or direction > 0 else value
        case "rate" if parameter.path in LISTS:
            return stepped_in_list(parameter.path, value, direction)
        case "rate":
            return stepped_rate(parameter.name, value, direction)
    return value


def stepped_in_list(path: str, value: float, direction: int) -> float:
    """The next number of the list of `path`, or beyond its ends."""
    ahead = [n for n in LISTS[path] if (n - value) * direction > 1e-9 * abs(value)]
    if ahead:
        return min(ahead, key=lambda n: abs(n - value))
    return value if path in SHARES or not value else in_series(value, direction)


def stepped_rate(name: str, value: float | None, direction: int) -> float | None:
    first = FIRST.get(name, SMALLEST)
    if not value:
        return first if direction > 0 else value
    if value < 0:
        return -in_series(-value, -direction)
    found = in_series(value, direction)
    if name == "dropout" and found >= 1:
        return value
    if found < first * (1 - 1e-9) and name in FIRST:
        return None if name.startswith("clip") else 0.0
    return found


def stepped_count(name: str, value: int, direction: int) -> int:
    """Sizes of sets and batches and numbers of steps double and halve, others go by ones."""
    least = 0 if name in ("batch_size", "seed", "warm_up") else 1
    if name in ("batch_size", "samples", "step_size", "t_max", "warm_up"):
        return max(value * 2, 1) if direction > 0 else value // 2 or least
    return max(value + direction, least)


def in_series(value: float, direction: int) -> float:
    """The next number of 1, 2, 5, 10, 20 … above (1) or below (−1) `value`, which is above 0."""
    decade = math.floor(math.log10(value))
    numbers = [float(f"{factor:g}e{power}") for power in range(decade - 1, decade + 3) for factor in SERIES]
    if direction > 0:
        return next(number for number in numbers if number > value * (1 + 1e-9))
    return next(number for number in reversed(numbers) if number < value * (1 - 1e-9))


# Two presets


def differences(table: Any, other: Any, path: str = "") -> list[tuple[str, Any]]:
    """What is otherwise in `other`, by dotted path, None for what it has not."""
    if isinstance(table, dict) and isinstance(other, dict):
        pairs = [(key, table.get(key), other.get(key)) for key in {**table, **other}]
    elif isinstance(table, list) and isinstance(other, list) and len(table) == len(other):
        pairs = [(str(place), one, two) for place, (one, two) in enumerate(zip(table, other, strict=True))]
    else:
        return [] if table == other else [(path, other)]
    return [found for key, one, two in pairs for found in differences(one, two, f"{path}.{key}" if path else key)]
