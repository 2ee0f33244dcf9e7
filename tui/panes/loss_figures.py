"""The figures above the plot of the losses: of the training and the test part, and of the chosen example."""

from math import isnan

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_count, format_number, format_precise
from backprop_tui.tui.drawing.strips import Part, fit, line, style

from .moment import answering_plan, answers_moment, parameters_moment
from .view import View

ONE_LINE = 52
"""Cells for the figures of both parts side by side."""
ROOMY = 11
"""The height from which the chosen example and the chosen place have lines of their own."""
PRECISE = 9
"""Digits of a loss where there is room."""


def figure_lines(session: Session, view: View, width: int, height: int) -> list[Strip]:
    """Paused: loss and accuracy over the whole parts. While training: of the last batch, and the last test measured.

    With the moment that they are of: behind them where there is room, else in a line of its own in a high pane.
    """
    found, when = figures(session, view)
    # The loss is in the network's units, unlike the errors in Data.
    units = " normalized" if session.dataset.target_std is not None else ""
    dim = style(view.look.palette.dim)
    dated = [(digits, f"{gap}{when}") for digits in (PRECISE, 5, 4) for gap in ("  ", " ")]
    wanted = [*dated, (PRECISE, ""), (5, "")]
    for digits, moment, accuracy in [(*one, word) for one in wanted for word in ("accuracy", "acc")]:
        parts = [part_of(one, digits, accuracy, view.look) for one in found]
        parts[0].append((units, dim))
        if width >= ONE_LINE:
            # At full speed the test loss is of another moment than that of the batch.
            parts[0].append((moment if view.playing else "", dim))
            parts = [[piece for part in parts for piece in (*part, ("   ", None))][:-1]]
        if not (view.playing and width >= ONE_LINE):
            parts[0].append((moment, dim))
        if all(sum(cell_len(text) for text, _ in part) <= width for part in parts):
            break
    lines = [line(part, width) for part in parts]
    return lines if moment or height < ROOMY else [*lines, line([(fit(when, width, view.look), dim)], width)]


@dataclass(frozen=True, slots=True)
class Figure:
    """A loss and an accuracy, if there is one, of the part `name` of the data."""

    name: str
    loss: float
    accuracy: float | None
    color: str


def figures(session: Session, view: View) -> tuple[list[Figure], str]:
    """Of the training and the test part, and the moment that they are of.

    Paused that is the parameters' as they stand; at full speed the loss of the last batch is from before its update.
    """
    palette = view.look.palette
    if view.playing:
        found = [Figure("batch", session.plan.loss(), None, palette.train)]
        if session.dataset.test_size:
            loss, accuracy = session.history.evaluations.rows[-1]
            found.append(Figure("test", float(loss), None if isnan(accuracy) else float(accuracy), palette.test))
        return found, f"before update {format_count(session.position.step)}"
    known = session.evaluate()
    # Of a recording of somebody else's training no more than the batches of its kept steps is known.
    name = "kept" if session.fixed else "train"
    found = [Figure(name, known.training.loss, known.training.accuracy, palette.train)]
    if known.test is not None:
        found.append(Figure("test", known.test.loss, known.test.accuracy, palette.test))
    return found, parameters_moment(session)


def part_of(figure: Figure, digits: int, accuracy: str, look: Look) -> list[Part]:
    """`train 0.0271 acc 0.95`, the loss in so many digits, or as precisely as can be; `accuracy` is the word for it."""
    dim = style(look.palette.dim)
    precise = format_precise(figure.loss, look.glyphs)
    loss = precise if digits == PRECISE else format_number(figure.loss, 9, digits, look.glyphs)
    parts: list[Part] = [(f"{figure.name:<5} ", dim), (loss, style(figure.color, bold=True))]
    if figure.accuracy is not None:
        parts += [(f" {accuracy} ", dim), (format_number(figure.accuracy, 6, 3, look.glyphs), style(figure.color))]
    return parts


def example_line(session: Session, view: View, width: int) -> Strip | None:
    """The share of the chosen example in the loss of this step, blank until it is computed; None where it has no name.

    At the end of the step it is that after the update. A batch of one has none besides the loss itself.
    """
    quantity, look = answering_plan(session, view).find("ℓ"), view.look
    if quantity is None or session.plan.examples == 1:
        return None
    example = min(view.spotlight.example, session.plan.examples - 1)
    value = quantity.value((example,)) if session.computed(quantity) else None
    parts: list[Part] = [
        (look.text(f"{look.glyphs.cursor} {quantity.entry((example,))} "), style(look.palette.dim)),
        (format_number(value, 9, 5, look.glyphs), style(look.palette.loss, bold=True)),
    ]
    used = sum(cell_len(text) for text, _ in parts)
    named = f"  example {example + 1}"
    dated = f"{named}, {answers_moment(session, view)}" if value is not None else named
    return line([*parts, (dated if used + len(dated) <= width else named, style(look.palette.dim))], width)
