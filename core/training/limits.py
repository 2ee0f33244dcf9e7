"""What would need too much memory, and numbers larger than the run's type holds: refused before anything is made.

The factors are measured: what a process takes at the most, whichever command or page looks at the run, over what it
would take with one number of each kind.
"""

import numpy as np

from backprop_tui.core.network.network import build_layers
from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.named_file import LARGEST, size
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import BYTES_OF_A_LAYER, Preset

VECTORS = 7
"""Vectors of all parameters: the parameters as they are and as they were drawn, the gradient, the change, snapshots."""
VECTORS_OF_A_MOMENT = 4
"""Both its halves, and those of the snapshots."""
VECTORS_OF_A_REHEARSAL = 3
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


PORTION = 10_000
"""Examples that are evaluated at once, at the most."""
NUMBERS_OF_A_PORTION = 2**21
"""Numbers that these have together: of wide examples fewer are evaluated at once."""
BYTES_OF_A_TERM = 700
"""Of a sum that is explained term by term."""
BYTES_OF_A_WORKED_ENTRY, BYTES_OF_A_WORKED_TERM = 10_000, 1_500
"""In a worked solution, of a unit's numbers through all ops of its layer, and of each term of their sums."""
MOST_WORKED = 24
"""Entries of a layer that are worked out, and terms of a sum."""
BYTES_OF_A_PRINTED_NUMBER = 110
"""In a JSON document, with the object that it is and the text that it becomes."""


def portion_of(features: int) -> int:
    """How many examples of so many features are evaluated at once."""
    return max(1, min(PORTION, NUMBERS_OF_A_PORTION // features))


def needed(preset: Preset, dataset: Dataset, batch_size: int | None = None) -> int:
    """The bytes that a run of `preset` takes, with batches of another size where that is given.

    Data, parameters and what goes with them, the buffers of a batch in training and of one that is rehearsed in
    float64, those of evaluations, and the terms of the longest sum.
    """
    layers = build_layers(preset.layers, len(dataset.inputs))
    examples = dataset.size + dataset.test_size
    batch = min(batch_size or preset.training.batch_size or dataset.size, dataset.size)
    itemsize = np.dtype(preset.training.dtype).itemsize
    parameters = sum(layer.size for layer in layers)
    units = sum(layer.units for layer in layers)
    columns = layers[0].inputs + layers[-1].units + 1
    optimizer = preset.optimizer
    moments = len(OPTIMIZERS[optimizer.kind].moments)
    penalties = any((optimizer.l1, optimizer.l2, optimizer.weight_decay, optimizer.clip_norm, optimizer.clip_value))
    plans = (1 + (dataset.size % batch > 0)) * (2 if moments else 1)
    vectors = VECTORS + VECTORS_OF_A_MOMENT * moments + VECTORS_OF_PENALTIES * plans * penalties
    of_a_batch = batch * (sum(map(buffers, layers)) + columns)
    evaluated = min(examples, 3 * portion_of(layers[0].inputs)) * (3 * units + columns)
    own = parameters * vectors + of_a_batch + evaluated + dataset.size * columns
    in_float64 = parameters * VECTORS_OF_A_REHEARSAL + of_a_batch + 2 * batch * columns
    terms = max(batch, *(max(layer.inputs, layer.units) for layer in layers))
    data = examples * columns * dataset.inputs.itemsize
    return data + own * itemsize + in_float64 * 8 + terms * BYTES_OF_A_TERM + len(layers) * BYTES_OF_A_LAYER


def check_size(preset: Preset, dataset: Dataset, batch_size: int | None = None, vectors: int = 0) -> None:
    """Raises PresetError where a run would need more than LARGEST bytes, with so many more vectors of parameters."""
    layers = build_layers(preset.layers, len(dataset.inputs))
    parameters = sum(layer.size for layer in layers)
    batch = min(batch_size or preset.training.batch_size or dataset.size, dataset.size)
    what = f"{preset.source}: this network of {parameters:,} parameters with a batch of {batch:,}"
    whole = needed(preset, dataset, batch_size) + parameters * vectors * 8
    advice = "use fewer units, fewer examples or a smaller batch"
    refuse(whole, what, advice + (', or training.dtype = "float32"' if preset.training.dtype == "float64" else ""))


def check_worked(preset: Preset, dataset: Dataset) -> None:
    """Raises PresetError where the lines of a worked solution would need more than LARGEST bytes, beside the run."""
    layers = build_layers(preset.layers, len(dataset.inputs))
    batch = min(preset.training.batch_size or dataset.size, dataset.size)
    lines = 0
    for layer in layers:
        terms = min(max(layer.inputs, batch), MOST_WORKED)
        entries = min(layer.units * max(layer.inputs, batch), MOST_WORKED)
        lines += entries * (BYTES_OF_A_WORKED_ENTRY + terms * BYTES_OF_A_WORKED_TERM)
    what = f"{preset.source}: the worked solution of {len(layers):,} layers"
    refuse(needed(preset, dataset) + lines, what, "use fewer layers")


def check_printed(preset: Preset, numbers: int) -> None:
    """Raises PresetError where a JSON document of so many numbers would need more than LARGEST bytes."""
    what = f"{preset.source}: the {numbers:,} numbers of the JSON"
    refuse(numbers * BYTES_OF_A_PRINTED_NUMBER, what, "use fewer units or a smaller batch")


def refuse(count: int, what: str, advice: str) -> None:
    """Raises PresetError where `what` would need more than LARGEST bytes."""
    if count > LARGEST:
        raise PresetError(f"{what} would need {size(count)} of memory, the limit is {size(LARGEST)}; {advice}")


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
