"""The preset that one student's sheet is of, as the table of a file: with its start weights and its seed."""

import os
from pathlib import Path
from typing import Any

from backprop_tui.core.preset.tables import LayerPreset, Preset

LEFT_OUT = ("summary", "tags", "credit", "lesson", "variants")
"""What is said of a preset that need not hold for other start weights."""
FILES = ("path", "test")
"""The keys of `[data]` that name files."""


def sheet_table(preset: Preset) -> dict[str, Any]:
    """The table of a preset whose start weights were drawn for one sheet; files are named by their whole paths."""
    table = {name: value for name, value in preset.table.items() if name not in LEFT_OUT}
    table["seed"] = preset.seed
    if preset.training.start is None and "training" in table:
        of_others = ("start", "start_missing", "resume", "seed")
        table["training"] = {name: value for name, value in table["training"].items() if name not in of_others}
    if any(layer.weights is not None or layer.biases is not None for layer in preset.layers):
        table["layers"] = [layer_table(layer, preset.table["layers"][layer.table_index]) for layer in preset.layers]
    base = preset.base if preset.base is not None else Path()
    if isinstance(base, Path):
        named = {name: os.path.abspath(base / table["data"][name]) for name in FILES if table["data"].get(name)}
        table["data"] = {**table["data"], **named}
    return table


def layer_table(layer: LayerPreset, written: dict[str, Any]) -> dict[str, Any]:
    """One layer, with its own start weights, of a table that stands perhaps for several."""
    table = {name: value for name, value in written.items() if name not in ("repeat", "residual")}
    table |= {"residual": True} if layer.residual else {}
    if layer.weights is not None:
        table["weights"] = [list(row) for row in layer.weights]
    if layer.biases is not None:
        table["biases"] = list(layer.biases)
    return table
