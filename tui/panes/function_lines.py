"""A network of one input as a curve over it, its answer or one neuron's, with the examples, in the data's own units."""

from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.axes import PlotRange
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.points import Points
from backprop_tui.tui.drawing.strips import fit, line, style

from .chosen_example import chosen_example, differs
from .moment import parameters_moment
from .view import View

CURVE_POINTS = 200
MARGIN = 0.1


def has_curve(data: Dataset) -> bool:
    """Whether the network is a function of one number."""
    return len(data.inputs) == 1 and len(data.targets) == 1


@dataclass(frozen=True, eq=False)
class Function:
    """The answers (n,) to the inputs `along` (n,), the examples, and the ranges that hold both."""

    along: FloatArray
    answers: FloatArray
    examples: Points
    horizontal: PlotRange
    vertical: PlotRange


def function_of(session: Session, view: View) -> Function:
    """The network as a function of its one input, in the data's own units."""
    data = session.dataset
    parts = [(data.inputs, data.targets, False)]
    parts += [(data.test_inputs, data.test_targets, True)] if view.test_points else []
    x = np.concatenate([data.inputs_in_own_units(inputs)[0] for inputs, _, _ in parts])
    y = np.concatenate([data.in_own_units(targets)[0] for _, targets, _ in parts])
    is_test = np.concatenate([np.full(inputs.shape[1], test) for inputs, _, test in parts])
    horizontal = along_input(data)
    along = np.linspace(horizontal.low, horizontal.high, CURVE_POINTS)
    answers = data.in_own_units(session.evaluator.predict(along[None]))[0]
    vertical = around("y", np.concatenate([y, answers[np.isfinite(answers)]]))
    examples = Points(x, y, y, is_test, chosen_example(session, view))
    return Function(along, answers, examples, horizontal, vertical)


def curve(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """The network's output over its one input, with the examples."""
    from backprop_tui.tui.drawing.curve import curve_lines  # Not needed to open.

    data, drawn = session.dataset, function_of(session, view)
    x, y, chosen = drawn.examples.x, drawn.examples.y, drawn.examples.chosen
    network = "the network in evaluation mode" if differs(session) else "the network"
    when = "" if view.playing else f" {parameters_moment(session)}"
    legend = f"line: {network}{when}   letters: examples"
    if chosen is not None:
        answered = float(data.in_own_units(session.evaluator.predict(np.array([[x[chosen]]], dtype=np.float64)))[0, 0])
        about = f"at x = {form(x[chosen], view)}: {form(answered, view)}, target {form(y[chosen], view)}"
        whole = f"{legend}   {view.look.glyphs.cursor} {about}"
        legend = whole if cell_len(view.look.text(whole)) <= width else f"{view.look.glyphs.cursor} {about}"
    note = line([(fit(legend, width, view.look), style(view.look.palette.dim))], width)
    lines = curve_lines(
        drawn.along, drawn.answers, drawn.examples, drawn.horizontal, drawn.vertical, width, height - 1, view.look
    )
    return [*lines, note]


def along_input(data: Dataset) -> PlotRange:
    """The range of the one input over both parts, with 0 in it where the data are not normalized."""
    x = np.concatenate([data.inputs_in_own_units(inputs)[0] for inputs in (data.inputs, data.test_inputs)])
    name = data.feature_names[0] if data.feature_names else "x"
    return around(name, x if data.mean is not None else np.append(x, 0.0))


def form(value: float, view: View) -> str:
    return format_number(float(value), 8, 4, view.look.glyphs)


def around(name: str, values: FloatArray) -> PlotRange:
    """A range that holds all values with a margin; rounded, so that it does not creep as the curve moves."""
    low, high = float(values.min()), float(values.max())
    step = 10.0 ** np.floor(np.log10(max(high - low, 1e-9)))
    return PlotRange(name, float(np.floor(low / step - MARGIN) * step), float(np.ceil(high / step + MARGIN) * step))
