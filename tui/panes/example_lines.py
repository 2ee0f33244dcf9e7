"""One example: its inputs by name or as an image, what the network says of it, and the truth.

Where the data are normalized, numbers are in the data's own units, and those of the network stand beside them.
"""

import numpy as np
from textual.strip import Strip

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.training.evaluation import answered_classes
from backprop_tui.core.training.measures import classes_of, output_names
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.strips import fit, line, style, text_lines
from backprop_tui.tui.drawing.table import GAP, Table, table_lines
from backprop_tui.tui.drawing.titles import told_apart

PROBABILITY_WIDTH = 16
BESIDE = 30
"""Cells that inputs and answers need each, to stand beside each other."""
TWO_UNITS = 42
"""Cells of answers and targets in the data's own units and in the network's."""
INPUT_COLUMN = 44
"""Cells that one column of inputs takes, at most."""
LEAST_CLASSES = 3
"""Lines that classes have over words about them."""
LEAST_INPUTS = 3
"""Lines that inputs have under long answers."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """Inputs (features,), answer and target (outputs,) as the network has them; None for what is not there yet."""

    inputs: FloatArray | None
    answer: FloatArray | None
    target: FloatArray | None


def example_picture(example: Example, data: Dataset, width: int, height: int, look: Look) -> list[Strip]:
    """The image with the answer beside it, or inputs and answer as numbers."""
    if data.image_shape is not None:
        return image_and_answer(example, data, width, height, look)
    if width >= 2 * BESIDE + GAP:
        room = (width - GAP) // 2
        if data.target_std is not None and width >= BESIDE + GAP + TWO_UNITS:
            room = min(room, width - GAP - TWO_UNITS)
        if len(data.feature_names) < height:
            # One column of inputs has room: the answer stands next to it.
            room = min(room, INPUT_COLUMN)
        left = input_lines(example, data, room, height, look)
        return side_by_side(left, answer_lines(example, data, width - room - GAP, height, look), room + GAP)
    answer = answer_lines(example, data, width, max(height - LEAST_INPUTS, height // 2), look)
    return answer + input_lines(example, data, width, height - len(answer), look)


def side_by_side(left: list[Strip], right: list[Strip], column: int) -> list[Strip]:
    """Two blocks, the right one from `column` on."""
    rows = max(len(left), len(right))
    left, right = (block + [Strip([])] * (rows - len(block)) for block in (left, right))
    return [
        Strip([*one.adjust_cell_length(column), *other], column + other.cell_length)
        for one, other in zip(left, right, strict=True)
    ]


def image_and_answer(example: Example, data: Dataset, width: int, height: int, look: Look) -> list[Strip]:
    """The image, as large as it can be, and the answer beside it."""
    from backprop_tui.tui.drawing.image import image_lines  # Not needed to open.

    assert data.image_shape is not None
    pixels = None if example.inputs is None else brightness(example.inputs, data).reshape(data.image_shape)
    side = max(PROBABILITY_WIDTH, width - 2 * height - 1)
    picture = image_lines(pixels, width - side - 1, height, look) if width - side > 4 else []
    answer = answer_lines(example, data, side if picture else width, height, look)
    return side_by_side(picture, answer, width - side if picture and width - side > 4 else 0)


def brightness(inputs: FloatArray, data: Dataset) -> FloatArray:
    """Pixels (features,) from 0 to 1, normalization undone; those that go beyond are scaled by their own range."""
    pixels = data.inputs_in_own_units(inputs[:, None])[:, 0]
    low, high = min(0.0, float(pixels.min())), max(1.0, float(pixels.max()))
    scaled: FloatArray = (pixels - low) / (high - low)
    return scaled


def answer_lines(example: Example, data: Dataset, width: int, height: int, look: Look) -> list[Strip]:
    """What the network says: the classes as bars, or answers beside targets; of two classes also by their names.

    Where several classes have the largest answer, words say so, and which of them counts.
    """
    if data.target_kind == "one_hot":
        from backprop_tui.tui.drawing.probabilities import probability_lines  # Not needed to open.

        target = None if example.target is None else int(example.target.argmax())
        said = text_lines(tie_words(example, data), width, height - LEAST_CLASSES, look, look.palette.text)
        return [*probability_lines(example.answer, target, classes_of(data), width, height - len(said), look), *said]
    columns: list[FloatArray | None] = [
        None if one is None else data.in_own_units(one[:, None])[:, 0] for one in (example.answer, example.target)
    ]
    titles = ["", "answer", "target"]
    if data.target_std is not None:
        # The network's own numbers, of which the loss is, behind those that the data have.
        columns, titles = [*columns, example.answer, example.target], [*titles, "network's", "target"]
    names = output_names(data) if len(data.targets) > 1 or data.target_kind == "real" else ("output",)
    rows = [[None if one is None else float(one[place]) for one in columns] for place in range(len(names))]
    lines = table_lines(Table(titles, names, rows, "outputs"), width, height, look)
    words = class_words(example, data)
    if words and len(lines) < height:
        lines.append(line([(fit(words, width, look), style(look.palette.text))], width))
    return lines


def class_words(example: Example, data: Dataset) -> str:
    """`answers "no", the truth is "yes"` of two classes, and as much of it as there is; empty of anything else."""
    if data.target_kind not in ("binary", "signed") or len(data.targets) > 1:
        return ""
    names = classes_of(data)
    answer, target = (answered_class(one, data) for one in (example.answer, example.target))
    said = []
    if answer is not None and example.answer is not None:
        between = 0.5 if data.target_kind == "binary" else 0.0
        tie = float(example.answer[0]) == between
        said = [f'a tie, which counts as "{names[answer]}"' if tie else f'answers "{names[answer]}"']
    said += [f'the truth is "{names[target]}"'] if target is not None else []
    return ", ".join(said)


def tie_words(example: Example, data: Dataset) -> str:
    """`a tie of "1" and "2": "1" counts` where the largest of the classes' answers is that of several, else empty."""
    answer, names = example.answer, classes_of(data)
    if answer is None or not np.isfinite(answer).all():
        return ""
    equal = np.flatnonzero(answer == answer.max())
    if len(equal) < 2:
        return ""
    first, second = (f'"{names[place]}"' for place in equal[:2])
    several = f"all {len(names)}" if len(equal) == len(names) else f"{len(equal)} of {len(names)} classes"
    return f"a tie of {f'{first} and {second}' if len(equal) == 2 else several}: {first} counts"


