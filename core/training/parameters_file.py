"""A trained network as a file: what `training.start` takes up again, or what PyTorch loads (`docs/weights.md`)."""

from collections.abc import Mapping
from typing import IO, Any, Literal

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.start_file import BATCH, EXAMPLES, OPTIMIZER, OPTIMIZER_STEP, RUNNING, SEED, STEP
from backprop_tui.core.preset.torch_names import COUNTED, torch_names

from .trainer import Trainer

Arrays = dict[str, NDArray[Any]]
NameStyle = Literal["own", "torch"]
STYLES: tuple[NameStyle, ...] = ("own", "torch")


def write_parameters(trainer: Trainer, stream: IO[bytes], style: NameStyle = "own") -> None:
    """Write the state at the trainer's last step boundary as a NumPy archive.

    Raises PresetError for numbers that are not finite, and for a network that PyTorch's names cannot say.
    """
    arrays = own_arrays(trainer) if style == "own" else torch_arrays(trainer)
    np.savez(stream, **arrays)  # type: ignore[arg-type]


def own_arrays(trainer: Trainer) -> Arrays:
    """Everything that a run needs to go on: W1 b1 gamma1 beta1 …, running_mean1, m_W1 …, and where it stands."""
    arrays = network_arrays(trainer)
    kind = trainer.preset.optimizer.kind
    for moment, vector in zip(OPTIMIZERS[kind].moments, trainer.moment_vectors, strict=True):
        for layer in trainer.layers:
            found = layer.parameters(vector)
            arrays |= {f"{moment}_{name}": found[symbol] for symbol, name in layer.names.items()}
    check_finite(arrays)
    arrays[OPTIMIZER] = np.array(kind)
    places = {
        OPTIMIZER_STEP: trainer.optimizer_step() - 1,
        STEP: trainer.whole_step() - 1,
        SEED: trainer.seed,
        EXAMPLES: trainer.count,
        BATCH: trainer.batch_size,
    }
    return arrays | {name: np.array(value, np.int64) for name, value in places.items()}


def network_arrays(trainer: Trainer) -> Arrays:
    """Parameters and running statistics by our names; views."""
    arrays: Arrays = {}
    for layer in trainer.layers:
        found = layer.parameters(trainer.state.parameters)
        arrays |= {name: found[symbol] for symbol, name in layer.names.items()}
        if layer.batch_norm:
            running = layer.running(trainer.state.statistics)
            arrays |= {f"{name}{layer.number}": array for name, array in zip(RUNNING, running, strict=True)}
    return arrays


def torch_arrays(trainer: Trainer) -> Arrays:
    """Parameters and running statistics by the names of an `nn.Sequential`, in the order of its state dict."""
    found = network_arrays(trainer)
    check_finite(found)
    done = np.array(trainer.whole_step() - 1, np.int64)
    names = torch_names(trainer.preset.layers, trainer.layers[0].inputs)
    return {theirs: done if ours.startswith(COUNTED) else found[ours] for ours, theirs in names.items()}


def check_finite(arrays: Mapping[str, NDArray[Any]]) -> None:
    """Raises PresetError where a number is not finite: nobody could go on from there."""
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise PresetError(f"{name} has numbers that are not finite, so nothing was written")
