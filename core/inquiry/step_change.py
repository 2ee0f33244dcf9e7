"""Which way the update of the step in hand moves each parameter of a layer, as soon as that is settled."""

import numpy as np

from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.session.excursion import in_view
from backprop_tui.core.session.session import Session


def step_changes(session: Session, layer: Layer) -> dict[str, Array | None]:
    """Δ of each parameter array of a layer, by its symbol, in the array's shape; None before it is settled.

    With plain gradient descent that is as soon as the gradient is there: nothing else goes into −η dW. Every other
    optimizer, and every penalty, decay or clipping, has its say in the update op; before that nobody knows.
    """
    symbols = layer.parameters(session.trainer.state.parameters)
    return {symbol: step_change(session, symbol, layer.number) for symbol in symbols}


def step_change(session: Session, symbol: str, layer: int) -> Array | None:
    """Δ of one parameter array."""
    plan, optimizer = session.plan, session.trainer.preset.optimizer
    if not in_view(session):
        return None
    change, gradient = plan[f"Δ{symbol}", layer], plan[f"d{symbol}", layer]
    if session.computed(change):
        return change.array
    plain = optimizer.kind == "sgd" and plan.find(f"g({symbol})", layer) is None
    if not plain or not session.computed(gradient):
        return None
    with np.errstate(all="ignore"):
        found: Array = gradient.array * gradient.array.dtype.type(
            -session.trainer.learning_rate(session.trainer.running_step())
        )
        return found
