"""The data in words: what they are, the example in the spotlight, and what the network's answers are worth."""

from collections.abc import Iterator

import numpy as np

from backprop_tui.core.chain_rule.entry_names import feature_name, output_name
from backprop_tui.core.inquiry.given import known_column
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.training.evaluation import answered_classes
from backprop_tui.core.training.measures import (
    PARTS,
    ClassMeasures,
    LabelMeasures,
    Measured,
    NumberMeasures,
    classes_of,
    examples_of,
    measured,
)
from backprop_tui.tui.command_line.measure_text import constant_text
from backprop_tui.tui.drawing.numbers import format_count

from .run import PlainRun
from .said import BLANK, exact, said
from .whole_number import whole_number

MOST = 48
"""Inputs, classes and examples that are told, where there are more."""
MOST_WRONG, MOST_LISTED = 10, 1000


def data(run: PlainRun, text: str) -> Iterator[str]:
    """How many examples there are, and the one in the spotlight: inputs, targets and the network's answers."""
    session = run.session
    found = session.dataset
    test = f", {format_count(found.test_size)} of the test part" if found.test_size else ", no test part"
    yield f"Data: {session.preset.data.kind}, {format_count(found.size)} examples of the training part{test}."
    yield from found.notes
    example = run.example()
    yield f"Example {example + 1} of the {session.plan.examples} in this step's batch:"
    for symbol, layer in (("X", None), ("Y", None), ("A", run.last)):
        quantity = session.plan[symbol, layer]
        column = known_column(session, quantity, example)
        if column is None:
            yield f"its answer {quantity.name} is {BLANK}."
            continue
        what = {"X": "input", "Y": "target", "A": "answer"}[symbol]
        own = feature_name if symbol == "X" else output_name
        if len(column) > MOST and own(found, 0) is None:
            low, high, other = float(column.min()), float(column.max()), int(np.count_nonzero(column))
            yield (
                f"{format_count(len(column))} {what}s from {said(low)} to {said(high)}, {format_count(other)} of them "
                f"not 0; type {quantity.typed()} for the first, all {quantity.typed()} for every one."
            )
            continue
        for place, value in enumerate(column[:MOST].tolist()):
            name = own(found, place)
            called = "" if name is None else f' "{name}"'
            yield f"{what} {place + 1}{called}: {quantity.entry((place, example))} = {said(value)}"
        if len(column) > MOST:
            yield f"{format_count(len(column) - MOST)} more; type {quantity.typed()} or {quantity.typed()}[row,column]."


def measures(run: PlainRun, text: str) -> Iterator[str]:
    """What the answers for each part are worth: by classes, by labels or in numbers."""
    session = run.session
    for part in PARTS:
        found = measured(session.evaluator, part)
        if found is None:
            continue
        yield f"The {part} part after step {session.step:,}:"
        yield from worth(found, normalized=session.dataset.target_std is not None)


def worth(found: Measured, *, normalized: bool) -> Iterator[str]:
    match found.measures:
        case None:
            yield "An answer is no finite number: nothing can be said of them."
        case ClassMeasures() | LabelMeasures() as classes:
            yield f"accuracy {said(classes.accuracy)}"
            constant, _, words = " ".join(constant_text(classes).split()).partition(" ")
            answer, _, verdict = words.partition(";")
            yield f"{answer} is {constant}{';' if verdict else ''}{verdict}"
            shares = zip(classes.names, classes.recall, classes.precision, strict=True)
            for name, recall, precision in list(shares)[:MOST]:
                yield f"{name}: recall {share(recall)}, precision {share(precision)}"
            if isinstance(classes, ClassMeasures) and classes.confusion is not None and len(classes.names) <= MOST:
                yield from mistaken(classes)
        case NumberMeasures() as numbers:
            if normalized:
                yield "In the data's own units; losses are of normalized targets:"
            for name, r2, rmse, mae in zip(numbers.names, numbers.r2, numbers.rmse, numbers.mae, strict=True):
                yield f"{name}: R² {share(r2)}, RMSE {said(rmse)}, MAE {said(mae)}"


def mistaken(classes: ClassMeasures) -> Iterator[str]:
    """Which classes are taken for which, the most frequent mistake first."""
    assert classes.confusion is not None
    wrong = classes.confusion.copy()
    np.fill_diagonal(wrong, 0)
    for place in np.argsort(-wrong, axis=None, kind="stable")[:MOST_WRONG].tolist():
        true, answer = divmod(place, len(classes.names))
        if count := int(wrong[true, answer]):
            yield f"{format_count(count)} of {classes.names[true]} taken for {classes.names[answer]}"


def share(value: float | None) -> str:
    return "none" if value is None else said(value)


def most_wrong(run: PlainRun, text: str) -> Iterator[str]:
    """The examples with the largest losses."""
    session = run.session
    count = whole_number(text, 1, MOST_LISTED) if text else MOST_WRONG
    if count is None:
        raise PresetError(f"expected most wrong, or most wrong 20 of at most {MOST_LISTED:,}, found {text!r}")
    for part in PARTS:
        found = measured(session.evaluator, part)
        if found is None:
            continue
        yield f"Of the {part} part, after step {session.step:,}:"
        inputs, targets = examples_of(session.dataset, part)
        numbers = found.most_wrong(count)
        outputs = session.evaluator.run(inputs[:, numbers], targets[:, numbers])["A", run.last].array
        for place, number in enumerate(numbers.tolist()):
            target, answer = (column_text(run, array[:, place]) for array in (targets[:, numbers], outputs))
            loss = exact(float(found.losses[number]))
            yield f"example {number + 1:,}: ℓ = {loss}, target {target}, answer {answer}"


def column_text(run: PlainRun, column: Array) -> str:
    """Targets or answers of one example, (outputs,): the class, where it has one, with its number; else the numbers."""
    data = run.session.dataset
    if data.target_kind == "real" or not np.isfinite(column).all():
        return ", ".join(said(float(value)) for value in column[:MOST])
    chosen = int(answered_classes(column[:, None], data.target_kind)[0, 0])
    if data.target_kind == "one_hot":
        return f'"{classes_of(data)[chosen]}" ({said(float(column[chosen]))})'
    if len(column) == 1:
        return f'"{classes_of(data)[chosen]}" ({said(float(column[0]))})'
    return ", ".join(said(float(value)) for value in column[:MOST])
