"""What would need too much memory, and numbers larger than the run's type holds: refused before anything is made."""

import numpy as np

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.named_file import LARGEST
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import Preset

BUFFERS_OF_A_UNIT = 6
"""Numbers kept for each unit and example of a step: Z, A, f′, dZ, dA and the loss's own."""
SCRATCH = {"gelu": 10, "gelu_tanh": 3, "silu": 2, "elu": 1, "softplus": 1, "leaky_relu": 1}
"""Those that some activations add while they are computed."""
BUFFERS_OF_BATCH_NORM = 7
"""Those that batch norm adds: Ẑ, N, dN and its scratch arrays."""
BUFFERS_OF_DROPOUT = 4
BUFFERS_OF_A_RESIDUAL = 2
VECTORS_OF_PENALTIES = 6
"""Vectors of all parameters that penalties, clipping and decay need, for each plan of a step."""


def buffers(layer: Layer) -> int:
    """Numbers kept for each example of a batch in a layer."""
    more = BUFFERS_OF_BATCH_NORM * layer.batch_norm + BUFFERS_OF_DROPOUT * (layer.dropout > 0)
    more += SCRATCH.get(layer.activation, 0) + BUFFERS_OF_A_RESIDUAL * layer.residual
    return layer.units * (BUFFERS_OF_A_UNIT + more)


def check_size(preset: Preset, layers: tuple[Layer, ...], dataset: Dataset, batch_size: int, moments: int) -> None:
    """Raises PresetError where parameters, buffers and data together would need more than LARGEST bytes."""
    itemsize = np.dtype(preset.training.dtype).itemsize
    parameters = sum(layer.size for layer in layers)
    units = sum(layer.units for layer in layers)
    examples = dataset.size + dataset.test_size
    columns = layers[0].inputs + layers[-1].units + 1
    # Parameters, gradient, delta and both buffers of every moment; the buffers of a batch and of an evaluation.
    optimizer = preset.optimizer
    penalties = any((optimizer.l1, optimizer.l2, optimizer.weight_decay, optimizer.clip_norm, optimizer.clip_value))
    plans = (1 + (examples % batch_size > 0)) * (2 if moments else 1)
    numbers = parameters * (3 + 2 * moments + VECTORS_OF_PENALTIES * plans * penalties)
    numbers += batch_size * (sum(map(buffers, layers)) + columns) + examples * (3 * units + 2 * columns)
    needed = numbers * itemsize
    if needed > LARGEST:
        raise PresetError(
            f"{preset.source}: this network of {parameters:,} parameters with a batch of {batch_size:,} would need "
            f"{needed / 1e9:,.1f} GB of memory, the limit is {LARGEST / 1e9:.0f} GB; use fewer units or a smaller batch"
        )


def check_range(preset: Preset, dataset: Dataset) -> None:
    """Raises PresetError where the data hold a number that is too large for the run's number type."""
    largest = float(np.finfo(preset.training.dtype).max)
    for name in ("inputs", "targets", "test_inputs", "test_targets"):
        found = float(np.abs(getattr(dataset, name)).max(initial=0.0))
        if found > largest:
            raise PresetError(
                f"{preset.source}: training.dtype: {preset.training.dtype} holds numbers up to {largest:.2g}, found "
                f"{found:.2g} among the {name.replace('_', ' ')}; use float64"
            )
