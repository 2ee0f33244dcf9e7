"""The data as a hidden layer sees them: each example where two units, or two principal components, put it.

Where the layer is the last hidden one and has two units, the network's answer stands behind them: what the output layer
makes of every pair of answers, which is all that it sees.
"""

from dataclasses import replace

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.inquiry.hidden_layer import MOST, Floats, answers_from, answers_to, follows_alone, principal
from backprop_tui.core.inquiry.responses import places
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.measures import Part, classes_of, examples_of, output_names
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.axes import PlotRange, frame
from backprop_tui.tui.drawing.color_bar import letter_bar
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.ground import marks_of
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.points import Points, SurfaceScale, placed
from backprop_tui.tui.drawing.strips import fit, line, style, text_lines
from backprop_tui.tui.drawing.surface import Surface

from .chosen_example import chosen_example, example_note
from .function_lines import around
from .plane import known_classes, scale_of
from .plane_lines import BARRED, ROOMY, answer_bar, classes, ends_of
from .view import View

ALL_PAIRS = 8
"""Units of a layer of which every pair is to be seen; of more the neighbours, 1 and 2, 3 and 4."""
BOUNDS = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0)}
"""What some activations lie between."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is to be seen: a hidden layer, and two of its units, from 0; None for the principal components.

    Of a layer of one unit both are the same, and the examples stand one above the other.
    """

    layer: Layer
    units: tuple[int, int] | None


def sights(session: Session) -> list[Sight]:
    """All there is to be seen, layer by layer: the principal components first where there are more than two units."""
    return [Sight(layer, pair) for layer in session.trainer.layers[:-1] for pair in pairs(layer.units)]


def pairs(units: int) -> list[tuple[int, int] | None]:
    """The pairs of so many units that are to be seen."""
    if units <= 2:
        return [(0, units - 1)]
    if units <= ALL_PAIRS:
        return [None, *((one, other) for one in range(units) for other in range(one + 1, units))]
    return [None, *((one, one + 1) for one in range(0, units - 1, 2))]


def chosen_sight(session: Session, view: View) -> Sight:
    """The one that is looked at: the first of the last hidden layer, until another is chosen."""
    found = sights(session)
    if view.sight is None:
        last = session.trainer.layers[-2].number
        return next(one for one in found if one.layer.number == last)
    return found[view.sight % len(found)]


def place_of_sight(session: Session, view: View) -> int:
    return sights(session).index(chosen_sight(session, view))


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Where the examples of both parts stand, (2, n), the ranges across and upwards, and of components their shares."""

    at: FloatArray
    horizontal: PlotRange
    vertical: PlotRange
    shares: tuple[float, ...] = ()


def hidden_lines(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """What is to be seen, the examples over what the network makes of them, and what letters and colours mean."""
    sight, look, data = chosen_sight(session, view), view.look, session.dataset
    parts: list[Part] = ["training", "test"] if view.test_points and data.test_size else ["training"]
    picture = picture_of(sight, [answers_to(session, part, sight.layer.number) for part in parts])
    if picture is None:
        head = title(session, view, sight, (), width)
        return [head, *text_lines("Its answers are all the same, or are no numbers.", width, height - 1, look)]
    scale = replace(letters_of(data), discrete=view.discrete)
    note = example_note(session, view, width) if height >= ROOMY else []
    barred = height >= BARRED
    place = frame(width, height - 1 - barred - len(note), picture.vertical, look)
    shown = points(session, view, picture, parts)
    faces = placed(shown, picture.horizontal, picture.vertical, scale, place.width, place.height, look)
    behind = ground(session, sight, picture, 2 * place.height, place.width) if is_told(data) else None
    lines = Surface(place, picture.horizontal, picture.vertical, look).lines(behind, marks_of(faces, look), scale)
    bar = meaning(data, scale, width, look, painted=behind is not None) if barred else []
    return [title(session, view, sight, picture.shares, width), *lines, *bar, *note]


def meaning(data: Dataset, scale: SurfaceScale, width: int, look: Look, *, painted: bool) -> list[Strip]:
    """What the colours mean, or where nothing is `painted` behind the examples, what their letters mean."""
    if painted:
        return answer_bar(data, scale, width, look)
    middle = format_number(ends_of(data, scale)[1], 6, 3, look.glyphs)
    names = classes_of(data) if is_told(data) else ("no", "yes")
    return [letter_bar(scale, names, middle, width, look)]


def title(session: Session, view: View, sight: Sight, shares: tuple[float, ...], width: int) -> Strip:
    """`layer 2: neurons 1 and 3`, or of what the components have, in as many words as have room."""
    units, data = sight.units, session.dataset
    if units is None:
        first, second = (f"{share:.0%}".replace("%", " %") for share in shares or (0.0, 0.0))
        texts = ["principal components"]
        if shares:
            texts = [
                f"principal components 1 and 2, {first} and {second} of the variance",
                f"principal components, {first} and {second}",
                f"PC1 {first}, PC2 {second}",
            ]
    else:
        texts = ["its one neuron"] if units[0] == units[1] else [f"neurons {units[0] + 1} and {units[1] + 1}"]
    more = [] if is_told(data) else [f"letters: {output_names(data)[0]}"]
    counts = [f"the first {MOST:,} of {data.size:,} examples", f"{MOST:,} of {data.size:,}"]
    tails = [[*more, count] for count in counts] if data.size > MOST else [more]
    separator = f" {view.look.glyphs.separator} "
    lines = [separator.join([f"layer {sight.layer.number}: {text}", *tail]) for text in texts for tail in tails]
    text = next((one for one in lines if cell_len(one) <= width), lines[-1])
    return line([(fit(text, width, view.look), style(view.look.palette.accent))], width)


def is_told(data: Dataset) -> bool:
    """Whether an example's letter tells all of its target: not where it has several numbers, or labels."""
    return len(data.targets) == 1 or data.target_kind == "one_hot"


