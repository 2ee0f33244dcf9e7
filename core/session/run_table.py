"""A run as a table: the loss of every step, and what was measured at some of them."""

from collections.abc import Iterator, Sequence

import numpy as np

from .history import Series
from .session import Session


def run_table(session: Session, losses: Sequence[float], first: int = 1) -> Iterator[list[str]]:
    """A line of names, then a row for each step: `losses` are those of the batches of steps `first`, `first` + 1, ….

    Columns: `step`, `loss`; where there is a test part `test_loss`, and `test_accuracy` where the targets have one;
    for each layer `norm_dW1` …, the norm of its gradient, and `ratio_W1` …, ‖ΔW‖ / ‖W‖. A loss is from before the
    step's update, what is of the test part from after it; step 0 is the start. Numbers are in full precision; empty is
    what was not measured, what is not finite is `nan`, `inf` or `-inf`.
    """
    history, layers = session.history, session.trainer.layers
    known = dict(zip(range(first, first + len(losses)), losses, strict=True))
    tests = dict(zip(history.evaluations.steps, history.evaluations.rows, strict=True))
    # Test loss, and accuracy where it is one.
    tested = 0 if not tests else 1 if all(np.isnan(row[1]) for row in tests.values()) else 2
    measured = dict(zip(history.gradients.steps, history.gradients.rows, strict=True))
    names = [f"norm_dW{layer.number}" for layer in layers] + [f"ratio_W{layer.number}" for layer in layers]
    yield ["step", "loss", *("test_loss", "test_accuracy")[:tested], *names]
    start = first if first > 1 else 0
    for step in sorted(known.keys() | {step for step in (*tests, *measured) if step >= start}):
        loss = repr(float(known[step])) if step in known else ""
        yield [str(step), loss, *cells(tests.get(step), tested), *cells(measured.get(step), len(names))]


def cells(row: Series | None, count: int) -> list[str]:
    """The first `count` numbers of a row, or as many empty cells."""
    return [""] * count if row is None else [repr(value) for value in row[:count].tolist()]
