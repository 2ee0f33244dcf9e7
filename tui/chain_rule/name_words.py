"""What the data call the numbers of a statement: features, classes, targets; and their values in the data's units."""

from collections.abc import Sequence

import numpy as np

from backprop_tui.core.chain_rule.entry_names import entry_names
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.session.session import Session
from backprop_tui.tui.panes.view import View

from .said_numbers import number

Entry = tuple[Quantity, Index]
MOST_NAMES, MOST_VALUES = 6, 4
"""Names and numbers that are told, of statements that have more."""
LONGEST = 30
"""Cells of a name, at most."""


def names_text(session: Session, entries: Sequence[Entry], view: View) -> str:
    last = view.last(session)
    found = {name: None for entry in entries for name in entry_names(*entry, session.dataset, last)}
    told = [f'{one.kind} {one.number} is "{shortened(one.name, view)}"' for one in found]
    return ", ".join(told[:MOST_NAMES]) + (f", {len(told) - MOST_NAMES} more" if len(told) > MOST_NAMES else "")


def shortened(name: str, view: View) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + view.look.glyphs.ellipsis


def class_beside(session: Session, quantity: Quantity, index: Index, view: View) -> str:
    """` "3"` of an entry of an output that has a name; empty of anything else."""
    found = entry_names(quantity, index, session.dataset, view.last(session))
    return next((f' "{shortened(one.name, view)}"' for one in found if one.kind == "output"), "")


def units_text(session: Session, entries: Sequence[Entry], view: View) -> str:
    """`in the data's own units: X₃,₁ = 4.1, Y₁,₁ = 618521`; empty where nothing is normalized."""
    own = {
        entry[0].entry(entry[1]): value for entry in entries if (value := own_value(session, *entry, view)) is not None
    }
    told = [f"{name} = {number(value, view.look)}" for name, value in own.items()]
    return "in the data's own units: " + ", ".join(told[:MOST_VALUES]) if told else ""


def own_value(session: Session, quantity: Quantity, index: Index, view: View) -> float | None:
    """An input, target or answer that is normalized, as the data have it; None of anything else, or not there yet."""
    data, symbol = session.dataset, quantity.symbol
    is_input = symbol == "X" and data.mean is not None
    is_output = data.target_std is not None and (
        symbol == "Y" or (symbol == "A" and quantity.layer == view.last(session))
    )
    if not (is_input or is_output) or not session.computed(quantity):
        return None
    column = np.asarray(quantity.array, dtype=np.float64)[:, index[1] : index[1] + 1]
    restored = data.inputs_in_own_units(column) if is_input else data.in_own_units(column)
    return float(restored[index[0], 0])
