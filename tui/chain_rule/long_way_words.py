"""Which gradient the op that is output and loss in one makes."""

from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.session.session import Session


def combined_gradient(session: Session, last: int) -> Quantity:
    """dZ of the output layer, or dN behind a batch norm."""
    return session.plan["dN" if session.plan.find("N", last) else "dZ", last]
