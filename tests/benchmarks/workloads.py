"""The five networks that the trainer is measured on, as presets, and the trainer of each."""

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.training.trainer import Trainer

Floats = NDArray[np.float32]

XOR = """
kind = "inline"
inputs = [[0, 0], [0, 1], [1, 0], [1, 1]]
targets = [[-1], [1], [1], [-1]]
"""
SPIRAL = 'kind = "spiral"\nsamples = 320\ntrain_ratio = 1.0'
DIGITS = 'kind = "digits"'


def preset_text(data: str, layers: list[tuple[int, int, str]], loss: str, optimizer: str, batch_size: int) -> str:
    """The TOML of a preset; `layers` are (how many, units, activation)."""
    tables = "".join(
        f'[[layers]]\nrepeat = {repeat}\nunits = {units}\nactivation = "{activation}"\n'
        for repeat, units, activation in layers
    )
    return (
        f'title = "benchmark"\n[data]\n{data}\n{tables}[loss]\nkind = "{loss}"\n[optimizer]\n{optimizer}\n'
        f'[training]\ndtype = "float32"\ndrop_last = true\nbatch_size = {batch_size}\n'
    )


SQUARED, ENTROPY = "mean_squared_error", "cross_entropy"
SGD, ADAM = 'kind = "sgd"\nlearning_rate = 0.1', 'kind = "adam"\nlearning_rate = 0.001'
WORKLOADS = {
    "a": preset_text(XOR, [(1, 4, "tanh"), (1, 1, "tanh")], SQUARED, SGD, 4),
    "b": preset_text(SPIRAL, [(2, 8, "tanh"), (1, 1, "tanh")], SQUARED, SGD, 32),
    "c": preset_text(SPIRAL, [(9, 16, "sigmoid"), (1, 1, "sigmoid")], SQUARED, SGD, 32),
    "d": preset_text(DIGITS, [(1, 128, "relu"), (1, 10, "softmax")], ENTROPY, ADAM, 64),
    "e": preset_text(DIGITS, [(2, 512, "relu"), (1, 10, "softmax")], ENTROPY, ADAM, 256),
}


def load(name: str, seed: int = 0) -> tuple[Trainer, Dataset]:
    """The project's trainer of a workload, before its first step, and its data."""
    preset, dataset = load_preset(parse(WORKLOADS[name], name), name)
    return Trainer(preset, dataset, seed), dataset


def examples(dataset: Dataset) -> tuple[Floats, Floats]:
    """Inputs (n, features) and targets (n, outputs) of the training set, one row an example."""
    inputs, targets = (np.ascontiguousarray(array.T, np.float32) for array in (dataset.inputs, dataset.targets))
    return inputs, targets
