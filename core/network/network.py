"""The network: its layers, their start weights, and how a forward, loss and backward pass of it is written."""

from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike, NDArray

from backprop_tui.core.ops.builder import Builder
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import TYPED, Array, Quantity
from backprop_tui.core.preset import chance
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.start_file import RUNNING, Start, read_start
from backprop_tui.core.preset.tables import LayerPreset, Preset

from . import initializers
from .activate import activate
from .affine import Backward, affine
from .batch_norm import batch_norm
from .dropout import dropout
from .losses import LOSSES, Gradient
from .residual import residual

Part = Callable[[Builder, Layer, Quantity], tuple[Quantity, Backward]]


def build_layers(presets: tuple[LayerPreset, ...], inputs: int) -> tuple[Layer, ...]:
    """The layers 1 … L of a network with so many inputs, their blocks one behind the other."""
    layers: list[Layer] = []
    start = statistics = 0
    for number, preset in enumerate(presets, 1):
        layer = Layer(
            number=number,
            inputs=layers[-1].units if layers else inputs,
            units=preset.units,
            activation=preset.activation,
            has_bias=preset.bias,
            start=start,
            slope=preset.slope,
            batch_norm=preset.batch_norm,
            dropout=preset.dropout,
            residual=preset.residual,
            statistics=statistics,
        )
        layers.append(layer)
        start, statistics = start + layer.size, statistics + layer.statistics_size
    return tuple(layers)


def start_statistics(layers: tuple[Layer, ...], dtype: DTypeLike, start: Start | None = None) -> Array:
    """The flat vector of running means and variances of all layers with batch norm: from `start`, else 0 and 1."""
    vector = np.zeros(sum(layer.statistics_size for layer in layers), dtype=dtype)
    for layer in layers:
        if layer.batch_norm:
            for name, array, usual in zip(RUNNING, layer.running(vector), (0, 1), strict=True):
                found = None if start is None else start.statistics.get(f"{name}{layer.number}")
                array[:] = usual if found is None else found
    return vector


def start_parameters(
    preset: Preset, layers: tuple[Layer, ...], seed: int, dtype: DTypeLike, start: Start | None = None
) -> Array:
    """The flat vector (size,) of start parameters: from its `start`, else as its layers say, else drawn.

    `start` is read from the file that the preset names, where it is not given. Raises PresetError for a file that
    cannot be read or does not fit the network, and for numbers too large for the type.
    """
    vector = np.zeros(sum(layer.size for layer in layers), dtype=dtype)
    with np.errstate(over="ignore"):
        fill_start(preset, layers, seed, vector, start or read_start(preset, layers[0].inputs))
    for layer in layers:
        for symbol, array in layer.parameters(vector).items():
            if not np.isfinite(array).all():
                raise PresetError(
                    f"{preset.source}: the start values of {TYPED.get(symbol, symbol)}{layer.number} are too large for "
                    f"{vector.dtype}, which holds numbers up to {np.finfo(vector.dtype).max:.2g}; use smaller ones"
                )
    return vector


def fill_start(preset: Preset, layers: tuple[Layer, ...], seed: int, vector: Array, start: Start | None) -> None:
    """Fill the flat vector (size,) with the start parameters; those too large for its type become infinite."""
    for written, layer in zip(preset.layers, layers, strict=True):
        found = {} if start is None else start.parameters
        given = {"b": written.biases, "γ": written.gamma, "β": written.beta}
        for symbol, array in layer.parameters(vector).items():
            name = layer.names[symbol]
            if name in found:
                array[:] = found[name]
            elif symbol == "W":
                array[:] = start_weights(written, layer, seed)
            elif (values := given.get(symbol)) is not None:
                array[:] = values
            elif symbol == "γ":
                array[:] = 1


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


def parts(layer: Layer, *, training: bool) -> tuple[Part, ...]:
    """The parts that a layer consists of, in forward order; dropout has its place in training alone."""
    optional: tuple[tuple[bool, Part], ...] = (
        (True, affine),
        (layer.batch_norm, batch_norm),
        (True, activate),
        (training and layer.dropout > 0, dropout),
        (layer.residual, residual),
    )
    return tuple(part for present, part in optional if present)


def write_forward(builder: Builder, layers: tuple[Layer, ...], X: Quantity) -> list[Backward]:
    """Write the forward pass from X: (inputs, m); returns what writes each part's backward, in forward order."""
    backwards = []
    value = X
    for layer in layers:
        for part in parts(layer, training=builder.mode.training):
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
