"""The network: its layers, their start weights, and how a forward, loss and backward pass of it is written."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from . import chance, initializers
from .activations import activate
from .affine import Backward, affine
from .builder import Builder
from .data_files import read_archive
from .layer import Layer
from .losses import LOSSES, Gradient
from .quantity import Array, Quantity
from .schema import Place, suggestion
from .tables import LayerPreset, Preset

Part = Callable[[Builder, Layer, Quantity], tuple[Quantity, Backward]]


def build_layers(presets: tuple[LayerPreset, ...], inputs: int) -> tuple[Layer, ...]:
    """The layers 1 … L of a network with so many inputs, their blocks one behind the other."""
    layers: list[Layer] = []
    for number, preset in enumerate(presets, 1):
        below = layers[-1].units if layers else inputs
        start = layers[-1].start + layers[-1].size if layers else 0
        layers.append(Layer(number, below, preset.units, preset.activation, preset.bias, start))
    return tuple(layers)


def start_parameters(preset: Preset, layers: tuple[Layer, ...], seed: int, dtype: DTypeLike) -> Array:
    """The flat vector (size,) of start parameters: from the preset's start file, else as its layers say, else drawn.

    Raises PresetError for a start file that cannot be read or does not fit the network.
    """
    vector = np.zeros(sum(layer.size for layer in layers), dtype=dtype)
    if preset.training.start is not None:
        place = Place(preset.source) / "training" / "start"
        fill_from(read_archive((preset.base or Path()) / preset.training.start, place), layers, vector, place)
        return vector
    for written, layer in zip(preset.layers, layers, strict=True):
        layer.weights(vector)[:] = start_weights(written, layer, seed)
        biases = layer.biases(vector)
        if biases is not None and written.biases is not None:
            biases[:] = written.biases
    return vector


def fill_from(arrays: dict[str, NDArray[Any]], layers: tuple[Layer, ...], vector: Array, place: Place) -> None:
    """Fill the flat vector (size,) from arrays named W1, b1, W2, …; all of the network's and no others."""
    parts = {f"W{layer.number}": layer.weights(vector) for layer in layers}
    parts |= {f"b{layer.number}": b for layer in layers if (b := layer.biases(vector)) is not None}
    for name in arrays:
        if name not in parts:
            raise place.error(f'this network has no parameters "{name}"{suggestion(name, list(parts))}')
    for name, part in parts.items():
        found = arrays.get(name)
        if found is None or found.shape != part.shape or found.dtype.kind not in "fiu" or not np.isfinite(found).all():
            described = "none" if found is None else f"{found.dtype} {found.shape}"
            raise place.error(f'expected finite numbers of shape {part.shape} called "{name}", found {described}')
        part[:] = found


def start_weights(preset: LayerPreset, layer: Layer, seed: int) -> NDArray[np.float64]:
    """W: (units, inputs), as given or drawn from the layer's own stream of chance."""
    if preset.weights is not None:
        return np.array(preset.weights, dtype=np.float64)
    return initializers.weights(
        preset.init,
        chance.generator(seed, "initialization", layer.number),
        inputs=layer.inputs,
        units=layer.units,
        init_scale=preset.init_scale or 0.0,
    )


def parts(layer: Layer) -> tuple[Part, ...]:
    """The parts that a layer consists of, in forward order."""
    return (affine, activate)


def write_forward(builder: Builder, layers: tuple[Layer, ...], X: Quantity) -> list[Backward]:
    """Write the forward pass from X: (inputs, m); returns what writes each part's backward, in forward order."""
    backwards = []
    value = X
    for layer in layers:
        for part in parts(layer):
            value, backward = part(builder, layer, value)
            backwards.append(backward)
    return backwards


def write_backward(gradient_of_loss: Gradient, backwards: list[Backward], *, combined: bool) -> None:
    """Write the backward pass. Where output and loss are one op, the output activation has no backward of its own."""
    gradient: Quantity | None = gradient_of_loss()
    for backward in reversed(backwards[:-1] if combined else backwards):
        assert gradient is not None, "only the first op of the network has nothing below it"
        gradient = backward(gradient)


def write_network(builder: Builder, layers: tuple[Layer, ...], loss: str, X: Quantity, *, backward: bool) -> None:
    """Write forward pass and loss, and the backward pass where it is wanted."""
    backwards = write_forward(builder, layers, X)
    gradient_of_loss = LOSSES[loss].write(builder, len(layers))
    if backward:
        write_backward(gradient_of_loss, backwards, combined=LOSSES[loss].combined)
