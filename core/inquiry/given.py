"""What a step is given, its batch, is known before any of its ops has run: what is given is not blank."""

import numpy as np

from backprop_tui.core.chain_rule.batch_example import batch_example
from backprop_tui.core.ops.quantity import Array, Index, Quantity
from backprop_tui.core.session.session import Session

GIVEN = ("X", "Y")


def given(session: Session, quantity: Quantity) -> bool:
    """Whether a quantity is given to a step that has not begun: its inputs or its targets."""
    return session.op is None and quantity.symbol in GIVEN and quantity.layer is None


def known_column(session: Session, quantity: Quantity, example: int) -> Array | None:
    """The numbers (rows,) of an example of the batch, from 0, as far as they are known; None of what is not there yet.

    Before a step begins its inputs and targets are those of the batch that it will take.
    """
    if session.computed(quantity):
        return quantity.array[:, example]
    if not given(session, quantity):
        return None
    trainer = session.trainer
    chosen = batch_example(trainer, session.step + 1, example)
    inputs, targets = trainer.columns.parts(trainer.examples)
    return inputs[:-1, chosen] if quantity.symbol == "X" else targets[:, chosen]


def known_value(session: Session, quantity: Quantity, index: Index) -> float | None:
    """One entry, as far as it is known."""
    if session.computed(quantity):
        return quantity.value(index)
    column = known_column(session, quantity, index[1]) if given(session, quantity) else None
    return None if column is None else float(column[index[0]])


def known_matrix(session: Session, quantity: Quantity) -> Array | None:
    """The whole of it, (rows, examples), as far as it is known."""
    if session.computed(quantity):
        return quantity.array
    if not given(session, quantity):
        return None
    columns = [known_column(session, quantity, example) for example in range(session.plan.examples)]
    return np.column_stack([column for column in columns if column is not None])
