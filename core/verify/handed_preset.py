"""A step that was handed in as a preset of its own: its data inline, its start parameters, one batch of all examples.

Step 1 of a session of it is the step that the report holds the hand-in against, number for number.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.preset.beginning import Beginning
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.tables import LayerPreset, OptimizerPreset, Preset
from backprop_tui.core.training.limits import refuse

from .reading import Reading
from .step import SYMBOLS, Values
from .submission import OPTIMIZER_SETTINGS

PARAMETERS = {"W": "weights", "b": "biases", "gamma": "gamma", "beta": "beta"}
"""Keys of a layer's table, by the symbols of what they hold."""
BYTES_OF_A_NUMBER = 60
"""Measured: what a number takes at the most while it goes from an array into a preset and its data."""
OF_A_LAYER = ("units", "activation", "slope", "bias", "batch_norm", "residual", "dropout")


def handed_preset(reading: Reading, source: str) -> tuple[Preset, Dataset]:
    """The preset and its data; `source` names the hand-in. Raises PresetError for what no preset can be made of.

    That is a step that would need more than 1 GB as one, and targets that a run would not take.
    """
    start = reading.start
    numbers = start.X.size + start.Y.size + sum(array.size for array in start.parameters.values())
    refuse(numbers * BYTES_OF_A_NUMBER, f"{source}: {numbers:,} numbers as a preset", "hand in fewer examples")
    table: dict[str, Any] = {
        "title": f"{source.rstrip('/').rpartition('/')[2]}, a step handed in",
        "data": {"kind": "inline", "inputs": start.X.T.tolist(), "targets": start.Y.T.tolist()},
        "layers": [
            layer_table(layer, number, start.parameters) for number, layer in enumerate(reading.preset.layers, 1)
        ],
        "loss": {"kind": reading.preset.loss.kind},
        "optimizer": optimizer_table(reading.preset.optimizer),
        "training": {"batch_size": 0, "shuffle": False},
    }
    preset, dataset = load_preset(table, source, id="handed-in")
    return preset, replace(dataset, beginning=beginning(reading))


def beginning(reading: Reading) -> Beginning:
    """The masks of dropout that were handed in, and what the optimizer has kept of steps before."""
    preset, start = reading.preset, reading.start
    kept = {number: start.masks[number] > 0 for number, layer in enumerate(preset.layers, 1) if layer.dropout}
    moments = {}
    for (symbol, layer), array in start.moments.items():
        name, _, letters = symbol.partition("_")
        known = (letters, layer) in start.parameters and name in OPTIMIZERS[preset.optimizer.kind].moments
        if known and layer is not None:
            moments[name, SYMBOLS.get(letters, letters), layer] = array.astype(np.float64)
    return Beginning(kept, preset.optimizer.kind, start.step, moments)


def layer_table(layer: LayerPreset, number: int, parameters: Values) -> dict[str, Any]:
    """The table of a layer, with its start parameters."""
    found = {name: getattr(layer, name) for name in OF_A_LAYER}
    for symbol, name in PARAMETERS.items():
        if (symbol, number) in parameters:
            found[name] = parameters[symbol, number].tolist()
    return found


def optimizer_table(optimizer: OptimizerPreset) -> dict[str, Any]:
    """The table of an optimizer, with every setting that it has."""
    found = {name: getattr(optimizer, name) for name in ("kind", "learning_rate", *OPTIMIZER_SETTINGS)}
    return {name: value for name, value in found.items() if value is not None}
