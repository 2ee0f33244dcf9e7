"""What this version cannot build, and what would need too much memory: refused before anything is allocated."""

import numpy as np

from .activations import ACTIVATIONS
from .data_files import LARGEST
from .datasets import Dataset
from .layer import Layer
from .optimizers import OPTIMIZERS
from .schema import PresetError
from .tables import LayerPreset, OptimizerPreset, Preset

BUFFERS_OF_A_UNIT = 6
"""Numbers kept for each unit and example of a step: Z, A, f′, dZ, dA and the loss's own."""


def check_supported(preset: Preset) -> None:
    """Raises PresetError for what the preset format knows and this version cannot run yet."""
    for number, layer in enumerate(preset.layers):
        refuse(
            preset, f"layers.{layer.table_index}", unsupported_in_layer(layer, last=number == len(preset.layers) - 1)
        )
    refuse(preset, "optimizer", unsupported_in_optimizer(preset.optimizer))


def refuse(preset: Preset, path: str, found: tuple[str, str] | None) -> None:
    if found is not None:
        name, choice = found
        raise PresetError(f"{preset.source}: {path}.{name}: this version cannot run it yet; {choice}")


def unsupported_in_layer(layer: LayerPreset, *, last: bool) -> tuple[str, str] | None:
    """The key that cannot be run and what can be, or None."""
    known = (*ACTIVATIONS, "softmax") if last else tuple(ACTIVATIONS)
    if layer.activation not in known:
        return "activation", f"it runs {', '.join(known)}"
    for name in ("batch_norm", "residual", "dropout"):
        if getattr(layer, name):
            return name, "leave it out"
    return None


def unsupported_in_optimizer(optimizer: OptimizerPreset) -> tuple[str, str] | None:
    """The key that cannot be run and what can be, or None."""
    if optimizer.kind not in OPTIMIZERS:
        return "kind", f"it runs {', '.join(OPTIMIZERS)}"
    for name in ("l1", "l2", "weight_decay", "clip_norm", "clip_value"):
        if getattr(optimizer, name):
            return name, "leave it out"
    if optimizer.kind == "adam" and (optimizer.epsilon_inside_sqrt or not optimizer.bias_correction):
        return "kind", "it runs adam as published, with bias correction and ε outside the root"
    return None


def check_size(preset: Preset, layers: tuple[Layer, ...], dataset: Dataset, batch_size: int, moments: int) -> None:
    """Raises PresetError where parameters, buffers and data together would need more than LARGEST bytes."""
    itemsize = np.dtype(preset.training.dtype).itemsize
    parameters = sum(layer.size for layer in layers)
    units = sum(layer.units for layer in layers)
    examples = dataset.size + dataset.test_size
    columns = layers[0].inputs + layers[-1].units + 1
    # Parameters, gradient, delta and both buffers of every moment; the buffers of a batch and of an evaluation.
    numbers = parameters * (3 + 2 * moments)
    numbers += batch_size * (units * BUFFERS_OF_A_UNIT + columns) + examples * (3 * units + 2 * columns)
    needed = numbers * itemsize
    if needed > LARGEST:
        raise PresetError(
            f"{preset.source}: this network of {parameters:,} parameters with a batch of {batch_size:,} would need "
            f"{needed / 1e9:,.1f} GB of memory, the limit is {LARGEST / 1e9:.0f} GB; use fewer units or a smaller batch"
        )