def answered_class(outputs: FloatArray | None, data: Dataset) -> int | None:
    """The class, from 0, that outputs (outputs,) or targets stand for; None of numbers, labels, and no numbers."""
    if outputs is None or data.target_kind == "real" or not np.isfinite(outputs).all():
        return None
    classes = answered_classes(outputs[:, None], data.target_kind)
    return int(classes[0, 0]) if len(classes) == 1 else None


def answer_text(outputs: FloatArray, data: Dataset, room: int, look: Look) -> str:
    """An answer or a target in a few words: its class, or its numbers in the data's own units."""
    place = answered_class(outputs, data)
    if place is not None:
        return told_apart(classes_of(data), max(room, 1), look)[place]
    own = data.in_own_units(outputs[:, None])[:, 0]
    return " ".join(format_number(float(value), 8, 4, look.glyphs) for value in own[:3]) + (
        f" {look.glyphs.ellipsis}" if len(own) > 3 else ""
    )


def input_lines(example: Example, data: Dataset, width: int, height: int, look: Look) -> list[Strip]:
    """The inputs by name."""
    names = data.feature_names
    columns: list[FloatArray | None] = [example.inputs]
    titles = ["input", "value"]
    if data.mean is not None:
        own = None if example.inputs is None else data.inputs_in_own_units(example.inputs[:, None])[:, 0]
        columns, titles = [own, example.inputs], ["input", "value", "network's"]
    rows = [[None if one is None else float(one[place]) for one in columns] for place in range(len(names))]
    return table_lines(Table(titles, names, rows, "inputs"), width, height, look)
