"""Start weights of one's own for every student: drawn where a preset gives them one by one."""

from collections import deque
from dataclasses import replace
from itertools import islice

import numpy as np

from backprop_tui.core.preset import chance
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.tables import LayerPreset, Preset
from backprop_tui.core.training.trainer import Trainer

STEP = 0.05
"""Start weights are whole multiples of it: two decimals at most, which can be copied without rounding."""
LARGEST_WEIGHT = 1.0
LARGEST_BIAS = 0.5
DRAWS = 50
ALIKE = ("zeros", "constant")
"""Initializations that no seed changes."""


def redrawn(preset: Preset, dataset: Dataset, *, hopeless: bool = False) -> Preset:
    """The preset with new start weights in the place of those that no seed changes, drawn by its seed.

    Those are weights that it gives one by one, or starts all at one number; and a seed that it has for start weights
    alone gives way to its own.

    They are drawn again, 50 times at the most, while some layer would have a gradient of 0 in the first step, as
    behind silent relu units: that would leave nothing to work out. Where that is known to be `hopeless` the last draw
    is taken at once. A file of start weights is left out: the layers' own initialization then draws them, by the same
    seed.
    """
    widths = (len(dataset.inputs), *(layer.units for layer in preset.layers))
    layers = tuple(written_out(layer, inputs) for layer, inputs in zip(preset.layers, widths, strict=False))
    own = replace(preset, layers=layers, training=replace(preset.training, start=None, seed=None))
    if all(layer.weights is None and layer.biases is None for layer in own.layers):
        return own
    for draw in range(DRAWS - 1 if hopeless else 0, DRAWS):
        layers = tuple(redrawn_layer(layer, preset.seed, number, draw) for number, layer in enumerate(own.layers, 1))
        own = replace(own, layers=layers)
        if hopeless or learns(own, dataset):
            break
    return own


def written_out(layer: LayerPreset, inputs: int) -> LayerPreset:
    """A layer whose weights no seed would change, as one whose weights and biases are given one by one."""
    if layer.weights is not None or layer.init not in ALIKE:
        return layer
    biases = layer.biases if layer.biases is not None or not layer.bias else (0.0,) * layer.units
    return replace(layer, weights=((0.0,) * inputs,) * layer.units, biases=biases)


def redrawn_layer(layer: LayerPreset, seed: int, number: int, draw: int) -> LayerPreset:
    """Layer `number` with its explicit weights and biases redrawn; none becomes 0."""
    generator = chance.generator(seed, "initialization", number, draw)
    weights, biases = layer.weights, layer.biases
    if weights is not None:
        drawn = short_numbers(generator, LARGEST_WEIGHT, (len(weights), len(weights[0])))
        weights = tuple(tuple(row) for row in drawn)
    if biases is not None:
        biases = tuple(short_numbers(generator, LARGEST_BIAS, (1, len(biases)))[0])
    return replace(layer, weights=weights, biases=biases)


def short_numbers(generator: np.random.Generator, largest: float, shape: tuple[int, int]) -> list[list[float]]:
    """Multiples of STEP from −`largest` to `largest`, without 0, each the float nearest to its two decimals."""
    steps = round(largest / STEP)
    counts = generator.integers(1, steps, shape, endpoint=True) * generator.choice([-1, 1], shape)
    return [[round(float(count) * STEP, 2) for count in row] for row in counts]


def learns(preset: Preset, dataset: Dataset) -> bool:
    """Whether every layer has a gradient in the first step."""
    trainer = Trainer(preset, dataset, preset.seed)
    with np.errstate(all="ignore"):
        deque(islice(trainer.walk().events, trainer.events_per_step - 1), maxlen=0)
    return all(layer.weights(trainer.gradient).any() for layer in trainer.layers)
