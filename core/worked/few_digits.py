"""A step that can be done by hand: its batch, start parameters and settings in numbers of few significant digits."""

from collections.abc import Collection
from dataclasses import MISSING, fields
from math import isfinite
from typing import Any

import numpy as np

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.hyper_parameters import SCHEDULE_KINDS, USED
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.tables import LayerPreset, OptimizerPreset, Preset, SchedulePreset
from backprop_tui.core.training.trainer import Trainer

START_KEYS = {"W": "weights", "b": "biases", "γ": "gamma", "β": "beta"}
"""What `[[layers]]` calls the start values of parameters, by their symbols."""


def few_digits(preset: Preset, dataset: Dataset, digits: int) -> tuple[Preset, Dataset]:
    """The preset of the first step alone: its batch as inline data, every given number of at most so many digits.

    Inputs are those that the network reads, features and normalization worked out. Whatever the optimizer has kept of
    steps before is left out. Raises PresetError for a network that does not fit its data then.
    """
    table = few_digits_table(preset, dataset, digits)
    return load_preset(table, preset.source, None, preset.id)


def few_digits_table(preset: Preset, dataset: Dataset, digits: int) -> dict[str, Any]:
    """The TOML table of that preset."""
    trainer = Trainer(preset, dataset, preset.run_seed)
    inputs, targets = trainer.batch_of(1)
    targets = targets.astype(np.float64)
    told = shares(targets, digits) if preset.loss.kind == "cross_entropy" else rounded(targets, digits)
    view: dict[str, Any] = {"spotlight": preset.view.spotlight}
    if preset.view.hide:
        view["hide"] = list(preset.view.hide)
    if preset.view.example <= inputs.shape[1]:
        view |= {"example": preset.view.example}
    return {
        "title": preset.title,
        "seed": preset.run_seed,
        "data": {"kind": "inline", "inputs": rounded(inputs, digits).T.tolist(), "targets": told.T.tolist()},
        "layers": [
            layer_table(layer, built, trainer.state.parameters, digits)
            for layer, built in zip(preset.layers, trainer.layers, strict=True)
        ],
        "loss": {"kind": preset.loss.kind},
        "optimizer": optimizer_table(preset.optimizer, digits),
        "training": {"shuffle": False},
        "view": view,
    }


def layer_table(layer: LayerPreset, built: Layer, parameters: Array, digits: int) -> dict[str, Any]:
    """A layer with the parameters that it starts with."""
    table: dict[str, Any] = {"units": layer.units, "activation": layer.activation}
    if layer.activation == "leaky_relu":
        table["slope"] = short(layer.slope, digits)
    if layer.dropout:
        table["dropout"] = short_dropout(layer.dropout, digits)
    table |= {name: True for name in ("batch_norm", "residual") if getattr(layer, name)}
    if not layer.bias:
        table["bias"] = False
    for symbol, array in built.parameters(parameters).items():
        table[START_KEYS[symbol]] = rounded(array, digits).tolist()
    return table


def optimizer_table(optimizer: OptimizerPreset, digits: int) -> dict[str, Any]:
    """The optimizer, without the settings that other kinds alone use."""
    schedule = optimizer.schedule
    of_others = {name for names in USED.values() for name in names} - set(USED[optimizer.kind])
    found = settings(optimizer, digits, {*of_others, "schedule"})
    unused = {name for name, kinds in SCHEDULE_KINDS.items() if schedule.kind not in kinds}
    unused |= set() if schedule.warm_up else {"start_factor"}
    if changes := settings(schedule, digits, unused):
        found["schedule"] = changes
    return found


def settings(table: OptimizerPreset | SchedulePreset, digits: int, left_out: Collection[str]) -> dict[str, Any]:
    """A table of settings as TOML has it, but for those `left_out` and those that are as nobody has set them."""
    found: dict[str, Any] = {}
    for item in fields(table):
        value = getattr(table, item.name)
        if item.name in left_out or value is None:
            continue
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = type(value)(short(value, digits))
        if item.default is MISSING or value != item.default:
            found[item.name] = value
    return found


def short(value: float, digits: int) -> float:
    """A setting of at most so many significant digits; one below 1 stays below it."""
    found: float = rounded_number(value, digits)
    return float(f"{1 - 10.0**-digits:.{digits}f}") if value < 1 <= found else found


def short_dropout(rate: float, digits: int) -> float:
    """The rate nearest to `rate` of which 1/(1 − rate), by which the units that stay are multiplied, is short too."""
    steps = 10 ** min(digits, 4)
    rates = [count / steps for count in range(1, steps)]
    fitting = [found for found in rates if is_short(1 / (1 - found), digits)]
    nearest: float = min(fitting, key=lambda found: abs(found - rate))
    return nearest


def is_short(value: float, digits: int) -> bool:
    """Whether nine significant digits of a number, as they are printed, are so few."""
    return float(f"{value:.9g}") == rounded_number(value, digits)


def rounded_number(value: float, digits: int) -> float:
    """The number nearest to `value` of so many significant digits; never −0, and finite where `value` is."""
    found = float(f"{value:.{digits - 1}e}") + 0.0
    if isfinite(found):
        return found
    mantissa, _, power = f"{value:.16e}".partition("e")
    return float(f"{mantissa[: digits - 17]}e{power}")


def rounded(values: Array, digits: int) -> Array:
    """Every number of an array to so many significant digits."""
    flat = [rounded_number(value, digits) for value in values.ravel().tolist()]
    return np.array(flat, dtype=np.float64).reshape(values.shape)


def shares(targets: Array, digits: int) -> Array:
    """Targets (outputs, m) that sum to 1 for each example, and do so after rounding: the largest gives way."""
    units = 10**digits
    counts: Array = np.rint(targets * units)
    for column in range(counts.shape[1]):
        counts[counts[:, column].argmax(), column] += units - counts[:, column].sum()
    told: Array = counts / units
    return told
