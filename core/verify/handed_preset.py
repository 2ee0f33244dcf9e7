"""A step that was handed in as a preset of its own: its data inline, its start parameters, one batch of all examples.

Step 1 of a session of it is the step that the report holds the hand-in against, number for number.
"""

from typing import Any

from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import LayerPreset, OptimizerPreset, Preset

from .reading import Reading
from .step import Values
from .submission import OPTIMIZER_SETTINGS

PARAMETERS = {"W": "weights", "b": "biases", "gamma": "gamma", "beta": "beta"}
"""Keys of a layer's table, by the symbols of what they hold."""
OF_A_LAYER = ("units", "activation", "slope", "bias", "batch_norm", "residual")


def handed_preset(reading: Reading, source: str) -> tuple[Preset, Dataset]:
    """The preset and its data; `source` names the hand-in.

    Raises PresetError, one line, for a step that begins with what a preset cannot say: masks of dropout, what an
    optimizer has kept from steps before; and for what `load_preset` refuses.
    """
    if reason := beyond_a_preset(reading):
        raise PresetError(f"{source}: the app cannot open this step: {reason}")
    start = reading.start
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
    return load_preset(table, source, id="handed-in")


def beyond_a_preset(reading: Reading) -> str:
    """Why a run that starts from a preset would not make this step; empty where it does."""
    preset, start = reading.preset, reading.start
    dropped = [str(number) for number, layer in enumerate(preset.layers, 1) if layer.dropout]
    if dropped:
        return f"it has a dropout mask of its own (layer {', '.join(dropped)}), and a run draws its masks itself"
    rule = OPTIMIZERS[preset.optimizer.kind](preset.optimizer)
    kept = [array for (symbol, _), array in start.moments.items() if symbol.split("_")[0] in rule.moments]
    if any(array.any() for array in kept):
        return f"{preset.optimizer.kind} goes on from what it kept of steps before, and a run starts with nothing kept"
    if rule.of_step(start.step) != rule.of_step(1):
        return f"it is step {start.step} of {preset.optimizer.kind}, and a run starts with step 1"
    return ""


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
