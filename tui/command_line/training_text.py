"""What `train` prints for people: a few aligned lines."""

from collections.abc import Iterator, Sequence
from math import isfinite

from backprop_tui.core.ops.expression import signed
from backprop_tui.core.session.run import TrainingResult
from backprop_tui.core.session.session import Session
from backprop_tui.core.session.timing import StepSize
from backprop_tui.core.training.evaluation import Evaluated
from backprop_tui.tui.drawing.numbers import format_rate
from backprop_tui.tui.drawing.shape import shape_text

from .measure_text import measure_rows

LABEL = 16
"""Columns of the labels of a result."""
Measured = Sequence[float | None]


def training_text(session: Session, result: TrainingResult, more: Sequence[tuple[str, str]] = ()) -> str:
    """What came of a run, and `more` rows of a label and a text."""
    layers = session.preset.layers
    shape = shape_text(
        session.trainer.layers[0].inputs, [layer.units for layer in layers], [layer.activation for layer in layers]
    )
    rows = [
        ("network", shape),
        ("steps", f"{result.steps:,} ({result.epochs:,} {'epoch' if result.epochs == 1 else 'epochs'})"),
        ("stopped by", result.stopped_by),
        *score_rows(result.first, result.last, result.best_loss),
        *measure_rows(session),
        *norm_rows(result.first_gradient_norms, result.last_gradient_norms),
        ("speed", speed_text(session, result.steps_per_second)),
        *more,
    ]
    return "\n".join([session.preset.title, *(f"{label:{LABEL}}{text}".rstrip() for label, text in rows)])


def speed_text(session: Session, rate: float) -> str:
    """`174 steps/s: 101,632 weights × 32 examples each, 566M a second`."""
    size = StepSize.of(session.trainer)
    examples = f"{size.examples:,} example{'s' if size.examples != 1 else ''}"
    weights = f"{size.weights:,} weight{'s' if size.weights != 1 else ''}"
    return f"{rate:,.0f} steps/s: {weights} × {examples} each, {format_rate(rate * size.product)} a second"


def score_rows(first: Evaluated, last: Evaluated, best: float) -> Iterator[tuple[str, str]]:
    """Losses and accuracies before the first step and after the last; those of the test set where there is one."""
    yield "loss", f"{change(first.training.loss, last.training.loss)}  (best {number(best)})"
    if first.test is not None and last.test is not None:
        yield "test loss", change(first.test.loss, last.test.loss)
    if last.training.accuracy is not None:
        yield "accuracy", change(first.training.accuracy, last.training.accuracy)
    if first.test is not None and last.test is not None and last.test.accuracy is not None:
        yield "test accuracy", change(first.test.accuracy, last.test.accuracy)


def norm_rows(first: Measured, last: Measured) -> Iterator[tuple[str, str]]:
    """‖dW‖ of every layer at the first step and at the last."""
    digits = len(str(len(first)))
    for index, (before, after) in enumerate(zip(first, last, strict=True)):
        label = "gradient norms" if index == 0 else ""
        yield label, f"layer {index + 1:>{digits}}  {change(before, after)}"


def change(before: float | None, after: float | None) -> str:
    """`0.693147 → 0.001234`, with the arrows of several lines one under the other."""
    return f"{number(before):>12} → {number(after)}"


def number(value: float | None) -> str:
    """Six significant digits; what there is none of is blank."""
    if value is None:
        return ""
    return signed(f"{value:.6g}") if isfinite(value) else str(value)
