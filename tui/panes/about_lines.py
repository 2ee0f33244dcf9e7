"""About the data: how many examples, what was found out when they were read, their inputs, classes and targets."""

import numpy as np
from numpy.typing import NDArray
from textual.strip import Strip

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.training.evaluation import answered_classes, counted_classes
from backprop_tui.core.training.measures import classes_of, output_names
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.strips import text_lines
from backprop_tui.tui.drawing.table import Table, table_lines

MOST_LINES = 100
"""Of one sentence, or of one table."""


def about_lines(data: Dataset, width: int, look: Look) -> list[Strip]:
    """As many lines as it takes."""
    lines = text_lines(sizes_text(data), width, MOST_LINES, look, look.palette.text)
    for note in data.notes:
        lines += text_lines(f"- {note}", width, MOST_LINES, look, look.palette.text)
    return [*lines, Strip([]), *target_lines(data, width, look), Strip([]), *input_lines(data, width, look)]


def sizes_text(data: Dataset) -> str:
    """How many examples there are, and how many of them are held out."""
    test = f", {data.test_size:,} held out to test with" if data.test_size else ", none held out to test with"
    return f"{data.size + data.test_size:,} examples: {data.size:,} to train on{test}."


def target_lines(data: Dataset, width: int, look: Look) -> list[Strip]:
    """The classes with the examples of each, or the range of each target, in the data's own units."""
    if data.target_kind == "real":
        said = "Targets, training part"
        if data.target_std is not None:
            said += ": normalized for the network; here and in its answers in the data's own units"
        return table_of(said, output_names(data), data.in_own_units(spread(data.targets)), width, look)
    if data.target_kind != "one_hot" and len(data.targets) > 1:
        title, more, names, count_of = "label", "labels", output_names(data), labels_counted
    else:
        title, more, names, count_of = "class", "classes", classes_of(data), classes_counted
    counted = [count_of(targets, data.target_kind, len(names)) for targets in (data.targets, data.test_targets)]
    rows = np.stack(counted, axis=1).astype(np.float64)
    return table_lines(Table([title, "train", "test"], names, rows, more), width, MOST_LINES, look)


def classes_counted(targets: FloatArray, kind: str, count: int) -> NDArray[np.int64]:
    """How many of the examples (outputs, n) are of each class."""
    return counted_classes(answered_classes(targets, kind)[0], count)


def labels_counted(targets: FloatArray, kind: str, count: int) -> NDArray[np.int64]:
    """How many of the examples (outputs, n) have each label."""
    return np.asarray(answered_classes(targets, kind).sum(axis=1))


def input_lines(data: Dataset, width: int, look: Look) -> list[Strip]:
    """The range of each input; of an image only that it is one."""
    if data.image_shape is not None:
        rows, columns = data.image_shape
        pixels = f"Inputs: the {len(data.inputs):,} pixels of an image of {rows}{look.glyphs.times}{columns}."
        return text_lines(pixels, width, MOST_LINES, look, look.palette.text)
    said = "Inputs, training part"
    if data.mean is not None:
        said += ": normalized for the network, here in the data's own units"
    return table_of(said, data.feature_names, data.inputs_in_own_units(spread(data.inputs)), width, look)


def table_of(said: str, names: tuple[str, ...], rows: FloatArray, width: int, look: Look) -> list[Strip]:
    """A row for each name of its spread, (n, 3), under a sentence."""
    lines = text_lines(said, width, MOST_LINES, look, look.palette.text)
    return lines + table_lines(Table(["", "least", "mean", "greatest"], names, rows), width, MOST_LINES, look)


def spread(values: FloatArray) -> FloatArray:
    """Least, mean and greatest of each row of values (rows, n): (rows, 3)."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.stack([values.min(axis=1), values.mean(axis=1, dtype=np.float64), values.max(axis=1)], axis=1)