def letters_of(data: Dataset) -> SurfaceScale:
    """What letters tell: the class or the value; where an example has several, the side of the first."""
    return scale_of(data if is_told(data) else replace(data, targets=data.targets[:1]))


def picture_of(sight: Sight, answers: list[Floats]) -> Picture | None:
    """The examples in the plane of two units, or of the components of the training part; None where there is none."""
    every, layer = np.concatenate(answers, axis=1), sight.layer
    if sight.units is None:
        found = principal(answers[0])
        if found is None or not np.isfinite(every).all():
            return None
        at = found.of(every)
        return Picture(at, around("PC1", at[0]), around("PC2", at[1]), found.shares)
    at = every[list(sight.units)]
    if not np.isfinite(at).all():
        return None
    ranges = [unit_range(layer, unit, at[place]) for place, unit in enumerate(sight.units)]
    if layer.units == 1:
        # The examples stand one above the other, in their order.
        numbers = np.concatenate([np.arange(one.shape[1], dtype=float) + 1 for one in answers])
        at, ranges[1] = np.stack([at[0], numbers]), PlotRange("number", 0.0, float(numbers.max()) + 1)
    return Picture(at, ranges[0], ranges[1])


def unit_range(layer: Layer, unit: int, values: FloatArray) -> PlotRange:
    """What a unit answers: all that its activation allows where that is bounded, else what it does answer."""
    name = f"A{layer.number}[{unit + 1}]"
    if layer.activation in BOUNDS and not layer.residual:
        return PlotRange(name, *BOUNDS[layer.activation])
    return around(name, values)


def points(session: Session, view: View, picture: Picture, parts: list[Part]) -> Points:
    """The examples where they stand, the chosen one marked."""
    data = session.dataset
    targets = [examples_of(data, part)[1][:, :MOST] for part in parts]
    is_test = np.concatenate([np.full(one.shape[1], part == "test") for part, one in zip(parts, targets, strict=True)])
    every = np.concatenate(targets, axis=1)
    chosen = chosen_example(session, view)
    known = known_classes(every if is_told(data) else every[:1], data)
    return Points(picture.at[0], picture.at[1], known, is_test, chosen if (chosen or 0) < MOST else None)


def ground(session: Session, sight: Sight, picture: Picture, rows: int, columns: int) -> FloatArray | None:
    """What the output layer makes of each place, (rows, columns); None where the units are not all that it sees."""
    if sight.layer.units != 2 or not follows_alone(session, sight.layer.number) or not rows or not columns:
        return None
    across, upwards = picture.horizontal, picture.vertical
    at = places(((across.low, across.high), (upwards.low, upwards.high)), rows, columns)
    answer = answers_from(session, sight.layer.number, at)
    return classes(answer).reshape(rows, columns)
